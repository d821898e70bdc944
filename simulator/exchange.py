"""A small telephone exchange. It knows no vendor's words and never sleeps.

Time passes only in `tick()` and in the verbs, by the clock it was given, so a test that holds the
clock holds the exchange. Every public method may be called from any thread.
"""

from __future__ import annotations

import contextlib
import copy
import heapq
import itertools
import time
from collections.abc import Callable

from simulator.calls import (
    UP,
    Call,
    Ending,
    ExchangeError,
    Extension,
    NoSuchCall,
    Rules,
    Side,
    State,
    WrongState,
    is_outside,
    short_ids,
)
from simulator.phones import Phones

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

Observer = Callable[[Call], None]


class Exchange(Phones):
    """Extensions, the calls between them, and the verbs that move calls.

    Args:
        clock: seconds since the epoch; tests pass their own.
        ids: makes a new call id; one that is in use is asked for again.
    """

    def __init__(
        self, clock: Callable[[], float] = time.time, ids: Callable[[], str] | None = None
    ) -> None:
        super().__init__()
        self.rules = Rules()
        self.clock = clock
        self._ids = ids or short_ids()
        self._calls: dict[str, Call] = {}
        self._observers: list[Observer] = []
        self._later: list[tuple[float, int, Callable[[], object]]] = []
        self._turn = itertools.count()

    # ----- looking on

    def calls(self) -> list[Call]:
        """Copies of all calls in the list, oldest first, the just ended ones too."""
        with self.lock:
            return [copy.copy(call) for call in self._calls.values()]

    def call(self, call_id: str) -> Call:
        """A copy of one call. Raises NoSuchCall."""
        with self.lock:
            return copy.copy(self._find(call_id))

    def subscribe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` with a copy of each call that changes, in order; returns the way out.

        It is called with the exchange locked, so it must be quick.
        """
        with self.lock:
            self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    # ----- time

    def tick(self) -> None:
        """Let happen what is due by now."""
        with self.lock:
            now = self.clock()
            while self._later and self._later[0][0] <= now:
                action = heapq.heappop(self._later)[2]
                with contextlib.suppress(ExchangeError):  # its call is gone meanwhile: too late
                    action()
            for call in list(self._calls.values()):
                self._settle(call, now)

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do `action` at the first tick after so many seconds; by then it may fail silently."""
        with self.lock:
            due = self.clock() + seconds
            heapq.heappush(self._later, (due, next(self._turn), action))

    # ----- verbs

    def ring(self, caller: str, callee: str, caller_name: str = "") -> str:
        """Somebody dials a number. Returns the call's id, even if it ends at once."""
        with self.lock:
            return self._start(caller, callee, caller_name, self.clock(), None).id

    def answer(self, call_id: str) -> None:
        with self.lock:
            call = self._find(call_id, State.RINGING)
            self._answer(call, self.clock())
            self._settle(call, self.clock())

    def hold(self, call_id: str, *, by_command: bool = False, by: str = "") -> None:
        """Put a call on hold; `by` is the party who does, where that matters."""
        with self.lock:
            call = self._find(call_id, *UP)
            call.held_by_command, call.held_by = by_command, by
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
            begun = call.state in (State.SETUP, State.RINGING)
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

    def mark_commanded(self, call_id: str) -> None:
        """Note that a command acts on this call; what it turns into inherits the mark."""
        with self.lock:
            self._find(call_id).commanded = True

    def clear(self) -> None:
        """Forget every call and every intention, without a word to the observers."""
        with self.lock:
            self._calls.clear()
            self._later.clear()

    # ----- inside; the lock is held

    def _find(self, call_id: str, *states: State) -> Call:
        if (call := self._calls.get(call_id)) is None:
            raise NoSuchCall(f"no call {call_id}")
        self._settle(call, self.clock())
        if call_id not in self._calls:
            raise NoSuchCall(f"call {call_id} has ended")
        if states and call.state not in states:
            raise WrongState(f"call {call_id} is {call.state}, not {' or '.join(states)}")
        return call

    def _new_id(self) -> str:
        return next(made for made in iter(self._ids, None) if made not in self._calls)

    def _start(self, caller: str, callee: str, name: str, at: float, after: Call | None) -> Call:
        rung_at = at + self.rules.setup_seconds
        call = Call(self._new_id(), caller, callee, name, callee, at, rung_at)
        call.commanded = after is not None and after.commanded
        call.origin = after.origin if after else call.id
        self._calls[call.id] = call
        self._change(call, call.state)
        self._settle(call, self.clock())
        return call

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
        call.rung_at = now + self.rules.setup_seconds
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

    def _settle(self, call: Call, now: float) -> None:
        while self._step(call, now):
            pass

    def _step(self, call: Call, now: float) -> bool:
        """Let one due thing happen to a call, at its own time. False: nothing is due."""
        if call.state is State.SETUP and call.rung_at <= now:
            self._present(call)
        elif call.state is State.RINGING:
            return self._step_ringing(call, now)
        elif call.state is State.ANSWERED and call.answered_at is not None:
            if call.answered_at + self.rules.answered_seconds > now:
                return False
            self._change(call, State.TALKING)
        elif call.ended_at is not None and call.ended_at + self.rules.linger_seconds <= now:
            self._calls.pop(call.id, None)
            return False
        else:
            return False
        return True

    def _present(self, call: Call) -> None:
        call.callee = self.forwarded(call.callee)
        phone = self._extensions.get(call.callee)
        if phone and phone.registered and not (phone.busy or phone.do_not_disturb):
            self._change(call, State.RINGING)
        elif phone and phone.registered:
            self._end(call, Ending.BUSY, call.rung_at)
        elif not phone and is_outside(call.callee):
            self._change(call, State.RINGING)
        else:
            self._end(call, Ending.ERROR, call.rung_at)

    def _step_ringing(self, call: Call, now: float) -> bool:
        phone = self._extensions.get(call.callee)
        patience = self.rules.ring_seconds
        answers: float | None = self.rules.outside_answers_after
        if phone:
            answers = phone.answers_after
            patience = patience if phone.ring_seconds is None else phone.ring_seconds
        if answers is not None and answers <= patience and call.rung_at + answers <= now:
            self._answer(call, call.rung_at + answers)
        elif call.rung_at + patience <= now:
            self._ring_out(call, call.rung_at + patience)
        else:
            return False
        return True

    def _ring_out(self, call: Call, at: float) -> None:
        if not (call.returns_to and self.rules.no_answer_returns):
            self._end(call, Ending.NO_ANSWER, at)
            return
        back = call.returns_to
        if self.rules.call_id == "kept":
            call.callee, call.returns_to, call.rung_at = back, "", at
            self._change(call, State.SETUP)
            return
        self._end(call, Ending.NO_ANSWER, at)
        self._start(call.caller, back, call.caller_name, at, call)

    def _answer(self, call: Call, at: float) -> None:
        call.answered_at = at
        self._change(call, State.ANSWERED)

    def _end(self, call: Call, ending: Ending, at: float) -> None:
        call.ending, call.ended_at = ending, at
        self._change(call, State.ENDED)

    def _change(self, call: Call, state: State) -> None:
        call.state = state
        for observer in list(self._observers):
            observer(copy.copy(call))
