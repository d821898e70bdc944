"""Attended transfers: 1001 has called 1002; one of them asks 1003 first, with the other on hold."""

from __future__ import annotations

from tests.real.desk import WAITS, Desk
from tests.real.registry import scenario
from tests.real.world import CUSTOMER, MAIN_NUMBER, MUSIC, SUPPLIER
from transfers.domain import Action, Call, Leg
from transfers.models import Transfer

State = Transfer.State
GROUP = "Attended transfer"
LEGS = [Leg.CALLER, Leg.CALLEE]
PHONE = {Leg.CALLER: "1001", Leg.CALLEE: "1002"}


def begin(desk: Desk, leaves: Leg, target: str = "1003") -> Transfer:
    """The consultation is ordered; the other party waits."""
    call = desk.talk("1001", "1002")
    desk.sits(PHONE[leaves])
    return desk.order(Action.CONSULT, call, target, leaves)


def calling(desk: Desk, leaves: Leg, target: str = "1003") -> tuple[Call, Call]:
    """The target rings. Returns the held call and the consultation."""
    row = begin(desk, leaves, target)
    desk.rings(target, shows=PHONE[leaves])
    desk.hears(PHONE[leaves.other], MUSIC)
    desk.ends(row, State.CONFIRMED)
    return desk.sees_held("1001", "1002"), desk.sees(PHONE[leaves], target, WAITS)


def talking(desk: Desk, leaves: Leg, target: str = "1003") -> tuple[Call, Call]:
    """The target has answered."""
    held, _ = calling(desk, leaves, target)
    desk.accept(target)
    desk.connected(PHONE[leaves], target)
    return held, desk.sees(PHONE[leaves], target)


def joined(desk: Desk, pair: tuple[Call, Call]) -> Transfer:
    return desk.order(Action.JOIN, pair[0], other=pair[1])


def cancelled(desk: Desk, pair: tuple[Call, Call]) -> None:
    row = desk.order(Action.CANCEL, pair[0], other=pair[1])
    desk.silent("1003")
    desk.connected("1001", "1002")
    desk.ends(row, State.CONFIRMED)


def back_together(desk: Desk, leaves: Leg) -> None:
    """The target is out of it. Nobody orders anything: the console rings her, and she has the
    other party again."""
    desk.accept(PHONE[leaves])
    desk.connected("1001", "1002")
    desk.ends(desk.newest(Action.RETRIEVE), State.CONFIRMED)


@scenario(GROUP, "by the {leaves}, joined after a talk", leaves=LEGS)
def join(desk: Desk, leaves: Leg) -> None:
    row = joined(desk, talking(desk, leaves))
    desk.silent(PHONE[leaves])
    desk.connected(PHONE[leaves.other], "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "by the {leaves}, ended after a talk", leaves=LEGS)
def cancel(desk: Desk, leaves: Leg) -> None:
    cancelled(desk, talking(desk, leaves))


@scenario(GROUP, "by the {leaves}, ended while it rings", leaves=LEGS)
def cancel_ringing(desk: Desk, leaves: Leg) -> None:
    cancelled(desk, calling(desk, leaves))


@scenario(GROUP, "joined while it rings: refused, and nothing changes")
def join_ringing(desk: Desk) -> None:
    pair = calling(desk, Leg.CALLEE)
    desk.ends(joined(desk, pair), State.REFUSED)
    desk.accept("1003")
    desk.connected("1002", "1003")
    desk.hears("1001", MUSIC)


@scenario(GROUP, "by the {leaves}, the target declines", leaves=LEGS)
def declined(desk: Desk, leaves: Leg) -> None:
    calling(desk, leaves)
    desk.decline("1003", PHONE[leaves])
    back_together(desk, leaves)


@scenario(GROUP, "by the {leaves}, the target is busy", leaves=LEGS)
def busy(desk: Desk, leaves: Leg) -> None:
    desk.talk("1004", "1006")
    begin(desk, leaves, "1006")
    back_together(desk, leaves)
    desk.connected("1004", "1006")


@scenario(GROUP, "by the {leaves}, nobody answers", leaves=LEGS)
def no_answer(desk: Desk, leaves: Leg) -> None:
    begin(desk, leaves, "1005")
    desk.rings("1005")
    desk.silent("1005")
    back_together(desk, leaves)


@scenario(GROUP, "by the {leaves}, to a phone that is not registered", leaves=LEGS)
def unregistered(desk: Desk, leaves: Leg) -> None:
    row = begin(desk, leaves, "1009")
    desk.ends(row, State.REFUSED)
    desk.connected("1001", "1002")


@scenario(GROUP, "by the {leaves}, to a number that does not exist", leaves=LEGS)
def wrong_number(desk: Desk, leaves: Leg) -> None:
    row = begin(desk, leaves, "9999")
    desk.ends(row, State.REFUSED)
    desk.connected("1001", "1002")


@scenario(GROUP, "by the {leaves}, the other party hangs up while the target rings", leaves=LEGS)
def held_gives_up_ringing(desk: Desk, leaves: Leg) -> None:
    calling(desk, leaves)
    desk.hang_up(PHONE[leaves.other])
    desk.accept("1003")
    desk.connected(PHONE[leaves], "1003")


@scenario(
    GROUP, "by the {leaves}, the other party and the target hang up while it rings", leaves=LEGS
)
def two_give_up_ringing(desk: Desk, leaves: Leg) -> None:
    calling(desk, leaves)
    desk.hang_up(PHONE[leaves.other])
    desk.decline("1003", PHONE[leaves])
    desk.silent(PHONE[leaves])
    desk.empty()


@scenario(GROUP, "the other party and the one who asked hang up while it rings")
def both_give_up_ringing(desk: Desk) -> None:
    calling(desk, Leg.CALLEE)
    desk.hang_up("1001")
    desk.hang_up("1002")
    desk.silent("1003")
    desk.empty()


@scenario(GROUP, "by the {leaves}, the other party hangs up during the talk", leaves=LEGS)
def held_gives_up(desk: Desk, leaves: Leg) -> None:
    talking(desk, leaves)
    desk.hang_up(PHONE[leaves.other])
    desk.silent(PHONE[leaves.other])
    desk.connected(PHONE[leaves], "1003")
    desk.hang_up(PHONE[leaves])
    desk.silent("1003")
    desk.empty()


@scenario(GROUP, "by the {leaves}, the target hangs up during the talk", leaves=LEGS)
def target_leaves(desk: Desk, leaves: Leg) -> None:
    talking(desk, leaves)
    desk.hang_up("1003")
    back_together(desk, leaves)


@scenario(GROUP, "by the {leaves}, who asked hangs up during the talk", leaves=LEGS)
def asker_leaves(desk: Desk, leaves: Leg) -> None:
    talking(desk, leaves)
    desk.hang_up(PHONE[leaves])
    desk.silent("1003")
    back_together(desk, leaves)


@scenario(GROUP, "by the {leaves}, who asked hangs up while it rings", leaves=LEGS)
def asker_leaves_ringing(desk: Desk, leaves: Leg) -> None:
    calling(desk, leaves)
    desk.hang_up(PHONE[leaves])
    desk.silent("1003")
    back_together(desk, leaves)


@scenario(GROUP, "joined, then the target hangs up")
def joined_and_over(desk: Desk) -> None:
    row = joined(desk, talking(desk, Leg.CALLEE))
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)
    desk.hang_up("1003")
    desk.silent("1001")
    desk.empty()


def swapped(desk: Desk, pair: tuple[Call, Call]) -> tuple[Call, Call]:
    """The target waits, and 1001 talks to the one who asked."""
    row = desk.order(Action.SWAP, pair[0], other=pair[1])
    desk.connected("1001", "1002")
    desk.hears("1003", MUSIC)
    desk.ends(row, State.CONFIRMED)
    return desk.sees_held("1002", "1003"), desk.sees("1001", "1002")


@scenario(GROUP, "swapped, then joined")
def swap_and_join(desk: Desk) -> None:
    row = joined(desk, swapped(desk, talking(desk, Leg.CALLEE)))
    desk.silent("1002")
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "swapped, then ended")
def swap_and_cancel(desk: Desk) -> None:
    cancelled(desk, swapped(desk, talking(desk, Leg.CALLEE)))


@scenario(GROUP, "swapped, then the target hangs up, who waits")
def swap_and_target_leaves(desk: Desk) -> None:
    swapped(desk, talking(desk, Leg.CALLEE))
    desk.hang_up("1003")
    desk.silent("1003")
    desk.connected("1001", "1002")


@scenario(GROUP, "swapped, then the other party hangs up")
def swap_and_other_leaves(desk: Desk) -> None:
    swapped(desk, talking(desk, Leg.CALLEE))
    desk.hang_up("1001")
    target_is_brought_back(desk)


@scenario(GROUP, "swapped, then who asked hangs up")
def swap_and_asker_leaves(desk: Desk) -> None:
    swapped(desk, talking(desk, Leg.CALLEE))
    desk.hang_up("1002")
    desk.silent("1001")
    target_is_brought_back(desk)


def target_is_brought_back(desk: Desk) -> None:
    desk.accept("1002")
    desk.connected("1002", "1003")
    desk.ends(desk.newest(Action.RETRIEVE), State.CONFIRMED)


@scenario(GROUP, "of a call that an agent took from a queue", simulated=False)
def from_a_queue(desk: Desk) -> None:
    call = desk.talk(CUSTOMER, "620", "1002")
    row = desk.order(Action.CONSULT, call, "1004", Leg.CALLEE)
    desk.accept("1004")
    desk.connected("1002", "1004")
    desk.ends(row, State.CONFIRMED)
    done = joined(desk, (desk.sees_held(CUSTOMER, "1002"), desk.sees("1002", "1004")))
    desk.silent("1002")
    desk.connected(CUSTOMER, "1004")
    desk.ends(done, State.CONFIRMED)


@scenario(GROUP, "ended, then asked again and joined")
def asked_again(desk: Desk) -> None:
    cancelled(desk, talking(desk, Leg.CALLEE))
    row = desk.order(Action.CONSULT, desk.sees("1001", "1002"), "1004", Leg.CALLEE)
    desk.accept("1004")
    desk.ends(row, State.CONFIRMED)
    desk.connected("1002", "1004")
    done = joined(desk, (desk.sees_held("1001", "1002"), desk.sees("1002", "1004")))
    desk.silent("1002")
    desk.connected("1001", "1004")
    desk.ends(done, State.CONFIRMED)


@scenario(GROUP, "of a call from outside")
def from_outside(desk: Desk) -> None:
    desk.sits("1001")
    call = desk.talk(CUSTOMER, MAIN_NUMBER, "1001")
    row = desk.order(Action.CONSULT, call, "1003", Leg.CALLEE)
    desk.rings("1003", shows="1001")
    desk.accept("1003")
    desk.hears(CUSTOMER, MUSIC)
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)
    done = joined(desk, (desk.sees_held(CUSTOMER, "1001"), desk.sees("1001", "1003")))
    desk.silent("1001")
    desk.connected(CUSTOMER, "1003")
    desk.ends(done, State.CONFIRMED)


@scenario(GROUP, "of a call from outside to an outside number")
def to_outside(desk: Desk) -> None:
    desk.sits("1001")
    call = desk.talk(CUSTOMER, MAIN_NUMBER, "1001")
    row = desk.order(Action.CONSULT, call, SUPPLIER, Leg.CALLEE)
    desk.accept(SUPPLIER)
    desk.connected("1001", SUPPLIER)
    desk.ends(row, State.CONFIRMED)
    done = joined(desk, (desk.sees_held(CUSTOMER, "1001"), desk.sees("1001", SUPPLIER)))
    desk.silent("1001")
    desk.connected(CUSTOMER, SUPPLIER)
    desk.ends(done, State.CONFIRMED)


@scenario(GROUP, "of a call that the PBX dialled without its transfer options")
def unprepared(desk: Desk) -> None:
    desk.sits("1002")
    call = desk.talk("1001", "21002", "1002")
    row = desk.order(Action.CONSULT, call, "1003", Leg.CALLEE)
    desk.accept("1003")
    desk.connected("1002", "1003")
    desk.ends(row, State.CONFIRMED)
    done = joined(desk, (desk.sees_held("1001", "1002"), desk.sees("1002", "1003")))
    desk.silent("1002")
    desk.connected("1001", "1003")
    desk.ends(done, State.CONFIRMED)


@scenario(GROUP, "with the consultation dialled at the phone, ended from the console")
def dialled_at_the_phone_and_ended(desk: Desk) -> None:
    desk.sits("1002")
    desk.talk("1001", "1002")
    desk.hold("1002")
    desk.sees_held("1001", "1002")
    for begin_it in (desk.call, desk.talk):
        row = desk.order(Action.HANGUP, begin_it("1002", "1003"))
        desk.silent("1003")
        desk.ends(row, State.CONFIRMED)
        desk.hears("1001", MUSIC)


@scenario(GROUP, "with the consultation dialled at the phone, joined from the console")
def dialled_at_the_phone(desk: Desk) -> None:
    desk.sits("1002")
    desk.talk("1001", "1002")
    desk.hold("1002")
    held = desk.sees_held("1001", "1002")
    other = desk.talk("1002", "1003")
    row = joined(desk, (held, other))
    desk.silent("1002")
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(
    GROUP, "by the {leaves}, held from the console, dialled at the phone, and joined", leaves=LEGS
)
def held_here_dialled_there(desk: Desk, leaves: Leg) -> None:
    own = PHONE[leaves]
    desk.sits(own)
    row = desk.order(Action.HOLD, desk.talk("1001", "1002"))
    desk.hears(PHONE[leaves.other], MUSIC)
    desk.ends(row, State.CONFIRMED)
    held = desk.sees_held("1001", "1002")
    other = desk.talk(own, "1003")
    desk.connected(own, "1003")
    desk.hears(PHONE[leaves.other], MUSIC)
    row = joined(desk, (held, other))
    desk.silent(own)
    desk.connected(PHONE[leaves.other], "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "held from the console, dialled at the phone, and joined while it rings: refused")
def held_here_rings_there(desk: Desk) -> None:
    row = desk.order(Action.HOLD, desk.talk("1001", "1002"))
    desk.hears("1001", MUSIC)
    desk.ends(row, State.CONFIRMED)
    held = desk.sees_held("1001", "1002")
    row = joined(desk, (held, desk.call("1002", "1003")))
    desk.ends(row, State.REFUSED)
    desk.accept("1003")
    desk.connected("1002", "1003")
    desk.hears("1001", MUSIC)
