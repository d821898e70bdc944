"""A transfer that nobody answers comes back to who sent it, after the seconds that she has chosen.

Off unless she says so. Only where the PBX itself refuses to move a call that was answered
(`Driver.forwards_ringing_only`): between our last look and the command somebody may lift.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID, uuid5

from django.dispatch import receiver
from django.utils import timezone

from transfers import access
from transfers.board.signals import picture_taken
from transfers.board.snapshot import Picture, load_directory
from transfers.domain import Action, Call, CallState, Leg, likely_same, same_number
from transfers.drivers.registry import guarding
from transfers.models import BY_ITSELF, Feed, Seat, Transfer
from transfers.services.notes import notes_of
from transfers.services.preferences import preferences_of
from transfers.services.rules import Order
from transfers.services.transfers import start

log = logging.getLogger("transfers.commands")

KINDS = [Action.BLIND, Action.FORWARD]


@receiver(picture_taken)
def bring_back(picture: Picture, **kwargs: object) -> None:
    """Whom this picture shows ringing in vain for too long."""
    if not any(call.state is CallState.RINGING for call in picture.calls):
        return
    rows = Transfer.objects.filter(
        connection=picture.connection_id,
        connection__vendor__in=guarding(),
        user__preferences__has_key="recall_after",
        state=Transfer.State.ACCEPTED,
        kind__in=KINDS,
        standing=False,
    )
    for row in rows.select_related("user", "connection"):
        try:
            _bring_back(row, picture)
        except Exception:  # the other calls, and the board, must not suffer
            log.exception("%s: nobody answers, and it was not brought back", row)


def _bring_back(row: Transfer, picture: Picture) -> None:
    assert row.user is not None  # noqa: S101  (so it was asked for)
    assert row.connection is not None  # noqa: S101
    call = picture.call(notes_of(row).call)
    seat = access.seat_of(row.user, row.connection)
    if not (call and seat and seat.numbers and _is_due(row) and _rings_in_vain(row, call)):
        return
    key = uuid5(row.key, "brought back to who sent it")
    if _sent_before(row, key) or not _is_free(seat, picture):
        return
    log.info("%s: nobody answers, so it comes back", row)
    own = seat.numbers[0]
    order = Order(Action.FORWARD, call.id, own, parties=call.parties, key=key, by_itself=True)
    start(row.user, row.connection, order)


def _sent_before(row: Transfer, key: UUID) -> bool:
    """Saves asking each second; that it is sent once is settled by the key in the database."""
    return Transfer.objects.filter(user=row.user, key=key).exists()


def _is_due(row: Transfer) -> bool:
    """Whether it has rung for as long as she wishes to wait."""
    rang_at = notes_of(row).rang_at
    assert row.user is not None  # noqa: S101
    after = preferences_of(row.user).recall_after
    if not after or rang_at is None or row.user_name.startswith(BY_ITSELF):
        return False
    return timezone.now() - rang_at >= timedelta(seconds=after)


def _rings_in_vain(row: Transfer, call: Call) -> bool:
    """At the target still: what the PBX itself has sent on is its affair."""
    there = any(likely_same(number, row.target) for number in call.numbers(Leg.CALLEE))
    return there and call.state is CallState.RINGING and Action.FORWARD in call.actions


def _is_free(seat: Seat, picture: Picture) -> bool:
    """Her phone can ring: it is in no call, and the PBX does not say that it is switched off."""
    live = (call for call in picture.calls if call.state is not CallState.ENDED)
    if any(seat.owns(number) for call in live for leg in Leg for number in call.numbers(leg)):
        return False
    directory = Feed.objects.values_list("directory", flat=True).get(pk=picture.feed_id)
    own = [each for each in load_directory(directory) if same_number(each.number, seat.numbers[0])]
    return all(each.registered is not False for each in own)
