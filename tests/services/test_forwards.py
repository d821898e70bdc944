"""Standing forwards: who may set what, when they end, and what they do with a call."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.stage import CALLER
from transfers.board import lease
from transfers.board.signals import ticked
from transfers.domain import Notice
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.models import AuditEvent, PbxConnection, Seat, Transfer, User
from transfers.phonebook import Contact
from transfers.services import forwards
from transfers.services.forwards import answering, end, set_up, standing
from transfers.services.rules import NotNow
from transfers.standing import ForwardUse, NotifyAddress, StandingForward

HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-21 10:00:00 +01:00", tick=False) as stands:
        yield stands


def in_an_hour():
    return timezone.now() + HOUR


def rings(number: str = "500", call_id: str = "", caller: str = CALLER) -> Notice:
    return Notice("CallChanged", number, caller, call_id)


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


@pytest.fixture
def forward(ana, head_office, clock) -> StandingForward:
    return set_up(ana, head_office, "500", "102", in_an_hour())


# Setting one.


def test_it_is_kept_with_its_name_and_logged(ana, head_office, clock):
    Contact.objects.create(name="Carol Weiss", number="102")
    row = set_up(ana, head_office, " 5-00 ", "102", in_an_hour())
    assert (row.number, row.target, row.target_name) == ("500", "102", "Carol Weiss")
    assert row.created_by_name == "Ana Kovács"
    event = AuditEvent.objects.get()
    assert (event.actor, event.verb) == (ana, "forward.set")
    assert event.object_text == "calls for 500 go to 102 on Head office"
    assert event.data == {"until": "11:00"}


def refused(user, connection, number="500", target="102", until=None) -> str:
    with pytest.raises(NotNow) as refusal:
        set_up(user, connection, number, target, until or in_an_hour())
    assert not StandingForward.objects.filter(number=number, target=target).exists()
    return refusal.value.text


def test_a_number_cannot_be_sent_to_itself(ana, head_office, clock):
    assert "go to 500 already" in refused(ana, head_office, "5 00", "500")


@pytest.mark.parametrize("number", ["", "5;00", "<500>", "1" * 65])
def test_what_cannot_be_dialled_is_refused(ana, head_office, clock, number):
    assert refused(ana, head_office, number=number)
    assert refused(ana, head_office, target=number)


@pytest.mark.parametrize("hours", [-1, 0, 24.1])
def test_its_end_is_ahead_and_within_a_day(ana, head_office, clock, hours):
    assert refused(ana, head_office, until=timezone.now() + hours * HOUR)


def test_a_whole_day_is_allowed(ana, head_office, clock):
    assert set_up(ana, head_office, "500", "102", timezone.now() + 24 * HOUR).pk


def test_a_reader_may_not(ben, head_office, clock):
    assert refused(ben, head_office) == "Your account may look, but not act."


def test_without_a_seat_nobody_may_but_an_administrator(eve, root, head_office, clock):
    assert refused(eve, head_office) == "You have no seat on this PBX."
    assert set_up(root, head_office, "500", "102", in_an_hour()).pk


def test_who_sees_only_her_own_calls_sends_only_those_on(ana, head_office, clock):
    Seat.objects.update(sees="own")
    assert "500 is not yours" in refused(ana, head_office)
    assert set_up(ana, head_office, "1001", "102", in_an_hour()).pk


def test_a_disabled_pbx_is_refused(ana, head_office, clock):
    head_office.enabled = False
    assert refused(ana, head_office) == "Head office is disabled."


def test_a_pbx_that_cannot_is_refused(ana, head_office, clock, monkeypatch):
    monkeypatch.setattr(OzekiDriver, "standing", "")
    assert "cannot send calls on by itself" in refused(ana, head_office)
    assert not forwards.offered(ana).exists()


# One per number, and none behind another.


def test_a_second_one_for_the_number_is_told_who_was_first(forward, root, head_office):
    text = refused(root, head_office, "500", "103")
    assert text == "Calls for 500 go to 102 until 11:00 (set by Ana Kovács). End that first."


@pytest.mark.parametrize(
    ("number", "target", "words"),
    [
        ("102", "500", "would come back"),
        ("501", "500", "would be sent on once more"),
        ("102", "103", "would be sent on once more"),
    ],
)
def test_neither_loops_nor_chains(forward, ana, head_office, number, target, words):
    assert words in refused(ana, head_office, number, target)


def test_two_may_go_to_the_same_target_and_another_pbx_is_another_world(forward, root, head_office):
    assert set_up(root, head_office, "501", "102", in_an_hour()).pk
    other = PbxConnection.objects.create(name="Abroad", vendor="ozeki", url="http://10.0.0.9/")
    assert set_up(root, other, "102", "500", in_an_hour()).pk


def test_the_database_holds_it_too(forward, head_office):
    with pytest.raises(IntegrityError), transaction.atomic():
        StandingForward.objects.create(
            connection=head_office, number="500", target="103", until=in_an_hour()
        )


def test_after_its_end_the_number_is_free(forward, ana, head_office, clock):
    clock.shift(HOUR)
    assert set_up(ana, head_office, "500", "103", in_an_hour()).pk
    forward.refresh_from_db()
    assert forward.ended_by_name == "system"


# Its end.


def test_anybody_who_may_act_there_ends_it(forward, root):
    assert end(root, forward)
    forward.refresh_from_db()
    assert (forward.ended_at, forward.ended_by_name) == (timezone.now(), "root")
    assert verbs() == ["forward.set", "forward.ended"]


def test_a_second_end_does_nothing(forward, ana):
    assert end(ana, forward)
    assert not end(ana, forward)
    assert verbs() == ["forward.set", "forward.ended"]


def test_a_reader_cannot_end_it(forward, ben):
    with pytest.raises(NotNow):
        end(ben, forward)


def test_it_ends_by_itself_and_once(forward, clock):
    clock.shift(HOUR - timedelta(seconds=1))
    ticked.send(sender=None)
    assert verbs() == ["forward.set"]
    clock.shift(1)
    ticked.send(sender=None)
    ticked.send(sender=None)
    event = AuditEvent.objects.order_by("pk").last()
    assert verbs() == ["forward.set", "forward.ended"]
    assert (event.actor_name, event.data) == ("system", {"used": 0, "why": "its time was over"})


# What people see.


def test_everybody_with_a_seat_sees_it(forward, ana, ben, eve, root):
    for user in (ana, ben, root):
        assert standing(user).rows == (forward,)
    assert standing(eve).rows == ()
    assert standing(ana).may_act
    assert not standing(ben).may_act


def test_what_is_over_is_not_shown_even_before_the_clock_ends_it(forward, ana, clock):
    clock.shift(HOUR)
    assert standing(ana).rows == ()


def test_the_token_changes_with_each_use_and_with_the_end(forward, ana):
    tokens = [standing(ana).token]
    answering(forward.connection, rings())
    tokens.append(standing(ana).token)
    end(ana, forward)
    tokens.append(standing(ana).token)
    assert len(set(map(repr, tokens))) == 3


def test_a_pbx_that_never_sent_a_notification_is_named(ana, head_office):
    assert standing(ana).silent == ("Head office",)
    address = NotifyAddress(connection=head_office)
    address.secrets = {"token": "t"}
    address.save()
    assert standing(ana).silent == ("Head office",)
    NotifyAddress.objects.update(received=1)
    assert standing(ana).silent == ()


# In the answer to a notification.


def test_a_ringing_call_is_answered_and_noted(forward, ana):
    assert answering(forward.connection, rings()) == forward
    forward.refresh_from_db()
    assert (forward.used_count, forward.last_used_at) == (1, timezone.now())
    event = AuditEvent.objects.order_by("pk").last()
    assert (event.actor, event.verb) == (ana, "forward.used")
    assert event.data == {
        "caller": CALLER,
        "called": "500",
        "target": "102",
        "notification": "CallChanged",
    }


@pytest.mark.parametrize("number", ["", "501", "5000", "102"])
def test_other_numbers_are_left_alone(forward, number):
    assert answering(forward.connection, rings(number)) is None
    assert verbs() == ["forward.set"]


def test_separators_do_not_matter(forward):
    assert answering(forward.connection, rings("5-0 0"))


def test_an_ended_one_answers_nothing(forward, ana):
    end(ana, forward)
    assert answering(forward.connection, rings()) is None


def test_one_whose_time_is_over_answers_nothing(forward, clock):
    clock.shift(HOUR)
    assert answering(forward.connection, rings()) is None


def test_a_disabled_pbx_is_answered_nothing(forward):
    forward.connection.enabled = False
    assert answering(forward.connection, rings()) is None


def test_each_call_is_sent_on_once(forward):
    assert answering(forward.connection, rings(call_id="H2Wwb"))
    assert answering(forward.connection, rings(call_id="H2Wwb")) is None
    assert answering(forward.connection, rings(call_id="h2wwb", caller="+49301"))
    assert ForwardUse.objects.count() == 2


def test_calls_that_come_back_ring_in_the_end(forward, clock):
    """A target that sends them back would make them go round and round."""
    used = [bool(answering(forward.connection, rings())) for _ in range(5)]
    assert used == [True, True, True, False, False]
    assert answering(forward.connection, rings(caller="+49301"))
    clock.shift(timedelta(minutes=2))
    assert answering(forward.connection, rings())


@pytest.mark.parametrize(
    "change",
    [
        lambda: User.objects.update(is_active=False),
        lambda: User.objects.update(role="readonly"),
        lambda: Seat.objects.all().delete(),
        lambda: Seat.objects.update(sees="own"),
    ],
    ids=["deactivated", "read-only", "no seat", "own calls only"],
)
def test_it_ends_when_who_set_it_may_not_any_more(forward, change):
    change()
    assert answering(forward.connection, rings()) is None
    forward.refresh_from_db()
    assert forward.ended_by_name == "system"
    assert "may not do this any more" in AuditEvent.objects.latest("pk").data["why"]


# By a transfer, where the PBX does not ask.


@pytest.fixture
def by_transfer(monkeypatch, stage, ana):
    monkeypatch.setattr(OzekiDriver, "standing", "transfer")
    row = set_up(ana, stage.connection, "1002", "1003", timezone.now() + HOUR)
    stage.pbx.requests.clear()
    return row


def forwarded(stage) -> int:
    return sum("Forward" in request.command for request in stage.pbx.requests)


def test_the_board_sees_it_ring_and_sends_it_on(stage, by_transfer, ana):
    call = stage.exchange.ring(CALLER, "1002")
    stage.wait()
    assert stage.exchange.call(call).callee == "1003"
    row = Transfer.objects.get()
    assert (row.user, row.kind, row.state) == (ana, "forward", "accepted")
    assert (row.call_id, row.target) == (call, "1003")
    by_transfer.refresh_from_db()
    assert by_transfer.used_count == 1
    used = AuditEvent.objects.get(verb="forward.used")
    assert used.data["receipt"] == row.pk


def test_each_call_is_transferred_exactly_once(stage, by_transfer):
    stage.pbx.switches.effect_delay_seconds = 30
    stage.exchange.ring(CALLER, "1002")
    for _ in range(4):
        stage.wait()
    assert forwarded(stage) == 1
    assert Transfer.objects.count() == 1


def test_a_refusal_is_a_row_and_no_use(stage, by_transfer):
    for command in ("Forward", "ForwardCall"):
        stage.pbx.faults.add("forbidden_address", command=command)
    stage.exchange.ring(CALLER, "1002")
    for _ in range(3):
        stage.wait()
    assert forwarded(stage) == 1
    assert Transfer.objects.get().state == "refused"
    by_transfer.refresh_from_db()
    assert by_transfer.used_count == 0


def test_other_calls_are_left_alone(stage, by_transfer):
    stage.exchange.ring(CALLER, "1004")
    stage.talk("+49301234567", "1002")
    stage.wait()
    assert forwarded(stage) == 0


def test_it_keeps_the_pbx_read_while_nobody_looks(stage, by_transfer):
    stage.clock.shift(timedelta(minutes=5))
    assert list(lease.due(timezone.now())) == []
    ticked.send(sender=None)
    assert [feed.pk for feed in lease.due(timezone.now())] == [stage.feed.pk]


def test_an_answering_pbx_is_not_read_for_it(stage, ana):
    set_up(ana, stage.connection, "1002", "1003", timezone.now() + HOUR)
    stage.clock.shift(timedelta(minutes=5))
    ticked.send(sender=None)
    assert list(lease.due(timezone.now())) == []
    stage.exchange.ring(CALLER, "1002")
    stage.wait()
    assert forwarded(stage) == 0


def test_a_defect_does_not_stop_the_board(stage, by_transfer, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(forwards, "start", broken)
    stage.exchange.ring(CALLER, "1002")
    with caplog.at_level(logging.ERROR, "transfers.forwards"):
        assert stage.wait() is not None
    assert "was not sent on" in caplog.text
