"""The poller's thread before real sockets: PBXs do not wait for each other, and it ends cleanly."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from simulator.server import SimulatorServer
from tests.board.conftest import Says
from transfers.board import lease, poller
from transfers.board.poller import Poller
from transfers.board.signals import picture_taken, ticked
from transfers.models import Feed, PbxConnection

PATIENCE = 60


@pytest.fixture
def running() -> Iterator[Poller]:
    started = Poller()
    started.start()
    yield started
    started.stop()


@pytest.fixture
def pictures() -> Iterator[Callable[[str, int], None]]:
    """pictures("Head office", 3) waits until that PBX was read three times."""
    seen: list[str] = []
    news = threading.Condition()

    def take(picture, **_):
        with news:
            seen.append(picture.name)
            news.notify_all()

    def wait(name: str, count: int) -> None:
        with news:
            assert news.wait_for(lambda: seen.count(name) >= count, PATIENCE), f"{name}: {seen}"

    picture_taken.connect(take)
    yield wait
    picture_taken.disconnect(take)


def watched(name: str, url: str) -> Feed:
    connection = PbxConnection.objects.create(name=name, vendor="ozeki", url=url, poll_seconds=0.05)
    feed = Feed.objects.create(connection=connection)
    lease.watch([feed])
    return feed


def board_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("board")]


@pytest.mark.django_db(transaction=True)
def test_a_slow_pbx_does_not_delay_another(running, pictures, settings):
    settings.PBX_READ_SECONDS = PATIENCE
    with SimulatorServer() as slow, SimulatorServer() as quick:
        slow.faults.add("delay", seconds=PATIENCE)
        watched("Slow", slow.url)
        watched("Quick", quick.url)
        pictures("Quick", 4)
        assert slow.count() == 1, "while it is being read, this process does not ask it again"
        assert Feed.objects.get(connection__name="Slow").taken_at is None
        slow.stop()  # cuts the read off, so that nobody waits for it here


@pytest.mark.django_db(transaction=True)
def test_a_pbx_that_cannot_be_reached_does_not_stop_the_others(running, pictures):
    with SimulatorServer() as quick, SimulatorServer() as down:
        down.refuse()
        watched("Down", down.url)
        watched("Quick", quick.url)
        pictures("Quick", 3)
        down.listen()
        Feed.objects.update(due_at=timezone.now())
        pictures("Down", 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["build", "calls", "extensions"])
def test_a_defect_in_one_driver_does_not_stop_the_others(running, pictures, monkeypatch, where):
    broken, real = Says(), poller.driver_for
    if where != "build":
        setattr(broken, where, ZeroDivisionError())

    def driver_for(connection: PbxConnection, *seat: object) -> object:
        if connection.name != "Broken":
            return real(connection, *seat)
        return broken if where != "build" else 1 / 0

    monkeypatch.setattr(poller, "driver_for", driver_for)
    with SimulatorServer() as quick:
        watched("Broken", "http://127.0.0.1:9/")
        watched("Quick", quick.url)
        pictures("Quick", 3)


@pytest.mark.django_db(transaction=True)
def test_the_board_goes_on_when_it_stumbles(pictures, monkeypatch, caplog):
    caplog.set_level(logging.ERROR, "transfers.board")
    stumbled, real = threading.Event(), lease.due

    def due(now):
        if not stumbled.is_set():
            stumbled.set()
            raise ZeroDivisionError
        return real(now)

    monkeypatch.setattr(lease, "due", due)
    started = Poller()
    started.start()
    try:
        with SimulatorServer() as quick:
            watched("Quick", quick.url)
            pictures("Quick", 1)
    finally:
        started.stop()
    assert stumbled.is_set()
    assert "the board stumbled; it goes on" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_stop_leaves_no_thread(pictures):
    before = board_threads()
    started = Poller()
    started.start()
    with SimulatorServer() as quick:
        watched("Quick", quick.url)
        pictures("Quick", 1)
        assert len(board_threads()) > len(before)
        started.stop()
    assert board_threads() == before


def test_a_poller_that_was_never_started_stops_too():
    before = board_threads()
    Poller().stop()
    assert board_threads() == before


def test_the_services_look_at_their_clocks_about_once_a_second(db, monkeypatch):
    ticks: list[float] = []
    seconds = 100.0

    def note(**_: object) -> None:
        ticks.append(seconds)

    started = Poller()
    ticked.connect(note)
    monkeypatch.setattr(time, "monotonic", lambda: seconds)
    try:
        for _ in range(10):
            started.tick()
            seconds += 0.25
    finally:
        monkeypatch.undo()
        ticked.disconnect(note)
        started.stop()
    assert ticks == [100.0, 101.0, 102.0]
