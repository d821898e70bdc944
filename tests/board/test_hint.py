"""A hint makes the next read due soon, however many hints come, and spoils no picture."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from transfers.board import lease
from transfers.models import Feed

now = timezone.now


@pytest.fixture
def claimed(board):
    lease.watch([board.feed])
    assert lease.claim(board.feed, now())
    return board


def due_in(board) -> float:
    return (board.feed.due_at - now()).total_seconds()


def test_a_hint_makes_the_feed_due_at_once(claimed):
    claimed.wait(0.5)
    lease.hint(claimed.connection_id)
    assert due_in(claimed) == 0
    assert lease.claim(claimed.feed, now())


def test_right_after_a_read_it_waits_for_the_gap(claimed):
    claimed.wait(0.1)
    lease.hint(claimed.connection_id)
    assert due_in(claimed) == pytest.approx(0.15)


def test_a_hundred_hints_in_a_second_are_four_reads(claimed):
    reads = 0
    for _ in range(100):
        claimed.wait(0.01)
        lease.hint(claimed.connection_id)
        reads += lease.claim(claimed.feed, now())
    assert reads == 4


def test_a_picture_under_way_still_counts(claimed):
    before = claimed.feed.read_after
    claimed.wait(0.5)
    lease.hint(claimed.connection_id)
    assert claimed.feed.read_after == before


def test_a_feed_that_is_due_earlier_stays_so(claimed):
    early = now() - timedelta(seconds=3)
    Feed.objects.update(due_at=early)
    lease.hint(claimed.connection_id)
    assert claimed.feed.due_at == early


def test_a_failing_feed_is_tried_once_per_interval_at_most(claimed):
    Feed.objects.update(failures=5, due_at=now() + timedelta(seconds=30))
    claimed.wait(0.4)
    lease.hint(claimed.connection_id)
    assert due_in(claimed) == pytest.approx(0.6)


def test_a_feed_never_read_is_due_at_once(board):
    Feed.objects.update(due_at=now() + timedelta(seconds=30))
    lease.hint(board.connection_id)
    assert due_in(board) == 0


def test_a_hint_does_not_make_anybody_look(claimed):
    Feed.objects.update(watched_until=now() - timedelta(seconds=1))
    claimed.wait(0.5)
    lease.hint(claimed.connection_id)
    assert list(lease.due(now())) == []


def test_other_connections_are_left_alone(claimed):
    due_at = claimed.feed.due_at
    lease.hint(claimed.connection_id + 1)
    assert claimed.feed.due_at == due_at
