"""What one person has just sent: what is still under way, and what went astray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from transfers.desk import Dismissal
from transfers.models import Transfer, User
from transfers.services.notes import notes_of
from transfers.services.verdicts import TARGET_UNSEEN
from transfers.services.wording import was_sent

State = Transfer.State
RECEIPTS = 5  # so many that have come to their end are shown
STAYS = timedelta(seconds=60)  # a receipt, after that end
ALERTS_FOR = timedelta(minutes=15)
MOST = 100  # commands of one person in that time
MOVES = {"blind", "forward", "join", "voicemail"}
NOTHING = {State.REFUSED, State.FAILED}


@dataclass(frozen=True, slots=True)
class Recent:
    receipts: tuple[Transfer, ...]  # the newest first
    astray: tuple[Transfer, ...]  # did not arrive, or rings for long; not put away


def recent(user: User, now: datetime) -> Recent:
    put_away = Dismissal.objects.filter(user=user, transfer=OuterRef("pk"))
    rows = list(
        Transfer.objects.filter(user=user, standing=False, created_at__gt=now - _longest())
        .annotate(put_away=Exists(put_away))
        .order_by("-created_at", "-pk")[:MOST]
    )
    going = [row for row in rows if is_open(row)]
    done = [
        row
        for place, row in enumerate(rows)
        if row.settled_at and row.settled_at > now - STAYS and not _sent_on(row, rows[:place])
    ]
    shown = {row.pk for row in going} | {row.pk for row in done[:RECEIPTS]}
    return Recent(
        receipts=tuple(row for row in rows if row.pk in shown),
        astray=tuple(
            row
            for place, row in enumerate(rows)
            if not row.put_away and _went_astray(row, now) and not _sent_on(row, rows[:place])
        ),
    )


def _longest() -> timedelta:
    """How far back something may still be told of: what ended lately may have begun before."""
    return ALERTS_FOR + timedelta(seconds=settings.PBX_RING_SECONDS)


def is_open(row: Transfer) -> bool:
    """Whether something may still be seen of it."""
    waits = row.state == State.UNKNOWN and row.watch_until is not None
    return waits or row.state in (State.SENDING, State.ACCEPTED)


def rings_for_long(row: Transfer, now: datetime) -> bool:
    """The target rings, and has not answered in the time that people wait."""
    rang_at = notes_of(row).rang_at if row.state == State.ACCEPTED else None
    patience = timedelta(seconds=settings.PBX_NO_ANSWER_SECONDS)
    return rang_at is not None and now - rang_at >= patience


def _went_astray(row: Transfer, now: datetime) -> bool:
    """What was refused at once was told in the dialog; this came out later."""
    if row.kind not in MOVES:
        return False
    ended = row.state == State.UNKNOWN and not is_open(row)
    in_vain = row.state == State.FAILED and was_sent(row)
    back = row.code == TARGET_UNSEEN and notes_of(row).call != ""
    return row.state == State.MISSED or ended or in_vain or back or rings_for_long(row, now)


def _sent_on(row: Transfer, later: Sequence[Transfer]) -> bool:
    """Whether the same call was acted on again since: then that is what counts."""
    calls = {row.call_id, notes_of(row).call} - {""}
    return any(
        each.call_id in calls and each.connection_id == row.connection_id
        for each in later
        if each.state not in NOTHING
    )
