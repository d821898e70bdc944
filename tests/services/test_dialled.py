"""What became of a click-to-dial call, picture by picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.watches import ANA, BLIND, CAROL, E, S, after, call, last, look, pictures
from transfers.domain import Action, Party
from transfers.services.finding import Watch

DIAL = replace(BLIND, kind=Action.DIAL, call_id="", stays="", leaves="", parties=(ANA, ""), own=ANA)
OFFERED = call("n", ANA, CAROL, S.DIALING, rings_caller=True)
TRIED = call("n", ANA, CAROL, S.DIALING)
RINGS = call("n", ANA, CAROL, S.RINGING)
TALKS = call("n", ANA, CAROL)


def ended(reason: E, **more):
    return call("n", ANA, CAROL, S.ENDED, end_reason=reason, **more)


def test_step_by_step():
    found = look(DIAL, (1, []), (2, [OFFERED]), (5, [TRIED]), (6, [RINGS]), (9, [TALKS]))
    assert [each.observed.split(" since ")[0] for each in found] == [
        "",
        "1001 is ringing: answer it to call 1003.",
        "1003 is being called.",
        "1003 is ringing.",
        f"1003 rang 3 s, answered {after(9).astimezone():%H:%M:%S}.",
    ]
    assert [each.moved for each in found] == [False, False, True, True, True]
    assert [each.state for each in found] == [None] * 4 + ["confirmed"]


def test_a_call_that_was_answered_between_two_pictures():
    found = last(DIAL, (1, [OFFERED]), (4, [TALKS]))
    assert found.state == "confirmed"
    assert found.observed.startswith("1003 answered ")


@pytest.mark.parametrize("state", [S.HELD, S.PARKED])
def test_held_at_once_is_answered(state):
    assert last(DIAL, (1, [RINGS]), (4, [replace(TALKS, state=state)])).state == "confirmed"


def test_whoever_answered_is_named():
    group = call("n", ANA, "1002", also=(CAROL,))
    assert last(DIAL, (1, [RINGS]), (4, [group])).observed.startswith("1002 rang 3 s, answered")


BUSY_TONE = replace(TALKS, callee=Party("", "Busy"))


def test_a_tone_or_an_announcement_is_nobody():
    found = look(DIAL, (1, [TRIED]), (2, [BUSY_TONE]), (6, [BUSY_TONE]), (7, [BUSY_TONE]))
    assert [each.state for each in found] == [None, None, None, "missed"]
    assert found[-1].observed == "1003 is not there; 1001 hears “Busy”."


def test_an_announcement_on_the_way_to_somebody_is_no_end():
    found = last(DIAL, (1, [BUSY_TONE]), (5, [RINGS]), (8, [BUSY_TONE]), (12, [TALKS]))
    assert found.state == "confirmed"


def test_a_party_without_a_number_or_a_name_says_nothing():
    assert last(DIAL, (1, [RINGS]), (4, [replace(TALKS, callee=Party())])).state is None


def test_her_phone_that_nobody_answers():
    found = look(DIAL, (1, [OFFERED]), (13, [OFFERED]), (14, []), (18, []))
    assert [each.state for each in found] == [None, None, None, "missed"]
    assert found[-1].observed == "1001 rang 13 s and was not answered; 1003 was not called."


def test_her_phone_that_declines_where_the_pbx_says_so():
    gone = ended(E.BUSY, rings_caller=True)
    found = last(DIAL, (1, [OFFERED]), (3, [gone]))
    assert (found.state, found.observed) == (
        "missed",
        "1001 rang 2 s and was not answered; 1003 was not called.",
    )


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ([(2, [RINGS]), (7, [])], "1003 rang 5 s; the call ended before anybody answered."),
        ([(2, [RINGS]), (7, [ended(E.BUSY)])], "1003 rang 5 s and did not take the call."),
        ([(2, [RINGS]), (7, [ended(E.NO_ANSWER)])], "1003 rang 5 s and did not answer."),
        (
            [(2, [RINGS]), (7, [ended(E.CANCELLED)])],
            "1003 rang 5 s; the call ended before anybody answered.",
        ),
        ([(2, [TRIED]), (3, [ended(E.BUSY)])], "1003 was busy."),
        ([(2, [TRIED]), (3, [])], "1003 was called and not reached; the call has ended."),
    ],
)
def test_a_target_that_does_not_answer(shown, words):
    found = last(DIAL, (1, [OFFERED]), *shown, (20, shown[-1][1]))
    assert (found.state, found.observed) == ("missed", words)


def test_busy_between_two_pictures():
    assert last(DIAL, (1, [OFFERED]), (2, [ended(E.BUSY)])).observed == "1003 was busy."


def test_what_ended_completed_was_answered():
    assert last(DIAL, (1, [ended(E.COMPLETED)])).state == "confirmed"


def test_silence_is_unknown_and_is_looked_at_further():
    found = look(DIAL, (5, []), (21, []), (25, [replace(OFFERED, started_at=after(9))]))
    assert [each.state for each in found] == [None, "unknown", None]
    assert found[1].observed == (
        "1001 was not seen to ring, and no call to 1003 was seen, for 21 s."
    )


# Which call it is.


def test_the_id_that_the_pbx_gave_is_the_call():
    watch = replace(DIAL, arrived="n")
    other = call("m", ANA, CAROL)
    assert last(watch, (1, [other])).state is None
    assert last(watch, (1, [other, RINGS])).observed == "1003 is ringing."
    assert last(watch, (2, [replace(TALKS, callee=call("z", "", "4711").callee)])).state


@pytest.mark.parametrize(
    "calls",
    [
        [call("x", ANA, CAROL)],  # was there before
        [call("t", ANA, CAROL)],  # another one's arrival
        [call("n", CAROL, ANA)],  # she is called
        [call("n", ANA, "1004")],  # somebody else
    ],
)
def test_other_calls_are_not_it(calls):
    watch: Watch = replace(DIAL, taken=frozenset({"t"}))
    assert last(watch, (2, calls)).state is None


def test_a_like_call_that_began_much_later_is_not_it():
    later = replace(TALKS, started_at=after(60))
    assert last(DIAL, (21, []), (61, [later])).state == "unknown"


@given(st.booleans(), st.sampled_from(["", "n"]), pictures)
def test_nothing_a_pbx_lists_breaks_it(moved, arrived, shown):
    for finding in look(replace(DIAL, moved=moved, arrived=arrived), *shown):
        assert finding.state in {None, "confirmed", "missed", "unknown"}
