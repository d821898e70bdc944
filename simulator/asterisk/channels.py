"""Channels over the exchange's calls: one per leg, with an id that it keeps wherever it goes."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from simulator.asterisk.switches import Switches
from simulator.calls import UP, Call, Side, State, is_outside
from simulator.exchange import Exchange

NOBODY = "s"


def uniqueids(chance: random.Random | None = None) -> Callable[[], str]:
    """Call ids: the second, and a number that grows by two, for the second leg has one too."""
    serial = itertools.count(0, 2)
    return lambda: f"{int(time.time())}.{next(serial)}"


@dataclass(eq=False)
class Channel:
    uid: str
    name: str
    number: str
    linked: str
    up: bool = False
    answered_at: float = 0.0
    exten: str = ""
    waits: str = ""  # the extension of the hold context in which it hears music
    at_phone: bool = False  # its phone has put the line on hold; no command undoes that


@dataclass
class Seen:
    """A channel as a list shows it now."""

    channel: Channel
    call: Call
    state: int
    app: str
    bridge: str = ""
    held: bool = False
    parked: bool = False
    dialled: bool = False
    fields: dict[str, str] = field(default_factory=dict)


class Channels:
    """All channels, found by the call they are in and the number at their end."""

    def __init__(self, exchange: Exchange, switches: Switches) -> None:
        self.exchange, self.switches = exchange, switches
        self._of: dict[tuple[str, str], Channel] = {}
        self._links: dict[str, str] = {}  # a consultation's call id → the linked id
        self._serial = itertools.count(1)

    def clear(self) -> None:
        self._of.clear()
        self._links.clear()

    # ----- looking

    def seen(self) -> list[Seen]:
        """Every channel of every live call; the exchange is locked."""
        found = [
            each for call in self.exchange.calls() if call.live for each in self._of_call(call)
        ]
        kept = {id(each.channel) for each in found}
        self._of = {key: each for key, each in self._of.items() if id(each) in kept}
        return found

    def find(self, name: str) -> Seen | None:
        """By its name or its id, as Asterisk does."""
        return next((s for s in self.seen() if name in (s.channel.uid, s.channel.name)), None)

    def linked(self, call: Call) -> str:
        return self._links.get(call.id, call.id)

    # ----- moving

    def move(self, number: str, old: Call, new_id: str) -> None:
        """The leg at this number goes to another call."""
        channel = self._at(old, number)
        self._of.pop((old.id, number), None)
        self._of[new_id, number] = channel
        channel.waits, channel.at_phone = "", False
        self._links.setdefault(new_id, channel.linked)

    def dials(self, call: Call) -> None:
        """A phone that dials puts its other line on hold, though music plays in it already."""
        for (call_id, number), channel in self._of.items():
            if number == call.caller and call_id != call.id and channel.waits:
                channel.at_phone = True

    def take_up(self, number: str) -> bool:
        """The phone resumes what it holds itself. False: there is nothing."""
        held = [each for each in self._of.values() if each.number == number and each.at_phone]
        for channel in held:
            channel.at_phone = False
        return bool(held)

    # ----- inside

    def _at(self, call: Call, number: str) -> Channel:
        key = (call.id, number)
        if key not in self._of:
            first = number == call.caller and self.linked(call) == call.id
            taken = any(each.uid == call.id for each in self._of.values())
            serial = next(self._serial)
            uid = (
                call.id if first and not taken else f"{int(self.exchange.clock())}.{serial * 2 + 1}"
            )
            endpoint = "trunk" if is_outside(number) else number or "trunk"
            name = f"PJSIP/{endpoint}-{serial:08x}"
            self._of[key] = Channel(uid, name, number, self.linked(call))
        return self._of[key]

    def _of_call(self, call: Call) -> Iterator[Seen]:
        if call.state is State.OFFERED:
            yield Seen(self._at(call, call.caller), call, 5, "AppDial2", dialled=True)
            return
        if call.at_voicemail:
            channel = self._at(call, call.caller)
            channel.exten = f"{self.switches.mailboxes}{call.callee}"
            yield Seen(channel, call, 6, "VoiceMail")
        elif call.state is State.PARKED:
            yield Seen(self._at(call, call.caller), call, 6, "", bridge="parking", parked=True)
        elif call.state is State.HELD and call.held_by_command:
            yield from self._waiting(call)
        elif call.state in (State.HELD, *UP):
            yield from self._talking(call)
        else:
            yield from self._beginning(call)

    def _waiting(self, call: Call) -> Iterator[Seen]:
        """Who hears music; held by a command that was not ours, both do."""
        parties = (call.caller, call.callee)
        channels = [self._of[call.id, each] for each in parties if (call.id, each) in self._of]
        if not any(channel.waits for channel in channels):
            channels = [self._at(call, number) for number in parties]
            for channel in channels:
                channel.waits = NOBODY
        for channel in channels:
            if channel.waits:
                channel.up = True
                channel.answered_at = channel.answered_at or call.answered_at or 0.0
                yield Seen(channel, call, 6, "MusicOnHold")

    def _talking(self, call: Call) -> Iterator[Seen]:
        bridge = f"bridge-{call.id}"
        holder = call.held_by or call.callee
        for number in (call.caller, call.callee):
            channel = self._at(call, number)
            channel.waits = ""
            if not channel.up:
                channel.up, channel.answered_at = True, call.answered_at or 0.0
            held = call.state is State.HELD and number != holder
            dialled = number == call.callee and number != call.caller
            joined = channel.exten not in ("", call.callee)  # by Bridge: it dialled somebody else
            app = "AppDial" if dialled else "" if joined else "Dial"
            yield Seen(channel, call, 6, app, bridge=bridge, held=held, dialled=dialled)

    def _beginning(self, call: Call) -> Iterator[Seen]:
        caller = self._at(call, call.caller)
        caller.waits, caller.exten = "", call.callee
        yield Seen(caller, call, 6 if caller.up else 4, "Dial")
        for leg in call.ringing:
            yield Seen(self._at(call, leg.number), call, 5, "AppDial", dialled=True)


def side_of(call: Call, number: str) -> Side:
    return "caller" if number == call.caller else "callee"
