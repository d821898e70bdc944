"""One manager session over HTTP, shared by all processes through the driver's memory.

The PBX answers `Permission denied` both to a session that is over and to a login without the
right. So whoever is denied logs in anew and asks once more; denied again, it is the right. That
is harmless for commands too: the check comes before anything is done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from transfers.drivers.asterisk import wire
from transfers.drivers.asterisk.wire import Answer, Denied, Params
from transfers.drivers.base import Memory
from transfers.errors import BadReply, NotSupported, OutcomeUnknown
from transfers.http import Door, Reply

Sender = Callable[[Params], Answer]

NAME = "session"  # in the driver's memory
# Seconds. The PBX ends a session after http.conf's httptimeout, or when it restarts. It keeps every
# event for a session that does not ask for them, so none of ours is kept for long.
KEPT = 300.0


class Session:
    """Requests of one login. `events`: what its WaitEvent should hear of."""

    def __init__(
        self, door: Door, memory: Memory, url: str, username: str, secret: str, events: str = "off"
    ) -> None:
        self.url = wire.mxml_url(url)
        self._door, self._memory, self._events = door, memory, events
        self._username, self._secret = username, secret
        owner = "\0".join((self.url, username, secret))
        self._owner = hashlib.sha256(owner.encode()).hexdigest()
        self._cookie = ""
        self.date = ""  # of the last answer
        self.logins = 0

    def __repr__(self) -> str:
        return "<Session>"

    def ask(self, name: str, **fields: str) -> Answer:
        """A read. Raises Unreachable, BadReply, Refused, AuthFailed."""
        return self._twice(wire.action(name, **fields), self.read)

    def command(self, name: str, **fields: str) -> Answer:
        """Sent once, but for a denied session. Raises Unreachable, OutcomeUnknown, Refused."""
        try:
            params = wire.action(name, **fields)
        except ValueError:
            params = {}
        if not params or not all(params.values()):
            raise NotSupported("A command without a call or a number is not sent.")
        return self._twice(params, self._command)

    def poll(self, seconds: float, name: str, **fields: str) -> Answer:
        """A read that the PBX holds for long."""

        def send(params: Params) -> Answer:
            headers = wire.cookie_header(self._cookie)
            return self._understand(
                self._door.poll("POST", self.url, seconds=seconds, form=params, headers=headers)
            )

        return self._twice(wire.action(name, **fields), send)

    def read(self, params: Params) -> Answer:
        return self._understand(self.send_read(params))

    def send_read(self, params: Params) -> Reply:
        headers = wire.cookie_header(self._cookie)
        return self._door.read("POST", self.url, form=params, headers=headers)

    def login(self) -> None:
        """A new session: Challenge gives its cookie, Login proves that we know the secret."""
        self.forget()
        self.logins += 1
        reply = self.send_read(wire.action("Challenge", AuthType="MD5"))
        challenge = self._understand(reply).head.get("challenge", "")
        self._cookie = wire.cookie_of(reply)
        if not challenge or not self._cookie:
            raise BadReply("The PBX gives no challenge to log in with.")
        self.read(wire.login(self._username, self._secret, challenge, self._events))
        state = {"owner": self._owner, "cookie": self._cookie}
        self._memory.put(NAME, json.dumps(state), KEPT)

    def forget(self) -> None:
        self._cookie = ""
        self._memory.forget(NAME)

    # ----- inside

    def _twice(self, params: Params, send: Sender) -> Answer:
        fresh = not self._open()
        if fresh:
            self.login()
        try:
            return send(params)
        except Denied:
            if fresh:
                raise
        self.login()
        return send(params)

    def _open(self) -> bool:
        if not self._cookie:
            try:
                state = json.loads(self._memory.get(NAME) or "{}")
                self._cookie = state["cookie"] if state.get("owner") == self._owner else ""
            except (ValueError, KeyError, AttributeError):
                self._cookie = ""  # of another version; a login is all it costs
        return bool(self._cookie)

    def _command(self, params: Params) -> Answer:
        headers = wire.cookie_header(self._cookie)
        reply = self._door.command("POST", self.url, form=params, headers=headers)
        try:
            return self._understand(reply)
        except BadReply as error:
            why = error.safe_text
        raise OutcomeUnknown(f"The command was sent, but: {why}")

    def _understand(self, reply: Reply) -> Answer:
        self.date = reply.headers.get("date", "")
        answer = wire.read_answer(reply, (self._secret,))
        answer.must_be_ok()
        return answer
