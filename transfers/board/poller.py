"""Reads the feeds that are due and publishes their pictures."""

from __future__ import annotations

import logging
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db import close_old_connections, connections
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from transfers.board import lease, presence
from transfers.board.accounts import driver_for
from transfers.board.database import kept_connection
from transfers.board.hub import hub
from transfers.board.signals import picture_taken, ticked
from transfers.board.snapshot import (
    Picture,
    dump_directory,
    following,
    picture_of,
    row_of,
)
from transfers.domain import Call
from transfers.drivers.base import Driver
from transfers.errors import AuthFailed, DriverError
from transfers.models import Feed
from transfers.sentences import say

log = logging.getLogger("transfers.board")

STEP = 0.1  # seconds between two looks for due feeds
WORKERS = 16  # so many slow PBXs may hang at once before they delay the others
LONGEST_PAUSE = 30.0  # seconds between two tries at an unreachable PBX
DIRECTORY_EVERY = timedelta(seconds=60)
BROKE = say("Reading the calls broke on our side; see the log.")


def read(feed: Feed) -> Picture | None:
    """Read one claimed feed and publish what was seen. None when newer knowledge was there."""
    started = timezone.now()
    try:
        driver = driver_for(feed.connection, feed.seat)
    except DriverError as error:
        return _publish_failure(feed, started, error)
    with driver.door:
        return _read(feed, driver, started)


def _read(feed: Feed, driver: Driver, started: datetime) -> Picture | None:
    try:
        presence.sign_on(feed, driver, started)
        calls = driver.list_calls()
    except DriverError as error:
        return _publish_failure(feed, started, error)
    except Exception:  # a defect of ours: shown like any other failure, and tried again later
        log.exception("reading %s broke", feed.connection.name)
        return _publish_failure(feed, started, DriverError(BROKE))
    picture = _publish(feed, started, calls)
    if picture is not None:
        picture_taken.send(sender=Picture, picture=picture)
    if feed.directory_due_at <= started:
        _read_directory(feed, driver, started)
    return picture


def _publish(feed: Feed, started: datetime, calls: list[Call]) -> Picture | None:
    won = 0
    while not won:
        text = following(feed.calls, calls)
        changed = text != feed.calls or bool(feed.error_code)
        won = (
            _newest(feed, started)
            .filter(version=feed.version)
            .update(
                started_at=started,
                taken_at=timezone.now(),
                calls=text,
                version=feed.version + int(changed),
                error_code="",
                error_text="",
                failing_since=None,
                failures=0,
            )
        )
        if not won:
            if not _newest(feed, started).exists():
                return None
            feed.refresh_from_db(fields=["calls", "version", "error_code"])  # compare with that one
    if feed.error_code:
        log.info("%s is back", feed.connection.name)
    if changed:
        hub.ring()
    return _again(feed)


def _publish_failure(feed: Feed, started: datetime, error: DriverError) -> Picture | None:
    """Stale is not empty: the last calls stay, and the next try comes later and later."""
    code = lease.STOPPED if isinstance(error, AuthFailed) else error.code
    usual = feed.connection.poll_seconds
    pause = min(usual * 2 ** min(feed.failures, 10), max(usual, LONGEST_PAUSE))
    pause *= random.uniform(0.8, 1.2)  # noqa: S311
    won = _newest(feed, started).update(
        started_at=started,
        error_code=code,
        error_text=error.safe_text,
        failing_since=feed.failing_since or started,
        failures=F("failures") + 1,
        version=F("version") + int(error.safe_text != feed.error_text),
        due_at=timezone.now() + timedelta(seconds=pause),
    )
    if won and not feed.error_code:
        log.warning("%s is lost: %s", feed.connection.name, error.safe_text)
    hub.ring()
    return _again(feed) if won else None


def _newest(feed: Feed, started: datetime) -> QuerySet[Feed]:
    """The feed's row, unless a command or a later read has made this one old."""
    later = Q(started_at__isnull=True) | Q(started_at__lt=started)
    return Feed.objects.filter(later, pk=feed.pk, read_after__lte=started)


def _again(feed: Feed) -> Picture:
    return picture_of(row_of(feed.pk))


def _read_directory(feed: Feed, driver: Driver, started: datetime) -> None:
    values: dict[str, object] = {"directory_due_at": started + DIRECTORY_EVERY}
    try:
        values["directory"] = dump_directory(driver.list_extensions())
    except DriverError as error:
        log.info("%s does not list its extensions: %s", feed.connection.name, error.safe_text)
    except Exception:
        log.exception("reading the extensions of %s broke", feed.connection.name)
    Feed.objects.filter(pk=feed.pk).update(**values)


def fresh_picture(feed: Feed) -> Picture:
    """A picture at most one interval old: the board's, or a read of our own.

    When somebody else holds the lease, waits for his picture as long as a read may take. The
    caller looks at `error_code` and `freshness`.
    """
    deadline = time.monotonic() + settings.PBX_READ_SECONDS
    while True:
        feed = row_of(feed.pk)
        picture = picture_of(feed)
        now = timezone.now()
        resting = bool(picture.error_code) and feed.due_at > now
        if picture.fresh_for(now) or resting or picture.error_code == lease.STOPPED:
            return picture
        if lease.claim(feed, now):
            seen = read(feed)
            if seen is not None:
                return seen
        if time.monotonic() > deadline:
            return picture
        time.sleep(0.05)


class Helper(Protocol):
    """Something else that looks after the feeds in the same rhythm."""

    def look(self) -> None: ...
    def stop(self) -> None: ...


class Poller:
    """The background thread of a web process, or the loop of a command that waits."""

    def __init__(self, *helpers: Helper) -> None:
        self._helpers = helpers
        self._stop = threading.Event()
        self._reading: set[int] = set()  # only spares this process a second read at the same time
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="board")
        self._thread = threading.Thread(target=self._run, name="board", daemon=True)
        self._ticked_at = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, finish: bool = False) -> None:
        """Stop; `finish` lets the reads that were started come to their end first."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        for helper in self._helpers:
            helper.stop()
        self._pool.shutdown(cancel_futures=not finish)

    def tick(self) -> None:
        """Start the reads that are due; once a second let the services look at their clocks."""
        now = timezone.now()
        for feed in lease.due(now):
            with self._lock:
                busy = feed.pk in self._reading
            if not busy and lease.claim(feed, now):
                with self._lock:
                    self._reading.add(feed.pk)
                self._pool.submit(self._job, feed)
        for helper in self._helpers:
            helper.look()
        if time.monotonic() - self._ticked_at >= 1:
            self._ticked_at = time.monotonic()
            ticked.send(sender=None)

    def _job(self, feed: Feed) -> None:
        close_old_connections()
        try:
            read(feed)
        except Exception:  # a bug in one driver must not stop the others
            log.exception("reading %s failed", feed.connection.name)
        finally:
            with self._lock:
                self._reading.discard(feed.pk)
            connections.close_all()

    def _run(self) -> None:
        while not self._stop.wait(STEP):
            try:
                with kept_connection():
                    self.tick()
            except Exception:
                log.exception("the board stumbled; it goes on")
        connections.close_all()
