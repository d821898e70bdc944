"""WaitEvent: what happens is a reason to read, at once; silence proves nothing."""

from __future__ import annotations

import threading

import pytest

from simulator.faults import DELAY
from tests.drivers.contract import OUTSIDE
from transfers.domain import BoardEvent, CallState, EndReason, Leg
from transfers.drivers.asterisk import events
from transfers.drivers.polls import LOOK
from transfers.errors import AuthFailed, Unreachable
from transfers.models import PbxConnection

READ = BoardEvent(resync=True)
HELD_FOR = events.HELD_FOR


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(events, "PAUSE", 0.01)
    monkeypatch.setattr(events, "HELD_FOR", 30)


@pytest.fixture
def stop():
    event = threading.Event()
    yield event
    event.set()


def test_it_begins_with_a_read_and_every_change_is_another(driver, pbx, stop):
    told = driver.events(stop)
    assert next(told) == READ
    call_id = pbx.exchange.ring(OUTSIDE, "1001")
    assert next(told) == READ
    pbx.exchange.answer(call_id)
    assert next(told) == READ


@pytest.mark.parametrize(
    ("does", "word", "reason"),
    [
        ({"busy": True}, "BUSY", EndReason.BUSY),
        ({"ring_seconds": 0.0}, "NOANSWER", EndReason.NO_ANSWER),
    ],
)
def test_why_nobody_took_a_call_that_is_gone_is_told(driver, pbx, stop, does, word, reason):
    told = driver.events(stop)
    next(told)
    call_id = pbx.exchange.ring(OUTSIDE, "1001")
    pbx.exchange.answer(call_id)
    assert next(told) == READ
    pbx.exchange.behave("1003", **does)
    [call] = driver.list_calls()
    driver.blind(call, "1003", leaves=Leg.CALLEE)
    event = next(event for event in told if event != READ)
    [ended] = event.changed
    assert (ended.id, ended.state, ended.end_reason) == (call_id, CallState.ENDED, reason)
    assert (ended.caller.number, ended.callee.number) == (OUTSIDE, "1003")
    assert ended.raw_state == word


def test_a_call_that_ended_in_vain_costs_one_list(driver, pbx, stop, monkeypatch):
    monkeypatch.setattr(events, "HELD_FOR", 0)  # it is told of in every round
    pbx.exchange.behave("1001", busy=True)
    told = driver.events(stop)
    next(told)
    pbx.exchange.ring(OUTSIDE, "1001")
    rounds = [next(told) for _ in range(12)]
    assert sum(bool(each.changed) for each in rounds) > 2
    assert pbx.count("Status") == 1


def test_a_few_reads_follow_each_other_at_once_and_a_storm_is_read_with_pauses(
    driver, pbx, stop, monkeypatch
):
    monkeypatch.setattr(type(driver), "clock", staticmethod(lambda: 100.0))  # no time passes
    pauses, wait = [], stop.wait
    noted = lambda seconds: wait(seconds) if seconds == LOOK else pauses.append(seconds)  # noqa: E731
    monkeypatch.setattr(stop, "wait", noted)
    told = driver.events(stop)
    for _ in range(events.AT_ONCE + 2):
        pbx.exchange.ring(OUTSIDE, "1001")
        assert next(told) == READ
    between = [seconds for seconds in pauses if seconds != events.BURST]
    assert between == pytest.approx([0, 0, 0, events.PAUSE, 2 * events.PAUSE])


def test_nothing_that_happens_while_it_is_read_is_lost(driver, pbx, stop):
    told = driver.events(stop)
    next(told)
    for _ in range(3):
        pbx.exchange.ring(OUTSIDE, "1001")
    assert next(told) == READ
    assert len(driver.list_calls()) == 3


def test_a_login_that_may_not_hear_events_reads_all_the_same(build, pbx, stop, monkeypatch):
    monkeypatch.setattr(events, "HELD_FOR", 0)
    pbx.switches.reads = False
    told = build().events(stop)
    assert [next(told), next(told)] == [READ, READ]


def test_without_events_the_list_is_as_new_as_where_it_is_polled():
    """Commands rely on the newest picture of a PBX that pushes, however old it is."""
    assert PbxConnection().poll_seconds >= HELD_FOR


def test_it_ends_at_once_and_logs_off(driver, pbx, stop):
    told = driver.events(stop)
    next(told)
    waiting = threading.Thread(target=lambda: list(told))
    waiting.start()
    while not pbx.count("WaitEvent"):
        stop.wait(0.01)
    stop.set()
    waiting.join(20)
    assert not waiting.is_alive()
    assert pbx.requests[-1].command in ("Logoff", "WaitEvent")  # its door may be shut by then


def test_its_session_is_its_own(driver, pbx, memory, stop):
    driver.list_calls()
    kept = memory.get("session")
    told = driver.events(stop)
    next(told)
    assert memory.get("session") == kept


def test_a_session_that_is_over_is_begun_again(driver, pbx, stop):
    told = driver.events(stop)
    next(told)
    pbx.face.sessions.end_all()
    pbx.exchange.ring(OUTSIDE, "1001")
    threading.Timer(0.2, lambda: pbx.exchange.ring(OUTSIDE, "1002")).start()
    assert next(told) == READ


def test_a_pbx_that_goes_down_is_said(driver, pbx, stop):
    told = driver.events(stop)
    next(told)
    pbx.refuse()
    with pytest.raises(Unreachable):
        next(told)


def test_a_refused_login_is_said(build, pbx, stop):
    with pytest.raises(AuthFailed):
        next(build(password="wrong").events(stop))


def test_a_slow_pbx_does_not_hold_it_back_for_ever(build, pbx, stop):
    pbx.faults.add(DELAY, command="WaitEvent", seconds=0.05)
    told = build().events(stop)
    next(told)
    pbx.exchange.ring(OUTSIDE, "1001")
    assert next(told) == READ
