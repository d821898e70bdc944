"""Each command in the right and the wrong state, and every code that can arise."""

from __future__ import annotations

import pytest

from simulator.exchange import Exchange
from tests.simulator.client import LOGIN, Client, answer
from tests.simulator.conftest import ANNA

OK = (200, "Command successfully executed")


def talking(exchange: Exchange, caller: str = ANNA, callee: str = "1001") -> str:
    call_id = exchange.ring(caller, callee, "Anna")
    exchange.answer(call_id)
    return call_id


def consultation(exchange: Exchange) -> dict[str, str]:
    held = talking(exchange)
    exchange.hold(held)
    return {"TransferredCallId": held, "TargetCallId": talking(exchange, "1001", "1003")}


def unfit(command: str) -> tuple[int, str]:
    return 303, f"Command '{command}' cannot be used here"


def test_no_calls(client):
    assert client.calls() == []


def test_every_state_has_the_vendors_word(client, exchange, clock):
    exchange.rules.answered_seconds = 0.1
    for _ in range(3):
        exchange.ring(ANNA, "1001")
    exchange.answer("id2")
    exchange.answer("id3")
    exchange.hold("id3")
    for callee in ("1007", "12"):
        exchange.ring(ANNA, callee)
    exchange.hangup(exchange.ring(ANNA, "1001"))
    exchange.hangup(talking(exchange))
    exchange.blind_transfer(talking(exchange), "callee", "1003")
    exchange.rules.setup_seconds = 1
    exchange.ring(ANNA, "1001")
    assert list(client.states().values()) == [
        "Ringing",
        "Answered",
        "Hold",
        "Busy",
        "Error",
        "Cancelled",
        "Completed",
        "Transferred",
        "Ringing",
        "Setup",
    ]


def test_a_call_nobody_answers_is_busy_in_the_vendors_words(client, exchange, clock):
    exchange.ring(ANNA, "1003")
    clock.pass_(60)
    assert client.states() == {"id1": "Busy"}


def test_blind_transfer(client, exchange, clock):
    call_id = talking(exchange)
    params = {"CallId": call_id, "TransferorParty": "callee", "Target": "1002"}
    assert client.do("BlindTransfer", **params) == OK
    old, new = client.calls()
    assert (old["CallId"], old["CallState"]) == (call_id, "Transferred")
    assert (new["Source"], new["CallerId"], new["Destination"]) == (ANNA, "Anna", "1002")
    assert new["CallState"] == "Ringing"
    clock.pass_(3)
    assert client.states() == {new["CallId"]: "InCall"}


def test_blind_transfer_by_the_caller(client, exchange):
    call_id = talking(exchange, "1001", "+442079460018")
    assert client.do("BlindTransfer", CallId=call_id, TransferorParty="caller", Target="1003") == OK
    assert client.calls()[1]["Source"] == "+442079460018"


def test_blind_transfer_of_a_held_call(client, exchange):
    exchange.hold(call_id := talking(exchange))
    assert client.do("BlindTransfer", CallId=call_id, TransferorParty="callee", Target="1003") == OK


def test_blind_transfer_while_it_rings(client, exchange):
    call_id = exchange.ring(ANNA, "1001")
    params = {"CallId": call_id, "TransferorParty": "callee", "Target": "1002"}
    assert client.do("BlindTransfer", **params) == unfit("BlindTransfer")
    assert client.states() == {call_id: "Ringing"}


def test_attended_transfer(client, exchange):
    pair = consultation(exchange)
    assert client.do("AttendedTransfer", **pair) == OK
    joined = client.calls()[-1]
    assert (joined["Source"], joined["Destination"]) == (ANNA, "1003")
    assert joined["CallState"] == "InCall"


@pytest.mark.parametrize("spoil", ["retrieve held", "hold other", "same", "strangers", "ringing"])
def test_attended_transfer_in_the_wrong_state(client, exchange, spoil):
    pair = consultation(exchange)
    if spoil == "retrieve held":
        exchange.retrieve(pair["TransferredCallId"])
    elif spoil == "hold other":
        exchange.hold(pair["TargetCallId"])
    elif spoil == "same":
        pair["TargetCallId"] = pair["TransferredCallId"]
    elif spoil == "strangers":
        pair["TargetCallId"] = talking(exchange, "1002", "1003")
    else:
        pair["TargetCallId"] = exchange.ring("1001", "1003")
    before = client.states()
    assert client.do("AttendedTransfer", **pair) == unfit("AttendedTransfer")
    assert client.states() == before


@pytest.mark.parametrize("parameter", ["TransferredCallId", "TargetCallId"])
def test_attended_transfer_names_the_call_it_misses(client, exchange, parameter):
    pair = {**consultation(exchange), parameter: "zz"}
    assert client.do("AttendedTransfer", **pair) == (601, "Call not found with ID 'zz'")


def test_forward(client, exchange):
    call_id = exchange.ring(ANNA, "1001")
    assert client.do(client.forward, CallId=call_id, Destination="1003") == OK
    (call,) = client.calls()
    assert (call["CallId"], call["Destination"], call["CallState"]) == (call_id, "1003", "Ringing")


def test_forward_of_a_conversation(client, exchange):
    call_id = talking(exchange)
    answered = client.do(client.forward, CallId=call_id, Destination="1003")
    assert answered == unfit(client.forward)


@pytest.mark.parametrize(
    ("pbx", "command"),
    [("gen1", "ForwardCall"), ("gen1", "ListCallHistory"), ("gen2", "Forward"), ("gen2", "Nope")],
    indirect=["pbx"],
)
def test_the_other_generations_names_are_unknown(client, command):
    assert client.do(command) == (301, f"Not implemented command: '{command}'")


def test_hold_and_unhold(client, exchange):
    call_id = talking(exchange)
    assert client.do("Hold", CallId=call_id) == OK
    assert client.states() == {call_id: "Hold"}
    assert client.do("Hold", CallId=call_id) == unfit("Hold")
    assert client.do("Unhold", CallId=call_id) == OK
    assert client.states() == {call_id: "InCall"}
    assert client.do("Unhold", CallId=call_id) == unfit("Unhold")


def test_hold_while_it_rings(client, exchange):
    assert client.do("Hold", CallId=exchange.ring(ANNA, "1001")) == unfit("Hold")


def test_unhold_does_not_undo_a_phones_hold(client, exchange):
    exchange.hold(call_id := talking(exchange))
    assert client.do("Unhold", CallId=call_id) == unfit("Unhold")
    assert client.states() == {call_id: "Hold"}


def test_hangup(client, exchange):
    ringing, up = exchange.ring(ANNA, "1001"), talking(exchange)
    assert client.do("Hangup", CallId=ringing) == client.do("Hangup", CallId=up) == OK
    assert client.states() == {ringing: "Cancelled", up: "Completed"}
    assert client.do("Hangup", CallId=up) == unfit("Hangup")


def test_a_call_rings_from_the_api_extension(client, exchange):
    exchange.add("9990", kind="api")
    params = {"Dialed": "1002", "ApiExtension": "9990", "CallerDisplayName": "John Smith"}
    assert client.do("Call", **params) == OK
    (call,) = client.calls()
    assert (call["Source"], call["CallerId"], call["Destination"]) == ("9990", "John Smith", "1002")


def test_without_an_api_extension_the_first_one_calls(client, exchange):
    assert client.do("Call", Dialed="1002")[0] == 401
    exchange.add("9990", kind="api")
    assert client.do("Call", Dialed="1002") == OK
    assert client.calls()[0]["Source"] == "9990"


@pytest.mark.parametrize(
    ("dialed", "state"), [("1007", "Busy"), ("1012", "Error"), ("55", "NotFound")]
)
def test_a_call_that_cannot_be_connected(client, dialed, state):
    answered = client.do("Call", Dialed=dialed, ApiExtension="1001")
    assert answered == (402, f"Call connect to '{dialed}' failed with result state '{state}'")


def test_an_unregistered_extension_cannot_call(client):
    code, message = client.do("Call", Dialed="1001", ApiExtension="1012")
    assert (code, message[:20]) == (401, "API extension '1012'")


@pytest.mark.parametrize(
    ("command", "missing", "others"),
    [
        ("BlindTransfer", "CallId", {}),
        ("BlindTransfer", "TransferorParty", {"CallId": "x"}),
        ("BlindTransfer", "TransferorParty", {"CallId": "x", "TransferorParty": "both"}),
        ("BlindTransfer", "TransferorParty", {"CallId": "x", "TransferorParty": "Callee"}),
        ("BlindTransfer", "Target", {"CallId": "x", "TransferorParty": "callee"}),
        ("BlindTransfer", "Target", {"CallId": "x", "TransferorParty": "callee", "Target": ""}),
        ("AttendedTransfer", "TransferredCallId", {}),
        ("AttendedTransfer", "TargetCallId", {"TransferredCallId": "x"}),
        ("Hold", "CallId", {}),
        ("Unhold", "CallId", {}),
        ("Hangup", "CallId", {}),
        ("Call", "Dialed", {}),
        ("SendDTMF", "Keys", {"CallId": "x", "Party": "all"}),
        ("SendDTMF", "Party", {"CallId": "x", "Party": "me", "Keys": "1"}),
        ("Play", "AudioFile", {"CallId": "x", "Party": "all"}),
        ("Speak", "Text", {"CallId": "x"}),
    ],
)
def test_a_missing_parameter(client, command, missing, others):
    text = f"Missing or invalid parameter '{missing}' for command '{command}'"
    assert client.do(command, **others) == (302, text)


def test_forward_without_a_destination(client):
    text = f"Missing or invalid parameter 'Destination' for command '{client.forward}'"
    assert client.do(client.forward, CallId="x") == (302, text)


@pytest.mark.parametrize(
    ("command", "params"),
    [
        ("BlindTransfer", {"TransferorParty": "callee", "Target": "1002"}),
        ("Hold", {}),
        ("Unhold", {}),
        ("Hangup", {}),
        ("Record", {}),
    ],
)
def test_a_call_that_is_not_there(client, exchange, command, params):
    exchange.ring(ANNA, "1001")
    answered = client.do(command, CallId="ID1", **params)  # ids are exact, capitals and all
    assert answered == (601, "Call not found with ID 'ID1'")


@pytest.mark.parametrize(
    ("command", "params"),
    [
        ("SendDTMF", {"Party": "all", "Keys": "12#"}),
        ("Play", {"Party": "caller", "AudioFile": "a.wav"}),
        ("Speak", {"Text": "hello"}),
        ("Record", {}),
    ],
)
def test_what_is_said_in_a_conversation(client, exchange, command, params):
    assert client.do(command, CallId=talking(exchange), **params) == OK
    assert client.do(command, CallId=exchange.ring(ANNA, "1001"), **params) == unfit(command)


def test_known_but_not_here(client):
    assert client.do("SendSms") == (501, "Destination of the SMS is not found")
    assert client.do("ListExtensionTypes") == unfit("ListExtensionTypes")


def test_history_is_empty(gen1, gen2):
    with Client(gen1) as first, Client(gen2) as second:
        assert b"<NumberOfCalls>0</NumberOfCalls>\r\n  <Calls />" in first.raw("GetCallHistory")
        assert b"<TotalRecords>0</TotalRecords>" in second.raw("ListCallHistory")


def test_no_command_at_all(client):
    assert client.do("") == (300, "Error occured during parsing message: ''")


def test_names_are_read_in_any_case(client, exchange):
    call_id = talking(exchange)
    assert client.do("", COMMAND="hold", callid=call_id) == OK
    assert client.do("unHOLD", CALLID=call_id) == OK


def test_a_form_post_with_the_command_in_its_body(client, pbx, exchange):
    call_id = talking(exchange)
    form = {"Command": "Hold", "CallId": call_id, **LOGIN}
    assert answer(client.post(client.path, form).read()) == OK
    assert pbx.requests[-1].form["CallId"] == call_id
    assert pbx.requests[-1].query == {}


def test_generation_1_answers_on_any_path(gen1):
    with Client(gen1) as client:
        assert client.get("/ozml_example/x.php?command=ListActiveCalls").status == 200


def test_generation_2_answers_on_its_path_only(gen2):
    with Client(gen2) as client:
        response = client.get("/?command=ListActiveCalls&Username=api&Password=se+cret")
        assert response.status == 404
        assert b"Not Found" in response.read()


@pytest.mark.parametrize(
    ("login", "code"),
    [
        ({}, 304),
        ({"Username": "api"}, 304),
        ({"Username": "", "Password": "se cret"}, 304),
        ({"Username": "api", "Password": "wrong"}, 305),
        ({"Username": "apj", "Password": "se cret"}, 305),
        ({"username": "api", "PASSWORD": "se cret"}, 200),
    ],
)
def test_the_login(gen2, login, code):
    with Client(gen2) as client:
        body = client.post("/api", {"command": "ListActiveCalls", **login}).read()
    assert answer(body)[0] == code


def test_generation_1_may_ask_for_a_login(exchange):
    from simulator.server import SimulatorServer

    with (
        SimulatorServer(exchange, "ozeki-gen1", username="u", password="p") as pbx,
        Client(pbx) as client,
    ):
        assert client.do("Nope") == (304, "Authentication required")
        wrong = client.do("Nope", Username="u", Password="x")
        assert wrong == (305, "Authentication failed, bad username or password")
        assert client.do("ListActiveCalls", Username="u", Password="p") == OK


def test_generation_1_needs_no_login(gen1):
    with Client(gen1) as client:
        assert client.do("ListActiveCalls", Username="who", Password="ever") == OK


def test_checks_come_in_order(gen2):
    """Login, then the command, then its parameters, then the call."""
    with Client(gen2) as client:
        assert answer(client.get("/api?command=Nope").read())[0] == 304
        assert client.do("Nope", CallId="zz")[0] == 301
        assert client.do("BlindTransfer", CallId="zz")[0] == 302
        assert client.do("Hold", CallId="zz")[0] == 601
