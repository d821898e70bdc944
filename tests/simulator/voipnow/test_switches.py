"""Switches of what actions do and answer."""

from __future__ import annotations

import pytest

from simulator.exchange import State
from tests.simulator.conftest import ANNA

RECEPTION, CAROL = "0003*1001", "0003*1003"
OUTSIDE = "+442079460018"
VIEW = {"phoneCallViewId": "00"}


@pytest.fixture
def call(talking) -> str:
    return talking()


def move(client, call_id: str, target: str = CAROL):
    return client.transfer(call_id, target, leaves=RECEPTION, stays=ANNA)


@pytest.mark.parametrize(
    ("success", "fields"),
    [("202", {"id", "extension", "link"}), ("200", None), ("204", set())],
)
@pytest.mark.parametrize("action", ["Transfer", "OnHold"])
def test_success(client, pbx, exchange, call, action, success, fields):
    switch = "transfer_success" if action == "Transfer" else "action_success"
    setattr(pbx.switches, switch, success)
    answer = move(client, call) if action == "Transfer" else client.do("OnHold", call, **VIEW)
    assert answer.status == int(success)
    said = set(answer.json) if answer.body else set()
    assert said == fields if fields is not None else "phoneCallView" in said
    assert exchange.call(call).state is not State.TALKING


def test_action_form(client, pbx, call):
    pbx.switches.action_form = "array"
    assert [said["id"] for said in client.do("OnHold", call, **VIEW).json] == [call]


def test_effect_delay(client, pbx, exchange, call, clock):
    pbx.switches.effect_delay_seconds = 2
    assert move(client, call).status == 202
    clock.pass_(1.9)
    assert client.statuses(call) == {RECEPTION: "5"}
    clock.pass_(0.2)
    assert client.statuses(call) == {CAROL: "3"}


def test_effect_delay_may_come_too_late(client, pbx, exchange, call, clock):
    pbx.switches.effect_delay_seconds = 2
    assert move(client, call).status == 202
    exchange.hangup(call)
    clock.pass_(3)
    assert client.calls() == []


def test_a_delayed_hang_up(client, pbx, exchange, call, clock):
    pbx.switches.effect_delay_seconds = 2
    assert client.delete("@self", call).status == 200
    assert len(client.calls()) == 1
    clock.pass_(2)
    assert client.calls() == []


def test_accepted_nothing(client, pbx, exchange, call):
    pbx.switches.accepted = "nothing"
    assert move(client, call).status == 202
    assert client.delete("@self", call).status == 200
    assert client.statuses(call) == {RECEPTION: "5"}


def test_accepted_vanishes(client, pbx, call):
    pbx.switches.accepted = "vanishes"
    assert client.do("OnHold", call, **VIEW).json["id"] == call
    assert client.calls() == []


@pytest.mark.parametrize("code", ["pc_action_invalid", "pc_phonecall_invalid"])
def test_wrong_state_refused(client, pbx, ringing, code):
    pbx.switches.wrong_state = code
    assert client.do("OnHold", ringing, **VIEW).code == (400, code)


@pytest.mark.parametrize(("kind", "status"), [("204", 204), ("accepted", 200)])
def test_wrong_state_accepted(client, pbx, exchange, ringing, kind, status):
    pbx.switches.wrong_state = kind
    assert client.do("OnHold", ringing, **VIEW).status == status
    assert exchange.call(ringing).state is State.RINGING


@pytest.mark.parametrize(
    ("kind", "status"),
    [("pc_phonecall_invalid", 400), ("pc_action_invalid", 400), ("request_not_implemented", 501)],
)
@pytest.mark.parametrize("action", ["Transfer", "TransferToVoicemail"])
def test_ringing_transfer(client, pbx, ringing, action, kind, status):
    pbx.switches.ringing_transfer = kind
    more = {"sendCallTo": CAROL, "transferFromNumber": RECEPTION, "transferNumber": ANNA}
    assert client.do(action, ringing, **more).code == (status, kind)


def test_held_transfer(client, pbx, exchange, call):
    exchange.hold(call)
    pbx.switches.held_transfer = False
    assert move(client, call).code == (400, "pc_action_invalid")
    pbx.switches.held_transfer = True
    assert move(client, call).status == 202


def test_unknown_target_accepted(client, pbx, call):
    pbx.switches.unknown_target = "accepted"
    assert move(client, call, "4711").status == 202
    assert client.calls() == []


def test_public_target_refused(client, pbx, call):
    pbx.switches.public_target = "refused"
    assert move(client, call, OUTSIDE).code == (400, "pc_sendcallto_invalid")
    assert move(client, call).status == 202


@pytest.mark.parametrize("number", ["1001", "0003*1001"])
def test_exact_numbers_off(client, pbx, call, number):
    pbx.switches.exact_numbers = False
    stays = ANNA.removeprefix("+")
    assert client.transfer(call, CAROL, leaves=number, stays=stays).status == 202


@pytest.mark.parametrize("form", ["short", "mixed"])
def test_exact_numbers_are_those_of_the_view(client, pbx, call, form):
    pbx.switches.extension_form, pbx.switches.public_plus = form, False
    assert move(client, call).code == (400, "pc_transfer_from_number_invalid")
    stays = ANNA.removeprefix("+")
    assert client.transfer(call, CAROL, leaves="1001", stays=stays).status == 202


def test_legacy_transfer(client, pbx, exchange, call):
    old = {"sendCallTo": CAROL, **VIEW}
    assert client.do("Transfer", call, **old).code == (400, "pc_transfer_from_number_invalid")
    pbx.switches.legacy_transfer = True
    assert client.do("Transfer", call, **old).status == 202
    assert (exchange.call(call).caller, exchange.call(call).callee) == (ANNA, "1003")


def test_voicemail_seconds(client, pbx, exchange, call, clock):
    pbx.switches.voicemail_seconds = 5
    more = {"sendCallTo": CAROL, "transferNumber": ANNA}
    client.do("TransferToVoicemail", call, **more)
    clock.pass_(4.9)
    assert len(client.calls()) == 1
    clock.pass_(0.2)
    assert client.calls() == []


def test_call_id_new(client, pbx, call):
    pbx.switches.call_id = "new"
    assert move(client, call).status == 202
    (said,) = client.calls()
    assert said["id"] != call


def test_no_answer_returns(client, pbx, call, clock):
    pbx.switches.no_answer_returns = True
    move(client, call)
    clock.pass_(60)
    assert client.statuses(call) == {RECEPTION: "3"}


def test_the_exchanges_rules_are_taken_over(exchange):
    from simulator.server import SimulatorServer

    exchange.rules.ring_seconds = 9
    pbx = SimulatorServer(exchange, "voipnow", username="a", password="b")
    pbx.stop()
    assert (pbx.switches.ring_seconds, pbx.switches.call_id) == (9, "kept")
    assert exchange.rules is pbx.switches
