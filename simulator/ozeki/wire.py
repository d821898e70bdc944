"""Bytes of the Ozeki HTTP API, as .NET's XmlSerializer writes them: CRLF, two spaces, no BOM."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from simulator.calls import Call, Ending, Extension, State
from simulator.ozeki.switches import Switches

MESSAGES = {
    200: "Command successfully executed",
    300: "Error occured during parsing message: '{0}'",  # the vendor's spelling
    301: "Not implemented command: '{0}'",
    302: "Missing or invalid parameter '{0}' for command '{1}'",
    303: "Command '{0}' cannot be used here",
    304: "Authentication required",
    305: "Authentication failed, bad username or password",
    306: "User is not allowed to use API in ACL",
    307: "Use API from this address is forbidden",
    401: "API extension '{0}' unavailable, please check configuration or permissions",
    402: "Call connect to '{0}' failed with result state '{1}'",
    501: "Destination of the SMS is not found",
    601: "Call not found with ID '{0}'",
    701: "Configuration for type '{0}' not found",
    702: "Invalid configuration for type '{0}'",
    703: "Extension configuration already exists",
}

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # written as .NET does, illegal or not
_XSD = ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
_XSI = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_NAMESPACES = {"xsd-first": _XSD + _XSI, "xsi-first": _XSI + _XSD, "none": ""}

_STATES = {
    State.OFFERED: "Setup",
    State.SETUP: "Setup",
    State.RINGING: "Ringing",
    State.ANSWERED: "Answered",
    State.TALKING: "InCall",
    State.HELD: "Hold",
    State.PARKED: "Hold",  # it has no word for parked
}
_ENDINGS = {
    Ending.COMPLETED: "Completed",
    Ending.CANCELLED: "Cancelled",
    Ending.TRANSFERRED: "Transferred",
    Ending.BUSY: "Busy",
    Ending.NO_ANSWER: "Busy",  # the vendor's word for both
    Ending.ERROR: "Error",
}
_KINDS = {1: {"phone": "SIP"}, 2: {"phone": "Phone", "api": "API extension"}}


def message(code: int, arguments: Sequence[str], quotes: bool = True) -> str:
    template = MESSAGES[code] if quotes else MESSAGES[code].replace("'", "")
    return template.format(*arguments)


def response(code: int, text: str, inner: Iterable[str], order: str) -> bytes:
    """A whole reply body. `inner` are the lines of the elements after Code and Message."""
    lines = [
        '<?xml version="1.0"?>',
        f"<Response{_NAMESPACES[order]}>",
        element("Code", code, 1),
        element("Message", text, 1),
        *inner,
        "</Response>",
    ]
    return "\r\n".join(lines).encode()


def element(name: str, value: object, depth: int) -> str:
    text = _CONTROLS.sub(lambda found: f"&#x{ord(found[0]):X};", escape(str(value)))
    pad = "  " * depth
    return f"{pad}<{name}>{text}</{name}>" if text else f"{pad}<{name} />"


def listed(name: str, items: Sequence[Sequence[str]], empty: str = "self-closed") -> list[str]:
    """A list element at depth 1 with the lines of its items."""
    if items:
        inner = [line for item in items for line in item]
        return [f"  <{name}>", *inner, f"  </{name}>"]
    forms = {"self-closed": [f"  <{name} />"], "open-close": [f"  <{name}></{name}>"]}
    return forms.get(empty, [])


def item(name: str, fields: Iterable[tuple[str, object]]) -> list[str]:
    return [f"    <{name}>", *(element(key, value, 3) for key, value in fields), f"    </{name}>"]


def call_state(call: Call) -> str:
    return _ENDINGS[call.ending] if call.ending else _STATES[call.state]


def call_item(call: Call, generation: int, now: float, switches: Switches) -> list[str]:
    numbers: list[tuple[str, object]] = [
        ("CallId", call.id),
        ("Source", call.caller),
        ("CallerId", call.caller_name or call.caller),
        ("Destination", call.callee),
    ]
    state = ("CallState", call_state(call))
    started = datetime.fromtimestamp(round(call.started_at, 6), zone(switches.timezone))
    ring, talk = call.ring_duration(now), call.talk_duration(now)
    if generation == 1:
        times = [("RingDuration", int(ring)), ("TalkDuration", int(talk))]
        return item("CallInfo", [state, *numbers, ("StartTime", gen1_time(started)), *times])
    dialed = "CelleeDialed" if switches.callee_dialed_typo else "CalleeDialed"
    numbers += [("CallerDialed", call.dialed), (dialed, call.callee)]
    precise = [("RingDuration", f"{ring:.3f}"), ("TalkDuration", f"{talk:.3f}")]
    when = ("StartTime", started.strftime("%Y-%m-%d %H:%M:%S"))
    return item("Call", [*numbers, when, *precise, state])


def extension_item(extension: Extension, generation: int) -> list[str]:
    kind = _KINDS[generation].get(extension.kind, extension.kind)
    if generation == 1:
        return item("ExtensionSummary", [("Id", extension.number), ("Type", kind)])
    fields = [
        ("Id", f"{extension.number}@localhost"),
        ("PhoneNumber", extension.number),
        ("Type", kind),
        ("State", "Connected" if extension.registered else "Disconnected"),
    ]
    return item("ExtensionSummary", fields)


def gen1_time(moment: datetime) -> str:
    """ISO 8601 with the offset and as many digits of the fraction as it needs (.NET's way)."""
    text = moment.isoformat(timespec="microseconds")
    whole, _, rest = text.partition(".")
    fraction = rest[:6].rstrip("0")
    return f"{whole}.{fraction}{rest[6:]}" if fraction else whole + rest[6:]


def zone(name: str) -> tzinfo | None:
    if name == "local":
        return datetime.now().astimezone().tzinfo
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, OSError):
        raise ValueError(f"no time zone {name!r}") from None
