"""The picture of one PBX: what was seen, when, and how far it can be trusted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.utils import timezone

from transfers.domain import SCHEMA, Call, Extension
from transfers.models import Feed

# A start time computed from whole-second durations wobbles; within this it is the same start.
WOBBLE = timedelta(seconds=3)


class Freshness(StrEnum):
    LIVE = "live"
    STALE = "stale"  # the last good picture is old, or the newest read failed a moment ago
    LOST = "lost"  # unreachable, or the PBX does not accept us
    WAITING = "waiting"  # nothing read yet
    OFF = "off"  # the connection is disabled


@dataclass(frozen=True, slots=True)
class Picture:
    """`calls` are of `taken_at`, even while `error_code` says that newer reads failed."""

    feed_id: int
    connection_id: int
    name: str
    enabled: bool
    interval: float  # seconds
    version: int
    started_at: datetime | None
    taken_at: datetime | None
    calls: tuple[Call, ...]
    error_code: str
    error_text: str
    failing_since: datetime | None
    pushed: bool = False  # changes arrive as events; the list is read only to resynchronise
    outdated: bool = False  # its read began before a command of ours

    def call(self, call_id: str) -> Call | None:
        return next((call for call in self.calls if call.id == call_id), None)

    def age(self, now: datetime) -> float:
        """Seconds since the calls were read; infinite when they never were."""
        return (now - self.taken_at).total_seconds() if self.taken_at else float("inf")

    def fresh_for(self, now: datetime) -> bool:
        """Whether a command may rely on it: no error, and at most one interval (and a bit) old."""
        if self.error_code or self.taken_at is None or self.outdated:
            return False
        return self.pushed or self.age(now) <= self.interval + 0.5

    def freshness(self, now: datetime) -> Freshness:
        if not self.enabled:
            return Freshness.OFF
        if self.error_code and not self._briefly_failing(now):
            return Freshness.LOST
        if self.taken_at is None:
            return Freshness.WAITING
        if self.error_code or (not self.pushed and self.age(now) > 3 * self.interval + 2):
            return Freshness.STALE
        return Freshness.LIVE

    def _briefly_failing(self, now: datetime) -> bool:
        if self.failing_since is None or self.taken_at is None or self.error_code == "auth_failed":
            return False
        return (now - self.failing_since).total_seconds() < 3 * self.interval


def row_of(feed_id: int) -> Feed:
    """The feed as it is now, with all that a picture or a driver needs of it."""
    return Feed.objects.select_related("connection", "seat").get(pk=feed_id)


def picture_of(feed: Feed) -> Picture:
    """The newest picture; `feed` comes with its connection."""
    return Picture(
        feed_id=feed.pk,
        connection_id=feed.connection_id,
        name=feed.connection.name,
        enabled=feed.connection.enabled,
        interval=feed.connection.poll_seconds,
        version=feed.version,
        started_at=feed.started_at,
        taken_at=feed.taken_at,
        calls=load_calls(feed.calls),
        error_code=feed.error_code,
        error_text=feed.error_text,
        failing_since=feed.failing_since,
        pushed=feed.listened_until > timezone.now(),
        outdated=feed.started_at is not None and feed.started_at < feed.read_after,
    )


def dump_calls(calls: Iterable[Call]) -> str:
    return json.dumps({"schema": SCHEMA, "calls": [call.to_json() for call in calls]})


@lru_cache(maxsize=32)
def load_calls(text: str) -> tuple[Call, ...]:
    """The calls of a stored picture; () for one of another version, which is read anew soon."""
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            return ()
        return tuple(Call.from_json(call) for call in data["calls"])
    except (ValueError, KeyError, TypeError):  # of a newer version that knows more words
        return ()


def dump_directory(extensions: Iterable[Extension]) -> str:
    rows = [[e.number, e.name, e.kind, e.registered] for e in extensions]
    return json.dumps({"schema": SCHEMA, "extensions": rows})


def load_directory(text: str) -> list[Extension]:
    data = json.loads(text)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        return []
    return [Extension(*row) for row in data["extensions"]]


def steady(before: Iterable[Call], calls: Iterable[Call]) -> list[Call]:
    """The calls, with start and answer times that only wobbled kept as they were."""
    known = {call.id: call for call in before}
    return [_steadied(known[call.id], call) if call.id in known else call for call in calls]


def _steadied(old: Call, new: Call) -> Call:
    return replace(
        new,
        started_at=_same_moment(old.started_at, new.started_at),
        answered_at=_same_moment(old.answered_at, new.answered_at),
    )


def _same_moment(old: datetime | None, new: datetime | None) -> datetime | None:
    return old if old and new and abs(new - old) < WOBBLE else new
