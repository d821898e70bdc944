"""One's own settings, for everybody who may log in."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from transfers.access import UserRequest, member
from transfers.forms.settings import SettingsForm
from transfers.services import keyboard
from transfers.services.preferences import preferences_of, save


@member
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: UserRequest) -> HttpResponse:
    now = preferences_of(request.user)
    if "usual-keys" in request.POST:
        save(request.user, replace(now, keys={}))
        messages.success(request, _("The usual keys are back."))
        return redirect("settings")
    form = SettingsForm(now, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        wanted = form.preferences()
        save(request.user, wanted)
        with override(wanted.language or get_language_from_request(request)):
            messages.success(request, _("Saved."))
        return redirect("settings")
    return render(request, "account/settings.html", {"form": form, "fixed": keyboard.FIXED})
