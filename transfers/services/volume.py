"""How many transfers, when, to whom, and what became of them: counted by the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Case, Count, F, IntegerField, Max, Q, QuerySet, Value, When
from django.db.models.functions import ExtractHour, TruncDate
from django.utils import timezone

from transfers.models import Transfer
from transfers.services.verdicts import MOVES, TARGET_UNSEEN, VERDICTS, Verdict, verdict_of
from transfers.spelling import is_public, number_key

Kind, State = Transfer.Kind, Transfer.State
COUNTED = (*MOVES, Kind.VOICEMAIL)  # what sends a call to somebody; a hold does not
RINGS = (Kind.BLIND, Kind.FORWARD)  # after these the target's phone rings; a joined one talks
TARGETS = 10
WAITS = (5, 10, 20, 30, 60)  # seconds: the ends of the classes; what took longer is one more
COLUMNS = 62  # of a course of days; a longer one is counted by weeks, or else by months


@dataclass(frozen=True, slots=True)
class Target:
    number: str  # as it was written most often
    name: str
    count: int
    pbx: str = ""  # whose number it is; "" for one of the public network


@dataclass(frozen=True, slots=True)
class Course:
    """`counts` without a gap, each by the first day of its step."""

    step: str = "day"  # or "week", which begins on Monday, or "month"
    counts: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Volume:
    hours: tuple[int, ...]  # of the day, 24 of them, on the clock of the installation
    verdicts: Mapping[Verdict, int]
    targets: tuple[Target, ...]  # the most frequent ones
    waits: tuple[int, ...]  # one more than WAITS
    course: Course

    @property
    def total(self) -> int:
        return sum(self.hours)


def volume(
    rows: QuerySet[Transfer], since: date | None = None, until: date | None = None
) -> Volume:
    """`since` and `until` are the days that `rows` are of, where they were chosen."""
    rows = rows.filter(kind__in=COUNTED).order_by()
    course = _course(rows, since, until)
    return Volume(_hours(rows), _verdicts(rows), _targets(rows), _waits(rows), course)


def _hours(rows: QuerySet[Transfer]) -> tuple[int, ...]:
    """By the clock on the wall: on the day it changes, an hour comes twice or not at all."""
    counted = rows.annotate(hour=ExtractHour("created_at")).values_list("hour")
    found = dict(counted.annotate(count=Count("pk")))
    return tuple(found.get(hour, 0) for hour in range(24))


def _verdicts(rows: QuerySet[Transfer]) -> dict[Verdict, int]:
    """In the words of the log, and in the order they have there."""
    counts: Counter[Verdict] = Counter()
    groups = rows.values_list("kind", "state", "code").annotate(count=Count("pk"))
    for kind, state, code, count in groups:
        counts[verdict_of(Transfer(kind=kind, state=state, code=code))] += count
    order = [verdict.css for verdict in (VERDICTS[State.CONFIRMED], *VERDICTS.values())]
    return dict(sorted(counts.items(), key=lambda each: (order.index(each[0].css), -each[1])))


def _targets(rows: QuerySet[Transfer]) -> tuple[Target, ...]:
    """One number in several spellings is one target; 201 of two PBXs are two. A number of the
    public network is the same from every PBX."""
    counted = rows.exclude(target="").values_list("target", "connection", "connection_name")
    several = counted.annotate(name=Max("target_name"), count=Count("pk"))
    found: dict[tuple[str, object], Target] = {}
    for number, pbx, pbx_name, name, count in several.order_by("-count", "target"):
        key = number_key(number)
        where, said = (None, "") if is_public(key) else (pbx or pbx_name, pbx_name)
        known = found.get((key, where), Target(number, name, 0, said))
        more = replace(known, name=known.name or name, count=known.count + count)
        found[key, where] = more
    return tuple(sorted(found.values(), key=lambda each: -each.count)[:TARGETS])


def _course(rows: QuerySet[Transfer], since: date | None, until: date | None) -> Course:
    days = rows.annotate(day=TruncDate("created_at")).values_list("day")
    found = dict(days.annotate(count=Count("pk")))
    if not found:
        return Course()
    last = min(until or date.max, max(timezone.localdate(), *found))
    first = since or min(found)
    if (last - first).days >= COLUMNS:  # what was asked for may begin long before there was a log
        first = max(first, min(found))
    step = _step((last - first).days + 1)
    counts: Counter[date] = Counter()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        counts[_first_of(step, day)] += found.get(day, 0)
    return Course(step, tuple(counts.items()))


def _step(days: int) -> str:
    if days <= COLUMNS:
        return "day"
    return "week" if days <= 7 * COLUMNS else "month"


def _first_of(step: str, day: date) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day


def _waits(rows: QuerySet[Transfer]) -> tuple[int, ...]:
    """From the command until its target was seen to answer."""
    answered = rows.filter(state=State.CONFIRMED, kind__in=RINGS).exclude(code=TARGET_UNSEEN)
    classes = [
        When(Q(settled_at__lte=F("created_at") + timedelta(seconds=end)), then=Value(number))
        for number, end in enumerate(WAITS)
    ]
    which = Case(*classes, default=Value(len(WAITS)), output_field=IntegerField())
    found = dict(answered.annotate(which=which).values_list("which").annotate(count=Count("pk")))
    return tuple(found.get(number, 0) for number in range(len(WAITS) + 1))
