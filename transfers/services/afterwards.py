"""After a transfer: it did not arrive, or nobody answers. Who is told, and what can be done next.

The words are the row's, the next steps are those of the live call as the picture shows it now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from transfers import access
from transfers.board.hub import hub
from transfers.desk import Dismissal
from transfers.domain import Action, Call, CallState, Leg, is_withheld, likely_same
from transfers.models import Transfer, User
from transfers.sentences import say
from transfers.services.bars import Way
from transfers.services.calling import why_not
from transfers.services.notes import notes_of
from transfers.services.recent import MOVES, NOTHING
from transfers.services.switchboard import Sight, Switchboard, pair
from transfers.services.wording import stays_of
from transfers.validators import why_not_dialable

State = Transfer.State
ELSEWHERE, VOICEMAIL = say("Send elsewhere"), say("To voicemail")
BACK = say("Take it back")


@dataclass(frozen=True, slots=True)
class Alert:
    transfer: Transfer
    headline: str
    seen: str  # what was observed, with its seconds
    since: datetime | None  # of a target that still rings: from when
    ways: tuple[Way, ...]
    calls: str  # the number to call back: nobody of theirs is in a call, and her own phone can

    @property
    def dom_id(self) -> str:
        return f"alert-{self.transfer.pk}"

    @property
    def why_id(self) -> str:
        return f"{self.dom_id}-why"


def alerts(board: Switchboard) -> tuple[Alert, ...]:
    """What this person sent and did not arrive, the newest first; with the ways on."""
    return tuple(_alert(board, row) for row in board.astray)


def dismiss(user: User, row: Transfer) -> None:
    """Put away for this person, at every computer. Twice is once."""
    if Dismissal.objects.get_or_create(user=user, transfer=row)[1]:
        hub.ring()


def _alert(board: Switchboard, row: Transfer) -> Alert:
    rings = row.state == State.ACCEPTED
    pictures = ((s, s.picture) for s in board.sights)
    sights = [s for s, p in pictures if p.connection_id == row.connection_id and p.enabled]
    found = next(((sight, call) for sight in sights if (call := _call_of(board, sight, row))), None)
    back = not (found or rings) and any(_reaches(sight, row) for sight in sights)
    return Alert(
        transfer=row,
        headline=_headline(row),
        seen=row.observed,
        since=notes_of(row).rang_at if rings else None,
        ways=tuple(_ways(*found, row.target)) if found else (),
        calls=stays_of(row).number if back else "",
    )


def _reaches(sight: Sight, row: Transfer) -> bool:
    """Whether who was sent can be called back from her own phone, and is not in a call again."""
    number, seat = stays_of(row).number, sight.seat
    if is_withheld(number) or why_not_dialable(number):
        return False
    if seat is None or not (sight.may_act and seat.numbers) or why_not(seat.connection):
        return False
    live = (call for call in sight.picture.calls if call.state is not CallState.ENDED)
    return not any(_involves(call, number) for call in live)


def _headline(row: Transfer) -> str:
    both = {
        "party": stays_of(row).title or say("A caller without a number"),
        "target": row.target_name or row.target,
    }
    return {
        State.ACCEPTED.value: say("{target} has not answered {party} yet.", **both),
        State.MISSED.value: say("{party} did not reach {target}.", **both),
        State.FAILED.value: say("{party} was not sent to {target}.", **both),
        State.CONFIRMED.value: say("{party} is back after being sent to {target}.", **both),
    }.get(row.state, say("Nobody knows whether {party} reached {target}.", **both))


def _call_of(board: Switchboard, sight: Sight, row: Transfer) -> Call | None:
    """The call of who was sent, where it is now: by its id, else by the number."""
    stays = stays_of(row).number
    calls = [
        call
        for call in sight.picture.calls
        if call.state is not CallState.ENDED and access.may_see(board.user, sight.seat, call)
    ]
    known = (notes_of(row).call, row.call_id)
    for call in sorted((c for c in calls if c.id in known), key=lambda c: known.index(c.id)):
        if not stays or _involves(call, stays):
            return call
    theirs = [call for call in calls if stays and _involves(call, stays)]
    return theirs[0] if len(theirs) == 1 and not _sent_since(row, theirs[0]) else None


def _sent_since(row: Transfer, call: Call) -> bool:
    """Whether its sender has sent this call somewhere since: who was lost has called again."""
    later = Transfer.objects.filter(user=row.user_id, connection=row.connection_id)
    later = later.filter(created_at__gt=row.created_at, kind__in=MOVES).exclude(state__in=NOTHING)
    return any(call.id in (each.call_id, notes_of(each).call) for each in later)


def _involves(call: Call, number: str) -> bool:
    return any(likely_same(call.party(leg).number, number) for leg in Leg)


def _ways(sight: Sight, call: Call, target: str) -> Iterator[Way]:
    """Send elsewhere, whatever that is for this call now; voicemail; back to her own phone."""
    row, possible = pair(sight, call, None)
    works = {action: button for action, button in possible.items() if not button.reason}
    onward = Action.FORWARD if call.state is CallState.RINGING else Action.BLIND
    if onward in possible:
        yield Way(row, replace(possible[onward], label=ELSEWHERE))
    if Action.VOICEMAIL in works:
        yield Way(row, replace(works[Action.VOICEMAIL], label=VOICEMAIL), target=target)
    own = sight.seat.numbers if sight.seat else []
    if not own or row.mine is not None:
        return
    for action in (Action.PICKUP, Action.UNPARK):
        if action in works:
            yield Way(row, replace(works[action], label=BACK))
            return
    if onward is Action.FORWARD and onward in works:
        yield Way(row, replace(works[onward], label=BACK, dialog=False), target=own[0])
