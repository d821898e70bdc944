"""What the observer of a transfer notes between two pictures: the shape of `Transfer.seen`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from transfers.models import Transfer

MOMENTS = (
    "began_at",
    "answered_at",
    "own_rang_at",
    "rang_at",
    "rung_until",
    "gone_at",
    "alone_since",
)


@dataclass(frozen=True, slots=True)
class Notes:
    feed: int | None = None  # only its pictures are evidence
    alone: bool = False  # they show the transferor's own calls only
    before: tuple[str, ...] = ()  # ids of the calls there were when it was decided
    began_at: datetime | None = None  # the call, by the PBX's clock
    answered_at: datetime | None = None  # likewise
    own_rang_at: datetime | None = None  # click-to-dial: her own phone was first seen ringing
    rang_at: datetime | None = None  # the target was first seen ringing
    rung_until: datetime | None = None  # and was last noted ringing
    gone_at: datetime | None = None  # the moved call was first missed
    alone_since: datetime | None = None  # the held party was first seen with nobody
    call: str = ""  # id of the call in which it arrived
    moved: bool = False  # the call has left the transferor; click-to-dial: she has answered

    def to_json(self) -> dict[str, Any]:
        data = asdict(self) | {"before": list(self.before)}
        return data | {name: data[name] and data[name].isoformat() for name in MOMENTS}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Notes:
        """Also of an older version, whose notes lack some, and of a newer one, which has more."""
        known = {each.name: data[each.name] for each in fields(cls) if data.get(each.name)}
        known |= {name: datetime.fromisoformat(known[name]) for name in MOMENTS if name in known}
        return cls(**known | {"before": tuple(known.get("before", ()))})


def notes_of(row: Transfer) -> Notes:
    return Notes.from_json(row.seen)
