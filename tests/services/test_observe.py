"""The verdict as a pure function: one transfer, the pictures that came after it, what is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.watches import (
    ANA,
    AS_BEFORE,
    BLIND,
    CAROL,
    DAVE,
    FORWARD,
    JOIN,
    JULIA,
    RANG,
    TRANSFERS,
    E,
    S,
    after,
    call,
    last,
    look,
    numbers,
    pictures,
)
from transfers.domain import Call, likely_same
from transfers.services.finding import Finding, Watch

# It arrives.


@pytest.mark.parametrize("call_id", ["a", "new"])
@pytest.mark.parametrize("parties", [(JULIA, CAROL), (CAROL, JULIA)])
@pytest.mark.parametrize("watch", [BLIND, FORWARD], ids=lambda watch: watch.kind)
def test_rings_then_answers(watch, parties, call_id):
    ringing = call(call_id, *parties, S.RINGING)
    talking = replace(ringing, state=S.TALKING, answered_at=after(8))
    first, second = look(watch, (2, [ringing]), (9, [talking]))
    assert (first.state, first.observed, first.rang_at) == (None, "1003 is ringing.", RANG)
    assert (first.moved, first.new_call_id) == (True, call_id)
    assert second.state == "confirmed"
    assert second.observed == f"1003 rang 6 s, answered {after(8).astimezone():%H:%M:%S}."


@pytest.mark.parametrize("watch", [BLIND, FORWARD], ids=lambda watch: watch.kind)
@pytest.mark.parametrize("state", [S.TALKING, S.HELD])
def test_answered_at_once(watch, state):
    found = last(watch, (1, [call("new", JULIA, CAROL, state)]))
    assert (found.state, found.observed[:14]) == ("confirmed", "1003 answered ")


def test_the_pbx_s_own_times_go_before_ours():
    times = {"started_at": after(1), "answered_at": after(6)}
    assert "rang 5 s" in last(BLIND, (9, [call("new", JULIA, CAROL, **times)])).observed
    kept = last(BLIND, (9, [call("a", JULIA, CAROL, **times)]))
    assert "rang" not in kept.observed, "the start of a kept call is not when the target rang"


def test_an_answer_from_before_the_target_rang_is_not_the_target_s():
    talked = call("a", JULIA, CAROL, answered_at=after(-30))
    reckoned = call("a", JULIA, CAROL, answered_at=after(1))
    at_once = last(BLIND, (1, [talked])).observed
    rang = last(BLIND, (2, [call("a", JULIA, CAROL, S.RINGING)]), (5, [reckoned])).observed
    assert at_once.endswith(f"answered {after(1).astimezone():%H:%M:%S}.")
    assert rang.endswith(f"rang 3 s, answered {after(5).astimezone():%H:%M:%S}.")


@pytest.mark.parametrize("call_id", ["a", "b", "new"])
def test_a_join_connects_both_and_the_transferor_is_out(call_id):
    found = last(JOIN, (1, [call(call_id, JULIA, CAROL)]))
    assert found.state == "confirmed"
    assert found.observed == f"{JULIA} and 1003 are connected; 1001 is out."


def test_the_consultation_alone_is_no_arrival():
    calls = [call("a", JULIA, ANA, S.HELD), call("b", ANA, CAROL)]
    assert last(JOIN, (1, calls)).state is None
    assert last(JOIN, (21, calls)).state == "failed"


@pytest.mark.parametrize("shown", ["06 1 555 0142", "0036-1-555-0142", "(1) 555 0142", JULIA])
def test_numbers_are_known_in_other_forms(shown):
    assert last(BLIND, (1, [call("new", shown, CAROL)])).state == "confirmed"


def test_short_numbers_must_be_the_same():
    calls = [call("new", JULIA, "11003"), call("other", "0142", CAROL)]
    assert look(BLIND, (1, calls))[0].state is None


def test_a_caller_without_a_number_arrives():
    hidden = replace(BLIND, stays="")
    assert last(hidden, (1, [call("new", "", CAROL)])).state == "confirmed"


def test_a_state_we_do_not_know_is_no_verdict():
    found = last(BLIND, (1, [call("new", JULIA, CAROL, S.UNKNOWN, word="Vibrating")]))
    assert (found.state, found.moved) == (None, True)
    assert "Vibrating" in found.observed


def test_answered_and_over_between_two_pictures():
    ended = call("new", JULIA, CAROL, S.ENDED, end_reason=E.COMPLETED)
    found = last(BLIND, (1, [ended]))
    assert (found.state, found.observed) == (
        "confirmed",
        "1003 answered; the call has ended since.",
    )


# It does not.


@pytest.mark.parametrize(
    ("reason", "rang", "not_seen_ringing"),
    [
        (E.BUSY, "1003 rang 4 s and did not take the call.", "1003 was busy."),
        (E.NO_ANSWER, "1003 rang 4 s and did not answer.", "1003 was tried and did not answer."),
        (
            E.CANCELLED,
            "1003 rang 4 s, then the caller gave up.",
            "1003 was tried, then the caller gave up.",
        ),
        (
            E.ERROR,
            "1003 rang 4 s and was not reached (ended).",
            "1003 was tried and was not reached (ended).",
        ),
    ],
)
def test_why_it_was_not_taken(reason, rang, not_seen_ringing):
    ended = call("new", JULIA, CAROL, S.ENDED, end_reason=reason)
    found = last(BLIND, (1, [ended]))
    assert (found.state, found.observed) == ("missed", not_seen_ringing)
    ringing = replace(ended, state=S.RINGING, end_reason=None)
    found = last(BLIND, (2, [ringing]), (6, [ended]))
    assert (found.state, found.observed) == ("missed", rang)


def test_no_answer_and_the_call_is_gone():
    ringing = call("new", JULIA, CAROL, S.RINGING)
    findings = look(BLIND, (2, [ringing]), (8, []), (10, []), (11, []))
    assert [found.state for found in findings] == [None, None, None, "missed"]
    assert findings[-1].observed == "1003 rang 6 s; the call ended without being seen answered."


def test_a_call_that_changes_its_id_may_be_missing_for_a_moment():
    ringing = call("new", JULIA, CAROL, S.RINGING)
    found = last(BLIND, (2, [ringing]), (8, []), (9, [call("newer", JULIA, CAROL)]))
    assert found.state == "confirmed"


@pytest.mark.parametrize("call_id", ["a", "new", "back"])
@pytest.mark.parametrize("caller", [JULIA, "", "06-1-555-0142"])
def test_it_came_back(call_id, caller):
    watch = replace(BLIND, stays=caller and JULIA)
    ringing = call("new", caller, CAROL, S.RINGING)
    found = last(watch, (2, [ringing]), (9, [call(call_id, caller, ANA, S.RINGING)]))
    assert found.state == "missed"
    assert found.observed == "1003 rang 7 s, not answered; the call came back to 1001."


@pytest.mark.parametrize(("call_id", "caller"), [("a", JULIA), ("b", JULIA), ("a", "")])
def test_it_went_elsewhere_after_ringing(call_id, caller):
    watch = replace(BLIND, stays=caller)
    ringing = call("a", caller, CAROL, S.RINGING)
    found = last(watch, (2, [ringing]), (9, [call(call_id, caller, DAVE)]))
    assert (found.state, found.observed) == ("missed", "1003 rang 7 s, then the call went to 1004.")


def test_somebody_else_without_a_number_is_not_where_it_went():
    ringing = call("new", "", CAROL, S.RINGING)
    found = last(replace(BLIND, stays=""), (2, [ringing]), (9, [call("b", "", DAVE)]))
    assert found.state is None


def test_it_went_elsewhere_unseen_with_its_id_kept():
    """1003 sends its calls on to 1004 at once: it never rings itself."""
    calls = [call("a", JULIA, DAVE)]
    early, late = look(BLIND, (1, calls), (21, calls))
    assert early.state is None
    assert (late.state, late.moved) == ("missed", True)
    assert late.observed == f"It did not reach 1003; the call went to {JULIA} and 1004."


def test_it_went_elsewhere_unseen_with_a_new_id():
    early, late = look(BLIND, (1, [call("n", JULIA, DAVE)]), (21, [call("n", JULIA, DAVE)]))
    assert early.state is None
    assert late.state == "unknown"
    assert late.observed.endswith(f"{JULIA} is in a call with 1004.")


def test_gone_without_a_trace():
    early, late = look(BLIND, (19, []), (20, []))
    assert (early.state, late.state) == (None, "unknown")
    assert late.observed == "The call is gone, and 1003 was not seen to answer it."


@pytest.mark.parametrize("watch", [BLIND, FORWARD, JOIN], ids=lambda watch: watch.kind)
def test_unchanged_for_long_is_not_done(watch):
    calls = [replace(AS_BEFORE, state=S.RINGING)]
    early, late = look(watch, (19, calls), (20, calls))
    assert (early.state, late.state) == (None, "failed")
    assert late.observed == f"20 s later the call was as before: {JULIA} and 1001."


def test_a_forward_too_late_says_who_answered():
    found = last(FORWARD, (20, [AS_BEFORE]))
    assert (found.state, found.observed) == (
        "failed",
        "1001 answered the call; it was not forwarded.",
    )


# It rang, and then the PBX could not be read for a while.


def test_it_is_said_how_long_it_rang_at_most():
    """Nothing told so far when it was answered; the same call is there again."""
    ringing = call("a", JULIA, CAROL, S.RINGING)
    told = replace(ringing, state=S.TALKING, answered_at=after(9))
    assert "1003 rang 7 s, answered" in last(BLIND, (2, [ringing]), (61, [told])).observed
    untold = last(BLIND, (2, [ringing]), (61, [replace(ringing, state=S.TALKING)]))
    assert untold.state == "confirmed"
    assert untold.observed.startswith("1003 rang for at most 59 s, and was seen in the call ")
    back = last(BLIND, (2, [ringing]), (61, [AS_BEFORE]))
    assert back.observed == "1003 rang for at most 59 s, not answered; the call came back to 1001."


@pytest.mark.parametrize("callee", [ANA, CAROL])
@pytest.mark.parametrize("began", [None, 3, 58])
def test_a_call_begun_meanwhile_is_neither_the_return_nor_the_arrival(callee, began):
    """The PBX started anew, and the same caller dialled again."""
    ringing, still = call("a", JULIA, CAROL, S.RINGING), call("a", JULIA, CAROL, S.RINGING)
    new = call("new2", JULIA, callee, started_at=began and after(began))
    findings = look(BLIND, (2, [ringing]), (7, [still]), (66, [new]), (70, [new]), (75, [new]))
    if began == 3:  # it was there before the gap: the call has another id now
        assert findings[2].state == ("missed" if callee == ANA else "confirmed")
        return
    assert [found.state for found in findings[2:]] == [None, "unknown", "unknown"]
    assert findings[-1].observed.startswith(
        "1003 rang for at most 64 s; nobody could look then, and the call is gone."
    )
    assert f"{JULIA} is in a call with" in findings[-1].observed or callee == CAROL


def test_ringing_is_noted_now_and_then():
    ringing = [call("a", JULIA, CAROL, S.RINGING)]
    findings = look(BLIND, *((second, ringing) for second in (2, 4, 6, 8, 13)))
    assert [found.rung_until for found in findings] == [
        after(second) for second in (2, 2, 2, 8, 13)
    ]


# Other people's calls.


def test_the_same_two_in_a_call_from_before_is_no_arrival():
    there_already = call("x", JULIA, CAROL)
    assert last(BLIND, (1, [AS_BEFORE, there_already])).state is None
    assert last(BLIND, (20, [AS_BEFORE, there_already])).state == "failed"
    assert last(BLIND, (20, [there_already])).state == "unknown"


def test_a_call_like_ours_while_ours_is_where_it_was_is_no_arrival():
    """The same company calls twice with one number, and its other call reached 1003."""
    calls = [AS_BEFORE, call("new", JULIA, CAROL)]
    assert last(BLIND, (1, calls)) == Finding(None, "")
    assert last(BLIND, (1, calls), (2, calls), (3, [calls[1]])).state == "confirmed"


def test_another_transfer_s_arrival_is_not_ours():
    watch = replace(BLIND, stays="", taken=frozenset({"new"}))
    assert last(watch, (1, [call("new", "", CAROL)])).state is None
    assert last(watch, (1, [call("own", "", CAROL), call("new", "", CAROL)])).new_call_id == "own"


def test_a_target_whose_number_ends_like_the_transferor_s():
    """Kept as it was: the transferor is still in it, whatever the numbers look like."""
    watch = replace(BLIND, leaves="+36305550199", target="+49895550199")
    unchanged = [call("a", JULIA, "+36305550199")]
    assert last(watch, (1, unchanged)).state is None
    assert last(watch, (20, unchanged)).state == "failed"


def test_a_live_call_says_more_than_an_ended_one():
    ended = call("n1", JULIA, CAROL, S.ENDED, end_reason=E.BUSY)
    assert last(BLIND, (1, [ended, call("n2", JULIA, CAROL)])).new_call_id == "n2"


# A login that shows only her own calls.


def test_she_sees_that_the_call_left_her_and_no_more():
    watch = replace(BLIND, alone=True)
    assert last(watch, (1, [AS_BEFORE])).state is None
    assert last(watch, (20, [AS_BEFORE])).state == "failed"
    found = last(watch, (1, []))
    assert (found.state, found.unseen, found.moved) == ("confirmed", True, True)
    assert "no further than its own calls" in found.observed


# Whatever a PBX may list.

watches = st.builds(
    replace,
    st.builds(replace, st.just(JOIN), kind=st.sampled_from(sorted(TRANSFERS))),
    stays=numbers,
    leaves=numbers,
    target=numbers,
    taken=st.frozensets(st.sampled_from(["a", "new"])),
)


def arrived(watch: Watch, seen: Call) -> bool:
    over = seen.state is S.ENDED and seen.end_reason is E.COMPLETED
    pairs = [(seen.caller.number, seen.callee.number), (seen.callee.number, seen.caller.number)]
    return (over or seen.state in (S.TALKING, S.HELD)) and any(
        likely_same(one, watch.target) and (likely_same(other, watch.stays) or other == watch.stays)
        for one, other in pairs
    )


@settings(deadline=None)
@given(watches, pictures)
def test_confirmed_only_when_the_target_was_seen_with_the_one_who_stays(watch, shown):
    for (_, calls), finding in zip(shown, look(watch, *shown), strict=True):
        assert finding.state in {None, "confirmed", "missed", "failed", "unknown"}
        assert finding.observed or finding.state is None
        if finding.state == "confirmed":
            others = watch.taken - {watch.call_id, watch.other_call_id}  # its own id may be kept
            assert any(arrived(watch, seen) and seen.id not in others for seen in calls)


def test_a_call_that_begins_long_afterwards_is_not_the_transfer():
    """The moved call is gone; a minute later the same people dialled each other."""
    later = call("new", JULIA, CAROL)
    assert last(BLIND, (60, [later])).state == "unknown"
    assert last(BLIND, (19, [later])).state == "confirmed"
    assert last(BLIND, (60, [replace(later, started_at=BLIND.since)])).state == "confirmed"


def test_of_callers_without_a_number_only_one_that_comes_at_once_is_taken_for_it():
    anonymous = replace(BLIND, stays="")
    unknown = call("new", "", CAROL)
    assert last(anonymous, (2, [unknown])).state == "confirmed"
    assert last(anonymous, (15, [unknown])).state is None
