"""The picture of one PBX: how far it can be trusted, and how it is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.board.conftest import a_call
from transfers.board.snapshot import (
    Freshness,
    Picture,
    dump_calls,
    dump_directory,
    following,
    load_calls,
    load_directory,
    picture_of,
)
from transfers.domain import SCHEMA, Action, CallState, Extension, Party

NOW = datetime(2096, 11, 21, 9, 0, tzinfo=UTC)
NEVER = None


def ago(seconds: float | None) -> datetime | None:
    return None if seconds is None else NOW - timedelta(seconds=seconds)


def picture(
    taken: float | None, *, failing: float | None = None, code: str = "", **values: object
) -> Picture:
    usual = {
        "feed_id": 1,
        "connection_id": 1,
        "name": "Head office",
        "enabled": True,
        "interval": 2.0,
        "version": 1,
        "started_at": ago(taken),
        "taken_at": ago(taken),
        "calls": (),
        "error_code": code or ("unreachable" if failing is not None else ""),
        "error_text": "",
        "failing_since": ago(failing),
    }
    return Picture(**usual | values)


@pytest.mark.parametrize(
    ("seen", "freshness"),
    [
        (picture(0), "live"),
        (picture(8), "live"),
        (picture(8.1), "stale"),
        (picture(86_400), "stale"),
        (picture(NEVER), "waiting"),
        (picture(3, failing=0), "stale"),
        (picture(3, failing=5.9), "stale"),
        (picture(3, failing=6), "lost"),
        (picture(NEVER, failing=0), "lost"),
        (picture(1, failing=0, code="auth_failed"), "lost"),
        (picture(1, code="unreachable"), "lost"),
        (picture(0, enabled=False), "off"),
        (picture(NEVER, failing=9, enabled=False), "off"),
        (picture(-3), "live"),
    ],
)
def test_freshness_at_its_borders(seen, freshness):
    assert seen.freshness(NOW) is Freshness(freshness)


@pytest.mark.parametrize(
    ("seen", "fresh"),
    [
        (picture(0), True),
        (picture(2.5), True),
        (picture(2.6), False),
        (picture(NEVER), False),
        (picture(0, failing=0), False),
    ],
)
def test_a_command_relies_on_one_interval_and_a_bit(seen, fresh):
    assert seen.fresh_for(NOW) is fresh


def test_age_is_infinite_when_nothing_was_read():
    assert picture(NEVER).age(NOW) == float("inf")
    assert picture(4).age(NOW) == 4


def test_a_call_is_found_by_its_exact_id():
    seen = picture(0, calls=(a_call("aB"), a_call("ab")))
    assert seen.call("ab") is seen.calls[1]
    assert seen.call("AB") is None


# How it is kept.


def test_calls_come_back_as_they_were():
    calls = (a_call("a", started_at=NOW), a_call("b", extra={"view": "7"}))
    assert load_calls(dump_calls(calls)) == calls


def test_a_directory_comes_back_as_it_was():
    people = [Extension("1001", "Reception", "phone", True, quiet=True), Extension("1002")]
    assert load_directory(dump_directory(people)) == people


def test_a_directory_that_knows_nothing_of_do_not_disturb_is_read():
    old = dump_directory([Extension("1001", "Reception", "phone", True)]).replace(", false]", "]")
    assert load_directory(old) == [Extension("1001", "Reception", "phone", True)]


def with_number(text: str, number: int) -> str:
    return text.replace(f'"schema": {SCHEMA}', f'"schema": {number}')


@pytest.mark.parametrize("number", [SCHEMA - 1, SCHEMA + 1])
def test_a_picture_of_another_version_is_thrown_away(number):
    assert load_calls(with_number(dump_calls([a_call()]), number)) == ()
    assert load_directory(with_number(dump_directory([Extension("1")]), number)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "nonsense",
        dump_calls([a_call()])[:-3],
        dump_calls([a_call()]).replace('"talking"', '"levitating"'),
        dump_calls([a_call()]).replace('"state"', '"condition"'),
        json.dumps({"schema": SCHEMA}),
        json.dumps({"schema": SCHEMA, "calls": [1]}),
    ],
)
def test_a_picture_that_cannot_be_read_is_thrown_away(text):
    """A rollback meets pictures of a newer program: the next read must be able to replace them."""
    assert load_calls(text) == ()


def test_the_next_read_replaces_an_unreadable_picture(board, says):
    says.calls = [a_call()]
    feed = board.feed
    feed.calls = dump_calls([a_call()]).replace('"talking"', '"levitating"')
    feed.save()
    assert picture_of(board.feed).calls == ()
    assert board.read().calls == (a_call(),)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_picture_is_json(count):
    calls = [a_call(str(number), caller=Party("1", 'a "line"\n, ]}')) for number in range(count)]
    kept = json.loads(dump_calls(calls))
    assert kept == {"schema": SCHEMA, "calls": [call.to_json() for call in calls]}


# The next picture.


def after(before, calls):
    """The calls of the picture that follows one of the calls `before`."""
    return load_calls(following(dump_calls(before), calls))


def test_a_picture_in_which_nothing_changed_is_the_same_text():
    calls = [a_call("a", started_at=NOW), a_call("b", extra={"view": "7"})]
    assert following(dump_calls(calls), calls) == dump_calls(calls)


@pytest.mark.parametrize(
    "calls",
    [
        [],
        [a_call("b")],
        [a_call("b"), a_call("a")],
        [a_call("a", state=CallState.PARKED), a_call("b")],
        [a_call("a"), a_call("b", why_not={Action.HOLD: "Not now."})],
        [a_call("c"), a_call("a"), a_call("b")],
    ],
)
def test_what_changed_is_in_the_next_picture(calls):
    before = dump_calls([a_call("a"), a_call("b")])
    assert following(before, calls) == dump_calls(calls) != before


def test_a_call_that_did_not_change_is_read_once():
    old = load_calls(dump_calls([a_call("a"), a_call("b")]))
    new = load_calls(dump_calls([a_call("c"), a_call("a", state=CallState.HELD), a_call("b")]))
    assert new[2] is old[1]
    assert new[1] is not old[0]


# Start times that wobble.


@pytest.mark.parametrize(
    ("seconds", "kept"), [(0, True), (2.9, True), (-2.9, True), (3, False), (-3, False)]
)
def test_a_start_time_that_only_wobbles_is_kept(seconds, kept):
    then = NOW + timedelta(seconds=seconds)
    old = a_call("a", started_at=NOW, answered_at=NOW)
    (now,) = after([old], [a_call("a", started_at=then, answered_at=then)])
    assert (now.started_at, now.answered_at) == ((NOW, NOW) if kept else (then, then))


def test_it_does_not_drift():
    known = [a_call("a", started_at=NOW)]
    for seconds in (2, 4, 6):
        known = after(known, [a_call("a", started_at=NOW + timedelta(seconds=seconds))])
    assert known[0].started_at == NOW + timedelta(seconds=4)


def test_only_the_same_call_is_steadied():
    other = a_call("b", started_at=NOW + timedelta(seconds=1))
    assert after([a_call("a", started_at=NOW)], [other]) == (other,)
    answered = a_call("a", answered_at=NOW)
    assert after([a_call("a")], [answered]) == (answered,)
    assert after([answered], [a_call("a")]) == (a_call("a"),)


# How long a call is on hold.


def test_a_held_call_says_since_when_the_board_has_seen_it_so():
    held = a_call("a", state=CallState.HELD)
    with time_machine.travel(NOW, tick=False) as clock:
        first = after([a_call("a")], [held])
        clock.shift(timedelta(seconds=40))
        second = after(first, [held])
        assert [call.held_since for call in (*first, *second)] == [NOW, NOW]
        (resumed,) = after(second, [a_call("a")])
        assert resumed.held_since is None
        (again,) = after([resumed], [held])
        assert again.held_since == NOW + timedelta(seconds=40)
