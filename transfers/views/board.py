"""The switchboard: the page, and the fragment that keeps it true."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from transfers.access import UserRequest, member
from transfers.services.switchboard import Switchboard, switchboard


@member
@require_safe
def board(request: UserRequest) -> HttpResponse:
    return render(request, "transfers/board.html", {"board": switchboard(request.user)})


@member
@require_safe
def rows(request: UserRequest) -> HttpResponse:
    """What changed since `seen`; 204 when nothing did. The ages travel in a header either way."""
    seen_now = switchboard(request.user)
    if request.GET.get("seen") == seen_now.token:
        response = HttpResponse(status=204)
    else:
        response = render(request, "transfers/_board.html", {"board": seen_now, "fragment": True})
    response["HX-Trigger"] = json.dumps({"ages": _ages(seen_now)})
    response["Cache-Control"] = "no-store"
    return response


def _ages(seen_now: Switchboard) -> dict[str, float | None]:
    return {
        str(badge.connection_id): None if badge.age is None else round(badge.age, 1)
        for badge in seen_now.badges
    }
