"""Manager sessions over HTTP: what they share, and the one that logs in once and has a cookie.

The PBX answers `Permission denied` both to a session that is over and to a login without the
right. So whoever is denied logs in anew and asks once more; denied again, it is the right. That
is harmless for commands too: the check comes before anything is done.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from transfers.drivers import words
from transfers.drivers.asterisk import wire
from transfers.drivers.asterisk.wire import Answer, Denied, Params
from transfers.drivers.base import Memory
from transfers.errors import BadReply, NotSupported, OutcomeUnknown
from transfers.http import Door, Reply
from transfers.sentences import say

Way = Callable[..., Reply]  # through the door: read, poll or command

NAME = "session"  # in the driver's memory
# Seconds. The PBX ends a session after http.conf's httptimeout, or when it restarts. It keeps every
# event for a session that does not ask for them, so none of ours is kept for long.
KEPT = 300.0


class Session(ABC):
    """Requests of one login. `events`: what its WaitEvent should hear of."""

    page: ClassVar[str]

    def __init__(
        self, door: Door, memory: Memory, url: str, username: str, secret: str, events: str = "off"
    ) -> None:
        self.url = wire.page_url(url, self.page)
        self._door, self._memory, self._events = door, memory, events
        self._username, self._secret = username, secret
        owner = "\0".join((self.url, username, secret))
        self._owner = hashlib.sha256(owner.encode()).hexdigest()
        self.date = ""  # of the last answer
        self.logins = 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def ask(self, name: str, **fields: str) -> Answer:
        """A read. Raises Unreachable, BadReply, Refused, AuthFailed."""
        return self._read(wire.action(name, **fields), self._door.read)

    def poll(self, seconds: float, name: str, **fields: str) -> Answer:
        """A read that the PBX holds for long."""
        return self._read(wire.action(name, **fields), partial(self._door.poll, seconds=seconds))

    def command(self, name: str, **fields: str) -> Answer:
        """Carried out once. Raises Unreachable, OutcomeUnknown, Refused."""
        try:
            params = wire.action(name, **fields)
        except ValueError:
            params = {}
        if not params or not all(params.values()):
            raise NotSupported(words.NOTHING_NAMED)
        return self._command(params)

    @abstractmethod
    def login(self) -> None:
        """Begin anew."""

    # ----- inside

    @abstractmethod
    def _read(self, params: Params, way: Way) -> Answer: ...

    @abstractmethod
    def _command(self, params: Params) -> Answer: ...

    def _kept(self) -> str:
        """What was kept for this login, by us or by another process."""
        try:
            state = json.loads(self._memory.get(NAME) or "{}")
            return str(state["kept"]) if state.get("owner") == self._owner else ""
        except (ValueError, KeyError, AttributeError):
            return ""  # of another version; a login is all it costs

    def _keep(self, kept: str, seconds: float) -> None:
        state = {"owner": self._owner, "kept": kept}
        self._memory.put(NAME, json.dumps(state), seconds)

    def _done(self, reply: Reply) -> Answer:
        """The answer to a command."""
        try:
            return self._understand(reply)
        except BadReply as error:
            why = error.safe_text
        raise OutcomeUnknown(words.sent_but(why))

    def _understand(self, reply: Reply) -> Answer:
        self.date = reply.headers.get("date", "")
        answer = wire.read_answer(reply, (self._secret,))
        answer.must_be_ok()
        return answer


class CookieSession(Session):
    """`/mxml`: one login, shared by all processes through the driver's memory."""

    page = "mxml"
    _cookie = ""

    def login(self) -> None:
        """A new session: Challenge gives its cookie, Login proves that we know the secret."""
        self._cookie = ""
        self._memory.forget(NAME)
        self.logins += 1
        reply = self._post(self._door.read, wire.action("Challenge", AuthType="MD5"))
        challenge = self._understand(reply).head.get("challenge", "")
        self._cookie = wire.cookie_of(reply)
        if not challenge or not self._cookie:
            raise BadReply(say("The PBX gives no challenge to log in with."))
        login = wire.login(self._username, self._secret, challenge, self._events)
        self._understand(self._post(self._door.read, login))
        self._keep(self._cookie, KEPT)

    def _read(self, params: Params, way: Way) -> Answer:
        return self._twice(lambda: self._understand(self._post(way, params)))

    def _command(self, params: Params) -> Answer:
        """Sent once, but for a denied session."""
        return self._twice(lambda: self._done(self._post(self._door.command, params)))

    def _twice(self, send: Callable[[], Answer]) -> Answer:
        self._cookie = self._cookie or self._kept()
        fresh = not self._cookie
        if fresh:
            self.login()
        try:
            return send()
        except Denied:
            if fresh:
                raise
        self.login()
        return send()

    def _post(self, way: Way, params: Params) -> Reply:
        return way("POST", self.url, form=params, headers=wire.cookie_header(self._cookie))
