"""Everything else the console orders, and a PBX that starts anew in the middle of it."""

from __future__ import annotations

from tests.real.desk import WAITS, Desk
from tests.real.registry import scenario
from tests.real.world import CUSTOMER, MAIN_NUMBER, MUSIC
from transfers.domain import Action, Leg
from transfers.models import Transfer

State = Transfer.State


@scenario("Hold", "from the console, and resumed")
def hold(desk: Desk) -> None:
    call = desk.talk("1001", "1002")
    row = desk.order(Action.HOLD, call)
    desk.hears("1001", MUSIC)
    desk.ends(row, State.CONFIRMED)
    back = desk.order(Action.RETRIEVE, desk.sees_held("1001", "1002"))
    desk.connected("1001", "1002")
    desk.ends(back, State.CONFIRMED)


@scenario("Hold", "from the console, and the caller hangs up")
def hold_given_up(desk: Desk) -> None:
    call = desk.talk("1001", "1002")
    row = desk.order(Action.HOLD, call)
    desk.hears("1001", MUSIC)
    desk.ends(row, State.CONFIRMED)
    desk.hang_up("1001")
    desk.silent("1002")


@scenario("Hold", "from the console, and who held hangs up", simulated=False)
def holder_hangs_up(desk: Desk) -> None:
    row = desk.order(Action.HOLD, desk.talk("1001", "1002"))
    desk.hears("1001", MUSIC)
    desk.ends(row, State.CONFIRMED)
    desk.sees_held("1001", "1002")
    desk.hang_up("1002")
    desk.accept("1002")
    desk.connected("1001", "1002")
    desk.ends(desk.newest(Action.RETRIEVE), State.CONFIRMED)


@scenario("Hold", "from the console, and the phone has dialled a second call since")
def held_by_the_phone_too(desk: Desk) -> None:
    """Her phone put the line on hold for it, and the PBX cannot undo that."""
    row = desk.order(Action.HOLD, desk.talk("1001", "1002"))
    desk.hears("1001", MUSIC)
    desk.ends(row, State.CONFIRMED)
    held = desk.sees_held("1001", "1002")
    desk.talk("1002", "1003")
    desk.connected("1002", "1003")
    desk.hang_up("1003")
    desk.silent("1003")
    desk.ends(desk.order(Action.RETRIEVE, held), State.REFUSED)
    desk.hears("1001", MUSIC)
    desk.resume("1002")
    desk.ends(desk.order(Action.RETRIEVE, held), State.CONFIRMED)
    desk.hears("1001", "1002")  # the recorder of the phone that resumed has stopped


@scenario("Hold", "pressed at the phone is shown")
def hold_at_the_phone(desk: Desk) -> None:
    desk.talk("1001", "1002")
    desk.hold("1002")
    desk.hears("1001", MUSIC)
    desk.sees_held("1001", "1002")
    desk.resume("1002")
    desk.sees("1001", "1002")
    desk.hears("1001", "1002")  # the recorder of the phone that resumed has stopped


@scenario("Hang up", "an answered call")
def hang_up(desk: Desk) -> None:
    row = desk.order(Action.HANGUP, desk.talk("1001", "1002"))
    desk.silent("1001")
    desk.silent("1002")
    desk.ends(row, State.CONFIRMED)


@scenario("Hang up", "a call that rings")
def hang_up_ringing(desk: Desk) -> None:
    row = desk.order(Action.HANGUP, desk.call("1001", "1002"))
    desk.silent("1001")
    desk.silent("1002")
    desk.ends(row, State.CONFIRMED)


@scenario("Hang up", "only the named one of two calls")
def hang_up_one(desk: Desk) -> None:
    call = desk.talk("1001", "1002")
    desk.talk(CUSTOMER, "1003", "1003")
    row = desk.order(Action.HANGUP, call)
    desk.silent("1001")
    desk.connected(CUSTOMER, "1003")
    desk.ends(row, State.CONFIRMED)


@scenario("Pickup", "of a call that rings at a colleague's")
def pickup(desk: Desk) -> None:
    desk.sits("1003")
    row = desk.order(Action.PICKUP, desk.call("1001", "1002"))
    desk.accept("1003")
    desk.silent("1002")
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario("Pickup", "of a call from outside to a group", simulated=False)
def pickup_of_a_group(desk: Desk) -> None:
    desk.sits("1004")
    row = desk.order(Action.PICKUP, desk.call(CUSTOMER, "610", "1002"))
    desk.accept("1004")
    desk.silent("1002")
    desk.silent("1003")
    desk.connected(CUSTOMER, "1004")
    desk.ends(row, State.CONFIRMED)


def parked(desk: Desk) -> None:
    """A customer, whom Ana has parked."""
    desk.sits("1001")
    row = desk.order(Action.PARK, desk.talk(CUSTOMER, MAIN_NUMBER, "1001"))
    desk.hears(CUSTOMER, MUSIC)
    desk.ends(row, State.CONFIRMED)


@scenario("Park", "and fetched from the console")
def park(desk: Desk) -> None:
    desk.sits("1001")
    call = desk.talk(CUSTOMER, MAIN_NUMBER, "1001")
    row = desk.order(Action.PARK, call)
    desk.silent("1001")
    desk.hears(CUSTOMER, MUSIC)
    desk.ends(row, State.CONFIRMED)
    desk.sits("1003")
    back = desk.order(Action.UNPARK, desk.sees_parked(CUSTOMER))
    desk.accept("1003")
    desk.connected(CUSTOMER, "1003")
    desk.ends(back, State.CONFIRMED)


@scenario("Park", "and fetched at a phone")
def park_and_dial(desk: Desk) -> None:
    parked(desk)
    desk.dial("1003", "701")
    desk.connected(CUSTOMER, "1003")
    desk.sees(CUSTOMER, "1003")


@scenario("Park", "and the caller hangs up")
def park_given_up(desk: Desk) -> None:
    parked(desk)
    desk.sees_parked(CUSTOMER)
    desk.hang_up(CUSTOMER)
    desk.silent(CUSTOMER)
    desk.empty()


@scenario("Park", "and nobody fetches it: it rings who parked it", simulated=False)
def park_comes_back(desk: Desk) -> None:
    desk.sits("1001")
    row = desk.order(Action.PARK, desk.talk("1006", "1001"))
    desk.silent("1001")
    desk.hears("1006", MUSIC)
    desk.ends(row, State.CONFIRMED)
    desk.rings("1001", shows="1006")
    desk.sees("1006", "1001", WAITS)
    desk.accept("1001")
    desk.connected("1006", "1001")
    desk.sees("1006", "1001")


@scenario(
    "Restart of the PBX",
    "while the target of a blind transfer rings",
)
def restart_blind(desk: Desk) -> None:
    row = desk.blind(desk.talk("1001", "1002"), "1003")
    desk.rings("1003")
    desk.sees_ringing("1001", "1003")
    desk.restart()
    desk.ends(row, State.MISSED)
    again(desk)


@scenario("Restart of the PBX", "during a consultation")
def restart_attended(desk: Desk) -> None:
    desk.sits("1002")
    row = desk.order(Action.CONSULT, desk.talk("1001", "1002"), "1003", Leg.CALLEE)
    desk.accept("1003")
    desk.ends(row, State.CONFIRMED)
    desk.restart()
    again(desk)


@scenario("Restart of the PBX", "by a power cut during a call")
def power_cut(desk: Desk) -> None:
    desk.talk("1001", "1002")
    desk.power_cut()
    again(desk)


@scenario("Restart of the PBX", "between two calls")
def restart_idle(desk: Desk) -> None:
    desk.talk("1001", "1002")
    desk.restart()
    again(desk)


def again(desk: Desk) -> None:
    """Afterwards everything works as before, with no click in between."""
    desk.empty()
    row = desk.blind(desk.talk("1001", "1002"), "1003")
    desk.accept("1003")
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario("The board", "follows a transfer made at the phone")
def transferred_at_the_phone(desk: Desk) -> None:
    desk.talk("1001", "1002")
    desk.send("1002", "1003")
    desk.accept("1003")
    desk.connected("1001", "1003")
    desk.sees("1001", "1003")


@scenario("The board", "shows who rings in a group, and who answered", simulated=False)
def group(desk: Desk) -> None:
    desk.call(CUSTOMER, "610", "1002")
    desk.accept("1003")
    desk.sees(CUSTOMER, "1003")
    desk.silent("1002")


@scenario("The board", "shows a call from its first ring to its end")
def life(desk: Desk) -> None:
    call = desk.call(CUSTOMER, MAIN_NUMBER, "1001")
    assert call.caller.number == CUSTOMER
    desk.accept("1001")
    same = desk.sees(CUSTOMER, "1001")
    assert same.id == call.id
    desk.hang_up(CUSTOMER)
    desk.empty()


@scenario("The board", "shows a call to the outside")
def outgoing(desk: Desk) -> None:
    desk.call("1001", "+3615550177")
    desk.accept("+3615550177")
    desk.sees("1001", "+3615550177")
