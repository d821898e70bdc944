"""What the owner of a phone sets on it, and who put a call on hold."""

from __future__ import annotations

import pytest

from tests.simulator.conftest import ANNA


def test_a_forwarded_phone_does_not_ring(exchange):
    exchange.behave("1001", forward_to="1003")
    call = exchange.call(exchange.ring(ANNA, "1001"))
    assert (call.callee, call.dialed, call.state) == ("1003", "1001", "ringing")


def test_a_forward_leads_on(exchange):
    exchange.behave("1001", forward_to="1003")
    exchange.behave("1003", forward_to="+36301112233")
    assert exchange.call(exchange.ring(ANNA, "1001")).callee == "+36301112233"


def test_forwards_in_a_circle_end_somewhere(exchange):
    exchange.behave("1001", forward_to="1003")
    exchange.behave("1003", forward_to="1001")
    assert exchange.call(exchange.ring(ANNA, "1001")).callee == "1003"


def test_do_not_disturb_is_busy_to_callers(exchange):
    exchange.behave("1003", do_not_disturb=True)
    assert exchange.call(exchange.ring(ANNA, "1003")).ending == "busy"


def test_a_hold_may_say_whose_it_is(exchange):
    call_id = exchange.ring(ANNA, "1001")
    exchange.answer(call_id)
    exchange.hold(call_id, by="1001")
    assert exchange.call(call_id).held_by == "1001"
    exchange.retrieve(call_id)
    assert exchange.call(call_id).held_by == ""


@pytest.mark.parametrize("rule", ["new", "kept"])
def test_the_origin_of_a_call_stays_through_transfers(exchange, rule):
    exchange.rules.call_id = rule
    first = exchange.ring(ANNA, "1001")
    exchange.answer(first)
    second = exchange.blind_transfer(first, "callee", "1003")
    exchange.answer(second)
    exchange.hold(second)
    asked = exchange.ring("1003", "1002")
    exchange.answer(asked)
    third = exchange.attended_transfer(second, asked)
    assert exchange.call(third).origin == first
    assert (third == first) is (rule == "kept")
