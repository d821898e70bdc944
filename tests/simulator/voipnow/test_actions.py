"""Each action in the right and the wrong state, and every complaint in its order."""

from __future__ import annotations

import pytest

from simulator.exchange import Exchange, State
from tests.simulator.conftest import ANNA

RECEPTION, BEN, CAROL = "0003*1001", "0003*1002", "0003*1003"
OUTSIDE = "+442079460018"
VIEW = {"phoneCallViewId": "00"}
MOVE = {"sendCallTo": CAROL, "transferFromNumber": RECEPTION, "transferNumber": ANNA}
TAKE = {**VIEW, "sendCallTo": CAROL}
NEEDS: dict[str, dict[str, str]] = {
    "Transfer": MOVE,
    "TransferToVoicemail": MOVE,
    "OnHold": VIEW,
    "OffHold": VIEW,
    "Park": VIEW,
    "UnPark": TAKE,
    "PickUp": TAKE,
    "StartRecording": VIEW,
    "StopRecording": VIEW,
}
FITS = {
    "Transfer": {State.RINGING, State.TALKING, State.HELD},
    "TransferToVoicemail": {State.RINGING, State.TALKING, State.HELD},
    "OnHold": {State.TALKING},
    "OffHold": {State.HELD},
    "Park": {State.TALKING, State.HELD},
    "UnPark": {State.PARKED},
    "PickUp": {State.RINGING},
    "StartRecording": {State.TALKING},
    "StopRecording": set(),  # nothing is recorded yet
}
STATES = [State.RINGING, State.TALKING, State.HELD, State.PARKED]


def bring(exchange: Exchange, state: State) -> str:
    call_id = exchange.ring(ANNA, "1001", "Anna")
    if state is not State.RINGING:
        exchange.answer(call_id)
    if state is State.HELD:
        exchange.hold(call_id, by_command=True, by="1001")
    if state is State.PARKED:
        exchange.park(call_id, "1001", 180)
    return call_id


def parties(exchange: Exchange, call_id: str) -> tuple[str, str, State]:
    call = exchange.call(call_id)
    return call.caller, call.callee, call.state


# ----- every action in every state


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", NEEDS)
def test_states(client, exchange, action, state):
    call_id = bring(exchange, state)
    before = exchange.call(call_id)
    needs = dict(NEEDS[action])
    if "phoneCallViewId" in needs:
        needs["phoneCallViewId"] = client.views(call_id)[0]["id"]
    answer = client.do(action, call_id, **needs)
    if state in FITS[action]:
        assert answer.status == (202 if action == "Transfer" else 200)
    else:
        assert answer.code == (400, "pc_action_invalid")
        assert exchange.call(call_id) == before


# ----- Transfer


def test_transfer(client, exchange, clock):
    call_id = bring(exchange, State.TALKING)
    answer = client.do("Transfer", call_id, **MOVE)
    assert (answer.status, answer.json["id"]) == (202, call_id)
    assert set(answer.json) == {"id", "extension", "link"}
    assert parties(exchange, call_id) == (ANNA, "1003", State.RINGING)
    exchange.answer(call_id)
    (view,) = client.views(call_id)
    assert (view["extension"], view["status"]) == (CAROL, "5")


def test_the_caller_transfers(client, exchange, talking):
    call_id = talking("1001", "1003", "")
    client.transfer(call_id, BEN, leaves=RECEPTION, stays=CAROL)
    assert parties(exchange, call_id) == ("1003", "1002", State.RINGING)


def test_transfer_number_may_be_left_out(client, exchange):
    call_id = bring(exchange, State.TALKING)
    assert client.transfer(call_id, "1003", leaves=RECEPTION).status == 202
    assert exchange.call(call_id).callee == "1003"


@pytest.mark.parametrize("target", ["1003", CAROL, OUTSIDE, "3235742879"])
def test_targets(client, exchange, target):
    call_id = bring(exchange, State.TALKING)
    assert client.transfer(call_id, target, leaves=RECEPTION, stays=ANNA).status == 202


def test_a_ringing_call_rings_elsewhere(client, exchange):
    call_id = bring(exchange, State.RINGING)
    client.do("Transfer", call_id, **MOVE)
    assert parties(exchange, call_id) == (ANNA, "1003", State.RINGING)


def test_the_caller_cannot_leave_a_ringing_call(client, exchange):
    call_id = bring(exchange, State.RINGING)
    answer = client.transfer(call_id, CAROL, leaves=ANNA, stays=RECEPTION)
    assert answer.code == (400, "pc_action_invalid")


def test_a_busy_target_is_accepted_and_fails_afterwards(client, exchange):
    call_id = bring(exchange, State.TALKING)
    assert client.transfer(call_id, "1007", leaves=RECEPTION, stays=ANNA).status == 202
    assert client.list(call_id=call_id).status == 204


def test_nobody_answers_a_transferred_call(client, exchange, clock):
    call_id = bring(exchange, State.TALKING)
    client.do("Transfer", call_id, **MOVE)
    clock.pass_(60)
    assert client.list().status == 204


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sendCallTo": ""}, "pc_sendcallto_invalid"),
        ({"sendCallTo": "4711"}, "pc_sendcallto_invalid"),
        ({"sendCallTo": "0009*1003"}, "pc_sendcallto_invalid"),
        ({"sendCallTo": "nobody"}, "pc_sendcallto_invalid"),
        ({"sendCallTo": ["1003"]}, "pc_sendcallto_invalid"),
        ({"transferFromNumber": ""}, "pc_transfer_from_number_invalid"),
        ({"transferFromNumber": CAROL}, "pc_transfer_from_number_invalid"),
        ({"transferFromNumber": "1001"}, "pc_transfer_from_number_invalid"),
        ({"transferFromNumber": "what?"}, "pc_transfer_from_number_invalid"),
        ({"transferNumber": CAROL}, "pc_transfer_number_invalid"),
        ({"transferNumber": RECEPTION}, "pc_transfer_number_invalid"),
        ({"transferNumber": ANNA.removeprefix("+")}, "pc_transfer_number_invalid"),
    ],
)
def test_what_transfer_needs(client, exchange, change, code):
    call_id = bring(exchange, State.TALKING)
    answer = client.do("Transfer", call_id, **(MOVE | change))
    assert answer.code == (400, code)
    assert exchange.call(call_id).callee == "1001"


def test_the_order_of_complaints(client, exchange):
    call_id = bring(exchange, State.PARKED)
    wrong = {"sendCallTo": "?", "transferFromNumber": "?", "transferNumber": "?"}
    right = {"sendCallTo": CAROL, "transferFromNumber": RECEPTION, "transferNumber": ANNA}
    seen = [client.do("Dance", "nosuch", **wrong).code[1]]
    seen.append(client.do("Dance", call_id, **wrong).code[1])
    for name in (None, "sendCallTo", "transferFromNumber", "transferNumber"):
        wrong |= {name: right[name]} if name else {}
        seen.append(client.do("Transfer", call_id, **wrong).code[1])
    assert seen == [
        "pc_phonecall_invalid",
        "pc_action_invalid",
        "pc_sendcallto_invalid",
        "pc_transfer_from_number_invalid",
        "pc_transfer_number_invalid",
        "pc_action_invalid",  # a parked call is nobody's to transfer
    ]


# ----- TransferToVoicemail


@pytest.mark.parametrize("state", [State.RINGING, State.TALKING, State.HELD])
def test_voice_mail(client, exchange, clock, state):
    call_id = bring(exchange, state)
    assert client.do("TransferToVoicemail", call_id, **MOVE).status == 200
    call = exchange.call(call_id)
    assert (call.caller, call.callee, call.at_voicemail) == (ANNA, "1003", True)
    clock.pass_(30)
    assert client.list(call_id=call_id).status == 204


def test_voice_mail_of_the_callee(client, exchange, talking):
    call_id = talking("1001", "1002", "")
    more = {"sendCallTo": CAROL, "transferFromNumber": RECEPTION, "transferNumber": BEN}
    client.do("TransferToVoicemail", call_id, **more)
    assert parties(exchange, call_id) == ("1002", "1003", State.TALKING)


def test_voice_mail_without_transfer_from_number(client, exchange):
    call_id = bring(exchange, State.TALKING)
    more = {"sendCallTo": CAROL, "transferNumber": ANNA}
    assert client.do("TransferToVoicemail", call_id, **more).status == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sendCallTo": OUTSIDE}, "pc_sendcallto_invalid"),
        ({"sendCallTo": "4711"}, "pc_sendcallto_invalid"),
        ({"sendCallTo": ""}, "pc_sendcallto_invalid"),
        ({"transferFromNumber": CAROL}, "pc_transfer_from_number_invalid"),
        ({"transferFromNumber": ANNA}, "pc_transfer_from_number_invalid"),
        ({"transferNumber": ""}, "pc_transfer_number_invalid"),
        ({"transferNumber": CAROL}, "pc_transfer_number_invalid"),
    ],
)
def test_what_voice_mail_needs(client, exchange, change, code):
    call_id = bring(exchange, State.TALKING)
    assert client.do("TransferToVoicemail", call_id, **(MOVE | change)).code == (400, code)
    assert not exchange.call(call_id).at_voicemail


def test_a_queue_has_no_voice_mail(client, exchange):
    exchange.add("1050", "Sales", "queue")
    call_id = bring(exchange, State.TALKING)
    answer = client.do("TransferToVoicemail", call_id, **(MOVE | {"sendCallTo": "1050"}))
    assert answer.code == (400, "pc_sendcallto_invalid")


# ----- OnHold, OffHold


def test_hold_and_retrieve(client, exchange):
    call_id = bring(exchange, State.TALKING)
    held = client.do("OnHold", call_id, RECEPTION, **VIEW)
    assert held.json["phoneCallView"][0]["holder"] == "1"
    assert exchange.call(call_id).held_by == "1001"
    retrieved = client.do("OffHold", call_id, RECEPTION, **VIEW)
    assert "onHold" not in retrieved.json["phoneCallView"][0]
    assert exchange.call(call_id).state is State.TALKING


def test_who_holds_is_whose_view_is_named(client, exchange, talking):
    call_id = talking("1001", "1003", "")
    client.do("OnHold", call_id, phoneCallViewId="01")
    assert exchange.call(call_id).held_by == "1003"


@pytest.mark.parametrize("view", [None, "", "07", "0"])
@pytest.mark.parametrize(
    "action", ["OnHold", "OffHold", "Park", "UnPark", "PickUp", "StartRecording", "StopRecording"]
)
def test_the_view_must_be_named(client, exchange, action, view):
    call_id = bring(exchange, State.TALKING)
    more = {"sendCallTo": CAROL} | ({} if view is None else {"phoneCallViewId": view})
    assert client.do(action, call_id, **more).code == (400, "pc_phonecallview_invalid")


def test_off_hold_undoes_a_phones_hold(client, pbx, exchange):
    call_id = bring(exchange, State.TALKING)
    exchange.hold(call_id)
    pbx.switches.phone_hold_undone = False
    assert client.do("OffHold", call_id, **VIEW).code == (400, "pc_action_invalid")
    pbx.switches.phone_hold_undone = True
    assert client.do("OffHold", call_id, **VIEW).status == 200


# ----- Park, UnPark, PickUp


def test_park_and_unpark(client, exchange, clock):
    call_id = bring(exchange, State.TALKING)
    said = client.do("Park", call_id, RECEPTION, **VIEW, maxInParking="30").json
    (view,) = said["phoneCallView"]
    assert (view["id"], view["parkedBy"], view["parkedPos"]) == ("01", RECEPTION, "1")
    assert exchange.call(call_id).parked_until == clock() + 30
    taken = {"phoneCallViewId": "01", "sendCallTo": "1002"}
    assert client.do("UnPark", call_id, RECEPTION, **taken).status == 200
    clock.pass_(3)
    assert client.statuses(call_id) == {BEN: "5"}
    assert parties(exchange, call_id) == (ANNA, "1002", State.TALKING)


def test_a_parked_call_comes_back(client, exchange, clock):
    call_id = bring(exchange, State.TALKING)
    client.do("Park", call_id, **VIEW)
    clock.pass_(180)
    assert client.statuses(call_id) == {RECEPTION: "3"}


def test_nobody_takes_the_parked_call(client, exchange, clock):
    call_id = bring(exchange, State.PARKED)
    view = client.views(call_id)[0]["id"]
    client.do("UnPark", call_id, phoneCallViewId=view, sendCallTo=CAROL, waitForPickup="7")
    assert client.statuses(call_id) == {RECEPTION: "5", CAROL: "3"}
    clock.pass_(7)
    assert client.statuses(call_id) == {RECEPTION: "5"}
    assert exchange.call(call_id).state is State.PARKED


def test_pick_up(client, exchange, clock):
    call_id = bring(exchange, State.RINGING)
    client.do("PickUp", call_id, RECEPTION, **TAKE)
    assert client.statuses(call_id) == {RECEPTION: "3", CAROL: "3"}
    exchange.answer(call_id, by="1003")
    assert client.statuses(call_id) == {CAROL: "5"}


def test_a_call_nobody_picks_up_rings_on(client, exchange, clock):
    call_id = bring(exchange, State.RINGING)
    client.do("PickUp", call_id, **TAKE)
    clock.pass_(25)
    assert client.statuses(call_id) == {RECEPTION: "3"}


def test_a_busy_phone_is_accepted_and_does_not_ring(client, exchange):
    call_id = bring(exchange, State.RINGING)
    assert client.do("PickUp", call_id, **(TAKE | {"sendCallTo": "1007"})).status == 200
    assert client.statuses(call_id) == {RECEPTION: "3"}


@pytest.mark.parametrize("seconds", ["9", "3601", "long", "-30"])
def test_max_in_parking(client, exchange, seconds):
    call_id = bring(exchange, State.TALKING)
    answer = client.do("Park", call_id, **VIEW, maxInParking=seconds)
    assert answer.code == (400, "pc_maxinparking_invalid")


def test_numbers_are_as_good_as_texts(client, exchange, clock):
    call_id = bring(exchange, State.TALKING)
    assert client.do("Park", call_id, **VIEW, maxInParking=30).status == 200


@pytest.mark.parametrize("action", ["UnPark", "PickUp"])
@pytest.mark.parametrize("target", [OUTSIDE, "4711", ""])
def test_who_takes_a_call_is_a_phone(client, exchange, action, target):
    call_id = bring(exchange, State.RINGING)
    answer = client.do(action, call_id, **VIEW, sendCallTo=target)
    assert answer.code == (400, "pc_sendcallto_invalid")


def test_wait_for_pickup(client, exchange):
    call_id = bring(exchange, State.RINGING)
    answer = client.do("PickUp", call_id, **TAKE, waitForPickup="soon")
    assert answer.code == (400, "pc_waitforpickup_invalid")


# ----- recording, and what is not here


def test_recording(client, exchange, clock):
    call_id = bring(exchange, State.TALKING)
    clock.pass_(5)
    client.do("StartRecording", call_id, **VIEW)
    assert client.views(call_id)[0]["recording"] == "2013-07-01T11:49:12+03:00"
    assert client.do("StopRecording", call_id, **VIEW).status == 200
    assert "recording" not in client.views(call_id)[0]


@pytest.mark.parametrize("action", ["BargeIn", "Monitor", "Whisper"])
def test_nobody_listens_in(client, exchange, action):
    call_id = bring(exchange, State.TALKING)
    answer = client.do(action, call_id, **TAKE)
    assert answer.code == (501, "request_not_implemented")


@pytest.mark.parametrize("action", ["", "transfer", "Hold", "UnHold", "DropCall"])
def test_actions_there_are_not(client, exchange, action):
    call_id = bring(exchange, State.TALKING)
    assert client.do(action, call_id, **VIEW).code == (400, "pc_action_invalid")


@pytest.mark.parametrize("body", ["", "[]", "{", "null", "\x00"])
def test_a_body_that_is_no_object(client, exchange, body):
    call_id = bring(exchange, State.TALKING)
    answer = client.send("PUT", f"/uapi/phoneCalls/@me/@self/{call_id}", body)
    assert answer.code == (400, "pc_action_invalid")


@pytest.mark.parametrize("call_id", ["nosuch", "b817-d2", "4711"])
def test_calls_there_are_not(client, call_id):
    assert client.do("OnHold", call_id, **VIEW).code == (400, "pc_phonecall_invalid")


def test_an_ended_call_is_no_call(client, exchange):
    call_id = bring(exchange, State.TALKING)
    exchange.hangup(call_id)
    assert client.do("OnHold", call_id, **VIEW).code == (400, "pc_phonecall_invalid")


def test_a_strangers_call(client, exchange):
    call_id = bring(exchange, State.TALKING)
    answer = client.do("OnHold", call_id, CAROL, **VIEW)
    assert answer.code == (400, "pc_phonecall_invalid")


def test_the_extension_is_checked_before_the_call(client):
    assert client.do("OnHold", "nosuch", "4711").code == (400, "extension_invalid")


def test_a_slash_at_the_end_and_percent_encoding(client, exchange):
    call_id = bring(exchange, State.TALKING)
    path = f"/uapi/phoneCalls/%40me/0003%2A1001/{call_id}/"
    assert client.send("PUT", path, {"action": "OnHold", **VIEW}).status == 200


def test_an_api_call_belongs_to_who_commanded_it(client, exchange):
    call_id = bring(exchange, State.TALKING)
    client.do("OnHold", call_id, **VIEW)
    assert exchange.call(call_id).commanded
