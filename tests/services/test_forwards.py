"""Standing forwards: who may set what, when they end, and what they do with a call."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.rows import listed, sent
from tests.stage import CALLER
from transfers.board import lease
from transfers.board.signals import picture_taken, ticked
from transfers.domain import Notice
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.errors import CallGone, NotSupported, OutcomeUnknown, Unreachable
from transfers.models import AuditEvent, Claim, Feed, PbxConnection, Seat, Transfer, User
from transfers.sentences import pack
from transfers.services import forwarding, forwards
from transfers.services.forwarding import answering
from transfers.services.forwards import end, set_up, standing
from transfers.services.rules import NotNow
from transfers.standing import ForwardUse, NotifyAddress, StandingForward

HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as stands:
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
    listed("Carol Weiss", "102")
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


@pytest.mark.parametrize("target", ["reception (2)", "sip/carol"])
def test_what_the_answer_could_not_say_is_refused_at_once(ana, head_office, clock, target):
    assert "cannot be dialled" in refused(ana, head_office, target=target)


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
    assert (event.actor_name, event.data) == (
        "system",
        {
            "used": 0,
            "arrived": 0,
            "why": pack(forwards.OVER),
        },
    )


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


def test_each_call_is_sent_on_once(forward, clock):
    assert answering(forward.connection, rings(call_id="H2Wwb"))
    assert answering(forward.connection, rings(call_id="h2wwb", caller="+49301"))
    clock.shift(forwarding.REPEATED)
    assert answering(forward.connection, rings(call_id="H2Wwb")) is None
    assert ForwardUse.objects.count() == 2


# The same notification once more, because the PBX did not hear our answer.


def counted(forward) -> tuple[int, int, int]:
    forward.refresh_from_db()
    return forward.used_count, ForwardUse.objects.count(), Transfer.objects.count()


def test_a_repeated_notification_gets_the_same_answer_and_counts_once(forward):
    for _ in range(5):
        assert answering(forward.connection, rings(call_id="a")) == forward
    assert counted(forward) == (1, 1, 1)
    assert verbs() == ["forward.set", "forward.used"]


def test_another_kind_of_notification_is_no_repetition(forward):
    assert answering(forward.connection, rings(call_id="a"))
    other = Notice("RoutingInterception", "500", CALLER, "a")
    assert answering(forward.connection, other) is None
    assert counted(forward) == (1, 1, 1)


def test_a_call_that_was_seen_at_the_target_has_come_back(forward):
    assert answering(forward.connection, rings(call_id="a"))
    Transfer.objects.move(Transfer.objects.get().pk, ("accepted",), seen={"moved": True})
    assert answering(forward.connection, rings(call_id="a")) is None


def test_the_last_of_the_three_is_repeated_too(forward):
    for call_id in "abc":
        assert answering(forward.connection, rings(call_id=call_id))
    assert answering(forward.connection, rings(call_id="c")) == forward
    assert answering(forward.connection, rings(call_id="d")) is None


def test_without_the_call_s_id_the_caller_tells(forward):
    assert answering(forward.connection, rings()) == forward
    assert answering(forward.connection, rings()) == forward
    assert counted(forward) == (1, 1, 1)
    assert answering(forward.connection, rings(caller="+49301")) == forward
    assert counted(forward) == (2, 2, 2)


def test_of_callers_without_a_number_each_call_is_its_own(forward):
    for _ in range(3):
        assert answering(forward.connection, rings(caller=""))
    assert counted(forward) == (3, 3, 3)


def test_after_its_end_a_repetition_is_answered_nothing(forward, ana):
    answering(forward.connection, rings(call_id="a"))
    end(ana, forward)
    assert answering(forward.connection, rings(call_id="a")) is None


def test_a_call_somebody_is_moving_is_left_alone(forward, ana, head_office):
    row = sent(ana, head_office, call_id="a", state="accepted", settled_at=None)
    Claim.objects.create(connection=head_office, call_id="a", transfer=row)
    assert answering(forward.connection, rings(call_id="a")) is None
    assert counted(forward) == (0, 0, 1)


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
    assert used.transfer == row


def test_each_call_is_transferred_exactly_once(stage, by_transfer):
    stage.pbx.switches.effect_delay_seconds = 30
    stage.exchange.ring(CALLER, "1002")
    for _ in range(4):
        stage.wait()
    assert forwarded(stage) == 1
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize(("caller", "said"), [(CALLER, CALLER), ("anonymous", "Number withheld")])
def test_a_refusal_is_a_row_no_use_and_final_for_this_call(stage, by_transfer, caller, said):
    """A PBX that said no is not asked again; the call rings on, and the reason is shown."""
    for command in ("Forward", "ForwardCall"):
        stage.pbx.faults.add("forbidden_address", command=command)
    stage.exchange.ring(caller, "1002")
    for _ in range(3):
        stage.wait()
    assert forwarded(stage) == 1
    row = Transfer.objects.get()
    assert (row.state, row.standing, bool(row.vendor_text)) == ("refused", True, True)
    by_transfer.refresh_from_db()
    assert by_transfer.used_count == 0
    assert by_transfer.trouble == f"{said}: Refused: {row.observed}"


def break_commands(monkeypatch, error: Exception) -> list[str]:
    """Every command to forward ends so; the calls it was for."""
    sent_for: list[str] = []

    def fail(_: OzekiDriver, call, target: str) -> None:
        sent_for.append(call.id)
        raise error

    monkeypatch.setattr(OzekiDriver, "forward", fail)
    return sent_for


def test_where_nothing_was_sent_it_is_tried_three_times(stage, by_transfer, monkeypatch):
    tried = break_commands(monkeypatch, Unreachable("No connection."))
    call = stage.exchange.ring(CALLER, "1002")
    for _ in range(6):
        stage.wait()
    assert tried == [call] * 3
    assert [row.state for row in Transfer.objects.all()] == ["failed"] * 3
    by_transfer.refresh_from_db()
    assert by_transfer.trouble == f"{CALLER}: Not done: No connection."


def test_the_second_try_may_work(stage, by_transfer, monkeypatch):
    with monkeypatch.context() as broken:
        break_commands(broken, Unreachable("No connection."))
        call = stage.exchange.ring(CALLER, "1002")
        stage.wait()
    stage.wait()
    assert stage.exchange.call(call).callee == "1003"
    assert forwarded(stage) == 1
    by_transfer.refresh_from_db()
    assert by_transfer.used_count == 1


@pytest.mark.parametrize(
    "error", [OutcomeUnknown("No answer came."), CallGone("Gone."), NotSupported("Not so.")]
)
def test_silence_and_a_no_are_not_tried_again(stage, by_transfer, monkeypatch, error):
    tried = break_commands(monkeypatch, error)
    stage.exchange.ring(CALLER, "1002")
    for _ in range(4):
        stage.wait()
    assert len(tried) == 1
    by_transfer.refresh_from_db()
    assert error.safe_text in by_transfer.trouble


def test_a_try_of_somebody_else_leaves_the_call_alone(stage, by_transfer, ana):
    call = stage.exchange.ring(CALLER, "1002")
    row = sent(ana, stage.connection, call_id=call, state="accepted", settled_at=None)
    Claim.objects.create(connection=stage.connection, call_id=call, transfer=row)
    stage.wait()
    Claim.objects.all().delete()
    stage.wait()
    assert forwarded(stage) == 0
    by_transfer.refresh_from_db()
    assert "is already on this call" in by_transfer.trouble


# It acts on the picture it was given.


@pytest.fixture
def reads(stage, monkeypatch):
    """The reads of the PBX that are under way at the same time: at most one, or it is nested."""
    depths: list[int] = []
    under_way: list[None] = []
    real = OzekiDriver.list_calls

    def counted_read(driver):
        depths.append(len(under_way))
        return real(driver)

    def inside(**_: object) -> None:
        under_way.append(None)

    def outside(**_: object) -> None:
        under_way.pop()

    monkeypatch.setattr(OzekiDriver, "list_calls", counted_read)
    forward_ringing = forwarding.forward_ringing

    def watched(**kwargs: object) -> None:
        inside()
        try:
            forward_ringing(**kwargs)
        finally:
            outside()

    picture_taken.disconnect(forward_ringing)
    picture_taken.connect(watched)
    yield depths
    picture_taken.disconnect(watched)
    picture_taken.connect(forward_ringing)


def test_it_reads_nothing_while_it_handles_a_picture(stage, by_transfer, reads):
    calls = [stage.exchange.ring(f"+3615550{n}", "1002") for n in range(3)]
    for _ in range(4):
        stage.wait()
    assert [stage.exchange.call(call).callee for call in calls] == ["1003"] * 3
    assert set(reads) == {0}
    assert len(reads) == 4


def test_each_picture_sends_on_one_call(stage, by_transfer):
    for n in range(2):
        stage.exchange.ring(f"+3615550{n}", "1002")
    stage.wait()
    assert forwarded(stage) == 1
    assert stage.feed.due_at == timezone.now()


def test_an_old_picture_moves_nothing(stage, by_transfer):
    stage.exchange.ring(CALLER, "1002")
    with mute(forwarding.forward_ringing):
        picture = stage.wait()
    Feed.objects.update(read_after=timezone.now() + timedelta(milliseconds=1))
    forwarding.forward_ringing(picture)
    assert forwarded(stage) == 0
    assert not ForwardUse.objects.exists()


@contextmanager
def mute(handler):
    picture_taken.disconnect(handler)
    yield
    picture_taken.connect(handler)


# What became of the calls.


def counts(forward) -> tuple[int, int]:
    forward.refresh_from_db()
    return forward.used_count, forward.arrived_count


@pytest.fixture(params=["answer", "transfer"])
def either(request, monkeypatch, stage, ana):
    """A forward from 1002 to 1003, and send_on(): a call for 1002 that it sends on, by its way."""
    monkeypatch.setattr(OzekiDriver, "standing", request.param)
    row = set_up(ana, stage.connection, "1002", "1003", timezone.now() + HOUR)

    def send_on(obeyed: bool = True) -> str:
        call: str = stage.exchange.ring(CALLER, "1002")
        if request.param == "transfer":
            stage.pbx.switches.effect_delay_seconds = 0 if obeyed else 600
            stage.wait()
        else:
            assert answering(stage.connection, rings("1002", call))
            if obeyed:
                stage.exchange.forward(call, "1003")
        return call

    return row, send_on


def test_sent_is_not_arrived(stage, either):
    forward, send_on = either
    call = send_on()
    assert counts(forward) == (1, 0)
    stage.wait()
    row = Transfer.objects.get()
    assert (row.state, row.observed, counts(forward)) == ("accepted", "1003 is ringing.", (1, 0))
    stage.exchange.answer(call)
    stage.wait()
    row.refresh_from_db()
    assert (row.state, counts(forward)) == ("confirmed", (1, 1))
    assert forward.trouble == ""


def test_a_target_that_does_not_answer_is_told(stage, either):
    forward, send_on = either
    call = send_on()
    stage.wait()
    stage.exchange.hangup(call)
    stage.wait_for(Transfer.objects.get())
    assert counts(forward) == (1, 0)
    assert f"{CALLER}: Did not arrive: 1003 rang" in forward.trouble


def test_what_the_pbx_did_not_do_is_told(stage, either):
    forward, send_on = either
    call = send_on(obeyed=False)
    row = stage.wait_for(Transfer.objects.get())
    assert (row.state, stage.exchange.call(call).callee) == ("failed", "1002")
    assert counts(forward) == (1, 0)
    assert "later the call was as before" in forward.trouble
    assert not Claim.objects.exists()


def test_what_nobody_saw_is_unknown(stage, either):
    forward, send_on = either
    stage.exchange.rules.linger_seconds = 0
    call = send_on(obeyed=False)
    stage.exchange.hangup(call)
    for _ in range(25):
        stage.wait()
    assert Transfer.objects.get().state == "unknown"
    assert counts(forward) == (1, 0)
    assert f"{CALLER}: Unknown: The call is gone" in forward.trouble


def test_the_trouble_goes_when_a_later_call_arrives(stage, either):
    forward, send_on = either
    stage.exchange.hangup(send_on())
    stage.wait_for(Transfer.objects.latest("pk"))
    call = send_on()
    stage.wait()
    stage.exchange.answer(call)
    stage.wait()
    assert (counts(forward), forward.trouble) == ((2, 1), "")


def test_the_answered_pbx_is_read_until_there_is_a_verdict(forward, head_office):
    Feed.objects.update(watched_until=timezone.now())
    assert not lease.due(timezone.now()).exists()
    answering(head_office, rings(call_id="a"))
    assert lease.due(timezone.now()).exists()


def test_without_any_picture_the_answer_ends_in_unknown(forward, clock):
    answering(forward.connection, rings(call_id="a"))
    clock.shift(31)
    ticked.send(sender=None)
    row = Transfer.objects.get()
    assert row.state == "unknown"
    assert row.observed == "It was answered so; nothing could be seen afterwards."


def test_a_call_without_a_name_is_recognised_by_its_people(stage, ana):
    """Even when the board has seen it before, and others of the caller beside it."""
    set_up(ana, stage.connection, "1002", "1003", timezone.now() + HOUR)
    stage.talk(CALLER, "1003")
    call = stage.exchange.ring(CALLER, "1002")
    stage.wait()
    answering(stage.connection, rings("1002"))
    stage.wait()
    row = Transfer.objects.get()
    assert (row.state, row.call_id) == ("accepted", "")
    stage.exchange.forward(call, "1003")
    stage.exchange.answer(call)
    assert stage.wait_for(row).state == "confirmed"


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

    monkeypatch.setattr(forwarding, "start", broken)
    stage.exchange.ring(CALLER, "1002")
    with caplog.at_level(logging.ERROR, "transfers.forwards"):
        assert stage.wait() is not None
    assert "was not sent on" in caplog.text
