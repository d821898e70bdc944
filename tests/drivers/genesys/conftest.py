"""Genesys drivers, and a simulated contact center whose agent sits at 1001."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulator.server import SimulatorServer
from tests.drivers.contract import PASSWORD, RULES, USERNAME, phones
from transfers.drivers.base import Config, NoMemory
from transfers.drivers.genesys.driver import GenesysDriver
from transfers.http import Door

NAME_KEY = "CallerName"


@pytest.fixture
def pbx() -> Iterator[SimulatorServer]:
    with SimulatorServer(phones(), "genesys", username=USERNAME, password=PASSWORD) as server:
        server.switches.caller_name_key = NAME_KEY
        server.switches.hold_seconds = 2.0
        yield server


@pytest.fixture
def memory() -> NoMemory:
    """What all drivers of one agent share."""
    return NoMemory()


@pytest.fixture
def build(pbx, memory, doors) -> Callable[..., GenesysDriver]:
    """build(url=…, username=…, password=…, rules=…, memory=…, **options)"""

    def make(
        *, url=None, username=USERNAME, password=PASSWORD, rules=RULES, memory=memory, **options
    ):
        doors.append(Door(rules))
        secrets = {"password": password}
        config = Config(url or pbx.url, username, secrets, {"name_key": NAME_KEY, **options})
        return GenesysDriver(config, doors[-1], memory)

    return make
