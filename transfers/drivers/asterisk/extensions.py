"""The extensions that can be targets: hints tell the numbers and whether the phones are on."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from transfers.domain import Extension
from transfers.drivers import words
from transfers.drivers.asterisk.channels import NAME, NUMBER
from transfers.drivers.asterisk.targets import OFF, PHONE, UNAVAILABLE, phones_in
from transfers.drivers.asterisk.wire import Fields, unescaped
from transfers.drivers.base import Memory
from transfers.drivers.text import clean
from transfers.errors import Refused

if TYPE_CHECKING:
    from transfers.drivers.asterisk.session import Session

NAMES_KEPT, MOST_NAMES = 3600.0, 500
QUIET = {"INUSE", "BUSY"}  # of FreePBX's device for "do not disturb", in a hint beside the phone
_DND = re.compile(r"Custom:DND[^&,]+")
_CALLER_ID = re.compile(r'\s*"?(.*?)"?\s*<[^<>]*>\s*')


def listed(session: Session, memory: Memory) -> list[Extension]:
    """ExtensionStateList; the names are PJSIP's caller ids, asked for once in a while."""
    answer = session.ask("ExtensionStateList")
    entries = answer.items("ExtensionStatus", "ExtensionStateListComplete")
    phones: dict[str, tuple[Fields, re.Match[str]]] = {}
    for entry in entries:
        number = clean(entry.get("exten", ""), NUMBER)
        device = PHONE.search(entry.get("hint", ""))
        if device and re.fullmatch(r"[\w+][\w.-]*", number) and not number.startswith("_"):
            phones.setdefault(number, (entry, device))
    several = any("&" in entry.get("hint", "") for entry, _ in phones.values())
    states = _device_states(session) if several else {}
    names = _names(
        session, memory, {device[2] for _, device in phones.values() if device[1] == "PJSIP"}
    )
    return [
        Extension(
            number,
            names.get(device[2], "") if device[1] == "PJSIP" else "",
            kind=words.PHONE,
            registered=_registered(entry, states),
            quiet=any(states.get(each) in QUIET for each in _DND.findall(entry.get("hint", ""))),
        )
        for number, (entry, device) in sorted(phones.items())
    ]


def _device_states(session: Session) -> dict[str, str]:
    """Of each device by itself: a hint of several does not tell that the phone is off."""
    try:
        answer = session.ask("DeviceStateList")
    except Refused:
        return {}
    found = answer.items("DeviceStateChange", "DeviceStateListComplete")
    return {each.get("device", ""): each.get("state", "") for each in found}


def _registered(entry: Fields, states: dict[str, str]) -> bool | None:
    devices = phones_in(entry.get("hint", ""))
    if all(states.get(device) in OFF for device in devices):
        return False
    status = entry.get("status", "")
    return status != UNAVAILABLE if re.fullmatch("[0-9]+", status) else None


def _names(session: Session, memory: Memory, endpoints: set[str]) -> dict[str, str]:
    """PJSIP_ENDPOINT(1001,callerid) of each that is not known yet. Without it, no names."""
    names: dict[str, str] = {}
    with suppress(ValueError, AttributeError):
        names = {str(k): str(v) for k, v in json.loads(memory.get("names") or "{}").items()}
    missing = sorted(endpoints - names.keys())[:MOST_NAMES]
    for endpoint in missing:
        try:
            head = session.ask("Getvar", Variable=f"PJSIP_ENDPOINT({endpoint},callerid)").head
        except Refused:
            return names
        match = _CALLER_ID.fullmatch(unescaped(head.get("value", "")))
        names[endpoint] = clean(match[1], NAME) if match else ""
    if missing:
        memory.put("names", json.dumps(names), NAMES_KEPT)
    return names
