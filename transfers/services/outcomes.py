"""From accepted to what really happened: every change of a transfer's state after it was sent.

Each is a conditional UPDATE on the old state, with its audit event in the same database
transaction and one log line. Whoever loses the race does nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal, receiver
from django.utils import timezone

from transfers.board.hub import hub
from transfers.board.signals import picture_taken, ticked
from transfers.board.snapshot import Picture
from transfers.domain import Action, Leg, same_number, told_number
from transfers.http import DoorRules
from transfers.models import Claim, Transfer
from transfers.sentences import joined, say
from transfers.services import audit
from transfers.services.evidence import seconds
from transfers.services.finding import Finding, Watch
from transfers.services.notes import Notes, notes_of
from transfers.services.observe import LOST_AFTER, judge
from transfers.services.verdicts import ANSWERED, TARGET_UNSEEN
from transfers.services.whereabouts import now_with

log = logging.getLogger("transfers.commands")

State = Transfer.State
# Sender: Transfer; row, state: its new one, observed. In the transaction that changes the row.
settled = Signal()

WATCH = timedelta(minutes=2)  # how long a command without a verdict is looked for
RING_WATCH = timedelta(seconds=settings.PBX_RING_SECONDS)  # so long a target is seen to ring
MARGIN = timedelta(seconds=10)  # between "should be over" and "must be over"

FINAL = {State.CONFIRMED, State.MISSED, State.REFUSED, State.FAILED}


def settle(row: Transfer, old: Sequence[State], new: State, **values: Any) -> bool:
    """Move a row from one of the `old` states to `new`. True for the one who did it."""
    if new in FINAL:
        returns = timezone.now() + RING_WATCH if values.get("code") == TARGET_UNSEEN else None
        values |= {"settled_at": timezone.now(), "watch_until": returns}
    with transaction.atomic():
        if not Transfer.objects.move(row.pk, tuple(old), state=new, **values):
            return False
        if new in FINAL:
            release(row)
        audit.record(
            None if row.user is None else row.user,
            f"transfer.{new.value}",
            f"{row.kind} of {row.call_id or row.target} by {row.user_name}",
            transfer=row,
            observed=values.get("observed", ""),
            vendor_code=values.get("vendor_code", ""),
        )
        observed = values.get("observed", "")
        settled.send(sender=Transfer, row=row, state=new, observed=observed)
    log.info("%s of %s by %s: %s", row.kind, row.of_call or row.target, row.user_name, new.value)
    hub.ring()
    return True


def release(row: Transfer) -> None:
    """The calls of this transfer may be acted on again."""
    Claim.objects.filter(transfer=row).delete()


@receiver(picture_taken)
def observe(picture: Picture, **kwargs: object) -> None:
    """Compare a new picture with everything that waits for its verdict on this PBX."""
    waiting = Transfer.objects.filter(
        connection=picture.connection_id,
        watch_until__isnull=False,
        state__in=[State.ACCEPTED, State.UNKNOWN, State.CONFIRMED],
    ).select_related("user")
    rows = list(waiting.order_by("pk"))
    arrivals = _arrivals(picture) if rows else {}
    for row in rows:
        since = row.replied_at or row.created_at
        if notes_of(row).feed != picture.feed_id:
            continue
        if picture.started_at and picture.taken_at and picture.started_at >= since:
            taken = frozenset(call_id for call_id, pk in arrivals.items() if pk != row.pk)
            watch = replace(watch_of(row, since, taken), every=timedelta(seconds=picture.interval))
            if row.state == State.CONFIRMED:
                _look_for_return(row, watch, picture)
                continue
            finding = judge(watch, picture.calls, picture.taken_at)
            if finding.new_call_id:
                arrivals.setdefault(finding.new_call_id, row.pk)
            _apply(row, finding)


def _look_for_return(row: Transfer, watch: Watch, picture: Picture) -> None:
    """It was sent on out of sight, and its caller is with the transferor again. The verdict stays:
    perhaps the target did answer, and the caller has dialled once more."""
    calls = now_with(watch, picture.calls) if watch.stays else []
    back = [call for call, party in calls if same_number(party.number, watch.leaves)]
    if not back or row.settled_at is None or picture.taken_at is None:
        return
    again = say(
        "{seconds} s later {party} was at {number} again.",
        seconds=seconds(picture.taken_at - row.settled_at),
        party=told_number(watch.stays),
        number=watch.leaves,
    )
    text = joined(row.observed, again)
    notes = replace(notes_of(row), call=back[0].id)
    values = {"observed": text, "seen": notes.to_json(), "watch_until": None}
    if Transfer.objects.move(row.pk, (State.CONFIRMED,), **values):
        hub.ring()


def _arrivals(picture: Picture) -> dict[str, int]:
    """Call id → the transfer that was seen to arrive there: it is no other transfer's arrival."""
    recent = timezone.now() - WATCH - RING_WATCH
    rows = Transfer.objects.filter(connection=picture.connection_id, created_at__gt=recent)
    return {arrived: row.pk for row in rows.only("seen") if (arrived := notes_of(row).call)}


def watch_of(row: Transfer, since: datetime, taken: frozenset[str] = frozenset()) -> Watch:
    kind, leaves = Action(row.kind), Leg(row.leaves) if row.leaves else None
    notes = notes_of(row)
    numbers = {Leg.CALLER: row.caller_number, Leg.CALLEE: row.called_number}
    return Watch(
        kind=kind,
        call_id=row.call_id,
        other_call_id=row.other_call_id,
        stays=numbers[leaves.other] if leaves else "",
        leaves=numbers[leaves] if leaves else "",
        target=row.target,
        since=since,
        parties=(row.caller_number, row.called_number),
        began_at=notes.began_at,
        alone=notes.alone and row.state == State.ACCEPTED,
        before=frozenset(notes.before),
        taken=taken,
        rang_at=notes.rang_at,
        rung_until=notes.rung_until,
        gone_at=notes.gone_at,
        own=row.caller_number,
        own_rang_at=notes.own_rang_at,
        moved=notes.moved,
        arrived=notes.call,
    )


def _apply(row: Transfer, finding: Finding) -> None:
    before = notes_of(row)
    notes = replace(
        before,
        own_rang_at=finding.own_rang_at or before.own_rang_at,
        rang_at=finding.rang_at,
        rung_until=finding.rung_until or before.rung_until,
        gone_at=finding.gone_at,
        call=finding.new_call_id or before.call,
        moved=finding.moved or before.moved,
    )
    if finding.state is None or (finding.state == State.UNKNOWN == row.state):
        _note(row, finding, before, notes)
        return
    settle(
        row,
        [State.ACCEPTED, State.UNKNOWN],
        State(finding.state),
        observed=finding.observed,
        seen=notes.to_json(),
        code=TARGET_UNSEEN if finding.unseen else row.code,
    )


def _note(row: Transfer, finding: Finding, before: Notes, notes: Notes) -> None:
    """No verdict yet, but news: the target rings, so the call itself is free again."""
    values: dict[str, Any] = {}
    if finding.observed and finding.observed != row.observed:
        values["observed"] = finding.observed
    if notes != before:
        values["seen"] = notes.to_json()
    if finding.moved and not before.moved:
        values["watch_until"] = timezone.now() + RING_WATCH
        release(row)
    if values:
        Transfer.objects.move(row.pk, (row.state,), **values)
        hub.ring()


@receiver(ticked)
def sweep(**kwargs: object) -> None:
    """What time alone decides: crashed senders, commands nothing was seen of, ended watches."""
    now = timezone.now()
    _sweep_interrupted(now)
    _sweep_unseen(now)
    _sweep_watched_out(now)


def _sweep_interrupted(now: datetime) -> None:
    """`sending` for longer than a command can take: its process died. It is never sent again."""
    longest = timedelta(seconds=DoorRules.from_settings().action_seconds) + MARGIN
    for row in Transfer.objects.filter(state=State.SENDING, created_at__lt=now - longest):
        settle(
            row,
            [State.SENDING],
            State.UNKNOWN,
            code="interrupted",
            observed=say("The server stopped while the command was under way."),
            replied_at=now,
            watch_until=now + WATCH,
        )


def _sweep_unseen(now: datetime) -> None:
    """Accepted, and no picture came since that could show anything."""
    late = now - LOST_AFTER - MARGIN
    for row in Transfer.objects.filter(state=State.ACCEPTED, replied_at__lt=late):
        notes = notes_of(row)
        if not (notes.moved or notes.own_rang_at):
            text = say("The PBX accepted it; nothing could be seen afterwards.")
            if row.code == ANSWERED:
                text = say("It was answered so; nothing could be seen afterwards.")
            settle(row, [State.ACCEPTED], State.UNKNOWN, observed=text)


def _sweep_watched_out(now: datetime) -> None:
    for row in Transfer.objects.filter(watch_until__lt=now).exclude(state=State.SENDING):
        if row.state == State.ACCEPTED:
            unseen = say("No answer was seen in {seconds} s.", seconds=seconds(RING_WATCH))
            text = joined(row.observed, unseen)
            settle(row, [State.ACCEPTED], State.UNKNOWN, observed=text)
        Transfer.objects.move(
            row.pk, (State.UNKNOWN, *FINAL), watch_until=None, settled_at=row.settled_at or now
        )
        release(row)
