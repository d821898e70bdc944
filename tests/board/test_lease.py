"""Who reads a PBX next: once per interval, only while somebody wants to know."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from tests.rows import sent
from transfers.board import lease
from transfers.models import Feed, PbxConnection, Seat
from transfers.services import connections

now = timezone.now


def due() -> list[int]:
    return [feed.pk for feed in lease.due(now())]


@pytest.fixture
def watched(board):
    lease.watch([board.feed])
    return board


# Once per interval.


def test_a_feed_is_claimed_once_per_interval(board):
    feed = board.feed
    assert [lease.claim(feed, now()) for _ in range(3)] == [True, False, False]
    board.wait(0.9)
    assert not lease.claim(feed, now())
    board.wait(0.1)
    assert [lease.claim(feed, now()) for _ in range(2)] == [True, False]


def test_the_interval_is_the_connection_s_own(board, head_office):
    head_office.poll_seconds = 20
    head_office.save()
    assert lease.claim(board.feed, now())
    board.wait(19)
    assert not lease.claim(board.feed, now())
    board.wait(1)
    assert lease.claim(board.feed, now())


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_wins_each_interval(board):
    def claim(feed: Feed) -> bool:
        try:
            return lease.claim(feed, now())
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            board.wait(1)
            assert sum(pool.map(claim, [board.feed] * 8)) == 1


def test_after_a_long_silence_it_is_due_once_and_not_for_every_missed_interval(watched):
    watched.wait(10)
    assert due() == [watched.feed.pk]
    lease.claim(watched.feed, now())
    assert due() == []


# Only what somebody wants to know.


def test_nobody_looks_so_nothing_is_due(board):
    board.wait(1)
    assert due() == []


def test_a_look_keeps_it_polled_for_half_a_minute(watched):
    watched.wait(29.9)
    assert due() == [watched.feed.pk]
    watched.wait(0.1)
    assert due() == []


def test_looking_writes_at_most_every_ten_seconds(watched, django_assert_num_queries):
    for wait, writes in ((9.9, 0), (0.2, 1), (0, 0)):
        watched.wait(wait)
        feed = watched.feed
        with django_assert_num_queries(writes):
            lease.watch([feed])


def test_looking_at_nothing_asks_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        lease.watch([])


@pytest.mark.parametrize("state", ["sending", "accepted", "unknown"])
def test_an_awaited_transfer_keeps_it_polled(board, ana, head_office, state):
    end = now() + timedelta(minutes=2)
    sent(ana, head_office, state=state, watch_until=end, settled_at=None)
    board.wait(119)
    assert due() == [board.feed.pk]
    board.wait(1)
    assert due() == []


@pytest.mark.parametrize("state", ["refused", "failed"])
def test_a_transfer_that_was_not_done_does_not(board, ana, head_office, state):
    sent(ana, head_office, state=state, watch_until=now() + timedelta(minutes=2))
    board.wait(1)
    assert due() == []


def test_another_pbx_s_transfer_does_not(board, ana, head_office):
    other = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")
    sent(ana, other, state="accepted", watch_until=now() + timedelta(minutes=2))
    board.wait(1)
    assert due() == []


# Not what must not be read.


def test_a_disabled_connection_is_neither_due_nor_claimed(watched, head_office):
    feed = watched.feed
    head_office.enabled = False
    head_office.save()
    assert due() == []
    assert not lease.claim(feed, now()), "it was disabled after somebody found it due"


def test_a_refused_login_stops_it_until_the_connection_is_edited(watched, head_office, root):
    Feed.objects.update(error_code=lease.STOPPED, error_text="Wrong password.")
    watched.wait(25)
    assert due() == []
    assert not lease.claim(watched.feed, now())
    typed = connections.Draft(
        name=head_office.name,
        vendor=head_office.vendor,
        url=head_office.url,
        username="console",
        password="another",
    )
    connections.edit(root, head_office, typed)
    assert due() == [watched.feed.pk]
    assert lease.claim(watched.feed, now())


def test_where_each_agent_has_a_login_only_the_agents_feeds_are_read(
    watched, ana, head_office, monkeypatch
):
    seat = Seat.objects.get(user=ana)
    agents = Feed.objects.create(connection=head_office, seat=seat)
    lease.watch([agents])
    monkeypatch.setattr(lease, "agent_scoped", lambda: frozenset({head_office.vendor}))
    watched.wait(1)
    assert due() == [agents.pk]


# After a command.


def test_after_a_command_it_is_read_at_once(watched):
    lease.claim(watched.feed, now())
    watched.wait(0.2)
    assert due() == []
    lease.read_again(watched.connection_id)
    assert due() == [watched.feed.pk]
    assert watched.feed.read_after == now()
