"""The centre of the demo, as the command line starts it."""

from __future__ import annotations

import random

import pytest

from simulator.__main__ import Simulation, arguments
from simulator.demo import CENTRE, logins
from simulator.exchange import Exchange
from simulator.genesys import call_uuids
from simulator.server import SimulatorServer
from tests.simulator.genesys.client import Desk


def test_everybody_in_the_centre_can_log_in(monkeypatch):
    monkeypatch.setenv("SIM_USERNAME", "desk")
    monkeypatch.setenv("SIM_PASSWORD", "pw")
    simulation = Simulation(arguments(["--control-port", "0", "--pbx", "centre=genesys:0"]))
    simulation.start()
    try:
        with Desk(simulation.pbxs["centre"], "desk") as desk:
            assert desk.device()["phoneNumber"] == CENTRE[0][0]
        with Desk(simulation.pbxs["centre"], "ben") as desk:
            assert desk.device()["phoneNumber"] == "5002"
    finally:
        simulation.stop()


def test_a_login_that_is_a_colleagues_name_is_receptions():
    assert logins("centre", "ben", "pw")["ben"] == ("pw", "5001")


def test_callers_have_names_in_the_demo(exchange, pbx, ana):
    pbx.switches.caller_name_key = "CallerName"
    exchange.ring("+3615550136", "1001", "Kovács Anna")
    assert ana.calls()[0]["userData"] == {"CallerName": "Kovács Anna"}


def test_call_ids_look_like_the_samples():
    ids = call_uuids(random.Random(1))
    first, *_, last = [ids() for _ in range(40)]
    assert (len(first), first[-6:], last[-6:]) == (32, "000001", "000014")
    assert first[:26] == last[:26]


def test_one_login_sits_at_the_first_phone(exchange):
    with SimulatorServer(exchange, "genesys", username="ana", password="pw") as pbx:
        assert pbx.url == f"http://127.0.0.1:{pbx.port}/api/v2"
        with Desk(pbx) as desk:
            assert desk.device()["phoneNumber"] == "1001"


def test_a_login_is_needed(exchange):
    with pytest.raises(ValueError, match="give it username and password, or agents"):
        SimulatorServer(exchange, "genesys")


def test_a_phone_is_needed():
    with pytest.raises(ValueError, match="add one to the exchange"):
        SimulatorServer(Exchange(), "genesys", username="ana")
