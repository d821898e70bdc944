"""The dialling rules of a PBX, for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from transfers.access import UserRequest, administrator
from transfers.forms.dialling import DiallingForm
from transfers.services import dialling
from transfers.views.connections import connection_for


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    connection = connection_for(request, pk)
    form = DiallingForm(connection, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        dialling.save(request.user, connection, form.prefixes())
        text = _("The dialling rules of {name} are saved.")
        messages.success(request, text.format(name=connection.name))
        return redirect("connection_edit", connection.pk)
    context = {"form": form, "connection": connection}
    return render(request, "connections/dialling.html", context)
