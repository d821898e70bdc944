"""Follows the calls that were moved through the pictures the board takes anyway."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.fields.json import KT
from django.dispatch import receiver

from transfers.board.signals import picture_taken
from transfers.board.snapshot import Picture
from transfers.domain import Call, CallState
from transfers.models import Transfer
from transfers.services.verdicts import MOVES
from transfers.sightings import Sighting

FOLLOWED = timedelta(hours=1)  # after the command
NOT_DONE = (Transfer.State.REFUSED, Transfer.State.FAILED)
Seen = tuple[str, str, str]  # state, caller, callee


@receiver(picture_taken)
def follow(picture: Picture, **kwargs: object) -> None:
    """Note what has changed about each moved call since it was seen last."""
    at = picture.taken_at
    if at is None or picture.outdated:
        return
    rows = _followed(picture, at)
    if not rows:
        return
    last = {each.transfer_id: each for each in Sighting.objects.filter(transfer__in=rows)}
    calls = {call.id: call for call in picture.calls}
    for pk, call_id in rows.items():
        before, call = last.get(pk), calls.get(call_id)
        if call is not None and call.state is CallState.UNKNOWN:
            continue
        seen = _seen(call) or _gone(picture, pk, call_id, before)
        if seen and (before is None or seen != (before.state, before.caller, before.callee)):
            _write(pk, at, before, seen)


def _followed(picture: Picture, now: datetime) -> dict[int, str]:
    """Transfer → id of the call in which it arrived, until that is over."""
    recent = Transfer.objects.filter(
        connection=picture.connection_id, kind__in=MOVES, created_at__gt=now - FOLLOWED
    )
    done = recent.exclude(state__in=NOT_DONE)
    rows = done.exclude(sightings__state__in=Sighting.OVER).order_by("pk")
    # KT: as text; without it an id that looks like a number becomes one
    values = rows.values_list("pk", KT("seen__call"), KT("seen__feed"))
    return {pk: call for pk, call, feed in values if call and str(feed) == str(picture.feed_id)}


def _seen(call: Call | None) -> Seen | None:
    if call is None or call.state is CallState.ENDED:
        return None
    return call.state.value, call.caller.number[:100], call.callee.number[:100]


def _gone(picture: Picture, pk: int, call_id: str, before: Sighting | None) -> Seen | None:
    """Gone by itself, or moved by a later command, which then tells how it goes on."""
    if before is None:
        return None
    later = Transfer.objects.filter(connection=picture.connection_id, pk__gt=pk, kind__in=MOVES)
    there = later.filter(Q(call_id=call_id) | Q(other_call_id=call_id))
    moved = there.exclude(state__in=NOT_DONE).exists()
    state = Sighting.State.MOVED if moved else Sighting.State.GONE
    return state.value, before.caller, before.callee


def _write(pk: int, at: datetime, before: Sighting | None, seen: Seen) -> None:
    state, caller, callee = seen
    turn = before.turn + 1 if before else 0
    with suppress(IntegrityError), transaction.atomic():  # another process has seen it, too
        Sighting.objects.create(
            transfer_id=pk, turn=turn, at=at, state=state, caller=caller, callee=callee
        )
