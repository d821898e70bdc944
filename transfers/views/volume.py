"""The log in sum: plots, each beside a table with the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from transfers.access import UserRequest, member
from transfers.forms.log import VolumeForm
from transfers.sentences import told
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
        found = volume(log.transfers(request.user, wanted), wanted.since, wanted.until)
    context = {
        "form": form,
        "volume": found,
        "plots": _plots(found) if found and found.total else [],
        "usual_days": USUAL_DAYS if usual else None,
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "log/volume.html", context)


def _plots(found: Volume) -> list[Plot]:
    return [_course(found), _hours(found), _verdicts(found), _targets(found), _waits(found)]


def _course(found: Volume) -> Plot:
    title, head, pattern = {
        "day": (_("By day"), _("Day"), _("j M")),
        "week": (_("By week"), _("Week from"), _("j M")),
        "month": (_("By month"), _("Month"), _("M Y")),
    }[found.course.step]
    marks = [Mark(date_format(day, pattern), count) for day, count in found.course.counts]
    full = pattern if found.course.step == "month" else _("j M Y")
    table = [(date_format(day, full), count) for day, count in found.course.counts if count]
    return Plot(
        "course",
        title,
        _("From left to right as time went by. The table leaves out where nothing was sent."),
        _most(_("Most: {name}, {count} of {all}."), table),
        plots.columns(marks, named=-(-len(marks) // 5)),
        (head, _("Transfers")),
        table,
    )


def _hours(found: Volume) -> Plot:
    names = [f"{hour:02}:00" for hour in range(24)]
    marks = [Mark(name[:2], count) for name, count in zip(names, found.hours, strict=True)]
    table = [(name, count) for name, count in zip(names, found.hours, strict=True) if count]
    note = _("Hours of {zone}. The table leaves empty hours out.")
    return Plot(
        "hours",
        _("By hour of the day"),
        note.format(zone=timezone.get_current_timezone_name()),
        _most(_("Most from {name}: {count} of {all}."), table),
        plots.columns(marks, named=3),
        (pgettext("from an hour on", "From"), _("Transfers")),
        table,
    )


def _verdicts(found: Volume) -> Plot:
    marks = [
        Mark(f"{each.sign} {told(each.word)}", count, each.css)
        for each, count in found.verdicts.items()
    ]
    table = [(told(each.word), count) for each, count in found.verdicts.items()]
    note = _("In the words of the log: arrived means that the target was seen with the call.")
    return Plot(
        "verdicts",
        _("What became of them"),
        note,
        f"{_listed(table)}.",
        plots.rows(marks),
        (_("Verdict"), _("Transfers")),
        table,
    )


def _targets(found: Volume) -> Plot:
    pbxs = {each.pbx for each in found.targets if each.pbx}
    marks = [
        Mark(each.name or each.number + _on(each.pbx, pbxs), each.count) for each in found.targets
    ]
    table = [
        (f"{each.number} {each.name}".strip() + _on(each.pbx, pbxs), each.count)
        for each in found.targets
    ]
    return Plot(
        "targets",
        _("Where they went"),
        _("The most frequent targets, arrived or not."),
        _most(_("Most to {name}: {count} of {all}."), table) if table else "",
        plots.rows(marks),
        (_("Target"), _("Transfers")),
        table,
    )


def _on(pbx: str, pbxs: set[str]) -> str:
    """Where an extension is, unless all are of one PBX."""
    return f" · {pbx}" if pbx and len(pbxs) > 1 else ""


def _waits(found: Volume) -> Plot:
    names = [_("up to {seconds} s").format(seconds=end) for end in WAITS]
    names.append(_("over {seconds} s").format(seconds=WAITS[-1]))
    table = list(zip(names, found.waits, strict=True)) if any(found.waits) else []
    labels = [_("≤ {seconds} s").format(seconds=end) for end in WAITS]
    labels.append(_("> {seconds} s").format(seconds=WAITS[-1]))
    marks = [Mark(label, count, "ok") for label, count in zip(labels, found.waits, strict=True)]
    return Plot(
        "waits",
        _("Time until the target answered"),
        _("From the command until the answer was seen; blind transfers and forwards that arrived."),
        f"{_listed(table)}.",
        plots.columns(marks),
        (_("Answered after"), _("Transfers")),
        table,
    )


def _most(pattern: str, table: Sequence[tuple[str, int]]) -> str:
    name, most = max(table, key=lambda row: row[1])
    everything = sum(count for _name, count in table)
    return pattern.format(name=name, count=intcomma(most), all=intcomma(everything))


def _listed(table: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name}: {intcomma(count)}" for name, count in table)
