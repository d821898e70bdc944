"""Commands on a call: the dialog that asks, and the POST that acts."""

from __future__ import annotations

import json
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from transfers import access
from transfers.access import UserRequest, member
from transfers.domain import Action, Leg
from transfers.forms.calls import OrderForm
from transfers.models import PbxConnection, Transfer
from transfers.services import targets
from transfers.services.rules import WITH_TARGET
from transfers.services.switchboard import DIALOGS, LABELS, Row, row_of
from transfers.services.transfers import start
from transfers.services.verdicts import verdict_of

NOT_DONE = {Transfer.State.REFUSED, Transfer.State.FAILED}


@member
@require_safe
def dialog(request: UserRequest, pk: int, kind: str) -> HttpResponse:
    """The question before a command. 404 when the call is not there (any more)."""
    connection, action = access.connection_for(request.user, pk), _action(kind)
    if action not in DIALOGS:
        raise Http404("This command does not ask.")
    row = row_of(request.user, connection, request.GET.get("call", ""))
    if row is None:
        return _page_or_fragment(request, "gone", {"row": None}, status=404)
    form = OrderForm(
        connection,
        action,
        initial={"call": row.call.id, "key": uuid4()},
        ask_who=_ask_who(row, action),
    )
    return _ask(request, connection, row, action, form)


@member
@require_POST
def act(request: UserRequest, pk: int, kind: str) -> HttpResponse:
    """Carry out one command. The answer is a receipt: what was sent and what the PBX said."""
    connection, action = access.connection_for(request.user, pk), _action(kind)
    row = row_of(request.user, connection, request.POST.get("call", ""))
    ask_who = row is not None and _ask_who(row, action)
    form = OrderForm(connection, action, request.POST, ask_who=ask_who)
    if not form.is_valid():
        if row is None or action not in DIALOGS:
            return _page_or_fragment(request, "gone", {"row": row, "form": form}, status=422)
        return _ask(request, connection, row, action, form, status=422)
    done = start(request.user, connection, form.order())
    if row is not None and action in DIALOGS and done.state in NOT_DONE:
        return _ask_again(request, connection, row, action, done)
    return _answer(request, done)


@member
@require_safe
def suggestions(request: UserRequest, pk: int) -> HttpResponse:
    """Targets for what was typed so far."""
    connection = access.connection_for(request.user, pk)
    query = request.GET.get("target", "")[:64]
    row = row_of(request.user, connection, request.GET.get("call", ""))
    without = [row.call.party(leg).number for leg in Leg] if row else []
    found = targets.suggest(connection, query, without=without)
    return render(request, "transfers/_targets.html", {"targets": found, "query": query})


def _action(kind: str) -> Action:
    try:
        return Action(kind)
    except ValueError:
        raise Http404("No such command.") from None


def _ask_who(row: Row, action: Action) -> bool:
    return action is Action.BLIND and row.mine is None


def _ask(
    request: UserRequest,
    connection: PbxConnection,
    row: Row,
    action: Action,
    form: OrderForm,
    status: int = 200,
) -> HttpResponse:
    button = next(b for b in (*row.shown, *row.menu) if b.action is action)
    leaves = Leg.CALLEE if action is Action.FORWARD else row.mine
    context = {
        "row": row,
        "form": form,
        "action": action,
        "title": LABELS[action],
        "reason": button.reason,
        "leaves": leaves,
        "goes_out": leaves and (row.caller if leaves is Leg.CALLER else row.callee),
        "is_sent": leaves and (row.callee if leaves is Leg.CALLER else row.caller),
        "targets": targets.suggest(connection, "", without=_numbers(row))
        if action in WITH_TARGET
        else [],
    }
    name = "hangup" if action is Action.HANGUP else "transfer"
    return _page_or_fragment(request, name, context, status=status)


def _ask_again(
    request: UserRequest, connection: PbxConnection, row: Row, action: Action, done: Transfer
) -> HttpResponse:
    """Nothing happened: the dialog stays, says why, and a second try is a new wish."""
    again = request.POST.copy()
    again["key"] = str(uuid4())
    form = OrderForm(connection, action, again, ask_who=_ask_who(row, action))
    form.is_valid()
    form.add_error(None, _words(done))
    response = _ask(request, connection, row, action, form, status=409)
    response["HX-Trigger"] = _acted(done)
    return response


def _words(done: Transfer) -> str:
    said = f"{verdict_of(done).word}: {done.observed or done.vendor_text}"
    return f"{said} (PBX code {done.vendor_code})" if done.vendor_code else said


def _acted(done: Transfer) -> str:
    said = f"{done.get_kind_display()}. {_words(done)}".strip()
    return json.dumps({"acted": {"said": said, "state": done.state}})


def _numbers(row: Row) -> list[str]:
    return [row.call.caller.number, row.call.callee.number]


def _page_or_fragment(
    request: HttpRequest, name: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    fragment = f"transfers/_dialog_{name}.html"
    if request.headers.get("HX-Request"):
        return render(request, fragment, context, status=status)
    return render(request, "transfers/dialog.html", context | {"fragment": fragment}, status=status)


def _answer(request: UserRequest, row: Transfer) -> HttpResponse:
    """With htmx: close the dialog, say it aloud, refresh the board. Without: the receipt."""
    if not request.headers.get("HX-Request"):
        return redirect("receipt", row.pk)
    response = HttpResponse(status=204)
    response["HX-Trigger"] = _acted(row)
    return response
