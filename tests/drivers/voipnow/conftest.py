"""VoipNow drivers and their simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulator.server import SimulatorServer
from tests.drivers.contract import PASSWORD, RULES, USERNAME, phones
from transfers.drivers.base import Config, NoMemory
from transfers.drivers.voipnow.driver import VoipNowDriver
from transfers.http import Door

PREFIX = "0003"


@pytest.fixture
def pbx() -> Iterator[SimulatorServer]:
    with SimulatorServer(phones(), "voipnow", username=USERNAME, password=PASSWORD) as server:
        yield server


@pytest.fixture
def options() -> dict[str, str]:
    return {"organisation": PREFIX, "forward_ringing": "yes"}


@pytest.fixture
def build(pbx, options, doors) -> Callable[..., VoipNowDriver]:
    """build(url=…, password=…, rules=…, memory=…, **options)"""
    memories: dict[tuple[str, str, str], NoMemory] = {}

    def make(
        *, url=None, username=USERNAME, password=PASSWORD, rules=RULES, memory=None, **changes
    ):
        doors.append(Door(rules))
        url = url or pbx.url
        config = Config(url, username, {"password": password}, {**options, **changes})
        memory = memory or memories.setdefault((url, username, password), NoMemory())
        return VoipNowDriver(config, doors[-1], memory)

    return make
