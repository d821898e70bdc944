"""Genesys Web Services 8.5 as pure functions: build the body of an operation, read an answer.

The pages are on docs.genesys.com; their names stand above what they document. An operation is a
POST of a small object to a call; the answer has a `statusCode`, which decides, whatever the HTTP
status is (ReturnValues). The HTTP status counts only when the body is no JSON.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from transfers.domain import Extension, Phone
from transfers.drivers import words
from transfers.drivers.text import clean, hide
from transfers.errors import AuthFailed, BadReply, Refused
from transfers.http import Reply
from transfers.sentences import say

Json = dict[str, Any]


class NotLoggedIn(AuthFailed):
    """The HTTP session is over, or the login is wrong; a new login tells which."""


class TokenRefused(Refused):
    """The CSRF token was missing or is not valid any more. The request got no further."""


# `type` of a contact (ContactsResource), in lower case; another one is shown as it came.
KINDS = {"user": words.PHONE, "queue": words.QUEUE}
INTERNAL, NOT_FOUND, PARTLY, NOT_LOGGED_IN = 4, 6, 7, 20
# ReturnValues (8.6.0, which also lists the codes of 8.5). "If an error is returned, nothing was
# changed in the contact center."
CODES: Mapping[int, tuple[type[Refused], str]] = {
    1: (Refused, say("The PBX misses a value in the command.")),
    2: (Refused, words.STATE_FORBIDS),
    3: (Refused, say("The PBX forbids this operation.")),
    4: (Refused, say("The PBX has an internal error, or a server behind it has.")),
    5: (
        AuthFailed,
        say("The PBX gives this agent no permission: the feature api-voice may be missing."),
    ),
    6: (Refused, say("The PBX does not find this.")),
    7: (Refused, say("The PBX did only a part of it.")),
    8: (AuthFailed, say("The PBX demands that the agent changes the password first.")),
    9: (Refused, say("The PBX has not completed this.")),
    10: (Refused, words.VALUE_REFUSED),
    11: (Refused, say("The PBX does not let this property be changed.")),
    12: (Refused, say("The PBX could not fetch this.")),
    13: (Refused, say("The PBX could not create this.")),
    14: (Refused, say("The PBX could not delete this.")),
    15: (Refused, say("The PBX could not change this.")),
    16: (Refused, say("The PBX could not assign this.")),
    17: (Refused, say("The PBX could not take this assignment back.")),
    18: (Refused, say("The PBX has this already.")),
    19: (Refused, say("The PBX says that this is in use already, perhaps by another agent.")),
    20: (NotLoggedIn, say("The PBX does not accept the agent's user name or password.")),
}

MAX_MESSAGE = 500


# ----- addresses


def base_url(url: str) -> str:
    """Where the resources are: as entered, or below /api/v2 when no path was entered."""
    try:
        parts = urlsplit(url.strip())
        path = parts.path.rstrip("/") or "/api/v2"
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    except ValueError:  # not an address; the door says so
        return url


def call_path(call_id: str) -> str:
    return f"/me/calls/{quote(call_id, safe='')}"


def device_path(device: Json) -> str:
    return f"/me/devices/{quote(_word(device, 'id'), safe='')}"


def last_part(address: object) -> str:
    """The id at the end of a uri or a path: uris may name another host than the one we talk to."""
    return _last_part(address) if isinstance(address, str) else ""


@lru_cache(maxsize=4096)  # the same addresses come with every read
def _last_part(address: str) -> str:
    return unquote(address.partition("?")[0].rstrip("/").rpartition("/")[2])


# ----- bodies of the operations on a call


def operation(name: Literal["Hold", "Retrieve", "Hangup"]) -> Json:
    """CallsHold, AsyncTelephonyOpsCallControl, CallsHangup."""
    return {"operationName": name}


def transfer(
    name: Literal["SingleStepTransfer", "InitiateTransfer", "Dial"],
    target: str,
    location: str = "",
    user_data: Mapping[str, str] | None = None,
) -> Json:
    """SingleStepTransfer, InitiateTransfer, CallsDial: location and userData are optional."""
    order: Json = {"operationName": name, "destination": {"phoneNumber": target}}
    if location:
        order["location"] = location
    if user_data:
        order["userData"] = dict(user_data)
    return order


def complete(consult_uri: str = "") -> Json:
    """CompleteTransfer: without the uri the server finds the related call."""
    order: Json = {"operationName": "CompleteTransfer"}
    return order | ({"consultCallUri": consult_uri} if consult_uri else {})


def swap(other_uri: str) -> Json:
    """SwapCalls."""
    return {"operationName": "SwapCalls", "otherCallUri": other_uri}


# ----- bodies for the agent herself


def forward_calls(target: str) -> Json:
    """ForwardCallsOn: here the destination is a plain string. ForwardCallsOff: DevicesAPI has the
    name only."""
    if not target:
        return {"operationName": "ForwardCallsOff"}
    return {"operationName": "ForwardCallsOn", "destination": target}


def start_session() -> Json:
    """StartContactCenterSession, on the agent's default place."""
    return {"operationName": "StartContactCenterSession", "channels": ["voice"]}


def end_session() -> Json:
    """EndContactCenterSession: it also ends the HTTP session."""
    return {"operationName": "EndContactCenterSession"}


# ----- answers


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    message: str  # for people, cleaned; what was secret in it is hidden
    data: Json

    def must_be_ok(self) -> None:
        """Raise Refused or AuthFailed for every code but 0, and but 7 when voice is among what
        succeeded (StartContactCenterSession)."""
        if self.code == 0:
            return
        code, message = self.code, self.message
        if code == PARTLY:
            if "voice" in (each.get("channel") for each in objects(self.data.get("succeeded"))):
                return
            for failure in objects(self.data.get("failed"))[:1]:
                message = clean(str(failure.get("statusMessage", "")), MAX_MESSAGE)
        error, why = CODES.get(code, (Refused, words.answered(str(code), message)))
        if code == INTERNAL and message:
            why = say(
                "The PBX has an internal error, or a server behind it has: {words}", words=message
            )
        elif code == PARTLY and message:
            why = say("The PBX did only a part of it: {words}", words=message)
        raise error(why, vendor_code=str(code), vendor_text=message)


def read_answer(reply: Reply, secrets: Iterable[str] = ()) -> Answer:
    """The code, the message and the rest. Raises BadReply, NotLoggedIn, TokenRefused."""
    data = read_json(reply)
    if not isinstance(data, dict):
        raise BadReply(say("The answer of the PBX is JSON, but not of this API."))
    return answer_in(data, secrets)


def answer_in(data: Json, secrets: Iterable[str] = ()) -> Answer:
    code = _code(data.get("statusCode"))
    text = data.get("statusMessage")
    if code is None and data.get("status") == "error":  # QueryAgentState 8.5.0 still had this form
        code, text = -1, data.get("errorDescription")
    if code is None:
        raise BadReply(words.NO_STATUS_CODE)
    message = clean(hide(text, secrets), MAX_MESSAGE) if isinstance(text, str) else ""
    return Answer(code, message, data)


def read_json(reply: Reply) -> Any:
    """The body. What is no JSON is judged by its HTTP status."""
    if reply.status in (401, 403) and not _is_json(reply):
        if b"csrf" in reply.body[:2000].lower():  # CSRFProtection: "Missing or invalid Csrf token"
            why = say("The PBX does not accept the CSRF token of this login.")
            raise TokenRefused(why, vendor_code=f"HTTP {reply.status}", vendor_text=_text(reply))
        raise NotLoggedIn(
            CODES[20][1], vendor_code=f"HTTP {reply.status}", vendor_text=_text(reply)
        )
    if not _is_json(reply):
        if reply.status != 200:
            raise BadReply(
                say(
                    "There is no Web Services API at this address (HTTP {status}): check address "
                    "and port.",
                    status=reply.status,
                )
            )
        raise BadReply(
            say(
                "The PBX answered with something else than JSON ({type}): check address and port.",
                type=clean(reply.content_type, 60),
            )
        )
    try:
        return json.loads(reply.body.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        pass
    raise BadReply(say("The answer of the PBX is not readable JSON."))


def objects(value: object) -> list[Json]:
    """The objects of a list; a lone one is a list of one."""
    several = value if isinstance(value, list) else [value]
    return [each for each in several if isinstance(each, dict)]


def contacts(data: Json) -> list[Extension]:
    """ContactsResource: users, queues and others; one without a number cannot be a target."""
    found: dict[str, Extension] = {}
    for contact in objects(data.get("contacts")):
        named = " ".join(_word(contact, name) for name in ("firstName", "lastName")).strip()
        name = clean(named or _word(contact, "name") or _word(contact, "userName"), 200)
        kind = clean(_word(contact, "type"), 60)
        kind = KINDS.get(kind.casefold(), kind)
        for each in objects(contact.get("phoneNumbers")):
            if number := clean(_word(each, "phoneNumber"), 100):
                found.setdefault(number, Extension(number, name, kind))
    return list(found.values())


def device_numbers(data: Json) -> dict[str, str]:
    """DevicesAttribs: the agent's own number at each device, by the device's id."""
    return {
        ident: clean(_word(device, "phoneNumber"), 100)
        for device in objects(data.get("devices"))
        if (ident := _word(device, "id"))
    }


def phone(device: Json) -> Phone:
    """DevicesAttribs."""
    return Phone(clean(_word(device, "phoneNumber"), 100), clean(_word(device, "forwardTo"), 100))


def basic(username: str, password: str) -> str:
    """The value of the Authorization header."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _word(item: Json, name: str) -> str:
    value = item.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _code(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else None


def _is_json(reply: Reply) -> bool:
    """By its type; a body without one, or of plain text, by how it begins."""
    kind = reply.content_type
    if kind in ("", "text/plain"):
        return reply.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    return "json" in kind or "javascript" in kind


def _text(reply: Reply) -> str:
    """A short word of the body, when it is one and no page."""
    text = reply.body[:200].decode("utf-8", "replace").strip()
    return "" if text.startswith("<") else clean(text, 100)


def _no_constant(name: str) -> None:
    raise ValueError(name)
