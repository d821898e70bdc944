"""Transfers in sum."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.rows import sent
from transfers.models import PbxConnection, Transfer
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
    here = "Head office"
    assert found[:2] == (Target("1003", "Carol Weiss", 20, here), Target("2011", "", 12, here))


def test_a_target_is_a_number_of_its_pbx_however_it_is_spelled(add, ana, head_office):
    budapest, sold = (
        PbxConnection.objects.create(name=name, vendor="ozeki", url="http://127.0.0.1:9/")
        for name in ("Budapest", "Sold")
    )
    add(3, target="201", target_name="")
    add(target="2-01", target_name="Anna")
    add(3, target="+36 1 555 0142", target_name="")
    for pbx, target, name in (
        (budapest, "201", "Bela"),
        (budapest, "201", "Bela"),
        (budapest, "06 1 555 0142", ""),
        (budapest, "06 1 555 0142", ""),
        (sold, "201", "Cili"),
    ):
        sent(ana, pbx, target=target, target_name=name)
    sold.delete()
    assert counted().targets == (
        Target("+36 1 555 0142", "", 5),
        Target("201", "Anna", 4, "Head office"),
        Target("201", "Bela", 2, "Budapest"),
        Target("201", "Cili", 1, "Sold"),
    )


def test_the_course_has_no_gap_and_is_of_the_days_that_were_chosen(add):
    add(2, created_at=datetime(2026, 3, 8, 23, 30, tzinfo=UTC))  # the 9th in Budapest
    add(created_at=datetime(2026, 3, 11, 9, tzinfo=UTC))
    with timezone.override("Europe/Budapest"):
        found = volume(Transfer.objects.all(), date(2026, 3, 7), date(2026, 3, 12)).course
    assert found.step == "day"
    assert found.counts == tuple(
        (date(2026, 3, 7 + number), count) for number, count in enumerate((0, 0, 2, 0, 1, 0))
    )


@pytest.mark.parametrize(
    ("since", "until", "step", "counts"),
    [
        (date(2026, 3, 1), date(2026, 12, 31), "week", {date(2026, 3, 9): 1}),
        (date(2025, 1, 1), date(2026, 12, 31), "week", {date(2026, 3, 9): 1}),
        (date(2000, 1, 1), date(2028, 3, 1), "month", {date(2026, 3, 1): 1, date(2028, 2, 1): 1}),
    ],
)
def test_a_long_course_goes_by_weeks_or_months_from_the_first_transfer_on(
    add, since, until, step, counts
):
    add()
    if step == "month":
        add(created_at=datetime(2028, 2, 3, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 12, 31, tzinfo=UTC)):
        found = volume(Transfer.objects.all(), since, until).course
    assert found.step == step
    assert {day: count for day, count in found.counts if count} == counts
    assert len(found.counts) <= 62


def test_the_course_ends_today_at_the_latest(add):
    with time_machine.travel(AT + timedelta(days=3)):
        add()
        days = [day for day, _count in volume(Transfer.objects.all(), None, date.max).course.counts]
    assert days == [date(2026, 3, 10 + number) for number in range(4)]


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


def test_five_questions_however_many_rows(add, django_assert_num_queries):
    add(30)
    rows = Transfer.objects.all()
    with django_assert_num_queries(5):
        volume(rows)
