"""The Web Services API over an exchange: who asks, what for, what is answered and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import unquote

from simulator.exchange import Exchange
from simulator.face import Face
from simulator.faults import CODED, JSON_KINDS
from simulator.genesys import damage, reading
from simulator.genesys.agents import Agents
from simulator.genesys.bayeux import COOKIE as BROWSER
from simulator.genesys.bayeux import TYPE, Bayeux, Visitor
from simulator.genesys.errors import CHANGE_PASSWORD, NOT_AUTHENTICATED, ApiError
from simulator.genesys.legs import Legs
from simulator.genesys.listeners import Listeners
from simulator.genesys.notify import CALLS, Notifier
from simulator.genesys.resources import Json, Resources
from simulator.genesys.sessions import Session, Sessions, cookies_of, header
from simulator.genesys.switches import Switches
from simulator.genesys.visit import Office, Visit, read_object
from simulator.web import Reply, Request

CSRF_HEADER = "X-CSRF-TOKEN"
NOTIFICATIONS = "/notifications"
_REFUSALS = {"auth_required": 20, "wrong_login": 20, "forbidden_user": 5, "forbidden_address": 3}
_WRITES = ("POST", "PUT", "DELETE")
_A_MOMENT = 2.0  # for events that must be out before the reply


class GenesysFace(Face):
    """One contact center. Its agents log in by Basic and each sees her own calls only."""

    home = "api/v2"
    faults = (*JSON_KINDS, *CODED, "bad_code")

    def __init__(
        self, exchange: Exchange, switches: Switches, logins: Mapping[str, tuple[str, str]]
    ) -> None:
        self.exchange = exchange
        self.switches: Switches = switches
        self.agents = Agents(exchange, logins)
        self.legs = Legs(exchange, self.agents, switches)
        self.resources = Resources(exchange, self.legs, switches)
        self.listeners = Listeners(switches)
        self.notifier = Notifier(self.resources, switches, self.listeners.publish)
        self.legs.listener = self.notifier.leg
        self.bayeux = Bayeux(switches, self.listeners, exchange.tick)
        self.sessions = Sessions(exchange, self.agents, switches)
        self.office = Office(
            exchange,
            switches,
            self.agents,
            self.legs,
            self.resources,
            self.notifier,
            self.end_session,
        )

    # ----- what the server asks

    def command(self, request: Request) -> str:
        """The operation, the Bayeux channel, or the address as the pages write it."""
        place = self._place(request)
        if place is None:
            return ""
        if _is_bayeux(place):
            return _channel(request.body)
        if request.method == "POST":
            return str((read_object(request.body) or {}).get("operationName", ""))
        return reading.name(request.method, place)

    def answer(self, request: Request) -> Reply | None:
        self.resources.url = f"http://{header(request.headers, 'Host')}/{self.home}"
        place = self._place(request)
        if place is None:
            return Reply(b"<html><body><h1>Not Found</h1></body></html>", 404)
        if (request.method, place) == ("GET", "/diagnostics/version"):
            return self._json({"statusCode": 0, "version": self.switches.version})
        session, made = self.sessions.enter(request)
        if _is_bayeux(place):
            reply = self._notifications(request, session)
        else:
            reply = self._rest(request, place, session)
        return self._with_session(request, reply, session, made) if reply else None

    def refusal(self, request: Request, kind: str) -> Reply:
        code = 4 if kind == "internal_error" else _REFUSALS.get(kind, 0)
        return self._refused(ApiError(code or int(kind.rpartition("_")[2])))

    def damaged(self, reply: Reply, kind: str) -> Reply:
        body = reply.body if isinstance(reply.body, bytes) else b""
        return replace(reply, body=damage.DAMAGES[kind](body))

    def verbs(self) -> Mapping[str, Callable[[], object]]:
        return {
            "forget_sessions": self.forget_sessions,
            "expire_polls": self.expire_polls,
            "drop_polls": self.listeners.drop_polls,
            "rotate_csrf": self.sessions.rotate,
            "stray_event": self.stray_event,
        }

    def tell(self) -> dict[str, Any]:
        return {
            "agents": [
                {"login": agent.login, "number": agent.number, "state": agent.state}
                for agent in self.agents.all()
            ],
            "listeners": [
                {"login": each.login, "channels": sorted(each.channels), "polls": each.held}
                for each in self.listeners.all()
            ],
        }

    def clear(self) -> None:
        with self.exchange.lock:
            self.legs.clear()
        self.listeners.forget_events()

    def close(self) -> None:
        self.listeners.close()

    # ----- what tests do to it

    def forget_sessions(self) -> None:
        """What a restart does: every login and every Bayeux session is gone."""
        self.sessions.forget()
        self.expire_polls()

    def expire_polls(self) -> None:
        """Every Bayeux session is gone; the logins stay."""
        self.listeners.remove(lambda _: True)

    def stray_event(self) -> None:
        """Every agent hears of a call that nobody has."""
        call = {"id": "STRAY", "state": "Released", "callUuid": "STRAY", "capabilities": []}
        for agent in self.agents.all():
            data = {"notificationType": "StatusChange", "call": call, "phoneNumber": agent.number}
            self.notifier.send(agent, CALLS, data | {"messageType": "CallStateChangeMessage"})

    def end_session(self, ident: str) -> None:
        self.sessions.end(ident)
        self.listeners.remove(lambda each: each.session == ident)

    # ----- inside

    def _place(self, request: Request) -> str | None:
        """The path below the base, or None when it is outside."""
        base = f"/{self.home}"
        if not request.path.startswith(f"{base}/"):
            return None
        return unquote(request.path[len(base) :]).rstrip("/")

    def _notifications(self, request: Request, session: Session | None) -> Reply | None:
        if session is None and self.switches.stranger == "http":
            return self._refused(ApiError(NOT_AUTHENTICATED))
        strict = self.switches.csrf == self.switches.csrf_notifications == "strict"
        if session and strict and not self._has_token(request, session):
            return _no_token()
        browser = cookies_of(request.headers).get(BROWSER, "")
        if session and self.switches.polls_keep_session:
            self.sessions.touch(session)
        who = (session.agent.login, session.ident) if session else ("", "")
        return self.bayeux.answer(request, Visitor(*who, browser))

    def _rest(self, request: Request, place: str, session: Session | None) -> Reply:
        if session is None:
            return self._refused(ApiError(NOT_AUTHENTICATED))
        self.sessions.touch(session)
        strict = self.switches.csrf == "strict" and request.method in _WRITES
        if strict and not self._has_token(request, session):
            return _no_token()
        visit = Visit(self.office, session.agent, session.ident, request.query, request.body)
        if request.method not in _WRITES:
            return self._run(visit, request.method, place)
        return self._written(visit, request.method, place)

    def _written(self, visit: Visit, method: str, place: str) -> Reply:
        """A write, with the events it causes before or after its reply."""
        self.notifier.hold_back(visit.agent)
        try:
            reply = self._run(visit, method, place)
        except BaseException:
            self.notifier.let_go(visit.agent)
            raise
        if not self.notifier.before_reply():
            return replace(reply, then=lambda: self.notifier.let_go(visit.agent))
        self.notifier.let_go(visit.agent)
        self.listeners.flushed(visit.agent.login, _A_MOMENT)
        return reply

    def _run(self, visit: Visit, method: str, place: str) -> Reply:
        try:
            if self.switches.password_change:
                raise ApiError(CHANGE_PASSWORD)
            with self.exchange.lock:  # what is checked still holds when it is done
                self.exchange.tick()
                return self._json(reading.route(visit, method, place))
        except ApiError as error:
            return self._refused(error)

    def _has_token(self, request: Request, session: Session) -> bool:
        return header(request.headers, CSRF_HEADER) == session.token

    def _with_session(
        self, request: Request, reply: Reply, session: Session | None, made: bool
    ) -> Reply:
        if session is None:
            return reply
        headers = dict(reply.headers)
        if request.method == "GET" and self.switches.csrf == "strict":
            headers |= {"X-CSRF-HEADER": CSRF_HEADER, CSRF_HEADER: session.token}
        cookies = (*self.sessions.cookies(session), *reply.cookies) if made else reply.cookies
        return replace(reply, headers=headers, cookies=cookies)

    def _json(self, told: Json, status: int = 200) -> Reply:
        return Reply(json.dumps(told, ensure_ascii=False).encode(), status, TYPE)

    def _refused(self, error: ApiError) -> Reply:
        status = error.status
        if error.code == NOT_AUTHENTICATED:
            status = int(self.switches.unauthenticated_status)
        elif self.switches.error_status != "mapped":
            status = int(self.switches.error_status)
        return self._json({"statusCode": error.code, "statusMessage": error.message}, status)


def _no_token() -> Reply:
    return Reply(b"Missing or invalid Csrf token", 403, "text/plain")


def _is_bayeux(place: str) -> bool:
    return place == NOTIFICATIONS or place.startswith(f"{NOTIFICATIONS}/")


def _channel(body: bytes) -> str:
    """The channel of the first Bayeux message."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    first = read[0] if isinstance(read, list) and read else read
    return str(first.get("channel", "")) if isinstance(first, dict) else ""


def build(
    exchange: Exchange,
    username: str,
    password: str,
    agents: Mapping[str, tuple[str, str]] | None = None,
) -> GenesysFace:
    """With a username alone there is one agent, at the first phone of the exchange."""
    logins = dict(agents or {})
    if not logins:
        if not username:
            raise ValueError("genesys asks for a login: give it username and password, or agents")
        phones = [phone.number for phone in exchange.extensions() if phone.kind == "phone"]
        if not phones:
            raise ValueError("genesys puts its agent at the first phone: add one to the exchange")
        logins = {username: (password, phones[0])}
    rules = asdict(exchange.rules) | {"call_id": "kept"}
    return GenesysFace(exchange, Switches(**rules), logins)
