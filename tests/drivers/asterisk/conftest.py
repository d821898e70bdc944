"""Asterisk drivers, and a simulated Asterisk."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulator.asterisk import uniqueids
from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.drivers.contract import PASSWORD, PHONES, RULES, USERNAME
from transfers.drivers.asterisk.driver import AsteriskDriver
from transfers.drivers.base import Config, NoMemory
from transfers.http import Door

OPTIONS = {"voicemail": "*{number}"}


@pytest.fixture
def pbx() -> Iterator[SimulatorServer]:
    exchange = Exchange(ids=uniqueids())
    for number, name in PHONES.items():
        exchange.add(number, name)
    with SimulatorServer(exchange, "asterisk", username=USERNAME, password=PASSWORD) as server:
        server.switches.auth_delay = 0.0
        yield server


@pytest.fixture
def memory() -> NoMemory:
    """What all drivers of one account share."""
    return NoMemory()


@pytest.fixture
def build(pbx, memory, doors) -> Callable[..., AsteriskDriver]:
    """build(url=…, username=…, password=…, rules=…, memory=…, **options)"""

    def make(
        *, url=None, username=USERNAME, password=PASSWORD, rules=RULES, memory=memory, **options
    ):
        doors.append(Door(rules))
        config = Config(url or pbx.url, username, {"password": password}, OPTIONS | options)
        return AsteriskDriver(config, doors[-1], memory)

    return make
