"""What standing forwards do with calls, and what became of it.

Each call is a row of the log in the name of who set the forward, sent once and judged by what is
seen afterwards, like any transfer. When it may be tried again: docs/decisions/004.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.dispatch import receiver
from django.utils import timezone

from transfers.board.hub import hub
from transfers.board.signals import picture_taken
from transfers.board.snapshot import Picture, load_calls
from transfers.domain import (
    Action,
    Call,
    CallState,
    Leg,
    Notice,
    bare_number,
    likely_same,
    told_number,
)
from transfers.errors import Unreachable
from transfers.models import Claim, Feed, PbxConnection, Transfer
from transfers.sentences import say
from transfers.services import forwards
from transfers.services.audit import record
from transfers.services.notes import Notes, notes_of
from transfers.services.outcomes import WATCH, settled
from transfers.services.rules import Order
from transfers.services.transfers import described, start
from transfers.services.verdicts import ANSWERED, VERDICTS
from transfers.services.wording import caller_of
from transfers.standing import ForwardUse, StandingForward

log = logging.getLogger("transfers.forwards")

State = Transfer.State
# A target that sends calls back must not make them go round and round: of one caller's calls so
# many are sent on in this time, further ones ring where they were dialled.
AGAIN, MOST_AGAIN = timedelta(minutes=2), 3
TRIES = 3  # of one call, and only as long as nothing was sent for it
NOTHING_SENT = (Unreachable.code, "stale", "no_picture")
REPEATED = timedelta(seconds=15)  # a PBX that did not hear our answer asks again within this


# In the answer to a notification.


def answering(connection: PbxConnection, notice: Notice) -> StandingForward | None:
    """The forward that the answer to this notification carries out, written down already."""
    if not notice.ringing or not connection.enabled:
        return None
    here = forwards.active([connection]).filter(number=_as_sent(notice.ringing))
    forward = here.select_related("created_by").first()
    if forward is None or not forwards.may_still(forward):
        return None
    use = _repeated(forward, notice)
    if use is not None and notice.call_id:
        return forward
    if _too_often(forward, notice.call_id, notice.caller):
        return None
    if use is not None:
        forward.uses.filter(pk=use.pk).update(tries=F("tries") + 1)
        return forward
    return forward if _answered(forward, notice) or _repeated(forward, notice) else None


def _repeated(forward: StandingForward, notice: Notice) -> ForwardUse | None:
    """The use, if this is a notification answered a moment ago and sent once more: it gets the
    same answer. A call that was seen at the target since has come back, and is not sent on again.

    Without the call's id the caller must tell; as he may also have been sent back to us, these
    answers count towards "too often".
    """
    if not notice.call_id and not notice.caller:
        return None
    earlier = forward.uses.filter(notification=notice.kind, at__gt=timezone.now() - REPEATED)
    same = {"call_id": notice.call_id} | ({} if notice.call_id else {"caller": notice.caller[:100]})
    use = earlier.filter(**same).order_by("-pk").first()
    row = Transfer.objects.filter(key=use.key).first() if use and use.key else None
    waits = row is not None and row.state == State.ACCEPTED and not notes_of(row).moved
    return use if waits else None


def _answered(forward: StandingForward, notice: Notice) -> bool:
    """Write the answer down before it is given. False: another command holds this call."""
    key, person = uuid4(), forward.created_by
    if person is None:
        return False
    values = _values(forward, notice)
    order = Order(Action.FORWARD, notice.call_id, forward.target, key=key, standing=True)
    try:
        with transaction.atomic():
            forward.uses.create(
                call_id=notice.call_id,
                caller=notice.caller[:100],
                key=key,
                notification=notice.kind,
            )
            wish = described(person, forward.connection, order, None)
            row = Transfer.objects.create(**wish | values)
            if notice.call_id:
                Claim.objects.create(
                    connection=forward.connection, call_id=notice.call_id, transfer=row
                )
            _count(forward, row, notification=notice.kind)
    except IntegrityError:
        return False
    return True


def _values(forward: StandingForward, notice: Notice) -> dict[str, Any]:
    """What the row of an answer says. `before` are the calls that are not the one it is about,
    whichever id that has on the board."""
    feed = Feed.objects.only("pk", "calls").get(connection=forward.connection, seat=None)
    now, calls = timezone.now(), load_calls(feed.calls)
    call = next((call for call in calls if notice.call_id and call.id == notice.call_id), None)
    caller = notice.caller or (call.caller.number if call else "")
    others = [c.id for c in calls if not (c.involves(forward.number) and _calls(c, caller))]
    return {
        "call_id": notice.call_id[:200],
        "caller_number": caller[:100],
        "caller_name": call.caller.name[:200] if call else "",
        "called_number": forward.number,
        "target": forward.target,
        "target_name": forward.target_name,
        "leaves": Leg.CALLEE,
        "state": State.ACCEPTED,
        "code": ANSWERED,
        "replied_at": now,
        "watch_until": now + WATCH,
        "seen": Notes(feed=feed.pk, before=tuple(others)).to_json(),
    }


def _calls(call: Call, caller: str) -> bool:
    return likely_same(call.caller.number, caller) or not (call.caller.number or caller)


# By a transfer of the ringing call that the board sees.


@receiver(picture_taken)
def forward_ringing(picture: Picture, **kwargs: object) -> None:
    """Send on the calls of a picture that ring where a forward stands.

    It acts on this picture and reads none. A command makes it old, and the next one is due at
    once: so each picture sends on one call.
    """
    rows = forwards.active([picture.connection_id]).select_related("connection", "created_by")
    for forward in (row for row in rows if forwards.way_of(row.connection) == forwards.SEEN):
        for call in picture.calls:
            rings = call.state is CallState.RINGING
            if rings and _as_sent(call.callee.number) == forward.number:
                try:
                    if not _still_newest(picture) or _send_on(forward, call, picture):
                        return
                except Exception:  # the other calls, and the board, must not suffer
                    log.exception("%s: call %s was not sent on", forward, call.id)


def _still_newest(picture: Picture) -> bool:
    """Neither has a command been sent since its read began, nor has it grown old."""
    newest = Feed.objects.filter(pk=picture.feed_id, started_at=picture.started_at)
    return (
        picture.fresh_for(timezone.now())
        and newest.filter(read_after__lte=F("started_at")).exists()
    )


def _send_on(forward: StandingForward, call: Call, picture: Picture) -> bool:
    """False when this call is not to be sent on now."""
    use, person = _taken(forward, call), forward.created_by
    if use is None or use.key is None or person is None:
        return False
    order = Order(Action.FORWARD, call.id, forward.target, key=use.key, standing=True)
    row = start(person, forward.connection, order, picture)
    if row.state not in (State.REFUSED, State.FAILED):
        with transaction.atomic():
            _count(forward, row)
    elif row.code in NOTHING_SENT:
        forward.uses.filter(pk=use.pk, tries__lt=TRIES).update(again=True)
    if row.state == State.REFUSED and row.replied_at is None:
        _note_trouble(forward, row, State.REFUSED, row.observed)  # by us; of others it is settled
    return True


def _taken(forward: StandingForward, call: Call) -> ForwardUse | None:
    """The use of this call, for the one who may send it on now."""
    earlier = forward.uses.filter(call_id=call.id).first()
    if (earlier and not earlier.again) or not forwards.may_still(forward):
        return None
    key = uuid4()
    if earlier:
        once_more = forward.uses.filter(pk=earlier.pk, again=True)
        won = once_more.update(again=False, tries=F("tries") + 1, key=key)
        earlier.key = key
        return earlier if won else None
    if _too_often(forward, call.id, call.caller.number):
        return None
    try:
        with transaction.atomic():
            return forward.uses.create(call_id=call.id, caller=call.caller.number[:100], key=key)
    except IntegrityError:
        return None


def _too_often(forward: StandingForward, call_id: str, caller: str) -> bool:
    lately = forward.uses.filter(caller=caller[:100], at__gt=timezone.now() - AGAIN)
    if (lately.aggregate(n=Sum("tries"))["n"] or 0) < MOST_AGAIN:
        return False
    log.warning("%s: call %s rings on, it has come back too often", forward, call_id)
    return True


def _count(forward: StandingForward, row: Transfer, **data: Any) -> None:
    """A call was sent on; whether it arrived is seen later."""
    StandingForward.objects.filter(pk=forward.pk).update(
        used_count=F("used_count") + 1, last_used_at=timezone.now()
    )
    data |= {
        "caller": told_number(row.caller_number),
        "called": forward.number,
        "target": forward.target,
    }
    record(forward.created_by, "forward.used", forward.on_pbx, transfer=row, **data)
    log.info("%s, used", forward.on_pbx)
    transaction.on_commit(hub.ring)


# What became of it.


@receiver(settled)
def note_verdict(row: Transfer, state: State, observed: str, **kwargs: object) -> None:
    """Count what arrived; what did not is shown until a later call arrives."""
    if not row.standing or state == State.ACCEPTED:
        return
    use = ForwardUse.objects.filter(key=row.key).select_related("forward").first()
    if use is None:
        return
    if state != State.CONFIRMED:
        _note_trouble(use.forward, row, state, observed)
        return
    mine = StandingForward.objects.filter(pk=use.forward_id)
    mine.update(arrived_count=F("arrived_count") + 1)
    mine.filter(trouble_at__lte=row.created_at).update(trouble="")


def _note_trouble(forward: StandingForward, row: Transfer, state: State, observed: str) -> None:
    who, verdict = caller_of(row).within_sentence, VERDICTS[state].word
    trouble = say("{caller}: {verdict}", caller=who, verdict=verdict)
    if observed:
        trouble = say(
            "{caller}: {verdict}: {observed}", caller=who, verdict=verdict, observed=observed
        )
    rows = StandingForward.objects.filter(pk=forward.pk)
    rows.update(trouble=trouble, trouble_at=row.created_at)
    transaction.on_commit(hub.ring)


def _as_sent(number: str) -> str:
    """As `dialable` writes it, so that two spellings are one number."""
    return number if any(c.isalpha() for c in number) else bare_number(number)
