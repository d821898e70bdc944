"""A small telephone exchange. It knows no vendor's words and never sleeps.

Time passes only in `tick()` and in the verbs, by the clock it was given, so a test that holds the
clock holds the exchange. Every public method may be called from any thread.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from simulator.calls import (
    BEGUN,
    UP,
    WAITING,
    Call,
    Ending,
    ExchangeError,
    Extension,
    Leg,
    NoSuchCall,
    Rules,
    Side,
    State,
    WrongState,
    is_outside,
    short_ids,
)
from simulator.engine import Engine

__all__ = [
    "Call",
    "Ending",
    "Exchange",
    "ExchangeError",
    "Extension",
    "NoSuchCall",
    "Rules",
    "State",
    "WrongState",
    "is_outside",
    "short_ids",
]


class Exchange(Engine):
    """An exchange and the verbs that move calls. Arguments as of Engine."""

    def ring(self, caller: str, callee: str, caller_name: str = "") -> str:
        """Somebody dials a number. Returns the call's id, even if it ends at once."""
        with self.lock:
            return self._start(caller, callee, caller_name, self.clock(), None).id

    def originate(
        self,
        sources: Sequence[str],
        callee: str,
        name: str = "",
        patience: float | None = None,
        call_id: str = "",
    ) -> str:
        """Ring these phones; the first to answer rings `callee`. Returns the call's id.

        `call_id`: one that whoever asks has chosen.
        """
        with self.lock:
            now = self.clock()
            call = self._start(sources[0], callee, name, now, None, State.OFFERED, call_id)
            self._offer(call, sources, patience)
            return call.id

    def answer(self, call_id: str, by: str = "") -> None:
        """Pick up the phone that rings for it; `by` tells which where several do."""
        with self.lock:
            call = self._find(call_id, *WAITING)
            ringing = [leg.number for leg in call.ringing if by in ("", leg.number)]
            if not ringing:
                raise WrongState(f"no phone {by} rings for call {call_id}".replace("  ", " "))
            self._answer(call, self.clock(), ringing[0])
            self._settle(call, self.clock())

    def hold(self, call_id: str, *, by_command: bool = False, by: str = "") -> None:
        """Put a call on hold; `by` is the party who does, where that matters."""
        with self.lock:
            call = self._find(call_id, *UP)
            call.held_by_command, call.held_by = by_command, by
            call.held_at = self.clock()
            self._change(call, State.HELD)

    def retrieve(self, call_id: str, *, by_command: bool = False) -> None:
        """Undo a hold. A phone's hold and a command's hold are each undone by their own kind."""
        with self.lock:
            call = self._find(call_id, State.HELD)
            if call.held_by_command is not by_command:
                raise WrongState(f"call {call_id} was put on hold by the other means")
            call.held_by_command, call.held_by = False, ""
            self._change(call, State.TALKING)

    def hangup(self, call_id: str) -> None:
        with self.lock:
            call = self._find(call_id, *State)
            if not call.live:
                raise WrongState(f"call {call_id} has ended")
            begun = call.state in BEGUN
            self._end(call, Ending.CANCELLED if begun else Ending.COMPLETED, self.clock())

    def blind_transfer(self, call_id: str, leaves: Side, target: str) -> str:
        """The party `leaves` goes, the other one rings `target`. Returns the id it goes on by."""
        with self.lock:
            call = self._find(call_id, State.HELD, *UP)
            stays = call.other_party(call.party(leaves))
            name = call.caller_name if leaves == "callee" else ""
            kept = self.rules.call_id == "kept"
            return self._send_on(call, stays, name, target, kept, returns_to=call.party(leaves))

    def forward(self, call_id: str, destination: str) -> str:
        """A ringing call rings somewhere else. Returns the id it goes on by."""
        with self.lock:
            call = self._find(call_id, State.RINGING)
            kept = self.rules.forward_call_id == "kept"
            return self._send_on(call, call.caller, call.caller_name, destination, kept)

    def route(self, call_id: str, destination: str | None) -> None:
        """Where a new call goes instead; "" rejects it, None lets it ring where it was dialled."""
        with self.lock:
            call = self._find(call_id, State.SETUP, State.RINGING)
            if destination == "":
                self._end(call, Ending.BUSY, self.clock())
                return
            if destination is not None and destination != call.callee:
                call.callee = destination
                self._change(call, State.SETUP)
            if call.state is State.SETUP:
                call.rung_at = self.clock()
            self._settle(call, self.clock())

    def attended_transfer(self, held_id: str, other_id: str) -> str:
        """Join the strangers of two calls; the party common to both leaves. Returns the id.

        The first call is on hold; the second is up, or still rings its callee.
        """
        with self.lock:
            held = self._find(held_id, State.HELD)
            other = self._find(other_id, State.RINGING, *UP)
            leaver = held.common_party(other)
            if other.state is State.RINGING and other.callee == leaver:
                raise WrongState(f"call {other_id} still rings the party who should transfer")
            return self._join(held, other, leaver)

    def redirect(self, call_id: str, stays: Side, target: str) -> str:
        """The party `stays` of a call that begins or is parked rings `target` instead."""
        with self.lock:
            call = self._find(call_id, State.PARKED, *BEGUN)
            name = call.caller_name if stays == "caller" else ""
            return self._send_on(call, call.party(stays), name, target, kept=True)

    def also_ring(self, call_id: str, number: str, patience: float | None = None) -> None:
        """One more phone rings for a ringing or a parked call; who answers first has it."""
        with self.lock:
            call = self._find(call_id, State.RINGING, State.PARKED)
            if self._obstacle(number) is not None:
                raise WrongState(f"the phone {number} cannot ring")
            if number not in (leg.number for leg in call.ringing):
                call.legs += (Leg(number, self.clock(), patience),)
                self._change(call, call.state)
            self._settle(call, self.clock())

    def park(self, call_id: str, by: str, seconds: float) -> None:
        """Leave the other party waiting for anybody; after `seconds` it rings `by` again."""
        with self.lock:
            call = self._find(call_id, State.HELD, *UP)
            if not call.involves(by):
                raise WrongState(f"{by} is no party of call {call_id}")
            if by == call.caller:
                call.caller, call.callee, call.caller_name = call.callee, by, ""
            call.held_by_command, call.held_by = False, ""
            taken = {each.parked_place for each in self._calls.values()}
            place = next(number for number in itertools.count(1) if number not in taken)
            call.parked_at, call.parked_place = self.clock(), place
            call.parked_until = self.clock() + seconds
            self._change(call, State.PARKED)

    def to_voicemail(self, call_id: str, leaves: Side, box: str) -> None:
        """The party `leaves` goes, the other one speaks to the voice mail of `box`."""
        with self.lock:
            call = self._find(call_id, State.RINGING, State.HELD, *UP)
            if leaves == "caller":
                call.caller, call.caller_name = call.callee, ""
            call.callee, call.at_voicemail, call.returns_to = box, True, ""
            call.held_by_command, call.held_by = False, ""
            call.answered_at = self.clock() if call.answered_at is None else call.answered_at
            self._change(call, State.TALKING)

    def mark_commanded(self, call_id: str) -> None:
        """Note that a command acts on this call; what it turns into inherits the mark."""
        with self.lock:
            self._find(call_id).commanded = True

    # ----- inside; the lock is held

    def _offer(self, call: Call, sources: Sequence[str], patience: float | None) -> None:
        obstacles = [self._obstacle(number) for number in sources]
        usable = [number for number, bad in zip(sources, obstacles, strict=True) if bad is None]
        if not usable:
            self._end(call, obstacles[0] or Ending.ERROR, call.started_at)
            return
        call.caller, call.patience = usable[0], patience
        call.legs = tuple(Leg(number, call.rung_at, patience) for number in usable[1:])
        self._settle(call, self.clock())

    def _send_on(
        self, call: Call, caller: str, name: str, callee: str, kept: bool, returns_to: str = ""
    ) -> str:
        now = self.clock()
        if not kept:
            self._end(call, Ending.TRANSFERRED, now)
            following = self._start(caller, callee, name, now, call)
            following.returns_to = returns_to
            return following.id
        call.caller, call.caller_name, call.callee = caller, name, callee
        call.returns_to, call.answered_at = returns_to, None
        call.held_by_command, call.held_by = False, ""
        call.rung_at, call.at_voicemail = now + self.rules.setup_seconds, False
        self._change(call, State.SETUP)
        self._settle(call, now)
        return call.id

    def _join(self, held: Call, other: Call, leaver: str) -> str:
        now = self.clock()
        stays, target = held.other_party(leaver), other.other_party(leaver)
        name = held.caller_name if stays == held.caller else ""
        ringing = other.state is State.RINGING
        self._end(other, Ending.TRANSFERRED, now)
        if self.rules.call_id == "kept":
            joined = held
            joined.caller, joined.caller_name, joined.callee = stays, name, target
        else:
            self._end(held, Ending.TRANSFERRED, now)
            joined = Call(self._new_id(), stays, target, name, target, now, now)
            joined.commanded = held.commanded or other.commanded
            joined.origin = held.origin
            self._calls[joined.id] = joined
        joined.rung_at, joined.returns_to = other.rung_at if ringing else now, leaver
        joined.answered_at = None if ringing else now
        joined.held_by_command, joined.held_by = False, ""
        self._change(joined, State.RINGING if ringing else State.TALKING)
        return joined.id
