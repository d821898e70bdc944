"""The log in sum: four plots, each beside a table with the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from transfers.access import UserRequest, member
from transfers.forms.log import VolumeForm
from transfers.services import log
from transfers.services.volume import WAITS, Volume, volume
from transfers.views import plots
from transfers.views.plots import Drawing, Mark

USUAL_DAYS = 30  # where no day is asked for


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing and the same in a table. `says` is the drawing in a sentence."""

    slug: str
    title: str
    note: str
    says: str
    drawing: Drawing
    head: tuple[str, str]
    table: Sequence[tuple[str, int]]


@member
@require_safe
def index(request: UserRequest) -> HttpResponse:
    form = VolumeForm(request.user, request.GET)
    found, usual = None, False
    if form.is_valid():
        wanted = form.wanted
        usual = not (wanted.since or wanted.until)
        if usual:
            first = timezone.localdate() - timedelta(days=USUAL_DAYS - 1)
            wanted = replace(wanted, since=first)
        found = volume(log.transfers(request.user, wanted))
    context = {
        "form": form,
        "volume": found,
        "plots": _plots(found) if found and found.total else [],
        "usual_days": USUAL_DAYS if usual else None,
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "log/volume.html", context)


def _plots(found: Volume) -> list[Plot]:
    return [_hours(found), _verdicts(found), _targets(found), _waits(found)]


def _hours(found: Volume) -> Plot:
    names = [f"{hour:02}:00" for hour in range(24)]
    marks = [Mark(name[:2], count) for name, count in zip(names, found.hours, strict=True)]
    table = [(name, count) for name, count in zip(names, found.hours, strict=True) if count]
    note = f"Hours of {timezone.get_current_timezone_name()}. The table leaves empty hours out."
    drawing = plots.columns(marks, named=3)
    says = f"Most from {_most(table)}"
    return Plot("hours", "By hour of the day", note, says, drawing, ("From", "Transfers"), table)


def _verdicts(found: Volume) -> Plot:
    marks = [
        Mark(f"{each.sign} {each.word}", count, each.css) for each, count in found.verdicts.items()
    ]
    table = [(each.word, count) for each, count in found.verdicts.items()]
    note = "In the words of the log: arrived means that the target was seen with the call."
    return Plot(
        "verdicts",
        "What became of them",
        note,
        f"{_listed(table)}.",
        plots.rows(marks),
        ("Verdict", "Transfers"),
        table,
    )


def _targets(found: Volume) -> Plot:
    marks = [Mark(each.name or each.number, each.count) for each in found.targets]
    table = [(f"{each.number} {each.name}".strip(), each.count) for each in found.targets]
    return Plot(
        "targets",
        "Where they went",
        "The most frequent targets, arrived or not.",
        f"Most to {_most(table)}" if table else "",
        plots.rows(marks),
        ("Target", "Transfers"),
        table,
    )


def _waits(found: Volume) -> Plot:
    names = [f"up to {end} s" for end in WAITS] + [f"over {WAITS[-1]} s"]
    table = list(zip(names, found.waits, strict=True)) if any(found.waits) else []
    labels = [f"≤ {end} s" for end in WAITS] + [f"> {WAITS[-1]} s"]
    marks = [Mark(label, count, "ok") for label, count in zip(labels, found.waits, strict=True)]
    return Plot(
        "waits",
        "Time until the target answered",
        "From the command until the answer was seen; blind transfers and forwards that arrived.",
        f"{_listed(table)}.",
        plots.columns(marks),
        ("Answered after", "Transfers"),
        table,
    )


def _most(table: Sequence[tuple[str, int]]) -> str:
    name, count = max(table, key=lambda row: row[1])
    return f"{name}: {count:,} of {sum(count for _, count in table):,}."


def _listed(table: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in table)
