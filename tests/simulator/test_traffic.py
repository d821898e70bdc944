"""Thousands of seconds of telephone traffic in a clock of our own."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from simulator.demo import BUDAPEST, HEAD_OFFICE, PEOPLE, staffed
from simulator.exchange import Call, Exchange
from simulator.traffic import Traffic
from tests.simulator.conftest import Clock

RECEPTION = {"head-office": "1001", "budapest": "201"}
STEP = 0.5
WARM_UP = 60


class Day:
    """An exchange of the demo with traffic on it."""

    def __init__(self, seed: int, clock: Clock, pbx: str = "head-office") -> None:
        chance = random.Random(seed)
        self.clock = clock
        self.exchange: Exchange = staffed(pbx, chance)
        self.exchange.clock = clock
        reception = RECEPTION[pbx]
        self.traffic = Traffic(self.exchange, chance, reception=reception, people=PEOPLE)

    def pass_(self, seconds: float) -> Iterator[list[Call]]:
        """The live calls after each step."""
        for _ in range(int(seconds / STEP)):
            self.clock.pass_(STEP)
            self.traffic.step()
            yield [call for call in self.exchange.calls() if call.live]


@pytest.fixture(params=["head-office", "budapest"])
def day(request, clock) -> Day:
    return Day(7, clock, request.param)


def test_the_number_of_calls_stays_lifelike(day):
    counts = [len(calls) for calls in day.pass_(3000)][WARM_UP:]
    assert min(counts) >= 1
    assert max(counts) <= 12
    assert 4 <= sum(counts) / len(counts) <= 8


def test_every_call_ends(day):
    began: dict[str, float] = {}
    for calls in day.pass_(3000):
        for call in calls:
            began.setdefault(call.id, day.clock())
            assert day.clock() - began[call.id] < 600
    assert len(began) > 100


def test_every_ending_and_state_occurs(day):
    states: Counter[str] = Counter()
    endings: Counter[str] = Counter()

    def see(call: Call) -> None:
        states[call.state] += 1
        endings[call.ending or ""] += 1

    day.exchange.subscribe(see)
    for _ in day.pass_(3000):
        pass
    assert {"ringing", "talking", "held", "ended"} <= set(states)
    assert {"completed", "no answer", "busy"} <= set(endings)
    assert "transferred" not in endings


def test_reception_has_something_to_do(clock):
    day = Day(3, clock)
    seen: Counter[str] = Counter()
    for calls in day.pass_(3000):
        hers = [call.state for call in calls if call.involves("1001")]
        seen["any"] += bool(hers)
        seen["ringing"] += "ringing" in hers
        seen["pair"] += "held" in hers and "talking" in hers
    steps = 3000 / STEP
    assert seen["any"] > 0.8 * steps
    assert seen["ringing"] > 0.3 * steps
    assert seen["pair"] > 0.05 * steps


def test_reception_is_rung_for_forty_seconds(clock):
    day = Day(3, clock)
    rung: list[float] = []
    day.exchange.subscribe(
        lambda call: (
            rung.append(call.ring_duration(clock()))
            if call.callee == "1001" and call.ending == "no answer"
            else None
        )
    )
    for _ in day.pass_(2000):
        pass
    assert rung
    assert set(map(round, rung)) == {40}


def test_the_same_seed_gives_the_same_day(clock):
    def parties(seed: int) -> list[tuple[str, str]]:
        day = Day(seed, Clock())
        return [(c.caller, c.callee) for calls in day.pass_(300) for c in calls]

    assert parties(5) == parties(5)
    assert parties(5) != parties(6)


def commanded(day: Day) -> str:
    """A conversation of reception that somebody transfers, as the API does it."""
    for calls in day.pass_(600):
        for call in calls:
            if call.callee == "1001" and call.state == "talking":
                day.exchange.mark_commanded(call.id)
                return day.exchange.blind_transfer(call.id, "callee", "+442079460018")
    raise AssertionError("reception never talked")


def test_a_commanded_call_is_left_alone_until_it_ends_by_itself(clock):
    day = Day(3, clock)
    call_id = commanded(day)
    begun, states = clock(), []
    for calls in day.pass_(400):
        mine = [call for call in calls if call.id == call_id]
        if not mine:
            break
        states.append(mine[0].state)
    assert list(dict.fromkeys(states)) == ["ringing", "talking"]
    assert 120 <= clock() - begun <= 361


def test_a_commanded_hold_is_not_undone(clock):
    day = Day(3, clock)
    call_id = commanded(day)
    held_from: list[str] = []
    for calls in day.pass_(400):
        for call in calls:
            if call.id == call_id and call.state == "talking" and not held_from:
                day.exchange.hold(call_id, by_command=True)
            if call.id == call_id and call.state == "held":
                held_from.append(call.state)
    assert len(held_from) * STEP > 60


def test_switched_off_it_touches_nothing(clock):
    day = Day(3, clock)
    for _ in day.pass_(100):
        pass
    day.traffic.on = False
    changed: list[Call] = []
    day.exchange.subscribe(changed.append)
    for _ in day.pass_(100):
        pass
    assert changed == []


def test_calls_of_others_are_left_alone(clock):
    day = Day(3, clock)
    call_id = day.exchange.ring("+3615550100", "+442079460018")
    for _ in day.pass_(2000):
        pass
    assert day.exchange.call(call_id).state == "talking"


def test_an_empty_exchange_stays_quiet(clock):
    exchange = Exchange(clock)
    traffic = Traffic(exchange, random.Random(1), reception="1001", people=[])
    for _ in range(100):
        clock.pass_(1)
        traffic.step()
    assert exchange.calls() == []


def test_the_demo_is_staffed_with_every_kind_of_phone():
    for staff in (HEAD_OFFICE, BUDAPEST):
        exchange = staffed("budapest" if staff is BUDAPEST else "head-office", random.Random(1))
        phones = exchange.extensions()
        assert len(phones) >= 12
        assert any(phone.busy for phone in phones)
        assert any(not phone.registered for phone in phones)
        assert any(phone.ring_seconds == 25 and phone.answers_after is None for phone in phones)
        answers = [phone.answers_after for phone in phones if phone.answers_after is not None]
        assert answers
        assert all(2 <= seconds <= 8 for seconds in answers)
    assert any(not name.isascii() for _, name, _, _ in BUDAPEST)
