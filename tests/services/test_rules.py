"""Who the transferor is, which two calls belong together, and what makes an order impossible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from transfers.board import accounts
from transfers.board.snapshot import dump_calls
from transfers.domain import Action, Call, CallState, Leg, Party
from transfers.models import Feed, Seat, Transfer
from transfers.services import rules
from transfers.services.rules import NotNow, Order, common_party, dialable, partner, transferor
from transfers.services.transfers import start

S = CallState
JULIA, PETER, ANA, CAROL, DAVE = "+3615550142", "+3615550177", "1001", "1003", "1004"
EVERYTHING = frozenset(Action)


def call(
    call_id: str, caller: str, callee: str, state: S = S.TALKING, actions=EVERYTHING, **more
) -> Call:
    return Call(call_id, state, state.value, Party(caller), Party(callee), actions=actions, **more)


def seat(extensions: str = ANA) -> Seat:
    return Seat(extensions=extensions)


HELD = call("a", JULIA, ANA, S.HELD)
ASKING = call("b", ANA, CAROL)


# The transferor.


@pytest.mark.parametrize(
    ("place", "parties", "leg"),
    [
        (seat(), (JULIA, ANA), Leg.CALLEE),
        (seat(), (ANA, JULIA), Leg.CALLER),
        (seat("1001, 1009"), ("1009", JULIA), Leg.CALLER),
        (seat("10 01"), (JULIA, "10-01"), Leg.CALLEE),
        (seat(), (JULIA, CAROL), None),
        (seat("1001,1009"), ("1001", "1009"), None),
        (seat(""), (JULIA, ""), None),
        (seat("3615550142"), (JULIA, CAROL), None),
        (None, (JULIA, ANA), None),
    ],
)
def test_the_transferor_is_her_own_phone_when_exactly_one_is(place, parties, leg):
    assert transferor(place, call("a", *parties)) is leg


# Two calls that belong together.


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ((JULIA, ANA), (ANA, CAROL), ANA),
        ((ANA, JULIA), (CAROL, ANA), ANA),
        ((JULIA, "10-01"), ("1001", CAROL), ANA),
        ((JULIA, ANA), (PETER, CAROL), ""),
        ((JULIA, ANA), (ANA, JULIA), ""),
        (("", ANA), ("", CAROL), ""),
        (("", ANA), ("", ANA), ANA),
    ],
)
def test_the_common_party(one, other, common):
    assert common_party(call("a", *one), call("b", *other)) == common
    assert common_party(call("b", *other), call("a", *one)) == common


def test_the_partner_is_found_from_either_call():
    assert partner(seat(), HELD, [HELD, ASKING]) is ASKING
    assert partner(seat(), ASKING, [HELD, ASKING]) is HELD


@pytest.mark.parametrize("state", [S.TALKING, S.RINGING, S.DIALING])
def test_a_consultation_may_still_ring(state):
    asking = call("b", ANA, CAROL, state)
    assert partner(seat(), HELD, [asking]) is asking


@pytest.mark.parametrize(
    "others",
    [
        [],
        [HELD],
        [call("b", ANA, CAROL, S.HELD)],
        [call("b", ANA, CAROL, S.ENDED)],
        [call("b", ANA, CAROL, S.UNKNOWN)],
        [call("b", DAVE, CAROL)],
        [call("b", JULIA, CAROL)],
        [call("b", ANA, CAROL, actions=frozenset({Action.HANGUP}))],
    ],
)
def test_a_held_call_without_a_partner(others):
    assert partner(seat(), HELD, others) is None


def test_somebody_else_s_two_calls_are_not_hers():
    calls = [call("a", JULIA, DAVE, S.HELD), call("b", DAVE, CAROL)]
    assert partner(seat(), calls[0], calls) is None
    assert partner(seat(""), calls[0], calls) is None
    assert partner(None, calls[0], calls) is None


def test_a_call_the_pbx_cannot_join_has_no_partner():
    alone = call("a", JULIA, ANA, S.HELD, actions=frozenset({Action.RETRIEVE}))
    assert partner(seat(), alone, [ASKING]) is None


def test_of_several_partners_it_is_always_the_first():
    """Two wait on hold, one is asked: the button names whom it joins, so it must not jump."""
    second = call("c", PETER, ANA, S.HELD)
    for calls in ([HELD, second, ASKING], [HELD, ASKING, second]):
        assert partner(seat(), ASKING, calls) is HELD
        assert partner(seat(), second, calls) is ASKING
        assert partner(seat(), HELD, calls) is ASKING


# What is dialled.


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        (" 1003 ", "1003"),
        ("+36 (1) 555-0142", "+3615550142"),
        ("*97", "*97"),
        ("carol.weiss", "carol.weiss"),
    ],
)
def test_a_number_is_sent_without_separators_and_a_name_as_it_is(typed, sent):
    assert dialable(typed) == sent


@pytest.mark.parametrize("typed", ["", "  ", "-", "10\n03", "1" * 65, "1003;1004"])
def test_what_cannot_be_dialled(typed):
    with pytest.raises(NotNow) as refusal:
        dialable(typed)
    assert refusal.value.code == "bad_target"


# On which picture.


@pytest.fixture
def on_the_board(head_office):
    """on_the_board(calls…, seconds=…): what was seen so many seconds ago."""

    def show(*calls: Call, seconds: float = 0) -> None:
        at = timezone.now() - timedelta(seconds=seconds)
        Feed.objects.update(calls=dump_calls(calls), taken_at=at, started_at=at)

    return show


def refusal(user, connection, **order) -> Transfer:
    wanted = {"kind": Action.BLIND, "call_id": "a", "target": CAROL} | order
    row = start(user, connection, Order(**wanted))
    assert row.state == Transfer.State.REFUSED
    return row


def test_nothing_is_sent_on_an_old_picture(ana, head_office, on_the_board, monkeypatch):
    """The PBX is read by somebody else just now, and takes too long."""
    on_the_board(call("a", JULIA, ANA), seconds=60)
    monkeypatch.setattr("transfers.board.lease.claim", lambda *_: False)
    monkeypatch.setattr("django.conf.settings.PBX_READ_SECONDS", 0.01)
    row = refusal(ana, head_office)
    assert row.code == "stale"
    assert row.observed == "Nothing was sent: Head office could not be read in time."


def test_nor_on_none(ana, head_office, monkeypatch):
    monkeypatch.setattr("transfers.board.lease.claim", lambda *_: False)
    monkeypatch.setattr("django.conf.settings.PBX_READ_SECONDS", 0.01)
    assert refusal(ana, head_office).code == "no_picture"


def test_an_agent_without_a_login_of_her_own(ana, head_office, on_the_board, monkeypatch):
    on_the_board(call("a", JULIA, ANA))
    monkeypatch.setattr(accounts, "agent_scoped", lambda: frozenset({head_office.vendor}))
    assert refusal(ana, head_office).code == "no_login"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"call_id": "other"}, "call_gone"),
        ({"kind": Action.JOIN}, "call_gone"),
        ({"target": "10-01"}, "same_party"),
        ({"kind": Action.CONSULT, "leaves": Leg.CALLER}, "not_yours"),
    ],
)
def test_orders_that_make_no_sense(ana, head_office, on_the_board, order, code):
    on_the_board(call("a", JULIA, ANA))
    assert refusal(ana, head_office, **order).code == code


def test_a_call_is_taken_to_a_phone_so_there_must_be_one(ana, head_office, on_the_board):
    on_the_board(call("a", JULIA, CAROL, S.RINGING))
    Seat.objects.update(extensions="")
    assert refusal(ana, head_office, kind=Action.PICKUP).code == "no_extension"


def test_the_reason_of_an_impossible_action_is_the_driver_s(ana, head_office, on_the_board):
    why_not = {Action.BLIND: "Retrieve the call first."}
    on_the_board(call("a", JULIA, ANA, S.HELD, actions=frozenset(), why_not=why_not))
    row = refusal(ana, head_office)
    assert (row.code, row.observed) == ("not_possible", "Retrieve the call first.")


def test_an_order_finds_the_two_calls_whichever_is_named_first(ana, head_office, on_the_board):
    on_the_board(HELD, ASKING)
    for order in (
        Order(Action.JOIN, "a", other_call_id="b"),
        Order(Action.JOIN, "b", "", None, "a"),
    ):
        plan = rules.plan(ana, head_office, order)
        assert (plan.call, plan.other, plan.target) == (HELD, ASKING, CAROL)
        assert plan.leaves is Leg.CALLEE
