"""Nobody waits for ever: a party whom a consultation left alone on hold is brought back.

The target declined, or one of the two hung up: some PBXs bring the held party back by themselves,
others leave her with the music (`Driver.leaves_held_alone`). There the console watches the call
from the moment it was put on hold, whoever looks at the board, and rings the phone it belongs to.
That is a row of the log like any other, in the console's name for the person who held the call.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from transfers.board import lease
from transfers.board.signals import picture_taken, ticked
from transfers.board.snapshot import Picture, load_directory, picture_of
from transfers.domain import Action, Call, CallState, Leg, same_number
from transfers.drivers.registry import leaving_alone
from transfers.models import Feed, Seat, Transfer
from transfers.sentences import listed
from transfers.services.audit import record
from transfers.services.notes import notes_of
from transfers.services.rules import Order
from transfers.services.transfers import start

log = logging.getLogger("transfers.commands")

State = Transfer.State

GRACE = timedelta(seconds=1)  # two legs may be between two calls for a moment
AGAIN = timedelta(seconds=25)  # before another try: by then it is known what became of the first
TRIES, MOST = 3, 12  # sent; and with those for which somebody else's command was under way
LONGEST = timedelta(hours=2)  # what was held longer ago was held by somebody else
HOLDING = [kind.value for kind in (Action.CONSULT, Action.SWAP, Action.CANCEL, Action.JOIN)]
HOLDING += [Action.HOLD.value]
BROUGHT_BACK = "call.brought_back"
NOT_DONE = [State.REFUSED, State.FAILED]


@receiver(picture_taken)
def bring_back(picture: Picture, **kwargs: object) -> None:
    """Look after the parties whom this picture shows alone."""
    for call in picture.calls:
        if call.left_alone and call.state is CallState.HELD:
            try:
                _look_after(picture, call)
            except Exception:  # the other calls, and the board, must not suffer
                log.exception("call %s, left alone on hold, was not brought back", call.id)


@receiver(ticked)
def watch_over(**kwargs: object) -> None:
    """Keep the PBXs read on which somebody was put on hold from here."""
    if not (vendors := leaving_alone()):
        return
    held: dict[int, set[str]] = {}
    rows = _commands(timezone.now()).filter(connection__vendor__in=vendors)
    for connection_id, call_id in rows.values_list("connection_id", "call_id"):
        held.setdefault(connection_id, set()).add(call_id)
    feeds = Feed.objects.filter(connection__in=held, connection__enabled=True)
    lease.watch([feed for feed in feeds.select_related("connection") if _holds(feed, held)])


def _holds(feed: Feed, held: dict[int, set[str]]) -> bool:
    wanted = held[feed.connection_id]
    calls = picture_of(feed).calls
    return any(call.state is CallState.HELD and call.id in wanted for call in calls)


def _commands(now: datetime) -> QuerySet[Transfer]:
    """What may have put somebody on hold, the newest first."""
    recent = Transfer.objects.filter(kind__in=HOLDING, created_at__gt=now - LONGEST)
    return recent.exclude(state__in=NOT_DONE)


def _look_after(picture: Picture, call: Call) -> None:
    now = timezone.now()
    rows = _commands(now).filter(connection=picture.connection_id, call_id=call.id)
    row = rows.select_related("user", "connection").first()
    if row is None or row.user is None or row.connection is None or row.state == State.SENDING:
        return
    if not _alone_for_long(row, now):
        lease.hint(picture.connection_id)  # and look again
        return
    helps = _what_helps(row, call, picture)
    if helps and (key := _next_key(row, now)):
        log.info("call %s was left alone on hold: %s for %s", call.id, helps, row.user)
        done = start(row.user, row.connection, Order(helps, call.id, key=key, by_itself=True))
        if not done.events.filter(verb=BROUGHT_BACK).exists():  # by another thread a moment ago
            parties = listed(map(str, (call.caller, call.callee)))
            record(None, BROUGHT_BACK, parties, transfer=done)


def _what_helps(row: Transfer, call: Call, picture: Picture) -> Action | None:
    """Who was put on hold is brought back; the one who did it, and whose caller has gone, is let
    go: her phone would play music for ever.

    Only a phone of this PBX is rung, and not while it is in another call: a number outside would
    be called by nobody's wish, and a busy phone could lose the caller.
    """
    side = call.left_alone or Leg.CALLER
    alone, other = call.party(side).number, call.party(side.other).number
    seats = list(Seat.objects.filter(connection=row.connection))
    hers = [seat for seat in seats if seat.user_id == row.user_id]
    if any(seat.owns(alone) for seat in hers):
        return Action.HANGUP
    if not _is_phone(picture, seats, other):
        return Action.HANGUP if _is_phone(picture, seats, alone) else None
    return None if _is_busy(picture, call, other) else Action.RETRIEVE


def _is_phone(picture: Picture, seats: list[Seat], number: str) -> bool:
    if any(seat.owns(number) for seat in seats):
        return True
    directory = Feed.objects.values_list("directory", flat=True).get(pk=picture.feed_id)
    return any(same_number(each.number, number) for each in load_directory(directory))


def _is_busy(picture: Picture, call: Call, number: str) -> bool:
    """Perhaps it is the consultation itself, which joined a call and goes by that one's id."""
    others = (each for each in picture.calls if each.id != call.id)
    return any(each.state is not CallState.ENDED and each.involves(number) for each in others)


def _alone_for_long(row: Transfer, now: datetime) -> bool:
    """Noted in the row when it was first seen, so that any process knows."""
    notes = notes_of(row)
    if notes.alone_since:
        return now - notes.alone_since >= GRACE
    Transfer.objects.move(row.pk, (row.state,), seen=replace(notes, alone_since=now).to_json())
    return False


def _next_key(row: Transfer, now: datetime) -> UUID | None:
    """The key of the next try, one for all processes; None when it is not its time."""
    keys = [uuid5(row.key, f"brought back {number}") for number in range(MOST)]
    tries = Transfer.objects.filter(user=row.user, key__in=keys)
    made = list(tries.values_list("created_at", "code"))  # one look: others write meanwhile
    if any(at > now - AGAIN for at, _ in made):
        return None
    sent = sum(code != "taken" for _, code in made)
    return keys[len(made)] if len(made) < MOST and sent < TRIES else None
