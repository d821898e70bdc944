"""Parked calls, phones that ring together, calls from one's own phone, voice mail."""

from __future__ import annotations

import random

import pytest

from simulator.calls import hex_ids
from simulator.exchange import Call, Ending, Exchange, State, WrongState
from simulator.ozeki.wire import call_state
from simulator.traffic import Traffic
from tests.simulator.conftest import ANNA
from tests.simulator.test_exchange import talking


def parties(exchange: Exchange, call_id: str) -> tuple[str, str, State]:
    call = exchange.call(call_id)
    return call.caller, call.callee, call.state


def rung(exchange: Exchange, call_id: str) -> list[str]:
    return [leg.number for leg in exchange.call(call_id).ringing]


# ----- park


def test_a_parked_call_waits_in_the_first_free_place(exchange, clock):
    first, second = talking(exchange), talking(exchange)
    for call_id in (first, second):
        exchange.park(call_id, "1001", 60)
    assert parties(exchange, first) == (ANNA, "1001", State.PARKED)
    assert [exchange.call(each).parked_place for each in (first, second)] == [1, 2]
    exchange.hangup(first)
    third = talking(exchange)
    exchange.park(third, "1001", 60)
    call = exchange.call(third)
    assert (call.parked_place, call.parked_at, call.parked_until) == (1, clock(), clock() + 60)


def test_the_caller_who_parks_leaves_the_callee_waiting(exchange):
    call_id = talking(exchange, "1001", "1003")
    exchange.park(call_id, "1001", 60)
    assert parties(exchange, call_id) == ("1003", "1001", State.PARKED)
    assert exchange.call(call_id).caller_name == ""


def test_a_held_call_can_be_parked_and_is_held_no_more(exchange):
    call_id = talking(exchange)
    exchange.hold(call_id, by_command=True, by="1001")
    exchange.park(call_id, "1001", 60)
    call = exchange.call(call_id)
    assert (call.held_by, call.held_by_command, call.held_at) == ("", False, None)


def test_nobody_takes_it_and_it_rings_who_parked_it(exchange, clock):
    call_id = talking(exchange)
    exchange.park(call_id, "1001", 60)
    clock.pass_(59.9)
    exchange.tick()
    assert exchange.call(call_id).state is State.PARKED
    clock.pass_(0.1)
    exchange.tick()
    assert parties(exchange, call_id) == (ANNA, "1001", State.RINGING)
    assert exchange.call(call_id).parked_at is None


def test_who_answers_a_parked_call_has_it(exchange, clock):
    call_id = talking(exchange)
    exchange.park(call_id, "1001", 60)
    exchange.also_ring(call_id, "1002", 25)
    assert rung(exchange, call_id) == ["1002"]
    clock.pass_(3)  # 1002 answers after three seconds
    exchange.tick()
    assert parties(exchange, call_id) == (ANNA, "1002", State.TALKING)
    call = exchange.call(call_id)
    assert (call.parked_place, call.legs) == (None, ())


def test_a_parked_call_nobody_rings_for_cannot_be_answered(exchange):
    call_id = talking(exchange)
    exchange.park(call_id, "1001", 60)
    with pytest.raises(WrongState, match="no phone rings for call"):
        exchange.answer(call_id)


def test_strangers_park_nothing(exchange):
    call_id = talking(exchange)
    with pytest.raises(WrongState, match="1003 is no party"):
        exchange.park(call_id, "1003", 60)
    with pytest.raises(WrongState):
        exchange.park(exchange.ring(ANNA, "1001"), "1001", 60)


# ----- several phones


def test_another_phone_rings_too_and_the_first_to_answer_has_the_call(exchange, clock):
    call_id = exchange.ring(ANNA, "1001")
    exchange.also_ring(call_id, "1003")
    assert rung(exchange, call_id) == ["1001", "1003"]
    exchange.answer(call_id, by="1003")
    assert parties(exchange, call_id) == (ANNA, "1003", State.TALKING)


def test_answering_without_a_name_is_the_one_it_was_meant_for(exchange):
    call_id = exchange.ring(ANNA, "1001")
    exchange.also_ring(call_id, "1003")
    exchange.answer(call_id)
    assert exchange.call(call_id).callee == "1001"


def test_a_phone_that_does_not_ring_cannot_answer(exchange):
    call_id = exchange.ring(ANNA, "1001")
    with pytest.raises(WrongState, match="no phone 1003 rings"):
        exchange.answer(call_id, by="1003")


def test_a_phone_added_stops_ringing_and_the_call_rings_on(exchange, clock):
    call_id = exchange.ring(ANNA, "1001")
    exchange.also_ring(call_id, "1003", 25)
    clock.pass_(25)
    exchange.tick()
    assert rung(exchange, call_id) == ["1001"]
    assert exchange.call(call_id).state is State.RINGING


def test_what_is_due_first_happens_first_however_late_the_tick(exchange, clock):
    call_id = exchange.ring(ANNA, "1001")  # gives up after 60 s
    clock.pass_(58)
    exchange.also_ring(call_id, "1002")  # would answer after 61 s
    clock.pass_(100)
    exchange.rules.linger_seconds = 1000
    exchange.tick()
    assert exchange.call(call_id).ending is Ending.NO_ANSWER


@pytest.mark.parametrize("number", ["1007", "1012", "4711"])
def test_a_phone_that_cannot_ring_is_not_added(exchange, number):
    call_id = exchange.ring(ANNA, "1001")
    with pytest.raises(WrongState, match=f"{number} cannot ring"):
        exchange.also_ring(call_id, number)


def test_a_phone_rings_once(exchange):
    call_id = exchange.ring(ANNA, "1001")
    exchange.also_ring(call_id, "1001")
    assert rung(exchange, call_id) == ["1001"]


def test_observers_hear_of_a_phone_added(exchange):
    seen: list[Call] = []
    call_id = exchange.ring(ANNA, "1001")
    exchange.subscribe(seen.append)
    exchange.also_ring(call_id, "1003")
    assert [leg.number for leg in seen[-1].legs] == ["1003"]


# ----- from one's own phone


def test_the_callers_own_phone_rings_first(exchange, clock):
    call_id = exchange.originate(["1001"], "1002")
    assert parties(exchange, call_id) == ("1001", "1002", State.OFFERED)
    assert rung(exchange, call_id) == ["1001"]
    clock.pass_(5)
    exchange.answer(call_id)
    assert exchange.call(call_id).state is State.RINGING
    assert rung(exchange, call_id) == ["1002"]
    clock.pass_(3)
    exchange.tick()
    call = exchange.call(call_id)
    assert (call.state, call.answered_at, call.rung_at) == (
        State.TALKING,
        clock(),
        clock() - 3,
    )


def test_several_phones_of_the_caller(exchange):
    call_id = exchange.originate(["1001", "1007", "1003"], "1002")
    assert rung(exchange, call_id) == ["1001", "1003"]  # 1007 is busy
    exchange.answer(call_id, by="1003")
    assert parties(exchange, call_id) == ("1003", "1002", State.RINGING)


def test_nobody_picks_the_own_phone_up(exchange, clock):
    call_id = exchange.originate(["1001"], "1002", patience=25)
    clock.pass_(25)
    exchange.tick()
    call = exchange.call(call_id)
    assert (call.ending, call.answered_at) == (Ending.NO_ANSWER, None)


def test_the_patience_is_of_the_own_phone_alone(exchange, clock):
    call_id = exchange.originate(["1001"], "1003", patience=5)
    exchange.answer(call_id)
    clock.pass_(30)
    exchange.tick()
    assert exchange.call(call_id).state is State.RINGING


@pytest.mark.parametrize(
    ("source", "ending"),
    [("1007", Ending.BUSY), ("1012", Ending.ERROR), ("4711", Ending.ERROR)],
)
def test_an_own_phone_that_cannot_ring(exchange, source, ending):
    assert exchange.call(exchange.originate([source], "1002")).ending is ending


def test_an_outside_phone_may_be_the_own_one(exchange, clock):
    call_id = exchange.originate([ANNA], "1001")
    clock.pass_(4)
    exchange.tick()
    assert parties(exchange, call_id) == (ANNA, "1001", State.RINGING)


def test_hanging_up_an_offered_call_cancels_it(exchange):
    call_id = exchange.originate(["1001"], "1002")
    exchange.hangup(call_id)
    assert exchange.call(call_id).ending is Ending.CANCELLED


def test_somebody_picks_her_phone_up_when_she_asked_for_a_call(exchange, clock):
    traffic = Traffic(exchange, random.Random(1), reception="1001", people=[])
    traffic._next_start = clock() + 1000
    call_id = exchange.originate(["1001"], "1003")
    exchange.mark_commanded(call_id)
    traffic.step()
    assert exchange.call(call_id).state is State.OFFERED
    clock.pass_(2)
    traffic.step()
    assert exchange.call(call_id).state is State.RINGING


# ----- voice mail


@pytest.mark.parametrize("state", [State.RINGING, State.TALKING, State.HELD])
def test_the_caller_speaks_to_voice_mail(exchange, clock, state):
    call_id = exchange.ring(ANNA, "1001", "Anna")
    if state is not State.RINGING:
        exchange.answer(call_id)
    if state is State.HELD:
        exchange.hold(call_id, by="1001")
    exchange.to_voicemail(call_id, "callee", "1003")
    call = exchange.call(call_id)
    assert (call.caller, call.callee, call.caller_name) == (ANNA, "1003", "Anna")
    assert (call.state, call.at_voicemail, call.held_by) == (State.TALKING, True, "")
    assert call.answered_at == clock()


def test_the_callee_speaks_to_voice_mail(exchange):
    call_id = talking(exchange, "1001", "1002")
    exchange.to_voicemail(call_id, "caller", "1003")
    assert parties(exchange, call_id) == ("1002", "1003", State.TALKING)


def test_a_transfer_leads_out_of_voice_mail(exchange):
    exchange.rules.call_id = "kept"
    call_id = talking(exchange)
    exchange.to_voicemail(call_id, "callee", "1003")
    exchange.blind_transfer(call_id, "callee", "1002")
    assert not exchange.call(call_id).at_voicemail


# ----- the rest


def test_when_a_call_was_put_on_hold(exchange, clock):
    call_id = talking(exchange)
    clock.pass_(7)
    exchange.hold(call_id)
    assert exchange.call(call_id).held_at == clock()
    exchange.retrieve(call_id)
    assert exchange.call(call_id).held_at is None


def test_ids_of_twenty_hexadecimal_digits():
    make = hex_ids(random.Random(1))
    ids = {make() for _ in range(100)}
    assert {len(each) for each in ids} == {20}
    assert all(set(each) <= set("0123456789abcdef") for each in ids)
    assert len(ids) == 100


def test_a_face_without_a_word_for_it_says_the_nearest(exchange):
    parked = talking(exchange)
    exchange.park(parked, "1001", 60)
    offered = exchange.originate(["1001"], "1003")
    assert [call_state(exchange.call(each)) for each in (parked, offered)] == ["Hold", "Setup"]
