"""What the vendor leaves open: each switch over a real socket."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.genesys.errors import MESSAGES
from tests.simulator.conftest import ANNA
from tests.simulator.genesys.client import states
from tests.simulator.genesys.test_bayeux import wait_for_poll

TO_BEN: dict[str, Any] = {"destination": {"phoneNumber": "1003"}}


def to(number: str) -> dict[str, Any]:
    return {"destination": {"phoneNumber": number}}


# ----- calls


def test_ids_of_older_releases(pbx, ana, talking):
    pbx.switches.call_ids = "connection"
    call = ana.calls()[0]
    assert call["id"] == call["connId"] != call["callUuid"]
    assert call["path"] == f"/calls/{call['id']}"
    assert ana.do(talking, "Hold") == 6
    assert ana.do(call["id"], "Hold") == 0
    assert ana.do(call["id"], "InitiateTransfer", **TO_BEN) == 0
    consult = ana.calls()[1]
    assert consult["parentCallPath"] == call["path"]


def test_no_connection_id(pbx, ana, talking):
    pbx.switches.connection_id = False
    assert "connId" not in ana.calls()[0]


def test_participants_as_strings(pbx, ana, talking):
    pbx.switches.participants = "strings"
    call = ana.calls()[0]
    assert call["participants"] == [ANNA]
    assert call["participantsInfo"][0]["phoneNumber"] == ANNA


@pytest.mark.parametrize(("which", "dnis"), [("target", "1003"), ("dialed", "1001")])
def test_the_dnis_of_a_transferred_call(pbx, ana, ben, talking, which, dnis):
    pbx.switches.target_dnis = which
    ana.do(talking, "SingleStepTransfer", **TO_BEN)
    assert ben.calls()[0]["dnis"] == dnis


def test_a_new_id_for_a_transferred_call(pbx, ana, ben, talking, hears):
    pbx.switches.call_id = "new"
    ana.do(talking, "SingleStepTransfer", **TO_BEN, userData={"a": "1"})
    call = ben.calls()[0]
    assert call["id"] != talking
    assert (call["callUuid"], call["userData"]) == (talking, {"a": "1"})
    assert states(hears.events()) == ["Released"]


def test_nobody_may_answer_by_the_api(pbx, ana, ringing):
    pbx.switches.answer_by_api = False
    assert "Answer" not in ana.calls()[0]["capabilities"]
    assert ana.do(ringing, "Answer") == 2
    assert ana.device()["telephonyNetwork"] == "Public"


def test_clear_call_may_not_be_offered(pbx, ana, talking):
    pbx.switches.clear_call = False
    assert ana.do(talking, "ClearCall") == 2


def test_no_completion_while_the_target_rings(pbx, ana, ben, talking):
    pbx.switches.complete_while_dialing = False
    ana.do(talking, "InitiateTransfer", **TO_BEN)
    held, consult = ana.calls()
    assert "CompleteTransfer" not in held["capabilities"]
    assert ana.do(talking, "CompleteTransfer") == 2
    ben.do(consult["id"], "Answer")
    assert "CompleteTransfer" in ana.calls()[0]["capabilities"]
    assert ana.do(talking, "CompleteTransfer") == 0


@pytest.mark.parametrize("code", ["2", "1"])
def test_an_unknown_operation(pbx, ana, talking, code):
    pbx.switches.unknown_operation = code
    for path in (f"/me/calls/{talking}", "/me", "/me/channels/voice"):
        told = ana.post(path, operationName="Dance")
        assert told["statusCode"] == int(code)
        assert told["statusMessage"] == "Operation 'Dance' is not known"


@pytest.mark.parametrize("operation", ["SingleStepTransfer", "InitiateTransfer"])
@pytest.mark.parametrize("number", ["1007", "1012", "7777"])  # busy, not registered, nobody's
class TestABadTarget:
    def test_is_told_by_an_event(self, ana, talking, hears, operation, number):
        assert ana.do(talking, operation, **to(number)) == 0
        event = hears.events()[0]
        assert set(event) == {"messageType", "metrics", "devicePath", "deviceUri"}
        assert event["messageType"] == "ErrorMessage"
        assert event["devicePath"] == f"/devices/{ana.device()['id']}"
        assert [call["state"] for call in ana.calls()] == ["Established"]

    def test_is_told_by_the_reply(self, pbx, ana, talking, operation, number):
        pbx.switches.bad_target = "reply"
        told = ana.post(f"/me/calls/{talking}", operationName=operation, **to(number))
        assert (told["statusCode"], ana.status) == (4, 500)
        assert number in told["statusMessage"]
        assert [call["state"] for call in ana.calls()] == ["Established"]

    def test_is_rung(self, pbx, ana, talking, operation, number):
        pbx.switches.bad_target = "ring"
        assert ana.do(talking, operation, **to(number)) == 0
        left = [] if operation == "SingleStepTransfer" else ["Held"]
        assert [call["state"] for call in ana.calls()] == left


def test_do_not_disturb_is_a_bad_target(pbx, exchange, ana, talking):
    pbx.switches.bad_target = "reply"
    exchange.behave("1003", do_not_disturb=True)
    assert ana.do(talking, "SingleStepTransfer", **TO_BEN) == 4
    exchange.behave("1003", forward_to="1002")
    assert ana.do(talking, "SingleStepTransfer", **TO_BEN) == 0


@pytest.mark.parametrize("member", ["errorMessage", "statusMessage"])
def test_a_failure_with_words_on_another_channel(pbx, ana, talking, hears, member):
    pbx.switches.error_text = member
    pbx.switches.error_channel = "/v2/me/calls"
    ana.do(talking, "SingleStepTransfer", **to("7777"))
    message = hears.connect()[0]
    assert message["channel"] == "/v2/me/calls"
    assert message["data"][member] == "Invalid destination '7777'"


def test_an_effect_may_come_later(pbx, exchange, ana, clock, talking, hears):
    pbx.switches.effect_delay_seconds = 2
    assert ana.do(talking, "Hold") == 0
    assert ana.calls()[0]["state"] == "Established"
    clock.pass_(2)
    assert ana.calls()[0]["state"] == "Held"
    assert states(hears.now()) == ["Held"]


def test_a_late_effect_may_fail(pbx, exchange, ana, clock, talking, hears):
    pbx.switches.effect_delay_seconds = 2
    ana.do(talking, "Hold")
    exchange.hangup(talking)
    clock.pass_(2)
    assert ana.calls() == []
    told = [event["messageType"] for event in hears.now()]
    assert told == ["CallStateChangeMessage", "ErrorMessage"]


# ----- replies


@pytest.mark.parametrize(
    ("switch", "status"), [("mapped", 404), ("200", 200), ("400", 400), ("500", 500)]
)
def test_the_http_status_of_errors(pbx, ana, switch, status):
    pbx.switches.error_status = switch
    assert ana.get("/me/calls/nobody") == {"statusCode": 6, "statusMessage": MESSAGES[6]}
    assert ana.status == status


def test_without_the_voice_feature(pbx, ana, talking):
    pbx.switches.api_voice = False
    features = ana.get("/me?subresources=features")["user"]["features"]
    assert "api-voice" not in [feature["id"] for feature in features]
    session = {"operationName": "StartContactCenterSession", "channels": ["voice"]}
    device = ana.get("/me/devices?fields=*")["devices"][0]["id"]
    assert ana.get("/me/calls")["statusCode"] == 5
    assert ana.do(talking, "Hold") == 5
    assert ana.post("/me", **session)["statusCode"] == 5
    assert ana.post(f"/me/devices/{device}", operationName="DoNotDisturbOn")["statusCode"] == 5


def test_a_password_to_be_changed(pbx, ana, talking):
    pbx.switches.password_change = True
    assert ana.get("/me")["statusCode"] == 8
    assert ana.do(talking, "Hold") == 8


def test_another_version(pbx, ana):
    pbx.switches.version = "8.5.200.50"
    assert ana.get("/diagnostics/version")["version"] == "8.5.200.50"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"{}", b"[" * 50_000])
def test_an_order_must_be_an_object_with_a_name(ana, talking, body):
    assert b'"statusCode": 1' in ana.raw("POST", f"/me/calls/{talking}", body)


@pytest.mark.parametrize("place", [("GET", "/nowhere"), ("PUT", "/me"), ("DELETE", "/me/calls")])
def test_addresses_that_lead_nowhere(ana, place):
    assert b'"statusCode": 6' in ana.raw(*place)


# ----- events


def test_an_event_before_the_reply(pbx, ana, talking, hears):
    pbx.switches.event_order = "before"
    hears.start(hears.connecting())
    wait_for_poll(pbx)
    take = pbx.face.listeners.flushed
    flushed = []
    pbx.face.listeners.flushed = lambda *asked: flushed.append(take(*asked))
    assert ana.do(talking, "Hold") == 0
    assert flushed == [True]  # the event was out by then
    assert states(each["data"] for each in hears.heard() if "data" in each) == ["Held"]


def test_an_event_after_the_reply(pbx, ana, talking, hears):
    order: list[str] = []
    publish, notifier = pbx.face.notifier.publish, pbx.face.notifier
    notifier.publish = lambda *event: (order.append("event"), publish(*event))
    run = pbx.face._run
    pbx.face._run = lambda *asked: (run(*asked), order.append("reply"))[0]
    ana.do(talking, "Hold")
    assert states(hears.events()) == ["Held"]
    assert order == ["reply", "event"]


def test_either_order(pbx, ana, talking):
    pbx.switches.event_order = "random"
    assert {pbx.face.notifier.before_reply() for _ in range(50)} == {True, False}
    assert ana.do(talking, "Hold") == 0
    assert ana.do(talking, "Retrieve") == 0


def test_events_keep_their_order_behind_a_slow_reply(pbx, exchange, ana, talking, hears):
    pbx.face.notifier.hold_back(pbx.face.agents.named("ana"))
    exchange.hold(talking)
    exchange.hangup(talking)
    assert hears.now() == []
    pbx.face.notifier.let_go(pbx.face.agents.named("ana"))
    assert states(hears.events()) == ["Held", "Released"]


@pytest.mark.parametrize(("switch", "times"), [("once", 1), ("twice", 2), ("lost", 0)])
def test_how_often_an_event_comes(pbx, exchange, talking, hears, switch, times):
    pbx.switches.events = switch
    exchange.hangup(talking)
    assert states(hears.now()) == ["Released"] * times


def test_an_event_of_a_call_nobody_has(pbx, ana, hears):
    pbx.face.stray_event()
    assert hears.events()[0]["call"]["id"] == "STRAY"
    assert ana.calls() == []


def test_without_metrics(pbx, exchange, hears):
    pbx.switches.event_metrics = False
    exchange.ring(ANNA, "1001")
    assert "metrics" not in hears.events()[0]


def test_nobody_tells_the_one_who_stays(pbx, exchange, ana, ben, ben_hears):
    pbx.switches.participants_updated = False
    call_id = exchange.ring("1003", "1001")
    exchange.answer(call_id)
    ben_hears.now()
    ana.do(call_id, "SingleStepTransfer", **to("1002"))
    assert ben_hears.now() == []
    assert ben.calls()[0]["participants"][0]["phoneNumber"] == "1002"


def test_advice_that_lies(pbx, hears):
    pbx.switches.advised_seconds = 60
    pbx.switches.hold_seconds = 0.05
    assert hears.connect()[0]["advice"]["timeout"] == 60_000
