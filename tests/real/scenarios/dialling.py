"""Calls that Ana makes from the console: her own phone rings first, and shows whom she calls."""

from __future__ import annotations

from uuid import uuid4

from tests.real.desk import Desk
from tests.real.registry import scenario
from tests.real.world import CUSTOMER
from transfers.domain import Leg
from transfers.models import Transfer

State = Transfer.State
GROUP, FREEPBX = "Outgoing call", "FreePBX's dial plan"


def begin(desk: Desk, target: str) -> Transfer:
    """She has answered her own phone."""
    row = desk.call_out(target)
    desk.rings("1002", shows=target)
    desk.sees_rung_first("1002")
    desk.lift("1002")
    return row


def not_rung(desk: Desk, number: str) -> None:
    desk.until(lambda: desk.world.idle(number), f"{number} does not ring")


@scenario(FREEPBX, "a colleague called from the console", freepbx=True)
@scenario(GROUP, "to a colleague")
def inside(desk: Desk) -> None:
    row = begin(desk, "1003")
    desk.rings("1003", shows="1002")
    desk.accept("1003")
    desk.connected("1002", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(FREEPBX, "an outside number called from the console", freepbx=True)
@scenario(GROUP, "to an outside number")
def outside(desk: Desk) -> None:
    row = begin(desk, CUSTOMER)
    desk.accept(CUSTOMER)
    desk.connected("1002", CUSTOMER)
    desk.ends(row, State.CONFIRMED)


@scenario(FREEPBX, "a ring group called from the console", freepbx=True)
@scenario(GROUP, "to a group, one of them answers", simulated=False)
def to_a_group(desk: Desk) -> None:
    desk.sits("1004")
    row = desk.call_out("610")
    desk.accept("1004")
    desk.rings("1002")
    desk.accept("1003")
    desk.connected("1004", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(FREEPBX, "called from the console, declined at her own phone", freepbx=True)
@scenario(GROUP, "she declines at her own phone")
def declined_by_her(desk: Desk) -> None:
    row = desk.call_out("1003")
    desk.rings("1002")
    desk.sees_rung_first("1002")
    desk.hang_up("1002")
    desk.told[-1] = "1002 declines"
    desk.silent("1002")
    not_rung(desk, "1003")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "the target declines")
def declined(desk: Desk) -> None:
    row = begin(desk, "1003")
    desk.decline("1003", "1002")
    desk.silent("1002")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "the target is busy")
def busy(desk: Desk) -> None:
    desk.talk("1004", "1006")
    row = begin(desk, "1006")
    desk.silent("1002")
    desk.connected("1004", "1006")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "nobody answers")
def no_answer(desk: Desk) -> None:
    row = begin(desk, "1005")
    desk.rings("1005")
    desk.silent("1005")
    desk.silent("1002")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "she hangs up while it rings")
def given_up(desk: Desk) -> None:
    row = begin(desk, "1003")
    desk.rings("1003")
    desk.sees_ringing("1002", "1003")
    desk.hang_up("1002")
    desk.silent("1003")
    desk.ends(row, State.MISSED)


@scenario(GROUP, "the button pressed twice, and once more from another page")
def twice(desk: Desk) -> None:
    key = uuid4()
    row = desk.call_out("1003", key=key)
    again = desk.call_out("1003", key=key)
    assert again.pk == row.pk
    other = desk.call_out("1004")
    desk.ends(other, State.REFUSED, "taken")
    desk.accept("1002")
    desk.accept("1003")
    desk.connected("1002", "1003")
    not_rung(desk, "1004")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "to a phone that is not registered")
def unregistered(desk: Desk) -> None:
    desk.ends(desk.call_out("1009"), State.REFUSED)
    not_rung(desk, "1002")


@scenario(GROUP, "to a number that does not exist")
def nowhere(desk: Desk) -> None:
    desk.ends(desk.call_out("9999"), State.REFUSED)
    not_rung(desk, "1002")


@scenario(GROUP, "from a phone that is not registered")
def from_nowhere(desk: Desk) -> None:
    desk.sits("1009")
    desk.ends(desk.call_out("1003"), State.REFUSED)
    not_rung(desk, "1003")


@scenario(GROUP, "transferred as soon as it is answered")
def sent_on(desk: Desk) -> None:
    row = begin(desk, "1003")
    desk.accept("1003")
    desk.ends(row, State.CONFIRMED)
    moved = desk.blind(desk.sees("1002", "1003"), "1004", Leg.CALLER)
    desk.silent("1002")
    desk.accept("1004")
    desk.connected("1003", "1004")
    desk.ends(moved, State.CONFIRMED)


@scenario(FREEPBX, "somebody busy called from the console", freepbx=True)
def busy_with_a_tone(desk: Desk) -> None:
    """She hears the tone until she hangs up."""
    desk.talk("1004", "1006")
    row = begin(desk, "1006")
    desk.ends(row, State.MISSED)
    desk.connected("1004", "1006")


@scenario(FREEPBX, "a number that nobody has, called from the console", freepbx=True)
def wrong_number(desk: Desk) -> None:
    desk.ends(desk.call_out("9999"), State.REFUSED)
    not_rung(desk, "1002")
