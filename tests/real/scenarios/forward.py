"""Ringing calls sent on: 1001 calls 1002, and before anybody answers it rings somewhere else."""

from __future__ import annotations

from tests.real.desk import Desk
from tests.real.registry import scenario
from tests.real.world import CUSTOMER, MAIN_NUMBER, SUPPLIER
from transfers.domain import Action
from transfers.models import Transfer

State = Transfer.State
GROUP = "Forward"


def begin(desk: Desk, target: str) -> Transfer:
    call = desk.call("1001", "1002")
    return desk.order(Action.FORWARD, call, target)


@scenario(GROUP, "the target answers")
def answered(desk: Desk) -> None:
    row = begin(desk, "1003")
    desk.rings("1003", shows="1001")
    desk.silent("1002")
    desk.accept("1003")
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "the target declines")
def declined(desk: Desk) -> None:
    row = begin(desk, "1003")
    desk.decline("1003", "1001")
    desk.silent("1001")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "the target is busy")
def busy(desk: Desk) -> None:
    desk.listens()
    desk.talk("1004", "1006")
    row = begin(desk, "1006")
    desk.silent("1001")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "nobody answers")
def no_answer(desk: Desk) -> None:
    row = begin(desk, "1005")
    desk.rings("1005")
    desk.silent("1005")
    desk.silent("1001")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "to a phone that is not registered")
def unregistered(desk: Desk) -> None:
    row = begin(desk, "1009")
    desk.ends(row, State.REFUSED)
    desk.accept("1002")
    desk.connected("1001", "1002")


@scenario(GROUP, "to a number that does not exist")
def wrong_number(desk: Desk) -> None:
    row = begin(desk, "9999")
    desk.ends(row, State.REFUSED)
    desk.accept("1002")
    desk.connected("1001", "1002")


@scenario(GROUP, "the caller gives up while the target rings")
def caller_gives_up(desk: Desk) -> None:
    row = begin(desk, "1003")
    desk.rings("1003")
    desk.sees_ringing("1001", "1003")
    desk.hang_up("1001")
    desk.silent("1003")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "the caller gives up before the order")
def too_late(desk: Desk) -> None:
    call = desk.call("1001", "1002")
    desk.hang_up("1001")
    desk.silent("1002")
    desk.gone(call)
    desk.ends(desk.order(Action.FORWARD, call, "1003"), State.REFUSED, "call_gone")


@scenario(GROUP, "of a call that was answered meanwhile")
def answered_meanwhile(desk: Desk) -> None:
    call = desk.call("1001", "1002")
    desk.accept("1002")
    desk.sees("1001", "1002")
    desk.ends(desk.order(Action.FORWARD, call, "1003"), State.REFUSED)
    desk.connected("1001", "1002")


@scenario(GROUP, "of a call from outside to an outside number")
def to_outside(desk: Desk) -> None:
    call = desk.call(CUSTOMER, MAIN_NUMBER, "1001")
    row = desk.order(Action.FORWARD, call, SUPPLIER)
    desk.accept(SUPPLIER)
    desk.silent("1001")
    desk.connected(CUSTOMER, SUPPLIER)
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "twice")
def twice(desk: Desk) -> None:
    begin(desk, "1003")
    desk.rings("1003")
    row = desk.order(Action.FORWARD, desk.sees_ringing("1001", "1003"), "1004")
    desk.silent("1003")
    desk.accept("1004")
    desk.connected("1001", "1004")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "of a call to a group", simulated=False)
def of_a_group(desk: Desk) -> None:
    call = desk.call(CUSTOMER, "610", "1002")
    row = desk.order(Action.FORWARD, call, "1004")
    desk.silent("1002")
    desk.silent("1003")
    desk.accept("1004")
    desk.connected(CUSTOMER, "1004")
    desk.ends(row, State.CONFIRMED)
