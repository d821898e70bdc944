"""Receives what a PBX pushes for one feed, and changes the feed's picture at once."""

from __future__ import annotations

import logging
import threading
import time

from django.db import close_old_connections, connections
from django.utils import timezone

from transfers.board import lease
from transfers.board.accounts import driver_for
from transfers.board.hub import hub
from transfers.board.poller import read
from transfers.board.signals import picture_taken
from transfers.board.snapshot import Picture, following, load_calls, picture_of, row_of
from transfers.domain import BoardEvent
from transfers.errors import AuthFailed, DriverError
from transfers.models import Feed

log = logging.getLogger("transfers.board")

RENEW = 5.0  # seconds between two renewals of the claim
PAUSE = 2.0  # seconds before a lost connection is tried again


class Listener:
    """One thread for the events and one for the claim, until nobody looks or `stop` is called."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self._stop = threading.Event()
        name = f"events-{feed.pk}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._keeper = threading.Thread(target=self._keep, name=f"{name}-claim", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._keeper.start()

    def stop(self) -> None:
        self._stop.set()

    def join(self) -> None:
        self._thread.join()
        self._keeper.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _keep(self) -> None:
        while not self._stop.wait(RENEW):
            close_old_connections()
            if not lease.keep_events(self.feed, timezone.now()):
                self._stop.set()
        connections.close_all()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._listen()
                self._stop.wait(PAUSE)
        finally:
            self._stop.set()
            lease.end_events(self.feed)
            connections.close_all()

    def _listen(self) -> None:
        feed = row_of(self.feed.pk)
        name = feed.connection.name
        try:
            driver = driver_for(feed.connection, feed.seat)
            with driver.door:
                for event in driver.events(self._stop):
                    close_old_connections()
                    apply(feed.pk, event)
        except AuthFailed as error:  # a second try could lock the account: somebody must look
            log.warning("%s: no events: %s", name, error.safe_text)
            lease.stop(feed, error.safe_text)
            self._stop.set()
        except DriverError as error:
            log.info("%s: events are interrupted: %s", name, error.safe_text)
            if not feed.failures:  # is it lost? The next resync would tell half a minute later
                lease.hint(feed.connection_id)
        except Exception:  # a bug in one driver must not stop the others
            log.exception("%s: receiving events failed", name)


def apply(feed_id: int, event: BoardEvent) -> Picture | None:
    """Publish what an event says. A read that began before it is discarded when it comes."""
    feed = row_of(feed_id)
    if event.trouble:
        log.warning("%s reports: %s", feed.connection.name, event.trouble)
    if event.resync:
        return read(feed)
    if (event.changed or event.gone) and _change(feed, event):
        hub.ring()
        picture = picture_of(row_of(feed_id))
        picture_taken.send(sender=Picture, picture=picture)
        return picture
    return None


def _change(feed: Feed, event: BoardEvent) -> bool:
    """Put the event into the newest picture, whoever publishes another one meanwhile."""
    while True:
        before = load_calls(feed.calls)
        calls = {call.id: call for call in before if call.id not in event.gone}
        calls.update((call.id, call) for call in event.changed)
        text = following(feed.calls, calls.values())
        values: dict[str, object] = {"calls": text} | _moments(feed)
        version = feed.version + int(text != feed.calls)
        same = Feed.objects.filter(pk=feed.pk, version=feed.version, started_at=feed.started_at)
        if same.update(**values, version=version):
            return True
        feed = row_of(feed.pk)


def _moments(feed: Feed) -> dict[str, object]:
    """With the event the picture is of now; but one that was read before a command of ours stays
    as old as it is, and is read again."""
    now = timezone.now()
    if feed.started_at is None or feed.started_at < feed.read_after:
        return {"due_at": now}
    return {"started_at": now, "taken_at": now}


class Listeners:
    """The listeners of this process: one for each feed that it has claimed."""

    def __init__(self) -> None:
        self._all: dict[int, Listener] = {}
        self._looked_at = 0.0

    def look(self) -> None:
        """Start listening where somebody looks and nobody receives. At most once a second."""
        if time.monotonic() - self._looked_at < 1:
            return
        self._looked_at = time.monotonic()
        self._all = {pk: listener for pk, listener in self._all.items() if listener.alive}
        now = timezone.now()
        for feed in lease.unheard(now):
            if feed.pk not in self._all and lease.claim_events(feed, now):
                self._all[feed.pk] = Listener(feed)
                self._all[feed.pk].start()

    def stop(self) -> None:
        for listener in self._all.values():
            listener.stop()
        for listener in self._all.values():
            listener.join()
