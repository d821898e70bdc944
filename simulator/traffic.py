"""Lifelike telephone traffic on an exchange: people ring, talk, wait, ask a colleague, hang up.

Everything comes from one seeded `random.Random`, so a seed and a clock give the same day again.
A call that a command has acted on belongs to the person who commanded it: traffic only hangs it
up after a few minutes, as its parties would.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulator.calls import UP, Call, ExchangeError, State
from simulator.exchange import Exchange

Person = tuple[str, str]  # number and name; the name may be empty


@dataclass(order=True)
class _Act:
    """Something a person will do to a call."""

    due: float
    turn: int
    call_id: str = field(compare=False)
    action: Callable[[str], object] = field(compare=False)
    to_commanded: bool = field(compare=False, default=False)


class Traffic:
    """Keeps calls alive, two more or less than `calls`. Call `step()` several times a second.

    Args:
        reception: the number whose calls last long enough for a person to work on them.
        people: who rings from outside.
    """

    def __init__(
        self,
        exchange: Exchange,
        chance: random.Random,
        *,
        reception: str,
        people: Sequence[Person],
        calls: int = 6,
    ) -> None:
        self.on = True
        self.exchange = exchange
        self.reception = reception
        self.people = list(people)
        self._chance = chance
        self._plan: list[_Act] = []
        self._turn = itertools.count()
        self._adopted: set[str] = set()
        self._next_start = self._next_mood = 0.0
        self._usual = self._wanted = calls

    def step(self) -> None:
        """Do what is due and start a call when there are too few."""
        if not self.on:
            return
        with self.exchange.lock:  # no command slips in between a look and an act
            self.exchange.tick()
            now = self.exchange.clock()
            self._do_what_is_due(now)
            self._adopt()
            live = [call for call in self.exchange.calls() if call.live]
            self._start_if_few(live, now)

    # ----- the plan

    def _will(self, seconds: float, call_id: str, action: Callable[[str], object]) -> None:
        due = self.exchange.clock() + seconds
        heapq.heappush(self._plan, _Act(due, next(self._turn), call_id, action))

    def _do_what_is_due(self, now: float) -> None:
        while self._plan and self._plan[0].due <= now:
            act = heapq.heappop(self._plan)
            with contextlib.suppress(ExchangeError):  # the call went another way meanwhile
                if act.to_commanded or not self.exchange.call(act.call_id).commanded:
                    act.action(act.call_id)

    def _adopt(self) -> None:
        """Calls somebody commanded end by themselves, but not under her hands."""
        calls = [call for call in self.exchange.calls() if call.commanded and call.live]
        for call in sorted(calls, key=lambda each: each.id):
            if call.id in self._adopted:
                continue
            self._will_to_commanded(self._chance.uniform(120, 360), call.id, self.exchange.hangup)
            if call.state is State.OFFERED:  # she asked for it, so she picks her phone up
                self._will_to_commanded(2, call.id, self.exchange.answer)
        self._adopted = {call.id for call in calls}

    def _will_to_commanded(
        self, seconds: float, call_id: str, action: Callable[[str], object]
    ) -> None:
        due = self.exchange.clock() + seconds
        act = _Act(due, next(self._turn), call_id, action, to_commanded=True)
        heapq.heappush(self._plan, act)

    # ----- starting calls

    def _start_if_few(self, live: list[Call], now: float) -> None:
        if now >= self._next_mood:
            self._wanted = self._chance.randint(max(1, self._usual - 2), self._usual + 2)
            self._next_mood = now + self._chance.uniform(20, 60)
        if len(live) >= self._wanted or now < self._next_start:
            return
        self._next_start = now + self._chance.uniform(0.5, 4)
        hers = sum(call.involves(self.reception) for call in live)
        taken = {number for call in live for number in (call.caller, call.callee)}
        starts = [self._incoming, self._incoming, self._internal, self._outgoing]
        if hers == 0 or (hers < 3 and self._chance.random() < 0.4):
            starts = [self._to_reception]
        self._chance.choice(starts)(taken)

    def _to_reception(self, taken: set[str]) -> None:
        caller = self._person(taken)
        if caller is None:
            return
        call_id = self.exchange.ring(caller[0], self.reception, caller[1])
        kind = self._chance.random()
        if kind < 0.3:
            self._consultation(call_id)
        elif kind < 0.6:
            self._will(self._chance.uniform(10, 14), call_id, self._pick_up)
            self._conversation(call_id, 14, self._chance.uniform(120, 300))
        # the others ring until somebody acts, or they give up

    def _consultation(self, call_id: str) -> None:
        """Reception answers, puts the caller on hold and asks a colleague."""
        answered = self._chance.uniform(5, 10)
        asks = answered + self._chance.uniform(10, 20)
        back = asks + self._chance.uniform(90, 180)
        self._will(answered, call_id, self._pick_up)
        self._will(asks, call_id, self.exchange.hold)
        self._will(asks + 2, call_id, lambda held: self._ask(held, back - asks - 2))
        self._will(back + 2, call_id, self.exchange.retrieve)
        self._will(back + self._chance.uniform(20, 60), call_id, self.exchange.hangup)

    def _pick_up(self, call_id: str) -> None:
        """Reception answers, unless she is talking to somebody."""
        hers = [call for call in self.exchange.calls() if call.involves(self.reception)]
        if not any(call.state in UP for call in hers):
            self.exchange.answer(call_id)

    def _ask(self, held_id: str, seconds: float) -> None:
        if self.exchange.call(held_id).state is not State.HELD:
            return
        live = [call for call in self.exchange.calls() if call.live]
        colleague = self._colleague({n for call in live for n in (call.caller, call.callee)})
        if colleague:
            self._will(seconds, self.exchange.ring(self.reception, colleague), self.exchange.hangup)

    def _incoming(self, taken: set[str]) -> None:
        caller, callee = self._person(taken), self._colleague(taken)
        if caller and callee:
            self._ordinary(self.exchange.ring(caller[0], callee, caller[1]))

    def _internal(self, taken: set[str]) -> None:
        caller = self._colleague(taken)
        callee = self._colleague(taken | {caller or ""})
        if caller and callee:
            self._ordinary(self.exchange.ring(caller, callee))

    def _outgoing(self, taken: set[str]) -> None:
        caller, callee = self._colleague(taken), self._person(taken)
        if caller and callee and callee[0].startswith("+"):
            self._ordinary(self.exchange.ring(caller, callee[0]))

    def _ordinary(self, call_id: str) -> None:
        self._conversation(call_id, 10, self._chance.uniform(20, 150))

    def _conversation(self, call_id: str, begins: float, seconds: float) -> None:
        """Talk, one time in four with a pause on hold, and hang up."""
        if self._chance.random() < 0.25:
            pause = begins + seconds * self._chance.uniform(0.3, 0.5)
            self._will(pause, call_id, self.exchange.hold)
            self._will(pause + self._chance.uniform(8, 25), call_id, self.exchange.retrieve)
        self._will(begins + seconds, call_id, self.exchange.hangup)

    def _person(self, taken: set[str]) -> Person | None:
        free = [person for person in self.people if person[0] not in taken]
        return self._chance.choice(free) if free else None

    def _colleague(self, taken: set[str]) -> str | None:
        phones = [phone for phone in self.exchange.extensions() if phone.kind == "phone"]
        numbers = [phone.number for phone in phones if phone.registered]
        free = [number for number in numbers if number not in taken | {self.reception}]
        return self._chance.choice(free) if free else None
