"""After a transfer: how long its receipt stays, when an alert is raised, and what it offers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.rows import sent
from tests.stage import CALLER
from transfers.board import lease
from transfers.desk import Dismissal
from transfers.domain import Action
from transfers.models import Feed, Seat, Transfer, User
from transfers.services import afterwards, recent
from transfers.services.afterwards import BACK, ELSEWHERE, Alert, alerts
from transfers.services.notes import Notes
from transfers.services.outcomes import RING_WATCH
from transfers.services.switchboard import switchboard

State = Transfer.State
JULIA = "Kovács Júlia"


@pytest.fixture
def call(stage) -> str:
    """Júlia talks to Ana. Carol's phone rings 20 s, then the PBX brings the call back."""
    stage.exchange.rules.no_answer_returns = True
    stage.exchange.behave("1003", name="Carol", ring_seconds=20)
    made: str = stage.talk(name=JULIA)
    stage.wait()
    return made


def told(user: User) -> Alert:
    (alert,) = alerts(switchboard(user))
    return alert


def ways(alert: Alert) -> dict[str, str]:
    return {way.button.label: way.button.reason for way in alert.ways}


def pass_time(stage, seconds: int) -> None:
    for _ in range(seconds):
        stage.wait()


# The receipt.


def test_the_receipt_stays_until_the_target_answered_and_then_a_short_time(stage, ana, call):
    stage.exchange.behave("1003", ring_seconds=200)
    row = stage.blind(ana, call)
    pass_time(stage, 100)
    assert switchboard(ana).receipts == (row,), "it still rings"
    stage.exchange.answer(next(c.id for c in stage.exchange.calls() if c.live))
    stage.wait()
    (shown,) = switchboard(ana).receipts
    assert (shown.state, shown.observed) == (State.CONFIRMED, "1003 rang 100 s, answered 10:01:43.")
    token = switchboard(ana).token
    stage.clock.shift(recent.STAYS)
    assert switchboard(ana).receipts == ()
    assert switchboard(ana).token != token


def test_only_the_newest_of_what_is_over_is_shown_and_all_that_is_not(head_office, ana):
    for n in range(7):
        sent(ana, head_office, call_id=str(n), settled_at=timezone.now())
    values = {"settled_at": None, "created_at": timezone.now() - timedelta(minutes=2)}
    running = sent(ana, head_office, state="accepted", **values)
    shown = switchboard(ana).receipts
    assert len(shown) == recent.RECEIPTS + 1
    assert shown[-1] == running


def test_of_a_call_that_was_acted_on_again_the_newest_is_shown(head_office, ana):
    now = timezone.now()
    for kind, state in (("consult", "confirmed"), ("join", "confirmed"), ("hold", "refused")):
        sent(ana, head_office, kind=kind, state=state, settled_at=now)
    kinds = [row.kind for row in switchboard(ana).receipts]
    assert kinds == ["hold", "join"], "what was refused changes nothing"


# When somebody is told.


def test_nobody_answered_and_the_call_came_back(stage, ana, call):
    stage.blind(ana, call)
    pass_time(stage, 19)
    assert alerts(switchboard(ana)) == ()
    pass_time(stage, 4)
    alert = told(ana)
    assert alert.headline == f"{JULIA} did not reach 1003."
    assert alert.seen == "1003 rang 19 s, not answered; the call came back to 1001."
    assert ways(alert) == {ELSEWHERE: ""}, "it rings at her own phone already"
    assert alert.ways[0].button.action is Action.FORWARD
    assert alert.ways[0].row.call.caller.number == CALLER


def give_up(stage, user: User, call: str) -> None:
    """Carol does not answer, and the caller hangs up."""
    stage.blind(user, call)
    pass_time(stage, 5)
    stage.exchange.hangup(next(c.id for c in stage.exchange.calls() if c.live))
    pass_time(stage, 5)


def test_the_caller_gave_up(stage, ana, call):
    give_up(stage, ana, call)
    alert = told(ana)
    assert alert.headline == f"{JULIA} did not reach 1003."
    assert alert.seen.startswith("1003 rang ")
    assert alert.ways == ()
    assert alert.calls == "", "this PBX calls nobody for the console"


@pytest.fixture
def dials(monkeypatch) -> None:
    """This PBX can call somebody from her phone."""
    monkeypatch.setattr(afterwards, "why_not", lambda _connection: "")


def test_who_gave_up_can_be_called_back_until_she_has_called_again(stage, ana, call, dials):
    give_up(stage, ana, call)
    assert told(ana).calls == CALLER
    stage.exchange.ring(CALLER, "1001")
    stage.wait()
    assert told(ana).calls == ""


def test_nobody_is_called_back_without_a_phone_or_by_who_only_looks_on(stage, ana, call, dials):
    give_up(stage, ana, call)
    Seat.objects.filter(user=ana).update(extensions="")
    assert told(ana).calls == ""
    Seat.objects.filter(user=ana).update(extensions="1001")
    ana.role = User.Role.READONLY
    assert told(ana).calls == ""


def test_a_hidden_number_is_not_called_back(stage, ana, dials):
    call = stage.talk("anonymous")
    stage.wait()
    give_up(stage, ana, call)
    assert told(ana).calls == ""


def test_the_target_was_busy(stage, ana, call):
    stage.exchange.rules.no_answer_returns = False
    stage.exchange.rules.linger_seconds = 5
    stage.exchange.behave("1003", busy=True)
    stage.wait_for(stage.blind(ana, call))
    assert told(ana).seen == "1003 was busy."


def test_a_target_that_rings_for_long_is_told_before_the_end(stage, ana, call, settings):
    settings.PBX_NO_ANSWER_SECONDS = 10
    row = stage.blind(ana, call)
    pass_time(stage, 9)
    assert alerts(switchboard(ana)) == ()
    token = switchboard(ana).token
    pass_time(stage, 3)
    alert = told(ana)
    assert switchboard(ana).token != token
    assert alert.headline == f"1003 has not answered {JULIA} yet."
    assert alert.since == timezone.now() - timedelta(seconds=11)
    assert ways(alert) == {ELSEWHERE: "", BACK: ""}
    assert switchboard(ana).receipts == (row,)


def test_taking_it_back_ends_the_alert(stage, ana, call, settings):
    settings.PBX_NO_ANSWER_SECONDS = 3
    stage.blind(ana, call)
    pass_time(stage, 5)
    back = told(ana).ways[-1]
    assert (back.target, back.button.dialog) == ("1001", False)
    done = stage.order(ana, Action.FORWARD, back.row.call.id, back.target)
    assert done.state == State.ACCEPTED
    assert alerts(switchboard(ana)) == ()
    pass_time(stage, 3)
    assert alerts(switchboard(ana)) == (), "what became of the first one is no news any more"
    stage.exchange.answer(next(c.id for c in stage.exchange.calls() if c.live))
    stage.wait()
    done.refresh_from_db()
    assert (done.state, done.observed[:9]) == (State.CONFIRMED, "1001 rang")


def test_a_refused_onward_attempt_keeps_the_alert(stage, ana, call):
    stage.blind(ana, call)
    pass_time(stage, 25)
    again = stage.order(ana, Action.FORWARD, told(ana).ways[0].row.call.id, "nobody at all!")
    assert again.state == State.REFUSED
    assert told(ana).headline == f"{JULIA} did not reach 1003."


@pytest.mark.parametrize(
    ("values", "headline"),
    [
        ({"state": "missed"}, "Kovács Júlia did not reach Carol Weiss."),
        ({"state": "missed", "target_name": ""}, "Kovács Júlia did not reach 1003."),
        (
            {"state": "missed", "caller_name": "", "caller_number": ""},
            "A caller without a number did not reach Carol Weiss.",
        ),
        ({"state": "missed", "leaves": "caller"}, "Reception did not reach Carol Weiss."),
        ({"state": "failed"}, "Kovács Júlia was not sent to Carol Weiss."),
        ({"state": "unknown"}, "Nobody knows whether Kovács Júlia reached Carol Weiss."),
    ],
)
def test_each_bad_end_has_its_sentence(head_office, ana, values, headline):
    sent(ana, head_office, called_name="Reception", **values)
    assert told(ana).headline == headline


@pytest.mark.parametrize(
    "values",
    [
        {"state": "confirmed"},
        {"state": "refused"},  # told in the dialog
        {"state": "failed", "vendor_code": "", "code": "unreachable"},  # that, too
        {"state": "missed", "kind": "hold"},
        {"state": "missed", "kind": "consult"},  # the bar tells it
        {"state": "missed", "standing": True},
        {"state": "unknown", "settled_at": None, "watch_until": timezone.now()},
        {"state": "accepted", "settled_at": None},
        {"state": "accepted", "settled_at": None, "seen": {"rang_at": None, "moved": True}},
    ],
)
def test_what_is_well_or_told_elsewhere_raises_none(head_office, ana, values):
    sent(ana, head_office, **values)
    assert alerts(switchboard(ana)) == ()


def test_only_who_sent_it_is_told_and_not_for_ever(stage, ana, root):
    row = sent(ana, stage.connection, state="missed")
    assert alerts(switchboard(root)) == ()
    assert told(ana).transfer == row
    stage.clock.shift(recent.ALERTS_FOR + RING_WATCH)
    assert alerts(switchboard(ana)) == ()


def test_what_was_put_away_stays_away_for_her_alone(head_office, ana, root):
    row = sent(ana, head_office, state="missed")
    before = switchboard(ana).token
    afterwards.dismiss(root, row)
    assert told(ana).transfer == row
    afterwards.dismiss(ana, row)
    afterwards.dismiss(ana, row)
    assert alerts(switchboard(ana)) == ()
    assert switchboard(ana).token != before
    assert Dismissal.objects.count() == 2


# Which call it is about.


def test_a_call_she_may_not_see_is_not_offered(stage, ana):
    stage.talk("+49301234567", "1002")
    stage.wait()
    values = {"caller_number": "+49301234567", "called_number": "1001"}
    sent(ana, stage.connection, state="missed", **values)
    assert ways(told(ana)) == {ELSEWHERE: ""}
    Seat.objects.filter(user=ana).update(sees="own")
    assert told(ana).ways == ()


def test_two_calls_of_the_same_number_are_not_guessed_between(stage, ana):
    for callee in ("1002", "1004"):
        stage.talk("+49301234567", callee)
    stage.wait()
    sent(ana, stage.connection, state="missed", caller_number="+49301234567")
    assert told(ana).ways == ()


def test_who_called_again_and_was_sent_on_is_left_where_she_is(stage, ana, call):
    stage.blind(ana, call)
    pass_time(stage, 5)
    stage.exchange.hangup(next(c.id for c in stage.exchange.calls() if c.live))
    pass_time(stage, 5)
    again = stage.talk(name=JULIA)
    stage.wait()
    assert ways(told(ana)) == {ELSEWHERE: ""}
    stage.exchange.behave("1004", answers_after=1)
    stage.blind(ana, again, "1004")
    pass_time(stage, 5)
    assert Transfer.objects.latest("pk").state == State.CONFIRMED
    assert ways(told(ana)) == {}


def test_the_call_it_was_seen_in_goes_before_the_number(stage, ana):
    stage.talk("+49301234567", "1002")
    second = stage.talk("+49301234567", "1004")
    stage.wait()
    seen = Notes(call=second).to_json()
    sent(ana, stage.connection, state="missed", caller_number="+49301234567", seen=seen)
    assert told(ana).ways[0].row.call.id == second


def test_a_disabled_pbx_still_tells_and_offers_nothing(stage, ana, call):
    sent(ana, stage.connection, state="missed", call_id=call)
    stage.connection.enabled = False
    stage.connection.save()
    assert told(ana).ways == ()


# What it costs the PBX.


def test_watching_a_ringing_target_reads_no_more_than_the_board_and_ends(stage, ana, call):
    """Nobody looks any more: the feed is due for as long as the watch lasts, and not longer."""
    stage.exchange.behave("1003", ring_seconds=10_000)
    row = stage.blind(ana, call)
    pass_time(stage, 40)
    before = stage.pbx.count("ListActiveCalls")
    pass_time(stage, 20)
    assert stage.pbx.count("ListActiveCalls") == before + 20, "one read for each interval"
    Feed.objects.update(watched_until=timezone.now())
    assert lease.due(timezone.now() + timedelta(seconds=2)).exists()
    stage.clock.shift(RING_WATCH)
    stage.wait()
    row.refresh_from_db()
    assert (row.state, row.watch_until) == (State.UNKNOWN, None)
    assert not lease.due(timezone.now() + timedelta(seconds=2)).exists()
    assert told(ana).headline == f"Nobody knows whether {JULIA} reached 1003."
