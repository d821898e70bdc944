"""The way to the API: one request with a bearer token, and what its answer means."""

from __future__ import annotations

from typing import Protocol, Unpack

from transfers.drivers import words
from transfers.drivers.base import Config, Memory
from transfers.drivers.voipnow.answers import (
    Answer,
    denied,
    denied_by_the_api,
    must_be_calls,
    understand,
)
from transfers.drivers.voipnow.token import Tokens
from transfers.drivers.voipnow.wire import Request, root_of
from transfers.errors import AuthFailed, BadReply, DriverError, OutcomeUnknown
from transfers.http import Door, Parts, Reply


class Way(Protocol):
    """The door's `read` or its `command`."""

    def __call__(self, method: str, url: str, **parts: Unpack[Parts]) -> Reply: ...


class Line:
    def __init__(self, config: Config, door: Door, memory: Memory) -> None:
        self._config = config
        self._door = door
        self.root = root_of(config.url)
        secret = config.secrets.get("password", "")
        self.tokens = Tokens(door, memory, self.root, config.username, secret)

    def __repr__(self) -> str:
        return "<Line>"

    def ask(self, request: Request) -> Answer:
        """Send one read. A token that is turned away is renewed, once.

        Raises Unreachable, BadReply, Refused, AuthFailed.
        """
        token = self.tokens.bearer()
        reply = self._send(self._door.read, request, token)
        if denied(reply):
            token = self.tokens.renewed(token)
            reply = self._send(self._door.read, request, token)
        return understand(reply, self._hidden(token))

    def command(self, request: Request) -> Answer:
        """Send one command, once: an answer of "yes" is accepted, not done.

        The one exception: the API itself turns the token away, which is checked before anything
        is done (HTTP 401 and 403 say so too). Then, and only then, it goes once more with another
        token. A page of a proxy with these codes is no such word of the API.

        Raises Unreachable, OutcomeUnknown, Refused, CallGone, AuthFailed.
        """
        token = self._token_for_command()
        reply = self._send(self._door.command, request, token)
        if denied_by_the_api(reply):
            token = self._token_after(token)
            reply = self._send(self._door.command, request, token) if token else reply
        try:
            answer = understand(reply, self._hidden(token))
            must_be_calls(answer)
            return answer
        except BadReply as error:
            why, code, text = error.safe_text, error.vendor_code, error.vendor_text
        raise OutcomeUnknown(words.sent_but(why), vendor_code=code, vendor_text=text)

    def _token_for_command(self) -> str:
        """Without a token nothing is sent, and the error says so."""
        try:
            return self.tokens.bearer()
        except DriverError as error:
            error.sent = False
            raise

    def _token_after(self, refused: str) -> str:
        """Another token, or "" when there is none to be had: then the refusal stands."""
        try:
            return self.tokens.renewed(refused)
        except AuthFailed:
            raise
        except DriverError:
            return ""

    def _send(self, way: Way, request: Request, token: str) -> Reply:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        parts: Parts = {"params": request.params, "headers": headers}
        if request.body is not None:
            parts["json"] = request.body
        return way(request.method, request.url(self.root), **parts)

    def _hidden(self, token: str) -> tuple[str, ...]:
        return (token, *self._config.secrets.values())
