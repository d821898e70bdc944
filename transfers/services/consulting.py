"""Consultations as pictures show them: which two calls are one, and how far it has come. Pure.

A call that somebody made while another one was on hold is about that other one, whether the
console or the phone dialled it. A second call that merely came in is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from transfers.desk import Consultation
from transfers.domain import Call, CallState, Party, bare_number, same_number
from transfers.sentences import say
from transfers.services.rules import UNDER_WAY, common_party

Stage = Consultation.Stage
SKEW = timedelta(seconds=5)  # between a PBX's clock and ours
ANSWERED = {CallState.TALKING, CallState.HELD}


@dataclass(frozen=True, slots=True)
class Story:
    """`waits` is in the held call, `target` in the other; after a swap the names stay so."""

    number: str
    held_id: str
    other_id: str
    waits: Party
    target: Party
    stage: Consultation.Stage = Stage.CALLING
    answered: bool = False
    why: str = ""  # an EndReason of the consultation, where the PBX gives one
    noted_at: datetime | None = None  # by our clock; both calls were there by then

    @property
    def key(self) -> tuple[str, str]:
        return self.held_id, self.other_id


def begun(calls: Iterable[Call], owns: Callable[[str], bool]) -> list[Story]:
    """The consultations that a picture shows by itself, of numbers that `owns` knows."""
    calls = list(calls)
    if not any(call.state is CallState.HELD for call in calls):
        return []  # as in most pictures; this is asked at every look
    at: dict[str, list[Call]] = {}
    for call in calls:
        if call.state in UNDER_WAY | {CallState.HELD}:
            for number in {bare_number(call.caller.number), bare_number(call.callee.number)}:
                at.setdefault(number, []).append(call)
    busy = {number: hers for number, hers in at.items() if _may_consult(hers) and owns(number)}
    found = []
    for number, hers in busy.items():
        for other in hers:
            about = [first for first in hers if _is_about(first, other, number)]
            if about:
                found.append(_story(max(about, key=_start), other, number))
    return found


def _may_consult(calls: list[Call]) -> bool:
    return len(calls) > 1 and any(call.state is CallState.HELD for call in calls)


def _is_about(first: Call, other: Call, number: str) -> bool:
    one_is_held = (first.state is CallState.HELD) is not (other.state is CallState.HELD)
    if first.id == other.id or not one_is_held or common_party(first, other) != number:
        return False
    if other.related or first.related == other.id:
        return other.related == first.id
    later = first.started_at is None or other.started_at is None or _start(first) <= _start(other)
    return later and same_number(other.caller.number, number) and first.state in ANSWERED


def _start(call: Call) -> float:
    return call.started_at.timestamp() if call.started_at else 0.0


def _story(first: Call, other: Call, number: str) -> Story:
    story = Story(number, first.id, other.id, _far(first, number), _far(other, number))
    return _with(story, other)


def _far(call: Call, number: str) -> Party:
    return call.callee if same_number(call.caller.number, number) else call.caller


def _with(story: Story, other: Call) -> Story:
    """Both calls are there."""
    answered = story.answered or other.state in ANSWERED
    return replace(story, stage=Stage.TALKING if answered else Stage.CALLING, answered=answered)


def followed(story: Story, calls: Iterable[Call]) -> Story | None:
    """The story as the next picture continues it; None when it is over."""
    known = {call.id: call for call in calls}
    held = _live(known.get(story.held_id), story, story.waits)
    other = _live(known.get(story.other_id), story, story.target) or _renamed(story, known.values())
    if other:
        story = replace(story, other_id=other.id)
    if held and other:
        return _with(story, other)
    if held and held.state is CallState.HELD:
        ended = known.get(story.other_id)
        why = story.why or (ended.end_reason if ended and ended.end_reason else "")
        return replace(story, stage=Stage.ALONE, why=str(why))
    if other:
        return replace(story, stage=Stage.LEFT, answered=other.state in ANSWERED)
    return None


def _live(call: Call | None, story: Story, far: Party) -> Call | None:
    """The call, while it is there and still between these two: an id may outlive its people."""
    if call is None or call.state is CallState.ENDED or not call.involves(story.number):
        return None
    return call if not far.number or call.involves(far.number) else None


def _renamed(story: Story, calls: Iterable[Call]) -> Call | None:
    """The consultation under another id, which some PBXs give it when the first call is gone. A
    call that the two began later is another one: for hours nobody may have looked."""
    found = (call for call in calls if _live(call, story, story.target) and _was_there(call, story))
    return next(found, None) if story.target.number else None


def _was_there(call: Call, story: Story) -> bool:
    later = story.noted_at and call.started_at and call.started_at > story.noted_at + SKEW
    return not later


# In words.


def in_words(story: Story, calls: Iterable[Call], waits: str, target: str) -> str:
    """How it stands, as one sentence. `waits` and `target` are the names of the two."""
    known = {call.id: call for call in calls}
    held, other = known.get(story.held_id), known.get(story.other_id)
    both = {"waits": waits, "target": target}
    if story.stage is Stage.ALONE:
        return _why_gone(story, both)
    if story.stage is Stage.LEFT:
        return _left(story, _elsewhere(story, known.values()), both)
    on_hold = held is not None and held.state is CallState.HELD
    if other is not None and other.rings_caller:
        return _own_rings(both, on_hold=on_hold)
    if other is None or not story.answered:
        rings = other is not None and other.state is CallState.RINGING
        return _calling(both, rings=rings, on_hold=on_hold)
    if other.state is not CallState.HELD and on_hold:
        return say("You talk to {target}; {waits} is on hold.", **both)
    if other.state is not CallState.HELD:
        return say("You talk to {target}; {waits} is there.", **both)
    if on_hold:
        return say("{waits} and {target} are both on hold.", **both)
    return say("You talk to {waits}; {target} is on hold.", **both)


def _own_rings(both: Mapping[str, str], *, on_hold: bool) -> str:
    if on_hold:
        return say("Answer your phone to call {target}; {waits} is on hold.", **both)
    return say("Answer your phone to call {target}; {waits} is there.", **both)


def _calling(both: Mapping[str, str], *, rings: bool, on_hold: bool) -> str:
    if rings and on_hold:
        return say("{target}’s phone rings; {waits} is on hold.", **both)
    if rings:
        return say("{target}’s phone rings; {waits} is there.", **both)
    if on_hold:
        return say("Calling {target}; {waits} is on hold.", **both)
    return say("Calling {target}; {waits} is there.", **both)


def _why_gone(story: Story, both: Mapping[str, str]) -> str:
    if story.answered:
        return say("The call with {target} has ended; {waits} is still on hold.", **both)
    return {
        "busy": say("{target} declined or is busy; {waits} is still on hold.", **both),
        "no_answer": say("{target} did not answer; {waits} is still on hold.", **both),
        "cancelled": say("The call to {target} was cancelled; {waits} is still on hold.", **both),
    }.get(story.why, say("{target} was not reached; {waits} is still on hold.", **both))


def _left(story: Story, elsewhere: bool, both: Mapping[str, str]) -> str:
    if elsewhere and story.answered:
        return say("{waits} is in another call now; you still talk to {target}.", **both)
    if elsewhere:
        return say("{waits} is in another call now; {target} is still called.", **both)
    if story.answered:
        return say("{waits} hung up; you still talk to {target}.", **both)
    return say("{waits} hung up; {target} is still called.", **both)


def _elsewhere(story: Story, calls: Iterable[Call]) -> bool:
    """Whether who waited is in a call with somebody else, and not gone."""
    here = [call for call in calls if call.state is not CallState.ENDED]
    return any(call.involves(story.waits.number) for call in here if call.id != story.other_id)
