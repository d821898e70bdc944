"""All that is known about the call of a receipt: who did what to it, and what was seen of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models.fields.json import KT

from transfers import access
from transfers.domain import told_number
from transfers.models import Transfer, User
from transfers.sentences import say
from transfers.services import wording
from transfers.services.notes import notes_of
from transfers.sightings import Sighting
from transfers.trail import AuditEvent

SPAN = timedelta(hours=6)  # before and after a command; ids may come again on another day
ANSWERS = ("transfer.accepted", "transfer.refused")  # what the PBX itself said
State = Sighting.State


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    words: str
    who: str
    details: Sequence[tuple[str, str]] = ()
    did: str = ""  # what the call did until then, and
    lasted: timedelta | None = None  # for how long
    receipt: Transfer | None = None  # of another command on the call: here it begins


def story(user: User, row: Transfer) -> list[Step]:
    """The steps in their order. Of other people's commands those that this person may read."""
    rows = {each.pk: each for each in _same_call(user, row)}
    steps = _beginning(min(rows.values(), key=lambda each: each.pk))
    named = {row.pk}
    for event in AuditEvent.objects.filter(transfer__in=rows).order_by("at", "pk"):
        whose = rows[event.transfer_id or row.pk]
        steps.append(_of_event(event, whose, row, first=whose.pk not in named))
        named.add(whose.pk)
    seen: dict[int, list[Sighting]] = {}
    for each in Sighting.objects.filter(transfer__in=rows).order_by("turn"):
        seen.setdefault(each.transfer_id, []).append(each)
    for several in seen.values():
        steps += _of_sightings(several)
    return sorted(steps, key=lambda step: step.at)


def _same_call(user: User, row: Transfer) -> Iterable[Transfer]:
    """The commands that name a call of this one: its own, its consultation, what it became."""
    near = access.transfers_of(user).filter(
        connection=row.connection_id,
        created_at__range=(row.created_at - SPAN, row.created_at + SPAN),
    )
    if row.connection_id is None:
        near = near.filter(connection_name=row.connection_name)
    named = near.values_list("pk", "call_id", "other_call_id", KT("seen__call"))
    ids = {pk: {call for call in calls if call} for pk, *calls in named}
    wanted, found = {row.pk}, ids.get(row.pk, set())
    while more := {pk for pk, calls in ids.items() if pk not in wanted and calls & found}:
        wanted |= more
        found = found.union(*(ids[pk] for pk in more))
    return near.filter(pk__in=wanted)


def _beginning(first: Transfer) -> list[Step]:
    notes = notes_of(first)
    if notes.began_at is None:
        return []
    who = say("by the PBX’s clock")
    caller, called = wording.caller_of(first), wording.called_of(first)
    words = say("{caller} calls {called}", caller=caller, called=called)
    steps = [Step(notes.began_at, words, who)]
    if notes.answered_at:
        lasted = notes.answered_at - notes.began_at
        # Translators: before a time: “rang 5 s”.
        steps.append(Step(notes.answered_at, say("Answered"), who, did=say("rang"), lasted=lasted))
    return steps


def _of_event(event: AuditEvent, row: Transfer, shown: Transfer, *, first: bool) -> Step:
    details, words = wording.details(event), wording.verb_in_words(event.verb)
    if event.verb == "transfer.sending" or first:
        details.insert(0, ("", wording.order_in_words(row)))
    if event.verb in ANSWERS and row.vendor_text:
        details.append((say("PBX’s words"), row.vendor_text))
    if row.pk == shown.pk:
        return Step(event.at, words, event.who, details)
    words = wording.of_another(event.verb, row.get_kind_display())
    return Step(event.at, words, event.who, details, receipt=row if first else None)


def _of_sightings(several: Sequence[Sighting]) -> Iterator[Step]:
    """Of one moved call, the first one first."""
    talked_at: datetime | None = None
    for before, now in pairwise([None, *several]):
        if now is None or now.state == State.MOVED:
            continue
        words, did, since = _words(before, now, talked_at)
        if now.state == State.TALKING:
            talked_at = talked_at or now.at
        # Translators: in the place of a person's name: nobody did it, it was seen.
        yield Step(now.at, words, say("seen"), did=did, lasted=now.at - since if since else None)


def _words(
    before: Sighting | None, now: Sighting, talked_at: datetime | None
) -> tuple[str, str, datetime | None]:
    """What is seen; what the call did until then, and since when."""
    was, since = (before.state, before.at) if before else ("", None)
    where = told_number(now.callee) or say("a phone without a number")
    if now.state == State.GONE:
        # Nobody may have looked.
        # Translators: before a time: “went on for at most 20 s”, “rang for at most 20 s”.
        done = say("went on for at most") if talked_at else say("rang for at most")
        words = say("Not seen any more: it ended, or goes on elsewhere")
        return words, done, talked_at or since
    if now.state == State.TALKING and was in (State.RINGING, State.DIALING):
        # Translators: before a time: “rang about 5 s”.
        return say("Answered at {where}", where=where), say("rang about"), since
    if now.state == State.TALKING and was in (State.HELD, State.PARKED):
        words = say("Running again at {where}", where=where)
        # Translators: before a time: “waited about 5 s”.
        return words, say("waited about"), since
    return _state_in_words(now, where), "", None


def _state_in_words(now: Sighting, where: str) -> str:
    who = told_number(now.caller) or say("Somebody")
    return {
        State.RINGING: say("Rings at {where}", where=where),
        State.DIALING: say("Is put through to {where}", where=where),
        State.TALKING: say("{caller} talks with {where}", caller=who, where=where),
        State.HELD: say("On hold"),
        State.PARKED: say("Parked"),
    }[State(now.state)]
