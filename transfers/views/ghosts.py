"""A call that hangs in its PBX is set aside on one person's screen, or shown again."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from transfers import access
from transfers.access import UserRequest, member
from transfers.sentences import told
from transfers.services import ghosts
from transfers.services.rules import NotNow


@member
@require_POST
def set_aside(request: UserRequest, pk: int) -> HttpResponse:
    connection = access.connection_for(request.user, pk)
    try:
        ghosts.set_aside(request.user, connection, request.POST.get("call", ""))
    except NotNow as refusal:
        return _answer(request, refusal)
    return _answer(request)


@member
@require_POST
def show_again(request: UserRequest, pk: int) -> HttpResponse:
    connection = access.connection_for(request.user, pk)
    ghosts.show_again(request.user, connection, request.POST.get("call", ""))
    return _answer(request)


def _answer(request: UserRequest, refusal: NotNow | None = None) -> HttpResponse:
    """The board shows what has changed; a refusal is said. Without scripts the page comes anew."""
    if not request.headers.get("HX-Request"):
        if refusal:
            messages.error(request, told(refusal.text))
        return redirect("board")
    response = HttpResponse(status=204)
    if refusal:
        response["HX-Trigger"] = json.dumps({"say": told(refusal.text)})
    return response
