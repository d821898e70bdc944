""" "Test connection", step by step."""

from __future__ import annotations

import re
import time

import pytest
import time_machine

from simulator.server import SimulatorServer
from tests.drivers.contract import PASSWORD, USERNAME, bring, checks, phones
from transfers.domain import CallState

READS = {"ListActiveCalls", "ListExtensions"}


@pytest.fixture
def empty(generation):
    """A PBX of this generation with neither calls nor extensions."""
    login = {"username": USERNAME, "password": PASSWORD}
    with SimulatorServer(face=f"ozeki-{generation}", **login) as server:
        yield server


def test_all_is_well(build, pbx, generation):
    bring(pbx.exchange, CallState.TALKING)
    probe = build().probe()
    assert checks(probe) == {
        "Address": (True, "The PBX answers."),
        "Login": (True, "Accepted as console."),
        "Calls": (True, "Sees 1 live call."),
        "Extensions": (True, "Lists 3 extensions."),
        "API generation": (True, "Phone System XE." if generation == "gen1" else "Ozeki 10."),
        "Clock": (True, "Agrees with ours within 1 s."),
        "Dates": (True, "The dates of the calls are right."),
    }
    assert probe.learned == {"generation": generation}
    assert {request.command for request in pbx.requests} == READS


@pytest.mark.parametrize("path", ["", "/", "/api"])
def test_auto_finds_the_generation(build, pbx, generation, path):
    probe = build(generation="auto", url=f"http://127.0.0.1:{pbx.port}{path}").probe()
    assert probe.ok
    assert probe.learned == {"generation": generation}
    assert {request.command for request in pbx.requests} == READS


def test_auto_does_not_guess(build, empty, generation):
    probe = build(generation="auto", url=empty.url).probe()
    assert checks(probe)["API generation"][0] is None
    assert "Could not be told yet" in checks(probe)["API generation"][1]
    assert (probe.ok, probe.learned) == (True, {})


def test_auto_learns_from_the_only_one_that_answers(build, empty, generation):
    if generation == "gen2":  # gen1 answers everywhere
        probe = build(generation="auto", url=f"http://127.0.0.1:{empty.port}").probe()
        assert probe.learned == {"generation": "gen2"}


def test_a_wrong_choice_is_told(build, pbx, generation):
    other = "gen2" if generation == "gen1" else "gen1"
    probe = build(generation=other).probe()
    words = "Phone System XE" if generation == "gen1" else "Ozeki 10"
    expected = (False, f"It answers like {words}: set the API generation to it.")
    assert checks(probe)["API generation"] == expected
    assert probe.learned == {}


def test_wrong_login(build, pbx):
    probe = build(password="wrong").probe()
    assert checks(probe).keys() == {"Address", "Login"}
    assert checks(probe)["Login"] == (
        False,
        "The PBX does not accept the user name or the password.",
    )
    assert len(pbx.requests) == 1  # a PBX may lock an account after some wrong logins


@pytest.mark.parametrize("fault", ["wrong_content_type", "http_500", "not_xml"])
def test_something_else_there(build, pbx, fault):
    pbx.faults.add(fault)
    found = checks(build().probe())
    assert found["Address"] == (True, "Something answers there.")
    assert found["API"][0] is False


def test_calls_that_cannot_be_read(build, pbx):
    pbx.exchange._ids = lambda: "x" * 201
    bring(pbx.exchange, CallState.TALKING)
    assert checks(build().probe())["Calls"] == (
        False,
        "The PBX lists a call with an unusable id.",
    )


def test_extensions_that_are_not_listed(build, pbx):
    pbx.faults.add("not_xml", command="ListExtensions")
    probe = build().probe()
    assert probe.ok
    assert checks(probe)["Extensions"][0] is None


def test_no_user_name_where_none_is_asked(build, generation):
    if generation == "gen1":  # gen2 always asks
        with SimulatorServer(phones(), "ozeki-gen1") as pbx:
            probe = build(url=pbx.url, username="", password="").probe()
        assert checks(probe)["Login"] == (True, "Accepted without one.")


@pytest.mark.parametrize(
    ("seconds", "words"), [(-120, r"1(19|20|21) s ahead of ours"), (120, r"1(19|20|21) s behind")]
)
def test_clock(build, seconds, words):
    driver = build()
    reply = driver.read({"command": "ListActiveCalls"})
    driver.read = lambda *_: reply
    with time_machine.travel(time.time() + seconds, tick=False):
        ok, text = checks(driver.probe())["Clock"]
    assert ok is False
    assert re.match(f"The PBX's clock is {words}", text)


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 01 Jan 2013 10:00:00 -0000"])
def test_a_pbx_without_a_clock(build, pbx, date):
    driver = build()
    reply = driver.read({"command": "ListActiveCalls"})
    reply.headers["date"] = date
    driver.read = lambda *_: reply
    assert checks(driver.probe())["Clock"] == (None, "The PBX does not tell its time.")


def test_dates_in_another_time_zone(build, pbx, generation):
    pbx.switches.timezone = "Asia/Tokyo"
    bring(pbx.exchange, CallState.RINGING)
    ok, text = checks(build().probe())["Dates"]
    if generation == "gen1":  # its dates carry their offset
        assert ok is True
    else:
        assert (ok, text) == (False, "Dates look 9 h off: set the time zone option.")
