"""What a call is, in the field's words and in no vendor's.

Everything here is frozen and turns into JSON and back (`to_json`, `from_json`), because pictures
of a PBX are kept in the database and outlive a deploy. Dates are always aware.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from transfers.sentences import joined, pack, say, unpack

SCHEMA = 4  # of the JSON form; a picture with another number is thrown away and read anew


class CallState(StrEnum):
    RINGING = "ringing"
    DIALING = "dialing"
    TALKING = "talking"
    HELD = "held"
    PARKED = "parked"
    ENDED = "ended"
    UNKNOWN = "unknown"  # the vendor's word is in Call.raw_state


class EndReason(StrEnum):
    """Why a call ended, where the vendor says so."""

    COMPLETED = "completed"  # it was answered, and somebody hung up
    BUSY = "busy"  # also a target that declined
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"  # the caller gave up while it rang
    TRANSFERRED = "transferred"
    ERROR = "error"


class Action(StrEnum):
    """What can be done to a live call. JOIN completes an attended transfer (RFC 5589).

    CONSULT puts the call on hold and calls the transfer target; JOIN, CANCEL and SWAP then act on
    the held call and the consultation call together.
    """

    BLIND = "blind"
    FORWARD = "forward"
    CONSULT = "consult"
    JOIN = "join"
    CANCEL = "cancel"
    SWAP = "swap"
    VOICEMAIL = "voicemail"
    PARK = "park"
    UNPARK = "unpark"
    PICKUP = "pickup"
    HOLD = "hold"
    RETRIEVE = "retrieve"
    HANGUP = "hangup"
    DIAL = "dial"  # click-to-dial: a new call, so the one action that is of no live call


WITHHELD = frozenset({"anonymous", "restricted", "withheld"})  # SIP's word first (RFC 3323)
ON_A_CALL = frozenset(Action) - {Action.DIAL}


class Leg(StrEnum):
    """A party of a call. As `leaves`, it names the transferor: who goes out of the call."""

    CALLER = "caller"
    CALLEE = "callee"

    @property
    def other(self) -> Leg:
        return Leg.CALLEE if self is Leg.CALLER else Leg.CALLER


def is_withheld(text: str) -> bool:
    """Whether a PBX says with this word, in place of a number, that the caller hides it."""
    return text.casefold().removeprefix("sip:").partition("@")[0] in WITHHELD


def told_number(number: str) -> str:
    """A number as people are told it."""
    return say("Number withheld") if is_withheld(number) else number


def told_name(name: str) -> str:
    """A PBX's name for a party; "" where that says only that the number is withheld."""
    return "" if is_withheld(name) else name


@dataclass(frozen=True, slots=True)
class Party:
    """`name` may be a sentence of ours: "voicemail"."""

    number: str = ""
    name: str = ""

    def __str__(self) -> str:
        return joined(told_number(self.number), told_name(self.name)) or self.within_sentence

    @property
    def title(self) -> str:
        """The name, or else the number; "" when neither is known."""
        return told_name(self.name) or told_number(self.number or self.name)

    @property
    def within_sentence(self) -> str:
        """The title, or words in its place."""
        # Translators: in the place of a number, mostly within a sentence; a capital is added else.
        return self.title or say("unknown number")


@dataclass(frozen=True, slots=True)
class Extension:
    """A number of the PBX that can be a transfer target."""

    number: str
    name: str = ""
    kind: str = ""
    registered: bool | None = None  # None: the vendor does not say
    quiet: bool = False  # its owner asked the PBX not to be disturbed


@dataclass(frozen=True, slots=True)
class Phone:
    """An agent's own phone, and where it sends her calls: "" when they ring there."""

    number: str
    forwards_to: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One live call. `id` is the vendor's: opaque, case-sensitive, never empty.

    `actions` is what is possible now; `why_not` maps every other action the driver knows to the
    reason shown on its disabled button. `related` is the id of the held call that a consultation
    call belongs to, where the vendor says so. `also` are further numbers at the callee's side:
    the group that was dialled, the other phones that ring, the others of a conference.
    `left_alone`: this side was put on hold by a command, and nobody is at the other one any more.
    `rings_caller`: click-to-dial, and the caller's own phone rings still: nobody is called yet.
    `extra` holds vendor handles and is never rendered.
    """

    id: str
    state: CallState
    raw_state: str
    caller: Party
    callee: Party
    started_at: datetime | None = None
    answered_at: datetime | None = None
    end_reason: EndReason | None = None
    actions: frozenset[Action] = frozenset()
    why_not: Mapping[Action, str] = field(default_factory=lambda: MappingProxyType({}))
    related: str = ""
    also: tuple[str, ...] = ()
    left_alone: Leg | None = None
    rings_caller: bool = False
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    # When the board first saw it held: a note of ours, no PBX says it.
    held_since: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a call without an id cannot be named in a command")
        for moment in (self.started_at, self.answered_at):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("dates of a call must be aware")

    def party(self, leg: Leg) -> Party:
        return self.caller if leg is Leg.CALLER else self.callee

    def numbers(self, leg: Leg) -> tuple[str, ...]:
        """Every number at this side of the call."""
        return (self.party(leg).number, *(self.also if leg is Leg.CALLEE else ()))

    def leg_of(self, number: str) -> Leg | None:
        """The leg at which this extension is, or None when it is at neither or at both."""
        legs = [leg for leg in Leg if any(same_number(each, number) for each in self.numbers(leg))]
        return legs[0] if len(legs) == 1 else None

    @property
    def parties(self) -> str:
        """A mark of who is in the call: an id may stay while the people change."""
        text = f"{self.caller.number}\n{self.callee.number}"
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def involves(self, number: str) -> bool:
        return any(same_number(each, number) for leg in Leg for each in self.numbers(leg))

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state.value,
            "raw_state": self.raw_state,
            "caller": [self.caller.number, pack(self.caller.name)],
            "callee": [self.callee.number, pack(self.callee.name)],
            "started_at": self.started_at and self.started_at.isoformat(),
            "answered_at": self.answered_at and self.answered_at.isoformat(),
            "end_reason": self.end_reason,
            "actions": sorted(self.actions),
            "why_not": {action: pack(why) for action, why in sorted(self.why_not.items())},
            "related": self.related,
            "also": list(self.also),
            "left_alone": self.left_alone,
            "rings_caller": self.rings_caller,
            "extra": dict(sorted(self.extra.items())),
            "held_since": self.held_since and self.held_since.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Call:
        return cls(
            id=data["id"],
            state=CallState(data["state"]),
            raw_state=data["raw_state"],
            caller=_party(*data["caller"]),
            callee=_party(*data["callee"]),
            started_at=_moment(data["started_at"]),
            answered_at=_moment(data["answered_at"]),
            end_reason=EndReason(data["end_reason"]) if data["end_reason"] else None,
            actions=frozenset(Action(a) for a in data["actions"]),
            why_not={Action(a): unpack(why) for a, why in data["why_not"].items()},
            related=data["related"],
            also=tuple(data["also"]),
            left_alone=Leg(data["left_alone"]) if data["left_alone"] else None,
            rings_caller=data["rings_caller"],
            extra=data["extra"],
            held_since=_moment(data["held_since"]),
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """A PBX accepted a command. Accepted is not done: what became of it is observed later."""

    vendor_code: str
    vendor_text: str
    new_call_id: str = ""


@dataclass(frozen=True, slots=True)
class BoardEvent:
    """What a PBX pushed: calls that are new or changed, ids of calls that are over.

    `resync` asks for a read of the whole list, because something may have been missed. `trouble`
    is what the PBX reports as gone wrong, for people.
    """

    changed: tuple[Call, ...] = ()
    gone: tuple[str, ...] = ()
    resync: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification that the PBX sent to our address. It is a hint: the board reads again.

    `ringing` is the number that rings now, when the answer may send the call elsewhere.
    """

    kind: str = ""
    ringing: str = ""
    caller: str = ""
    call_id: str = ""  # where the notification names the call


@dataclass(frozen=True, slots=True)
class Check:
    """One line of "Test connection". `ok` None means: could not be told."""

    name: str
    ok: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Probe:
    """What "Test connection" found. `learned` are options to save, e.g. the API's generation."""

    checks: tuple[Check, ...]
    learned: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def ok(self) -> bool:
        return all(check.ok is not False for check in self.checks)


def _party(number: str, name: str) -> Party:
    return Party(number, unpack(name))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_SEPARATORS = re.compile(r"[\s().\-/]+")


@lru_cache(maxsize=16_384)  # the same numbers come with every read
def bare_number(number: str) -> str:
    """The number without the separators people type: "+36 (1) 555-01 42" is "+3615550142"."""
    return _SEPARATORS.sub("", number)


def likely_same(one: str, other: str) -> bool:
    """Whether two spellings probably name the same line: the last seven digits decide.

    "+36 1 555 0142" was dialled and "06-1-555-0142" is shown. Good enough to recognise what was
    just sent, never to decide what somebody may see.
    """
    digits, others = ("".join(c for c in number if c.isdigit()) for number in (one, other))
    long = min(len(digits), len(others)) >= 7
    return same_number(one, other) or (long and digits[-7:] == others[-7:])


def same_number(one: str, other: str) -> bool:
    """Whether two spellings name the same line. Two empty numbers are not the same line."""
    return bool(one) and bare_number(one) == bare_number(other) != ""
