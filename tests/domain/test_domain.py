"""What a call is: JSON there and back, aware dates only, and when two numbers are one line."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transfers.domain import (
    Action,
    Call,
    CallState,
    Check,
    EndReason,
    Leg,
    Party,
    Probe,
    bare_number,
    likely_same,
    same_number,
)
from transfers.sentences import pack, say

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.none() | st.datetimes(timezones=zones)
names = st.text(max_size=20).map(pack) | st.just(say("voicemail"))
parties = st.builds(Party, st.text(max_size=20), names)
any_call = st.builds(
    Call,
    id=st.text(min_size=1, max_size=20),
    state=st.sampled_from(CallState),
    raw_state=st.text(max_size=20),
    caller=parties,
    callee=parties,
    started_at=moments,
    answered_at=moments,
    end_reason=st.none() | st.sampled_from(EndReason),
    actions=st.frozensets(st.sampled_from(Action)),
    why_not=st.dictionaries(st.sampled_from(Action), st.text(max_size=20).map(pack)),
    related=st.text(max_size=20),
    extra=st.dictionaries(st.text(max_size=9), st.text(max_size=20)),
)
number_like = st.text("+0123456789 ().-/*#ab", max_size=16)


def call(**values: object) -> Call:
    usual = {"id": "a", "state": CallState.TALKING, "raw_state": "InCall"}
    return Call(**usual | {"caller": Party("1001"), "callee": Party("1002")} | values)


# A call.


@settings(deadline=None)
@given(any_call)
def test_a_call_survives_json(before):
    text = json.dumps(before.to_json())
    after = Call.from_json(json.loads(text))
    assert after == before
    assert type(after.caller.name) is type(before.caller.name), "a sentence stays one"
    assert json.dumps(after.to_json()) == text, "an unchanged call is the same text"


def test_json_names_every_field():
    """A field that is forgotten there would silently be lost between two processes."""
    assert list(call().to_json()) == [field.name for field in fields(Call)]


@pytest.mark.parametrize("name", ["started_at", "answered_at"])
def test_naive_dates_are_refused(name):
    with pytest.raises(ValueError, match="aware"):
        call(**{name: datetime(2026, 11, 21, 10, 0)})
    assert call(**{name: datetime(2026, 11, 21, 10, 0, tzinfo=UTC)})


def test_a_call_without_an_id_is_refused():
    with pytest.raises(ValueError, match="without an id"):
        call(id="")


def test_a_call_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        call().state = CallState.HELD
    with pytest.raises(TypeError):
        call().why_not[Action.BLIND] = "no"


@pytest.mark.parametrize(
    ("number", "leg"),
    [
        ("1001", Leg.CALLER),
        ("1002", Leg.CALLEE),
        ("10-02", Leg.CALLEE),
        ("1003", None),
        ("", None),
    ],
)
def test_at_which_leg_somebody_is(number, leg):
    assert call().leg_of(number) is leg
    assert call().involves(number) is (leg is not None)


def test_somebody_at_both_legs_is_at_neither():
    own = call(callee=Party("10 01"))
    assert own.leg_of("1001") is None
    assert own.involves("1001")


def test_the_party_at_a_leg():
    assert call().party(Leg.CALLER).number == "1001"
    assert call().party(Leg.CALLER.other).number == "1002"
    assert Leg.CALLEE.other is Leg.CALLER


@pytest.mark.parametrize(
    ("party", "words"),
    [
        (Party("1001", "Reception"), "1001 Reception"),
        (Party("1001"), "1001"),
        (Party("", "Reception"), "Reception"),
        (Party(), "unknown number"),
    ],
)
def test_a_party_in_words(party, words):
    assert str(party) == words


# Numbers.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1001", "1001"),
        ("+36 (1) 555-01.42", "+3615550142"),
        ("06/1/555 0142", "0615550142"),
        ("front-desk", "frontdesk"),
    ],
)
def test_separators_do_not_make_another_line(one, other):
    assert same_number(one, other)
    assert likely_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1001", "1002"),
        ("1001", "11001"),
        ("1001", ""),
        ("", ""),
        ("-", "()"),
        ("Anna", "anna"),
        ("+3615550142", "0615550142"),
        ("*1001", "1001"),
    ],
)
def test_these_are_not_surely_one_line(one, other):
    assert not same_number(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+36 1 555 0142", "06-1-555-0142"),
        ("003615550142", "15550142"),
        ("5550142", "+3615550142"),
    ],
)
def test_the_last_seven_digits_tell_a_likely_line(one, other):
    assert likely_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1001", "21001"),
        ("550142", "+3615550142"),
        ("+3615550142", "+3615550143"),
        ("", ""),
        ("", "+3615550142"),
    ],
)
def test_fewer_digits_tell_nothing(one, other):
    assert not likely_same(one, other)


@settings(deadline=None)
@given(number_like, number_like)
def test_both_comparisons_are_symmetric_and_one_implies_the_other(one, other):
    assert same_number(one, other) == same_number(other, one)
    assert likely_same(one, other) == likely_same(other, one)
    assert likely_same(one, other) or not same_number(one, other)
    assert same_number(one, one) == bool(bare_number(one))
    assert bare_number(bare_number(one)) == bare_number(one)


# "Test connection".


@pytest.mark.parametrize(
    ("results", "ok"), [([True, None], True), ([True, False], False), ([None], True), ([], True)]
)
def test_a_probe_is_fine_unless_something_is_known_to_fail(results, ok):
    assert Probe(tuple(Check("x", result, "") for result in results)).ok is ok


@pytest.mark.parametrize(
    ("party", "title", "text"),
    [
        (Party("1003", "Carol"), "Carol", "1003 Carol"),
        (Party("1003"), "1003", "1003"),
        (Party(), "", "unknown number"),
        (Party("anonymous"), "Number withheld", "Number withheld"),
        (Party("sip:Anonymous@anonymous.invalid"), "Number withheld", "Number withheld"),
        (Party("Anonymous", "Anonymous"), "Number withheld", "Number withheld"),
        (Party("", "Anonymous"), "Number withheld", "Number withheld"),
        (Party("+3615550142", "anonymous"), "+3615550142", "+3615550142"),
        (Party("anonymous", "Carol"), "Carol", "Number withheld Carol"),
    ],
)
def test_a_hidden_number_is_told_in_words(party, title, text):
    assert (party.title, str(party)) == (title, text)
