"""Who is on the phone, as the board saw it last, and what the PBX itself says of its phones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from transfers import access
from transfers.board.kept import kept
from transfers.board.poller import DIRECTORY_EVERY
from transfers.board.snapshot import Freshness, load_calls, load_directory, picture_of
from transfers.domain import CallState, Extension
from transfers.models import Feed, User
from transfers.sentences import say
from transfers.spelling import number_key, spellings

# Translators: of a phone, and of who sits at it, now.
ON_A_CALL, RINGING = say("on a call"), say("ringing")
# Translators: of a phone, and of who sits at it: in no call.
FREE, AWAY = say("free"), say("not registered")
# Translators: what somebody has asked the PBX for, at her phone: no calls now.
QUIET = say("do not disturb")
# State of a call → what its caller's phone does, and its callee's, which may not even ring yet.
BUSY = {
    CallState.TALKING: (ON_A_CALL, ON_A_CALL),
    CallState.HELD: (ON_A_CALL, ON_A_CALL),
    CallState.DIALING: (ON_A_CALL, ""),
    CallState.RINGING: (ON_A_CALL, RINGING),
}


@dataclass(frozen=True, slots=True)
class Presence:
    """`age` is in seconds, and None while it is kept up to date. `text` is "" for not known."""

    text: str = ""
    age: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An extension of a PBX and what finds it."""

    extension: Extension
    text: str


@dataclass(frozen=True, slots=True)
class Watch:
    """What one feed says of numbers. Who sees only her own calls there (`in_part`) is told of the
    PBX's own phones, and not of who from outside is in somebody else's call."""

    connection_id: int
    name: str
    in_part: bool
    busy: Mapping[str, str]
    lines: Mapping[str, Line]
    calls_age: float | None
    lines_age: float | None

    @classmethod
    def of(cls, feed: Feed, now: datetime, in_part: bool) -> Watch:
        picture = picture_of(feed)
        live = picture.freshness(now) is Freshness.LIVE
        read_at = feed.directory_due_at - DIRECTORY_EVERY
        late = now > feed.directory_due_at + DIRECTORY_EVERY
        return cls(
            connection_id=feed.connection_id,
            name=picture.name,
            in_part=in_part,
            busy=_busy(feed.calls),
            lines=lines(feed.directory),
            calls_age=None if live or picture.taken_at is None else picture.age(now),
            lines_age=(now - read_at).total_seconds() if late else None,
        )

    def sees(self, key: str) -> Presence:
        if key in self.busy:
            return Presence(self.busy[key], self.calls_age)
        line = self.lines.get(key)
        if line is None:
            return Presence()
        if line.extension.registered is False:
            return Presence(AWAY, self.lines_age)
        if line.extension.quiet:
            return Presence(QUIET, self.lines_age)
        return Presence(FREE, self.calls_age)


@dataclass(frozen=True, slots=True)
class Watches:
    """All that one person may look at."""

    feeds: tuple[Watch, ...]

    @classmethod
    def of(cls, user: User, feeds: Iterable[Feed]) -> Watches:
        now, part = timezone.now(), access.seen_in_part(user)
        return cls(tuple(Watch.of(feed, now, feed.connection_id in part) for feed in feeds))

    def sees(self, key: str, connection_id: int | None) -> Presence:
        """A PBX's own number is looked for there only; any other one everywhere."""
        if connection_id is None:
            feeds = [feed for feed in self.feeds if key in feed.lines or not feed.in_part]
        else:
            feeds = [feed for feed in self.feeds if connection_id == feed.connection_id]
        return best(feed.sees(key) for feed in feeds)


def best(seen: Iterable[Presence]) -> Presence:
    """Of several numbers of one person: a call goes before a silent phone."""
    order = [ON_A_CALL, RINGING, QUIET, FREE, AWAY, ""]
    return min(seen, key=lambda presence: order.index(presence.text), default=Presence())


@kept
def _busy(calls: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for call in load_calls(calls):
        states = (RINGING, "") if call.rings_caller else BUSY.get(call.state, ("", ""))
        for party, state in zip((call.caller, call.callee), states, strict=True):
            key = number_key(party.number)
            if key and state and found.get(key) != ON_A_CALL:
                found[key] = state
    return found


@kept
def lines(directory: str) -> Mapping[str, Line]:
    """Key of the number → extension, as the PBX lists them."""
    return {
        number_key(e.number): Line(e, spellings(f"{e.name} {e.kind} {number_key(e.number)}"))
        for e in load_directory(directory)
    }
