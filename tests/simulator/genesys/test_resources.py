"""The JSON of the reference's samples, field by field."""

from __future__ import annotations

import pytest

from simulator.server import SimulatorServer
from tests.simulator.conftest import ANNA
from tests.simulator.genesys.client import Desk

# What the sample of a call resource has (8.5.2), with the types of its values.
CALL = {
    "id": str,
    "state": str,
    "callUuid": str,
    "connId": str,
    "deviceUri": str,
    "participants": list,
    "dnis": str,
    "callType": str,
    "capabilities": list,
    "userData": dict,
    "duration": str,
    "mute": str,
    "recordingState": str,
    "supervisorListeningIn": bool,
    "monitoredUserMuted": bool,
    "monitoring": bool,
    "uri": str,
    "path": str,
}
# The capabilities of the samples.
USER_DATA = {"AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"}
MOVES = {"SingleStepTransfer", "SingleStepConference", "InitiateTransfer", "InitiateConference"}
ESTABLISHED = USER_DATA | MOVES | {"Hold", "Hangup", "SendDtmf", "StartCallRecording"}
ESTABLISHED_202 = USER_DATA | MOVES | {"Hold", "Hangup", "SendDtmf", "ClearCall"}
HELD = USER_DATA | MOVES | {"Retrieve", "Hangup"}
CONSULTING = USER_DATA | MOVES | {"SwapCalls", "Hangup", "CompleteTransfer"}
DIALING = USER_DATA | {"SendDtmf", "Hangup"}
RINGING = USER_DATA | {"Answer", "ClearCall"}


@pytest.fixture
def inside(exchange) -> str:
    """Ben (1003) rings Ana (1001) and she answers."""
    call_id = exchange.ring("1003", "1001")
    exchange.answer(call_id)
    return call_id


def test_a_call_has_every_field_of_the_sample(pbx, ana, inside, clock):
    pbx.switches.recording = True
    pbx.switches.clear_call = False
    ana.do(inside, "UpdateUserData", userData={"AccountNumber": "12345678"})
    clock.pass_(7)
    call = ana.get(f"/me/calls/{inside}")["call"]
    assert {name: type(value) for name, value in call.items()} == CALL
    assert set(call["capabilities"]) == ESTABLISHED
    device = ana.device()["id"]
    assert call | {"capabilities": [], "connId": ""} == {
        "id": inside,
        "state": "Established",
        "callUuid": inside,
        "connId": "",
        "deviceUri": f"{pbx.url}/devices/{device}",
        "participants": [
            {
                "e164Number": "",
                "formattedPhoneNumber": "1003",
                "phoneNumber": "1003",
                "digits": "1003",
            }
        ],
        "dnis": "1001",
        "callType": "Internal",
        "capabilities": [],
        "userData": {"AccountNumber": "12345678"},
        "duration": "7",
        "mute": "Off",
        "recordingState": "Stopped",
        "supervisorListeningIn": False,
        "monitoredUserMuted": False,
        "monitoring": False,
        "uri": f"{pbx.url}/me/calls/{inside}",
        "path": f"/calls/{inside}",
    }
    assert call["connId"].startswith("0071")
    assert len(call["connId"]) == 16


def test_user_data_is_absent_when_there_is_none(ana, inside):
    assert "userData" not in ana.calls()[0]


def test_an_outside_number_as_in_the_sample(exchange, ana):
    exchange.ring("+19165550104", "1001")
    call = ana.calls()[0]
    assert call["participants"] == [
        {
            "e164Number": "+19165550104",
            "formattedPhoneNumber": "(916) 555-0104",
            "country": {"name": "United States", "code": "US", "callingCode": "1"},
            "phoneNumber": "9165550104",
            "digits": "9165550104",
        }
    ]
    assert (call["ani"], call["callType"]) == ("+19165550104", "Inbound")


@pytest.mark.parametrize("number", ["anonymous", "+999123456", "0036301234567"])
def test_other_numbers(exchange, ana, number):
    exchange.ring(number, "1001")
    assert ana.calls()[0]["participants"][0]["phoneNumber"] == number


def test_a_call_of_her_own_is_outbound(exchange, ana):
    exchange.ring("1001", ANNA)
    call = ana.calls()[0]
    assert (call["state"], call["callType"], call["dnis"]) == ("Dialing", "Outbound", ANNA)
    assert "ani" not in call


@pytest.mark.parametrize(
    ("moves", "state", "offered"),
    [
        ([], "Ringing", RINGING),
        (["answer"], "Established", ESTABLISHED_202),
        (["answer", "hold"], "Held", HELD),
    ],
)
def test_states_and_what_they_offer(exchange, ana, moves, state, offered):
    call_id = exchange.ring(ANNA, "1001")
    for move in moves:
        getattr(exchange, move)(call_id)
    call = ana.calls()[0]
    assert (call["state"], set(call["capabilities"])) == (state, offered)


def test_what_a_dialing_call_offers(exchange, ana):
    exchange.ring("1001", "1003")
    assert set(ana.calls()[0]["capabilities"]) == DIALING


def test_what_a_consultation_offers(exchange, ana, ben, talking):
    ana.do(talking, "InitiateTransfer", destination={"phoneNumber": "1003"})
    held, consult = ana.calls()
    assert (held["state"], set(held["capabilities"])) == ("Held", CONSULTING)
    assert (consult["state"], set(consult["capabilities"])) == ("Dialing", DIALING)
    exchange.answer(consult["id"])
    both = {"SwapCalls", "CompleteTransfer", "CompleteConference"}
    assert set(ana.calls()[1]["capabilities"]) == ESTABLISHED_202 | both


def test_a_consult_call_as_in_the_sample(pbx, ana, ben, inside, exchange):
    ana.do(inside, "InitiateTransfer", destination={"phoneNumber": "1002"})
    original, consult = ana.calls()
    assert consult["callType"] == "Consult"
    assert consult["callUuid"] != original["callUuid"]
    assert consult["connId"] != original["connId"]
    assert consult["parentCallUri"] == f"{pbx.url}/me/calls/{inside}"
    assert consult["parentCallPath"] == f"/calls/{inside}"
    assert (consult["dnis"], consult["participants"][0]["phoneNumber"]) == ("1002", "1002")


def test_without_fields_a_collection_is_addresses(pbx, ana, inside):
    assert ana.get("/me/calls") == {"statusCode": 0, "uris": [f"{pbx.url}/me/calls/{inside}"]}
    device = ana.device()["id"]
    assert ana.get("/me/devices") == {"statusCode": 0, "uris": [f"{pbx.url}/devices/{device}"]}


def test_named_fields_only(ana, inside):
    told = ana.get("/me/calls?fields=id,state,nonsense")
    assert told["calls"] == [{"id": inside, "state": "Established"}]


def test_no_calls(ana):
    assert ana.get("/me/calls?fields=*") == {"statusCode": 0, "calls": []}


def test_each_agent_sees_her_own_calls_only(exchange, ana, ben):
    exchange.ring(ANNA, "1001")
    assert len(ana.calls()) == 1
    assert ben.calls() == []


def test_both_ends_of_a_call_between_agents(ana, ben, inside):
    hers, his = ana.calls()[0], ben.calls()[0]
    assert (hers["id"], hers["dnis"]) == (his["id"], his["dnis"])
    assert his["participants"][0]["phoneNumber"] == "1001"
    assert hers["deviceUri"] != his["deviceUri"]


def test_a_phones_hold_is_only_its_own(ana, ben, inside):
    ana.do(inside, "Hold")
    assert (ana.calls()[0]["state"], ben.calls()[0]["state"]) == ("Held", "Established")
    assert ben.do(inside, "Hold") == 2


def test_me_as_in_the_sample(pbx, ana):
    user = ana.get("/me")["user"]
    ident = user["id"]
    assert user == {
        "id": ident,
        "userName": "ana",
        "firstName": "Reception",
        "lastName": "",
        "emailAddress": "",
        "roles": ["ROLE_AGENT"],
        "enabled": True,
        "changePasswordOnFirstLogin": False,
        "uri": f"{pbx.url}/users/{ident}",
        "path": f"/users/{ident}",
    }
    assert len(ident) == 32


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("*", {"features", "devices", "channels", "calls"}),
        ("features,devices", {"features", "devices"}),
        ("calls", {"calls"}),
        ("nonsense", set()),
    ],
)
def test_subresources(ana, inside, asked, told):
    user = ana.get(f"/me?subresources={asked}")["user"]
    assert set(user) & {"features", "devices", "channels", "calls"} == told


def test_a_feature_as_in_the_sample(pbx, ana):
    feature = ana.get("/me?subresources=features")["user"]["features"][0]
    assert feature == {
        "id": "api-voice",
        "displayName": "API Voice",
        "description": "API Voice of the contact center",
        "autoAssignOnContactCenterCreate": True,
        "uri": f"{pbx.url}/features/api-voice",
        "path": "/features/api-voice",
    }
    assert ana.get("/features")["features"][0] == feature


def test_a_device_as_in_the_sample(pbx, ana):
    device = ana.device()
    assert device | {"id": "", "voiceEnvironmentUri": ""} == {
        "id": "",
        "deviceState": "Active",
        "userState": {
            "id": "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB",
            "displayName": "Offline",
            "state": "LoggedOut",
        },
        "phoneNumber": "1001",
        "description": "",
        "e164Number": "",
        "telephonyNetwork": "Private",
        "doNotDisturb": "Off",
        "voiceEnvironmentUri": "",
        "capabilities": ["DoNotDisturbOn", "ForwardCallsOn"],
        "channels": ["voice"],
        "dynamicPhoneNumber": "",
    }
    assert device["voiceEnvironmentUri"].startswith(f"{pbx.url}/voice-environments/")
    assert ana.get(f"/me/devices/{device['id']}") == {"statusCode": 0, "device": device}


def test_the_version_needs_no_login(pbx):
    with Desk(pbx) as stranger:
        stranger.basic = ""
        told = stranger.get("/diagnostics/version")
        assert told == {"statusCode": 0, "version": "8.5.202.96"}
        assert "set-cookie" not in stranger.headers


def test_calls_older_than_the_server_are_seen(exchange, talking):
    exchange.hold(talking)
    with (
        SimulatorServer(exchange, "genesys", agents={"ana": ("pw", "1001")}) as pbx,
        Desk(pbx) as ana,
    ):
        assert ana.calls()[0]["state"] == "Held"
        pbx.clear()
        assert ana.calls() == []


def test_an_exchange_that_forgets_its_calls_leaves_no_legs_behind(pbx, exchange, ana, talking):
    assert len(ana.calls()) == 1
    exchange.clear()
    assert ana.calls() == []
    assert exchange.ring("+3615550199", "1001")
    assert [call["state"] for call in ana.calls()] == ["Ringing"]
