"""Agents whose log-in at the PBX is ours to do: logged in when they look, for as long as they work.

Who looks away for a while stays logged in. What ends it: services/farewells.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from transfers.board.accounts import driver_class_of
from transfers.drivers.base import Driver
from transfers.errors import Refused
from transfers.models import Feed, PbxConnection


def stays(connection: PbxConnection) -> timedelta:
    """How long an agent stays logged in while nobody looks; zero: that is not ours to do."""
    try:
        hours = driver_class_of(connection).stays_signed_on(connection.options)
    except KeyError:
        hours = 0.0
    return timedelta(hours=hours)


def sign_on(feed: Feed, driver: Driver, now: datetime) -> None:
    """Log the agent in where she looks herself. Written down before it is sent.

    Raises DriverError.
    """
    if feed.seat is None or feed.watched_until <= now or not stays(feed.connection):
        return
    if feed.signed_on_at is None:
        looks = Feed.objects.filter(pk=feed.pk, watched_until__gt=now, seat__user__is_active=True)
        if not looks.filter(connection__enabled=True).update(signed_on_at=now):
            return
    try:
        driver.sign_on()
    except Refused:
        Feed.objects.filter(pk=feed.pk).update(signed_on_at=None)
        raise
