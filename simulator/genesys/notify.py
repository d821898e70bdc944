"""Events on their way to an agent's Bayeux sessions."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

from simulator.genesys.agents import Agent
from simulator.genesys.legs import HELD, Leg
from simulator.genesys.resources import Resources
from simulator.genesys.switches import Switches

CALLS, DEVICES = "/v2/me/calls", "/v2/me/devices"
Json = dict[str, Any]
Publish = Callable[[str, str, Json], None]  # login, channel, data


class Notifier:
    """Builds events and passes them on, at once or when the HTTP reply is out.

    What an agent's own command causes waits for the reply to that command, and whatever else
    happens to her meanwhile waits behind it, so that her events keep their order.
    """

    def __init__(self, resources: Resources, switches: Switches, publish: Publish) -> None:
        self.resources = resources
        self.switches = switches
        self.publish = publish
        self.chance = random.Random(1)
        self._lock = RLock()
        self._gates: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[str, Json]]] = {}

    # ----- what is told

    def leg(self, leg: Leg, kind: str) -> None:
        data: Json = {"notificationType": kind, "call": self.resources.call(leg)}
        data["phoneNumber"] = leg.agent.number
        if kind == "StatusChange" and not (leg.state == HELD and leg.consulted):
            data["extensions"] = {"BusinessCall": int(leg.outside)}
        self.send(leg.agent, CALLS, data | {"messageType": "CallStateChangeMessage"})

    def device(self, agent: Agent) -> None:
        devices = [self.resources.device(agent)]
        data: Json = {"messageType": "DeviceStateChangeMessage", "devices": devices}
        self.send(agent, DEVICES, data)

    def failure(self, agent: Agent, text: str) -> None:
        """An operation that was accepted has failed; the real message tells no more."""
        data: Json = {"messageType": "ErrorMessage"}
        if self.switches.error_text:
            data[self.switches.error_text] = text
        data |= self.resources.device_uri(agent)
        self.send(agent, self.switches.error_channel, data)

    # ----- the way out

    def send(self, agent: Agent, channel: str, data: Json) -> None:
        times = {"once": 1, "twice": 2, "lost": 0}[self.switches.events]
        data |= self._metrics()
        with self._lock:
            if self._gates.get(agent.login):
                self._waiting.setdefault(agent.login, []).extend([(channel, data)] * times)
                return
            for _ in range(times):
                self.publish(agent.login, channel, data)

    def _metrics(self) -> Json:
        if not self.switches.event_metrics:
            return {}
        now = int(self.resources.exchange.clock() * 1000)
        told = {
            "nodeProcessingTimeNanos": 465232,
            "serverGenerationTimestamp": now,
            "serverProcessingTimeTotalMs": 3,
        }
        return {"metrics": {"eventProcessing": told}}

    def hold_back(self, agent: Agent) -> None:
        with self._lock:
            self._gates[agent.login] = self._gates.get(agent.login, 0) + 1

    def let_go(self, agent: Agent) -> None:
        with self._lock:
            self._gates[agent.login] -= 1
            if self._gates[agent.login] == 0:
                for channel, data in self._waiting.pop(agent.login, []):
                    self.publish(agent.login, channel, data)

    @contextmanager
    def first(self, agent: Agent, call_id: str) -> Iterator[None]:
        """Of what happens inside, she hears about this call first."""
        self.hold_back(agent)
        start = len(self._waiting.get(agent.login, []))
        try:
            yield
        finally:
            with self._lock:
                waiting = self._waiting.get(agent.login, [])
                waiting[start:] = sorted(
                    waiting[start:], key=lambda each: each[1].get("call", {}).get("id") != call_id
                )
            self.let_go(agent)

    def before_reply(self) -> bool:
        """Does this time the event come before the reply?"""
        order = self.switches.event_order
        return order == "before" or (order == "random" and self.chance.random() < 0.5)
