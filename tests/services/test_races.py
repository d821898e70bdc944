"""Races, with real threads, a real database file and a real socket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.db import connection as database

from simulator.server import SimulatorServer
from tests.stage import CALLER
from transfers.board.poller import Poller, fresh_picture
from transfers.domain import Action, CallState
from transfers.models import Claim, Feed, Transfer
from transfers.services import recall
from transfers.services.notes import notes_of
from transfers.services.preferences import Preferences, save
from transfers.services.rules import Order
from transfers.services.switchboard import switchboard
from transfers.services.transfers import start

pytestmark = pytest.mark.django_db(transaction=True)
SUBMISSIONS = 200


@pytest.fixture
def live_pbx(head_office, settings):
    settings.PBX_READ_SECONDS = settings.PBX_COMMAND_SECONDS = 60  # many threads take their time
    with SimulatorServer() as server:
        server.exchange.add("1001")
        server.exchange.add("1003", answers_after=0)
        head_office.url = server.url
        head_office.save()
        yield server


def at_once(count: int, job) -> list:
    def closing(number: int):
        try:
            return job(number)
        finally:
            database.close()

    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(closing, range(count)))


def talking(server) -> str:
    call: str = server.exchange.ring(CALLER, "1001")
    server.exchange.answer(call)
    return call


def test_double_submissions_send_one_command(live_pbx, head_office, ana):
    """200 times the same form: one row, one command, and everybody sees that row."""
    order = Order(Action.BLIND, talking(live_pbx), "1003", key=uuid4())
    rows = at_once(SUBMISSIONS, lambda _: start(ana, head_office, order).pk)
    assert len(set(rows)) == 1
    assert Transfer.objects.count() == 1
    assert live_pbx.count("BlindTransfer") == 1


def test_different_wishes_for_one_call_send_one_command(live_pbx, head_office, ana):
    """Forty tabs, each with its own key: one is first, the others are told so."""
    live_pbx.switches.effect_delay_seconds = 60  # the call stays as it is: nothing else can refuse
    call = talking(live_pbx)
    rows = at_once(40, lambda _: start(ana, head_office, Order(Action.BLIND, call, "1003")))
    assert live_pbx.count("BlindTransfer") == 1
    states = [row.state for row in rows]
    assert states.count(Transfer.State.ACCEPTED) == 1
    assert {row.code for row in rows if row.state == Transfer.State.REFUSED} == {"taken"}
    assert Claim.objects.count() == 1


def test_many_transfers_at_once_send_one_command_each(live_pbx, head_office, ana):
    calls = [talking(live_pbx) for _ in range(20)]
    keys: list[UUID] = [uuid4() for _ in calls]

    def submit(number: int) -> int:
        index = number % len(calls)
        order = Order(Action.BLIND, calls[index], "1003", key=keys[index])
        return start(ana, head_office, order).pk

    at_once(SUBMISSIONS, submit)
    assert Transfer.objects.count() == len(calls)
    assert live_pbx.count("BlindTransfer") == len(calls)


def test_what_nobody_answers_is_brought_back_by_one(live_pbx, head_office, ana, monkeypatch):
    """Twenty processes see the same picture at the same moment."""
    save(ana, Preferences(recall_after=20))
    monkeypatch.setattr(recall, "_is_due", bool)
    live_pbx.exchange.behave("1003", answers_after=None, ring_seconds=300)
    row = start(ana, head_office, Order(Action.BLIND, talking(live_pbx), "1003"))
    live_pbx.switches.effect_delay_seconds = 60  # the call stays as it is: nothing else can refuse
    live_pbx.exchange.tick()
    picture = fresh_picture(Feed.objects.select_related("connection").get())
    (call,) = (each for each in picture.calls if each.state is CallState.RINGING)
    notes = replace(notes_of(row), call=call.id, moved=True)
    Transfer.objects.move(row.pk, (row.state,), seen=notes.to_json())
    Claim.objects.all().delete()
    at_once(20, lambda _: recall.bring_back(picture))
    assert live_pbx.count("Forward") == 1
    assert Transfer.objects.filter(kind="forward").count() == 1


def test_a_hundred_viewers_cost_the_pbx_what_one_costs(live_pbx, head_office, ana):
    """Looking never reads a PBX, and eight pollers share one lease."""
    head_office.poll_seconds = 60
    head_office.save()
    at_once(100, lambda _: switchboard(ana))
    assert live_pbx.count() == 0
    pollers = [Poller() for _ in range(8)]
    Feed.objects.update(directory_due_at="2999-01-01T00:00Z")
    try:
        at_once(8, lambda number: pollers[number].tick())
    finally:
        for poller in pollers:
            poller.stop(finish=True)
    assert live_pbx.count("ListActiveCalls") == 1


def test_nobody_looking_means_no_request(live_pbx, head_office):
    poller = Poller()
    try:
        for _ in range(5):
            poller.tick()
    finally:
        poller.stop(finish=True)
    assert live_pbx.count() == 0
