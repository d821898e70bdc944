"""Calling somebody from one's own phone: the dialog that asks, and the POST that acts."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from transfers import access
from transfers.access import UserRequest, member
from transfers.forms.dial import DialForm
from transfers.models import User
from transfers.services import calling, directory, panel
from transfers.services.calling import Phone, Proposal, Whom
from transfers.services.transfers import start
from transfers.views.calls import NOT_DONE, acted, answer, words_of
from transfers.views.fragments import page_or_fragment


@member
@require_safe
def dialog(request: UserRequest) -> HttpResponse:
    """The question before a call: from which phone, and to whom."""
    found = calling.phones(request.user)[0]
    whom, why_not = _whom(request)
    proposal = calling.propose(request.user, found, whom, request.GET.get("phone", ""))
    phone = proposal.phone
    initial = {"key": uuid4(), "phone": phone.id if phone else "", "target": proposal.target}
    form = DialForm(request.user, initial=initial)
    return _ask(request, form, proposal, why_not or proposal.reason)


def _whom(request: UserRequest) -> tuple[Whom, str]:
    """Who was chosen beside the calls, and why she cannot be called."""
    if digit := request.GET.get("favourite", ""):
        favourite = panel.favourite_contact(request.user, digit)
        if favourite is None:
            return Whom(), _("You have no favourite {digit} yet.").format(digit=digit[:1])
        return Whom(favourite.pk), ""
    contact, pbx = (_number(request.GET.get(name, "")) for name in ("contact", "pbx"))
    if not access.connections_of(request.user).filter(pk=pbx).exists():
        pbx = 0
    return Whom(contact, request.GET.get("number", "")[:64], pbx or None), ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


@member
@require_POST
def act(request: UserRequest) -> HttpResponse:
    """Call. The answer is a receipt, or the dialog again with what is wrong."""
    form = DialForm(request.user, request.POST)
    if not form.is_valid() or form.connection is None:
        return _ask(request, form, _said(request.user, form), status=422)
    done = start(request.user, form.connection, form.order())
    if done.state not in NOT_DONE:
        return answer(request, done)
    again = request.POST.copy()
    again["key"] = str(uuid4())
    form = DialForm(request.user, again)
    form.is_valid()
    form.add_error(None, words_of(done))
    response = _ask(request, form, _said(request.user, form), status=409)
    response["HX-Trigger"] = acted(done)
    return response


def _said(user: User, form: DialForm) -> Proposal:
    found = calling.phones(user)[0]
    proposal = calling.propose(user, found, Whom(), str(form["phone"].value() or ""))
    return replace(proposal, target=str(form["target"].value() or "")[:64].strip())


@member
@require_safe
def suggestions(request: UserRequest) -> HttpResponse:
    """Whom the chosen phone can call, for what was typed so far."""
    found = calling.phones(request.user)[0]
    phone = calling.propose(request.user, found, Whom(), request.GET.get("phone", "")).phone
    query = request.GET.get("target", "")[:64]
    context = {"targets": _targets(request.user, phone, query), "query": query}
    return render(request, "transfers/_targets.html", context)


def _targets(user: User, phone: Phone | None, query: str) -> list[directory.Entry]:
    if phone is None:
        return []
    return directory.search(user, query, phone.connection, without=[phone.number])


def _ask(
    request: HttpRequest, form: DialForm, proposal: Proposal, why_not: str = "", status: int = 200
) -> HttpResponse:
    found = calling.phones(form.user)[0]
    able = [phone for phone in found if not phone.reason]
    context = {
        "form": form,
        "phones": able,
        "phone": proposal.phone,
        "reason": calling.why_nobody(form.user),
        "target_why_not": why_not,
        "targets": _targets(form.user, proposal.phone, proposal.target),
        "query": proposal.target,
        "whom": request.GET.urlencode(),
    }
    return page_or_fragment(request, "transfers/_dialog_dial.html", context, status)
