"""The picture of one PBX: what was seen, when, and how far it can be trusted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

from django.utils import timezone

from transfers.board.kept import Kept, kept
from transfers.domain import SCHEMA, Call, CallState, Extension
from transfers.models import Feed
from transfers.sentences import pack, unpack

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


# A picture is JSON with a line for each call: what did not change is neither written nor read anew.
_HEAD, _TAIL = f'{{"schema": {SCHEMA}, "calls": [', "]}"
_Lines = dict[str, tuple[Call, str]]  # by the call's id: the call and its line
LINES_KEPT = 16_384
_pictures: Kept[_Lines] = Kept()


def dump_calls(calls: Iterable[Call]) -> str:
    return _text(map(_written, calls))


def following(before: str, calls: Iterable[Call]) -> str:
    """The text of the picture that comes after `before`; times that only wobble stay as they were.

    It is equal to `before` where nothing has changed.
    """
    known = _lines(before)
    lines = {call.id: _next_line(known.get(call.id), call) for call in calls}
    text = _text(line for _, line in lines.values())
    _pictures.put((text,), lines)
    return text


@kept
def load_calls(text: str) -> tuple[Call, ...]:
    """The calls of a stored picture; () for one of another version, which is read anew soon."""
    return tuple(call for call, _ in _lines(text).values())


def _lines(text: str) -> _Lines:
    lines = _pictures.get((text,))
    if lines is None:
        lines = _read(text)
        _pictures.put((text,), lines)
    return lines


def _read(text: str) -> _Lines:
    head, *lines = text.split("\n")
    if head != _HEAD or not lines or lines.pop() != _TAIL:
        return {}
    try:
        found = [(_call(line), line) for line in (line.removesuffix(",") for line in lines)]
    except (ValueError, KeyError, TypeError):  # of a newer version that knows more words
        return {}
    return {call.id: (call, line) for call, line in found}


@lru_cache(maxsize=LINES_KEPT)
def _call(line: str) -> Call:
    return Call.from_json(json.loads(line))


def _written(call: Call) -> str:
    return json.dumps(call.to_json())


def _next_line(known: tuple[Call, str] | None, call: Call) -> tuple[Call, str]:
    if known is None:
        call = _held(None, call)
        return call, _written(call)
    old, line = known
    if call is old:
        return known
    call = _held(old, _steadied(old, call))
    return call, line if call == old else _written(call)


def _held(old: Call | None, call: Call) -> Call:
    """A held call with the moment from which the board has seen it so."""
    if call.state is not CallState.HELD:
        return call
    since = old.held_since if old and old.state is CallState.HELD else None
    return replace(call, held_since=since or timezone.now())


def _text(lines: Iterable[str]) -> str:
    inside = ",\n".join(lines)
    return f"{_HEAD}\n{inside}\n{_TAIL}" if inside else f"{_HEAD}\n{_TAIL}"


def dump_directory(extensions: Iterable[Extension]) -> str:
    rows = [[e.number, e.name, pack(e.kind), e.registered, e.quiet] for e in extensions]
    return json.dumps({"schema": SCHEMA, "extensions": rows})


def load_directory(text: str) -> list[Extension]:
    data = json.loads(text)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        return []
    return [Extension(n, name, unpack(kind), *on) for n, name, kind, *on in data["extensions"]]


_rest = attrgetter(
    *(each.name for each in fields(Call) if each.name not in ("started_at", "answered_at"))
)


def _steadied(old: Call, new: Call) -> Call:
    """The new one, with start and answer times that only wobbled kept as they were."""
    started = _same_moment(old.started_at, new.started_at)
    answered = _same_moment(old.answered_at, new.answered_at)
    if started == new.started_at and answered == new.answered_at:
        return new
    if started is old.started_at and answered is old.answered_at and _rest(old) == _rest(new):
        return old
    return replace(new, started_at=started, answered_at=answered)


def _same_moment(old: datetime | None, new: datetime | None) -> datetime | None:
    return old if old and new and abs(new - old) < WOBBLE else new
