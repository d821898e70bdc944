"""Adding and editing a PBX connection, and trying it before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from transfers.access import UserRequest, administrator
from transfers.forms.connections import PREFIX, ConnectionForm, option_words
from transfers.models import PbxConnection
from transfers.sentences import told
from transfers.services import connections as service
from transfers.views.connections import connection_for
from transfers.views.notify import panel


@sensitive_post_parameters()
@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: UserRequest) -> HttpResponse:
    return _form(request, None)


@sensitive_post_parameters()
@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    return _form(request, connection_for(request, pk))


@administrator
@require_safe
def vendor_fields(request: UserRequest) -> HttpResponse:
    """The fields of the vendor that was just chosen, with their defaults."""
    form = ConnectionForm(initial={"vendor": request.GET.get("vendor", "")})
    return render(request, "connections/_vendor.html", {"form": form, "fragment": True})


@sensitive_post_parameters()
@administrator
@require_POST
def try_out(request: UserRequest, pk: int | None = None) -> HttpResponse:
    """Test what is typed, saving nothing. What the test finds out is filled in."""
    connection = connection_for(request, pk) if pk else None
    form = ConnectionForm(request.POST, connection=connection, naming=False)
    context: dict[str, Any] = {"tested": _("as typed"), "saved": False}
    context |= _tried(request, form) if form.is_valid() else {"problems": form.problems()}
    if context.get("learned"):
        form = _filled_in(request, connection, context["options"])
    if request.headers.get("HX-Request"):
        return render(request, "connections/_checks.html", context | {"form": form})
    return _page(request, form, connection, context)


def _form(request: UserRequest, connection: PbxConnection | None) -> HttpResponse:
    if request.method != "POST":
        return _page(request, ConnectionForm(connection=connection), connection)
    if "choose" in request.POST:  # without JavaScript: show the fields of the chosen vendor
        typed = _typed(request)
        return _page(request, ConnectionForm(connection=connection, initial=typed), connection)
    form = ConnectionForm(request.POST, connection=connection)
    if form.is_valid() and _save(request, form, connection):
        return redirect("connections")
    return _page(request, form, connection, status=422)


def _save(request: UserRequest, form: ConnectionForm, connection: PbxConnection | None) -> bool:
    draft = form.draft()
    try:
        if connection is None:
            service.add(request.user, draft)
            messages.success(request, _("{name} is added.").format(name=draft.name))
        else:
            changed = service.edit(request.user, connection, draft)
            text = _("{name} is saved.") if changed else _("Nothing changed in {name}.")
            messages.success(request, text.format(name=draft.name))
    except service.NotDone as refusal:
        form.add_error(refusal.field or None, told(refusal.text))
        return False
    return True


def _tried(request: UserRequest, form: ConnectionForm) -> dict[str, Any]:
    draft = form.draft()
    try:
        tested = service.try_out(request.user, draft, form.connection)
    except service.NotDone as refusal:
        return {"problems": [("", refusal.text)]}
    learned = option_words(draft.vendor, tested.learned)
    return {"probe": tested.probe, "learned": learned, "options": tested.learned}


def _filled_in(
    request: UserRequest, connection: PbxConnection | None, learned: dict[str, str]
) -> ConnectionForm:
    found = {f"{PREFIX}-{name}": value for name, value in learned.items()}
    return ConnectionForm(connection=connection, initial=_typed(request) | found)


def _typed(request: UserRequest) -> dict[str, Any]:
    """What was typed, but the password. An unticked box is missing from a POST."""
    typed: dict[str, Any] = {"enabled": False} | request.POST.dict()
    typed.pop("password", None)
    return typed


def _page(
    request: UserRequest,
    form: ConnectionForm,
    connection: PbxConnection | None,
    context: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    values = {"form": form, "connection": connection, "notify": panel(request, connection)}
    values |= context or {}
    return render(request, "connections/form.html", values, status=status)
