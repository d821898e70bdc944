"""Ozeki drivers and simulators of both generations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulator.server import SimulatorServer
from tests.drivers.contract import PASSWORD, RULES, USERNAME, phones
from transfers.drivers.base import Config
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.http import Door


def simulator(generation: str, **login: str) -> SimulatorServer:
    """The simulated PBX asks for the usual login, or for the one given."""
    login = login or {"username": USERNAME, "password": PASSWORD}
    return SimulatorServer(phones(), f"ozeki-{generation}", **login)


@pytest.fixture(params=["gen1", "gen2"])
def generation(request) -> str:
    return request.param


@pytest.fixture
def pbx(generation) -> Iterator[SimulatorServer]:
    with simulator(generation) as server:
        yield server


@pytest.fixture
def options(generation) -> dict[str, str]:
    return {"generation": generation, "timezone": "UTC"}


@pytest.fixture
def build(pbx, options, doors) -> Callable[..., OzekiDriver]:
    """build(url=…, password=…, rules=…, **options)"""

    def make(*, url=None, username=USERNAME, password=PASSWORD, rules=RULES, **changes):
        doors.append(Door(rules))
        secrets = {"password": password}
        config = Config(url or pbx.url, username, secrets, {**options, **changes})
        return OzekiDriver(config, doors[-1])

    return make
