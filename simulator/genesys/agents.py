"""The agents of the contact center: who logs in, and the device in front of each."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.exchange import Exchange
from simulator.genesys.errors import IN_USE, INTERNAL, NOT_FOUND, ApiError

# operationName: state, workMode, displayName, id; the ids are the same everywhere
STATES = {
    "Ready": ("Ready", "", "Ready", "9430250E-0A1B-421F-B372-F29E69366DED"),
    "NotReady": ("NotReady", "", "Not Ready", "900D55CC-2BB0-431F-8BF9-D3525B383BE6"),
    "AuxWork": ("NotReady", "AuxWork", "AuxWork", "2B36138D-C564-4562-A8CB-3C32D564F296"),
    "AfterCallWork": (
        "NotReady",
        "AfterCallWork",
        "AfterCallWork",
        "D3663509-3D82-4DD3-A82E-2EA8EFA02AEF",
    ),
    "Offline": ("LoggedOut", "", "Offline", "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB"),
}
LOGGED_IN = "LoggedIn"  # what a device tells first; it has neither id nor displayName


def guid(text: str) -> str:
    """The same made-up id for the same thing in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"simulator:{text}"))


@dataclass
class Agent:
    """One user with a login and a phone."""

    login: str
    password: str
    number: str
    state: str = "Offline"  # one of STATES, or LOGGED_IN
    recent: list[str] = field(default_factory=list)  # HTTP sessions, the newest last

    @property
    def user_id(self) -> str:
        return guid(f"user {self.login}").replace("-", "")

    @property
    def device_id(self) -> str:
        return guid(f"device {self.number}")

    @property
    def started(self) -> bool:
        return self.state != "Offline"

    def user_state(self) -> dict[str, str]:
        if self.state == LOGGED_IN:
            return {"state": LOGGED_IN}
        state, mode, name, ident = STATES[self.state]
        told = {"id": ident, "displayName": name, "state": state}
        return told | ({"workMode": mode} if mode else {})


class Agents:
    """All users. At least one."""

    def __init__(self, exchange: Exchange, logins: Mapping[str, tuple[str, str]]) -> None:
        self.exchange = exchange
        self._agents = {login: Agent(login, *rest) for login, rest in logins.items()}

    def all(self) -> list[Agent]:
        return list(self._agents.values())

    def named(self, login: str) -> Agent | None:
        return self._agents.get(login)

    def admitted(self, login: str, password: str) -> Agent | None:
        agent = self._agents.get(login)
        right = hmac.compare_digest((agent.password if agent else "").encode(), password.encode())
        return agent if right else None

    def check_device(self, agent: Agent, device_path: str) -> None:
        """The device to log in on, when the client names one, is hers."""
        named = device_path.rstrip("/").rpartition("/")[2]
        if not named or named == agent.device_id:
            return
        if any(other.device_id == named for other in self.all()):
            raise ApiError(IN_USE)
        raise ApiError(NOT_FOUND)

    def check_registered(self, agent: Agent) -> None:
        phone = self.exchange.extension(agent.number)
        if not phone or not phone.registered:
            raise ApiError(INTERNAL, f"Device '{agent.number}' is not registered.")
