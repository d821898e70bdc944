"""The list of PBX connections and what is done there: test, disable and enable, delete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from transfers.access import UserRequest, administrator, connections_of
from transfers.board import lease
from transfers.board.snapshot import Freshness, Picture, picture_of
from transfers.domain import CallState
from transfers.drivers import registry
from transfers.forms.connections import option_words
from transfers.models import PbxConnection
from transfers.sentences import told
from transfers.services import connections as service
from transfers.services import contacts, deletion, forwards
from transfers.services.agents import agents_of, related
from transfers.services.notifications import registered_address
from transfers.views.health import Health, health_of, health_of_agents


@dataclass(frozen=True, slots=True)
class Row:
    connection: PbxConnection
    vendor: str
    health: Health
    calls: int | None  # None: nothing is known
    live: bool


@administrator
@require_safe
def connections(request: UserRequest) -> HttpResponse:
    return render(request, "connections/list.html", _table(request))


@administrator
@require_safe
def table(request: UserRequest) -> HttpResponse:
    response = render(request, "connections/_table.html", _table(request))
    response["Cache-Control"] = "no-store"
    return response


@administrator
@require_POST
def test(request: UserRequest, pk: int) -> HttpResponse:
    connection = connection_for(request, pk)
    tested = service.test(request.user, connection)
    context = {
        "tested": connection.name,
        "probe": tested.probe,
        "learned": option_words(connection.vendor, tested.learned),
        "saved": True,
    }
    if request.headers.get("HX-Request"):
        return render(request, "connections/_checks.html", context)
    return render(request, "connections/list.html", _table(request) | context)


@administrator
@require_POST
def enable(request: UserRequest, pk: int) -> HttpResponse:
    return _switch(request, pk, True)


@administrator
@require_POST
def disable(request: UserRequest, pk: int) -> HttpResponse:
    return _switch(request, pk, False)


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: UserRequest, pk: int) -> HttpResponse:
    connection = connection_for(request, pk)
    if request.method != "POST":
        return _confirm(request, connection)
    try:
        left = deletion.delete(request.user, connection)
    except service.NotDone as refusal:
        return _confirm(request, connection, refusal.text, 409)
    messages.success(request, _("{name} is deleted.").format(name=connection.name))
    if left:
        messages.warning(request, told(left))
    return redirect("connections")


def connection_for(request: UserRequest, pk: int) -> PbxConnection:
    return get_object_or_404(connections_of(request.user), pk=pk)


def _switch(request: UserRequest, pk: int, enabled: bool) -> HttpResponse:
    connection = connection_for(request, pk)
    left = service.set_enabled(request.user, connection, enabled)
    connection.enabled = enabled
    for forward in left:
        forward.connection = connection
        messages.warning(request, told(forwards.may_still_hold(forward)))
    text = _("{name} is enabled.") if enabled else _("{name} is disabled.")
    messages.success(request, text.format(name=connection.name))
    return redirect("connections")


def _confirm(
    request: UserRequest, connection: PbxConnection, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "connection": connection,
        "problem": problem,
        "seats": connection.seats.select_related("user").order_by("user__username"),
        "contacts": contacts.only_on(connection),
        "logged": connection.transfer_set.count(),
        "forwards": forwards.active([connection]),
        "registered": registered_address(connection),
    }
    return render(request, "connections/delete.html", context, status=status)


def _table(request: UserRequest) -> dict[str, Any]:
    """Looking at the health keeps it true: the PBXs are polled as for the switchboard. Agents'
    own logins are not: their health is told as it is known."""
    now = timezone.now()
    shown = list(connections_of(request.user).prefetch_related(*related()).order_by("name"))
    own = [row for row in shown if row.enabled and row.vendor not in registry.agent_scoped()]
    lease.watch([row.feed for row in own])
    labels = dict(registry.choices())
    return {"rows": [_row(connection, labels, now) for connection in shown], "now": now}


def _row(connection: PbxConnection, labels: dict[str, str], now: datetime) -> Row:
    calls: int | None
    if connection.enabled and connection.vendor in registry.agent_scoped():
        agents = agents_of(connection, now)  # the connection's own feed is never read
        health, calls = health_of_agents(agents, now), agents.calls if agents.live else None
    else:
        picture = picture_of(connection.feed)
        known = connection.enabled and picture.taken_at
        health, calls = health_of(picture, now), _count(picture) if known else None
    vendor = labels.get(connection.vendor, connection.vendor)
    return Row(connection, vendor, health, calls, health.freshness is Freshness.LIVE)


def _count(picture: Picture) -> int:
    return sum(call.state is not CallState.ENDED for call in picture.calls)
