"""One test or more per switch: what the vendor leaves open."""

from __future__ import annotations

import pytest

from simulator.exchange import Exchange
from tests.simulator.client import Client, answer
from tests.simulator.conftest import ANNA

OK = (200, "Command successfully executed")


@pytest.fixture
def call_id(exchange: Exchange) -> str:
    call_id = exchange.ring(ANNA, "1001", "Anna")
    exchange.answer(call_id)
    return call_id


def blind(client: Client, call_id: str, target: str = "1003") -> tuple[int, str]:
    return client.do("BlindTransfer", CallId=call_id, TransferorParty="callee", Target=target)


def test_transferor_leaves_false_moves_the_named_party(client, pbx, call_id):
    pbx.switches.transferor_leaves = False
    blind(client, call_id)
    assert (client.calls()[-1]["Source"], client.calls()[-1]["Destination"]) == ("1001", "1003")


@pytest.mark.parametrize(("value", "code"), [("303", 303), ("302", 302), ("200", 200)])
def test_wrong_state(client, pbx, exchange, value, code):
    pbx.switches.wrong_state = value
    ringing = exchange.ring(ANNA, "1001")
    assert blind(client, ringing)[0] == code
    assert client.states() == {ringing: "Ringing"}


def test_wrong_state_302_names_the_call(client, pbx, exchange):
    pbx.switches.wrong_state = "302"
    text = "Missing or invalid parameter 'CallId' for command 'Hold'"
    assert client.do("Hold", CallId=exchange.ring(ANNA, "1001")) == (302, text)


@pytest.mark.parametrize(("value", "code"), [("200", 200), ("302", 302), ("303", 303)])
def test_unknown_target(client, pbx, call_id, value, code):
    pbx.switches.unknown_target = value
    assert blind(client, call_id, "4711")[0] == code
    expected = "Transferred" if code == 200 else "InCall"
    assert client.states()[call_id] == expected


def test_unknown_target_accepted_ends_in_an_error(client, pbx, call_id):
    blind(client, call_id, "4711")
    assert list(client.states().values()) == ["Transferred", "Error"]


def test_effect_delay(client, pbx, call_id, clock):
    pbx.switches.effect_delay_seconds = 2
    assert blind(client, call_id) == OK
    clock.pass_(1.9)
    assert client.states() == {call_id: "InCall"}
    clock.pass_(0.2)
    assert list(client.states().values()) == ["Transferred", "Ringing"]


def test_effect_delay_may_come_too_late(client, pbx, exchange, call_id, clock):
    pbx.switches.effect_delay_seconds = 2
    assert blind(client, call_id) == OK
    exchange.hangup(call_id)
    clock.pass_(3)
    assert client.states() == {}


def test_call_id_kept(client, pbx, call_id):
    pbx.switches.call_id = "kept"
    blind(client, call_id)
    assert client.states() == {call_id: "Ringing"}


def test_forward_call_id_new(client, pbx, exchange):
    pbx.switches.forward_call_id = "new"
    ringing = exchange.ring(ANNA, "1001")
    client.do(client.forward, CallId=ringing, Destination="1003")
    assert list(client.states()) == [ringing, "id2"]


def test_linger_seconds(client, pbx, exchange, call_id, clock):
    pbx.switches.linger_seconds = 5
    exchange.hangup(call_id)
    clock.pass_(4.9)
    assert client.states() == {call_id: "Completed"}
    clock.pass_(0.2)
    assert client.states() == {}


def test_ended_in_list_false_hides_them(client, pbx, call_id):
    pbx.switches.ended_in_list = False
    blind(client, call_id)
    assert list(client.states().values()) == ["Ringing"]


def test_no_answer_returns(client, pbx, call_id, clock):
    pbx.switches.no_answer_returns = True
    blind(client, call_id)
    clock.pass_(60.1)
    back = client.calls()[-1]
    assert (back["Source"], back["Destination"], back["CallState"]) == (ANNA, "1001", "Ringing")


def test_blind_when_held_false(client, pbx, exchange, call_id):
    pbx.switches.blind_when_held = False
    exchange.hold(call_id)
    assert blind(client, call_id)[0] == 303


def test_attended_target_ringing_ok(client, pbx, exchange, call_id):
    pbx.switches.attended_target_ringing_ok = True
    exchange.hold(call_id)
    asked = exchange.ring("1001", "1003")
    assert client.do("AttendedTransfer", TransferredCallId=call_id, TargetCallId=asked) == OK
    assert client.calls()[-1]["CallState"] == "Ringing"


def test_attended_to_a_call_that_rings_the_transferor(client, pbx, exchange, call_id):
    pbx.switches.attended_target_ringing_ok = True
    exchange.hold(call_id)
    asked = exchange.ring("1003", "1001")
    answered = client.do("AttendedTransfer", TransferredCallId=call_id, TargetCallId=asked)
    assert answered[0] == 303


@pytest.mark.parametrize(
    ("form", "tail"),
    [
        ("self-closed", b"\r\n  <ActiveCalls />\r\n</Response>"),
        ("open-close", b"\r\n  <ActiveCalls></ActiveCalls>\r\n</Response>"),
        ("absent", b"</Message>\r\n</Response>"),
    ],
)
def test_empty_list(client, pbx, form, tail):
    pbx.switches.empty_list = form
    assert client.raw("ListActiveCalls").endswith(tail)


@pytest.mark.parametrize(
    ("order", "root"),
    [
        ("xsd-first", b"<Response xmlns:xsd="),
        ("xsi-first", b"<Response xmlns:xsi="),
        ("none", b"<Response>"),
    ],
)
def test_xmlns_order(client, pbx, order, root):
    pbx.switches.xmlns_order = order
    assert client.raw("ListActiveCalls").splitlines()[1].startswith(root)


def test_message_quotes_off(client, pbx):
    pbx.switches.message_quotes = False
    assert client.do("Hold", CallId="g67th7") == (601, "Call not found with ID g67th7")


def test_typo_parameters(gen1, gen2, call_id):
    misspelt = {"CallId": call_id, "TranferorParty": "callee", "Target": "1003"}
    with Client(gen1) as first, Client(gen2) as second:
        assert first.do("BlindTransfer", **misspelt)[0] == 302
        gen2.switches.typo_parameters = False
        assert second.do("BlindTransfer", **misspelt)[0] == 302
        gen2.switches.typo_parameters = True
        assert second.do("BlindTransfer", **misspelt) == OK


def test_proper_parameters_off(gen2, exchange, call_id):
    gen2.switches.proper_parameters = False
    exchange.hold(call_id)
    asked = exchange.ring("1001", "1003")
    exchange.answer(asked)
    with Client(gen2) as client:
        proper = client.do("AttendedTransfer", TransferredCallId=call_id, TargetCallId=asked)
        assert proper[0] == 302
        misspelt = client.do("AttendedTransfer", TranferredCallId=call_id, TargetCallId=asked)
        assert misspelt == OK


def test_callee_dialed_typo(gen2, call_id):
    gen2.switches.callee_dialed_typo = True
    with Client(gen2) as client:
        assert client.calls()[0]["CelleeDialed"] == "1001"


@pytest.mark.parametrize(("pbx", "code"), [("gen1", 300), ("gen2", 304)], indirect=["pbx"])
def test_post_accepted_off_reads_no_body(client, pbx, code):
    pbx.switches.post_accepted = False
    form = {"command": "ListActiveCalls", "Username": "api", "Password": "se cret"}
    assert answer(client.post(client.path, form).read())[0] == code


@pytest.mark.parametrize(
    ("pbx", "time"),
    [("gen1", "2013-07-01T10:49:07.9558+02:00"), ("gen2", "2013-07-01 10:49:07")],
    indirect=["pbx"],
)
def test_timezone(client, pbx, call_id, time):
    pbx.switches.timezone = "Europe/Budapest"
    assert client.calls()[0]["StartTime"] == time


def test_setup_and_answered_seconds(client, pbx, exchange, clock):
    pbx.switches.setup_seconds = pbx.switches.answered_seconds = 1
    call_id = exchange.ring(ANNA, "1002")
    seen = []
    for _ in range(6):
        seen.append(client.states()[call_id])
        clock.pass_(1)
    assert seen == ["Setup", "Ringing", "Ringing", "Ringing", "Answered", "InCall"]


def test_ring_seconds_and_outside_answers_after(client, pbx, exchange, clock):
    pbx.switches.ring_seconds, pbx.switches.outside_answers_after = 5, 2
    inside, outside = exchange.ring(ANNA, "1001"), exchange.ring("1001", "+442079460018")
    clock.pass_(2)
    assert client.states() == {inside: "Ringing", outside: "InCall"}
    clock.pass_(3)
    assert client.states()[inside] == "Busy"


def test_switches_start_from_the_exchanges_rules(exchange):
    from simulator.server import SimulatorServer

    exchange.rules.linger_seconds = 9
    pbx = SimulatorServer(exchange)
    pbx.stop()
    assert pbx.switches.linger_seconds == 9
    assert exchange.rules is pbx.switches
