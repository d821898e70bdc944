from __future__ import annotations

from threading import Thread

import pytest

from simulator.exchange import (
    Call,
    Ending,
    Exchange,
    ExchangeError,
    NoSuchCall,
    State,
    WrongState,
    is_outside,
    short_ids,
)
from tests.simulator.conftest import ANNA, Clock


def talking(exchange: Exchange, caller: str = ANNA, callee: str = "1001") -> str:
    call_id = exchange.ring(caller, callee, "Anna")
    exchange.answer(call_id)
    return call_id


def live(exchange: Exchange) -> list[Call]:
    return [call for call in exchange.calls() if call.live]


def test_a_call_rings_is_answered_and_ends(exchange, clock):
    call_id = exchange.ring(ANNA, "1001", "Anna")
    assert exchange.call(call_id).state is State.RINGING
    clock.pass_(4)
    exchange.answer(call_id)
    clock.pass_(60)
    exchange.hangup(call_id)
    call = exchange.call(call_id)
    assert (call.state, call.ending) == (State.ENDED, Ending.COMPLETED)
    assert (call.ring_duration(clock()), call.talk_duration(clock())) == (4, 60)


def test_durations_of_an_ended_call_stand_still(exchange, clock):
    exchange.rules.linger_seconds = 100
    call_id = exchange.ring(ANNA, "1001")
    clock.pass_(4)
    exchange.hangup(call_id)
    clock.pass_(50)
    assert exchange.call(call_id).ring_duration(clock()) == 4
    assert exchange.call(call_id).talk_duration(clock()) == 0


def test_an_ended_call_lingers_then_is_gone(exchange, clock):
    call_id = talking(exchange)
    exchange.hangup(call_id)
    clock.pass_(0.4)
    exchange.tick()
    assert exchange.call(call_id).ending is Ending.COMPLETED
    clock.pass_(0.2)
    with pytest.raises(NoSuchCall):
        exchange.call(call_id)
    exchange.tick()
    assert exchange.calls() == []


def test_hanging_up_while_it_rings_cancels(exchange):
    call_id = exchange.ring(ANNA, "1001")
    exchange.hangup(call_id)
    assert exchange.call(call_id).ending is Ending.CANCELLED


@pytest.mark.parametrize(
    ("callee", "ending"),
    [("1007", Ending.BUSY), ("1012", Ending.ERROR), ("4711", Ending.ERROR)],
)
def test_a_phone_that_cannot_ring_ends_the_call(exchange, callee, ending):
    assert exchange.call(exchange.ring(ANNA, callee)).ending is ending


def test_setup_takes_its_time(exchange, clock):
    exchange.rules.setup_seconds = 1
    call_id = exchange.ring(ANNA, "1001")
    assert exchange.call(call_id).state is State.SETUP
    clock.pass_(1)
    exchange.tick()
    assert exchange.call(call_id).state is State.RINGING


def test_a_phone_answers_by_itself_at_its_own_moment(exchange, clock):
    call_id = exchange.ring(ANNA, "1002")
    clock.pass_(2.9)
    exchange.tick()
    assert exchange.call(call_id).state is State.RINGING
    clock.pass_(10)
    exchange.tick()
    call = exchange.call(call_id)
    assert call.state is State.TALKING
    assert call.ring_duration(clock()) == pytest.approx(3)


def test_answered_passes_into_talking(exchange, clock):
    exchange.rules.answered_seconds = 0.3
    call_id = talking(exchange)
    assert exchange.call(call_id).state is State.ANSWERED
    clock.pass_(0.3)
    exchange.tick()
    assert exchange.call(call_id).state is State.TALKING


def test_a_phone_nobody_answers_rings_out(exchange, clock):
    exchange.behave("1003", ring_seconds=20.0)
    call_id = exchange.ring(ANNA, "1003")
    clock.pass_(19)
    exchange.tick()
    assert exchange.call(call_id).state is State.RINGING
    clock.pass_(1)
    exchange.tick()
    assert exchange.call(call_id).ending is Ending.NO_ANSWER


def test_an_outside_number_answers_after_a_while(exchange, clock):
    call_id = exchange.ring("1001", "+442079460018")
    clock.pass_(4)
    exchange.tick()
    assert exchange.call(call_id).state is State.TALKING


@pytest.mark.parametrize("number", ["+3612345678", "+36 1 234 5678", "061234", "(06) 30-123456"])
def test_outside_numbers(number):
    assert is_outside(number)


@pytest.mark.parametrize("number", ["1001", "12345", "", "anonymous", "+", "sip:1001@localhost"])
def test_numbers_that_are_not_outside(number):
    assert not is_outside(number)


def test_a_phone_undoes_its_own_hold_only(exchange):
    call_id = talking(exchange)
    exchange.hold(call_id)
    with pytest.raises(WrongState):
        exchange.retrieve(call_id, by_command=True)
    exchange.retrieve(call_id)
    assert exchange.call(call_id).state is State.TALKING


def test_a_command_undoes_its_own_hold_only(exchange):
    call_id = talking(exchange)
    exchange.hold(call_id, by_command=True)
    with pytest.raises(WrongState):
        exchange.retrieve(call_id)
    exchange.retrieve(call_id, by_command=True)
    assert not exchange.call(call_id).held_by_command


@pytest.mark.parametrize("verb", ["answer", "hold", "retrieve"])
def test_verbs_ask_for_their_state(exchange, verb):
    call_id = talking(exchange)
    exchange.hangup(call_id)
    with pytest.raises(WrongState, match="is ended"):
        getattr(exchange, verb)(call_id)
    with pytest.raises(WrongState):
        exchange.hangup(call_id)


@pytest.mark.parametrize("verb", ["answer", "hold", "retrieve", "hangup", "mark_commanded"])
def test_verbs_ask_for_their_call(exchange, verb):
    with pytest.raises(NoSuchCall):
        getattr(exchange, verb)("nobody")


def test_blind_transfer_by_the_callee(exchange, clock):
    call_id = talking(exchange)
    new = exchange.blind_transfer(call_id, "callee", "1002")
    assert new != call_id
    assert exchange.call(call_id).ending is Ending.TRANSFERRED
    call = exchange.call(new)
    assert (call.caller, call.caller_name, call.callee) == (ANNA, "Anna", "1002")
    assert call.state is State.RINGING
    clock.pass_(3)
    exchange.tick()
    assert exchange.call(new).state is State.TALKING


def test_blind_transfer_by_the_caller(exchange):
    call_id = talking(exchange, "1001", "+442079460018")
    new = exchange.call(exchange.blind_transfer(call_id, "caller", "1003"))
    assert (new.caller, new.caller_name, new.callee) == ("+442079460018", "", "1003")


def test_blind_transfer_keeping_the_id(exchange, clock):
    exchange.rules.call_id = "kept"
    call_id = talking(exchange)
    assert exchange.blind_transfer(call_id, "callee", "1002") == call_id
    call = exchange.call(call_id)
    assert (call.state, call.callee, call.dialed) == (State.RINGING, "1002", "1001")
    assert len(exchange.calls()) == 1
    clock.pass_(3)
    exchange.tick()
    assert exchange.call(call_id).state is State.TALKING


def test_blind_transfer_of_a_ringing_call_is_refused(exchange):
    call_id = exchange.ring(ANNA, "1001")
    with pytest.raises(WrongState):
        exchange.blind_transfer(call_id, "callee", "1002")
    assert exchange.call(call_id).state is State.RINGING


@pytest.mark.parametrize(("target", "ending"), [("1007", Ending.BUSY), ("99", Ending.ERROR)])
def test_blind_transfer_to_nobody_loses_the_caller(exchange, clock, target, ending):
    new = exchange.blind_transfer(talking(exchange), "callee", target)
    assert exchange.call(new).ending is ending
    clock.pass_(1)
    exchange.tick()
    assert exchange.calls() == []


@pytest.mark.parametrize("rule", ["new", "kept"])
def test_a_transferred_call_comes_back_when_told_so(exchange, clock, rule):
    exchange.rules.call_id = rule
    exchange.rules.no_answer_returns = True
    exchange.mark_commanded(call_id := talking(exchange))
    exchange.blind_transfer(call_id, "callee", "1003")
    clock.pass_(60)
    exchange.tick()
    (back,) = live(exchange)
    assert (back.caller, back.callee, back.state) == (ANNA, "1001", State.RINGING)
    assert back.commanded
    clock.pass_(61)
    exchange.tick()
    assert live(exchange) == []


def test_a_transferred_call_nobody_answers_ends_by_default(exchange, clock):
    new = exchange.blind_transfer(talking(exchange), "callee", "1003")
    clock.pass_(60)
    exchange.tick()
    assert exchange.call(new).ending is Ending.NO_ANSWER


def consultation(exchange: Exchange) -> tuple[str, str]:
    held = talking(exchange)
    exchange.hold(held)
    return held, exchange.ring("1001", "1003")


def test_attended_transfer_joins_the_strangers(exchange, clock):
    held, asked = consultation(exchange)
    exchange.answer(asked)
    clock.pass_(5)
    joined = exchange.call(exchange.attended_transfer(held, asked))
    assert (joined.caller, joined.caller_name, joined.callee) == (ANNA, "Anna", "1003")
    assert (joined.state, joined.talk_duration(clock())) == (State.TALKING, 0)
    assert {exchange.call(each).ending for each in (held, asked)} == {Ending.TRANSFERRED}


def test_attended_transfer_keeping_the_id(exchange):
    exchange.rules.call_id = "kept"
    held, asked = consultation(exchange)
    exchange.answer(asked)
    assert exchange.attended_transfer(held, asked) == held
    assert [call.id for call in live(exchange)] == [held]


def test_attended_transfer_when_reception_had_dialled_the_outside(exchange):
    held = talking(exchange, "1001", "+442079460018")
    exchange.hold(held)
    asked = exchange.ring("1001", "1003")
    exchange.answer(asked)
    joined = exchange.call(exchange.attended_transfer(held, asked))
    assert (joined.caller, joined.callee) == ("+442079460018", "1003")


def test_attended_transfer_while_the_target_rings(exchange, clock):
    held, asked = consultation(exchange)
    clock.pass_(7)
    joined = exchange.call(exchange.attended_transfer(held, asked))
    assert (joined.state, joined.ring_duration(clock())) == (State.RINGING, 7)


def test_attended_transfer_asks_for_a_hold(exchange):
    held, asked = consultation(exchange)
    exchange.retrieve(held)
    exchange.answer(asked)
    with pytest.raises(WrongState):
        exchange.attended_transfer(held, asked)


def test_attended_transfer_asks_for_one_common_party(exchange):
    held, _ = consultation(exchange)
    strangers = talking(exchange, "1002", "1003")
    with pytest.raises(WrongState, match="do not share one party"):
        exchange.attended_transfer(held, strangers)


def test_attended_transfer_to_a_call_that_rings_the_transferor(exchange):
    held, _ = consultation(exchange)
    with pytest.raises(WrongState, match="still rings"):
        exchange.attended_transfer(held, exchange.ring("1002", "1001"))


@pytest.mark.parametrize(("rule", "same"), [("kept", True), ("new", False)])
def test_forward_rings_somewhere_else(exchange, rule, same):
    exchange.rules.forward_call_id = rule
    call_id = exchange.ring(ANNA, "1001", "Anna")
    new = exchange.forward(call_id, "1003")
    assert (new == call_id) is same
    call = exchange.call(new)
    assert (call.state, call.caller_name, call.callee) == (State.RINGING, "Anna", "1003")


def test_forward_of_a_conversation_is_refused(exchange):
    with pytest.raises(WrongState):
        exchange.forward(talking(exchange), "1003")


def test_what_was_planned_happens_at_the_tick_or_never(exchange, clock):
    first, second = exchange.ring(ANNA, "1001"), exchange.ring(ANNA, "1003")
    exchange.later(2, lambda: exchange.answer(second))
    exchange.later(1, lambda: exchange.hangup(first))
    exchange.hangup(first)
    exchange.tick()
    assert exchange.call(second).state is State.RINGING
    clock.pass_(2)
    exchange.tick()
    assert exchange.call(second).state is State.TALKING


def test_observers_see_every_change_until_they_leave(exchange):
    seen: list[tuple[str, State]] = []
    leave = exchange.subscribe(lambda call: seen.append((call.id, call.state)))
    new = exchange.blind_transfer(call_id := talking(exchange), "callee", "1003")
    wanted = [State.SETUP, State.RINGING, State.ANSWERED, State.TALKING, State.ENDED]
    assert seen[:5] == [(call_id, state) for state in wanted]
    assert seen[5:] == [(new, State.SETUP), (new, State.RINGING)]
    leave()
    exchange.hangup(new)
    assert len(seen) == 7


def test_what_is_handed_out_is_a_copy(exchange):
    call_id = exchange.ring(ANNA, "1001")
    exchange.call(call_id).callee = exchange.calls()[0].callee = "666"
    exchange.extensions()[0].busy = True
    assert exchange.call(call_id).callee == "1001"
    assert not exchange.extension("1001").busy


def test_clear_forgets_calls_and_plans(exchange, clock):
    exchange.later(1, lambda: exchange.ring(ANNA, "1001"))
    exchange.ring(ANNA, "1001")
    exchange.clear()
    clock.pass_(2)
    exchange.tick()
    assert exchange.calls() == []


def test_behaviour_must_exist(exchange):
    with pytest.raises(ExchangeError, match="no extension 55"):
        exchange.behave("55", busy=True)
    with pytest.raises(ExchangeError, match="mood"):
        exchange.behave("1001", mood="good")


def test_ids_in_use_are_not_given_twice(clock):
    made = iter(["one", "one", "two"])
    exchange = Exchange(clock, lambda: next(made))
    assert [exchange.ring(ANNA, "+442079460018") for _ in range(2)] == ["one", "two"]


def test_short_ids_look_like_the_vendors():
    ids = short_ids()
    made = {ids() for _ in range(200)}
    assert len(made) == 200
    assert {len(each) for each in made} == {5, 6}
    assert all(each.isalnum() and each.isascii() for each in made)


def test_many_threads_lose_no_call(exchange: Exchange, clock: Clock):
    def work() -> None:
        for _ in range(50):
            call_id = exchange.ring(ANNA, "1001")
            exchange.answer(call_id)
            exchange.tick()
            exchange.hangup(exchange.blind_transfer(call_id, "callee", "1003"))

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(exchange.calls()) == 400
    clock.pass_(1)
    exchange.tick()
    assert exchange.calls() == []
