"""The main job: a command is written down, sent once, and judged by what is seen afterwards."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.rows import listed
from tests.stage import CALLER
from transfers.domain import Action, Leg, Receipt
from transfers.http import DoorRules
from transfers.models import AuditEvent, Claim, Seat, Transfer
from transfers.services.notes import notes_of
from transfers.services.outcomes import sweep

State = Transfer.State
COMMANDS = {
    "BlindTransfer",
    "AttendedTransfer",
    "Forward",
    "ForwardCall",
    "Hold",
    "Unhold",
    "Hangup",
}


def sent(stage) -> list[str]:
    """The commands that reached the PBX, reads left out."""
    return [r.command for r in stage.pbx.requests if r.command in COMMANDS]


# Three transfers that arrive.


def test_blind_is_accepted_then_rings_then_is_confirmed(stage, ana):
    call = stage.talk()
    stage.exchange.behave("1003", answers_after=4)
    row = stage.blind(ana, call)
    assert (row.state, row.vendor_code) == (State.ACCEPTED, "200")
    stage.wait()
    row.refresh_from_db()
    assert (row.state, row.observed) == (State.ACCEPTED, "1003 is ringing.")
    stage.wait_for(row)
    assert row.state == State.CONFIRMED
    assert row.observed.startswith("1003 rang ")
    assert notes_of(row).rung_until
    assert "answered 10:00:0" in row.observed
    assert sent(stage) == ["BlindTransfer"]


def test_forward_of_a_ringing_call_is_confirmed(stage, ana):
    call = stage.exchange.ring(CALLER, "1001")
    stage.exchange.behave("1004", answers_after=2)
    row = stage.order(ana, Action.FORWARD, call, "1004")
    assert row.state == State.ACCEPTED
    assert row.leaves == Leg.CALLEE
    stage.wait_for(row)
    assert row.state == State.CONFIRMED
    assert "1004 rang" in row.observed


def test_join_connects_the_held_and_the_running_call(stage, ana):
    held = stage.talk()
    stage.exchange.hold(held)
    consultation = stage.talk("1001", "1003")
    row = stage.order(ana, Action.JOIN, held, other_call_id=consultation)
    assert row.state == State.ACCEPTED
    stage.wait_for(row)
    assert row.state == State.CONFIRMED
    assert row.observed == f"{CALLER} and 1003 are connected; 1001 is out."


def test_join_may_be_asked_for_from_either_call(stage, ana):
    held = stage.talk()
    stage.exchange.hold(held)
    consultation = stage.talk("1001", "1003")
    row = stage.order(ana, Action.JOIN, consultation, other_call_id=held)
    assert (row.call_id, row.other_call_id, row.target) == (held, consultation, "1003")


@pytest.mark.parametrize("kept", ["new", "kept"])
def test_the_verdict_does_not_depend_on_the_call_id(stage, ana, kept):
    stage.pbx.switches.call_id = kept
    stage.exchange.behave("1003", answers_after=3)
    row = stage.wait_for(stage.blind(ana, stage.talk()))
    assert row.state == State.CONFIRMED
    assert "1003 rang" in row.observed


@pytest.mark.parametrize("kept", ["new", "kept"])
def test_a_call_may_be_sent_on_twice(stage, ana, kept):
    """With a kept id the second arrival is in the very call of the first."""
    stage.pbx.switches.call_id = kept
    stage.exchange.behave("1003", answers_after=1)
    stage.exchange.behave("1004", answers_after=1)
    first = stage.wait_for(stage.blind(ana, stage.talk()))
    second = stage.blind(ana, first.seen["call"], "1004", leaves=Leg.CALLEE)
    assert stage.wait_for(second).state == first.state == State.CONFIRMED


def test_a_call_made_by_the_receptionist_herself(stage, ana):
    """She is the caller, so the caller leaves and the called party is sent on."""
    call = stage.talk("1001", CALLER)
    stage.exchange.behave("1003", answers_after=1)
    row = stage.wait_for(stage.blind(ana, call))
    assert (row.leaves, row.state) == (Leg.CALLER, State.CONFIRMED)


def test_hold_retrieve_and_hang_up_are_confirmed_by_the_next_pictures(stage, ana):
    call = stage.talk()
    for kind, words in [
        (Action.HOLD, "on hold"),
        (Action.RETRIEVE, "running again"),
        (Action.HANGUP, "has ended"),
    ]:
        row = stage.wait_for(stage.order(ana, kind, call))
        assert row.state == State.CONFIRMED
        assert words in row.observed
    assert sent(stage) == ["Hold", "Unhold", "Hangup"]


# Accepted is not done.


def test_a_busy_target_did_not_arrive(stage, ana):
    stage.exchange.behave("1003", busy=True)
    stage.pbx.switches.linger_seconds = 5
    stage.pbx.switches.ended_in_list = True
    row = stage.wait_for(stage.blind(ana, stage.talk()))
    assert row.state == State.MISSED
    assert row.observed == "1003 was busy."


def test_a_target_that_never_answers_did_not_arrive(stage, ana):
    stage.exchange.behave("1003", answers_after=None, ring_seconds=8)
    row = stage.wait_for(stage.blind(ana, stage.talk()))
    assert row.state == State.MISSED
    assert row.observed.startswith("1003 rang ")


def test_a_call_that_comes_back_is_said_to_have_come_back(stage, ana):
    stage.exchange.behave("1003", answers_after=None, ring_seconds=8)
    stage.pbx.switches.no_answer_returns = True
    row = stage.wait_for(stage.blind(ana, stage.talk()))
    assert row.state == State.MISSED
    assert "came back to 1001" in row.observed


def test_a_command_without_effect_is_not_done(stage, ana):
    """200 in the wrong state: the PBX says yes and does nothing."""
    stage.pbx.switches.effect_delay_seconds = 10_000
    row = stage.wait_for(stage.blind(ana, stage.talk()))
    assert row.state == State.FAILED
    assert "the call was as before" in row.observed


def test_a_call_that_ends_in_between_stays_unknown(stage, ana):
    call = stage.talk()
    stage.pbx.switches.effect_delay_seconds = 10_000
    row = stage.blind(ana, call)
    stage.exchange.hangup(call)
    for _ in range(30):
        stage.wait()
    row.refresh_from_db()
    assert row.state == State.UNKNOWN
    assert "The call is gone" in row.observed


# Silence is unknown, then the truth.


@pytest.mark.parametrize("kind", [Action.BLIND, Action.FORWARD, Action.JOIN])
def test_cut_after_the_effect_is_unknown_and_then_confirmed(stage, ana, kind):
    stage.exchange.behave("1003", answers_after=3)
    order = an_order(stage, kind)
    stage.pbx.faults.add("drop_after", command=wire_name(stage, kind), times=1)
    row = stage.order(ana, kind, **order)
    assert row.state == State.UNKNOWN
    assert row.code == "outcome_unknown"
    stage.wait_for(row)
    assert row.state == State.CONFIRMED
    assert len(sent(stage)) == 1


@pytest.mark.parametrize("kind", [Action.BLIND, Action.FORWARD, Action.JOIN])
def test_cut_before_the_effect_is_unknown_and_then_not_done(stage, ana, kind):
    order = an_order(stage, kind)
    stage.pbx.faults.add("drop_before", command=wire_name(stage, kind), times=1)
    row = stage.order(ana, kind, **order)
    assert row.state == State.UNKNOWN
    stage.wait_for(row)
    assert row.state == State.FAILED
    assert len(sent(stage)) == 1


@pytest.mark.parametrize("kind", [Action.BLIND, Action.FORWARD, Action.JOIN])
def test_the_pbx_refuses_in_its_own_code_and_words(stage, ana, kind):
    order = an_order(stage, kind)
    stage.pbx.faults.add("forbidden_address", command=wire_name(stage, kind), times=1)
    row = stage.order(ana, kind, **order)
    assert (row.state, row.vendor_code) == (State.REFUSED, "307")
    assert row.vendor_text == "Use API from this address is forbidden"
    assert not Claim.objects.exists()


def test_an_unknown_nothing_is_ever_seen_of_is_given_up(stage, ana):
    call = stage.talk()
    stage.pbx.faults.add("drop_before", command="BlindTransfer", times=1)
    row = stage.blind(ana, call)
    stage.pbx.refuse()
    for _ in range(130):
        stage.wait()
    row.refresh_from_db()
    assert row.state == State.UNKNOWN
    assert row.settled_at
    assert not Claim.objects.exists()


def test_pictures_begun_before_the_command_say_nothing(stage, ana):
    call = stage.talk()
    stage.look()
    stage.wait()
    before = stage.feed
    row = stage.blind(ana, call)
    assert row.state == State.ACCEPTED
    assert stage.feed.read_after >= before.started_at
    assert stage.feed.due_at <= row.replied_at


# Refused by us, before anything is sent.


@pytest.mark.parametrize(
    ("target", "code"),
    [("1001", "same_party"), (CALLER, "same_party"), ("", "bad_target"), ("10\n01", "bad_target")],
)
def test_targets_that_make_no_sense_are_refused(stage, ana, target, code):
    row = stage.blind(ana, stage.talk(), target)
    assert (row.state, row.code) == (State.REFUSED, code)
    assert sent(stage) == []


def test_the_wrong_state_is_refused_with_the_reason(stage, ana):
    row = stage.blind(ana, stage.exchange.ring(CALLER, "1001"))
    assert (row.state, row.code) == (State.REFUSED, "not_possible")
    assert "answered" in row.observed
    assert sent(stage) == []


def test_who_leaves_must_be_said_when_the_seat_does_not_tell(stage, ana):
    call = stage.talk(CALLER, "1002")
    row = stage.blind(ana, call)
    assert (row.state, row.code) == (State.REFUSED, "who_leaves")
    row = stage.blind(ana, call, leaves=Leg.CALLEE)
    assert row.state == State.ACCEPTED


def test_a_reader_is_refused_and_it_is_in_the_log(stage, ben):
    row = stage.blind(ben, stage.talk(CALLER, "1002"))
    assert (row.state, row.code) == (State.REFUSED, "not_allowed")
    assert AuditEvent.objects.filter(verb="transfer.refused", actor=ben).count() == 1
    assert sent(stage) == []


def test_a_call_outside_her_sight_is_not_there(stage, ana):
    Seat.objects.filter(user=ana).update(sees="own")
    row = stage.blind(ana, stage.talk(CALLER, "1002"), leaves=Leg.CALLEE)
    assert (row.state, row.code) == (State.REFUSED, "call_gone")
    assert sent(stage) == []


def test_an_unreachable_pbx_is_said_to_be_and_nothing_is_sent(stage, ana):
    stage.pbx.refuse()
    row = stage.blind(ana, "abc")
    assert (row.state, row.code) == (State.REFUSED, "unreachable")
    assert row.observed.startswith("Nothing was sent")


def test_a_disabled_connection_is_refused(stage, ana):
    stage.connection.enabled = False
    stage.connection.save()
    assert stage.blind(ana, "abc").code == "disabled"


def test_join_needs_one_held_and_one_running_call_with_a_common_party(stage, ana):
    one, two = stage.talk(), stage.talk("1001", "1003")
    assert stage.order(ana, Action.JOIN, one, other_call_id=two).code == "not_possible"
    stage.exchange.hold(one)
    stranger = stage.talk("1002", "1004")
    assert stage.order(ana, Action.JOIN, one, other_call_id=stranger).code == "no_common_party"


def test_only_the_one_in_both_calls_joins_them(stage, ana):
    held = stage.talk(CALLER, "1002")
    stage.exchange.hold(held)
    other = stage.talk("1002", "1003")
    assert stage.order(ana, Action.JOIN, held, other_call_id=other).code == "not_yours"


# One command per wish, one transfer per call.


def test_the_same_key_is_the_same_wish(stage, ana):
    call, key = stage.talk(), uuid4()
    first = stage.order(ana, Action.BLIND, call, "1003", key=key)
    again = stage.order(ana, Action.BLIND, call, "1003", key=key)
    assert first.pk == again.pk
    assert sent(stage) == ["BlindTransfer"]


def test_the_same_key_for_another_wish_is_refused_and_never_passes_for_the_first(stage, ana):
    """A form that is sent again with another target: she must not be told that it was done."""
    call, key = stage.talk(), uuid4()
    first = stage.order(ana, Action.BLIND, call, "1003", key=key)
    for more in ({"target": "1004"}, {"target": "1003", "leaves": Leg.CALLER}):
        second = stage.order(ana, Action.BLIND, call, key=key, **more)
        assert (second.state, second.code) == (State.REFUSED, "used_form")
        assert second.pk != first.pk
    assert stage.order(ana, Action.HOLD, call, key=key).code == "used_form"
    assert sent(stage) == ["BlindTransfer"]


def test_a_call_with_other_people_than_she_saw_is_left_alone(stage, ana):
    """Where the PBX keeps the id, the call may be another one behind an open dialog."""
    stage.pbx.switches.call_id = "kept"
    stage.exchange.behave("1002", answers_after=0)
    call = stage.talk()
    stage.wait()
    parties = stage.wait().call(call).parties
    stage.wait_for(stage.blind(ana, call, "1002"))
    row = stage.order(ana, Action.HANGUP, call, parties=parties)
    assert (row.state, row.code) == (State.REFUSED, "changed")
    assert sent(stage) == ["BlindTransfer"]


def test_an_answer_that_comes_after_the_row_was_given_up_still_counts(stage, ana, monkeypatch):
    def slow(driver, order, decided):
        stage.clock.shift(timedelta(minutes=1))
        sweep()
        return Receipt("200", "in the end")

    monkeypatch.setattr("transfers.services.transfers._command", slow)
    row = stage.blind(ana, stage.talk())
    assert (row.state, row.vendor_text) == (State.ACCEPTED, "in the end")


def test_the_second_person_is_told_who_has_the_call(stage, ana, root):
    stage.pbx.switches.effect_delay_seconds = 5
    call = stage.talk()
    stage.blind(ana, call)
    row = stage.blind(root, call, "1004", leaves=Leg.CALLEE)
    assert (row.state, row.code) == (State.REFUSED, "taken")
    assert row.observed.startswith("Ana Kovács is already on this call (Blind transfer, 10:00:0")
    assert sent(stage) == ["BlindTransfer"]


def test_an_attended_transfer_holds_both_calls(stage, ana, root):
    stage.pbx.switches.effect_delay_seconds = 5
    held = stage.talk()
    stage.exchange.hold(held)
    consultation = stage.talk("1001", "1003")
    stage.order(ana, Action.JOIN, held, other_call_id=consultation)
    assert stage.blind(root, consultation, "1004", leaves=Leg.CALLEE).code == "taken"


def test_a_moved_call_is_free_again_while_its_target_rings(stage, ana):
    row = stage.blind(ana, stage.talk())
    stage.wait()
    row.refresh_from_db()
    assert row.state == State.ACCEPTED
    assert not Claim.objects.exists()
    onward = stage.order(ana, Action.FORWARD, row.seen["call"], "1004")
    assert onward.state == State.ACCEPTED
    stage.wait_for(row)
    assert "the call went to 1004" in row.observed


# Crashes and leftovers.


def test_all_requests_of_one_command_share_its_deadline(stage, ana, monkeypatch):
    monkeypatch.setattr(DoorRules, "action_seconds", 0)
    call = stage.talk()
    row = stage.blind(ana, call)
    assert (row.state, row.code) == (State.FAILED, "unreachable")
    assert "not sent any more" in row.observed


def test_a_row_left_sending_by_a_crash_is_looked_for_and_never_sent_again(stage, ana):
    stage.exchange.behave("1003", answers_after=60)
    call = stage.talk()
    row = stage.blind(ana, call)
    Transfer.objects.move(row.pk, (row.state,), state=State.SENDING, replied_at=None)
    for _ in range(24):
        stage.wait()
    row.refresh_from_db()
    assert row.state == State.SENDING
    for _ in range(4):
        stage.wait()
    row.refresh_from_db()
    assert (row.state, row.code) == (State.UNKNOWN, "interrupted")
    stage.wait_for(row)
    assert row.state == State.CONFIRMED
    assert sent(stage) == ["BlindTransfer"]


def test_a_defect_of_ours_is_unknown_not_a_crash(stage, ana, monkeypatch):
    monkeypatch.setattr("transfers.drivers.ozeki.driver.OzekiDriver.blind", lambda *_, **__: 1 / 0)
    row = stage.blind(ana, stage.talk())
    assert (row.state, row.code) == (State.UNKNOWN, "internal")


# The trail.


def test_every_change_of_state_is_an_event_with_the_name(stage, ana, caplog):
    caplog.set_level(logging.INFO)
    stage.exchange.behave("1003", answers_after=1)
    row = stage.wait_for(stage.blind(ana, stage.talk()))
    verbs = [event.verb for event in row.events.order_by("pk")]
    assert verbs == ["transfer.sending", "transfer.accepted", "transfer.confirmed"]
    assert {event.actor_name for event in row.events.all()} == {"Ana Kovács"}
    assert "pbx-s3cret-word" not in caplog.text


def test_the_log_row_says_who_where_what(stage, ana):
    row = stage.wait_for(stage.blind(ana, stage.talk(name="Kovács Júlia")))
    assert row.user_name == "Ana Kovács"
    assert row.connection_name == "Head office"
    assert (row.caller_number, row.caller_name) == (CALLER, "Kovács Júlia")
    assert (row.called_number, row.target) == ("1001", "1003")
    assert row.duration


def test_a_row_names_people_as_the_switchboard_does(stage, ana):
    for name, number in (("Júlia from the bank", CALLER), ("Carol Weiss", "1003")):
        listed(name, number, on=stage.connection)
    held = stage.talk(name="BANK 2")
    stage.exchange.hold(held)
    row = stage.order(ana, Action.JOIN, held, other_call_id=stage.talk("1001", "1003", "C"))
    assert (row.caller_name, row.target_name) == ("Júlia from the bank", "Carol Weiss")


def an_order(stage, kind: Action) -> dict[str, str]:
    """The calls and the target for one transfer of each kind."""
    if kind is Action.FORWARD:
        return {"call_id": stage.exchange.ring(CALLER, "1001"), "target": "1003"}
    call = stage.talk()
    if kind is Action.BLIND:
        return {"call_id": call, "target": "1003"}
    stage.exchange.hold(call)
    return {"call_id": call, "other_call_id": stage.talk("1001", "1003")}


def wire_name(stage, kind: Action) -> str:
    forward = "ForwardCall" if stage.pbx.face_name == "ozeki-gen2" else "Forward"
    return {
        Action.BLIND: "BlindTransfer",
        Action.FORWARD: forward,
        Action.JOIN: "AttendedTransfer",
    }[kind]
