"""Asterisk's manager interface by HTTP: sessions, rights, and the actions of this folder."""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from simulator.asterisk import damage, wire
from simulator.asterisk.actions import Actions
from simulator.asterisk.channels import Channels
from simulator.asterisk.digest import Digest
from simulator.asterisk.events import Events
from simulator.asterisk.lists import Answer, Lists, error, success
from simulator.asterisk.sessions import Session, Sessions
from simulator.asterisk.switches import Switches
from simulator.calls import Call, ExchangeError, State
from simulator.exchange import Exchange
from simulator.face import Face
from simulator.web import Reply, Request

# Which rights of write= each action asks for: one of them is enough, none needs none.
RIGHTS = {
    "status": "system call reporting",
    "parkedcalls": "call",
    "extensionstatelist": "call reporting",
    "extensionstate": "call reporting",
    "devicestatelist": "call reporting",
    "getvar": "call reporting",
    "showdialplan": "config reporting",
    "coresettings": "system reporting",
    "setvar": "call",
    "hangup": "system call",
    "blindtransfer": "call",
    "redirect": "call",
    "bridge": "call",
    "park": "call",
    "originate": "originate",
    "listcommands": "",
    "ping": "",
    "events": "",
    "waitevent": "",
    "logoff": "",
}
_COOKIE = re.compile(r'mansession_id="?([0-9a-f]+)')


class AsteriskFace(Face):
    switches: Switches
    home = "mxml"

    def __init__(
        self, exchange: Exchange, switches: Switches, username: str, password: str
    ) -> None:
        self.exchange, self.switches = exchange, switches
        self._login = (username, password)
        self.channels = Channels(exchange, switches)
        self.lists = Lists(exchange, self.channels, switches)
        self.actions = Actions(exchange, self.channels, self.lists, switches)
        self.sessions, self.events = Sessions(), Events(self.channels)
        self.digest = Digest(self.sessions, username, password)
        self._stopping = threading.Event()
        self._leave = exchange.subscribe(self._told)

    def command(self, request: Request) -> str:
        return request.params.get("action", "")

    def answer(self, request: Request) -> Reply:
        if request.path not in ("/mxml", "/amxml"):
            return _page(404, "Not Found")
        session = self._session(request)
        if isinstance(session, Reply):
            return session
        params = {name.lower(): value for name, value in request.params.items()}
        return self._reply(session, self._do(session, params))

    def refusal(self, request: Request, kind: str) -> Reply:
        """A login that is refused, or a session that is over, as after an edited manager.conf."""
        if request.path == "/amxml":
            forbidden = kind == "forbidden_address"
            return _page(403, "Permission denied") if forbidden else self.digest.asks()
        session = self._session(request)
        if isinstance(session, Reply):
            return session
        told = self.command(request).lower() in ("login", "challenge")
        if kind == "forbidden_address" or told:
            return self._reply(session, error("Authentication failed"))
        return self._reply(session, error("Permission denied"))

    def damaged(self, reply: Reply, kind: str) -> Reply:
        body = reply.body if isinstance(reply.body, bytes) else b""
        return replace(reply, body=damage.DAMAGES[kind](body))

    def clear(self) -> None:
        self.channels.clear()

    def restart(self) -> None:
        """All sessions are over."""
        self.sessions.end_all()
        self.digest.clear()

    def close(self) -> None:
        self._leave()
        self._stopping.set()
        self.sessions.close()

    # ----- inside

    def _session(self, request: Request) -> Session | Reply:
        now, timeout = self.exchange.clock(), self.switches.http_timeout
        if request.path == "/amxml":
            return self.digest.of(request, now, timeout, self.switches.nonce_life)
        heads = {name.lower(): value for name, value in request.headers.items()}
        found = _COOKIE.search(heads.get("cookie", ""))
        return self.sessions.of(found[1] if found else "", now, timeout)

    def _reply(self, session: Session, answer: Answer) -> Reply:
        cookie = f'mansession_id="{session.id}"; Version=1; Max-Age={self.switches.http_timeout:g}'
        body = wire.document(*answer)
        heads = {"Cache-Control": "no-cache, no-store"}
        if session.by_digest:
            return Reply(body, 200, "text/xml", "Asterisk", heads)
        heads |= {"Pragma": "SuppressEvents"}
        return Reply(body, 200, "text/xml", "Asterisk", heads, cookies=[cookie])

    def _do(self, session: Session, params: dict[str, str]) -> Answer:
        name = params.get("action", "").lower()
        if not name:
            return error("Missing action in request")
        if name == "challenge":
            session.challenge = f"{int(session.id, 16) % 10**9}"
            return {"response": "Success", "challenge": session.challenge}, []
        if name == "login":
            return self._log_in(session, params)
        if not session.user:
            return error("Permission denied")
        if name not in RIGHTS:
            words = "Use Action: ListCommands to show available commands."
            return error(f"Invalid/unknown command: {params['action']}. {words}")
        if not self._may(name):
            return error("Permission denied")
        if name == "waitevent":
            return self._wait(session, float(params.get("timeout") or 0))
        return self._run(session, name, params)

    def _run(self, session: Session, name: str, params: dict[str, str]) -> Answer:
        lists, actions = self.lists, self.actions
        run: dict[str, Callable[[dict[str, str]], Answer]] = {
            "status": lists.status,
            "parkedcalls": lists.parked_calls,
            "extensionstatelist": lists.extension_state_list,
            "extensionstate": lists.extension_state,
            "devicestatelist": lists.device_state_list,
            "getvar": lists.getvar,
            "showdialplan": lists.show_dial_plan,
            "setvar": actions.setvar,
            "hangup": actions.hangup,
            "blindtransfer": actions.blind_transfer,
            "redirect": actions.redirect,
            "bridge": actions.bridge,
            "park": actions.park,
            "originate": self._originate,
            "events": lambda _: ({"response": "Success", "events": "On"}, []),
            "ping": lambda _: ({"response": "Success", "ping": "Pong"}, []),
            "listcommands": lambda _: self._commands(),
            "coresettings": lambda _: self._settings(),
            "logoff": lambda _: self._log_off(session),
        }
        if name == "parkedcalls" and not self.switches.parking:
            return error("Invalid/unknown command: ParkedCalls. Use Action: ListCommands.")
        with self.exchange.lock:  # what is looked at still holds when it is done
            self.exchange.tick()
            try:
                return run[name](params)
            except ExchangeError as failure:
                return error(str(failure))

    def _log_in(self, session: Session, params: dict[str, str]) -> Answer:
        username, password = self._login
        wanted = password
        if params.get("authtype", "").upper() == "MD5":
            wanted = hashlib.md5(  # the protocol's own
                (session.challenge + password).encode(), usedforsecurity=False
            ).hexdigest()
        given = params.get("key") or params.get("secret", "")
        right = f"{params.get('username', '')}\n{given}".encode()
        if not hmac.compare_digest(right, f"{username}\n{wanted}".encode()):
            self._stopping.wait(self.switches.auth_delay)
            return error("Authentication failed")
        session.user = username
        return success("Authentication accepted")

    def _log_off(self, session: Session) -> Answer:
        self.sessions.end(session)
        return {"response": "Goodbye", "message": "Thanks for all the fish."}, []

    def _may(self, name: str) -> bool:
        wanted = set(RIGHTS[name].split())
        return not wanted or bool(wanted & set(self.switches.rights.split(",")))

    def _commands(self) -> Answer:
        """Those that this login may use, and whose module is loaded."""
        there = [n for n in RIGHTS if self.switches.parking or n not in ("park", "parkedcalls")]
        return {"response": "Success", **{name: "…" for name in there if self._may(name)}}, []

    def _originate(self, params: dict[str, str]) -> Answer:
        """By a technology that is not there: queued too, and then an event says that it failed."""
        channel = params.get("channel", "")
        if channel.startswith("PJSIP/"):
            return self.actions.originate(params)
        self.sessions.tell(
            {"event": "OriginateResponse", "privilege": "call,all", "response": "Failure"}
            | {"channel": channel, "reason": 0, "uniqueid": "<unknown>"}
        )
        return success("Originate successfully queued")

    def _settings(self) -> Answer:
        return {
            "response": "Success",
            "amiversion": "11.0.0",
            "asteriskversion": self.switches.asterisk_version,
        }, []

    def _wait(self, session: Session, seconds: float) -> Answer:
        events = self.sessions.wait(session, seconds) if self.switches.reads else []
        if not self.switches.reads:
            self._stopping.wait(seconds)
        head, _ = success("Waiting for Event completed.")
        return head, [*events, {"event": "WaitEventComplete"}]

    def _told(self, call: Call) -> None:
        if call.state is State.SETUP:
            self.channels.dials(call)
        for event in self.events.of(call):
            self.sessions.tell(event)


def _page(status: int, words: str) -> Reply:
    page = f"<html><body><h1>{words}</h1></body></html>".encode()
    return Reply(page, status, "text/html", "Asterisk")


def build(exchange: Exchange, username: str, password: str) -> AsteriskFace:
    if not username:
        raise ValueError("asterisk always asks for a login: give it username and password")
    rules: dict[str, Any] = asdict(exchange.rules) | {"call_id": "kept"}
    return AsteriskFace(exchange, Switches(**rules), username, password)
