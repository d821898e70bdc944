"""HTTP sessions: who is logged in, by which cookie, with which CSRF token."""

from __future__ import annotations

import base64
import binascii
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from threading import Lock

from simulator.exchange import Exchange
from simulator.genesys.agents import Agent, Agents
from simulator.genesys.switches import Switches
from simulator.web import Request

COOKIE, STICKY = "JSESSIONID", "AWSELB"


@dataclass
class Session:
    agent: Agent
    seen: float
    ident: str = field(default_factory=lambda: secrets.token_hex(12))
    token: str = field(default_factory=lambda: str(uuid.uuid4()))


class Sessions:
    """All HTTP sessions."""

    def __init__(self, exchange: Exchange, agents: Agents, switches: Switches) -> None:
        self.exchange = exchange
        self.agents = agents
        self.switches = switches
        self._sessions: dict[str, Session] = {}
        self._lock = Lock()

    def enter(self, request: Request) -> tuple[Session | None, bool]:
        """The session of a request, and whether it has just been made."""
        cookies = cookies_of(request.headers)
        found = self._found(cookies)
        given = _basic(request.headers)
        if given is None:
            return found, False
        agent = self.agents.admitted(*given)
        if agent is None:
            return None, False
        if found and found.agent is agent:
            return found, False
        made = Session(agent, self.exchange.clock())
        with self._lock:
            self._sessions[made.ident] = made
        return made, True

    def _found(self, cookies: Mapping[str, str]) -> Session | None:
        if self.switches.sticky and STICKY not in cookies:
            return None  # the balancer chose another node
        now = self.exchange.clock()
        with self._lock:
            found = self._sessions.get(cookies.get(COOKIE, ""))
            if found and now - found.seen > self.switches.session_seconds:
                del self._sessions[found.ident]
                return None
            return found

    def touch(self, session: Session) -> None:
        session.seen = self.exchange.clock()

    def end(self, ident: str) -> None:
        with self._lock:
            self._sessions.pop(ident, None)

    def forget(self) -> None:
        with self._lock:
            self._sessions.clear()

    def rotate(self) -> None:
        """Give every session another token."""
        with self._lock:
            for session in self._sessions.values():
                session.token = str(uuid.uuid4())

    def cookies(self, session: Session) -> tuple[str, ...]:
        """What a new session sets."""
        own = f"{COOKIE}={session.ident}; Path=/; HttpOnly"
        return (own, f"{STICKY}={session.ident[:8]}; Path=/") if self.switches.sticky else (own,)


def cookies_of(headers: Mapping[str, str]) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header(headers, "Cookie"))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def _basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Login and password, or None when none are given."""
    scheme, _, coded = header(headers, "Authorization").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        login, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return login, password
