"""A hundred open switchboards cost the PBX what one costs, on the real server."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import cycle, pairwise

import pytest
import uvicorn
from django.conf import settings
from django.test import Client
from django.urls import reverse

from pbxadmin.asgi import application
from simulator.server import SimulatorServer
from tests.stage import CALLER
from transfers.board import lease
from transfers.models import Feed, User

claim = lease.claim
pytestmark = pytest.mark.django_db(transaction=True)
INTERVAL = timedelta(seconds=0.2)  # between two reads
READS = 5  # how many are waited for
BROWSERS = 4  # at once; each plays many viewers
PATIENCE = 60


class Reads:
    """The reads of the board as they were claimed, and what reached the PBX."""

    def __init__(self, pbx: SimulatorServer) -> None:
        self.pbx = pbx
        self.claimed: list[datetime] = []
        self._news = threading.Condition()

    def claim(self, feed: Feed, now: datetime) -> bool:
        won = claim(feed, now)
        if won:
            with self._news:
                self.claimed.append(now)
                self._news.notify_all()
        return won

    def wait(self, count: int = READS) -> list[datetime]:
        """The next so many."""
        with self._news:
            begun = len(self.claimed)
            assert self._news.wait_for(lambda: len(self.claimed) >= begun + count, PATIENCE)
            return self.claimed[begun : begun + count]


@pytest.fixture
def reads(head_office, monkeypatch) -> Iterator[Reads]:
    with SimulatorServer() as pbx:
        pbx.exchange.add("1001")
        pbx.exchange.answer(pbx.exchange.ring(CALLER, "1001"))
        head_office.url, head_office.poll_seconds = pbx.url, INTERVAL.total_seconds()
        head_office.save()
        found = Reads(pbx)
        monkeypatch.setattr(lease, "claim", found.claim)
        yield found


@pytest.fixture
def server(reads) -> Iterator[int]:
    """The port of the whole application with its poller, in a thread."""
    config = uvicorn.Config(
        application, port=0, lifespan="on", log_level="warning", timeout_graceful_shutdown=1
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    thread.join(PATIENCE)
    assert not thread.is_alive()


class Viewers:
    """So many open switchboards, each with a session of its own, asking as fast as they can."""

    def __init__(self, port: int, user: User, count: int) -> None:
        self.port, self.count, self.asked = port, count, 0
        self.seen: set[str] = set()
        self.wrong: list[int] = []
        self._over = threading.Event()
        sessions = [self._log_in(user) for _ in range(count)]
        shares = [sessions[n::BROWSERS] for n in range(BROWSERS)]
        self._threads = [threading.Thread(target=self._look, args=(s,)) for s in shares if s]

    def _log_in(self, user: User) -> str:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def _look(self, sessions: list[str]) -> None:
        paths = cycle([reverse("board"), reverse("board-rows"), reverse("board-rows")])
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as server:
            for session, path in zip(cycle(sessions), paths):
                if self._over.is_set():
                    return
                cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
                server.request("GET", path, headers=cookie)
                answer = server.getresponse()
                if CALLER in answer.read().decode():
                    self.seen.add(session)
                if answer.status != 200:
                    self.wrong.append(answer.status)
                self.asked += 1

    def __enter__(self) -> Viewers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_hundred_viewers_cost_what_one_costs(server, reads, ana):
    for count in (1, 100):
        with Viewers(server, ana, count) as viewers:
            viewers.until(lambda: len(viewers.seen) == viewers.count)
            begun = viewers.asked
            claimed = reads.wait()
            viewers.until(lambda: viewers.asked - begun > READS)  # noqa: B023
        assert viewers.wrong == []
        assert all(later - earlier >= INTERVAL for earlier, later in pairwise(claimed))
    assert all(later - earlier >= INTERVAL for earlier, later in pairwise(reads.claimed))
    listed = reads.pbx.count("ListActiveCalls")
    assert 2 * READS - 1 <= listed <= len(reads.claimed), "every request was claimed"
    assert reads.pbx.count("ListExtensions") in (1, 2), "once a minute"
    assert {seen.command for seen in reads.pbx.requests} == {"ListActiveCalls", "ListExtensions"}
