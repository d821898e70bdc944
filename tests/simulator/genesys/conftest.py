"""A contact center of two agents on a real socket, and a clock in the hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.simulator.conftest import ANNA
from tests.simulator.genesys.client import Bayeux, Desk

AGENTS = {"ana": ("pw", "1001"), "ben": ("pw", "1003")}


@pytest.fixture
def pbx(exchange: Exchange) -> Iterator[SimulatorServer]:
    with SimulatorServer(exchange, "genesys", agents=AGENTS) as pbx:
        pbx.switches.hold_seconds = 2.0
        yield pbx


@pytest.fixture
def ana(pbx: SimulatorServer) -> Iterator[Desk]:
    with Desk(pbx, "ana") as desk:
        yield desk.enter()


@pytest.fixture
def ben(pbx: SimulatorServer) -> Iterator[Desk]:
    with Desk(pbx, "ben") as desk:
        yield desk.enter()


@pytest.fixture
def hears(ana: Desk) -> Iterator[Bayeux]:
    """Ana's events."""
    with Bayeux.of(ana) as bayeux:
        yield bayeux.listen()


@pytest.fixture
def ben_hears(ben: Desk) -> Iterator[Bayeux]:
    with Bayeux.of(ben) as bayeux:
        yield bayeux.listen()


@pytest.fixture
def ringing(exchange: Exchange) -> str:
    """A caller from outside rings Ana."""
    return exchange.ring(ANNA, "1001", "Kovács Anna")


@pytest.fixture
def talking(exchange: Exchange, ringing: str) -> str:
    exchange.answer(ringing)
    return ringing
