"""The control interface: what happens on the simulated PBXs, said over HTTP. See docs/simulator.md.

It is for a machine of one's own. It knows no login and listens on the loopback address.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from simulator.calls import ExchangeError, Extension
from simulator.ozeki.wire import zone
from simulator.server import SimulatorServer
from simulator.setting import checked
from simulator.traffic import Traffic
from simulator.web import Reply, Request, WebServer

Answer = dict[str, Any]


class Order:
    """One order as it came, read with complaints a person can act on."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self.said = said

    def text(self, name: str, default: str | None = None) -> str:
        value = self.said.get(name, default)
        if not isinstance(value, str) or (not value and default is None):
            raise ValueError(f"say {name!r}, a text, in the order")
        return value

    def flag(self, name: str) -> bool:
        value = self.said.get(name)
        if not isinstance(value, bool):
            raise ValueError(f"say {name!r}, true or false, in the order")
        return value

    def rest(self, *known: str) -> dict[str, Any]:
        """Everything but the order's own words."""
        return {k: v for k, v in self.said.items() if k not in ("pbx", "do", *known)}


def _ring(pbx: SimulatorServer, order: Order) -> Answer:
    caller, callee = order.text("caller"), order.text("callee")
    return {"call": pbx.exchange.ring(caller, callee, order.text("name", ""))}


def _transfer(pbx: SimulatorServer, order: Order) -> Answer:
    """The phone's own blind transfer, no command of the API."""
    leaves, target = order.text("leaves"), order.text("target")
    if leaves == "caller":
        return {"call": pbx.exchange.blind_transfer(order.text("call"), "caller", target)}
    if leaves == "callee":
        return {"call": pbx.exchange.blind_transfer(order.text("call"), "callee", target)}
    raise ValueError("'leaves' is 'caller' or 'callee'")


def _verb(name: str) -> Callable[[SimulatorServer, Order], Answer]:
    def run(pbx: SimulatorServer, order: Order) -> Answer:
        getattr(pbx.exchange, name)(order.text("call"))
        return {"call": order.text("call")}

    return run


def _behave(pbx: SimulatorServer, order: Order) -> Answer:
    pbx.exchange.behave(order.text("number"), **checked(Extension, order.rest("number")))
    return {}


def _switch(pbx: SimulatorServer, order: Order) -> Answer:
    zone(order.text("timezone", "UTC"))  # complains of a zone that does not exist
    for name, value in checked(type(pbx.switches), order.rest()).items():
        setattr(pbx.switches, name, value)
    return {"switches": asdict(pbx.switches)}


def _fault(pbx: SimulatorServer, order: Order) -> Answer:
    kind = order.text("kind")
    if kind == "none":
        pbx.faults.clear()
    else:
        wanted = {"command": None, "times": None, "seconds": 1.0} | order.rest("kind")
        if strange := set(wanted) - {"command", "times", "seconds"}:
            raise ValueError(f"a fault has command, times and seconds, no {sorted(strange)}")
        if not isinstance(wanted["times"], int | None) or not _is_seconds(wanted["seconds"]):
            raise ValueError("'times' is a whole number, 'seconds' a number")
        pbx.faults.add(kind, **wanted)
    return {"faults": [asdict(fault) for fault in pbx.faults.active()]}


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and value >= 0


def _done(action: Callable[[SimulatorServer], None]) -> Callable[[SimulatorServer, Order], Answer]:
    def run(pbx: SimulatorServer, order: Order) -> Answer:
        action(pbx)
        return {}

    return run


VERBS: dict[str, Callable[[SimulatorServer, Order], Answer]] = {
    "ring": _ring,
    "answer": _verb("answer"),
    "hold": _verb("hold"),
    "retrieve": _verb("retrieve"),
    "hangup": _verb("hangup"),
    "transfer": _transfer,
    "behave": _behave,
    "switch": _switch,
    "fault": _fault,
    "clear": _done(SimulatorServer.clear),
    "refuse": _done(SimulatorServer.refuse),
    "listen": _done(SimulatorServer.listen),
}


class ControlServer(WebServer):
    """POST /control does one thing on one PBX, GET /state tells everything about all."""

    def __init__(
        self,
        pbxs: Mapping[str, SimulatorServer],
        traffic: Mapping[str, Traffic] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.pbxs = dict(pbxs)
        self.traffic = dict(traffic or {})
        super().__init__(host, port)

    def respond(self, request: Request) -> Reply:
        place = (request.method, request.path)
        if place == ("GET", "/state"):
            return _json({name: self._state(name) for name in self.pbxs})
        if place != ("POST", "/control"):
            return _json({"error": "POST an order to /control, or GET /state"}, 404)
        try:
            return _json(self._obey(request.body))
        except (ExchangeError, ValueError) as error:
            return _json({"error": str(error)}, 400)

    def _obey(self, body: bytes) -> Answer:
        said = _object(body)
        order = Order(said)
        pbx = self.pbxs.get(name := order.text("pbx"))
        if pbx is None:
            raise ValueError(f"no pbx {name!r}; there are {', '.join(self.pbxs)}")
        verb = order.text("do")
        if verb == "traffic":
            return self._switch_traffic(name, order.flag("on"))
        own = pbx.face.verbs()
        if verb not in VERBS and verb not in own:
            raise ValueError(f"cannot {verb!r}; can {', '.join([*VERBS, *own, 'traffic'])}")
        pbx.exchange.tick()
        if verb in own:
            own[verb]()
            return {}
        return VERBS[verb](pbx, order)

    def _switch_traffic(self, name: str, on: bool) -> Answer:
        if name not in self.traffic:
            raise ValueError("start the simulator with --traffic to have any")
        self.traffic[name].on = on
        return {"traffic": on}

    def _state(self, name: str) -> Answer:
        pbx = self.pbxs[name]
        pbx.exchange.tick()
        now = pbx.exchange.clock()
        calls = [
            asdict(call) | {"ring": call.ring_duration(now), "talk": call.talk_duration(now)}
            for call in pbx.exchange.calls()
        ]
        return {
            "face": pbx.face_name,
            "url": pbx.url,
            "calls": calls,
            "extensions": [asdict(extension) for extension in pbx.exchange.extensions()],
            "requests": Counter(received.command for received in list(pbx.requests)),
            "switches": asdict(pbx.switches),
            "faults": [asdict(fault) for fault in pbx.faults.active()],
            "traffic": name in self.traffic and self.traffic[name].on,
            **pbx.face.tell(),
        }


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise ValueError('the order is a JSON object, as {"pbx": "head-office", "do": "clear"}')
    return said


def _json(answer: Mapping[str, Any], status: int = 200) -> Reply:
    body = json.dumps(answer, ensure_ascii=False).encode()
    return Reply(body, status, "application/json")
