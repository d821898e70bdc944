"""Standing forwards: the dialog that sets one, and its end."""

from __future__ import annotations

import json

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from transfers import access
from transfers.access import UserRequest, member
from transfers.forms.forwards import ForwardForm
from transfers.sentences import told
from transfers.services import forwards as service
from transfers.services.directory import Entry, search
from transfers.services.rules import NotNow
from transfers.standing import StandingForward
from transfers.views.fragments import page_or_fragment

LISTS = {"number": "numbers", "target": "targets"}


@member
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: UserRequest) -> HttpResponse:
    _must_act(request)
    form = ForwardForm(request.user, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _ask(request, form)
    if not form.is_valid():
        return _ask(request, form, 422)
    data = form.cleaned_data
    try:
        made = service.set_up(
            request.user, data["connection"], data["number"], data["target"], form.end()
        )
    except NotNow as refusal:
        form.add_error(None, told(refusal.text))
        return _ask(request, form, 409)
    return _done(request, _made(made))


@member
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: UserRequest, pk: int) -> HttpResponse:
    """Asked by GET only where there is no JavaScript: a mistaken end is made good in seconds."""
    forward = access.forward_for(request.user, pk)
    if not request.user.may_act:
        raise PermissionDenied(_("Your account may look, but not act."))
    if request.method != "POST":
        return page_or_fragment(request, "forwards/_end.html", {"forward": forward})
    ended = service.end(request.user, forward)
    return _done(request, _over(forward) if ended else _("It had ended already."))


@member
@require_safe
def suggestions(request: UserRequest) -> HttpResponse:
    """People and extensions for what was typed so far."""
    field = request.GET.get("field", "")
    if field not in LISTS:
        raise Http404("No such field.")
    query = request.GET.get(field, "")[:64]
    context = {"targets": _found(request, query), "query": query, "list_id": LISTS[field]}
    return render(request, "transfers/_targets.html", context)


def _must_act(request: UserRequest) -> None:
    if not service.offered(request.user).exists():
        raise Http404("No PBX of yours can send calls on by itself.")
    if not request.user.may_act:
        raise PermissionDenied(_("Your account may look, but not act."))


def _made(made: StandingForward) -> str:
    if made.phone == made.Phone.UNKNOWN:
        words = _("Calls for {number} may go to {target} now: {said}")
        said = told(made.phone_said)
        return words.format(number=made.number, target=made.target, said=said)
    words = _("Calls for {number} go to {target} until {time}.")
    until = timezone.localtime(made.until)
    return words.format(number=made.number, target=made.target, time=f"{until:%H:%M}")


def _over(forward: StandingForward) -> str:
    if forward.phone not in (forward.Phone.NONE, forward.Phone.OFF):
        return told(service.may_still_hold(forward))
    words = _("Calls for {number} ring where they were dialled again.")
    return words.format(number=forward.number)


def _found(request: UserRequest, query: str) -> list[Entry]:
    """On the chosen PBX, or the first one."""
    pbxs = service.offered(request.user).order_by("name")
    chosen = request.GET.get("connection", "")
    if chosen.isdecimal():
        pbxs = pbxs.filter(pk=int(chosen[:18]))
    pbx = pbxs.first()
    return search(request.user, query, pbx) if pbx else []


def _ask(request: UserRequest, form: ForwardForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "suggestions": _found(request, ""),
        "standing": service.standing(request.user),
    }
    return page_or_fragment(request, "forwards/_dialog.html", context, status)


def _done(request: UserRequest, words: str) -> HttpResponse:
    """With htmx: close the dialog and say it; the board shows it by itself."""
    if not request.headers.get("HX-Request"):
        messages.success(request, words)
        return redirect("board")
    response = HttpResponse(status=204)
    acted = {"said": words, "state": "done", "focus": "forward-add"}
    response["HX-Trigger"] = json.dumps({"acted": acted})
    return response
