"""Where PBXs send notifications to, and the part of the connection page about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from transfers.access import UserRequest, administrator
from transfers.board.accounts import driver_class_of
from transfers.drivers.base import Driver
from transfers.models import PbxConnection
from transfers.sentences import told
from transfers.services import notifications as service
from transfers.services.connections import NotDone
from transfers.standing import NotifyAddress
from transfers.views.connections import connection_for

MOST_BYTES = 64 * 1024
MOST_FIELDS = 100
FORM = "application/x-www-form-urlencoded"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def notify(request: HttpRequest, token: str) -> HttpResponse:
    """A notification; the token in the address is all that its sender needs to know."""
    address = service.address_of(token)
    if address is None:
        return HttpResponse(status=404)
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return HttpResponse(status=413)
    form = body if request.content_type in (FORM, "") else b""
    kind, text = service.receive(
        address, _fields(request.META.get("QUERY_STRING", "")) | _fields(form.decode("latin-1"))
    )
    return HttpResponse(text, content_type=kind, headers={"Cache-Control": "no-store"})


def _fields(text: str) -> dict[str, str]:
    """The fields of a form; the last of a name counts. {} for what is none."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


@administrator
@require_POST
def renew(request: UserRequest, pk: int) -> HttpResponse:
    connection = connection_for(request, pk)
    left = service.renew(request.user, connection).left
    messages.success(request, _("The new address is below. Any earlier one is dead."))
    if left:
        text = _("The PBX still has the old address, which answers nothing any more: {reason}")
        messages.warning(request, text.format(reason=told(left)))
    return _back(connection)


@administrator
@require_POST
def register(request: UserRequest, pk: int) -> HttpResponse:
    connection = connection_for(request, pk)
    url = _url(request, service.token_of(connection))
    try:
        service.register(request.user, connection, url)
    except NotDone as refusal:
        messages.error(request, _("Not registered: {reason}").format(reason=told(refusal.text)))
    else:
        text = _("{name} sends its notifications here now.")
        messages.success(request, text.format(name=connection.name))
    return _back(connection)


@administrator
@require_POST
def unregister(request: UserRequest, pk: int) -> HttpResponse:
    connection = connection_for(request, pk)
    try:
        service.unregister(request.user, connection)
    except NotDone as refusal:
        messages.error(request, _("Not removed: {reason}").format(reason=told(refusal.text)))
    else:
        text = _("{name} sends no notifications here any more.")
        messages.success(request, text.format(name=connection.name))
    return _back(connection)


def panel(request: HttpRequest, connection: PbxConnection | None) -> dict[str, Any] | None:
    """What the connection page shows of notifications; None where the PBX sends none."""
    try:
        driver = driver_class_of(connection) if connection else None
    except KeyError:
        driver = None
    if connection is None or driver is None or not driver.notified:
        return None
    token = service.token_of(connection)
    return {
        "address": NotifyAddress.objects.filter(connection=connection).first(),
        "url": _url(request, token) if token else "",
        "hint": driver.notify_hint,
        "registers": driver.subscribe is not Driver.subscribe,
        "needed": driver.stands_in(connection.options) == "answer",
    }


def _url(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("notify", args=[token])) if token else ""


def _back(connection: PbxConnection) -> HttpResponse:
    return redirect(f"{reverse('connection_edit', args=[connection.pk])}#notifications")
