"""Several people, one call: who looks at it, who was faster, and what became of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.conftest import person
from tests.rows import sent
from transfers.desk import Attention
from transfers.domain import Action, Leg
from transfers.models import Claim, Seat, Transfer, User
from transfers.services import company
from transfers.services.switchboard import Row, row_of, switchboard


@pytest.fixture
def dora(db, head_office) -> User:
    user = person("dora", "receptionist", first="Dora", last="Nagy")
    Seat.objects.create(user=user, connection=head_office, extensions="1004", sees="all")
    return user


@pytest.fixture
def talking(stage) -> str:
    call: str = stage.talk(name="Kovács Júlia")
    stage.wait()
    return call


def row(user: User, stage, call: str) -> Row:
    found = row_of(user, stage.connection, call)
    assert found is not None
    return found


def test_the_others_see_who_has_the_dialog_open_and_she_does_not(stage, ana, dora, talking):
    before = switchboard(dora).token, switchboard(ana).token
    company.attend(ana, stage.connection, talking)
    assert row(dora, stage, talking).others == "Ana Kovács is on it since 10:00:01"
    assert row(ana, stage, talking).others == ""
    assert switchboard(dora).token != before[0]
    assert switchboard(ana).token == before[1]


def test_two_on_it_are_both_named_to_a_third(stage, ana, dora, root, talking):
    company.attend(ana, stage.connection, talking)
    stage.clock.shift(timedelta(seconds=4))
    company.attend(dora, stage.connection, talking)
    words = row(root, stage, talking).others
    assert words == "Ana Kovács and Dora Nagy are on it since 10:00:01"


def test_it_ends_with_the_dialog(stage, ana, dora, talking):
    company.attend(ana, stage.connection, talking)
    company.leave(ana, stage.connection, talking)
    assert row(dora, stage, talking).others == ""
    assert not Attention.objects.exists()


def test_a_browser_that_is_gone_is_forgotten(stage, ana, dora, talking):
    company.attend(ana, stage.connection, talking)
    stage.clock.shift(company.LEASE - timedelta(seconds=1))
    company.attend(ana, stage.connection, talking)  # the dialog renews it, and it goes on
    stage.clock.shift(company.LEASE - timedelta(seconds=1))
    assert row(dora, stage, talking).others == "Ana Kovács is on it since 10:00:01"
    stage.clock.shift(timedelta(seconds=1))
    assert row(dora, stage, talking).others == ""


def test_what_is_over_is_cleared_away_and_begins_anew(stage, ana, dora, talking):
    company.attend(ana, stage.connection, talking)
    stage.clock.shift(timedelta(minutes=1))
    company.attend(ana, stage.connection, talking)
    assert Attention.objects.count() == 1
    assert row(dora, stage, talking).others == "Ana Kovács is on it since 10:01:01"


def test_it_never_stops_anybody(stage, ana, dora, talking):
    company.attend(ana, stage.connection, talking)
    assert all(not b.reason for b in row(dora, stage, talking).shown)
    done = stage.order(dora, Action.HOLD, talking)
    assert done.state == Transfer.State.ACCEPTED


def test_a_command_under_way_says_more_than_an_open_dialog(stage, ana, dora, talking):
    company.attend(ana, stage.connection, talking)
    stage.blind(ana, talking)
    assert "is already on this call" in row(dora, stage, talking).claim


def test_who_comes_too_late_is_told_who_and_what_became_of_it(stage, ana, dora, talking):
    stage.exchange.behave("1003", answers_after=2)
    stage.wait_for(stage.blind(ana, talking))
    late = stage.blind(dora, talking, "1002", leaves=Leg.CALLEE)
    assert late.code == "call_gone"
    assert late.observed.startswith("This call is not there any more. Nothing was sent. Ana Kovács")
    assert "Blind transfer to 1003, 10:00:03. Arrived: 1003 rang" in late.observed
    assert len([r for r in stage.pbx.requests if r.command == "BlindTransfer"]) == 1


@pytest.mark.parametrize(("state", "word"), [("sending", "Sending"), ("unknown", "Unknown")])
def test_what_is_not_known_to_have_arrived_is_told_too(head_office, ana, dora, state, word):
    """A PBX may tell of the move before it answers to the command."""
    sent(ana, head_office, state=state, observed="")
    told = company.what_became(dora, head_office, ["101"])
    assert re.fullmatch(rf"Ana Kovács: Blind transfer to 1003 .*\. {word}\.", told)


def test_so_is_she_where_the_pbx_still_lists_the_ended_call(stage, ana, dora, talking):
    stage.pbx.switches.linger_seconds = 60
    stage.blind(ana, talking)
    ended = stage.blind(dora, talking, "1004", leaves=Leg.CALLEE)
    assert (ended.code, ended.state) == ("call_gone", "refused")
    assert ended.observed.startswith("The call has ended. Ana Kovács: Blind transfer to 1003, ")


def test_a_call_nobody_moved_tells_of_nobody(stage, ana, talking):
    stage.exchange.hangup(talking)
    late = stage.blind(ana, talking)
    assert late.observed == "This call is not there any more. Nothing was sent."


@pytest.mark.parametrize("kind", ["hold", "retrieve", "consult", "cancel", "swap"])
def test_what_leaves_the_call_where_it_is_made_nobody_late(head_office, ana, kind):
    sent(ana, head_office, kind=kind)
    assert company.what_became(ana, head_office, ["101"]) == ""


def test_what_was_refused_or_long_ago_made_nobody_late(head_office, ana, stage):
    sent(ana, head_office, state="refused")
    sent(ana, head_office, call_id="102")
    stage.clock.shift(company.LATELY)
    assert company.what_became(ana, head_office, ["101"]) == ""
    assert company.what_became(ana, head_office, ["102", ""]) == ""


def test_a_guessed_id_tells_nothing_to_who_may_not_read_it(head_office, ana, dora):
    sent(ana, head_office)
    assert company.what_became(dora, head_office, ["101"]).startswith("Ana Kovács: Blind")
    Seat.objects.filter(user=dora).update(sees="own")
    assert company.what_became(dora, head_office, ["101"]) == ""
    company.attend(dora, head_office, "102")
    assert company.what_became(dora, head_office, ["101"]) == ""


def test_who_had_the_call_before_her_is_told_whose_it_was(head_office, ana, dora, stage):
    sent(ana, head_office)
    Seat.objects.filter(user=dora).update(sees="own")
    company.attend(dora, head_office, "101")
    assert company.what_became(dora, head_office, ["101"]).startswith("Ana Kovács: Blind")
    stage.clock.shift(company.LEASE)
    assert company.what_became(dora, head_office, ["101"]) == ""


def test_the_loser_of_the_race_for_one_claim_is_told_who_and_when(stage, ana, dora, talking):
    stage.pbx.switches.effect_delay_seconds = 60
    stage.blind(ana, talking)
    lost = stage.blind(dora, talking, "1002", leaves=Leg.CALLEE)
    said = "Ana Kovács is already on this call (Blind transfer, 10:00:03). Nothing was sent."
    assert (lost.code, lost.observed) == ("taken", said)
    assert Claim.objects.count() == 1
