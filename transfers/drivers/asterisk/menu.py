"""What can be done to a call of each kind, and why the rest cannot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from transfers.domain import ON_A_CALL, Action, Call, Leg, bare_number
from transfers.drivers.words import (
    ANSWER_FIRST,
    BLIND_INSTEAD,
    CONSULTING_ONLY,
    FORWARD_INSTEAD,
    HELD_ALREADY,
    NOT_FROM_HERE,
    NOT_HELD,
    NOT_PARKED,
    NOT_YET,
    RESUME_FIRST,
    RINGS_ONLY,
    TARGET_FIRST,
    UNDER_WAY,
    UNPARK_FIRST,
)
from transfers.sentences import say

FEATURES = ON_A_CALL
Menu = tuple[frozenset[Action], Mapping[Action, str]]


class Kind(StrEnum):
    """What the channels of a call do: finer than a state, for it decides the command."""

    DIALLED = "dialled"  # somebody's own phone rings, so that it dials then
    DIALS = "dials"  # the caller's leg only
    RINGS = "rings"
    QUEUES = "queues"
    TALKS = "talks"
    HELD_AT_PHONE = "held"
    WAITS = "waits"  # put on hold from here; the other one is elsewhere
    BOTH_WAIT = "both wait"  # put on hold from here, both parties
    LEFT_ALONE = "left alone"  # in a bridge, with nobody
    PARKED = "parked"
    CONFERENCE = "conference"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Boxes:
    """Where mailboxes are in the dial plan: "*{number}", "vmu{number}@ext-local"; "" nowhere."""

    pattern: str
    context: str  # for a pattern without one

    def place(self, number: str) -> tuple[str, str]:
        """Extension and context of this number's mailbox."""
        exten, _, context = self.pattern.partition("@")
        return exten.replace("{number}", number), context or self.context

    def box_of(self, context: str, exten: str) -> str:
        """The number whose mailbox is at this extension, or ""."""
        own, _, _ = self.pattern.partition("@")
        match = re.fullmatch(re.escape(own).replace(r"\{number\}", "(.+)"), exten) if own else None
        return match[1] if match else ""


_AT_PHONE = say("It was put on hold at the phone: resume it there first.")
_TOGETHER = dict.fromkeys([Action.JOIN, Action.CANCEL, Action.SWAP], CONSULTING_ONLY)
_NEVER = {**_TOGETHER, Action.RETRIEVE: NOT_HELD, Action.UNPARK: NOT_PARKED}
_RING = {**_NEVER, **dict.fromkeys([Action.CONSULT, Action.PARK, Action.HOLD], ANSWER_FIRST)}
_NO_FORWARD = {Action.FORWARD: RINGS_ONLY, Action.PICKUP: RINGS_ONLY}
_IS_HELD = {
    **_TOGETHER,
    **_NO_FORWARD,
    Action.UNPARK: NOT_PARKED,
    Action.HOLD: HELD_ALREADY,
}
_NOTHING = say("Nobody is there whom the call could be taken from.")
_EVERYTHING_BUT = FEATURES - {Action.HANGUP}

_AT_THE_PHONE = say("A consultation was begun at the phone: end it or complete it there.")
NO_HOLD = say("The connection's options name no context for holding.")
NO_BOXES = say("Say in the connection's options where this PBX has its mailboxes.")
WHY_NOT: Mapping[Kind, Mapping[Action, str]] = {
    Kind.TALKS: {
        **_NEVER,
        Action.FORWARD: BLIND_INSTEAD,
        Action.PICKUP: RINGS_ONLY,
    },
    Kind.RINGS: {**_RING, Action.BLIND: FORWARD_INSTEAD},
    Kind.QUEUES: {
        **_RING,
        Action.BLIND: say("Works once the call is answered; use Forward while it waits."),
        Action.PICKUP: say("It waits in a queue and rings nowhere: forward it to your phone."),
    },
    Kind.DIALS: dict.fromkeys(_EVERYTHING_BUT, NOT_YET),
    Kind.DIALLED: dict.fromkeys(_EVERYTHING_BUT, ANSWER_FIRST),
    Kind.HELD_AT_PHONE: {
        **_IS_HELD,
        Action.RETRIEVE: say("It was put on hold at the phone: resume it there."),
        Action.CONSULT: _AT_PHONE,
        Action.PARK: _AT_PHONE,
    },
    Kind.WAITS: {
        **_IS_HELD,
        **dict.fromkeys([Action.CONSULT, Action.PARK], RESUME_FIRST),
    },
    Kind.BOTH_WAIT: {
        **_IS_HELD,
        **dict.fromkeys(
            [Action.CONSULT, Action.PARK, Action.BLIND, Action.VOICEMAIL], RESUME_FIRST
        ),
    },
    Kind.PARKED: {
        **dict.fromkeys(_EVERYTHING_BUT - {Action.UNPARK}, UNPARK_FIRST),
    },
    Kind.CONFERENCE: dict.fromkeys(
        FEATURES, say("A conference: the people in it end it, or leave it, at their phones.")
    ),
    Kind.LEFT_ALONE: dict.fromkeys(_EVERYTHING_BUT, _NOTHING),
    Kind.APPLICATION: {
        **dict.fromkeys(_EVERYTHING_BUT - {Action.FORWARD, Action.VOICEMAIL}, _NOTHING),
        Action.BLIND: say("Nobody talks to the caller: use Forward."),
    },
}


def of(kind: Kind, pair: list[Kind], boxes: Boxes, *, can_hold: bool) -> Menu:
    """`pair`: what the calls of this linked id do; there are two during a consultation."""
    if len(pair) > 1 and kind is not Kind.CONFERENCE:
        why_not = _of_consultation(kind, pair)
    else:
        why_not = dict(WHY_NOT[kind])
        if not boxes.pattern:
            why_not.setdefault(Action.VOICEMAIL, NO_BOXES)
        if not can_hold:
            why_not = {Action.CONSULT: NO_HOLD, Action.HOLD: NO_HOLD} | why_not
    return FEATURES.difference(why_not), why_not  # with `-` it would be a set that can change


def _of_consultation(kind: Kind, pair: list[Kind]) -> dict[Action, str]:
    others = [each for each in pair if each is not Kind.WAITS]
    if len(pair) != 2 or len(others) != 1:
        return dict.fromkeys(FEATURES, _AT_THE_PHONE)
    possible = {Action.CANCEL}
    if others == [Kind.TALKS]:
        possible |= {Action.JOIN, Action.SWAP}
    why_not: dict[Action, str] = dict.fromkeys(FEATURES - possible, UNDER_WAY)
    for action in {Action.JOIN, Action.SWAP} - possible:
        why_not[action] = TARGET_FIRST
    return why_not


_BEGUN = (Kind.TALKS, Kind.RINGS, Kind.DIALS, Kind.QUEUES)


def with_phone_consultations(calls: list[Call]) -> list[Call]:
    """JOIN for a call on hold and the one in which the phone that held it talks; the reasons of
    these two, also while the one it dialled is not answered."""
    begun: dict[str, list[int]] = {}
    for index, call in enumerate(calls):
        if call.extra.get("kind") in _BEGUN and not call.related:
            for leg in Leg:
                begun.setdefault(bare_number(call.party(leg).number), []).append(index)
    found = list(calls)
    for index, call in enumerate(calls):
        for own in _holders(call):
            for other in begun.get(own, []):
                why = _why_no_join(calls[other], own)
                if why is not None:
                    found[index], found[other] = (_beside(found[n], why) for n in (index, other))
    return found


def _holders(call: Call) -> list[str]:
    """Whose phone may consult about it; of a call on hold from here, that may be either."""
    legs: list[Leg] = []
    if call.extra.get("kind") == Kind.HELD_AT_PHONE:
        legs = [Leg(call.extra["held"]).other]
    elif call.extra.get("kind") == Kind.BOTH_WAIT:
        legs = [Leg(call.extra["by"])] if "by" in call.extra else list(Leg)
    elif call.left_alone:  # she has hung up that line, and not her second call
        legs = [call.left_alone.other]
    return [own for leg in legs if (own := bare_number(call.party(leg).number))]


def _why_no_join(other: Call, own: str) -> str | None:
    """ "" when the two can be joined, None when they have nothing to do with each other."""
    if other.extra["kind"] == Kind.TALKS:
        return ""
    return TARGET_FIRST if bare_number(other.caller.number) == own else None


def _beside(call: Call, why_no_join: str) -> Call:
    actions = call.actions
    why_not = {**call.why_not, Action.CANCEL: NOT_FROM_HERE, Action.SWAP: NOT_FROM_HERE}
    if not why_no_join:
        actions |= {Action.JOIN}
        why_not.pop(Action.JOIN, None)
    elif Action.JOIN in why_not:
        why_not[Action.JOIN] = why_no_join
    return replace(call, actions=actions, why_not=why_not)
