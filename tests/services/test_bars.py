"""The consultation bar over real pictures: begun on the phones, seen, remembered, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.rows import listed, sent
from tests.stage import CALLER
from transfers.desk import Consultation
from transfers.domain import Action, Call, CallState, Leg, Party
from transfers.models import Claim, Feed, Seat, Transfer, User
from transfers.services import consultations
from transfers.services.bars import NO_COMMAND, Bar, bars
from transfers.services.rules import Order, plan
from transfers.services.switchboard import switchboard

JULIA = "Kovács Júlia"


def seen(user: User) -> Bar:
    (bar,) = bars(switchboard(user))
    return bar


def ways(bar: Bar) -> dict[str, str]:
    """Label → why it is disabled; "" when it works."""
    return {way.button.label: way.button.reason for way in bar.ways}


@pytest.fixture
def consulting(stage, ana) -> tuple[str, str]:
    """Ana has put Júlia on hold at her phone and talks to Carol; the ids of the two calls."""
    listed("Carol", "1003")
    held = stage.talk(name=JULIA)
    stage.exchange.hold(held)
    stage.wait()
    other = stage.talk("1001", "1003")
    stage.wait()
    return held, other


# What the bar shows.


def test_a_consultation_of_the_phones_has_its_bar(stage, ana, consulting):
    bar = seen(ana)
    assert bar.words == f"You talk to Carol; {JULIA} is on hold."
    assert (bar.waits, bar.target) == (Party(CALLER, JULIA), Party("1003", "Carol"))
    assert ways(bar) == {"Complete": "", "End call with Carol": "", "Swap": NO_COMMAND}
    assert [way.key for way in bar.ways] == ["b", "e", "s"]  # one key for the way out, everywhere
    assert bar.since == timezone.now() - timedelta(seconds=1)


def test_it_is_hers_alone(stage, ben, root, consulting):
    assert bars(switchboard(ben)) == ()
    assert bars(switchboard(root)) == ()


def test_who_shares_the_phone_shares_the_bar(stage, ana, ben, consulting):
    Seat.objects.filter(user=ben).update(extensions="1002, 1001")
    assert seen(ben).words == seen(ana).words
    assert ways(seen(ben))["Complete"] == "Your account may look, but not act."


def test_no_bar_without_a_consultation_or_a_pbx(stage, ana, consulting):
    stage.connection.enabled = False
    stage.connection.save()
    assert bars(switchboard(ana)) == ()


def test_her_own_keys_are_on_it(stage, ana, consulting):
    ana.preferences = {"keys": {"join": "j", "next": "", "swap": ""}}
    ana.save()
    assert [way.key for way in seen(ana).ways] == ["j", "e", ""]


def test_completing_it_ends_the_bar_and_the_memory(stage, ana, consulting):
    assert Consultation.objects.count() == 1
    held, other = consulting
    row = stage.order(ana, Action.JOIN, held, other_call_id=other)
    assert seen(ana).words == f"Connecting {JULIA} with Carol."
    assert "already on this call" in ways(seen(ana))["Complete"]
    assert stage.wait_for(row).state == Transfer.State.CONFIRMED
    assert bars(switchboard(ana)) == ()
    assert not Consultation.objects.exists()


# What is remembered.


def test_the_target_is_gone(stage, ana, consulting):
    before = switchboard(ana).token
    stage.exchange.hangup(consulting[1])
    stage.wait()
    stage.wait(30)
    bar = seen(ana)
    assert bar.words == f"The call with Carol has ended; {JULIA} is still on hold."
    assert ways(bar) == {"Return to caller": "", "Send elsewhere": "Resume the call first."}
    assert bar.since == timezone.now() - timedelta(seconds=30)
    assert switchboard(ana).token != before
    stage.exchange.retrieve(consulting[0])
    stage.wait()
    assert bars(switchboard(ana)) == ()
    assert not Consultation.objects.exists()


def test_the_target_was_busy_and_the_pbx_says_so(stage, ana):
    held = stage.talk(name=JULIA)
    stage.exchange.hold(held)
    other = stage.exchange.ring("1001", "1003")
    stage.wait()
    assert seen(ana).words == f"1003’s phone rings; {JULIA} is on hold."
    stage.exchange.route(other, "")  # declined
    stage.wait(0.4)
    assert seen(ana).words == f"1003 declined or is busy; {JULIA} is still on hold."


def test_the_caller_is_gone(stage, ana, consulting):
    stage.exchange.hangup(consulting[0])
    stage.wait()
    bar = seen(ana)
    assert bar.words == f"{JULIA} hung up; you still talk to Carol."
    assert bar.ways == ()
    stage.exchange.hangup(consulting[1])
    stage.wait()
    assert not Consultation.objects.exists()


def test_a_missing_call_is_no_news_while_it_is_being_completed(stage, ana, consulting):
    """Where the PBX ends the second call first, no picture between may say "has ended"."""
    held, other = consulting
    row = sent(ana, stage.connection, kind="join", call_id=held, state="accepted")
    Claim.objects.create(connection=stage.connection, call_id=held, transfer=row)
    stage.exchange.hangup(other)
    stage.wait()
    assert Consultation.objects.get().stage == "talking"
    assert seen(ana).words == f"Connecting {JULIA} with Carol."


def test_two_processes_remember_it_once(stage, ana, consulting):
    row = Consultation.objects.get()
    consultations._begin(stage.wait(), consultations.story_of(row))
    assert Consultation.objects.get() == row


def test_two_that_turn_out_to_be_one_go_on_as_one(stage, ana, consulting):
    """The second call was seen under an earlier id too; the board is read all the same."""
    row = Consultation.objects.get()
    Consultation.objects.create(
        feed=row.feed,
        number="1001",
        held_id=row.held_id,
        other_id="its earlier id",
        target_number="1003",
        stage="talking",
    )
    assert stage.wait() is not None
    assert Consultation.objects.get() == row
    assert seen(ana).words == f"You talk to Carol; {JULIA} is on hold."


def test_a_picture_from_before_a_command_is_not_believed(stage, ana, consulting):
    stage.exchange.hangup(consulting[1])
    Feed.objects.update(read_after=timezone.now() + timedelta(seconds=5))
    assert stage.wait() is None
    assert Consultation.objects.get().stage == "talking"


def test_a_pbx_that_is_lost_keeps_the_bar_and_says_why_nothing_works(stage, ana, consulting):
    stage.pbx.refuse()
    stage.wait()
    assert set(ways(seen(ana)).values()) == {"The PBX cannot be reached.", NO_COMMAND}


# From the console.


def ordered(user: User, stage, call_id: str, state: str) -> Transfer:
    values = {"called_number": "1001", "caller_name": JULIA, "caller_number": CALLER}
    values |= {"kind": "consult", "call_id": call_id, "state": state}
    return sent(user, stage.connection, created_at=timezone.now(), **values)


def test_what_was_ordered_has_its_bar_at_once(stage, ana, consulting):
    held = stage.talk("+49301234567")
    stage.wait()
    row = ordered(ana, stage, held, "sending")
    Claim.objects.create(connection=stage.connection, call_id=held, transfer=row)
    bar = bars(switchboard(ana))[-1]
    assert bar.words == "Calling Carol; +49301234567 is put on hold."
    assert "already on this call" in ways(bar)["Complete"]


@pytest.mark.parametrize("state", ["missed", "refused", "unknown"])
def test_a_target_nobody_saw_leaves_the_caller_on_hold_and_that_is_said(stage, ana, state):
    held = stage.talk(name=JULIA)
    stage.exchange.hold(held)
    ordered(ana, stage, held, state)
    stage.wait()
    bar = seen(ana)
    assert bar.words == f"Carol Weiss was not reached; {JULIA} is still on hold."
    assert ways(bar)["Return to caller"] == ""


def test_what_never_left_us_put_nobody_on_hold(stage, ana):
    held = stage.talk(name=JULIA)
    stage.exchange.hold(held)
    row = ordered(ana, stage, held, "refused")
    Transfer.objects.move(row.pk, ("refused",), replied_at=None)
    stage.wait()
    assert bars(switchboard(ana)) == ()


# After a swap the consultation is the call that waits.


@pytest.mark.parametrize("kind", [Action.CANCEL, Action.JOIN])
def test_after_a_swap_it_is_still_the_caller_who_is_gone_back_to_or_sent_on(
    head_office, ana, monkeypatch, kind
):
    can = frozenset({kind})
    first = Call("a", CallState.TALKING, "", Party(CALLER), Party("1001"), actions=can)
    asked = Call(*("b", CallState.HELD, "", Party("1001"), Party("1003")), actions=can, related="a")
    pictured = {"a": first, "b": asked}
    monkeypatch.setattr("transfers.services.rules.reliable_picture", lambda *_: None)
    monkeypatch.setattr("transfers.services.rules._visible_call", lambda *args: pictured[args[-1]])
    for one, other in (("a", "b"), ("b", "a")):
        made = plan(ana, head_office, Order(kind, one, other_call_id=other))
        assert made.other is not None
        assert (made.call.id, made.other.id) == ("a", "b")
        assert (made.target, made.leaves) == ("1003", Leg.CALLEE)
