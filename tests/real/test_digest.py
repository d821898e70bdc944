"""The driver by HTTP's digest (`/amxml`) at real PBXs: nonces, and what a 401 leaves undone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from scripts.asterisk.lab import eventually
from scripts.asterisk.unpack import SUITES
from tests.real.world import Real
from transfers.domain import Call, CallState, Leg
from transfers.drivers.asterisk.driver import AsteriskDriver
from transfers.drivers.base import Config, NoMemory
from transfers.errors import AuthFailed, OutcomeUnknown
from transfers.http import Door, DoorRules, Reply


class Recording(Door):
    """Keeps the commands as they went out."""

    sent: list[dict[str, Any]]

    def command(self, method: str, url: str, **parts: Any) -> Reply:
        self.sent = [*getattr(self, "sent", []), {"url": url, **parts}]
        return super().command(method, url, **parts)


@pytest.fixture(params=SUITES)
def world(request, worlds) -> Iterator[Real]:
    yield worlds[request.param]
    worlds[request.param].quiet()


@pytest.fixture
def door() -> Iterator[Recording]:
    with Recording(DoorRules()) as door:
        yield door


def driver_of(world: Real, door: Door, password: str = "") -> AsteriskDriver:
    secrets = {"password": password or world.password}
    return AsteriskDriver(Config(world.url, world.username, secrets, {"login": "digest"}), door)


@pytest.fixture
def driver(world, door) -> AsteriskDriver:
    return driver_of(world, door)


def talk(world: Real, driver: AsteriskDriver) -> Call:
    world.lab.talk("1001", "1002")
    found: list[Call] = []

    def shown() -> bool:
        found[:] = [each for each in driver.list_calls() if each.state is CallState.TALKING]
        return bool(found)

    assert eventually(shown)
    return found[0]


def again(door: Recording) -> int:
    """A copy of the last command; its status."""
    copy = door.sent[-1]
    return requests.post(
        copy["url"], data=copy["form"], headers=copy["headers"], timeout=5
    ).status_code


def test_a_call_is_listed_and_moved(world, driver, door):
    call = talk(world, driver)
    assert {call.caller.number, call.callee.number} == {"1001", "1002"}
    driver.blind(call, "1003", leaves=Leg.CALLEE)
    assert eventually(lambda: world.rings("1003"))
    assert [each["form"]["action"] for each in door.sent] == ["BlindTransfer"]


def test_a_copy_of_a_command_is_not_carried_out(world, driver, door):
    """Whoever sends it: the PBX looks at the digest before it reads what is to be done."""
    driver.hangup(talk(world, driver))
    assert eventually(lambda: world.idle("1002"))
    call = talk(world, driver)
    door.sent[-1]["form"] = {"action": "Hangup", "Channel": call.extra["caller"], "Cause": "16"}
    assert again(door) == 401
    assert [each.state for each in driver.list_calls()] == [CallState.TALKING]
    assert world.talks("1001") == world.talks("1002") == 1


def test_a_command_that_is_called_stale_is_unknown_and_not_sent_again(world, driver, door):
    call = talk(world, driver)
    driver.send("Setvar", Channel=call.id, Variable="X", Value="1")
    nonce = driver.session._own
    again(door)  # the count is used up: the PBX has exchanged the nonce
    with pytest.raises(OutcomeUnknown, match="had this command before"):
        driver.hangup(call)
    assert driver.session._own is nonce
    assert len(door.sent) == 2
    assert [each.state for each in driver.list_calls()] == [CallState.TALKING]


def test_events_go_on_when_the_nonce_is_stale(world, driver):
    session = driver.session_for(NoMemory(), "call")
    session.ask("Ping")
    session._shared.used = 2**31
    session.ask("Ping")
    world.dial("1001", "1002")
    assert eventually(lambda: world.rings("1002"))
    session._shared.used = 0  # less than it was
    told = session.poll(5, "WaitEvent", Timeout="2").events
    assert any(each["event"] == "Newchannel" for each in told)
    assert session.logins == 1


def test_a_wrong_secret(world, door):
    with pytest.raises(AuthFailed):
        driver_of(world, door, "wrong").list_calls()


def test_the_connection_test(driver):
    found = {check.name: check.ok for check in driver.probe().checks}
    assert found["Login"]
    assert found["Rights"]
