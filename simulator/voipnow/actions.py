"""PUT: what an action needs, in the order it is checked, and what it does to one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.calls import UP, Call, Side, State, is_outside
from simulator.voipnow.asked import Asked
from simulator.voipnow.errors import ApiError, NoEffect
from simulator.voipnow.views import View

Effect = Callable[[], object]
WAIT = 25.0
PARK_SECONDS, LEAST_PARK, MOST_PARK = 180.0, 10.0, 3600.0


@dataclass(frozen=True)
class Act:
    """An action on one call. `everything`: the request named no call, and this is one of all."""

    asked: Asked
    call: Call
    everything: bool = False

    @property
    def views(self) -> list[View]:
        return self.asked.desk.pictures.views(self.call)

    # ----- what was said

    def target(self) -> str:
        """sendCallTo: an extension or a number of the public network."""
        desk, said = self.asked.desk, self.asked.text("sendCallTo")
        found = desk.numbers.target(said)
        if found is None and said and desk.switches.unknown_target == "accepted":
            return said
        if found is None or (is_outside(found) and not self._may_leave_the_house()):
            raise ApiError("pc_sendcallto_invalid")
        return found

    def _may_leave_the_house(self) -> bool:
        desk = self.asked.desk
        if desk.switches.public_target == "refused":
            return False
        paid = desk.book.paper(self.call).public_transfer
        return paid or desk.switches.api_call_to_public == "allowed"

    def terminal(self) -> str:
        """sendCallTo where it must be a Phone Terminal."""
        numbers = self.asked.desk.numbers
        found = numbers.extension(self.asked.text("sendCallTo"))
        if found is None or not numbers.terminal(found):
            raise ApiError("pc_sendcallto_invalid")
        return found

    def party(self, parameter: str, code: str, *, but: str = "") -> str:
        """The party of the call a parameter names to the letter."""
        said, same = self.asked.text(parameter), self.asked.desk.numbers.same
        for number in (self.call.caller, self.call.callee, *self._rung):
            if number != but and said and same(said, number):
                return number
        raise ApiError(code)

    @property
    def _rung(self) -> list[str]:
        return [leg.number for leg in self.call.ringing]

    def view(self) -> View:
        """The view named. An action on all calls takes each call's view of its extension."""
        said = self.asked.text("phoneCallViewId")
        for view in self.views:
            if view.id == said and not self.everything:
                return view
        if self.everything and said:
            return self.own_view()
        raise ApiError("pc_phonecallview_invalid")

    def own_view(self) -> View:
        own = [view for view in self.views if view.extension == self.asked.extension]
        return (own or self.views)[0]

    def seconds(self, parameter: str, default: float, code: str) -> float:
        said = self.asked.text(parameter)
        if not said:
            return default
        if not (said.isascii() and said.isdigit()):
            raise ApiError(code)
        return float(said)

    # ----- the call's state

    def must(self, fits: bool) -> None:
        """The call must be in a state that fits, else what the switch says."""
        if fits:
            return
        kind = self.asked.desk.switches.wrong_state
        if kind in ("204", "accepted"):
            raise NoEffect
        raise ApiError(kind)

    def may_ring_elsewhere(self) -> None:
        kind = self.asked.desk.switches.ringing_transfer
        if self.call.state is State.RINGING and kind != "allowed":
            raise ApiError(kind)

    def side(self, number: str) -> Side:
        return "caller" if number == self.call.caller else "callee"


def transfer(act: Act) -> Effect:
    """Blind. The party of transferFromNumber leaves, the other one rings sendCallTo."""
    exchange, call = act.asked.desk.exchange, act.call
    target = act.target()
    leaves = _leaver(act)
    if act.asked.text("transferNumber") and not act.everything:
        act.party("transferNumber", "pc_transfer_number_invalid", but=leaves)
    act.may_ring_elsewhere()
    if call.state is State.RINGING and leaves != call.caller:
        return lambda: exchange.forward(call.id, target)
    held_fits = call.state is State.HELD and act.asked.desk.switches.held_transfer
    act.must(call.state in UP or held_fits)
    return lambda: exchange.blind_transfer(call.id, act.side(leaves), target)


def _leaver(act: Act) -> str:
    code = "pc_transfer_from_number_invalid"
    if not act.asked.text("transferFromNumber"):
        legacy = act.asked.desk.switches.legacy_transfer and act.asked.text("phoneCallViewId")
        if not legacy:
            raise ApiError(code)
        return act.view().extension
    if act.everything:
        return act.own_view().extension
    return act.party("transferFromNumber", code)


def to_voicemail(act: Act) -> Effect:
    """The party of transferNumber stays and speaks to the voice mail of sendCallTo."""
    desk, call = act.asked.desk, act.call
    box = act.terminal()
    if act.everything:
        leaves = act.own_view().extension
    else:
        if said := act.asked.text("transferFromNumber"):
            act.party("transferFromNumber", "pc_transfer_from_number_invalid")
        stays = act.party("transferNumber", "pc_transfer_number_invalid")
        leaves = call.other_party(stays)
        if said and not desk.numbers.same(said, leaves):
            raise ApiError("pc_transfer_from_number_invalid")
    act.may_ring_elsewhere()
    act.must(call.state in (*UP, State.RINGING, State.HELD))

    def effect() -> None:
        desk.exchange.to_voicemail(call.id, act.side(leaves), box)
        desk.exchange.later(desk.switches.voicemail_seconds, lambda: desk.exchange.hangup(call.id))

    return effect


def on_hold(act: Act) -> Effect:
    view = act.view()
    act.must(act.call.state in UP)
    exchange = act.asked.desk.exchange
    return lambda: exchange.hold(act.call.id, by_command=True, by=view.extension)


def off_hold(act: Act) -> Effect:
    act.view()
    by_command, desk = act.call.held_by_command, act.asked.desk
    act.must(act.call.state is State.HELD and (by_command or desk.switches.phone_hold_undone))
    return lambda: desk.exchange.retrieve(act.call.id, by_command=by_command)


def park(act: Act) -> Effect:
    """The party of the view leaves the other one in the parking lot."""
    view = act.view()
    code = "pc_maxinparking_invalid"
    seconds = act.seconds("maxInParking", PARK_SECONDS, code)
    if not LEAST_PARK <= seconds <= MOST_PARK:
        raise ApiError(code)
    act.must(act.call.state in (*UP, State.HELD))
    exchange = act.asked.desk.exchange
    return lambda: exchange.park(act.call.id, view.extension, seconds)


def _takes(state: State) -> Callable[[Act], Effect]:
    """UnPark and PickUp: sendCallTo rings, and whoever answers it has the call."""

    def run(act: Act) -> Effect:
        act.view()
        target = act.terminal()
        seconds = act.seconds("waitForPickup", WAIT, "pc_waitforpickup_invalid")
        act.must(act.call.state is state)
        exchange = act.asked.desk.exchange
        return lambda: exchange.also_ring(act.call.id, target, seconds)

    return run


def start_recording(act: Act) -> Effect:
    view, desk = act.view(), act.asked.desk
    act.must(act.call.state in UP)
    recorded = desk.book.paper(act.call).recorded
    return lambda: recorded.setdefault(view.id, desk.exchange.clock())


def stop_recording(act: Act) -> Effect:
    view = act.view()
    recorded = act.asked.desk.book.paper(act.call).recorded
    act.must(view.id in recorded)
    return lambda: recorded.pop(view.id, None)


def not_here(act: Act) -> Effect:
    """Documented, but nobody listens in on this exchange."""
    raise ApiError("request_not_implemented")


ACTIONS: dict[str, Callable[[Act], Effect]] = {
    "Transfer": transfer,
    "TransferToVoicemail": to_voicemail,
    "OnHold": on_hold,
    "OffHold": off_hold,
    "Park": park,
    "UnPark": _takes(State.PARKED),
    "PickUp": _takes(State.RINGING),
    "StartRecording": start_recording,
    "StopRecording": stop_recording,
    "BargeIn": not_here,
    "Monitor": not_here,
    "Whisper": not_here,
}
