"""Each fault over a real socket, as this API says it."""

from __future__ import annotations

import http.client
import json

import pytest

from simulator.faults import CODED, JSON_DAMAGES
from simulator.genesys import GenesysFace
from simulator.genesys.errors import MESSAGES
from tests.simulator.conftest import ANNA
from tests.simulator.genesys.client import Desk, states

BEFORE = ("http_500", "http_429", "http_502", "http_503", "status_401")


def hold(desk: Desk, call_id: str) -> bytes | Exception:
    """Send a Hold and read whatever comes, but not for ever."""
    order = json.dumps({"operationName": "Hold"}).encode()
    try:
        desk.send("POST", f"/me/calls/{call_id}", order)
        return desk.http.getresponse().read(100_000)
    except (OSError, http.client.HTTPException) as error:
        return error


@pytest.mark.parametrize("code", range(1, 21))
def test_every_code_of_the_table_can_be_had(pbx, ana, talking, code):
    pbx.faults.add(f"code_{code}", command="Hold")
    told = ana.post(f"/me/calls/{talking}", operationName="Hold")
    assert told == {"statusCode": code, "statusMessage": MESSAGES[code]}
    assert ana.calls()[0]["state"] == "Established"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("wrong_login", 20),
        ("auth_required", 20),
        ("forbidden_user", 5),
        ("forbidden_address", 3),
        ("internal_error", 4),
    ],
)
def test_refusals(pbx, ana, kind, code):
    pbx.faults.add(kind, times=1)
    assert ana.get("/me")["statusCode"] == code
    assert ana.get("/me")["statusCode"] == 0


@pytest.mark.parametrize("kind", BEFORE)
def test_pages_of_a_proxy(pbx, ana, talking, kind):
    pbx.faults.add(kind, times=1)
    said = hold(ana, talking)
    assert isinstance(said, bytes)
    assert said.startswith(b"<html>")
    assert ana.calls()[0]["state"] == "Established"


@pytest.mark.parametrize(
    ("kind", "state"), [("drop_before", "Established"), ("drop_after", "Held")]
)
def test_a_cut_connection(pbx, exchange, ana, talking, hears, kind, state):
    pbx.faults.add(kind, times=1)
    assert isinstance(hold(ana, talking), http.client.RemoteDisconnected)
    assert states(hears.now()) == (["Held"] if state == "Held" else [])
    assert ana.calls()[0]["state"] == state


@pytest.mark.parametrize("kind", [*JSON_DAMAGES, "cut_json", "truncated"])
def test_a_spoilt_reply_is_of_a_command_done(pbx, exchange, ana, talking, kind):
    pbx.faults.add(kind, times=1)
    said = hold(ana, talking)
    assert said != b'{"statusCode": 0}'
    assert exchange.call(talking).state == "held"


def test_a_code_that_is_no_number(pbx, ana, talking):
    pbx.faults.add("bad_code")
    assert hold(ana, talking) == b'{"statusCode": "OK"}'


@pytest.mark.parametrize("kind", ["not_xml", "doctype", "cut_xml"])
def test_it_knows_no_xml(pbx, kind):
    with pytest.raises(ValueError, match="no fault"):
        pbx.faults.add(kind)


def test_every_fault_is_tried():
    tried = {*BEFORE, *CODED, *JSON_DAMAGES, "cut_json", "truncated", "bad_code"}
    tried |= {"drop_before", "drop_after", "internal_error"}
    tried |= {"wrong_login", "auth_required", "forbidden_user", "forbidden_address"}
    general = {"delay", "redirect", "wrong_content_type", "huge", "drip"}  # tests/simulator
    assert tried | general == set(GenesysFace.faults)


def test_a_poll_lost_before_and_after(pbx, exchange, hears):
    for kind, kept in (("drop_before", ["Ringing"]), ("drop_after", [])):
        call_id = exchange.ring(ANNA, "1001")
        pbx.faults.add(kind, command="/meta/connect", times=1)
        with pytest.raises(http.client.RemoteDisconnected):
            hears.connect()
        assert states(hears.now()) == kept
        exchange.hangup(call_id)
        hears.now()


@pytest.mark.parametrize("kind", ["not_json", "cut_json", "deep"])
def test_a_spoilt_poll(pbx, hears, kind):
    pbx.faults.add(kind, command="/meta/connect")
    hears.start(hears.connecting(advice={"timeout": 0}))
    with pytest.raises((ValueError, RecursionError)):
        json.loads(hears.receive())


@pytest.mark.parametrize(
    ("method", "path", "command"),
    [
        ("GET", "/me", "GET /me"),
        ("GET", "/me/calls?fields=*", "GET /me/calls"),
        ("GET", "/me/calls/x", "GET /me/calls/{id}"),
        ("GET", "/me/devices/x", "GET /me/devices/{id}"),
        ("GET", "/diagnostics/version", "GET /diagnostics/version"),
        ("GET", "/nowhere", "GET /nowhere"),
    ],
)
def test_how_requests_are_counted(pbx, ana, method, path, command):
    pbx.requests.clear()
    ana.raw(method, path)
    assert pbx.count(command) == 1


def test_how_writes_and_polls_are_counted(pbx, ana, talking, hears):
    ana.do(talking, "Hold")
    assert pbx.count("Hold") == 1
    assert [pbx.count(f"/meta/{kind}") for kind in ("handshake", "subscribe", "connect")] == [1] * 3
    assert (hears.pbx.requests[-1].headers["Content-Type"]) == "application/json"
    hears.raw("POST", "/notifications", b"[")
    ana.http.request("GET", "/elsewhere")
    ana.receive()
    assert [request.command for request in pbx.requests][-2:] == ["", ""]


def test_a_broken_simulator_does_not_hold_events_back(
    pbx, exchange, ana, talking, hears, monkeypatch
):
    monkeypatch.setattr("simulator.genesys.face.reading.route", lambda *_: 1 / 0)
    assert hold(ana, talking) == b"the simulator itself failed, see its log"
    exchange.hangup(talking)
    assert states(hears.now()) == ["Released"]
