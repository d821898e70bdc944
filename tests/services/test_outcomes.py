"""From accepted to the truth: each step once, with its event; time ends all waiting."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from tests.rows import sent
from transfers.board import lease
from transfers.board.signals import picture_taken, ticked
from transfers.board.snapshot import Picture, picture_of
from transfers.domain import Call, CallState, Party
from transfers.models import AuditEvent, Claim, Feed, PbxConnection, Transfer
from transfers.services import audit, outcomes
from transfers.services.afterwards import alerts
from transfers.services.notes import Notes
from transfers.services.outcomes import MARGIN, RING_WATCH, WATCH, settle
from transfers.services.switchboard import switchboard

State = Transfer.State
CALLER = "+36 1 555-0142"  # as in tests/rows.py
COMMAND = timedelta(seconds=15)  # three requests


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as standing:
        yield standing


@pytest.fixture
def row(ana, head_office):
    """row("accepted", ago=5, …): a command that waits for its verdict, and holds its call."""

    def make(state: State = State.ACCEPTED, *, ago: float = 0, **values) -> Transfer:
        at = timezone.now() - timedelta(seconds=ago)
        usual = {
            "created_at": at,
            "replied_at": None if state == State.SENDING else at,
            "settled_at": None,
            "observed": "",
            "watch_until": at + WATCH,
            "key": uuid4(),
            "seen": {"feed": Feed.objects.get(connection=head_office).pk, "before": ["101"]},
        }
        made = sent(ana, head_office, state=state, **usual | values)
        Claim.objects.create(connection=head_office, call_id=made.call_id, transfer=made)
        return made

    return make


def now(transfer: Transfer) -> Transfer:
    return Transfer.objects.get(pk=transfer.pk)


def verbs(transfer: Transfer) -> list[str]:
    return [event.verb for event in transfer.events.order_by("pk")]


def call(call_id: str, caller: str, callee: str, state: CallState = CallState.TALKING) -> Call:
    return Call(call_id, state, state.value, Party(caller), Party(callee))


def show(connection: PbxConnection, *calls: Call, begun: float = 0) -> None:
    """A picture of these calls, whose read began so many seconds ago."""
    feed = Feed.objects.select_related("connection").get(connection=connection)
    feed.started_at = timezone.now() - timedelta(seconds=begun)
    feed.taken_at = timezone.now()
    picture = picture_of(feed)
    values = {name: getattr(picture, name) for name in Picture.__slots__} | {"calls": calls}
    picture_taken.send(sender=Picture, picture=Picture(**values))


def tick() -> None:
    ticked.send(sender=None)


# One step, taken once.


def test_the_second_to_settle_loses(row):
    waiting = row()
    assert settle(waiting, [State.ACCEPTED], State.CONFIRMED, observed="1003 answered.")
    assert not settle(waiting, [State.ACCEPTED], State.MISSED, observed="1003 was busy.")
    assert (now(waiting).state, now(waiting).observed) == (State.CONFIRMED, "1003 answered.")
    assert verbs(waiting) == ["transfer.confirmed"]


@pytest.mark.parametrize("state", sorted(outcomes.FINAL))
def test_a_verdict_ends_the_watch_and_frees_the_call(row, state):
    waiting = row()
    assert settle(waiting, [State.ACCEPTED], state)
    assert now(waiting).settled_at == timezone.now()
    assert now(waiting).watch_until is None
    assert not Claim.objects.exists()


@pytest.mark.parametrize("state", [State.ACCEPTED, State.UNKNOWN])
def test_without_a_verdict_the_call_stays_held_and_looked_for(row, state):
    waiting = row(State.SENDING)
    assert settle(waiting, [State.SENDING], state, replied_at=timezone.now())
    assert now(waiting).settled_at is None
    assert now(waiting).watch_until == waiting.watch_until
    assert Claim.objects.count() == 1


def test_only_its_own_calls_are_freed(row):
    waiting, other = row(), row(call_id="102")
    settle(waiting, [State.ACCEPTED], State.CONFIRMED)
    assert Claim.objects.get().transfer == other


def test_the_event_says_who_what_and_the_pbx_s_code(row, ana):
    waiting = row(State.SENDING)
    settle(waiting, [State.SENDING], State.REFUSED, observed="Not now.", vendor_code="303")
    event = AuditEvent.objects.get()
    assert (event.actor, event.actor_name, event.verb) == (ana, "Ana Kovács", "transfer.refused")
    assert event.object_text == "blind of 101 by Ana Kovács"
    assert event.data == {"observed": "Not now.", "vendor_code": "303"}


def test_a_row_whose_account_is_gone_is_settled_too(row, ana):
    waiting = row()
    ana.delete()
    assert settle(now(waiting), [State.ACCEPTED], State.CONFIRMED)
    assert AuditEvent.objects.get(verb="transfer.confirmed").actor_name == "system"


@pytest.mark.django_db(transaction=True)
def test_no_step_without_its_event(row, monkeypatch, caplog):
    """Rolled back together: the state, the freed call and the event."""
    caplog.set_level(logging.INFO)
    waiting = row()

    def full_disk(*_args, **_values):
        raise OSError("No space left on device")

    monkeypatch.setattr(audit, "record", full_disk)
    with pytest.raises(OSError, match="No space"):
        settle(waiting, [State.ACCEPTED], State.CONFIRMED)
    assert now(waiting).state == State.ACCEPTED
    assert Claim.objects.count() == 1
    assert "confirmed" not in caplog.text


def test_one_line_in_the_server_s_log_per_step(row, caplog):
    caplog.set_level(logging.INFO, "transfers.commands")
    waiting = row()
    settle(waiting, [State.ACCEPTED], State.CONFIRMED)
    settle(waiting, [State.ACCEPTED], State.MISSED)
    assert caplog.messages == ["blind of 101 by Ana Kovács: confirmed"]


# What a picture shows.


def test_a_picture_settles_what_waits_on_its_pbx(row, head_office):
    waiting = row()
    show(head_office, call("7", CALLER, "1003"))
    assert now(waiting).state == State.CONFIRMED
    assert now(waiting).seen["call"] == "7"


def test_a_picture_begun_before_the_answer_says_nothing(row, head_office, clock):
    waiting = row()
    clock.shift(1)
    show(head_office, call("7", CALLER, "1003"), begun=1.1)
    assert now(waiting).state == State.ACCEPTED
    show(head_office, call("7", CALLER, "1003"), begun=1)
    assert now(waiting).state == State.CONFIRMED


@pytest.mark.parametrize("state", [State.SENDING, State.REFUSED, State.CONFIRMED])
def test_only_what_waits_for_its_verdict_is_judged(row, head_office, state):
    other = row(state)
    show(head_office, call("7", CALLER, "1003"))
    assert now(other).state == state


def test_another_feed_s_picture_says_nothing(row, head_office):
    waiting = row(seen={"feed": -1, "before": ["101"]})
    show(head_office, call("7", CALLER, "1003"))
    assert now(waiting).state == State.ACCEPTED


def test_an_unknown_gets_its_true_verdict_later(row, head_office):
    waiting = row(State.UNKNOWN, code="outcome_unknown")
    show(head_office, call("7", CALLER, "1003"))
    assert (now(waiting).state, now(waiting).code) == (State.CONFIRMED, "outcome_unknown")


def test_a_ringing_target_frees_the_call_and_gets_time_to_answer(row, head_office, clock):
    waiting = row()
    clock.shift(15)
    show(head_office, call("7", CALLER, "1003", CallState.RINGING))
    assert now(waiting).observed == "1003 is ringing."
    assert now(waiting).watch_until == timezone.now() + RING_WATCH
    assert not Claim.objects.exists()


def test_what_was_noted_is_kept_from_picture_to_picture(row, head_office, clock):
    waiting = row()
    rang_at = timezone.now()
    show(head_office, call("7", CALLER, "1003", CallState.RINGING))
    clock.shift(5)
    show(head_office, call("7", CALLER, "1003", CallState.UNKNOWN))
    clock.shift(1)
    show(head_office)
    seen = now(waiting).seen
    assert (seen["call"], seen["moved"], seen["before"]) == ("7", True, ["101"])
    assert (seen["rang_at"], seen["gone_at"]) == (
        rang_at.isoformat(),
        timezone.now().isoformat(),
    )


def test_an_unchanged_picture_writes_nothing(row, head_office, django_assert_max_num_queries):
    row()
    show(head_office, call("101", CALLER, "1001"))
    before = now(Transfer.objects.get()).seen
    # one each for standing forwards, consultations, moved calls, and calls that were set aside
    with django_assert_max_num_queries(7):
        show(head_office, call("101", CALLER, "1001"))
    assert now(Transfer.objects.get()).seen == before
    assert not AuditEvent.objects.exists()


def test_one_arrival_confirms_one_transfer(row, head_office, clock):
    """Two callers who hide their number, both sent to 1003, who can take only one."""
    both = [row(call_id=call_id, caller_number="") for call_id in ("101", "102")]
    show(head_office, call("7", "", "1003"))
    assert [now(one).state for one in both] == [State.CONFIRMED, State.ACCEPTED]
    clock.shift(10)
    show(head_office, call("7", "", "1003"))
    assert now(both[1]).state == State.ACCEPTED
    clock.shift(10)
    show(head_office, call("7", "", "1003"))
    assert now(both[1]).state == State.UNKNOWN


# What time decides.


def test_a_row_left_sending_becomes_unknown_and_is_looked_for(row, clock):
    interrupted = row(State.SENDING)
    clock.shift(COMMAND + MARGIN)
    tick()
    assert now(interrupted).state == State.SENDING, "the command may be under way until now"
    clock.shift(0.1)
    tick()
    found = now(interrupted)
    assert (found.state, found.code) == (State.UNKNOWN, "interrupted")
    assert found.replied_at == timezone.now()
    assert found.watch_until == timezone.now() + WATCH
    assert Claim.objects.count() == 1


def test_the_longest_wait_for_an_answer_is_the_setting_s(row, clock, settings):
    settings.PBX_COMMAND_SECONDS = 60
    interrupted = row(State.SENDING)
    clock.shift(timedelta(seconds=180) + MARGIN)  # of an action that takes several commands
    tick()
    assert now(interrupted).state == State.SENDING


def test_an_answer_that_comes_after_all_loses(row, clock):
    interrupted = row(State.SENDING)
    clock.shift(60)
    tick()
    assert not settle(interrupted, [State.SENDING], State.ACCEPTED)
    assert now(interrupted).state == State.UNKNOWN


def test_accepted_and_nothing_seen_becomes_unknown(row, clock):
    waiting = row()
    clock.shift(outcomes.LOST_AFTER + MARGIN)
    tick()
    assert now(waiting).state == State.ACCEPTED
    clock.shift(0.1)
    tick()
    assert now(waiting).state == State.UNKNOWN
    assert now(waiting).observed == "The PBX accepted it; nothing could be seen afterwards."
    assert now(waiting).settled_at is None, "it is still looked for"


def test_a_ringing_target_is_not_given_up_as_unseen(row, head_office, clock):
    waiting = row()
    show(head_office, call("7", CALLER, "1003", CallState.RINGING))
    clock.shift(100)
    tick()
    assert now(waiting).state == State.ACCEPTED


def test_ringing_for_ever_ends_as_unknown(row, head_office, clock):
    waiting = row()
    show(head_office, call("7", CALLER, "1003", CallState.RINGING))
    clock.shift(RING_WATCH + timedelta(seconds=0.1))
    tick()
    found = now(waiting)
    assert found.state == State.UNKNOWN
    assert found.observed == "1003 is ringing. No answer was seen in 180 s."
    assert (found.settled_at, found.watch_until) == (timezone.now(), None)


def test_an_unknown_is_given_up_after_its_watch(row, clock):
    waiting = row(State.UNKNOWN)
    clock.shift(WATCH)
    tick()
    assert now(waiting).watch_until is not None
    clock.shift(0.1)
    tick()
    found = now(waiting)
    assert (found.state, found.settled_at) == (State.UNKNOWN, timezone.now())
    assert found.watch_until is None
    assert not Claim.objects.exists()
    assert verbs(waiting) == []


def test_what_was_given_up_stays_so(row, head_office, clock):
    waiting = row(State.UNKNOWN)
    clock.shift(WATCH + timedelta(seconds=1))
    tick()
    show(head_office, call("7", CALLER, "1003"))
    assert now(waiting).state == State.UNKNOWN


def test_a_quiet_log_is_left_alone(row, clock, django_assert_num_queries):
    row(State.CONFIRMED, watch_until=None, settled_at=timezone.now())
    clock.shift(3600)
    with django_assert_num_queries(7):  # with one for forwards, one for holds, two for agents
        tick()


def test_a_hang_up_after_which_the_call_has_another_id_is_not_done(row, head_office, clock):
    began = timezone.now() - timedelta(minutes=1)
    feed = Feed.objects.get(connection=head_office).pk
    notes = Notes(feed=feed, before=("101",), began_at=began)
    waiting = row(kind="hangup", target="", leaves="", seen=notes.to_json())
    goes_on = replace(call("102", CALLER, "1001"), started_at=began)
    clock.shift(1)
    show(head_office, goes_on)
    assert now(waiting).state == State.ACCEPTED
    clock.shift(20)
    show(head_office, goes_on)
    assert now(waiting).state == State.FAILED
    assert now(waiting).observed.endswith("the call is still there, under another id.")


# Where a login sees only its own calls: sent on, and perhaps back again.


@pytest.fixture
def sent_on(row, head_office) -> Transfer:
    """Seen to have left 1001; the pictures of this login show no more."""
    feed = Feed.objects.get(connection=head_office)
    made = row(seen={"feed": feed.pk, "alone": True, "before": ["101"]})
    show(head_office)
    return now(made)


def test_what_was_sent_out_of_sight_and_is_back_is_noted_with_its_seconds(
    sent_on, head_office, ana, clock
):
    assert (sent_on.state, sent_on.code) == (State.CONFIRMED, "target_unseen")
    assert alerts(switchboard(ana)) == ()
    clock.shift(23)
    show(head_office, call("7", CALLER, "1001", CallState.RINGING))
    back = now(sent_on)
    assert back.state == State.CONFIRMED, "it may be another call of hers"
    assert back.observed.endswith(f"23 s later {CALLER} was at 1001 again.")
    assert back.watch_until is None
    (alert,) = alerts(switchboard(ana))
    assert alert.headline == "Kovács Júlia is back after being sent to Carol Weiss."


@pytest.mark.parametrize(
    "calls",
    [
        (),
        (call("7", "+49301234567", "1001"),),
        (call("7", CALLER, "1004"),),
        (call("7", CALLER, "1003"),),
        (call("7", CALLER, "1001", CallState.ENDED),),
    ],
)
def test_other_calls_are_no_return(sent_on, head_office, ana, calls):
    show(head_office, *calls)
    assert now(sent_on).observed == sent_on.observed
    assert alerts(switchboard(ana)) == ()


def test_a_caller_without_a_number_is_not_recognised(row, head_office):
    feed = Feed.objects.get(connection=head_office)
    seen = {"feed": feed.pk, "alone": True, "before": ["101"]}
    made = row(seen=seen, caller_number="")
    show(head_office)
    settled = now(made)
    assert settled.state == State.CONFIRMED
    show(head_office, call("7", "", "1001"))
    assert now(made).observed == settled.observed


def test_looking_for_a_return_reads_nothing_by_itself_and_ends(sent_on, head_office, clock):
    Feed.objects.update(watched_until=timezone.now())
    clock.shift(2)
    assert sent_on.watch_until is not None
    assert not lease.due(timezone.now()).exists()
    clock.shift(RING_WATCH)
    tick()
    assert (now(sent_on).state, now(sent_on).watch_until) == (State.CONFIRMED, None)
