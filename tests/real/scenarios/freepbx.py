"""The same people with a dial plan as FreePBX makes it: what it does otherwise, and what it hides.

In its routines the dialled number is in no `exten`, a queue rings its agents through Local
channels, a route to the outside shows the house's number, and who does not answer leaves the caller
with a tone for up to twenty seconds.
"""

from __future__ import annotations

from tests.real.desk import WAITS, Desk
from tests.real.registry import scenario
from tests.real.world import CUSTOMER, MAIN_NUMBER, MUSIC, SUPPLIER
from transfers.domain import Action, Call, CallState, Leg
from transfers.models import Transfer

State = Transfer.State
GROUP = "FreePBX's dial plan"
RING_GROUP, QUEUE, ROOM, FOLLOW_ME = "610", "620", "630", "1010"


def received(desk: Desk) -> Call:
    """A customer's call by the inbound route, taken by Ana's phone."""
    desk.sits("1001")
    call = desk.talk(CUSTOMER, MAIN_NUMBER, "1001")
    assert (call.caller.number, call.callee.number) == (CUSTOMER, "1001"), call
    return call


@scenario(GROUP, "a call from outside, sent to a colleague", freepbx=True)
def blind(desk: Desk) -> None:
    row = desk.blind(received(desk), "1003")
    desk.rings("1003", shows=CUSTOMER)
    desk.accept("1003")
    desk.silent("1001")
    desk.connected(CUSTOMER, "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(
    GROUP, "a call from outside, sent to a {name}", freepbx=True, name=["ring group", "queue"]
)
def to_several(desk: Desk, name: str) -> None:
    target = RING_GROUP if name == "ring group" else QUEUE
    row = desk.blind(received(desk), target)
    desk.rings("1002")
    desk.accept("1003")
    desk.silent("1002")
    desk.connected(CUSTOMER, "1003")
    desk.ends(row, State.CONFIRMED)
    assert desk.sees(CUSTOMER, "1003").also == (target,)


@scenario(GROUP, "a call from outside, sent to an extension with Follow Me", freepbx=True)
def follow_me(desk: Desk) -> None:
    row = desk.blind(received(desk), FOLLOW_ME)
    desk.accept("1003")
    desk.connected(CUSTOMER, "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "a call from outside, sent into a conference", freepbx=True)
def conference(desk: Desk) -> None:
    desk.dial("1002", ROOM)
    desk.sees("1002", ROOM)
    row = desk.blind(received(desk), ROOM)
    desk.connected(CUSTOMER, "1002")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "a call from outside, sent to a mailbox", freepbx=True)
def mailbox(desk: Desk) -> None:
    row = desk.order(Action.VOICEMAIL, received(desk), "1003", Leg.CALLEE)
    desk.silent("1001")
    desk.recorded("1003", CUSTOMER)
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "a call from outside, sent to somebody who is busy", freepbx=True)
def busy(desk: Desk) -> None:
    desk.listens()
    desk.talk("1004", "1006")
    row = desk.blind(received(desk), "1006")
    desk.silent("1001")
    desk.ends(row, State.MISSED)
    desk.connected("1004", "1006")


@scenario(GROUP, "a phone that is off is refused, though its hint says otherwise", freepbx=True)
def off(desk: Desk) -> None:
    row = desk.blind(received(desk), "1009")
    desk.ends(row, State.REFUSED)
    desk.connected(CUSTOMER, "1001")


@scenario(
    GROUP, "a number that nobody has is refused, though an announcement is there", freepbx=True
)
def wrong_number(desk: Desk) -> None:
    row = desk.blind(received(desk), "9999")
    desk.ends(row, State.REFUSED)
    desk.connected(CUSTOMER, "1001")


@scenario(
    GROUP,
    "a call that rings, forwarded to a {name}",
    freepbx=True,
    name=["colleague", "ring group"],
)
def forward(desk: Desk, name: str) -> None:
    desk.sits("1001")
    target = "1003" if name == "colleague" else RING_GROUP
    row = desk.order(Action.FORWARD, desk.call(CUSTOMER, MAIN_NUMBER, "1001"), target)
    desk.rings("1003", shows=CUSTOMER)
    desk.silent("1001")
    desk.accept("1003")
    desk.connected(CUSTOMER, "1003")
    desk.ends(row, State.CONFIRMED)


@scenario(GROUP, "a call that rings, forwarded to an outside number", freepbx=True)
def forward_outside(desk: Desk) -> None:
    """The route shows the house's number there; the board goes on showing who calls."""
    desk.sits("1001")
    row = desk.order(Action.FORWARD, desk.call(CUSTOMER, MAIN_NUMBER, "1001"), SUPPLIER)
    desk.rings(SUPPLIER, shows=MAIN_NUMBER)
    desk.accept(SUPPLIER)
    desk.connected(CUSTOMER, SUPPLIER)
    desk.ends(row, State.CONFIRMED)
    desk.sees(CUSTOMER, SUPPLIER)


@scenario(GROUP, "attended, joined after a talk", freepbx=True)
def attended(desk: Desk) -> None:
    row = desk.order(Action.CONSULT, received(desk), "1003", Leg.CALLEE)
    desk.accept("1003")
    desk.hears(CUSTOMER, MUSIC)
    desk.connected("1001", "1003")
    desk.ends(row, State.CONFIRMED)
    pair = desk.sees_held(CUSTOMER, "1001"), desk.sees("1001", "1003")
    done = desk.order(Action.JOIN, pair[0], other=pair[1])
    desk.silent("1001")
    desk.connected(CUSTOMER, "1003")
    desk.ends(done, State.CONFIRMED)


@scenario(GROUP, "attended with an outside number, joined after a talk", freepbx=True)
def attended_outside(desk: Desk) -> None:
    row = desk.order(Action.CONSULT, received(desk), SUPPLIER, Leg.CALLEE)
    desk.rings(SUPPLIER, shows=MAIN_NUMBER)
    desk.accept(SUPPLIER)
    desk.connected("1001", SUPPLIER)
    desk.ends(row, State.CONFIRMED)
    pair = desk.sees_held(CUSTOMER, "1001"), desk.sees("1001", SUPPLIER)
    done = desk.order(Action.JOIN, pair[0], other=pair[1])
    desk.silent("1001")
    desk.connected(CUSTOMER, SUPPLIER)
    desk.ends(done, State.CONFIRMED)


@scenario(
    GROUP, "attended, the target is busy; she hears it, and takes the call back", freepbx=True
)
def attended_busy(desk: Desk) -> None:
    desk.talk("1004", "1006")
    row = desk.order(Action.CONSULT, received(desk), "1006", Leg.CALLEE)
    held = desk.sees_held(CUSTOMER, "1001")
    desk.ends_in(row, State.CONFIRMED, State.MISSED)
    back = desk.order(Action.CANCEL, held, other=desk.sees_consulting(held))
    desk.connected(CUSTOMER, "1001")
    desk.ends(back, State.CONFIRMED)


@scenario(
    GROUP,
    "a queue rings its agents through Local channels; {name}",
    freepbx=True,
    name=["one takes the call and sends it on", "it is picked up elsewhere"],
)
def queue(desk: Desk, name: str) -> None:
    call = desk.call(CUSTOMER, QUEUE, "1002")
    assert call.state is CallState.RINGING, call
    if "picked" in name:
        desk.sits("1004")
        row = desk.order(Action.PICKUP, call)
    else:
        desk.accept("1002")
        desk.sits("1002")
        row = desk.blind(desk.sees(CUSTOMER, "1002"), "1004")
    desk.accept("1004")
    desk.silent("1002")
    desk.silent("1003")
    desk.connected(CUSTOMER, "1004")
    desk.ends(row, State.CONFIRMED)
    desk.sees(CUSTOMER, "1004")


@scenario(GROUP, "of a queue's call, attended and joined", freepbx=True)
def queue_attended(desk: Desk) -> None:
    desk.sits("1002")
    call = desk.talk(CUSTOMER, QUEUE, "1002")
    row = desk.order(Action.CONSULT, call, "1004", Leg.CALLEE)
    desk.accept("1004")
    desk.connected("1002", "1004")
    desk.ends(row, State.CONFIRMED)
    pair = desk.sees_held(CUSTOMER, "1002"), desk.sees("1002", "1004")
    done = desk.order(Action.JOIN, pair[0], other=pair[1])
    desk.silent("1002")
    desk.connected(CUSTOMER, "1004")
    desk.ends(done, State.CONFIRMED)


@scenario(
    GROUP, "a call to the outside shows who makes it, and is sent to a colleague", freepbx=True
)
def outgoing(desk: Desk) -> None:
    """The route shows the house's number to the outside, and to nobody here."""
    desk.sits("1001")
    desk.dial("1001", SUPPLIER)
    desk.rings(SUPPLIER, shows=MAIN_NUMBER)
    ringing = desk.sees("1001", SUPPLIER, WAITS)
    assert (ringing.caller.number, ringing.callee.number) == ("1001", SUPPLIER), ringing
    desk.accept(SUPPLIER)
    row = desk.blind(desk.sees("1001", SUPPLIER), "1003", Leg.CALLER)
    desk.accept("1003")
    desk.silent("1001")
    desk.connected(SUPPLIER, "1003")
    desk.ends(row, State.CONFIRMED)
    desk.sees(SUPPLIER, "1003")


@scenario(GROUP, "hold from the console, and resumed", freepbx=True)
def hold(desk: Desk) -> None:
    row = desk.order(Action.HOLD, received(desk))
    desk.hears(CUSTOMER, MUSIC)
    desk.ends(row, State.CONFIRMED)
    back = desk.order(Action.RETRIEVE, desk.sees_held(CUSTOMER, "1001"))
    desk.connected(CUSTOMER, "1001")
    desk.ends(back, State.CONFIRMED)
