"""Blind transfers of answered calls: 1001 has called 1002, and one of them sends the other on."""

from __future__ import annotations

from uuid import uuid4

from tests.real.desk import Desk
from tests.real.registry import scenario
from tests.real.world import CUSTOMER, MAIN_NUMBER, SUPPLIER
from transfers.domain import Action, Leg
from transfers.models import Transfer

State = Transfer.State
GROUP = "Blind transfer"
LEGS = [Leg.CALLER, Leg.CALLEE]
PHONE = {Leg.CALLER: "1001", Leg.CALLEE: "1002"}


def begin(desk: Desk, leaves: Leg, target: str) -> Transfer:
    call = desk.talk("1001", "1002")
    desk.sits(PHONE[leaves])
    return desk.blind(call, target, leaves)


def all_is_lost(desk: Desk) -> None:
    desk.silent("1001")
    desk.silent("1002")


@scenario(GROUP, "by the {leaves}, the target answers", leaves=LEGS)
def answered(desk: Desk, leaves: Leg) -> None:
    row = begin(desk, leaves, "1003")
    desk.rings("1003", shows=PHONE[leaves.other])
    desk.silent(PHONE[leaves])
    desk.accept("1003")
    desk.connected(PHONE[leaves.other], "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "by the {leaves}, the target declines", leaves=LEGS)
def declined(desk: Desk, leaves: Leg) -> None:
    row = begin(desk, leaves, "1003")
    desk.decline("1003", PHONE[leaves.other])
    all_is_lost(desk)
    desk.ends(row, State.MISSED)


@scenario(GROUP, "by the {leaves}, the target is busy", leaves=LEGS)
def busy(desk: Desk, leaves: Leg) -> None:
    desk.listens()
    desk.talk("1004", "1006")
    row = begin(desk, leaves, "1006")
    all_is_lost(desk)
    desk.connected("1004", "1006")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "by the {leaves}, nobody answers", leaves=LEGS)
def no_answer(desk: Desk, leaves: Leg) -> None:
    row = begin(desk, leaves, "1005")
    desk.rings("1005")
    desk.silent(PHONE[leaves])
    desk.silent("1005")
    desk.silent(PHONE[leaves.other])
    desk.ends(row, State.MISSED)


@scenario(GROUP, "by the {leaves}, to a phone that is not registered", leaves=LEGS)
def unregistered(desk: Desk, leaves: Leg) -> None:
    row = begin(desk, leaves, "1009")
    desk.ends(row, State.REFUSED)
    desk.connected("1001", "1002")


@scenario(GROUP, "to a phone that is not registered, where the connection allows it")
def unregistered_all_the_same(desk: Desk) -> None:
    desk.choose(unregistered="send")
    desk.listens()
    row = begin(desk, Leg.CALLEE, "1009")
    all_is_lost(desk)
    desk.ends(row, State.MISSED)


@scenario(GROUP, "by the {leaves}, to a number that does not exist", leaves=LEGS)
def wrong_number(desk: Desk, leaves: Leg) -> None:
    row = begin(desk, leaves, "9999")
    desk.ends(row, State.REFUSED)
    desk.connected("1001", "1002")


@scenario(GROUP, "the caller hangs up while the target rings")
def caller_gives_up(desk: Desk) -> None:
    row = begin(desk, Leg.CALLEE, "1003")
    desk.rings("1003")
    desk.sees_ringing("1001", "1003")
    desk.hang_up("1001")
    desk.silent("1003")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "the target answers and hangs up")
def target_leaves(desk: Desk) -> None:
    row = begin(desk, Leg.CALLEE, "1003")
    desk.accept("1003")
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)
    desk.hang_up("1003")
    desk.silent("1001")


@scenario(GROUP, "the {number} hangs up before the order", number=PHONE)
def too_late(desk: Desk, number: Leg) -> None:
    call = desk.talk("1001", "1002")
    desk.hang_up(PHONE[number])
    desk.silent(PHONE[number.other])
    desk.gone(call)
    row = desk.blind(call, "1003")
    desk.ends(row, State.REFUSED, "call_gone")


@scenario(GROUP, "of a call from outside to a colleague")
def from_outside(desk: Desk) -> None:
    desk.sits("1001")
    call = desk.talk(CUSTOMER, MAIN_NUMBER, "1001")
    row = desk.blind(call, "1003")
    desk.rings("1003", shows=CUSTOMER)
    desk.silent("1001")
    desk.accept("1003")
    desk.connected(CUSTOMER, "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "of a call from outside to an outside number")
def from_outside_to_outside(desk: Desk) -> None:
    desk.sits("1001")
    call = desk.talk(CUSTOMER, MAIN_NUMBER, "1001")
    row = desk.blind(call, SUPPLIER)
    desk.accept(SUPPLIER)
    desk.silent("1001")
    desk.connected(CUSTOMER, SUPPLIER)
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "of a call to the outside to a colleague")
def of_an_outgoing_call(desk: Desk) -> None:
    desk.sits("1001")
    call = desk.talk("1001", SUPPLIER)
    row = desk.blind(call, "1003", Leg.CALLER)
    desk.accept("1003")
    desk.silent("1001")
    desk.connected(SUPPLIER, "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "of a call on hold")
def on_hold(desk: Desk) -> None:
    desk.talk("1001", "1002")
    desk.hold("1002")
    desk.hears("1001", "music on hold")
    call = desk.sees_held("1001", "1002")
    row = desk.blind(call, "1003")
    desk.accept("1003")
    desk.silent("1002")
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "of a call that the PBX dialled without its transfer options")
def unprepared(desk: Desk) -> None:
    call = desk.talk("1001", "21002", "1002")
    row = desk.blind(call, "1003")
    desk.accept("1003")
    desk.silent("1002")
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "twice: the new owner sends it on again")
def sent_on_again(desk: Desk) -> None:
    first = begin(desk, Leg.CALLEE, "1003")
    desk.accept("1003")
    desk.ends(first, State.CONFIRMED)
    desk.sits("1003")
    second = desk.blind(desk.sees("1001", "1003"), "1004")
    desk.accept("1004")
    desk.silent("1003")
    desk.connected("1001", "1004")
    desk.ends(second, State.CONFIRMED)


@scenario(GROUP, "back to where the call came from")
def there_and_back(desk: Desk) -> None:
    first = begin(desk, Leg.CALLEE, "1003")
    desk.accept("1003")
    desk.ends(first, State.CONFIRMED)
    second = desk.blind(desk.sees("1001", "1003"), "1002")
    desk.accept("1002")
    desk.silent("1003")
    desk.connected("1001", "1002")
    desk.ends(second, State.CONFIRMED)


@scenario(GROUP, "of two calls at the same time")
def two_at_once(desk: Desk) -> None:
    one = desk.talk("1001", "1002")
    two = desk.talk(CUSTOMER, "1003", "1003")
    first = desk.blind(one, "1004")
    second = desk.blind(two, "1006")
    desk.accept("1004")
    desk.accept("1006")
    desk.connected("1001", "1004")
    desk.connected(CUSTOMER, "1006")
    desk.ends(first, State.CONFIRMED)
    desk.ends(second, State.CONFIRMED)


@scenario(GROUP, "of two calls to the same target, who is busy then")
def two_to_one(desk: Desk) -> None:
    desk.listens()
    one = desk.talk("1001", "1002")
    two = desk.talk(CUSTOMER, "1003", "1003")
    first = desk.blind(one, "1006")
    desk.accept("1006")
    second = desk.blind(two, "1006")
    desk.silent(CUSTOMER)
    desk.connected("1001", "1006")
    desk.ends(first, State.CONFIRMED)
    desk.ends(second, State.MISSED)


@scenario(GROUP, "ordered twice while the target rings")
def ordered_twice(desk: Desk) -> None:
    call = desk.talk("1001", "1002")
    first = desk.blind(call, "1003")
    second = desk.blind(call, "1004")
    assert second.state == State.REFUSED, second.state
    desk.tell("The second order is refused")
    desk.accept("1003")
    desk.connected("1001", "1003")
    assert desk.world.idle("1004")
    desk.ends(first, State.CONFIRMED)


@scenario(GROUP, "by a double click")
def double_click(desk: Desk) -> None:
    call = desk.talk("1001", "1002")
    key = uuid4()
    rows = [desk.order(Action.BLIND, call, "1003", Leg.CALLEE, key=key) for _ in range(2)]
    assert rows[0].pk == rows[1].pk
    desk.accept("1003")
    desk.connected("1001", "1003")
    desk.ends(rows[0], State.CONFIRMED)


@scenario(GROUP, "to a group: the one who answers has the call", simulated=False)
def to_a_group(desk: Desk) -> None:
    call = desk.talk("1001", "1004")
    row = desk.blind(call, "610")
    desk.rings("1002")
    desk.accept("1003")
    desk.silent("1002")
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "to a queue: an agent answers", simulated=False)
def to_a_queue(desk: Desk) -> None:
    call = desk.talk("1001", "1004")
    row = desk.blind(call, "620")
    desk.accept("1002")
    desk.silent("1003")
    desk.connected("1001", "1002")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "of a call that an agent took from a queue", simulated=False)
def from_a_queue(desk: Desk) -> None:
    call = desk.talk(CUSTOMER, "620", "1002")
    row = desk.blind(call, "1004")
    desk.accept("1004")
    desk.silent("1002")
    desk.connected(CUSTOMER, "1004")
    desk.ends(row, State.CONFIRMED)


@scenario("Voicemail", "by the {leaves}", leaves=LEGS)
def to_a_mailbox(desk: Desk, leaves: Leg) -> None:
    call = desk.talk("1001", "1002")
    desk.sits(PHONE[leaves])
    row = desk.order(Action.VOICEMAIL, call, "1003", leaves)
    desk.silent(PHONE[leaves])
    desk.ends(row, State.CONFIRMED)
    desk.recorded("1003", PHONE[leaves.other])


@scenario("Voicemail", "of a number that has no mailbox")
def to_no_mailbox(desk: Desk) -> None:
    call = desk.talk("1001", "1002")
    row = desk.order(Action.VOICEMAIL, call, "1010", Leg.CALLEE)
    desk.ends(row, State.REFUSED)
    desk.connected("1001", "1002")


@scenario(GROUP, "of two calls into a conference of three", simulated=False)
def conference(desk: Desk) -> None:
    desk.world.dial("1004", "630")
    one = desk.talk("1001", "1002")
    two = desk.talk(CUSTOMER, "1003", "1003")
    first = desk.blind(one, "630")
    second = desk.blind(two, "630")
    desk.hears("1001", "1004", CUSTOMER)
    desk.hears(CUSTOMER, "1001", "1004")
    desk.hears("1004", "1001", CUSTOMER)
    desk.ends(first, State.CONFIRMED)
    desk.ends(second, State.CONFIRMED)
