"""One read, and what is published of it; the thread that reads is in test_poller_thread.py."""

from __future__ import annotations

import logging
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from tests.board.conftest import a_call
from transfers.board import lease, poller
from transfers.board.accounts import CredentialsUnreadable
from transfers.board.signals import picture_taken
from transfers.board.snapshot import load_directory
from transfers.domain import CallState, Extension
from transfers.errors import AuthFailed, BadReply, Unreachable

LOST = Unreachable("Nothing listens there.")
HELD = a_call(state=CallState.HELD)


@pytest.fixture
def pictures():
    taken = []

    def take(picture, **_):
        taken.append(picture)

    picture_taken.connect(take)
    yield taken
    picture_taken.disconnect(take)


@pytest.fixture
def no_jitter(monkeypatch):
    asked = []
    monkeypatch.setattr(random, "uniform", lambda *span: asked.append(span) or 1.0)
    return asked


# A good read.


def test_a_read_publishes_what_was_seen_and_when(board, says):
    says.calls = [a_call()]
    says.meanwhile = lambda: board.wait(0.3)
    picture = board.read()
    assert picture.calls == (a_call(),)
    assert picture.taken_at == timezone.now()
    assert picture.taken_at - picture.started_at == timedelta(seconds=0.3)


def test_the_version_grows_only_on_change(board, says):
    said = [[], [a_call()], [a_call()], [HELD], LOST, LOST, [HELD], [HELD], []]
    versions = []
    for says.calls in said:
        versions.append(board.read().version)
    assert versions == [1, 2, 2, 3, 4, 4, 5, 5, 6]


def test_a_start_time_that_wobbles_is_no_change(board, says):
    start = timezone.now()
    versions = []
    for seconds in (0, 1, -1, 2, 60):
        says.calls = [a_call(started_at=start + timedelta(seconds=seconds))]
        versions.append(board.read().version)
    assert versions == [1, 1, 1, 1, 2]


def test_good_pictures_and_only_good_ones_are_announced(board, says, pictures):
    for says.calls in ([a_call()], LOST, []):
        board.read()
    assert [picture.calls for picture in pictures] == [(a_call(),), ()]


def test_the_door_is_closed_behind_every_read(board, says):
    for says.calls in ([], LOST):
        board.read()
    assert says.closed == 2


# A failed one.


def test_stale_is_not_empty(board, says):
    says.calls = [a_call()]
    good = board.read()
    says.calls = LOST
    picture = board.read()
    assert picture.calls == good.calls
    assert picture.taken_at == good.taken_at
    assert (picture.error_code, picture.error_text) == ("unreachable", "Nothing listens there.")


def test_it_has_failed_since_the_first_failure(board, says):
    says.calls = LOST
    first = board.read()
    assert board.read(30).failing_since == first.failing_since == first.started_at
    says.calls = []
    assert board.read().failing_since is None


def pauses(board, says, count: int) -> list[float]:
    said = []
    for says.calls in [BadReply("Not XML.")] * count:
        board.read(60)
        said.append((board.feed.due_at - timezone.now()).total_seconds())
    return said


def test_the_pause_grows_and_has_an_end(board, says, no_jitter):
    assert pauses(board, says, 8) == [1, 2, 4, 8, 16, 30, 30, 30]
    assert set(no_jitter) == {(0.8, 1.2)}


def test_the_pause_starts_anew_after_a_good_read(board, says, no_jitter):
    pauses(board, says, 5)
    says.calls = []
    board.read(60)
    assert pauses(board, says, 2) == [1, 2]


def test_a_pbx_that_fails_is_read_no_more_often_than_one_that_does_not(
    board, says, head_office, no_jitter
):
    head_office.poll_seconds = 60
    head_office.save()
    assert pauses(board, says, 3) == [60, 60, 60]


def test_the_pause_begins_when_the_read_has_ended(board, says, no_jitter):
    says.calls, says.meanwhile = LOST, lambda: board.wait(5)
    board.read()
    assert board.feed.due_at == timezone.now() + timedelta(seconds=1)


def test_it_varies_so_that_pbxs_do_not_march_in_step(board, says):
    said = {round(pause, 3) for pause in pauses(board, says, 12)[6:]}
    assert len(said) > 1
    assert all(24 <= pause <= 36 for pause in said)


@pytest.mark.parametrize("error", [AuthFailed("Wrong password."), CredentialsUnreadable("Keys.")])
def test_a_refused_login_stops_it(board, says, error):
    says.calls = error
    assert board.read().error_code == lease.STOPPED
    assert board.feed.error_code == lease.STOPPED


def test_lost_and_back_are_said_once_each(board, says, caplog):
    caplog.set_level(logging.INFO, "transfers.board")
    for says.calls in ([], LOST, LOST, BadReply("Not XML."), [], []):
        board.read(60)
    assert [record.message for record in caplog.records] == [
        "Head office is lost: Nothing listens there.",
        "Head office is back",
    ]


def test_a_defect_of_ours_is_shown_like_any_other_failure(board, says, caplog, no_jitter):
    says.calls = [a_call()]
    board.read()
    says.calls = ZeroDivisionError()
    picture = board.read()
    assert picture.calls == (a_call(),)
    assert (picture.error_code, picture.error_text) == ("driver_error", poller.BROKE)
    assert "ZeroDivisionError" in caplog.text
    board.read()
    assert board.feed.due_at == timezone.now() + timedelta(seconds=2)


# A read that something overtook.


@pytest.mark.parametrize("said", [[HELD], LOST])
def test_a_read_begun_before_a_command_is_discarded(board, says, pictures, said):
    says.calls = [a_call()]
    board.read()

    def command():
        board.wait(0.1)
        lease.read_again(board.connection_id)

    says.calls, says.meanwhile = said, command
    assert board.read() is None
    assert load_calls_of(board) == (a_call(),)
    assert board.feed.error_code == ""
    assert board.feed.due_at == timezone.now(), "what the command wanted is still to be read"
    assert len(pictures) == 1


def load_calls_of(board):
    return poller.picture_of(board.feed).calls


@pytest.mark.parametrize("said", [[HELD], LOST])
def test_a_read_begun_before_a_later_picture_is_discarded(board, says, said):
    def somebody_else_reads():
        says.calls = [a_call()]
        assert board.read(0.5) is not None

    says.calls, says.meanwhile = said, somebody_else_reads
    assert board.read() is None
    assert load_calls_of(board) == (a_call(),)
    assert board.feed.error_code == ""


@pytest.mark.django_db(transaction=True)
def test_two_reads_at_once_and_the_earlier_one_is_published_first(board, says, monkeypatch):
    """held → talking by the first, held again by the second: both are changes for who looks."""
    says.calls = [HELD]
    assert board.read().version == 1
    begun, release = threading.Event(), threading.Event()

    def second() -> poller.Picture | None:
        says.calls, says.meanwhile = [HELD], lambda: begun.set() or release.wait(10)
        try:
            return board.read(0.5)
        finally:
            database.close()

    def first_ends() -> None:
        nonlocal later
        later = pool.submit(second)
        assert begun.wait(10)

    later = None
    with ThreadPoolExecutor(1) as pool:
        says.calls, says.meanwhile = [a_call()], first_ends
        assert board.read().version == 2
        release.set()
        picture = later.result(10)
    assert (picture.version, picture.calls) == (3, (HELD,))


# The directory.


def test_the_directory_is_read_once_a_minute(board, says):
    says.extensions = [Extension("1001", "Reception")]
    for _ in range(60):
        board.read(1)
    assert (says.reads, says.directory_reads) == (60, 1)
    board.read(1)
    assert says.directory_reads == 2
    assert load_directory(board.feed.directory) == says.extensions


@pytest.mark.parametrize("error", [Unreachable("Gone."), AuthFailed("No."), ValueError()])
def test_a_directory_that_fails_harms_nothing(board, says, error):
    says.extensions = [Extension("1001", "Reception")]
    board.read()
    says.calls, says.extensions = [a_call()], error
    picture = board.read(60)
    assert (picture.calls, picture.error_code) == ((a_call(),), "")
    assert load_directory(board.feed.directory) == [Extension("1001", "Reception")]
    board.read()
    assert says.directory_reads == 2, "it is not asked again before its minute is over"


def test_a_pbx_that_cannot_be_read_is_not_asked_for_its_directory(board, says):
    says.calls = LOST
    board.read()
    assert says.directory_reads == 0


# A picture for a command.


def test_a_fresh_picture_is_used_as_it_is(board, says):
    board.read()
    board.wait(1.5)
    poller.fresh_picture(board.feed)
    assert says.reads == 1


def test_an_older_one_is_read_anew(board, says):
    board.read()
    board.wait(1.6)
    says.calls = [a_call()]
    assert poller.fresh_picture(board.feed).calls == (a_call(),)
    assert says.reads == 2


def test_a_failure_of_its_own_read_is_told(board, says):
    says.calls = LOST
    assert poller.fresh_picture(board.feed).error_code == "unreachable"


@pytest.mark.parametrize("error", [LOST, AuthFailed("Wrong password.")])
def test_a_resting_pbx_is_not_tried_and_nobody_waits(board, says, error, settings):
    settings.PBX_READ_SECONDS = 60
    says.calls = error
    board.read()
    assert poller.fresh_picture(board.feed).error_text == error.safe_text
    assert says.reads == 1


def test_a_pbx_that_has_rested_is_tried(board, says):
    says.calls = LOST
    board.read()
    board.wait(2)
    says.calls = []
    assert poller.fresh_picture(board.feed).error_code == ""


def test_a_read_that_a_command_overtook_is_done_again(board, says):
    def command():
        board.wait(0.1)
        lease.read_again(board.connection_id)

    says.calls, says.meanwhile = [a_call()], command
    assert poller.fresh_picture(board.feed).calls == (a_call(),)
    assert says.reads == 2


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_somebody_reads_waits_for_that_picture(board, says, monkeypatch):
    feed, waits = board.feed, threading.Event()
    assert lease.claim(feed, timezone.now())
    monkeypatch.setattr(poller.time, "sleep", lambda _: waits.set())

    def wait() -> poller.Picture:
        try:
            return poller.fresh_picture(feed)
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        assert waits.wait(10)
        says.calls = [a_call()]
        poller.read(feed)
        assert waiting.result(10).calls == (a_call(),)
    assert says.reads == 1


def test_nobody_waits_longer_than_a_read_may_take(board, says, settings):
    settings.PBX_READ_SECONDS = 0.01
    board.read()
    board.wait(5)
    lease.claim(board.feed, timezone.now())
    picture = poller.fresh_picture(board.feed)
    assert picture.age(timezone.now()) == 5, "the caller looks at its freshness"
    assert says.reads == 1


def test_after_a_command_the_picture_is_read_anew_however_young_it_is(board, says):
    says.calls = [a_call()]
    board.read()
    board.wait(0.2)
    lease.read_again(board.feed.connection_id)
    says.calls = []
    assert poller.fresh_picture(board.feed).calls == ()
