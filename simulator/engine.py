"""The machinery of an exchange: its calls and its clock. The verbs are in exchange.py."""

from __future__ import annotations

import contextlib
import copy
import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from functools import partial

from simulator.calls import (
    WAITING,
    Call,
    Ending,
    ExchangeError,
    Leg,
    NoSuchCall,
    Rules,
    State,
    WrongState,
    is_outside,
    short_ids,
)
from simulator.phones import Phones

Observer = Callable[[Call], None]
Due = tuple[float, int, Callable[[], None]]  # when, which first of two at once, what


class Engine(Phones):
    """Extensions, the calls between them, and how they go on by themselves.

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
        self.routing_seconds: Callable[[], float] = lambda: 0.0  # a new call waits for `route`
        self._calls: dict[str, Call] = {}
        self._observers: list[Observer] = []
        self._later: list[tuple[float, int, Callable[[], object]]] = []
        self._turn = itertools.count()
        self._forgetful: list[Callable[[], object]] = []

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
        return lambda: self._leave(observer)

    def _leave(self, observer: Observer) -> None:
        """Leaving twice is leaving once."""
        with self.lock:
            if observer in self._observers:
                self._observers.remove(observer)

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

    def clear(self) -> None:
        """Forget every call and every intention, without a word to the observers of calls."""
        with self.lock:
            self._calls.clear()
            self._later.clear()
            forgetful = list(self._forgetful)
        for forget in forgetful:
            forget()

    def when_cleared(self, forget: Callable[[], object]) -> None:
        """`forget` what came of the calls, too."""
        self._forgetful.append(forget)

    # ----- inside, for the verbs too; the lock is held

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

    def _start(
        self,
        caller: str,
        callee: str,
        name: str,
        at: float,
        after: Call | None,
        state: State = State.SETUP,
        call_id: str = "",
    ) -> Call:
        rung_at = at + max(self.rules.setup_seconds, self.routing_seconds())
        made = call_id or self._new_id()
        call = Call(made, caller, callee, name, callee, at, rung_at, state)
        call.commanded = after is not None and after.commanded
        call.origin = after.origin if after else call.id
        self._calls[call.id] = call
        self._change(call, call.state)
        if state is State.SETUP:
            self._settle(call, self.clock())
        return call

    def _settle(self, call: Call, now: float) -> None:
        while self._step(call, now):
            pass

    def _step(self, call: Call, now: float) -> bool:
        """Let one due thing happen to a call, at its own time. False: nothing is due."""
        if call.state is State.SETUP and call.rung_at <= now:
            self._present(call)
        elif call.state in WAITING:
            return self._step_waiting(call, now)
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
        obstacle = self._obstacle(call.callee)
        if obstacle is None:
            self._change(call, State.RINGING)
        else:
            self._end(call, obstacle, call.rung_at)

    def _obstacle(self, number: str) -> Ending | None:
        """How a call for this number ends at once; None: its phone rings."""
        phone = self._extensions.get(number)
        if phone is None:
            return None if is_outside(number) else Ending.ERROR
        if not phone.registered:
            return Ending.ERROR
        return Ending.BUSY if phone.busy or phone.do_not_disturb else None

    def _step_waiting(self, call: Call, now: float) -> bool:
        """Let the first due phone be answered, or the first one stop ringing, if one is due."""
        due = min(self._due(call), key=lambda each: each[:2], default=None)
        if due is None or due[0] > now:
            return False
        due[2]()
        return True

    def _due(self, call: Call) -> Iterator[Due]:
        for leg in call.ringing:
            answers, patience = self._manners(leg)
            if answers is not None and answers <= patience:
                at = leg.rung_at + answers
                yield at, 0, partial(self._answer, call, at, leg.number)
            elif leg in call.legs:
                yield leg.rung_at + patience, 1, partial(self._stop_ringing, call, leg)
            else:
                at = leg.rung_at + patience
                yield at, 1, partial(self._ring_out, call, at)
        if call.parked_until is not None:
            yield call.parked_until, 1, partial(self._come_back, call, call.parked_until)

    def _manners(self, leg: Leg) -> tuple[float | None, float]:
        """After how many seconds a phone is answered, if ever, and how long it rings at most."""
        phone = self._extensions.get(leg.number)
        answers: float | None = self.rules.outside_answers_after
        patience = self.rules.ring_seconds
        if phone:
            answers = phone.answers_after
            patience = patience if phone.ring_seconds is None else phone.ring_seconds
        return answers, patience if leg.patience is None else min(patience, leg.patience)

    def _stop_ringing(self, call: Call, leg: Leg) -> None:
        call.legs = tuple(each for each in call.legs if each != leg)
        self._change(call, call.state)

    def _come_back(self, call: Call, at: float) -> None:
        """Nobody took a parked call: it rings who parked it."""
        call.answered_at, call.rung_at = None, at
        self._change(call, State.SETUP)

    def _ring_out(self, call: Call, at: float) -> None:
        call.patience = None
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

    def _answer(self, call: Call, at: float, number: str) -> None:
        """The phone with this number is picked up."""
        call.patience = None
        if call.state is State.OFFERED:
            call.caller, call.rung_at = number, at + self.rules.setup_seconds
            self._change(call, State.SETUP)
            return
        call.callee = number
        if call.answered_at is None:
            call.answered_at = at
        self._change(call, State.ANSWERED)

    def _end(self, call: Call, ending: Ending, at: float) -> None:
        call.ending, call.ended_at = ending, at
        self._change(call, State.ENDED)

    def _change(self, call: Call, state: State) -> None:
        call.state = state
        if state not in WAITING:
            call.legs = ()
        if state is not State.HELD:
            call.held_at = None
        if state is not State.PARKED:
            call.parked_at = call.parked_until = call.parked_place = None
        for observer in list(self._observers):
            observer(copy.copy(call))
