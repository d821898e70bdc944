"""Commands on a call: the dialog that asks, and the POST that acts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from transfers import access
from transfers.access import UserRequest, member
from transfers.board.accounts import driver_class_of
from transfers.domain import Action, Call, Leg
from transfers.drivers.base import Display, Driver
from transfers.forms.calls import OrderForm
from transfers.models import PbxConnection, Transfer, User
from transfers.phonebook import Contact
from transfers.sentences import told
from transfers.services import company, directory, panel
from transfers.services.names import contact_of
from transfers.services.rules import WITH_TARGET
from transfers.services.switchboard import LABELS, Button, Row, row_of
from transfers.services.transfers import start
from transfers.services.verdicts import verdict_of
from transfers.views.fragments import page_or_fragment

GONE = "transfers/_dialog_gone.html"
NOT_DONE = {Transfer.State.REFUSED, Transfer.State.FAILED}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is about; `row` is None when the call is not there (any more)."""

    user: User
    connection: PbxConnection
    action: Action
    row: Row | None

    @property
    def button(self) -> Button | None:
        buttons = (*self.row.shown, *self.row.menu) if self.row else ()
        return next((button for button in buttons if button.action is self.action), None)

    def form(self, data: QueryDict | None = None, **kwargs: Any) -> OrderForm:
        asks = self.action is Action.BLIND or self.action is Action.VOICEMAIL
        ask_who = self.row is not None and asks and self.row.mine is None
        return OrderForm(self.user, self.connection, self.action, data, ask_who=ask_who, **kwargs)


@member
@require_safe
def dialog(request: UserRequest, pk: int, kind: str) -> HttpResponse:
    """The question before a command. 404 when the call is not there (any more)."""
    asked = _asked(request, pk, kind, request.GET.get("call", ""))
    if asked.row is None or asked.button is None:
        became = company.what_became(request.user, asked.connection, request.GET.getlist("call"))
        return page_or_fragment(request, GONE, {"row": asked.row, "became": became}, status=404)
    if request.headers.get("HX-Request") and not asked.button.reason:
        company.attend(request.user, asked.connection, asked.row.call.id)
    other = asked.button.other.id if asked.button.other else ""
    call = asked.row.call
    initial = {"call": call.id, "key": uuid4(), "other": other, "parties": call.parties}
    target, why_not = _chosen(request, asked)
    form = asked.form(initial=initial | {"target": target})
    return _ask(request, asked, form, target=target, why_not=why_not)


def _chosen(request: UserRequest, asked: Asked) -> tuple[str, str]:
    """The target that was chosen beside the calls, and why it cannot be one."""
    digit = request.GET.get("favourite", "")
    if not digit:
        return request.GET.get("target", "")[:64], ""
    entry = panel.favourite(request.user, digit, asked.connection)
    if entry is None:
        return "", _("You have no favourite {digit} yet.").format(digit=digit[:1])
    return entry.dial, entry.reason and f"{entry.name}: {told(entry.reason)}"


@member
@require_POST
def act(request: UserRequest, pk: int, kind: str) -> HttpResponse:
    """Carry out one command. The answer is a receipt: what was sent and what the PBX said."""
    asked = _asked(request, pk, kind, request.POST.get("call", ""))
    form = asked.form(request.POST)
    if not form.is_valid():
        return _ask(request, asked, form, status=422, target=_typed(request))
    done = start(request.user, asked.connection, form.order())
    if asked.button is not None and asked.button.dialog and done.state in NOT_DONE:
        return _ask_again(request, asked, done)
    return answer(request, done)


def _typed(request: UserRequest) -> str:
    """What she looked for: the dialog that comes again lists those whom it fits."""
    return request.POST.get("target", "")[:64].strip()


@member
@require_safe
def suggestions(request: UserRequest, pk: int) -> HttpResponse:
    """Targets for what was typed so far."""
    asked = _asked(request, pk, Action.BLIND, request.GET.get("call", ""))
    query = request.GET.get("target", "")[:64]
    context = {"targets": _targets(asked, query), "query": query}
    return render(request, "transfers/_targets.html", context)


def _asked(request: UserRequest, pk: int, kind: str, call_id: str) -> Asked:
    connection = access.connection_for(request.user, pk)
    try:
        action = Action(kind)
    except ValueError:
        raise Http404("No such command.") from None
    return Asked(request.user, connection, action, row_of(request.user, connection, call_id))


def _ask(
    request: UserRequest,
    asked: Asked,
    form: OrderForm,
    status: int = 200,
    target: str = "",
    why_not: str = "",
) -> HttpResponse:
    row, button = asked.row, asked.button
    if row is None or button is None:
        return page_or_fragment(request, GONE, {"row": row, "form": form}, status)
    driver = driver_class_of(asked.connection)
    leaves = Leg.CALLEE if asked.action is Action.FORWARD else row.mine
    context = {
        "row": row,
        "form": form,
        "action": asked.action,
        "title": LABELS[asked.action],
        "reason": button.reason,
        "leaves": leaves,
        "goes_out": leaves and (row.caller if leaves is Leg.CALLER else row.callee),
        "is_sent": leaves and (row.callee if leaves is Leg.CALLER else row.caller),
        "rings_again": driver.rings_again,
        "shows": leaves and _shown(driver, asked.action, row.call, leaves),
        "takes_note": driver.carries_note and asked.action in {Action.BLIND, Action.CONSULT},
        "target_why_not": why_not,
        "known": _known(asked.connection, row),
        "targets": _targets(asked, target) if asked.action in WITH_TARGET else [],
        "query": target,
    }
    name = "transfer" if asked.action in WITH_TARGET else "confirm"
    return page_or_fragment(request, f"transfers/_dialog_{name}.html", context, status)


def _known(connection: PbxConnection, row: Row) -> Contact | None:
    """The contact at the other end, where the phone book says more of her than the row does."""
    far = row.call.party(row.mine.other) if row.mine else row.call.caller
    found = contact_of(connection, far.number)
    return found if found and (found.department or found.notes) else None


def _shown(driver: type[Driver], action: Action, call: Call, leaves: Leg) -> str:
    """The number that a ringing phone of the PBX will show, where that is known."""
    display = driver.displays.get(action)
    if display is None:
        return ""
    return call.party(leaves if display is Display.SENDER else leaves.other).number


def _ask_again(request: UserRequest, asked: Asked, done: Transfer) -> HttpResponse:
    """Nothing happened: the dialog stays, says why, and a second try is a new wish."""
    again = request.POST.copy()
    again["key"] = str(uuid4())
    form = asked.form(again)
    form.is_valid()
    form.add_error(None, words_of(done))
    response = _ask(request, asked, form, status=409, target=_typed(request))
    response["HX-Trigger"] = acted(done)
    return response


def _targets(asked: Asked, query: str) -> list[directory.Entry]:
    call = asked.row.call if asked.row else None
    without = [call.caller.number, call.callee.number] if call else []
    return directory.search(asked.user, query, asked.connection, without=without)


def words_of(done: Transfer) -> str:
    """ "Refused: Call not found (PBX code 601)" """
    is_accepted = done.state == Transfer.State.ACCEPTED  # the PBX says so in its own words, too
    reason = done.observed or ("" if is_accepted else done.vendor_text)
    words = told(verdict_of(done).word) + (f": {told(reason)}" if reason else "")
    if not done.vendor_code:
        return words
    return _("{words} (PBX code {code})").format(words=words, code=done.vendor_code)


def acted(done: Transfer) -> str:
    """What is said aloud. Of what was accepted the PBX's own words tell nobody anything."""
    accepted = done.state == Transfer.State.ACCEPTED
    words = f"{told(verdict_of(done).word)}." if accepted else words_of(done)
    said = f"{told(done.get_kind_display())}. {words}".strip()
    return json.dumps({"acted": {"said": said, "state": done.state}})


def answer(request: UserRequest, row: Transfer) -> HttpResponse:
    """With htmx: close the dialog, say it aloud, refresh the board. Without: the receipt."""
    if not request.headers.get("HX-Request"):
        return redirect("receipt", row.pk)
    response = HttpResponse(status=204)
    response["HX-Trigger"] = acted(row)
    return response
