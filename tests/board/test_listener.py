"""Pushed events change the picture at once; the list stays as a slow resync."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.utils import timezone

from transfers.board import lease, listener, poller
from transfers.board.listener import Listener, Listeners, apply
from transfers.board.signals import picture_taken
from transfers.board.snapshot import Freshness, picture_of
from transfers.domain import BoardEvent, Call, CallState, Party
from transfers.drivers.base import Driver
from transfers.errors import AuthFailed, Unreachable
from transfers.models import Feed

pytestmark = pytest.mark.django_db(transaction=True)


def call(call_id: str, state: CallState = CallState.RINGING) -> Call:
    return Call(call_id, state, state.value, Party("+3615550142"), Party("1001"))


class Pushing:
    """A driver whose events a test puts into a queue."""

    def __init__(self) -> None:
        self.door = nullcontext()
        self.calls: list[Call] = []
        self.queue: queue.Queue[BoardEvent | Exception] = queue.Queue()
        self.reads = 0

    def list_calls(self) -> list[Call]:
        self.reads += 1
        return list(self.calls)

    def list_extensions(self) -> list[object]:
        return []

    def events(self, stop: threading.Event) -> Iterator[BoardEvent]:
        while not stop.is_set():
            try:
                event = self.queue.get(timeout=0.02)
            except queue.Empty:
                continue
            if isinstance(event, Exception):
                raise event
            yield event


@pytest.fixture
def pbx(monkeypatch) -> Pushing:
    driver = Pushing()
    for module in (listener, poller):
        monkeypatch.setattr(module, "driver_for", lambda *_: driver)
    monkeypatch.setattr(lease, "pushing", lambda: {"ozeki"})
    return driver


@pytest.fixture
def feed(head_office) -> Feed:
    lease.watch([head_office.feed])
    return head_office.feed


@pytest.fixture
def taken() -> Iterator[queue.Queue]:
    """Every picture that is taken."""
    pictures: queue.Queue = queue.Queue()

    def note(picture, **_: object) -> None:
        pictures.put(picture)

    picture_taken.connect(note)
    yield pictures
    picture_taken.disconnect(note)


def shown(feed: Feed) -> dict[str, CallState]:
    picture = picture_of(Feed.objects.select_related("connection").get(pk=feed.pk))
    return {seen.id: seen.state for seen in picture.calls}


def test_a_changed_call_is_there_at_once_and_the_services_hear_of_it(pbx, feed, taken):
    apply(feed.pk, BoardEvent(resync=True))
    apply(feed.pk, BoardEvent(changed=(call("a"),)))
    assert shown(feed) == {"a": CallState.RINGING}
    apply(feed.pk, BoardEvent(changed=(call("a", CallState.TALKING), call("b"))))
    assert shown(feed) == {"a": CallState.TALKING, "b": CallState.RINGING}
    assert taken.qsize() == 3


def test_an_event_does_not_make_a_picture_fresh_that_a_command_made_old(pbx, feed):
    pbx.calls = [call("a")]
    apply(feed.pk, BoardEvent(resync=True))
    lease.read_again(feed.connection_id)
    assert apply(feed.pk, BoardEvent(changed=(call("b"),))).outdated
    assert shown(feed) == {"a": CallState.RINGING, "b": CallState.RINGING}
    assert Feed.objects.get().due_at <= timezone.now()


def test_a_call_that_is_over_goes(pbx, feed):
    apply(feed.pk, BoardEvent(changed=(call("a"), call("b"))))
    apply(feed.pk, BoardEvent(gone=("a", "never-seen")))
    assert shown(feed) == {"b": CallState.RINGING}


def test_the_same_event_twice_changes_nothing(pbx, feed):
    event = BoardEvent(changed=(call("a"),))
    apply(feed.pk, event)
    version = Feed.objects.get().version
    apply(feed.pk, event)
    assert Feed.objects.get().version == version


def test_resync_reads_the_list(pbx, feed):
    pbx.calls = [call("x")]
    apply(feed.pk, BoardEvent(resync=True))
    assert shown(feed) == {"x": CallState.RINGING}
    assert pbx.reads == 1


def test_trouble_is_logged_and_moves_nothing(pbx, feed, caplog):
    assert apply(feed.pk, BoardEvent(trouble="the switch is away")) is None
    assert "the switch is away" in caplog.text


def test_a_list_that_was_begun_before_the_event_is_discarded(pbx, feed):
    apply(feed.pk, BoardEvent(resync=True))
    begun = Feed.objects.select_related("connection", "seat").get(pk=feed.pk)

    def slow() -> list[Call]:
        apply(feed.pk, BoardEvent(changed=(call("new"),)))
        return [call("old")]

    pbx.list_calls = slow
    assert poller.read(begun) is None
    assert shown(feed) == {"new": CallState.RINGING}


def test_one_listener_for_all_processes(pbx, feed):
    now = timezone.now()
    assert [found.pk for found in lease.unheard(now)] == [feed.pk]
    assert lease.claim_events(feed, now)
    assert not lease.claim_events(feed, now)
    assert not lease.unheard(now).exists()
    assert lease.unheard(now + lease.LISTEN).exists()


def test_while_somebody_listens_the_list_is_only_a_slow_resync(pbx, feed):
    now = timezone.now()
    lease.claim_events(feed, now)
    listened = Feed.objects.select_related("connection").get()
    assert lease.claim(listened, now)
    assert Feed.objects.get().due_at == now + lease.RESYNC


def test_a_pushed_picture_is_live_however_long_nothing_happens(pbx, feed):
    apply(feed.pk, BoardEvent(resync=True))
    lease.claim_events(feed, timezone.now())
    picture = picture_of(Feed.objects.select_related("connection").get())
    later = timezone.now() + timedelta(seconds=25)
    assert picture.freshness(later) is Freshness.LIVE
    assert picture.fresh_for(later)


def test_events_flow_from_the_pbx_to_the_picture(pbx, feed, taken):
    listeners = Listeners()
    listeners.look()
    try:
        pbx.queue.put(BoardEvent(changed=(call("a"),)))
        assert taken.get(timeout=10).call("a")
    finally:
        listeners.stop()
    assert Feed.objects.get().listened_until <= timezone.now()


def test_a_lost_connection_is_tried_again(pbx, feed, taken, monkeypatch):
    monkeypatch.setattr(listener, "PAUSE", 0)
    listeners = Listeners()
    listeners.look()
    try:
        pbx.queue.put(Unreachable("away"))
        pbx.queue.put(ZeroDivisionError("a defect of the driver"))
        pbx.queue.put(BoardEvent(changed=(call("a"),)))
        assert taken.get(timeout=10).call("a")
    finally:
        listeners.stop()


@pytest.mark.parametrize("failures", [0, 1])
def test_whether_a_pbx_whose_events_break_off_is_lost_is_looked_at_soon(pbx, feed, failures):
    """Not at the next resync; and one that is known to be lost in its own time."""
    Feed.objects.update(failures=failures)
    lease.claim_events(feed, timezone.now())
    assert lease.claim(Feed.objects.select_related("connection").get(), timezone.now())
    pbx.queue.put(Unreachable("away"))
    Listener(feed)._listen()
    soon = timezone.now() + timedelta(seconds=1)
    assert (Feed.objects.get().due_at < soon) is (failures == 0)


def test_a_refused_login_is_not_tried_again(pbx, feed):
    pbx.queue.put(AuthFailed("The PBX does not accept the login."))
    lease.claim_events(feed, timezone.now())
    receiving = Listener(feed)
    receiving.start()
    receiving.join()
    assert Feed.objects.get().error_code == lease.STOPPED
    later = timezone.now() + timedelta(minutes=1)
    Feed.objects.update(watched_until=later + timedelta(minutes=1))
    assert not lease.unheard(later).exists()


def test_it_ends_when_nobody_looks_any_more(pbx, feed, monkeypatch):
    monkeypatch.setattr(listener, "RENEW", 0.02)
    lease.claim_events(feed, timezone.now())
    Feed.objects.update(watched_until=timezone.now() - timedelta(seconds=1))
    receiving = Listener(feed)
    receiving.start()
    receiving.join()
    assert not receiving.alive
    assert Feed.objects.get().listened_until <= timezone.now()


def test_a_driver_that_pushes_nothing_says_so():
    assert Driver.pushes is False
