"""What an exchange is made of: phones, calls and the rules it plays by. No vendor's words."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Side = Literal["caller", "callee"]
CallIdRule = Literal["new", "kept"]


class State(StrEnum):
    OFFERED = "offered"  # the caller's own phone rings first, then the callee's
    SETUP = "setup"
    RINGING = "ringing"
    ANSWERED = "answered"  # passes into TALKING by itself
    TALKING = "talking"
    HELD = "held"
    PARKED = "parked"  # the callee left the caller to wait for anybody
    ENDED = "ended"


UP = frozenset({State.ANSWERED, State.TALKING})
BEGUN = frozenset({State.OFFERED, State.SETUP, State.RINGING})
WAITING = frozenset({State.OFFERED, State.RINGING, State.PARKED})  # until a phone answers


class Ending(StrEnum):
    COMPLETED = "completed"  # somebody hung up a conversation
    CANCELLED = "cancelled"  # hung up while it still rang
    TRANSFERRED = "transferred"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    ERROR = "error"  # nobody has this number, or its phone is not registered


@dataclass
class Rules:
    """How the exchange behaves where exchanges differ. Settable while it runs."""

    call_id: CallIdRule = "new"  # of a transferred call
    forward_call_id: CallIdRule = "kept"  # of a call sent on while it rang
    linger_seconds: float = 0.5  # an ended call stays in the list so long
    no_answer_returns: bool = False  # a transferred call nobody answers rings the transferor again
    setup_seconds: float = 0.0
    answered_seconds: float = 0.0
    ring_seconds: float = 60.0  # then a phone counts as not answered
    outside_answers_after: float = 4.0


@dataclass
class Extension:
    """A number of the exchange and how its phone behaves when rung."""

    number: str
    name: str = ""
    kind: str = "phone"
    registered: bool = True
    answers_after: float | None = None  # seconds; None: it rings until somebody answers it
    busy: bool = False
    ring_seconds: float | None = None  # None: the rules' own
    do_not_disturb: bool = False  # set by its owner; callers find it busy
    forward_to: str = ""  # set by its owner; its calls ring there instead


@dataclass(frozen=True)
class Leg:
    """A phone that rings for a call."""

    number: str
    rung_at: float
    patience: float | None = None  # seconds; None: the phone's own, or the rules'


@dataclass
class Call:
    """One call: two parties, one state. Times are seconds of the exchange's clock."""

    id: str
    caller: str
    callee: str
    caller_name: str
    dialed: str  # the number the caller dialled first; transfers leave it alone
    started_at: float
    rung_at: float  # when the callee's phone began, or will begin, to ring
    state: State = State.SETUP
    ending: Ending | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    held_by_command: bool = False
    held_by: str = ""  # which party put it on hold; "": nobody said
    commanded: bool = False  # a command acted on it, or on the call it came from
    returns_to: str = ""  # who left it by a transfer
    patience: float | None = None  # how long it may ring; None: the phone's own, or the rules'
    legs: tuple[Leg, ...] = ()  # phones that ring beside the one it was meant for
    held_at: float | None = None
    parked_at: float | None = None
    parked_until: float | None = None
    parked_place: int | None = None
    at_voicemail: bool = False  # the callee's voice mail has it, not the phone
    origin: str = ""  # the id of the first call, when transfers gave it new ones

    @property
    def live(self) -> bool:
        return self.state is not State.ENDED

    @property
    def ringing(self) -> tuple[Leg, ...]:
        """Every phone that rings for it, the one it was meant for first."""
        if self.state not in (State.OFFERED, State.RINGING):
            return self.legs
        number = self.caller if self.state is State.OFFERED else self.callee
        return (Leg(number, self.rung_at, self.patience), *self.legs)

    def party(self, side: Side) -> str:
        return self.caller if side == "caller" else self.callee

    def other_party(self, number: str) -> str:
        return self.callee if number == self.caller else self.caller

    def involves(self, number: str) -> bool:
        return number in (self.caller, self.callee)

    def common_party(self, other: Call) -> str:
        """The one party of both calls. Raises WrongState when there is none, or two."""
        common = {self.caller, self.callee} & {other.caller, other.callee}
        if len(common) != 1:
            raise WrongState(f"calls {self.id} and {other.id} do not share one party")
        return common.pop()

    def ring_duration(self, now: float) -> float:
        end = self.answered_at if self.answered_at is not None else self.ended_at
        return max(0.0, (now if end is None else end) - self.rung_at)

    def talk_duration(self, now: float) -> float:
        if self.answered_at is None:
            return 0.0
        return max(0.0, (now if self.ended_at is None else self.ended_at) - self.answered_at)


def is_outside(number: str) -> bool:
    """True for a number of the public network: `+…`, or six digits and more."""
    return bool(re.fullmatch(r"\+\d+|\d{6,}", re.sub(r"[ ()/-]", "", number)))


class ExchangeError(Exception):
    """The exchange cannot do that; the text says why."""


class NoSuchCall(ExchangeError):
    pass


class WrongState(ExchangeError):
    pass


def short_ids(chance: random.Random | None = None) -> Callable[[], str]:
    """Call ids of five or six letters and digits."""
    dice = chance or random.Random()
    letters = string.digits + string.ascii_letters
    return lambda: "".join(dice.choices(letters, k=dice.choice((5, 6, 6))))


def hex_ids(chance: random.Random | None = None) -> Callable[[], str]:
    """Call ids of twenty hexadecimal digits."""
    dice = chance or random.Random()
    return lambda: f"{dice.getrandbits(80):020x}"
