"""Standing forwards: "calls for 500 go to 102 until 15:00". Set by people, ended by people or by
the clock.

They are carried out in one of three ways, which the driver names: in the answer to a notification
or by a transfer of the ringing call on the board, both in services/forwarding.py; or by the agent's
own phone, in services/phones.py.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.dispatch import receiver
from django.utils import timezone

from transfers import access
from transfers.board import lease
from transfers.board.accounts import driver_class_of
from transfers.board.hub import hub
from transfers.board.signals import ticked
from transfers.drivers.registry import VENDORS
from transfers.drivers.text import diallable
from transfers.errors import NotSupported
from transfers.models import Feed, PbxConnection, Seat, User
from transfers.sentences import joined, say
from transfers.services import phones
from transfers.services.audit import record
from transfers.services.names import name_of
from transfers.services.rules import NOT_ALLOWED, NotNow, dialable
from transfers.standing import NotifyAddress, StandingForward
from transfers.trail import SYSTEM

log = logging.getLogger("transfers.forwards")
Phone = StandingForward.Phone

LONGEST = timedelta(hours=24)  # what should hold longer belongs into the PBX
OVER = say("its time was over")
ANSWERED, SEEN, PHONE = "answer", "transfer", "device"  # the ways, as drivers name them
LEFT = (Phone.OVER, Phone.TAKING_BACK, Phone.LEFT)  # of ended ones: the phone may still do it
AT_NO_PHONE = Q(phone__in=(Phone.NONE, Phone.OFF))


# What there is.


def way_of(connection: PbxConnection) -> str:
    """How forwards are carried out on this connection, or "" where they are not."""
    if connection.vendor not in VENDORS:
        return ""
    return driver_class_of(connection).stands_in(connection.options)


def offered(user: User) -> QuerySet[PbxConnection]:
    """The connections on which this person can look at standing forwards."""
    mine = access.connections_of(user).filter(enabled=True)
    return mine.filter(pk__in=[connection.pk for connection in mine if way_of(connection)])


def active(connections: Iterable[PbxConnection | int]) -> QuerySet[StandingForward]:
    """What holds now on these connections."""
    rows = StandingForward.objects.filter(ended_at=None, until__gt=timezone.now())
    return rows.filter(connection__in=connections).select_related("connection")


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person sees of the standing forwards."""

    rows: tuple[StandingForward, ...]
    left: tuple[StandingForward, ...]  # over, and not seen to be off at their phones
    ended: tuple[StandingForward, ...]  # this person's own, which somebody else ended early
    pbxs: tuple[PbxConnection, ...]  # where there may be some
    may_act: bool
    silent: tuple[str, ...]  # PBXs that never sent the notification a forward needs
    own_only: tuple[str, ...]  # PBXs where a person's own phone sends its calls on, and no other

    @property
    def token(self) -> tuple[object, ...]:
        """Changes when anything of it does."""
        rows = [
            (row.pk, row.used_count, row.arrived_count, row.trouble, row.phone, row.phone_said)
            for row in (*self.rows, *self.left)
        ]
        return (*rows, *(row.pk for row in self.ended), self.pbxs, self.silent)


def standing(user: User) -> Standing:
    mine = access.connections_of(user).filter(enabled=True).select_related("notify_address")
    pbxs = tuple(pbx for pbx in mine.order_by("name") if way_of(pbx))
    holds = Q(ended_at=None, connection__in=pbxs) & (Q(until__gt=timezone.now()) | ~AT_NO_PHONE)
    over = Q(ended_at__isnull=False, connection__in=access.connections_of(user))
    hers = Q(created_by=user, ended_at__isnull=False, until__gt=timezone.now(), connection__in=pbxs)
    by_others = ~Q(ended_by_name=F("created_by_name")) & ~Q(ended_by_name=SYSTEM)
    found = StandingForward.objects.filter(holds | over & ~AT_NO_PHONE | hers & by_others)
    shown = tuple(found.select_related("connection"))
    for row in shown:
        if row.ended_at and row.phone not in (*LEFT, Phone.NONE, Phone.OFF):
            row.phone, row.phone_said = Phone.TAKING_BACK, ""  # in the next moment
    return Standing(
        rows=tuple(row for row in shown if row.ended_at is None),
        left=tuple(row for row in shown if row.ended_at and row.phone in LEFT),
        ended=tuple(row for row in shown if row.ended_at and row.phone not in LEFT),
        pbxs=pbxs,
        may_act=user.may_act,
        silent=tuple(pbx.name for pbx in pbxs if is_silent(pbx)),
        own_only=tuple(pbx.name for pbx in pbxs if way_of(pbx) == PHONE),
    )


def only_number(user: User, connection: PbxConnection) -> str:
    """The one number whose calls this person can send on there; "" where there are others."""
    seat = access.seat_of(user, connection) if way_of(connection) == PHONE else None
    return seat.numbers[0] if seat and len(seat.numbers) == 1 else ""


def is_silent(connection: PbxConnection) -> bool:
    """Whether a forward would do nothing here, because no notification has ever come."""
    if way_of(connection) != ANSWERED:
        return False
    address: NotifyAddress | None = getattr(connection, "notify_address", None)
    return address is None or not address.received


# What people do.


def set_up(
    user: User, connection: PbxConnection, number: str, target: str, until: datetime
) -> StandingForward:
    """Calls for `number` go to `target` from now on. Raises NotNow.

    Where a phone carries it out, `phone` of the row tells whether it was seen to do so.
    """
    number, target = dialable(number), _sendable(target)
    _may(user, connection, number)
    _sensible(connection, number, target, until)
    with transaction.atomic():
        PbxConnection.objects.select_for_update().get(pk=connection.pk)  # one at a time
        for over in StandingForward.objects.filter(ended_at=None, until__lte=timezone.now()):
            end_by_itself(over, OVER)
        _collides(connection, number, target)
        forward = StandingForward.objects.create(
            connection=connection,
            number=number,
            target=target,
            target_name=name_of(connection, target),
            until=until,
            created_by=user,
            created_by_name=user.title,
            **_by_phone(connection),
        )
        record(user, "forward.set", forward.on_pbx, until=f"{timezone.localtime(until):%H:%M}")
    log.info("%s, set by %s", forward.on_pbx, user.title)
    transaction.on_commit(hub.ring)
    if forward.phone and not phones.set_forward(forward):
        end_by_itself(forward, say("the phone did not take it"))
        raise NotNow("refused", say("Not done: {why}", why=forward.phone_said))
    return forward


def _by_phone(connection: PbxConnection) -> dict[str, Any]:
    """What the row of one that a phone carries out says before the phone is told."""
    if way_of(connection) != PHONE:
        return {}
    return {"phone": Phone.TELLING, "phone_at": timezone.now()}


def end(user: User, forward: StandingForward) -> bool:
    """Take it back. False when it had ended before. Raises NotNow.

    Of one that was left at a phone: this person has looked at the phone, and it is off there.
    """
    if not user.may_act:
        raise NotNow("not_allowed", NOT_ALLOWED)
    if forward.ended_at and forward.phone == Phone.LEFT:
        forward.phone_said = say("{person} looked at the phone.", person=user.title)
        if off := phones.settle(forward, Phone.LEFT, Phone.OFF):
            phones.note(forward, user, "forward.looked")
        return off
    if not _end(forward, user, user.title, ""):
        return False
    if forward.phone:
        phones.take_back(forward, user)
    return True


def release(
    rows: QuerySet[StandingForward], actor: User | None, why: str, *, for_good: bool = True
) -> list[StandingForward]:
    """End forwards of phones, and take them back while the logins for that are still there.

    Those that may still hold. `for_good`: nobody can try again later.
    """
    left = []
    for forward in rows.exclude(phone__in=(Phone.NONE, Phone.OFF, Phone.LEFT)):
        _end(forward, actor, actor.title if actor else SYSTEM, why)
        phones.take_back(forward, actor)
        if forward.phone == Phone.OVER and for_good:
            phones.settle(forward, Phone.OVER, Phone.LEFT)
        if forward.phone != Phone.OFF:
            left.append(forward)
    return left


def end_by_itself(forward: StandingForward, why: str) -> bool:
    return _end(forward, None, SYSTEM, why)


def may_still(forward: StandingForward) -> bool:
    """Asked whenever a call is to be sent on; a forward of who may not any more ends."""
    try:
        _may(forward.created_by, forward.connection, forward.number)
    except NotNow:
        who = forward.created_by_name
        end_by_itself(forward, say("{person} may not do this any more", person=who))
        return False
    return True


def _sendable(target: str) -> str:
    """As it is sent. What a driver would not dial is refused now, not when a call rings."""
    try:
        return diallable(dialable(target))
    except NotSupported as error:
        raise NotNow("bad_target", error.safe_text) from None


def _may(user: User | None, connection: PbxConnection, number: str) -> None:
    """May this person send calls for `number` elsewhere?"""
    if user is None or not user.is_active or not user.may_act:
        raise NotNow("not_allowed", NOT_ALLOWED)
    seat = access.seat_of(user, connection)
    if seat is None and not user.is_administrator:
        raise NotNow("not_allowed", say("You have no seat on this PBX."))
    own = seat is not None and seat.sees == Seat.Sees.OWN and not user.is_administrator
    if seat is not None and own and not seat.owns(number):
        words = say("Your seat is for your own calls, and {number} is not yours.", number=number)
        raise NotNow("not_yours", words)
    if way_of(connection) == PHONE and (seat is None or not seat.owns(number)):
        words = say(
            "On {pbx} a phone sends its own calls on: {number} is not your number.",
            pbx=connection,
            number=number,
        )
        raise NotNow("not_yours", words)


def _sensible(connection: PbxConnection, number: str, target: str, until: datetime) -> None:
    now = timezone.now()
    if not connection.enabled:
        raise NotNow("disabled", say("{pbx} is disabled.", pbx=connection))
    if not way_of(connection):
        raise NotNow("not_supported", say("{pbx} cannot send calls on by itself.", pbx=connection))
    if number == target:
        words = say("Calls for {number} go to {number} already.", number=number)
        raise NotNow("same_party", words)
    if until <= now:
        raise NotNow("bad_time", say("This time is over already."))
    if until > now + LONGEST:
        words = say("At most 24 hours. What holds longer belongs into the PBX.")
        raise NotNow("bad_time", words)


def _collides(connection: PbxConnection, number: str, target: str) -> None:
    """One forward per number, and none behind another: so there are no loops, and the target
    that people read is the one who gets the call."""
    before = StandingForward.objects.filter(connection=connection, number=number)
    if before.filter(ended_at__isnull=False, phone__in=(*phones.DUE, *phones.UNDER_WAY)).exists():
        words = say("The forward of {number} before is just being taken back. Wait.", number=number)
        raise NotNow("taken", words)
    here = active([connection])
    if there := here.filter(number=number).first():
        raise NotNow("taken", say("{forward}. End that first.", forward=there.in_full))
    if there := here.filter(number=target).first():
        text = say(
            "{forward}, so these calls would be sent on once more. Send them to somebody else.",
            forward=there.in_full,
        )
        if there.target == number:
            text = say(
                "{forward}, so these calls would come back. Send them to somebody else.",
                forward=there.in_full,
            )
        raise NotNow("chain", text)
    if there := here.filter(target=number).first():
        text = say(
            "{forward}, and these calls would be sent on once more. End that first.",
            forward=there.in_full,
        )
        raise NotNow("chain", text)


def _end(forward: StandingForward, actor: User | None, name: str, why: str) -> bool:
    with transaction.atomic():
        running = StandingForward.objects.filter(pk=forward.pk, ended_at=None)
        if not running.update(ended_at=timezone.now(), ended_by_name=name):
            return False
        forward.refresh_from_db(fields=["used_count", "arrived_count"])
        words, used, arrived = forward.on_pbx, forward.used_count, forward.arrived_count
        record(actor, "forward.ended", words, actor_name=name, used=used, arrived=arrived, why=why)
    log.info("%s, ended by %s", words, name)
    transaction.on_commit(hub.ring)
    return True


# What time does.


@receiver(ticked)
def keep_time(**kwargs: object) -> None:
    """End what is over, and what a phone does for somebody who may not any more; keep the PBXs read
    on which the board has to see the ringing calls."""
    related = ("connection", "created_by")
    rows = list(StandingForward.objects.filter(ended_at=None).select_related(*related))
    now = timezone.now()
    for forward in rows:
        if forward.until <= now:
            end_by_itself(forward, OVER)
        elif forward.phone:
            may_still(forward)
    seen = {row.connection for row in rows if row.until > now and way_of(row.connection) == SEEN}
    if seen:
        lease.watch(list(Feed.objects.filter(connection__in=seen, connection__enabled=True)))


# Words.


def may_still_hold(forward: StandingForward) -> str:
    """Of one that is over, and not seen to be off at its phone."""
    both = {"number": forward.number, "target": forward.target}
    if forward.next_step:
        why = joined(forward.phone_said, forward.next_step)
        return say("Calls for {number} may still go to {target}: {why}", why=why, **both)
    if forward.phone == Phone.TAKING_BACK:
        return say("Calls for {number} may still go to {target}; it is being taken back.", **both)
    state = Phone(forward.phone).label
    return say("Calls for {number} may still go to {target}; it {state}.", state=state, **both)
