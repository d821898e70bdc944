"""DELETE of one call, and POST: calls the API makes."""

from __future__ import annotations

import pytest

from simulator.exchange import Ending, State
from tests.simulator.conftest import ANNA

RECEPTION, BEN, CAROL = "0003*1001", "0003*1002", "0003*1003"
OUTSIDE = "+442079460018"


# ----- DELETE


@pytest.mark.parametrize("answered", [False, True])
def test_hang_up(client, exchange, ringing, answered):
    if answered:
        exchange.answer(ringing)
    answer = client.delete(RECEPTION, ringing)
    assert (answer.status, answer.json[0]["id"]) == (200, ringing)
    assert set(answer.json[0]) == {"id", "extension", "link"}
    ending = Ending.COMPLETED if answered else Ending.CANCELLED
    assert exchange.call(ringing).ending is ending


def test_nothing_to_hang_up(client, exchange, ringing):
    for extension, call_id in (("@self", "nosuch"), (CAROL, ringing)):
        answer = client.delete(extension, call_id)
        assert (answer.status, answer.body) == (204, b"")
    assert exchange.call(ringing).live


def test_hang_up_twice(client, ringing):
    assert client.delete("@self", ringing).status == 200
    assert client.delete("@self", ringing).status == 204


@pytest.mark.parametrize(
    ("number", "status"), [(ANNA, 200), (RECEPTION, 200), (CAROL, 204), ("1001", 204)]
)
def test_the_number_of_a_party(client, exchange, ringing, number, status):
    assert client.delete(RECEPTION, ringing, phoneNumber=number).status == status
    assert exchange.call(ringing).live is (status == 204)


def test_unknown_call(client, pbx):
    pbx.switches.unknown_call = "pc_phonecall_invalid"
    assert client.delete("@self", "nosuch").code == (400, "pc_phonecall_invalid")


@pytest.mark.parametrize("success", ["200", "202", "204"])
def test_delete_success(client, pbx, exchange, ringing, success):
    pbx.switches.delete_success = success
    answer = client.delete("@self", ringing)
    assert (answer.status, bool(answer.body)) == (int(success), success != "204")
    assert not exchange.call(ringing).live


# ----- POST


def test_the_source_rings_then_the_destination(client, exchange, clock):
    exchange.rules.setup_seconds = 1
    (made,) = client.create(["1001"], ["1002"]).json
    call_id, seen = made["id"], []
    for seconds in (1, 0, 1, 3):
        seen.append(client.statuses(call_id))
        if seconds == 0:
            exchange.answer(call_id)
        clock.pass_(seconds)
    seen.append(client.statuses(call_id))
    assert seen == [
        {RECEPTION: "2"},
        {RECEPTION: "3"},
        {RECEPTION: "2"},
        {RECEPTION: "4", BEN: "3"},
        {RECEPTION: "5", BEN: "5"},
    ]


def test_nobody_picks_up(client, exchange, clock):
    client.create("1001", "1002", query={"waitForPickup": "10"})
    clock.pass_(9)
    assert len(client.calls()) == 1
    clock.pass_(1)
    assert client.calls() == []


def test_the_default_wait(client, exchange, clock):
    client.create("1001", "1002")
    clock.pass_(25)
    assert client.calls() == []


def test_several_sources_ring_together(client, exchange):
    (made,) = client.create(["1001", "1003"], ["1002"]).json
    assert client.statuses(made["id"]) == {RECEPTION: "3", CAROL: "3"}


def test_a_source_from_outside(client, exchange, clock):
    (made,) = client.create([ANNA], ["1003"]).json
    assert client.statuses(made["id"]) == {RECEPTION: "4"}  # its payer's view
    clock.pass_(4)
    assert client.statuses(made["id"]) == {CAROL: "3"}


def test_who_pays_need_not_be_a_party(client):
    (made,) = client.create("1003", "1002", extension=RECEPTION).json
    assert made["extension"] == RECEPTION
    assert client.list("1001").status == 204
    assert client.list("1001", made["id"]).status == 200


def test_nonce_and_caller_ids(client, exchange):
    view = {"callerId": "Switchboard <100>", "callerDestination": "Anna <555>"}
    (made,) = client.create("1001", "1003", nonce="a1b2c3", view=view).json
    assert client.call(made["id"])["nonce"] == "a1b2c3"
    assert client.views(made["id"])[0]["callerId"] == "Switchboard <100>"
    exchange.answer(made["id"])
    source, destination = client.views(made["id"])
    assert source["callerId"] == "Switchboard <100>"
    assert destination["callerId"] == "Anna <555>"


@pytest.mark.parametrize("kind", ["callback", "conferenceInvite"])
def test_the_other_types(client, pbx, kind):
    assert client.create("1001", "1002", kind=kind).status == 200
    assert pbx.count(f"Create{kind[0].upper()}{kind[1:]}") == 1


@pytest.mark.parametrize("source", ["1007", "1012"])
def test_a_source_that_cannot_ring_is_accepted_and_gone(client, source):
    assert client.create(source, "1002").status == 200
    assert client.calls() == []


@pytest.mark.parametrize(
    ("source", "destination", "more", "code"),
    [
        (["1001"], ["1002"], {"extension": "4711"}, "extension_invalid"),
        (["1001"], ["1002"], {"extension": ""}, "extension_invalid"),
        ([], ["1002"], {}, "pc_source_invalid"),
        (["1001", "4711"], ["1002"], {}, "pc_source_invalid"),
        (["1001"], [], {}, "pc_destination_invalid"),
        (["1001"], ["4711"], {}, "pc_destination_invalid"),
        (["1001"], ["1002"], {"phoneCallView": None}, "pc_source_invalid"),
        (["1001"], ["1002"], {"phoneCallView": ["x"]}, "pc_source_invalid"),
        (["1001"], ["1002"], {"query": {"waitForPickup": "x"}}, "pc_waitforpickup_invalid"),
    ],
)
def test_what_a_call_needs(client, exchange, source, destination, more, code):
    assert client.create(source, destination, **more).code == (400, code)
    assert exchange.calls() == []


@pytest.mark.parametrize("success", ["200", "201", "202"])
def test_create_success(client, pbx, success):
    pbx.switches.create_success = success
    assert client.create("1001", "1002").status == int(success)


def test_an_api_call_goes_outside_only_if_allowed(client, pbx, exchange):
    def attempt(**query: str) -> int:
        (made,) = client.create("1001", "1003", query=query).json
        exchange.answer(made["id"])
        exchange.answer(made["id"])
        assert exchange.call(made["id"]).state is State.TALKING
        inside = client.transfer(made["id"], "1002", leaves=CAROL, stays=RECEPTION)
        assert inside.status == 202
        exchange.answer(made["id"])
        return client.transfer(made["id"], OUTSIDE, leaves=BEN, stays=RECEPTION).status

    assert (attempt(), attempt(allowPublicTransfer="true")) == (400, 202)
    pbx.switches.api_call_to_public = "allowed"
    assert attempt() == 202


def test_consultation_as_a_client_without_join_does_it(client, exchange, talking):
    """Hold the caller, ring the colleague, end that call, transfer the caller to her."""
    caller = talking()
    client.do("OnHold", caller, RECEPTION, phoneCallViewId="00")
    (made,) = client.create("1001", "1003").json
    exchange.answer(made["id"])
    exchange.answer(made["id"])
    assert client.delete(RECEPTION, made["id"]).status == 200
    assert client.transfer(caller, CAROL, leaves=RECEPTION, stays=ANNA).status == 202
    assert [call["id"] for call in client.calls()] == [caller]
    assert client.statuses(caller) == {CAROL: "3"}
