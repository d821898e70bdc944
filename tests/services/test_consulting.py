"""Which two calls of a picture are a consultation, how it goes on, and how that is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfers.desk import Consultation
from transfers.domain import Call, CallState, EndReason, Party
from transfers.services.consulting import Story, begun, followed, in_words

S, Stage = CallState, Consultation.Stage
JULIA, ANA, CAROL, DAVE = "+3615550142", "1001", "1003", "1004"


def call(call_id: str, caller: str, callee: str, state: S = S.TALKING, minute: int = 0, **more):
    at = datetime(2026, 11, 21, 9, minute, tzinfo=UTC)
    parties = Party(caller), Party(callee)
    return Call(call_id, state, state.value, *parties, **{"started_at": at} | more)


HELD = call("a", JULIA, ANA, S.HELD)
ASKED = call("b", ANA, CAROL, minute=5)
RINGS = replace(ASKED, state=S.RINGING)
OFFERED = replace(ASKED, state=S.DIALING, rings_caller=True)
STORY = Story(ANA, "a", "b", Party(JULIA), Party(CAROL), Stage.TALKING, answered=True)
CALLED = replace(STORY, stage=Stage.CALLING, answered=False)


def anas(number: str) -> bool:
    return number == ANA


# Which two.


@pytest.mark.parametrize("state", [S.DIALING, S.RINGING, S.TALKING])
def test_a_call_made_while_another_waits_is_about_that_one(state):
    expected = STORY if state is S.TALKING else CALLED
    assert begun([HELD, replace(ASKED, state=state)], anas) == [expected]
    assert begun([replace(ASKED, state=state), HELD], anas) == [expected]


def test_the_one_who_called_may_consult_too():
    outgoing = call("a", ANA, JULIA, S.HELD)
    assert begun([outgoing, ASKED], anas) == [STORY]


def test_after_a_swap_it_is_still_the_first_call_that_it_is_about():
    swapped = [replace(HELD, state=S.TALKING), replace(ASKED, state=S.HELD)]
    assert begun(swapped, anas) == [STORY]


def test_a_driver_that_knows_which_call_it_is_about_is_believed():
    other = call("x", DAVE, ANA, S.HELD, minute=1)
    told = replace(ASKED, related="a")
    assert [story.held_id for story in begun([HELD, other, told], anas)] == ["a"]
    assert [story.held_id for story in begun([HELD, other, ASKED], anas)] == ["x"], "the latest"
    swapped = [replace(HELD, related="b"), ASKED]
    assert [story.key for story in begun(swapped, anas)] == [("b", "a")]


@pytest.mark.parametrize(
    "calls",
    [
        [HELD],
        [replace(HELD, state=S.TALKING), ASKED],
        [HELD, replace(ASKED, state=S.HELD)],
        [HELD, replace(ASKED, state=S.ENDED)],
        [HELD, call("b", CAROL, ANA, minute=5)],  # it came in; to complete that would be a surprise
        [HELD, call("b", ANA, CAROL, minute=5, related="z")],
        [call("a", JULIA, ANA, S.HELD, minute=9), ASKED],  # the held one came later
        [call("a", JULIA, DAVE, S.HELD), ASKED],
        [call("a", JULIA, "1002", S.HELD), call("b", "1002", CAROL, minute=5)],  # somebody else's
        [call("a", "", "", S.HELD), call("b", "", "", minute=5)],
    ],
)
def test_what_is_none(calls):
    assert begun(calls, anas) == []


# How it goes on.


@pytest.mark.parametrize(
    ("story", "calls", "expected"),
    [
        (CALLED, [HELD, RINGS], CALLED),
        (CALLED, [HELD, ASKED], STORY),
        (STORY, [HELD, RINGS], STORY),  # what was answered stays answered
        (STORY, [replace(HELD, state=S.TALKING), replace(ASKED, state=S.HELD)], STORY),
        (STORY, [HELD], replace(STORY, stage=Stage.ALONE)),
        (CALLED, [HELD], replace(CALLED, stage=Stage.ALONE)),
        (STORY, [ASKED], replace(STORY, stage=Stage.LEFT)),
        (CALLED, [RINGS], replace(CALLED, stage=Stage.LEFT)),
        (replace(CALLED, stage=Stage.LEFT), [ASKED], replace(STORY, stage=Stage.LEFT)),
        (STORY, [HELD, replace(ASKED, id="c")], replace(STORY, other_id="c")),  # another id
        (STORY, [replace(ASKED, id="c")], replace(STORY, stage=Stage.LEFT, other_id="c")),
        (STORY, [replace(ASKED, id="a")], replace(STORY, stage=Stage.LEFT, other_id="a")),
        (STORY, [], None),
        (STORY, [replace(HELD, state=S.TALKING)], None),  # back with the caller
        (STORY, [call("a", JULIA, CAROL)], None),  # connected: her phone is out of it
        (STORY, [call("b", JULIA, CAROL)], None),
        (STORY, [replace(HELD, state=S.ENDED), replace(ASKED, state=S.ENDED)], None),
    ],
)
def test_the_next_picture_continues_it(story, calls, expected):
    assert followed(story, calls) == expected


def test_why_the_target_is_gone_is_kept_when_the_pbx_forgets_it():
    ended = replace(RINGS, state=S.ENDED, end_reason=EndReason.BUSY)
    gone = followed(CALLED, [HELD, ended])
    assert gone is not None
    assert gone.why == "busy"
    assert followed(gone, [HELD]) == gone


def test_a_later_call_of_the_two_is_another_one():
    """Nobody looked for hours; today they talk about something else."""
    noted = replace(STORY, noted_at=datetime(2026, 11, 21, 9, 6, tzinfo=UTC))
    again = call("c", ANA, CAROL, minute=7)
    assert followed(noted, [again]) is None
    assert followed(noted, [HELD, again]) == replace(noted, stage=Stage.ALONE)
    renamed = replace(ASKED, id="c")
    assert followed(noted, [renamed]) == replace(noted, stage=Stage.LEFT, other_id="c")


states = st.sampled_from(S)
numbers = st.sampled_from([JULIA, ANA, CAROL, DAVE, ""])
any_calls = st.lists(
    st.builds(call, st.sampled_from("abc"), numbers, numbers, states, st.integers(0, 9)),
    max_size=4,
    unique_by=lambda each: each.id,
)


@given(any_calls, any_calls)
def test_whatever_a_picture_shows_there_is_a_sentence_for_it(calls, later):
    for story in begun(calls, bool):
        assert story.held_id != story.other_id
        now = followed(story, later)
        assert followed(story, calls) == story, "a picture agrees with itself"
        if now is not None:
            assert in_words(now, later, "Ms Kovács", "Carol").endswith(".")


# In words.


@pytest.mark.parametrize(
    ("story", "calls", "words"),
    [
        (CALLED, [HELD, RINGS], "Carol’s phone rings; Ms Kovács is on hold."),
        (CALLED, [HELD, replace(ASKED, state=S.DIALING)], "Calling Carol; Ms Kovács is on hold."),
        (CALLED, [HELD], "Calling Carol; Ms Kovács is on hold."),
        (CALLED, [HELD, OFFERED], "Answer your phone to call Carol; Ms Kovács is on hold."),
        (
            CALLED,
            [replace(HELD, state=S.TALKING), OFFERED],
            "Answer your phone to call Carol; Ms Kovács is there.",
        ),
        (STORY, [HELD, ASKED], "You talk to Carol; Ms Kovács is on hold."),
        (
            STORY,
            [replace(HELD, state=S.TALKING), replace(ASKED, state=S.HELD)],
            "You talk to Ms Kovács; Carol is on hold.",
        ),
        (STORY, [HELD, replace(ASKED, state=S.HELD)], "Ms Kovács and Carol are both on hold."),
        (
            replace(STORY, stage=Stage.ALONE),
            [HELD],
            "The call with Carol has ended; Ms Kovács is still on hold.",
        ),
        (
            replace(CALLED, stage=Stage.ALONE, why="busy"),
            [HELD],
            "Carol declined or is busy; Ms Kovács is still on hold.",
        ),
        (
            replace(CALLED, stage=Stage.ALONE, why="no_answer"),
            [HELD],
            "Carol did not answer; Ms Kovács is still on hold.",
        ),
        (
            replace(CALLED, stage=Stage.ALONE),
            [HELD],
            "Carol was not reached; Ms Kovács is still on hold.",
        ),
        (
            replace(STORY, stage=Stage.LEFT),
            [ASKED],
            "Ms Kovács hung up; you still talk to Carol.",
        ),
        (
            replace(CALLED, stage=Stage.LEFT),
            [RINGS],
            "Ms Kovács hung up; Carol is still called.",
        ),
        (
            replace(STORY, stage=Stage.LEFT),
            [ASKED, call("z", JULIA, DAVE)],
            "Ms Kovács is in another call now; you still talk to Carol.",
        ),
    ],
)
def test_how_it_stands_is_one_sentence(story, calls, words):
    assert in_words(story, calls, "Ms Kovács", "Carol") == words
