"""A clock in the hand, an exchange with a few phones, and both generations on real sockets."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.simulator.client import Client

ANNA = "+36301234567"
START = 1372668547.9558  # the vendor's sample: 2013-07-01T10:49:07.9558+02:00


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def exchange(clock: Clock) -> Exchange:
    numbers = itertools.count(1)
    exchange = Exchange(clock, lambda: f"id{next(numbers)}")
    exchange.add("1001", "Reception")
    exchange.add("1002", "Ben", answers_after=3.0)
    exchange.add("1003", "Carol")
    exchange.add("1007", "Grace", busy=True)
    exchange.add("1012", "Spare desk", registered=False)
    return exchange


@pytest.fixture
def gen1(exchange: Exchange) -> Iterator[SimulatorServer]:
    with SimulatorServer(exchange, "ozeki-gen1") as pbx:
        yield pbx


@pytest.fixture
def gen2(exchange: Exchange) -> Iterator[SimulatorServer]:
    with SimulatorServer(exchange, "ozeki-gen2", username="api", password="se cret") as pbx:
        yield pbx


@pytest.fixture(params=["gen1", "gen2"])
def pbx(request: pytest.FixtureRequest) -> SimulatorServer:
    """Each test that asks for it runs once per generation."""
    found: SimulatorServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(pbx: SimulatorServer) -> Iterator[Client]:
    with Client(pbx) as client:
        yield client
