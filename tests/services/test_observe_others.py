"""The verdict on what is no transfer: consultations, hold, hang up, park, pick up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.watches import (
    ANA,
    AS_BEFORE,
    BLIND,
    CANCEL,
    CAROL,
    CONSULT,
    DAVE,
    HANGUP,
    HOLD,
    JOIN,
    JULIA,
    ON_HOLD,
    PARK,
    PICKUP,
    RETRIEVE,
    SWAP,
    TRANSFERS,
    UNPARK,
    S,
    after,
    call,
    last,
    look,
    numbers,
    pictures,
)
from transfers.domain import Action, Leg

# A consultation.


@pytest.mark.parametrize("state", [S.DIALING, S.RINGING, S.TALKING])
def test_a_consultation_is_seen_when_the_target_is_called(state):
    found = last(CONSULT, (1, [ON_HOLD, call("c", ANA, CAROL, state)]))
    assert (found.state, found.observed) == (
        "confirmed",
        f"{JULIA} is on hold; 1003 is called.",
    )


def test_nobody_is_said_to_be_called_while_her_own_phone_rings_first():
    offered = replace(call("c", ANA, CAROL, S.DIALING), rings_caller=True)
    found = last(CONSULT, (1, [ON_HOLD, offered]))
    assert found.observed == f"{JULIA} is on hold; 1001 rings first, then 1003."


def test_a_consultation_call_may_name_its_held_call_instead_of_her():
    consultation = call("c", "device-7", CAROL, related="a")
    assert last(CONSULT, (1, [ON_HOLD, consultation])).state == "confirmed"


@pytest.mark.parametrize(
    "calls",
    [
        [ON_HOLD],
        [AS_BEFORE, call("c", ANA, CAROL)],
        [ON_HOLD, call("x", ANA, CAROL)],
        [ON_HOLD, call("c", DAVE, CAROL)],
        [ON_HOLD, call("c", ANA, DAVE)],
        [ON_HOLD, call("c", ANA, CAROL, S.ENDED)],
    ],
)
def test_half_a_consultation_is_none(calls):
    early, late = look(CONSULT, (1, calls), (20, calls))
    assert early.state is None
    assert late.state == ("missed" if calls[0] is ON_HOLD else "failed")


def test_a_caller_on_hold_without_a_consultation_is_said_before_long():
    """The operator is not kept waiting for a target that was busy at once."""
    early, late = look(CONSULT, (9, [ON_HOLD]), (11, [ON_HOLD]))
    assert early.state is None
    assert (late.state, late.observed) == ("missed", f"1003 was not reached. {JULIA} is held.")


def test_a_cancelled_consultation_is_back_with_the_caller():
    both = [ON_HOLD, call("b", ANA, CAROL)]
    assert last(CANCEL, (1, both)).state is None
    assert last(CANCEL, (20, both)).state == "failed"
    assert last(CANCEL, (1, [ON_HOLD])).state is None, "the caller still waits on hold"
    assert last(CANCEL, (1, [AS_BEFORE])).state == "confirmed"


def test_swapped_means_the_other_one_waits():
    waiting = call("b", ANA, CAROL, S.HELD)
    assert last(SWAP, (1, [ON_HOLD, replace(waiting, state=S.TALKING)])).state is None
    assert last(SWAP, (1, [AS_BEFORE, waiting])).state == "confirmed"


@pytest.mark.parametrize("watch", [CONSULT, CANCEL, SWAP], ids=lambda watch: watch.kind)
def test_a_held_caller_who_hangs_up_leaves_it_unknown(watch):
    assert last(watch, (1, [call("b", ANA, CAROL)])).state == "unknown"


# Hold, retrieve, hang up, park, take from the park, pick up.


@pytest.mark.parametrize(
    ("watch", "calls", "seconds", "state"),
    [
        (HOLD, [replace(AS_BEFORE, state=S.HELD)], 1, "confirmed"),
        (HOLD, [AS_BEFORE], 19, None),
        (HOLD, [AS_BEFORE], 20, "failed"),
        (HOLD, [], 1, "unknown"),
        (HOLD, [replace(AS_BEFORE, state=S.ENDED)], 1, "unknown"),
        (RETRIEVE, [AS_BEFORE], 1, "confirmed"),
        (RETRIEVE, [replace(AS_BEFORE, state=S.HELD)], 19, None),
        (RETRIEVE, [replace(AS_BEFORE, state=S.HELD)], 20, "failed"),
        (RETRIEVE, [], 1, "unknown"),
        (PARK, [replace(AS_BEFORE, state=S.PARKED)], 1, "confirmed"),
        (PARK, [AS_BEFORE], 20, "failed"),
        (UNPARK, [replace(AS_BEFORE, state=S.PARKED)], 20, "failed"),
        (UNPARK, [call("a", JULIA, CAROL)], 1, "confirmed"),
        (PICKUP, [replace(AS_BEFORE, state=S.RINGING)], 20, "failed"),
        (PICKUP, [call("a", JULIA, CAROL)], 1, "confirmed"),
        (PICKUP, [AS_BEFORE], 1, "missed"),
        (HANGUP, [], 1, "confirmed"),
        (HANGUP, [replace(AS_BEFORE, state=S.ENDED)], 1, "confirmed"),
        (HANGUP, [AS_BEFORE], 19, None),
        (HANGUP, [AS_BEFORE], 20, "failed"),
    ],
)
def test_the_call_itself_shows_it(watch, calls, seconds, state):
    assert last(watch, (seconds, [*calls, call("x", JULIA, CAROL)])).state == state


BEGAN = after(-90)
HUNG_UP = replace(HANGUP, parties=(JULIA, ANA), began_at=BEGAN)


@pytest.mark.parametrize(
    ("began", "started", "seconds", "state"),
    [
        (BEGAN, BEGAN, 1, None),
        (BEGAN, after(-88), 21, "failed"),  # start times wobble
        (BEGAN, after(2), 3, "confirmed"),  # they dialled again
        (BEGAN, after(-60), 3, "confirmed"),  # the clock of the PBX is a minute behind
        (BEGAN, None, 3, None),
        (BEGAN, None, 21, "unknown"),
        (None, after(2), 21, "unknown"),
        (None, None, 21, "unknown"),
    ],
)
def test_a_hang_up_is_not_done_because_the_call_has_another_id(began, started, seconds, state):
    watch = replace(HUNG_UP, began_at=began)
    for word in (S.TALKING, S.RINGING, S.HELD):
        other = call("new", JULIA, ANA, word, started_at=started)
        assert last(watch, (seconds, [other, call("x", JULIA, ANA)])).state == state


def test_a_hang_up_that_nobody_was_sure_of_is_done_when_that_call_ends():
    new = call("new", JULIA, ANA)
    states = [each.state for each in look(HUNG_UP, (3, [new]), (21, [new]), (30, []))]
    assert states == [None, "unknown", "confirmed"]


@pytest.mark.parametrize(
    "other",
    [
        call("x", JULIA, ANA, started_at=BEGAN),  # it was there before
        call("new", JULIA, CAROL, started_at=BEGAN),
        call("new", ANA, JULIA, started_at=BEGAN),  # she called back
        call("new", JULIA, ANA, S.ENDED, started_at=BEGAN),
    ],
)
def test_other_calls_say_nothing_of_a_hang_up(other):
    assert last(HUNG_UP, (1, [other])).state == "confirmed"


def test_nor_do_those_of_people_without_a_number():
    watch = replace(HUNG_UP, parties=("", ANA))
    assert last(watch, (1, [call("new", "", ANA, started_at=BEGAN)])).state == "confirmed"


@settings(deadline=None)
@given(st.sampled_from(sorted(set(Action) - TRANSFERS)), numbers, numbers, pictures)
def test_nothing_a_pbx_lists_breaks_the_other_kinds(kind, stays, leaves, shown):
    watch = replace(JOIN, kind=kind, stays=stays, leaves=leaves)
    for finding in look(watch, *shown):
        assert finding.state in {None, "confirmed", "missed", "failed", "unknown"}


# Taken off hold by ringing the phone that held the call.

RINGS_BACK = replace(AS_BEFORE, state=S.RINGING)


def test_a_phone_that_rings_for_it_is_waited_for():
    finding = last(RETRIEVE, (1, [RINGS_BACK]), (30, [RINGS_BACK]))
    assert (finding.state, finding.observed, finding.moved) == (None, "1001 is ringing.", True)
    assert last(RETRIEVE, (1, [RINGS_BACK]), (9, [AS_BEFORE])).state == "confirmed"


def test_a_phone_that_rang_in_vain_is_no_success():
    gone = last(RETRIEVE, (1, [RINGS_BACK]), (9, []))
    assert (gone.state, gone.observed) == (
        "missed",
        "It rang 1001 for 8 s; the call ended unanswered.",
    )
    elsewhere = last(RETRIEVE, (1, [RINGS_BACK]), (9, [call("a", JULIA, DAVE)]))
    assert elsewhere.state == "missed"


def test_a_consultation_that_leaves_the_caller_alone_did_not_arrive():
    alone = replace(ON_HOLD, left_alone=Leg.CALLER)
    finding = last(CONSULT, (1, [alone]))
    assert finding.state == "missed"
    assert finding.observed == f"1003 did not answer; {JULIA} was left alone on hold."


# Numbers beside the callee's own: the group that was dialled, the phones that ring with it.


def test_a_group_is_reached_when_one_of_it_answers():
    rings = replace(call("a", JULIA, "", S.RINGING), also=(CAROL, DAVE))
    answered = replace(call("a", JULIA, DAVE), also=(CAROL,))
    assert last(BLIND, (1, [rings])).observed == "1003 is ringing."
    finding = last(BLIND, (1, [rings]), (5, [answered]))
    assert (finding.state, finding.observed[:16]) == ("confirmed", "1004 (for 1003) ")


def test_a_conference_is_joined_though_it_was_there_before():
    room = replace(call("x", DAVE, "630"), also=(JULIA,))
    to_room = replace(BLIND, target="630")
    assert last(to_room, (1, [room])).state == "confirmed"
    assert last(to_room, (25, [replace(room, also=())])).state == "unknown"


def test_so_is_it_when_it_is_asked_first():
    room = replace(call("x", DAVE, "630"), also=(CAROL,))
    asked = replace(CONSULT, target="630", before=frozenset({CONSULT.call_id, "x"}))
    alone = replace(ON_HOLD, left_alone=Leg.CALLER)
    finding = last(asked, (1, [alone, replace(room, also=(CAROL, ANA))]))
    assert (finding.state, finding.observed) == ("confirmed", f"{JULIA} is on hold; 630 is called.")
    assert last(asked, (1, [alone, room])).state == "missed"
