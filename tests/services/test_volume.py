"""Transfers in sum."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.rows import sent
from transfers.models import Transfer
from transfers.services.verdicts import TARGET_UNSEEN
from transfers.services.volume import TARGETS, WAITS, Target, volume

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)  # 10:30 in Budapest


@pytest.fixture
def add(ana, head_office):
    def add(times: int = 1, **values):
        for _ in range(times):
            sent(ana, head_office, **{"created_at": AT} | values)

    return add


def counted():
    return volume(Transfer.objects.all())


def test_nothing(db):
    found = counted()
    assert (found.total, found.verdicts, found.targets) == (0, {}, ())
    assert found.waits == (0,) * (len(WAITS) + 1)


@pytest.mark.parametrize(
    ("zone", "hour"), [("Europe/Budapest", 10), ("UTC", 9), ("Asia/Kolkata", 15)]
)
def test_hours_are_those_of_the_time_zone(add, zone, hour):
    add(2)
    with timezone.override(zone):
        found = counted()
    assert {hour: count for hour, count in enumerate(found.hours) if count} == {hour: 2}


def test_hours_on_both_sides_of_a_change_of_the_clocks(add):
    add(created_at=datetime(2026, 3, 28, 9, 0, tzinfo=UTC))  # 10:00, the day before
    add(created_at=datetime(2026, 3, 29, 8, 0, tzinfo=UTC))  # 10:00 again
    with timezone.override("Europe/Budapest"):
        assert counted().hours[10] == 2


@pytest.mark.parametrize("kind", Transfer.Kind.values)
def test_only_what_sends_a_call_is_counted(add, kind):
    add(kind=kind)
    assert counted().total == (kind in {"blind", "forward", "join", "voicemail"})


def test_verdicts_are_those_of_the_log(add):
    add(3)
    add(2, state="refused", code="not_possible")
    add(state="refused", code="taken")
    add(state="missed")
    add(state="unknown")
    add(code=TARGET_UNSEEN)
    add(state="accepted", code="answered")
    add(kind="voicemail")
    words = {each.word: count for each, count in counted().verdicts.items()}
    assert words == {
        "Arrived": 3, "Done": 1, "Sent on": 1, "Sent": 1,
        "Refused": 3, "Did not arrive": 1, "Unknown": 1,
    }  # fmt: skip
    assert next(iter(words)) == "Arrived"


def test_the_most_frequent_targets(add):
    for number in range(TARGETS + 2):
        add(number + 1, target=f"2{number:03}", target_name="")
    add(20, target="1003", target_name="Carol Weiss")
    add(30, target="")
    found = counted().targets
    assert len(found) == TARGETS
    assert found[:2] == (Target("1003", "Carol Weiss", 20), Target("2011", "", 12))


@pytest.mark.parametrize(
    ("seconds", "place"), [(0.4, 0), (5, 0), (5.1, 1), (20, 2), (60, 4), (61, 5), (900, 5)]
)
def test_time_to_answer(add, seconds, place):
    add(settled_at=AT + timedelta(seconds=seconds))
    assert [number for number, count in enumerate(counted().waits) if count] == [place]


@pytest.mark.parametrize(
    "values", [{"state": "missed"}, {"kind": "join"}, {"code": TARGET_UNSEEN}, {"state": "unknown"}]
)
def test_who_was_not_seen_to_answer_has_no_time(add, values):
    add(**values)
    assert not any(counted().waits)


def test_four_questions_however_many_rows(add, django_assert_num_queries):
    add(30)
    rows = Transfer.objects.all()
    with django_assert_num_queries(4):
        volume(rows)
