"""Which views a call has, state by state."""

from __future__ import annotations

import pytest

from tests.simulator.conftest import ANNA

RECEPTION, BEN, CAROL = "0003*1001", "0003*1002", "0003*1003"
OUTSIDE = "+442079460018"


def sides(view: dict[str, object]) -> tuple[object, object]:
    return view["source"], view["destination"]


def test_an_incoming_call_has_one_view(client, ringing):
    (view,) = client.views(ringing)
    assert (view["id"], view["extension"], view["status"]) == ("00", RECEPTION, "3")
    assert sides(view) == ([ANNA], [RECEPTION])
    assert (view["flow"], view["callerId"]) == ("8", f"Anna <{ANNA}>")
    assert "ringing" in view
    assert "answered" not in view


def test_an_internal_call_has_a_view_of_each_party(client, exchange):
    call_id = exchange.ring("1001", "1003")
    caller, callee = client.views(call_id)
    assert [caller["status"], callee["status"]] == ["4", "3"]
    assert (caller["callerId"], callee["callerId"]) == (
        f"Carol <{CAROL}>",
        f"Reception <{RECEPTION}>",
    )
    assert sides(caller) == sides(callee) == ([RECEPTION], [CAROL])
    assert caller["flow"] == callee["flow"] == "2"
    exchange.answer(call_id)
    assert client.statuses(call_id) == {RECEPTION: "5", CAROL: "5"}


def test_an_outgoing_call(client, exchange):
    call_id = exchange.ring("1001", OUTSIDE)
    (view,) = client.views(call_id)
    assert (view["extension"], view["status"], view["flow"]) == (RECEPTION, "4", "4")


def test_a_call_in_setup_is_tried(client, exchange):
    exchange.rules.setup_seconds = 2
    assert client.statuses(exchange.ring("1001", "1003")) == {RECEPTION: "2"}
    own = exchange.originate(["1002"], "1003")
    assert client.statuses(own) == {BEN: "2"}


def test_a_call_from_outside_in_setup_has_its_payers_view(client, exchange):
    exchange.rules.setup_seconds = 2
    (view,) = client.views(exchange.ring(ANNA, "1003"))
    assert (view["extension"], view["status"]) == (CAROL, "2")


def test_an_anonymous_caller_has_no_caller_id(client, exchange):
    (view,) = client.views(exchange.ring("anonymous", "1001"))
    assert "callerId" not in view
    assert view["source"] == ["anonymous"]
    assert view["flow"] == "8"


def test_a_caller_without_a_name(client, exchange):
    (view,) = client.views(exchange.ring(ANNA, "1001"))
    assert view["callerId"] == ANNA


def test_several_phones_have_a_view_each(client, exchange, ringing):
    exchange.also_ring(ringing, "1003")
    first, second = client.views(ringing)
    assert (first["id"], second["id"]) == ("00", "01")
    assert client.statuses(ringing) == {RECEPTION: "3", CAROL: "3"}
    assert sides(first) == sides(second) == ([ANNA], [RECEPTION, CAROL])
    exchange.answer(ringing, by="1003")
    (view,) = client.views(ringing)
    assert (view["id"], view["status"]) == ("01", "5")
    assert sides(view) == ([ANNA], [CAROL])


def test_a_held_call(client, exchange, talking, clock):
    call_id = talking("1001", "1003", "")
    clock.pass_(9)
    exchange.hold(call_id, by="1003")
    caller, callee = client.views(call_id)
    assert caller["status"] == callee["status"] == "5"
    assert caller["onHold"] == callee["onHold"] == "2013-07-01T11:49:16+03:00"
    assert ("holder" in caller, callee["holder"]) == (False, "1")
    exchange.retrieve(call_id)
    assert "onHold" not in client.views(call_id)[0]


def test_a_phones_own_hold_is_held_by_our_party(client, exchange, talking):
    call_id = talking()
    exchange.hold(call_id)
    assert client.views(call_id)[0]["holder"] == "1"


def test_a_parked_call_from_outside_shows_who_parked_it(client, exchange, talking):
    call_id = talking()
    exchange.park(call_id, "1001", 60)
    (view,) = client.views(call_id)
    assert (view["id"], view["extension"], view["status"]) == ("01", RECEPTION, "5")
    assert (view["parkedPos"], view["parkedBy"]) == ("1", RECEPTION)
    assert view["parked"] == "2013-07-01T11:49:07+03:00"
    assert sides(view) == ([ANNA], [RECEPTION])


def test_a_parked_colleague_has_her_own_view(client, exchange, talking):
    call_id = talking("1003", "1001", "")
    exchange.park(call_id, "1001", 60)
    (view,) = client.views(call_id)
    assert (view["extension"], view["parkedBy"]) == (CAROL, RECEPTION)


@pytest.mark.parametrize("caller", [ANNA, "1003"])
def test_a_parked_call_that_rings_somebody(client, exchange, talking, caller):
    call_id = talking(caller, "1001", "")
    exchange.park(call_id, "1001", 60)
    exchange.also_ring(call_id, "1002")
    parked, rung = client.views(call_id)
    assert "parked" in parked
    assert "parked" not in rung
    assert (rung["extension"], rung["status"]) == (BEN, "3")
    assert rung["destination"] == [BEN]


def test_a_transferred_call_between_outsiders_has_its_payers_view(client, exchange, talking):
    call_id = talking()
    exchange.blind_transfer(call_id, "callee", OUTSIDE)
    (view,) = client.views(call_id)
    assert (view["extension"], view["status"], view["flow"]) == (RECEPTION, "4", "4")
    assert sides(view) == ([ANNA], [OUTSIDE])
    exchange.answer(call_id)
    assert client.statuses(call_id) == {RECEPTION: "5"}


def test_voice_mail(client, exchange, talking):
    call_id = talking()
    exchange.to_voicemail(call_id, "callee", "1003")
    (view,) = client.views(call_id)
    assert (view["extension"], view["status"]) == (CAROL, "5")
    assert sides(view) == ([ANNA], [CAROL])


def test_a_colleague_at_voice_mail_has_her_own_view(client, exchange, talking):
    call_id = talking("1001", "1002", "")
    exchange.to_voicemail(call_id, "callee", "1003")
    assert client.statuses(call_id) == {RECEPTION: "5"}


def test_view_ids_stay_with_their_party(client, exchange, talking):
    exchange.rules.call_id = "kept"
    call_id = talking("1001", "1003", "")
    exchange.blind_transfer(call_id, "caller", "1002")
    assert [view["id"] for view in client.views(call_id)] == ["01", "02"]


def test_an_ended_call_is_gone(client, exchange, ringing):
    exchange.hangup(ringing)
    assert client.list(call_id=ringing).status == 204
    assert client.calls() == []
