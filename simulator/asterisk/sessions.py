"""Manager sessions: a cookie, a login, and the events that wait to be asked for."""

from __future__ import annotations

import itertools
import random
import threading
from collections import deque
from dataclasses import dataclass, field

from simulator.asterisk.wire import Fields

MOST_EVENTS = 1000


@dataclass
class Session:
    id: str
    used_at: float
    user: str = ""
    challenge: str = ""
    by_digest: bool = False
    events: deque[Fields] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))


class Sessions:
    def __init__(self) -> None:
        self._all: dict[str, Session] = {}
        self._ids = random.Random(7)
        self._serial = itertools.count(1)
        self.news = threading.Condition()
        self.closed = False

    def of(self, cookie: str, now: float, timeout: float) -> Session:
        """The cookie's session, or a new one that nobody has logged in to."""
        with self.news:
            for each in [s for s in self._all.values() if s.used_at + timeout < now]:
                del self._all[each.id]
            session = self._all.get(cookie)
            if session is None:
                session = Session(f"{self._ids.getrandbits(32):08x}", now)
                self._all[session.id] = session
            session.used_at = now
            return session

    def end(self, session: Session) -> None:
        with self.news:
            self._all.pop(session.id, None)

    def end_all(self) -> None:
        """The PBX was started anew."""
        with self.news:
            self._all.clear()

    def tell(self, event: Fields) -> None:
        with self.news:
            for session in self._all.values():
                if session.user:
                    session.events.append(event)
            self.news.notify_all()

    def wait(self, session: Session, seconds: float) -> list[Fields]:
        with self.news:
            self.news.wait_for(lambda: session.events or self.closed, seconds)
            events = list(session.events)
            session.events.clear()
            return events

    def close(self) -> None:
        with self.news:
            self.closed = True
            self.news.notify_all()
