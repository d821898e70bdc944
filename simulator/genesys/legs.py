"""What each agent sees of each call: a leg of her own, in the API's states."""

from __future__ import annotations

import hashlib
import itertools
import random
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from simulator.calls import BEGUN, UP, Call, Ending, State, is_outside
from simulator.exchange import Exchange
from simulator.genesys.agents import Agent, Agents
from simulator.genesys.switches import Switches

DIALING, RINGING, ESTABLISHED = "Dialing", "Ringing", "Established"
HELD, RELEASED = "Held", "Released"
_LETTERS = string.digits + string.ascii_uppercase
Listener = Callable[["Leg", str], None]


@dataclass
class Leg:
    """One call as one agent sees it."""

    agent: Agent
    call: Call  # as it was at the last change
    state: str
    partner: str  # the number of the other one
    dnis: str
    began: float
    parent: str = ""  # the call she consults about; "" when this is no consultation
    of_consult: bool = False  # somebody consults somebody, she may be either
    consulted: bool = False  # on hold for a consultation
    muted: bool = False
    recording: str = "Stopped"

    @property
    def outside(self) -> bool:
        return is_outside(self.partner)

    @property
    def incoming(self) -> bool:
        return self.call.callee == self.agent.number

    @property
    def uuid(self) -> str:
        return self.call.origin

    @property
    def connection(self) -> str:
        digits = hashlib.sha256(f"{self.call.origin} {self.call.id}".encode()).hexdigest()
        return f"0071{digits[:12]}"


class Legs:
    """Watches the exchange and tells a listener of every change of every leg.

    Everything here happens with the exchange locked.
    """

    def __init__(self, exchange: Exchange, agents: Agents, switches: Switches) -> None:
        self.exchange = exchange
        self.agents = agents
        self.switches = switches
        self.listener: Listener = _nobody
        self._legs: dict[tuple[str, str], Leg] = {}
        self._data: dict[str, list[tuple[str, object]]] = {}  # of a call and what becomes of it
        self._outgoing: tuple[Agent, dict[str, object], Leg | None] | None = None
        self._quiet: Agent | None = None
        exchange.subscribe(self._see)
        for call in exchange.calls():
            self._see(call)

    def of(self, agent: Agent) -> list[Leg]:
        return [leg for leg in self._legs.values() if leg.agent is agent]

    def find(self, agent: Agent, named: str) -> Leg | None:
        return next((leg for leg in self.of(agent) if self.named(leg) == named), None)

    def named(self, leg: Leg) -> str:
        """The id a leg has in the API."""
        return leg.connection if self.switches.call_ids == "connection" else leg.call.id

    def others(self, leg: Leg) -> list[Leg]:
        return [other for other in self.of(leg.agent) if other is not leg]

    def parent(self, leg: Leg) -> Leg | None:
        return self._legs.get((leg.agent.login, leg.parent)) if leg.parent else None

    def consult(self, leg: Leg) -> Leg | None:
        return next((other for other in self.others(leg) if other.parent == leg.call.id), None)

    def clear(self) -> None:
        self._legs.clear()
        self._data.clear()

    # ----- attached data

    def data(self, leg: Leg) -> dict[str, object]:
        return dict(self._data.get(leg.uuid, []))

    def attach(self, leg: Leg, pairs: dict[str, object]) -> None:
        self._data.setdefault(leg.uuid, []).extend(pairs.items())

    def detach(self, leg: Leg, *keys: str) -> None:
        kept = [pair for pair in self._data.get(leg.uuid, []) if pair[0] not in keys]
        self._data[leg.uuid] = kept

    def tell_data(self, leg: Leg) -> None:
        """Everybody on the call hears of its new data."""
        for other in list(self._legs.values()):
            if other.uuid == leg.uuid:
                self.listener(other, "AttachedDataChanged")

    # ----- calls she makes

    @contextmanager
    def calling(
        self, agent: Agent, data: dict[str, object], about: Leg | None = None
    ) -> Iterator[None]:
        """The call she makes inside carries this data; with `about` it is a consultation."""
        self._outgoing = (agent, data, about)
        try:
            yield
        finally:
            self._outgoing = None

    @contextmanager
    def unheard(self, agent: Agent) -> Iterator[None]:
        """What happens inside is no news to her."""
        self._quiet = agent
        try:
            yield
        finally:
            self._quiet = None

    # ----- the exchange

    def _see(self, call: Call) -> None:
        if key := self.switches.caller_name_key:
            self._name(call, key)
        for agent in self.agents.all():
            leg = self._legs.get((agent.login, call.id))
            mine = call.live and call.involves(agent.number)
            if leg and mine:
                self._change(leg, call)
            elif leg:
                self._release(leg)
            elif mine and (state := _fresh(call, agent.number)):
                self._begin(agent, call, state)
        if call.ending not in (None, Ending.TRANSFERRED):
            self._data.pop(call.origin, None)

    def _name(self, call: Call, key: str) -> None:
        if call.state is State.SETUP and call.caller_name and call.origin not in self._data:
            self._data[call.origin] = [(key, call.caller_name)]

    def _begin(self, agent: Agent, call: Call, state: str) -> None:
        called = state == RINGING or call.callee == agent.number
        own = called and self.switches.target_dnis == "target"
        leg = Leg(
            agent,
            call,
            state,
            call.other_party(agent.number),
            agent.number if own else call.dialed,
            self.exchange.clock(),
        )
        if self._outgoing and self._outgoing[0] is agent and not called:
            _, data, about = self._outgoing
            self.attach(leg, data)
            leg.parent = about.call.id if about else ""
        leg.of_consult = bool(leg.parent) or any(
            other.of_consult for other in self._legs.values() if other.call.id == call.id
        )
        self._legs[agent.login, call.id] = leg
        self._tell(leg, "StatusChange")

    def _change(self, leg: Leg, call: Call) -> None:
        before = leg.state, leg.partner
        leg.state = _following(leg.state, call, leg.agent.number)
        leg.call, leg.partner = call, call.other_party(leg.agent.number)
        if leg.state != before[0]:
            self._tell(leg, "StatusChange")
        elif leg.partner != before[1] and self.switches.participants_updated:
            self._tell(leg, "ParticipantsUpdated")

    def _release(self, leg: Leg) -> None:
        if parent := self.parent(leg):
            parent.consulted = False
        del self._legs[leg.agent.login, leg.call.id]
        leg.state = RELEASED
        self._tell(leg, "StatusChange")

    def _tell(self, leg: Leg, kind: str) -> None:
        if leg.agent is not self._quiet:
            self.listener(leg, kind)


def _nobody(leg: Leg, kind: str) -> None:
    """Until somebody listens."""


def _fresh(call: Call, number: str) -> str:
    """The state of a leg that begins; "" when its owner does not know of the call yet."""
    if call.state in UP or call.state is State.HELD:
        return HELD if _holds(call, number) else ESTABLISHED
    if call.caller == number:
        return DIALING
    return RINGING if call.state is State.RINGING else ""


def _following(state: str, call: Call, number: str) -> str:
    """The state after a change: who talked goes on talking while somebody else is rung."""
    if call.state in BEGUN:
        return ESTABLISHED if state in (ESTABLISHED, HELD) else _fresh(call, number) or state
    return HELD if _holds(call, number) else ESTABLISHED


def _holds(call: Call, number: str) -> bool:
    return call.state is State.HELD and call.held_by in ("", number)


def call_uuids(chance: random.Random) -> Callable[[], str]:
    """Call ids as the samples have them: 32 digits and letters, the last six a counter."""
    start = "".join(chance.choices(_LETTERS, k=26))
    numbers = itertools.count(1)
    return lambda: start + _base36(next(numbers)).rjust(6, "0")


def _base36(number: int) -> str:
    return (_base36(number // 36) if number >= 36 else "") + _LETTERS[number % 36]
