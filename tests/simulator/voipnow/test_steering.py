"""The control interface over a VoipNow PBX, the names of its commands, and its page of switches."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from simulator.calls import Rules
from simulator.control import ControlServer
from simulator.voipnow import Switches
from simulator.voipnow.actions import ACTIONS
from simulator.voipnow.errors import ERRORS
from tests.simulator.conftest import ANNA

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "simulator.md").read_text()
SECTION = PAGE.partition("\n## VoipNow\n")[2]
OWN = [field.name for field in fields(Switches) if field not in fields(Rules)]

Order = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def order(pbx) -> Iterator[Order]:
    with ControlServer({"contact": pbx}) as server:

        def order(do: str, **more: object) -> tuple[int, dict[str, Any]]:
            connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
            body = json.dumps({"pbx": "contact", "do": do, **more})
            place = ("GET", "/state") if do == "state" else ("POST", "/control")
            connection.request(*place, body)
            response = connection.getresponse()
            said = json.loads(response.read())
            connection.close()
            return response.status, said

        yield order


def test_expire(order, client):
    assert client.list().status == 204
    assert order("expire") == (200, {})
    assert client.list().status == 401


def test_unhook(order, client, pbx):
    client.events("POST", "", {"type": "0", "method": "0", "url": "http://x/"})
    assert order("state")[1]["contact"]["events"]["registered"] == 1
    assert order("unhook") == (200, {})
    assert order("state")[1]["contact"]["events"]["registered"] == 0


def test_switch(order, pbx):
    status, said = order("switch", empty="zero", page_limit=3, event_copies="two")
    assert (status, said["switches"]["empty"]) == (200, "zero")
    assert (pbx.switches.page_limit, pbx.switches.event_copies) == (3, "two")


@pytest.mark.parametrize(
    ("do", "more", "complaint"),
    [
        ("switch", {"empty": "200"}, "empty is '204' or 'zero' or 'no-entry', not '200'"),
        ("switch", {"page_limit": "3"}, "page_limit is a whole number, not '3'"),
        ("switch", {"page_limit": True}, "page_limit is a whole number"),
        ("switch", {"xmlns_order": "none"}, "no 'xmlns_order'"),
        ("fault", {"kind": "not_xml"}, "no fault 'not_xml'; there are delay"),
        ("dance", {}, "can ring, answer"),
    ],
)
def test_wrong_orders(order, do, more, complaint):
    status, said = order(do, **more)
    assert status == 400
    assert complaint in said["error"]


def test_a_wrong_verb_is_told_of_this_faces_own(order):
    assert "expire, unhook" in order("dance")[1]["error"]


def test_state(order, client, exchange, pbx):
    exchange.ring(ANNA, "1001")
    client.calls()
    said = order("state")[1]["contact"]
    assert (said["face"], said["url"]) == ("voipnow", pbx.url)
    assert said["requests"] == {"Token": 1, "ListPhoneCalls": 1}
    assert said["calls"][0]["state"] == "ringing"


def test_answering_the_own_phone(order, client, exchange):
    (made,) = client.create("1001", "1003").json
    assert order("answer", call=made["id"])[0] == 200
    assert exchange.call(made["id"]).state == "ringing"


@pytest.mark.parametrize(
    ("method", "path", "body", "command"),
    [
        ("GET", "/uapi/phoneCalls/@me/@self", {}, "ListPhoneCalls"),
        ("GET", "/uapi/phoneCalls/@me/1001/x", {}, "ListPhoneCalls"),
        ("PUT", "/uapi/phoneCalls/@me/1001/x", {"action": "Park"}, "Park"),
        ("PUT", "/uapi/phoneCalls/@me/1001/", {"action": "Park"}, "ParkAll"),
        ("DELETE", "/uapi/phoneCalls/@me/1001/x/", {}, "Delete"),
        ("DELETE", "/uapi/phoneCalls/@me/1001?phoneNumber=1", {}, "DeleteAll"),
        ("POST", "/uapi/phoneCalls/@me/simple", {}, "CreateSimple"),
        ("GET", "/uapi/extensions/@me/@self/presence", {}, "ListPresence"),
        ("DELETE", "/uapi/extensions/@me/1001/phoneCallEvents/0", {}, "DeleteEventAll"),
        ("PUT", "/uapi/extensions/@me/1001/phoneCallEvents/0/x", {}, "UpdateEvent"),
        ("GET", "/uapi/cdr/@me", {}, "ListCdr"),
        ("GET", "/uapi/other/@me", {}, ""),
        ("GET", "/favicon.ico", {}, ""),
    ],
)
def test_names_of_commands(client, pbx, method, path, body, command):
    client.send(method, path, body)
    assert pbx.requests[-1].command == command
    assert command.removesuffix("All") in SECTION


def test_the_body_is_remembered(client, pbx, ringing):
    client.do("OnHold", ringing, phoneCallViewId="00")
    assert json.loads(pbx.requests[-1].body)["action"] == "OnHold"


# ----- the page


def rows() -> dict[str, str]:
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", SECTION, re.MULTILINE))


@pytest.mark.parametrize("switch", [*OWN, "call_id"])
def test_the_page_tells_every_switch(switch):
    hint = get_type_hints(Switches)[switch]
    default = getattr(Switches(), switch)
    values = [default, *get_args(hint)] if get_origin(hint) else [default, not default]
    if not isinstance(default, str | bool):
        assert rows()[switch] == f"{default:g}"
    elif not get_origin(hint) and isinstance(default, str):
        assert rows()[switch] == f'"{default}"'
    else:
        told = json.loads(f"[{rows()[switch]}]")
        assert told[0] == default
        assert set(told) == set(values)


@pytest.mark.parametrize("rule", [f.name for f in fields(Rules)])
def test_the_page_tells_every_rule(rule):
    assert f"`{rule}`" in PAGE


@pytest.mark.parametrize("action", ACTIONS)
def test_the_page_tells_every_action(action):
    assert re.search(rf"\b{action}\b", SECTION)


@pytest.mark.parametrize("verb", ["expire", "unhook"])
def test_the_page_tells_the_verbs(verb):
    assert f"`{verb}`" in SECTION


DOCUMENTED = {
    "user_invalid": 400,
    "extension_invalid": 400,
    "access_denied": 401,
    "internal_server_error": 500,
    "request_not_implemented": 501,
    "pc_phonecall_invalid": 400,
    "pc_sendcallto_invalid": 400,
    "pc_transfer_from_number_invalid": 400,
    "pc_transfer_number_invalid": 400,
    "pcet_type_invalid": 400,
    "pce_method_invalid": 400,
    "fields_invalid": 400,
    "count_invalid": 400,
    "filterby_invalid": 400,
    "filterop_invalid": 400,
    "filtervalue_invalid": 400,
    "sortorder_invalid": 400,
}


@pytest.mark.parametrize("code", DOCUMENTED)
def test_every_documented_code_has_its_status(code):
    assert ERRORS[code][0] == DOCUMENTED[code]
