"""The log: the list, one receipt, the file, and for administrators what happened beside calls."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from transfers.access import UserRequest, administrator, member, transfer_for
from transfers.forms.log import EventsForm, LogForm
from transfers.models import Transfer
from transfers.sentences import say_many
from transfers.services import audit, log, log_csv, wording
from transfers.services.story import story
from transfers.services.verdicts import ANSWERED
from transfers.trail import AuditEvent

PAGE = 50


@member
@require_safe
def index(request: UserRequest) -> HttpResponse:
    form = LogForm(request.user, request.GET)
    rows: QuerySet[Transfer] = Transfer.objects.none()
    if form.is_valid():
        rows = log.transfers(request.user, form.wanted).defer("seen")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "log/index.html", {"form": form, "page": page})


@member
@require_GET
def export(request: UserRequest) -> HttpResponseBase:
    form = LogForm(request.user, request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('log')}?{request.GET.urlencode()}")
    rows = log.transfers(request.user, form.wanted)
    asked = [f"{name} {request.GET[name]}" for name in form.fields if request.GET.get(name)]
    size = rows.count()
    words = say_many("{count} row", "{count} rows", size)
    audit.record(request.user, "log.exported", words, filter=asked)
    name = f"transfers-{timezone.localtime():%Y-%m-%d-%H%M}.csv"
    return StreamingHttpResponse(
        log_csv.lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


@member
@require_safe
def receipt(request: UserRequest, pk: int) -> HttpResponse:
    row = transfer_for(request.user, pk)
    context = {
        "row": row,
        "order": wording.order_in_words(row),
        "was_sent": wording.was_sent(row),
        "answered": row.code == ANSWERED,
        "reply_took": row.replied_at - row.created_at if row.replied_at else None,
        "timeline": story(request.user, row),
    }
    return render(request, "log/receipt.html", context)


@administrator
@require_safe
def events(request: UserRequest) -> HttpResponse:
    form = EventsForm(request.GET)
    rows = log.events(form.wanted) if form.is_valid() else AuditEvent.objects.none()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    entries = [_entry(event) for event in page]
    return render(request, "log/events.html", {"form": form, "page": page, "entries": entries})


def _entry(event: AuditEvent) -> dict[str, object]:
    words = wording.verb_in_words(event.verb)
    return {"event": event, "words": words, "details": wording.details(event)}
