"""Moved calls are followed through the pictures; each change is written once."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.rows import sent
from tests.services.test_outcomes import call, show
from transfers.domain import CallState
from transfers.models import Feed
from transfers.services.sightings import FOLLOWED
from transfers.sightings import Sighting

CALLER = "+36 1 555-0142"
RINGING, TALKING, HELD = CallState.RINGING, CallState.TALKING, CallState.HELD


@pytest.fixture
def row(ana, head_office):
    """row(kind="join", …): a transfer that was seen to arrive in the call 7."""

    def make(arrived: str = "7", **values):
        feed = Feed.objects.get(connection=head_office)
        seen = {"feed": feed.pk, "call": arrived}
        return sent(ana, head_office, **{"seen": seen} | values)

    return make


def seen(transfer) -> list[tuple[str, str]]:
    return [(each.state, each.callee) for each in transfer.sightings.order_by("turn")]


def test_every_change_once(row, head_office):
    transfer = row()
    for state in (RINGING, RINGING, TALKING, HELD, HELD, TALKING):
        show(head_office, call("7", CALLER, "1003", state))
    show(head_office, call("8", CALLER, "1003"))
    show(head_office)
    states = ["ringing", "talking", "held", "talking", "gone"]
    assert seen(transfer) == [(state, "1003") for state in states]
    assert [each.turn for each in transfer.sightings.order_by("turn")] == [0, 1, 2, 3, 4]


def test_a_call_that_goes_on_to_another_phone(row, head_office):
    transfer = row()
    show(head_office, call("7", CALLER, "1003", RINGING))
    show(head_office, call("7", CALLER, "1004", RINGING))
    assert seen(transfer) == [("ringing", "1003"), ("ringing", "1004")]


def test_an_ended_call_is_gone_though_the_pbx_still_lists_it(row, head_office):
    transfer = row()
    show(head_office, call("7", CALLER, "1003"))
    show(head_office, call("7", CALLER, "1003", CallState.ENDED))
    assert [state for state, _ in seen(transfer)] == ["talking", "gone"]


def test_what_is_not_known_is_no_change(row, head_office):
    transfer = row()
    for state in (TALKING, CallState.UNKNOWN, TALKING):
        show(head_office, call("7", CALLER, "1003", state))
    assert [state for state, _ in seen(transfer)] == ["talking"]


def test_a_later_command_takes_the_call_on(row, head_office):
    first = row()
    show(head_office, call("7", CALLER, "1003"))
    second = row("9", call_id="7", target="1004")
    show(head_office, call("9", CALLER, "1004", RINGING))
    assert [state for state, _ in seen(first)] == ["talking", "moved"]
    assert seen(second) == [("ringing", "1004")]


@pytest.mark.parametrize("state", ["refused", "failed"])
def test_one_that_was_not_done_does_not(row, head_office, state):
    first = row()
    show(head_office, call("7", CALLER, "1003"))
    row("", call_id="7", state=state)
    show(head_office)
    assert [state for state, _ in seen(first)] == ["talking", "gone"]


@pytest.mark.parametrize(
    "values",
    [
        {"arrived": ""},
        {"kind": "hold"},
        {"created_at": timezone.now() - FOLLOWED - timedelta(seconds=1)},
        {"seen": {"feed": 0, "call": "7"}},
    ],
)
def test_what_is_not_followed(row, head_office, values):
    transfer = row(**values)
    show(head_office, call("7", CALLER, "1003"))
    assert seen(transfer) == []


def test_a_call_that_was_never_seen_is_not_gone(row, head_office):
    transfer = row()
    show(head_office)
    assert seen(transfer) == []


def test_two_processes_write_one_row(row, head_office, monkeypatch):
    """The other one's row is there already, and this one does not know."""
    transfer = row()
    show(head_office, call("7", CALLER, "1003", RINGING))
    monkeypatch.setattr(Sighting.objects, "filter", lambda **_: [])
    show(head_office, call("7", CALLER, "1003", RINGING))
    monkeypatch.undo()
    assert seen(transfer) == [("ringing", "1003")]


def test_a_quiet_board_asks_one_question(head_office, django_assert_num_queries):
    show(head_office)
    with django_assert_num_queries(6):  # one of them is ours, one the test's
        show(head_office)


def test_it_cannot_be_rewritten(row, head_office):
    transfer = row()
    show(head_office, call("7", CALLER, "1003"))
    (sighting,) = transfer.sightings.all()
    for change in (sighting.save, sighting.delete, transfer.sightings.all().delete):
        with pytest.raises(TypeError):
            change()
    for sql in ("UPDATE transfers_sighting SET state = 'x'", "DELETE FROM transfers_sighting"):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def test_from_the_first_ring_to_the_end(stage, ana):
    """Over a real socket, with the ids that this PBX gives."""
    call_id = stage.talk()
    transfer = stage.blind(ana, call_id)
    stage.wait(2)
    there = stage.exchange.calls()[-1].id
    stage.wait(6)
    stage.exchange.answer(there)
    stage.wait(2)
    stage.exchange.hold(there)
    stage.wait(3)
    stage.exchange.retrieve(there)
    stage.wait(4)
    stage.exchange.hangup(there)
    stage.wait(2)
    states = ["ringing", "talking", "held", "talking", "gone"]
    assert seen(transfer) == [(state, "1003") for state in states]
    times = [each.at for each in transfer.sightings.order_by("turn")]
    assert [(b - a).total_seconds() for a, b in pairwise(times)] == [8, 3, 4, 2]
