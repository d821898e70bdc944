"""Notifications: what the PBX tells a web application, and the OzML it is answered with.

RoutingInterception asks where a new call goes, before its phone rings; CallChanged tells every
new state. Both are posted as the vendor's sample prints them, from a thread of their own.
"""

from __future__ import annotations

import http.client
import socket
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition, Thread
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from simulator.calls import Call, Ending, ExchangeError, State
from simulator.exchange import Exchange
from simulator.ozeki import wire
from simulator.ozeki.commands import COMMANDS, ApiError, Asked, NoEffect
from simulator.ozeki.switches import Switches

ROUTING, CHANGED = "RoutingInterception", "CallChanged"
MOST_WAITING = 10_000
MOST_REMEMBERED = 1_000
_TOLD = frozenset({State.RINGING, State.ANSWERED, State.TALKING, State.HELD, State.ENDED})
_NOT_TAKEN = {Ending.NO_ANSWER: "NoAnswer", Ending.BUSY: "Busy", Ending.ERROR: "NotFound"}
# Allowed in the answer to CallChanged (p_4697), and which parameter may be the element's text.
_COMMANDS = {
    "attendedtransfer": "",
    "blindtransfer": "target",
    "forward": "destination",
    "forwardcall": "destination",
    "hangup": "",
    "hold": "",
    "play": "audiofile",
    "record": "",
    "senddtmf": "keys",
    "speak": "text",
    "unhold": "",
}


@dataclass(frozen=True)
class Delivery:
    """One notification and what came of it. `status` None: nobody answered in time."""

    name: str
    url: str
    fields: Mapping[str, str]
    status: int | None = None
    answer: bytes = b""
    done: tuple[str, ...] = ()  # the commands of the answer: "Route 102", "Hold: 303", …
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class _Letter:
    name: str
    url: str
    call_id: str
    fields: Mapping[str, str]
    asks: bool = False  # the call waits to be told where it goes


class Notifier:
    """Watches an exchange and tells the addresses in its switches. The thread starts when needed.

    `deliveries` are the newest ones; `settled()` waits until all are out.
    """

    def __init__(self, exchange: Exchange, generation: int, switches: Switches) -> None:
        self.exchange = exchange
        self.generation = generation
        self.switches = switches
        self.delivered = self.failed = 0
        self.deliveries: deque[Delivery] = deque(maxlen=MOST_REMEMBERED)
        self._asked: set[str] = set()
        self._bag: deque[_Letter] = deque()
        self._change = Condition()
        self._carrying = self._closed = False
        self._thread: Thread | None = None
        self._leave = exchange.subscribe(self._observe)
        exchange.routing_seconds = self._routing_seconds

    def settled(self, seconds: float = 30.0) -> bool:
        """Wait until every notification is answered; False if that takes too long."""
        with self._change:
            return self._change.wait_for(lambda: not self._bag and not self._carrying, seconds)

    def clear(self) -> None:
        with self._change:
            self._bag.clear()
            self._asked.clear()
            self.deliveries.clear()
            self.delivered = self.failed = 0

    def close(self) -> None:
        self._leave()
        with self._change:
            self._closed = True
            self._bag.clear()
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join(self.switches.notify_timeout_seconds + 1)

    # ----- what is told; the exchange is locked

    def _routing_seconds(self) -> float:
        return self.switches.notify_timeout_seconds if self.switches.route_url else 0.0

    def _observe(self, call: Call) -> None:
        switches = self.switches
        if switches.route_url:
            self._ask(call, switches.route_url)
        if switches.call_changed_url and call.state in _TOLD:
            fields = _changed(call, self.generation, self.exchange.clock(), switches)
            self._post(_Letter(CHANGED, switches.call_changed_url, call.id, fields))

    def _ask(self, call: Call, url: str) -> None:
        """Once as the call begins, and once more when its phone did not take it."""
        if call.state is State.SETUP and call.id not in self._asked:
            self._asked.add(call.id)
            self._post(_Letter(ROUTING, url, call.id, _routing(call, "Calling"), asks=True))
        elif call.ending:
            self._asked.discard(call.id)
            if call.ending in _NOT_TAKEN and call.answered_at is None:
                fields = _routing(call, _NOT_TAKEN[call.ending])
                self._post(_Letter(ROUTING, url, call.id, fields))

    def _post(self, letter: _Letter) -> None:
        with self._change:
            if self._closed or len(self._bag) >= MOST_WAITING:
                return
            self._bag.append(letter)
            self._change.notify_all()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="notifier", daemon=True)
                self._thread.start()

    # ----- carrying it

    def _run(self) -> None:
        while letter := self._take():
            delivery = self._carry(letter)
            with self._change:
                self.deliveries.append(delivery)
                good = delivery.status is not None and delivery.status < 400
                self.delivered += good
                self.failed += not good
                self._carrying = False
                self._change.notify_all()

    def _take(self) -> _Letter | None:
        with self._change:
            self._change.wait_for(lambda: self._bag or self._closed)
            letter = self._bag.popleft() if self._bag else None
            self._carrying = letter is not None
            return letter

    def _carry(self, letter: _Letter) -> Delivery:
        status, answer, error, started = None, b"", "", time.monotonic()
        try:
            status, answer = _send(letter, self.switches.notify_timeout_seconds)
        except (OSError, http.client.HTTPException, ValueError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        seconds = time.monotonic() - started
        done = self._obey(letter, answer if status == http.client.OK else b"")
        return Delivery(
            letter.name, letter.url, letter.fields, status, answer, tuple(done), error, seconds
        )

    # ----- obeying the answer

    def _obey(self, letter: _Letter, answer: bytes) -> list[str]:
        commands: list[ElementTree.Element] = []
        with suppress(ElementTree.ParseError):  # also what is no OzML at all
            commands = list(ElementTree.fromstring(answer))  # noqa: S314  (the tests' own)
        done: list[str] = []
        with self.exchange.lock:
            for element in commands:
                name = element.tag.lower()
                params = {key.lower(): value for key, value in element.attrib.items()}
                if name == "route":
                    done.append(self._route(letter, params.get("destination")))
                elif letter.name == CHANGED:
                    params.setdefault("callid", letter.call_id)
                    params.setdefault(_COMMANDS.get(name, ""), element.text or "")
                    done.append(self._command(name, params))
            if letter.asks and not done:
                self._route(letter, None)
        return done

    def _route(self, letter: _Letter, destination: str | None) -> str:
        """None: as it was dialled."""
        try:
            self.exchange.route(letter.call_id, destination)
        except ExchangeError as error:  # gone meanwhile, or answered
            return f"Route: {error}"
        return f"Route {destination}"

    def _command(self, name: str, params: dict[str, str]) -> str:
        known = COMMANDS[self.generation].get(name)
        if known is None or name not in _COMMANDS:
            return f"{name}: 301"
        try:
            asked = Asked(known.name, params, self.exchange, self.switches, self.generation)
            known.run(asked)
        except ApiError as error:
            return f"{known.name}: {error.code}"
        except NoEffect:
            return f"{known.name}: 200"
        return f"{known.name} {params.get('destination', '')}".strip()


def _routing(call: Call, state: str) -> dict[str, str]:
    """The seven fields of p_4201, in its order and spelling."""
    return {
        "NotificationName": ROUTING,
        "CallerID": call.caller_name or call.caller,
        "OriginalDialedNumber": call.dialed,
        "LastDialedNumber": call.callee,
        "LastCalledExtension": call.callee,
        "LastCallState": state,
        "CallerExtension": call.caller,
    }


def _changed(call: Call, generation: int, now: float, switches: Switches) -> dict[str, str]:
    """The pages do not list these: as in the list of calls."""
    lines = wire.call_item(call, generation, now, switches)
    item = ElementTree.fromstring("".join(lines))  # noqa: S314  (our own)
    fields = {field.tag: field.text or "" for field in item}
    return {"NotificationName": CHANGED} | fields


def message(url: str, fields: Mapping[str, str]) -> bytes:
    """The whole request, as the vendor prints it."""
    parts = urlsplit(url)
    body = urlencode(fields).encode()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = (
        f"POST {target} HTTP/1.0",
        "Content-Type: application/x-www-form-urlencoded",
        f"Host: {parts.netloc}",
        "Cache-Control: no-store,no-cache",
        "Pragma: no-cache",
        f"Content-Length: {len(body)}",
        "",
        "",
    )
    return "\r\n".join(head).encode() + body


def _send(letter: _Letter, seconds: float) -> tuple[int, bytes]:
    """One attempt; no redirects, no TLS: a PBX of this age has none."""
    parts = urlsplit(letter.url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("not an http address")
    place = (parts.hostname, parts.port or http.client.HTTP_PORT)
    with socket.create_connection(place, timeout=seconds) as connection:
        connection.sendall(message(letter.url, letter.fields))
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.read()
