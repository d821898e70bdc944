"""The switchboard: the page, and the fragment that keeps it true where no stream gets through."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from transfers.access import UserRequest, member
from transfers.views.render import shown, whole


@member
@require_safe
def board(request: UserRequest) -> HttpResponse:
    return render(request, "transfers/board.html", {"shown": shown(request.user)})


@member
@require_safe
def rows(request: UserRequest) -> HttpResponse:
    """What is there now; 204 when it is what was `seen`. The ages travel in a header either way."""
    now = shown(request.user)
    same = request.GET.get("seen") == now.token
    response = HttpResponse(status=204) if same else HttpResponse(whole(now))
    response["HX-Trigger"] = json.dumps({"ages": now.ages})
    response["Cache-Control"] = "no-store"
    return response
