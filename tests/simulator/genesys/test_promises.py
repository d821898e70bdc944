"""The page tells of everything; the control interface reaches everything."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from simulator.calls import Rules
from simulator.control import ControlServer
from simulator.genesys import GenesysFace, Switches
from simulator.genesys.operations import OPERATIONS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "simulator.md").read_text()
VERBS = ("forget_sessions", "expire_polls", "drop_polls", "rotate_csrf", "stray_event")
DOCUMENTED = (
    "Answer Hangup Hold Retrieve ClearCall SendDtmf SwapCalls SingleStepTransfer InitiateTransfer "
    "CompleteTransfer SingleStepConference InitiateConference CompleteConference "
    "RemoveParticipantFromConference AttachUserData UpdateUserData DeleteUserData "
    "DeleteUserDataPair MuteCall UnmuteCall StartCallRecording StopCallRecording "
    "PauseCallRecording ResumeCallRecording SwitchToListenIn MuteMonitoredUser UnmuteMonitoredUser"
)


OWN = {field.name for field in fields(Switches)} - {field.name for field in fields(Rules)}


def rows() -> dict[str, str]:
    section = PAGE.partition("## Genesys")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.MULTILINE))


@pytest.mark.parametrize("switch", sorted({*OWN, "call_id"}))
def test_the_page_tells_every_switch_with_its_values(switch):
    hint, default = get_type_hints(Switches)[switch], getattr(Switches(), switch)
    told = json.loads(f"[{rows()[switch]}]")
    assert told[0] == default
    if get_origin(hint) is Literal:
        assert told == list(get_args(hint)) if switch != "call_id" else ["kept", "new"]
    elif hint is bool:
        assert told == [default, not default]
    else:
        assert told == [default]


@pytest.mark.parametrize("switch", [field.name for field in fields(Rules)])
def test_the_page_tells_every_rule(switch):
    assert f"`{switch}`" in PAGE


@pytest.mark.parametrize("kind", [kind for kind in GenesysFace.faults if "code_" not in kind])
def test_the_page_tells_every_fault(kind):
    assert f"`{kind}`" in PAGE


@pytest.mark.parametrize("verb", VERBS)
def test_the_page_tells_every_verb(verb):
    assert f"`{verb}`" in PAGE


def test_every_documented_operation_is_known():
    assert set(DOCUMENTED.split()) == set(OPERATIONS)


@pytest.fixture
def control(pbx):
    with ControlServer({"centre": pbx}) as server:
        yield server


def say(server: ControlServer, **order: object) -> dict[str, Any]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    connection.request("POST", "/control", json.dumps({"pbx": "centre", **order}).encode())
    said: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return said


@pytest.mark.parametrize("verb", VERBS)
def test_control_has_the_verbs(control, hears, verb):
    assert say(control, do=verb) == {}


def test_control_has_the_switches(control, pbx):
    told = say(control, do="switch", csrf="off", hold_seconds=1, advised_seconds=None)
    assert (told["switches"]["csrf"], pbx.switches.hold_seconds) == ("off", 1)
    assert "'strict' or 'off'" in say(control, do="switch", csrf="maybe")["error"]


def test_control_tells_who_listens(control, hears):
    connection = http.client.HTTPConnection(control.host, control.port, timeout=10)
    connection.request("GET", "/state")
    state = json.loads(connection.getresponse().read())["centre"]
    connection.close()
    assert state["agents"][0] == {"login": "ana", "number": "1001", "state": "Offline"}
    channels = ["/v2/me/calls", "/v2/me/devices"]
    assert state["listeners"] == [{"login": "ana", "channels": channels, "polls": False}]
