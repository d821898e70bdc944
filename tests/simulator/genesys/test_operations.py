"""Each operation on a call, in the states that allow it and in those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.exchange import Exchange
from tests.simulator.conftest import ANNA
from tests.simulator.genesys.client import Bayeux, states

TO_BEN: dict[str, Any] = {"destination": {"phoneNumber": "1003"}}
DATA = {"userData": {"a": "1"}}


@pytest.fixture
def at(exchange: Exchange) -> dict[str, str]:
    """One call of Ana's in each state."""
    ids = {name: exchange.ring(ANNA, "1001") for name in ("ringing", "established", "held")}
    exchange.answer(ids["established"])
    exchange.answer(ids["held"])
    exchange.hold(ids["held"])
    return ids | {"dialing": exchange.ring("1001", "1003")}


ALLOWED = {
    "Answer": {"ringing"},
    "Hangup": {"dialing", "established", "held"},
    "ClearCall": {"ringing", "established"},
    "Hold": {"established"},
    "Retrieve": {"held"},
    "SingleStepTransfer": {"established", "held"},
    "InitiateTransfer": {"established", "held"},
    "SendDtmf": {"dialing", "established"},
    "MuteCall": {"established"},
    "UnmuteCall": set(),
    "AttachUserData": {"ringing", "dialing", "established", "held"},
    "UpdateUserData": {"ringing", "dialing", "established", "held"},
    "DeleteUserData": {"ringing", "dialing", "established", "held"},
    "StartCallRecording": {"established"},
    "StopCallRecording": set(),
    "PauseCallRecording": set(),
    "ResumeCallRecording": set(),
}


@pytest.mark.parametrize("state", ["ringing", "dialing", "established", "held"])
@pytest.mark.parametrize("operation", ALLOWED)
def test_an_operation_fits_its_states_only(pbx, ana, at, operation, state):
    pbx.switches.recording = True
    before = ana.calls()
    code = ana.do(at[state], operation, **TO_BEN, **DATA, digits="1")
    if state in ALLOWED[operation]:
        assert code == 0
    else:
        assert code == 2
        assert ana.calls() == before


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        ("Answer", "ringing", "Established"),
        ("Hold", "established", "Held"),
        ("Retrieve", "held", "Established"),
    ],
)
def test_the_state_after(ana, at, operation, before, after):
    ana.do(at[before], operation)
    assert ana.get(f"/me/calls/{at[before]}")["call"]["state"] == after


@pytest.mark.parametrize(
    ("operation", "before"),
    [("Hangup", "established"), ("Hangup", "dialing"), ("ClearCall", "ringing")],
)
def test_an_ended_call_is_not_found(ana, at, operation, before):
    ana.do(at[before], operation)
    assert ana.get(f"/me/calls/{at[before]}")["statusCode"] == 6
    assert ana.do(at[before], operation) == 6


def test_every_reply_to_an_operation_is_a_bare_zero(ana, talking):
    assert ana.post(f"/me/calls/{talking}", operationName="Hold") == {"statusCode": 0}
    assert (ana.status, ana.headers["content-type"]) == (200, "application/json;charset=UTF-8")


@pytest.mark.parametrize(
    ("operation", "order"),
    [
        ("SingleStepTransfer", {}),
        ("SingleStepTransfer", {"destination": "1003"}),
        ("SingleStepTransfer", {"destination": {"phoneNumber": ""}}),
        ("SingleStepTransfer", {**TO_BEN, "userData": "x"}),
        ("InitiateTransfer", {}),
        ("SwapCalls", {}),
        ("SendDtmf", {}),
        ("AttachUserData", {}),
        ("UpdateUserData", {"userData": ["a"]}),
        ("DeleteUserDataPair", {}),
    ],
)
def test_a_missing_parameter(ana, talking, operation, order):
    assert ana.do(talking, operation, **order) == 1
    assert ana.status == 400
    assert ana.calls()[0]["state"] == "Established"


def test_the_call_is_looked_for_before_parameters(ana):
    assert ana.do("nobody", "SingleStepTransfer") == 6


def test_calls_of_others_are_not_found(ana, ben, talking):
    assert ben.do(talking, "Hangup") == 6
    assert ben.get(f"/me/calls/{talking}")["statusCode"] == 6
    assert ana.calls()


# ----- attached data


def test_attach_update_and_delete(ana, talking):
    def data() -> object:
        return ana.calls()[0].get("userData")

    ana.do(talking, "AttachUserData", userData={"a": "1", "b": {"c": 2}})
    assert data() == {"a": "1", "b": {"c": 2}}
    ana.do(talking, "UpdateUserData", userData={"a": "2"})
    assert data() == {"a": "2", "b": {"c": 2}}
    assert ana.do(talking, "DeleteUserDataPair", key="a") == 0
    assert data() == {"b": {"c": 2}}
    assert ana.do(talking, "DeleteUserDataPair", key="a") == 6
    ana.do(talking, "DeleteUserData")
    assert data() is None


def test_a_transfers_data_is_merged(ana, ben, talking):
    ana.do(talking, "AttachUserData", userData={"a": "1"})
    ana.do(talking, "SingleStepTransfer", **TO_BEN, userData={"b": "2"})
    assert ben.calls()[0]["userData"] == {"a": "1", "b": "2"}


# ----- consulting


@pytest.fixture
def consult(ana, ben, talking) -> str:
    """Ana has put the caller on hold and rings Ben."""
    assert ana.do(talking, "InitiateTransfer", **TO_BEN, userData={"b": "2"}) == 0
    ident: str = ana.calls()[1]["id"]
    return ident


def test_the_consulted_hears_about_what(ben, consult):
    call = ben.calls()[0]
    assert (call["state"], call["callType"]) == ("Ringing", "Consult")
    assert "parentCallUri" not in call
    assert call["userData"] == {"b": "2"}


@pytest.mark.parametrize("posted_on", ["original", "consult"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("answered", [True, False])
def test_complete_transfer(pbx, ana, ben, talking, consult, posted_on, named, answered):
    if answered:
        ben.do(consult, "Answer")
    uri = {"consultCallUri": f"{pbx.url}/me/calls/{consult}"} if named else {}
    target = talking if posted_on == "original" else consult
    assert ana.do(target, "CompleteTransfer", **uri) == 0
    assert ana.calls() == []
    call = ben.calls()[0]
    state = "Established" if answered else "Ringing"
    assert (call["id"], call["state"], call["callType"]) == (talking, state, "Inbound")
    assert call["participants"][0]["e164Number"] == ANNA
    assert len(ben.calls()) == 1


def test_complete_transfer_after_a_swap(ana, ben, talking, consult):
    ben.do(consult, "Answer")
    assert ana.do(consult, "SwapCalls", otherCallUri=f"/calls/{talking}") == 0
    assert ana.do(talking, "CompleteTransfer") == 0
    assert ana.calls() == []
    assert [(call["id"], call["state"]) for call in ben.calls()] == [(talking, "Established")]


def test_swap_calls_there_and_back(ana, ben, talking, consult):
    ben.do(consult, "Answer")
    uri = ana.calls()[1]["uri"]
    assert ana.do(talking, "SwapCalls", otherCallUri=uri) == 0
    assert [call["state"] for call in ana.calls()] == ["Established", "Held"]
    assert ana.do(talking, "SwapCalls", otherCallUri=uri) == 0
    assert [call["state"] for call in ana.calls()] == ["Held", "Established"]


def test_swap_with_nobody(ana, talking, consult):
    assert ana.do(talking, "SwapCalls", otherCallUri="/calls/nobody") == 6
    assert ana.do(talking, "SwapCalls", otherCallUri=f"/calls/{consult}") == 2  # it still rings


def test_giving_a_consultation_up(ana, talking, consult):
    assert ana.do(talking, "Retrieve") == 2
    assert ana.do(consult, "Hangup") == 0
    assert "Retrieve" in ana.calls()[0]["capabilities"]
    assert ana.do(talking, "Retrieve") == 0
    assert [call["state"] for call in ana.calls()] == ["Established"]


def test_consulting_from_hold(ana, ben, talking):
    ana.do(talking, "Hold")
    assert ana.do(talking, "InitiateTransfer", **TO_BEN) == 0
    assert [call["state"] for call in ana.calls()] == ["Held", "Dialing"]


def test_a_refused_completion_changes_nothing(ana, talking):
    assert ana.do(talking, "CompleteTransfer") == 2
    assert ana.do(talking, "CompleteTransfer", consultCallUri="/calls/nobody") == 6
    assert ana.do(talking, "CompleteTransfer", consultCallUri=f"/calls/{talking}") == 2


def test_two_calls_that_came_by_themselves_can_be_joined(exchange, ana, talking):
    ana.do(talking, "Hold")
    other = exchange.ring("1001", "1002")
    exchange.answer(other)
    assert "CompleteTransfer" in ana.calls()[1]["capabilities"]
    assert ana.do(other, "CompleteTransfer") == 0
    assert ana.calls() == []
    assert exchange.call(talking).involves("1002")


def test_which_of_three_is_meant_must_be_said(exchange, ana, talking):
    ana.do(talking, "Hold")
    for number in ("1002", "1003"):
        exchange.answer(exchange.ring("1001", number))
    assert ana.do(talking, "CompleteTransfer") == 1
    last = ana.calls()[2]["uri"]
    assert ana.do(ana.calls()[1]["id"], "CompleteTransfer") == 1
    assert ana.do(talking, "CompleteTransfer", consultCallUri=last) == 0
    assert [call["participants"][0]["digits"] for call in ana.calls()] == ["1002"]


# ----- the rest


@pytest.mark.parametrize(("digits", "code"), [("123", 0), ("*1#", 0), ("12a", 10), ("١", 10)])
def test_dtmf(ana, talking, digits, code):
    assert ana.do(talking, "SendDtmf", digits=digits) == code


def test_mute(ana, talking):
    assert ana.do(talking, "MuteCall") == 0
    assert ana.calls()[0]["mute"] == "On"
    assert ana.do(talking, "MuteCall") == 2
    assert ana.do(talking, "UnmuteCall") == 0
    assert ana.calls()[0]["mute"] == "Off"


def test_recording(pbx, ana, talking):
    assert ana.do(talking, "StartCallRecording") == 2
    pbx.switches.recording = True
    for operation, becomes in [
        ("StartCallRecording", "Recording"),
        ("PauseCallRecording", "Paused"),
        ("ResumeCallRecording", "Recording"),
        ("StopCallRecording", "Stopped"),
    ]:
        assert operation in ana.calls()[0]["capabilities"]
        assert ana.do(talking, operation) == 0
        assert ana.calls()[0]["recordingState"] == becomes


@pytest.mark.parametrize(
    "operation", ["SingleStepConference", "InitiateConference", "CompleteConference"]
)
def test_there_are_no_conferences(ana, talking, operation):
    told = ana.post(f"/me/calls/{talking}", operationName=operation, **TO_BEN)
    assert told == {"statusCode": 4, "statusMessage": "Conference resources are not available"}


@pytest.mark.parametrize(
    "operation", ["RemoveParticipantFromConference", "SwitchToListenIn", "MuteMonitoredUser"]
)
def test_what_owners_and_supervisors_may(ana, talking, operation):
    assert ana.do(talking, operation) == 3
    assert ana.status == 403


# ----- Dial


def test_dial_does_not_tell_the_call(ana, ben):
    path = f"/me/devices/{ana.device()['id']}/calls"
    told = ana.post(path, operationName="Dial", **TO_BEN, userData={"key": "7"})
    assert told == {"statusCode": 0}
    call = ana.calls()[0]
    assert (call["state"], call["dnis"], call["userData"]) == ("Dialing", "1003", {"key": "7"})
    assert (ben.calls()[0]["state"], ben.calls()[0]["userData"]) == ("Ringing", {"key": "7"})
    assert ana.post(path, operationName="Dial")["statusCode"] == 1
    assert ana.post(path, operationName="Ring", **TO_BEN)["statusCode"] == 2
    assert ana.post("/me/devices/none/calls", operationName="Dial", **TO_BEN)["statusCode"] == 6


# ----- what is heard


def heard(bayeux: Bayeux, wanted: int) -> list[tuple[str, str]]:
    """Id and state of so many events."""
    events: list[tuple[str, str]] = []
    while len(events) < wanted:
        events += [(each["call"]["id"], each["call"]["state"]) for each in bayeux.events()]
    return events


def test_a_consultation_heard(ana, ben, talking, hears, ben_hears):
    hears.now()
    ana.do(talking, "InitiateTransfer", **TO_BEN)
    consult = ana.calls()[1]["id"]
    assert heard(hears, 2) == [(talking, "Held"), (consult, "Dialing")]
    ben.do(consult, "Answer")
    assert heard(hears, 1) == [(consult, "Established")]
    ana.do(consult, "CompleteTransfer")
    assert heard(hears, 2) == [(talking, "Released"), (consult, "Released")]
    expected = ["Ringing", "Established", "Released", "Established"]
    assert [state for _, state in heard(ben_hears, 4)] == expected


def test_a_swap_heard_in_the_samples_order(exchange, ana, talking, hears):
    ana.do(talking, "InitiateTransfer", **TO_BEN)
    consult = ana.calls()[1]["id"]
    exchange.answer(consult)
    heard(hears, 3)
    ana.do(consult, "SwapCalls", otherCallUri=f"/calls/{talking}")
    assert heard(hears, 2) == [(talking, "Established"), (consult, "Held")]
    ana.do(talking, "CompleteTransfer")
    assert heard(hears, 2) == [(talking, "Released"), (consult, "Released")]


def test_the_one_who_stays_hears_whom_she_talks_to(exchange, pbx, ana, ben, ben_hears):
    call_id = exchange.ring("1003", "1001")
    exchange.answer(call_id)
    ben_hears.now()
    ana.do(call_id, "SingleStepTransfer", destination={"phoneNumber": "1002"})
    event = ben_hears.events()[0]
    assert event["notificationType"] == "ParticipantsUpdated"
    assert event["call"]["participants"][0]["phoneNumber"] == "1002"
    assert states([event]) == ["Established"]


def test_both_sides_hear_of_new_data(exchange, ana, ben, hears, ben_hears):
    exchange.answer(exchange.ring("1003", "1001"))
    hears.now()
    ben_hears.now()
    ana.do(ana.calls()[0]["id"], "UpdateUserData", userData={"a": "1"})
    for event in (hears.events()[0], ben_hears.events()[0]):
        assert event["notificationType"] == "AttachedDataChanged"
        assert event["call"]["userData"] == {"a": "1"}
        assert "extensions" not in event


def test_recording_heard(pbx, ana, talking, hears):
    pbx.switches.recording = True
    ana.do(talking, "StartCallRecording")
    event = hears.events()[0]
    assert event["notificationType"] == "CallRecordingStateChange"
    assert event["call"]["recordingState"] == "Recording"


def test_a_ringing_event_as_the_real_one(exchange, pbx, hears, clock):
    exchange.ring("1003", "1001")
    event = hears.events()[0]
    assert set(event) == {
        "notificationType",
        "call",
        "phoneNumber",
        "extensions",
        "messageType",
        "metrics",
    }
    assert event["notificationType"] == "StatusChange"
    assert event["messageType"] == "CallStateChangeMessage"
    assert (event["phoneNumber"], event["extensions"]) == ("1001", {"BusinessCall": 0})
    told = event["metrics"]["eventProcessing"]
    assert told["serverGenerationTimestamp"] == int(clock() * 1000)


def test_the_hold_of_a_consultation_has_no_extensions(ana, talking, hears):
    ana.do(talking, "InitiateTransfer", **TO_BEN)
    held = hears.events()[0]
    assert "extensions" not in held
    assert {"SwapCalls", "CompleteTransfer"} <= set(held["call"]["capabilities"])
    assert "Retrieve" not in held["call"]["capabilities"]
