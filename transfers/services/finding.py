"""What is looked for after a command, and what one picture tells of it. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from transfers.domain import Action

NOTED_EVERY = timedelta(seconds=5)  # so often it is noted that the target still rings
UNSEEN = timedelta(seconds=10)  # not looked for so much longer than usual: nobody knows
CONFIRMED, MISSED, FAILED, UNKNOWN = "confirmed", "missed", "failed", "unknown"


@dataclass(frozen=True, slots=True)
class Watch:
    """What a transfer row says about what to look for. Numbers, not names."""

    kind: Action
    call_id: str
    other_call_id: str
    stays: str  # the transferee; JOIN: the party of the held call
    leaves: str  # the transferor
    target: str  # JOIN: the other party of the consultation call
    since: datetime  # pictures begun earlier say nothing
    parties: tuple[str, str] = ("", "")  # of the call, as it was
    began_at: datetime | None = None  # the call, by the PBX's clock
    alone: bool = False  # the pictures show only the transferor's own calls
    before: frozenset[str] = frozenset()  # ids of the calls there were before the command
    taken: frozenset[str] = frozenset()  # ids of the calls in which other transfers arrived
    rang_at: datetime | None = None  # the target was first seen ringing
    rung_until: datetime | None = None  # the target was last noted ringing
    gone_at: datetime | None = None  # the moved call was first missed
    every: timedelta = timedelta()  # between two looks
    own: str = ""  # DIAL: the phone that calls
    own_rang_at: datetime | None = None  # DIAL: it was first seen ringing
    moved: bool = False  # DIAL: she has answered it
    arrived: str = ""  # DIAL: the id of the call, where it is known

    def unseen(self, now: datetime) -> bool:
        """Whether nobody looked for a while when it stopped ringing: the PBX was out of reach."""
        return (
            self.rung_until is not None
            and (self.gone_at or now) - self.rung_until > self.every + UNSEEN
        )

    def answered_at(self, told: datetime | None, now: datetime) -> datetime:
        """When the target answered. A call that kept its id may tell of an answer before that."""
        return told if told and told >= (self.rang_at or self.since) else now


@dataclass(frozen=True, slots=True)
class Finding:
    """`state` None: no verdict yet. `moved`: the call has left the transferor."""

    state: str | None
    observed: str
    moved: bool = False
    rang_at: datetime | None = None
    gone_at: datetime | None = None
    new_call_id: str = ""
    own_rang_at: datetime | None = None
    rung_until: datetime | None = None
    unseen: bool = False  # it left the transferor; this login cannot see the target
