"""The exchange of tests.simulator behind a VoipNow face on a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.simulator.conftest import ANNA
from tests.simulator.voipnow.client import KEY, SECRET, Client


@pytest.fixture
def pbx(exchange: Exchange) -> Iterator[SimulatorServer]:
    with SimulatorServer(exchange, "voipnow", username=KEY, password=SECRET) as running:
        yield running


@pytest.fixture
def client(pbx: SimulatorServer) -> Iterator[Client]:
    with Client(pbx) as client:
        yield client.log_in()


@pytest.fixture
def ringing(exchange: Exchange) -> str:
    return exchange.ring(ANNA, "1001", "Anna")


@pytest.fixture
def talking(exchange: Exchange) -> Callable[..., str]:
    """Makes a conversation; by default Anna's with reception."""

    def make(caller: str = ANNA, callee: str = "1001", name: str = "Anna") -> str:
        call_id = exchange.ring(caller, callee, name)
        exchange.answer(call_id)
        return call_id

    return make
