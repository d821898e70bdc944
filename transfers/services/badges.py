"""How true the picture of one PBX is, for the head of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from transfers.board.snapshot import Freshness, Picture


@dataclass(frozen=True, slots=True)
class Badge:
    connection_id: int
    name: str
    freshness: Freshness
    age: float | None  # seconds since the calls were read, or the PBX was heard; None: never
    pushed: bool  # changes arrive as they happen
    since: datetime | None
    text: str


def badge_of(picture: Picture, now: datetime) -> Badge:
    return Badge(
        connection_id=picture.connection_id,
        name=picture.name,
        freshness=picture.freshness(now),
        age=picture.age(now) if picture.taken_at else None,
        pushed=picture.pushed,
        since=picture.failing_since,
        text=picture.error_text,
    )
