"""Agents are logged out at the PBX when they have left, and not because nobody looks for a while.

What ends it: her log-out here; her account, seat or login taken away or switched off; the
connection deleted, switched off, sent elsewhere, or without that option; and the option's hours
without a look. A hidden tab, a lost network and a restart of the server do not
(docs/decisions/005). It is written down in the transaction of what ends it, and done a little
later: a log-in that is under way arrives first, and a browser that still looks keeps her there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db import close_old_connections, connections
from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from transfers.board.accounts import FeedMemory, build_driver, secrets_of
from transfers.board.lease import WATCH
from transfers.board.presence import stays
from transfers.board.signals import ticked
from transfers.drivers.base import Config
from transfers.errors import AuthFailed, DriverError
from transfers.farewells import Farewell
from transfers.models import Feed, Seat, User
from transfers.sentences import say
from transfers.services.audit import record

log = logging.getLogger("transfers.board")

GRACE = timedelta(seconds=20)  # longer than a log-in at the PBX may take
PASSING = timedelta(seconds=5)  # a look so soon after her log-out is of the page that is closing
AGAIN = timedelta(seconds=30)  # between two tries at a PBX that does not answer
GIVEN_UP = timedelta(minutes=10)
SHORTEST = timedelta(hours=1)  # no option is shorter; spares most feeds a closer look
AT_ONCE = 8  # agents
BROKE = say("It broke on our side; see the log.")

_busy = threading.Lock()  # spares this process a second thread; who does what, the rows settle


def part(feeds: QuerySet[Feed], *, for_good: bool = False) -> int:
    """Log out those of these feeds' agents who are logged in from here; how many they are.

    `for_good`: this login is over at that PBX, so that no look can keep her there. Then call it
    before anything changes that logging out takes.
    """
    now, count = timezone.now(), 0
    for seat in Seat.objects.filter(feed__in=feeds).select_related("feed", "connection", "user"):
        feed = seat.feed
        if Feed.objects.filter(pk=feed.pk, signed_on_at__isnull=False).update(signed_on_at=None):
            Farewell.objects.filter(feed=feed).delete()
            _write_down(seat, None if for_good else feed, now + GRACE)
            count += 1
        elif for_good:
            Farewell.objects.filter(feed=feed).update(feed=None)
    return count


def _write_down(seat: Seat, feed: Feed | None, due_at: datetime) -> None:
    pbx = seat.connection
    Farewell.objects.create(
        feed=feed,
        agent=say("{person} at {pbx}", person=seat.user.title, pbx=pbx),
        vendor=pbx.vendor,
        url=pbx.url,
        username=seat.username,
        secret_blob=seat.secret_blob,
        options=pbx.options,
        ca_pem=pbx.ca_pem,
        due_at=due_at,
    )


@receiver(user_logged_out)
def left(user: User | None, **kwargs: Any) -> None:
    if user is not None and part(Feed.objects.filter(seat__user=user)):
        Feed.objects.filter(seat__user=user).update(watched_until=timezone.now())


@receiver(ticked)
def keep_time(**kwargs: object) -> None:
    """The board's own thread must not wait for a PBX."""
    now = timezone.now()
    for feed in Feed.objects.filter(
        signed_on_at__isnull=False, watched_until__lt=now - SHORTEST
    ).select_related("connection"):
        if feed.watched_until + stays(feed.connection) < now:
            part(Feed.objects.filter(pk=feed.pk))
    due = Farewell.objects.filter(due_at__lte=now)
    if due.exists():
        threading.Thread(target=_carry_out_due, name="farewells", daemon=True).start()


def _carry_out_due() -> None:
    if not _busy.acquire(blocking=False):
        return
    try:
        carry_out(Farewell.objects.filter(due_at__lte=timezone.now()))
    finally:
        _busy.release()
        connections.close_all()


def carry_out(farewells: Iterable[Farewell]) -> None:
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="farewell") as pool:
        list(pool.map(_one, farewells))


def _one(farewell: Farewell) -> None:
    close_old_connections()
    try:
        log_out(farewell)
    except Exception:  # the next one must not wait for a defect of ours
        log.exception("logging out %s broke", farewell)
    finally:
        connections.close_all()


def log_out(farewell: Farewell) -> None:
    """Log one agent out, unless she came back or somebody else does it at this moment."""
    now = timezone.now()
    mine = Farewell.objects.filter(pk=farewell.pk, due_at=farewell.due_at)
    if not mine.update(due_at=now + AGAIN):
        return
    if farewell.feed is not None and _came_back(farewell, farewell.feed):
        farewell.delete()
        return
    try:
        _sign_off(farewell)
    except DriverError as error:
        why, last = error.safe_text, isinstance(error, AuthFailed)
    except Exception:  # a defect of ours: not for ever either
        log.exception("logging out %s broke", farewell)
        why, last = BROKE, False
    else:
        _finish(farewell, "agent.signed_off")
        return
    if last or now - farewell.asked_at > GIVEN_UP:
        _finish(farewell, "agent.not_signed_off", why)


def _came_back(farewell: Farewell, feed: Feed) -> bool:
    """Whether she looks, in another browser or again; and may."""
    pbx = feed.connection
    allowed = pbx.enabled and stays(pbx) and feed.seat and feed.seat.user.is_active
    looked_at = feed.watched_until - WATCH
    if allowed and feed.signed_on_at and looked_at > farewell.asked_at + PASSING:
        return True
    Feed.objects.filter(pk=feed.pk).update(signed_on_at=None, watched_until=timezone.now())
    return False


def _sign_off(farewell: Farewell) -> None:
    config = Config(farewell.url, farewell.username, secrets_of(farewell), farewell.options)
    memory = FeedMemory(farewell.feed) if farewell.feed else None
    driver = build_driver(farewell.vendor, config, farewell.ca_pem, memory)
    with driver.door:
        driver.sign_off()


def _finish(farewell: Farewell, verb: str, why: str = "") -> None:
    record(None, verb, farewell.agent, why=why)
    log.info("%s: %s %s", farewell, verb, why)
    farewell.delete()
