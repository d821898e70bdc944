"""The switchboard: the page, and the fragment that keeps it true where no stream gets through."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from transfers import access
from transfers.access import UserRequest, member
from transfers.services import calling, keyboard
from transfers.services.panel import panel
from transfers.services.switchboard import row_of, switchboard
from transfers.views.render import ages, shown, whole
from transfers.views.render import render as render_board


@member
@require_safe
def board(request: UserRequest) -> HttpResponse:
    context = {
        "shown": shown(request.user),
        "people": panel(request.user, "", None),
        "why_no_dial": calling.why_nobody(request.user),
        "groups": keyboard.GROUPS,
        "fixed": keyboard.FIXED,
    }
    return render(request, "transfers/board.html", context)


@member
@require_safe
def rows(request: UserRequest) -> HttpResponse:
    """What is there now; 204 when it is what was `seen`. Ages and time come in a header."""
    now = switchboard(request.user)
    same = request.GET.get("seen") == now.token
    response = HttpResponse(status=204) if same else HttpResponse(whole(render_board(now)))
    response["HX-Trigger"] = json.dumps({"ages": ages(now)})
    response["Cache-Control"] = "no-store"
    return response


@member
@require_safe
def people(request: UserRequest) -> HttpResponse:
    """Whom the call of the address can be sent to; without one, who there is."""
    query, pk = request.GET.get("q", "")[:64], request.GET.get("pbx", "")
    connection = access.connection_for(request.user, int(pk[:18])) if pk.isdecimal() else None
    row = row_of(request.user, connection, request.GET.get("call", "")) if connection else None
    without = [row.call.caller.number, row.call.callee.number] if row else []
    groups = panel(request.user, query, connection, without)
    context = {"groups": groups, "query": query, "connection": connection}
    return render(request, "transfers/_people.html", context)
