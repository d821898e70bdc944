"""A party left alone on hold is brought back: once, in the console's name, by whoever sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tests.rows import sent
from transfers.board.signals import picture_taken, ticked
from transfers.board.snapshot import Picture, dump_calls, dump_directory, picture_of
from transfers.domain import Action, Call, CallState, Extension, Leg, Party, Receipt
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.errors import Refused
from transfers.models import AuditEvent, Claim, Feed, Transfer
from transfers.services import rescue
from transfers.services.rescue import AGAIN, GRACE, TRIES

ALONE = Call(
    "101",
    CallState.HELD,
    "music",
    Party("+3615550142"),
    Party("1001"),
    actions=frozenset({Action.RETRIEVE}),
    left_alone=Leg.CALLER,
)
WITH_HER = replace(ALONE, left_alone=None)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as standing:
        yield standing


@pytest.fixture
def retrieved(monkeypatch) -> list[str]:
    """The ids of the calls that were taken off hold."""
    done: list[str] = []
    monkeypatch.setattr(
        OzekiDriver, "retrieve", lambda _, call: done.append(call.id) or Receipt("200", "OK")
    )
    return done


@pytest.fixture
def hung_up(monkeypatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(
        OzekiDriver, "hangup", lambda _, call: done.append(call.id) or Receipt("200", "OK")
    )
    return done


@pytest.fixture
def consulting(ana, head_office) -> Transfer:
    return sent(ana, head_office, kind="consult", observed="1003 is called.")


@pytest.fixture
def show(head_office, clock):
    """show(call, …, later=2) is a picture of these calls, so many seconds later."""

    def take(*calls: Call, later: float = 0) -> None:
        clock.shift(timedelta(seconds=later))
        now = timezone.now()
        values = {"calls": dump_calls(calls), "started_at": now, "taken_at": now}
        Feed.objects.update(**values, read_after=now - timedelta(seconds=1), error_code="")
        feed = Feed.objects.select_related("connection").get(connection=head_office)
        picture_taken.send(sender=Picture, picture=picture_of(feed))

    return take


def brought_back() -> list[Transfer]:
    return list(Transfer.objects.filter(kind="retrieve").order_by("pk"))


def test_she_is_brought_back_in_the_consoles_name(consulting, show, retrieved, ana):
    show(ALONE)
    assert retrieved == []  # two legs may be between two calls for a moment
    show(ALONE, later=GRACE.total_seconds())
    assert retrieved == ["101"]
    (row,) = brought_back()
    assert (row.state, row.user) == ("accepted", ana)
    assert row.user_name == "The console, for Ana Kovács"
    event = AuditEvent.objects.get(verb="call.brought_back")
    assert (event.actor, event.actor_name, event.transfer) == (None, "system", row)


def test_who_waits_for_a_caller_that_has_gone_is_let_go(consulting, show, retrieved, hung_up):
    mine = replace(ALONE, left_alone=Leg.CALLEE, actions=frozenset({Action.HANGUP}))
    show(mine)
    show(mine, later=2)
    assert (hung_up, retrieved) == (["101"], [])


def test_nobody_waits_at_a_phone_that_is_in_another_call(consulting, show, retrieved):
    """A call that joined an older one goes by its id, so a consultation there looks like none."""
    elsewhere = replace(ALONE, id="102", state=CallState.TALKING, left_alone=None)
    elsewhere = replace(elsewhere, caller=Party("1003"), callee=Party("630"), also=("1004", "1001"))
    show(ALONE, elsewhere)
    show(ALONE, elsewhere, later=5)
    assert not brought_back()
    show(ALONE, later=5)
    assert retrieved == ["101"]


@pytest.mark.parametrize("listed", [True, False])
def test_nobody_outside_is_called_by_the_console(
    root, head_office, show, retrieved, hung_up, listed
):
    """Put on hold by somebody else, and then the caller has gone: her number is no way back."""
    sent(root, head_office, kind="hold", leaves="", called_number="1002")
    Feed.objects.update(directory=dump_directory([Extension("1002")] if listed else []))
    left = replace(ALONE, callee=Party("1002"), left_alone=Leg.CALLEE)
    left = replace(left, actions=frozenset({Action.HANGUP, Action.RETRIEVE}))
    show(left)
    show(left, later=5)
    assert retrieved == []
    assert hung_up == (["101"] if listed else [])


def test_a_phone_of_the_pbx_is_rung_whoever_put_its_caller_on_hold(
    root, head_office, show, retrieved
):
    sent(root, head_office, kind="hold", leaves="", called_number="1002")
    Feed.objects.update(directory=dump_directory([Extension("1002")]))
    left = replace(ALONE, callee=Party("1002"))
    show(left)
    show(left, later=5)
    assert retrieved == ["101"]


def test_whoever_sees_it_next_does_not_do_it_again(consulting, show, retrieved):
    for _ in range(5):
        show(ALONE, later=2)
    assert retrieved == ["101"]


def test_two_that_see_it_at_once_do_it_once(consulting, show, retrieved):
    """Another process acts between any two questions of this one to the database."""
    others = iter([lambda: show(ALONE)])

    def between(execute, sql, *rest):
        result = execute(sql, *rest)
        if sql.startswith("SELECT") and '"key" IN' in sql:
            next(others, lambda: None)()
        return result

    show(ALONE)
    with connection.execute_wrapper(between):
        show(ALONE, later=2)
    assert next(others, None) is None
    assert retrieved == ["101"]
    assert [row.state for row in brought_back()] == ["accepted"]
    assert AuditEvent.objects.filter(verb="call.brought_back").count() == 1


@pytest.mark.parametrize("call", [WITH_HER, replace(ALONE, state=CallState.RINGING)])
def test_who_is_not_alone_stays(consulting, show, retrieved, call):
    show(call)
    show(call, later=5)
    assert retrieved == []


def test_who_was_put_on_hold_by_somebody_else_stays(head_office, show, retrieved):
    show(ALONE)
    show(ALONE, later=5)
    assert not brought_back()


@pytest.mark.parametrize("values", [{"state": "refused"}, {"state": "failed"}, {"kind": "blind"}])
def test_so_does_who_was_not_put_on_hold(ana, head_office, show, retrieved, values):
    sent(ana, head_office, **{"kind": "consult"} | values)
    show(ALONE)
    show(ALONE, later=5)
    assert retrieved == []


def test_a_command_under_way_goes_first(consulting, ana, head_office, show, retrieved):
    joining = sent(ana, head_office, kind="join", state="sending", settled_at=None)
    show(ALONE)
    show(ALONE, later=5)
    assert not brought_back()
    Claim.objects.create(connection=head_office, call_id="101", transfer=joining)
    Transfer.objects.move(joining.pk, ("sending",), state="unknown")
    show(ALONE, later=1)
    show(ALONE, later=5)
    assert [row.code for row in brought_back()] == ["taken"]
    assert retrieved == []
    Claim.objects.all().delete()
    show(ALONE, later=AGAIN.total_seconds())
    assert retrieved == ["101"]


def test_it_is_tried_again_but_not_for_ever(consulting, show, monkeypatch):
    tries = []

    def refuses(_, call):
        tries.append(call.id)
        raise Refused("No.", vendor_code="1", vendor_text="no")

    monkeypatch.setattr(OzekiDriver, "retrieve", refuses)
    show(ALONE)
    for _ in range(TRIES + 3):
        show(ALONE, later=AGAIN.total_seconds())
    assert len(tries) == TRIES
    assert {row.state for row in brought_back()} == {"refused"}


def test_a_pbx_with_somebody_on_hold_is_read_though_nobody_looks(
    consulting, show, head_office, monkeypatch
):
    monkeypatch.setattr(rescue, "leaving_alone", lambda: frozenset({head_office.vendor}))
    show(WITH_HER)
    Feed.objects.update(watched_until=timezone.now())
    ticked.send(sender=None)
    assert Feed.objects.get().watched_until > timezone.now()


@pytest.mark.parametrize(
    ("calls", "vendors"), [((), {"ozeki"}), ((WITH_HER,), set()), ((WITH_HER,), {"other"})]
)
def test_any_other_is_not(consulting, show, monkeypatch, calls, vendors):
    monkeypatch.setattr(rescue, "leaving_alone", lambda: frozenset(vendors))
    show(*calls)
    Feed.objects.update(watched_until=timezone.now())
    ticked.send(sender=None)
    assert Feed.objects.get().watched_until == timezone.now()
