"""The switchboard: the page, and the fragment that keeps it true where no stream gets through."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from transfers.access import UserRequest, member
from transfers.services import keyboard
from transfers.services.switchboard import switchboard
from transfers.views.render import ages, shown, whole
from transfers.views.render import render as render_board


@member
@require_safe
def board(request: UserRequest) -> HttpResponse:
    context = {"shown": shown(request.user), "groups": keyboard.GROUPS, "fixed": keyboard.FIXED}
    return render(request, "transfers/board.html", context)


@member
@require_safe
def rows(request: UserRequest) -> HttpResponse:
    """What is there now; 204 when it is what was `seen`. The ages travel in a header either way."""
    now = switchboard(request.user)
    same = request.GET.get("seen") == now.token
    response = HttpResponse(status=204) if same else HttpResponse(whole(render_board(now)))
    response["HX-Trigger"] = json.dumps({"ages": ages(now)})
    response["Cache-Control"] = "no-store"
    return response
