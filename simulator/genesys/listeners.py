"""The Bayeux sessions: who listens to what, and what waits for whom."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

from simulator.genesys.switches import Switches

Json = dict[str, Any]


@dataclass
class Listener:
    """One Bayeux session."""

    ident: str
    browser: str  # the BAYEUX_BROWSER cookie it belongs to
    login: str
    session: str  # the HTTP session it was opened in
    seen: float
    channels: set[str] = field(default_factory=set)
    queue: list[Json] = field(default_factory=list)
    poll: int = 0  # the number of the newest poll
    held: bool = False  # a poll waits
    writing: bool = False  # events are on their way into a reply
    gone: bool = False
    left: bool = False  # it disconnected of its own will
    dropped: bool = False  # its poll is to be cut
    advice: Json | None = None  # what it was told last
    acks: bool = False
    batch: int = 0
    unconfirmed: list[tuple[int, list[Json]]] = field(default_factory=list)

    def hears(self, channel: str) -> bool:
        return any(_covers(pattern, channel) for pattern in self.channels)

    def take(self) -> list[Json]:
        taken, self.queue = self.queue, []
        return taken

    def number(self, events: list[Json]) -> int:
        """Remember a batch until the client confirms it. Returns its number."""
        self.batch += 1
        if events:
            self.unconfirmed.append((self.batch, events))
        return self.batch

    def confirm(self, batch: int) -> None:
        """What came later than this batch was lost and waits again."""
        lost = [event for number, events in self.unconfirmed if number > batch for event in events]
        self.unconfirmed.clear()
        self.queue[:0] = lost


class Listeners:
    """All Bayeux sessions. `changed` guards them and wakes the polls."""

    def __init__(self, switches: Switches) -> None:
        self.switches = switches
        self.changed = Condition()
        self.closed = False
        self._all: dict[str, Listener] = {}
        self._events = itertools.count(1)

    def open(self, browser: str, login: str, session: str) -> Listener:
        with self.changed:
            self._sweep()
            ident = secrets.token_hex(16)
            self._all[ident] = Listener(ident, browser, login, session, time.monotonic())
            return self._all[ident]

    def find(self, ident: object, browser: str) -> Listener | None:
        with self.changed:
            self._sweep()
            found = self._all.get(ident) if isinstance(ident, str) else None
            return found if found and found.browser == browser else None

    def rival(self, listener: Listener) -> bool:
        """Does another session of the same cookie jar hold a poll?"""
        return any(
            other.held and other.browser == listener.browser
            for other in self._all.values()
            if other is not listener
        )

    def publish(self, login: str, channel: str, data: Json) -> None:
        """Put an event before every session of this agent that hears the channel."""
        with self.changed:
            self._sweep()
            theirs = [each for each in self._all.values() if each.login == login]
            for listener in theirs if self.switches.all_sessions_hear else theirs[-1:]:
                if listener.hears(channel):
                    event = {"channel": channel, "data": data, "id": str(next(self._events))}
                    listener.queue.append(event)
            self.changed.notify_all()

    def flushed(self, login: str, seconds: float) -> bool:
        """Wait until nothing is on its way to a poll of this agent any more."""
        with self.changed:
            return self.changed.wait_for(lambda: self.closed or not self._busy(login), seconds)

    def remove(self, which: Callable[[Listener], bool]) -> None:
        """End the sessions for which `which` is true."""
        with self.changed:
            for listener in [each for each in self._all.values() if which(each)]:
                listener.gone = True
                del self._all[listener.ident]
            self.changed.notify_all()

    def drop_polls(self) -> None:
        """Cut every poll that is held; the sessions stay and lose nothing."""
        with self.changed:
            for listener in self._all.values():
                listener.dropped = listener.held
            self.changed.notify_all()

    def forget_events(self) -> None:
        with self.changed:
            for listener in self._all.values():
                listener.queue.clear()
                listener.unconfirmed.clear()

    def close(self) -> None:
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def all(self) -> list[Listener]:
        with self.changed:
            return list(self._all.values())

    def _busy(self, login: str) -> bool:
        theirs = [each for each in self._all.values() if each.login == login]
        return any(each.writing or (each.held and each.queue) for each in theirs)

    def _sweep(self) -> None:
        oldest = time.monotonic() - self.switches.max_interval_seconds
        for listener in list(self._all.values()):
            if not listener.held and listener.seen < oldest:
                listener.gone = True
                del self._all[listener.ident]


def _covers(pattern: str, channel: str) -> bool:
    """`/a/*` covers the channels of one segment more, `/a/**` all below."""
    if pattern.endswith("/**"):
        return channel.startswith(pattern[:-2])
    if pattern.endswith("/*"):
        return channel.rpartition("/")[0] == pattern[:-2]
    return channel == pattern
