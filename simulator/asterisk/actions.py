"""Actions that change something, with what Asterisk makes of the wrong ones.

A target that does not exist is no error: the party that was sent there is hung up.
"""

from __future__ import annotations

from simulator.asterisk.channels import Channels, Seen, side_of
from simulator.asterisk.lists import Answer, Lists, error, success
from simulator.asterisk.switches import Switches
from simulator.calls import BEGUN, UP, Call, State
from simulator.exchange import Exchange


class Actions:
    def __init__(
        self, exchange: Exchange, channels: Channels, lists: Lists, switches: Switches
    ) -> None:
        self.exchange, self.channels = exchange, channels
        self.lists, self.switches = lists, switches

    def hangup(self, params: dict[str, str]) -> Answer:
        found = self._find(params.get("channel", ""))
        if found is None:
            return error("No such channel")
        legs = (each for each in self.channels.seen() if each.call.id == found.call.id)
        if sum(bool(leg.channel.waits) for leg in legs) > 1:  # the other one waits on
            found.channel.waits = ""
        else:
            self.exchange.hangup(found.call.id)
        return success("Channel Hungup")

    def setvar(self, params: dict[str, str]) -> Answer:
        if self.channels.find(params.get("channel", "")) is None:
            return error("No such channel")
        return success("Variable Set")

    def blind_transfer(self, params: dict[str, str]) -> Answer:
        """The other party of the bridge goes to the extension."""
        if not params.get("exten"):
            return error("No extension specified")
        found = self._find(params.get("channel", ""))
        if found is None:
            return error("Channel specified does not exist")
        if not found.bridge or found.parked:
            return error("Transfer invalid")
        context = params.get("context") or self.switches.context
        self._send_to(
            found.call, found.call.other_party(found.channel.number), context, params["exten"]
        )
        return success("Transfer succeeded")

    def redirect(self, params: dict[str, str]) -> Answer:
        found = self._find(params.get("channel", ""))
        if found is None:
            return error(f"Channel does not exist: {params.get('channel', '')}")
        extra = params.get("extrachannel")
        if extra:
            other = self._find(extra)
            if other is None:
                return error(f"ExtraChannel does not exist: {extra}")
            return self._redirect_two(found, other, params)
        self._redirect_one(found, params.get("context", ""), params.get("exten", ""))
        return success("Redirect successful")

    def bridge(self, params: dict[str, str]) -> Answer:
        pair = []
        for number in ("1", "2"):
            name = params.get(f"channel{number}", "")
            found = self._find(name)
            if found is None:
                return error(f"Channel{number} does not exist: {name}")
            pair.append(found)
        one, other = pair
        for place, each in enumerate(pair, 1):
            if each.state != 6:  # and that call is gone
                self.exchange.hangup(each.call.id)
                return error(f"Unable to add Channel{place} to bridge: {each.channel.name}")
        self._bridge(one, other)
        return success("Channels have been bridged")

    def park(self, params: dict[str, str]) -> Answer:
        if not self.switches.parking:
            return error("Invalid/unknown command: Park. Use Action: ListCommands.")
        found = self._find(params.get("channel", ""))
        if found is None:
            return error(f"Channel does not exist: {params.get('channel', '')}")
        seconds = float(params.get("timeout") or 45000) / 1000
        self.exchange.park(found.call.id, found.call.other_party(found.channel.number), seconds)
        return success("Park successful")

    def originate(self, params: dict[str, str]) -> Answer:
        """Async: a phone that is not there, or an id that is in use, is told by no answer."""
        device = params.get("channel", "").partition("/")[2].partition("@")[0]
        context, exten = params.get("context", ""), params.get("exten", "")
        if not self.lists.reaches(context, exten):
            return error("Extension does not exist.")
        call_id, patience = (
            params.get("channelid", ""),
            float(params.get("timeout") or 30000) / 1000,
        )
        if call_id not in [call.id for call in self.exchange.calls()]:
            call_id = self.exchange.originate([device], exten, "", patience, call_id)
            self.exchange.mark_commanded(call_id)
        return success("Originate successfully queued")

    # ----- inside

    def _find(self, name: str) -> Seen | None:
        """The channel that a command names; its call belongs to who commanded it."""
        found = self.channels.find(name)
        if found is not None:
            self.exchange.mark_commanded(found.call.id)
        return found

    def _redirect_one(self, found: Seen, context: str, exten: str) -> None:
        """Whoever else is in the call is hung up."""
        call, number = found.call, found.channel.number
        if call.state in BEGUN and found.dialled:  # the callee's leg: the caller is lost
            self.exchange.hangup(call.id)
        else:
            self._send_to(call, number, context, exten)

    def _send_to(self, call: Call, number: str, context: str, exten: str) -> None:
        side = side_of(call, number)
        leaves = side_of(call, call.other_party(number))
        if not self.lists.reaches(context, exten):
            self.exchange.hangup(call.id)
        elif box := self._box(exten):
            self.exchange.to_voicemail(call.id, leaves, box)
        elif call.state is State.HELD or call.state in UP:
            self.exchange.blind_transfer(call.id, leaves, exten)
        elif call.state is State.RINGING:
            self.exchange.forward(call.id, exten)
        else:
            self.exchange.redirect(call.id, side, exten)
        self._forget_waiting(call.id, number)

    def _forget_waiting(self, call_id: str, number: str) -> None:
        for each in self.channels.seen():
            if each.call.id == call_id and each.channel.number == number:
                each.channel.waits = ""

    def _box(self, exten: str) -> str:
        box = self.switches.mailboxes
        return exten[len(box) :] if box and exten.startswith(box) else ""

    def _redirect_two(self, one: Seen, other: Seen, params: dict[str, str]) -> Answer:
        """Both legs of a call: to music, or one to music and the other to a number."""
        call, hold = one.call, self.switches.hold_context
        exten, extra = params.get("exten", ""), params.get("extraexten", "")
        if params.get("context") != hold or not self.lists.reaches(hold, exten):
            self.exchange.hangup(call.id)  # nobody is there
            return success("Dual Redirect successful")
        if call.state is State.HELD:
            self.exchange.retrieve(call.id, by_command=call.held_by_command)
        self.exchange.hold(call.id, by_command=True, by=other.channel.number)
        one.channel.waits = exten
        if params.get("extracontext") == hold:
            other.channel.waits = extra
        else:
            self._consult(call, other, extra)
        return success("Dual Redirect successful")

    def _consult(self, call: Call, own: Seen, target: str) -> None:
        """Her leg leaves the call and dials; it is hung up when that comes to nothing."""
        second = self.exchange.ring(own.channel.number, target)
        own.channel.up = True
        self.channels.move(own.channel.number, call, second)

    def _bridge(self, one: Seen, other: Seen) -> None:
        if one.call.id == other.call.id:  # both waited
            self.exchange.retrieve(one.call.id, by_command=one.call.held_by_command)
            one.channel.waits = other.channel.waits = ""
        elif one.call.involves(other.channel.number):
            self._back(one, other)
        elif other.call.involves(one.channel.number):
            self._back(other, one)
        else:
            held, running = sorted((one, other), key=lambda each: each.call.state is not State.HELD)
            joined = self.exchange.attended_transfer(held.call.id, running.call.id)
            self.channels.move(running.channel.number, running.call, joined)
            held.channel.waits = ""

    def _back(self, waiting: Seen, own: Seen) -> None:
        """Her leg comes back to the call; who was with her is hung up, unless on hold here."""
        held = own.call.state is State.HELD and own.call.held_by_command
        self.channels.move(own.channel.number, own.call, waiting.call.id)
        if not held:
            self.exchange.hangup(own.call.id)
        self.exchange.retrieve(waiting.call.id, by_command=True)
        waiting.channel.waits = ""
