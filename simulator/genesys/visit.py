"""One request of one agent, read with the complaints the API makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.exchange import Exchange, ExchangeError
from simulator.genesys.agents import Agent, Agents
from simulator.genesys.errors import (
    INTERNAL,
    MISSING_PARAMETER,
    NO_PERMISSION,
    NOT_FOUND,
    WRONG_STATE,
    ApiError,
)
from simulator.genesys.legs import Leg, Legs
from simulator.genesys.notify import Notifier
from simulator.genesys.resources import Json, Resources
from simulator.genesys.switches import Switches

EVERYTHING: Json = {"statusCode": 0}


@dataclass(frozen=True)
class Office:
    """What every request works on."""

    exchange: Exchange
    switches: Switches
    agents: Agents
    legs: Legs
    resources: Resources
    notifier: Notifier
    end_session: Callable[[str], None]


@dataclass(frozen=True)
class Visit:
    """A request: who, where, with what."""

    office: Office
    agent: Agent
    session: str
    query: Mapping[str, str]
    body: bytes

    @property
    def exchange(self) -> Exchange:
        return self.office.exchange

    @property
    def switches(self) -> Switches:
        return self.office.switches

    # ----- what was sent

    def order(self) -> Json:
        """The operation object of the body."""
        order = read_object(self.body)
        if order is None or not isinstance(order.get("operationName"), str):
            raise ApiError(MISSING_PARAMETER, "Parameter 'operationName' is missing")
        return order

    def text(self, order: Json, name: str) -> str:
        value = order.get(name)
        if not isinstance(value, str) or not value:
            raise ApiError(MISSING_PARAMETER, f"Parameter '{name}' is missing")
        return value

    def pairs(self, order: Json, needed: bool = True) -> dict[str, Any]:
        """The userData object."""
        data = order.get("userData")
        if data is None and not needed:
            return {}
        if not isinstance(data, dict):
            raise ApiError(MISSING_PARAMETER, "Parameter 'userData' is missing")
        return data

    def destination(self, order: Json) -> str:
        wanted = order.get("destination")
        number = wanted.get("phoneNumber") if isinstance(wanted, dict) else None
        if not isinstance(number, str) or not number:
            raise ApiError(MISSING_PARAMETER, "Parameter 'destination' is missing")
        return number

    # ----- what may be done

    def need_voice(self) -> None:
        if not self.switches.api_voice:
            raise ApiError(NO_PERMISSION)
        if self.switches.session_needed and not self.agent.started:
            raise ApiError(WRONG_STATE, "Agent is not logged in")

    def leg(self, named: str) -> Leg:
        found = self.office.legs.find(self.agent, named.rstrip("/").rpartition("/")[2])
        if found is None:
            raise ApiError(NOT_FOUND)
        return found

    def unknown_operation(self, name: str) -> ApiError:
        return ApiError(int(self.switches.unknown_operation), f"Operation '{name}' is not known")

    # ----- what is done

    def send(self, target: str, action: Callable[[], object]) -> None:
        """Do what moves somebody to `target`; a bad one is judged as the switch says."""
        trouble = self._trouble(target)
        if not trouble or self.switches.bad_target == "ring":
            self.act(action)
        elif self.switches.bad_target == "reply":
            raise ApiError(INTERNAL, trouble)
        else:
            self.office.notifier.failure(self.agent, trouble)

    def _trouble(self, target: str) -> str:
        phone = self.exchange.extension(self.exchange.forwarded(target))
        if not phone:
            return "" if self.exchange.reaches(target) else f"Invalid destination '{target}'"
        if not phone.registered:
            return f"Device '{target}' is not registered."
        return f"Destination '{target}' is busy" if phone.busy or phone.do_not_disturb else ""

    def act(self, action: Callable[[], object]) -> None:
        """Do it now, or later as the switch says; then a failure is told as an event."""
        delay = self.switches.effect_delay_seconds
        if delay > 0:
            self.exchange.later(delay, lambda: self._belated(action))
            return
        try:
            action()
        except ExchangeError:
            raise ApiError(WRONG_STATE) from None

    def _belated(self, action: Callable[[], object]) -> None:
        try:
            action()
        except ExchangeError as error:
            self.office.notifier.failure(self.agent, str(error))


def read_object(body: bytes) -> Json | None:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
