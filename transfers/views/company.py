"""An open dialog says again and again that it is there; an alert is put away."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from transfers import access
from transfers.access import UserRequest, member
from transfers.sentences import told
from transfers.services import afterwards, company
from transfers.services.switchboard import row_of


@member
@require_POST
def attend(request: UserRequest, pk: int) -> HttpResponse:
    """The dialog is still open. 204; or in words who moved the call, when it is gone."""
    connection = access.connection_for(request.user, pk)
    call_id = request.POST.get("call", "")
    if row_of(request.user, connection, call_id) is None:
        text = company.what_became(request.user, connection, [call_id])
        return HttpResponse(told(text), content_type="text/plain", status=200 if text else 204)
    if request.user.may_act:
        company.attend(request.user, connection, call_id)
    return HttpResponse(status=204)


@member
@require_POST
def leave(request: UserRequest, pk: int) -> HttpResponse:
    """The dialog is closed."""
    connection = access.connection_for(request.user, pk)
    company.leave(request.user, connection, request.POST.get("call", ""))
    return HttpResponse(status=204)


@member
@require_POST
def dismiss(request: UserRequest, pk: int) -> HttpResponse:
    """Not to be told of this transfer any more. A page without scripts is drawn anew."""
    afterwards.dismiss(request.user, access.transfer_for(request.user, pk))
    return HttpResponse(status=204) if request.headers.get("HX-Request") else redirect("board")
