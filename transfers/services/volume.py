"""How many transfers, when, to whom, and what became of them: counted by the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, Count, F, IntegerField, Max, Q, QuerySet, Value, When
from django.db.models.functions import ExtractHour

from transfers.models import Transfer
from transfers.services.verdicts import MOVES, TARGET_UNSEEN, VERDICTS, Verdict, verdict_of

Kind, State = Transfer.Kind, Transfer.State
COUNTED = (*MOVES, Kind.VOICEMAIL)  # what sends a call to somebody; a hold does not
RINGS = (Kind.BLIND, Kind.FORWARD)  # after these the target's phone rings; a joined one talks
TARGETS = 10
WAITS = (5, 10, 20, 30, 60)  # seconds: the ends of the classes; what took longer is one more


@dataclass(frozen=True, slots=True)
class Target:
    number: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Volume:
    hours: tuple[int, ...]  # of the day, 24 of them, on the clock of the installation
    verdicts: Mapping[Verdict, int]
    targets: tuple[Target, ...]  # the most frequent ones
    waits: tuple[int, ...]  # one more than WAITS

    @property
    def total(self) -> int:
        return sum(self.hours)


def volume(rows: QuerySet[Transfer]) -> Volume:
    rows = rows.filter(kind__in=COUNTED).order_by()
    return Volume(_hours(rows), _verdicts(rows), _targets(rows), _waits(rows))


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
    counted = rows.exclude(target="").values_list("target")
    several = counted.annotate(name=Max("target_name"), count=Count("pk"))
    return tuple(Target(*row) for row in several.order_by("-count", "target")[:TARGETS])


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
