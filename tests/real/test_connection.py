""" "Test connection" at real PBXs: a login is told which right it lacks, and how to give it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts.asterisk.configuration import Account
from scripts.asterisk.lab import eventually
from scripts.asterisk.unpack import SUITES
from tests.drivers.contract import checks
from tests.real.conftest import FREEPBX
from tests.real.world import Real
from transfers.domain import Probe
from transfers.drivers.asterisk.driver import AsteriskDriver
from transfers.drivers.base import Config
from transfers.http import Door, DoorRules

LINES = "read = call, write = call,originate,reporting"


@pytest.fixture(params=SUITES)
def world(request, worlds) -> Real:
    return worlds[request.param]


@contextmanager
def driver_of(world: Real, account: Account) -> Iterator[AsteriskDriver]:
    with Door(DoorRules()) as door:
        config = Config(world.url, account.username, {"password": account.secret}, {})
        yield AsteriskDriver(config, door)


def probe(world: Real, account: Account) -> Probe:
    with driver_of(world, account) as driver:
        return driver.probe()


def test_all_rights_are_there_and_nothing_rings(world):
    found = checks(probe(world, world.lab.account))
    assert found["Rights"] == (True, "write= has call and reporting.")
    assert found["Changes"] == (True, "read= has call: changes come at once.")
    assert all(world.idle(number) for number in world.lab.phones)


@pytest.mark.parametrize(
    ("without", "check", "ok"),
    [
        ("read=call", "Changes", None),
        ("write=call", "Right “call”", False),
        ("write=reporting", "Right “reporting”", False),
        ("write=originate", "Right “originate”", None),
    ],
)
def test_one_missing_right_is_named_with_its_line(world, without, check, ok):
    found = checks(probe(world, world.lab.lesser[without]))
    lacking = {name for name, (_, text) in found.items() if LINES in text}
    also = {"Changes"} if without == "write=originate" else set()  # cannot be seen without it
    assert lacking - also == {check}
    assert found[check][0] is ok


@pytest.mark.parametrize("version", SUITES)
def test_who_asked_freepbx_not_to_be_disturbed_is_told(worlds, version):
    world = worlds[version + FREEPBX]

    def quiet(wish: str) -> bool:
        """Whether 1003 alone is said to be so, after what its owner's *78 or *79 does."""
        world.lab.server.console(f"devstate change Custom:DND1003 {wish}")
        expected = {"1003"} if wish == "BUSY" else set()
        return eventually(
            lambda: {e.number for e in driver.list_extensions() if e.quiet} == expected
        )

    with driver_of(world, world.lab.account) as driver:
        assert quiet("BUSY")
        assert quiet("NOT_INUSE")
