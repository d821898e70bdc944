"""Answers of the UnifiedAPI: what was accepted, what was refused, what says nothing.

The codes are those of the pages "HTTP Return Codes" (v3 and v5), "Transfer PhoneCalls", "OnHold"
and "Create PhoneCallEvents"; the pages show only a part of the vendor's list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from transfers.drivers import words
from transfers.drivers.text import clean, hide
from transfers.drivers.voipnow.reading import parse, text
from transfers.errors import AuthFailed, BadReply, CallGone, Refused
from transfers.http import Reply
from transfers.sentences import say

MAX_MESSAGE = 500

_DENIED = (
    AuthFailed,
    say(
        "The PBX does not let this App do that: check the App's key and secret, its owner's "
        "rights, and that it is trusted."
    ),
)
_LOGIN = (AuthFailed, say("The PBX does not accept the client ID or the client secret."))
_ASKED = (Refused, say("The PBX does not accept how it was asked for the list."))
_CDR = (Refused, say("The PBX does not accept the dates, numbers or filters of a call history."))
CODES: Mapping[str, tuple[type[Refused], str]] = {
    "user_invalid": (
        Refused,
        say("The PBX does not know the user: set the user in the connection's options."),
    ),
    "extension_invalid": (Refused, say("The PBX does not know the extension.")),
    "access_denied": _DENIED,
    "access_denided": _DENIED,  # as one of the vendor's samples spells it
    "request_not_implemented": (Refused, say("This PBX cannot do this, or does not allow it.")),
    "pc_phonecall_invalid": (CallGone, say("The PBX no longer knows this call.")),
    "pc_sendcallto_invalid": (
        Refused,
        say(
            "The PBX does not send calls to this number: it must be a phone of the organisation "
            "or a number that it allows."
        ),
    ),
    "pc_transfer_from_number_invalid": (
        Refused,
        say("The party that should leave is not in this call any more."),
    ),
    "pc_transfer_number_invalid": (
        Refused,
        say("The party that should be transferred is not in this call any more."),
    ),
    "pcet_type_invalid": (Refused, say("This PBX does not know this type of call event.")),
    "pce_method_invalid": (Refused, say("The PBX does not send call events in this way.")),
    **dict.fromkeys(
        [
            "fields_invalid",
            "count_invalid",
            "filterby_invalid",
            "filterop_invalid",
            "filtervalue_invalid",
            "sortorder_invalid",
        ],
        _ASKED,
    ),
    **dict.fromkeys(
        [
            "cdr_start_date_invalid",
            "cdr_end_date_invalid",
            "cdr_source_invalid",
            "cdr_destination_invalid",
            "cdr_flow_invalid",
            "cdr_disposition_invalid",
            "cdr_save_start_date_invalid",
            "cdr_save_end_date_invalid",
            "cdr_invalid_date_parameters",
            "cdr_invalid_filter_by_answered",
            "cdr_invalid_filter_by_published",
            "cdr_invalid_filter_by_source",
            "cdr_invalid_filter_by_destination",
        ],
        _CDR,
    ),
    # of the token endpoint, RFC 6749 section 5.2
    "invalid_client": _LOGIN,
    "unauthorized_client": (
        AuthFailed,
        say("The PBX does not let this App log in by itself: tick “App is trusted” on the PBX."),
    ),
}

_OF_THE_TOKEN = {"access_denied", "access_denided", "invalid_token", "expired_token"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: 200, 201, 202 or 204, all of which mean accepted (8, 9, 1)."""

    status: int
    data: Any  # None when there is nothing to say
    date: str = ""  # of the PBX's clock


def understand(reply: Reply, secrets: Iterable[str] = ()) -> Answer:
    """The answer, or the Refused tree for the PBX's own error, or BadReply for all else."""
    data = _data(reply)
    complaint = complaint_of(data)
    if complaint is not None:
        raise _error(reply.status, *complaint, secrets)
    if denied(reply) and data is None:  # without a word; a proxy would send a page
        raise AuthFailed(_DENIED[1], vendor_code=str(reply.status))
    if not 200 <= reply.status < 300:
        raise BadReply(_not_the_api(reply.status))
    return Answer(reply.status, data, reply.headers.get("date", ""))


def complaint_of(data: Any) -> tuple[str, str] | None:
    """Code and message of an error body: an object of the API, a text of the token endpoint.

    Creating a call answers with an array, whose first element may hold the error.
    """
    if isinstance(data, list) and data and isinstance(data[0], dict):
        data = data[0]
    error = data.get("error") if isinstance(data, dict) else None
    if error is None:
        return None
    if isinstance(error, dict):
        code, message = text(error.get("code"), 100), error.get("message")
    else:
        code = text(error, 100) if isinstance(error, str) else ""
        message = data.get("error_description")
    if not code:
        raise BadReply(say("The PBX reports an error, but not which one."))
    return code, text(message, 10_000)


def denied(reply: Reply) -> bool:
    """Whether another token might help: 401 or 403, whoever says so."""
    return reply.status in (401, 403)


def denied_by_the_api(reply: Reply) -> bool:
    """Whether the API itself, and not something on the way to it, turned the token away."""
    try:
        code, _ = complaint_of(_data(reply)) or ("", "")
    except BadReply:
        return False
    return denied(reply) and code in _OF_THE_TOKEN


def must_be_calls(answer: Answer) -> None:
    """A command is answered by nothing, an object, or an array of objects. Raises BadReply."""
    said = answer.data
    each = said if isinstance(said, list) else [said] if said is not None else []
    if not all(isinstance(one, dict) for one in each):
        raise BadReply(say("The answer of the PBX is JSON, but not about a call."))


def _data(reply: Reply) -> Any:
    if not reply.body.strip():
        return None
    try:
        return parse(reply.body)
    except BadReply:
        if 200 <= reply.status < 300:
            raise
    raise BadReply(_not_the_api(reply.status))


def _error(status: int, code: str, message: str, secrets: Iterable[str]) -> Refused | BadReply:
    said = clean(hide(message, secrets), MAX_MESSAGE)
    shown = clean(hide(code, secrets), 100)
    kind: type[Refused | BadReply]
    why: str
    if code == "internal_server_error" or (status >= 500 and status != 501):
        kind, why = BadReply, say("The PBX reports an error of its own.")
        if said:
            why = say("The PBX reports an error of its own: {words}", words=said)
    else:
        kind, why = CODES.get(code, (Refused, words.answered(shown, said)))
        if status in (401, 403) and not issubclass(kind, AuthFailed):
            kind, why = AuthFailed, why if code in CODES else _DENIED[1]
    return kind(why, vendor_code=shown, vendor_text=said)


def _not_the_api(status: int) -> str:
    if status in (401, 403, 407):
        return words.proxy(status)
    if status in (429, 502, 503, 504):
        return say("The PBX is too busy or restarting (HTTP {status}).", status=status)
    if status >= 500:
        return say("The PBX reports an error of its own (HTTP {status}).", status=status)
    return say(
        "There is no UnifiedAPI at this address (HTTP {status}): check the address.", status=status
    )
