"""A file of contacts: handed in, understood, looked at, and only then imported."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from transfers.access import UserRequest, administrator
from transfers.forms.imports import ColumnsForm, EncodingForm, UploadForm
from transfers.imports import Import, ImportLine
from transfers.sentences import told
from transfers.services.importing import checking, publishing, uploads
from transfers.services.importing.files import Unreadable
from transfers.services.log_csv import safe_cell

SHOWN = 10  # lines of each verdict
State, Verdict = Import.State, ImportLine.Verdict


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: UserRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        return redirect("import", uploads.receive(request.user, file.name, file.read()).pk)
    recent = Import.objects.exclude(state=State.DROPPED).defer("packed")[:10]
    return render(request, "contacts/import/upload.html", {"form": form, "recent": recent})


@administrator
@require_safe
def show(request: UserRequest, pk: int) -> HttpResponse:
    """Where the import stands; with htmx the progress only, until there is more to see."""
    job = _job(pk)
    if request.headers.get("HX-Request"):
        response = render(request, "contacts/import/_progress.html", {"job": job})
        if job.state != State.CHECKING:
            response["HX-Refresh"] = "true"
        return response
    if job.state == State.UPLOADED or "columns" in request.GET:
        return _columns(request, job)
    return _shown(request, job, EncodingForm(initial=job.reading))


@administrator
@require_POST
def check(request: UserRequest, pk: int) -> HttpResponse:
    """Check it with these columns; `look` only shows the file as it would be read."""
    job = _job(pk)
    if "again" in request.POST:
        checking.begin(job)
        return redirect("import", job.pk)
    if job.is_vcard:
        cards = EncodingForm(request.POST)
        if not cards.is_valid():
            return _shown(request, job, cards, status=422)
        checking.begin(job, {**job.reading, **cards.cleaned_data})
        return redirect("import", job.pk)
    try:
        if "look" in request.POST:
            return _columns(request, job, ColumnsForm(job, typed=request.POST))
        form = ColumnsForm(job, request.POST)
    except Unreadable as error:
        return _columns(request, job, problem=error.text)
    if not form.is_valid():
        return _columns(request, job, form, status=422)
    checking.begin(job, form.reading())
    return redirect("import", job.pk)


@administrator
@require_POST
def confirm(request: UserRequest, pk: int) -> HttpResponse:
    job = _job(pk)
    try:
        publishing.publish(request.user, job)
    except publishing.NotNow as refusal:
        messages.error(request, told(refusal.text))
    return redirect("import", job.pk)


@administrator
@require_POST
def give_up(request: UserRequest, pk: int) -> HttpResponse:
    job = _job(pk)
    publishing.give_up(job)
    text = _("{name} was not imported. The contacts are as they were.")
    messages.success(request, text.format(name=job.file_name))
    return redirect("contacts")


@administrator
@require_safe
def bad_lines(request: UserRequest, pk: int) -> HttpResponse:
    """The lines that cannot be imported, with the reasons."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="bad-lines.csv"'
    response.write("\ufeff")
    table = csv.writer(response)
    table.writerow(["Line", "Reason", "Content"])
    for line in _job(pk).lines.filter(verdict=Verdict.BAD).iterator():
        table.writerow([line.line, safe_cell(line.words), safe_cell(line.notes)])
    return response


def _job(pk: int) -> Import:
    return get_object_or_404(Import.objects.exclude(state=State.DROPPED), pk=pk)


def _shown(
    request: UserRequest, job: Import, form: EncodingForm, status: int = 200
) -> HttpResponse:
    context = {"job": job, "form": form, **_seen(job)}
    return render(request, "contacts/import/show.html", context, status=status)


def _columns(
    request: UserRequest,
    job: Import,
    form: ColumnsForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    if job.is_vcard or job.state in (State.DONE, State.CHECKING):
        return redirect("import", job.pk)
    try:
        form = form or ColumnsForm(job)
    except Unreadable as error:
        problem = problem or error.text
    context = {"job": job, "form": form, "problem": problem}
    return render(request, "contacts/import/columns.html", context, status=status)


def _seen(job: Import) -> dict[str, Any]:
    """The counts, and the first lines of each verdict."""
    if job.state not in (State.READY, State.DONE):
        return {}
    found = []
    for verdict in Verdict:
        count = job.counts.get(verdict, 0)
        lines = job.lines.filter(verdict=verdict).prefetch_related("numbers__connection", "groups")[
            :SHOWN
        ]
        found.append((verdict, count, list(lines) if count else []))
    writes = job.counts.get(Verdict.NEW, 0) + job.counts.get(Verdict.CHANGED, 0)
    return {"found": found, "writes": writes, "bad": job.counts.get(Verdict.BAD, 0)}
