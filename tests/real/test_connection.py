""" "Test connection" at real PBXs: a login is told which right it lacks, and how to give it."""

from __future__ import annotations

import pytest

from scripts.asterisk.configuration import Account
from scripts.asterisk.unpack import SUITES
from tests.drivers.contract import checks
from tests.real.world import Real
from transfers.domain import Probe
from transfers.drivers.asterisk.driver import AsteriskDriver
from transfers.drivers.base import Config
from transfers.http import Door, DoorRules

LINES = "read = call, write = call,originate,reporting"


@pytest.fixture(params=SUITES)
def world(request, worlds) -> Real:
    return worlds[request.param]


def probe(world: Real, account: Account) -> Probe:
    with Door(DoorRules()) as door:
        config = Config(world.url, account.username, {"password": account.secret}, {})
        return AsteriskDriver(config, door).probe()


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
