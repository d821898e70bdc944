"""Is there somebody at this number? Asked before every transfer.

Asterisk answers "Success" to a transfer to an extension that does not exist, and hangs the caller
up. So the dial plan is asked first, and the extension's hint whether its phone is on. Without the
right to ask nothing is sent: a lost caller is worse than a refused transfer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from transfers.drivers import words
from transfers.drivers.asterisk.wire import Denied, Fields
from transfers.errors import NotSupported, Refused
from transfers.sentences import joined, say

if TYPE_CHECKING:
    from transfers.drivers.asterisk.session import Session

UNAVAILABLE = "4"  # ExtensionState: no device of the hint is registered
OFF = ("UNAVAILABLE", "INVALID")  # a device, when nobody is registered there
# A hint may also watch a parking space, a feature code or a queue.
PHONE = re.compile(r"(PJSIP|SIP|IAX2|DAHDI|SCCP|Skinny|MGCP|UNISTIM)/([\w.-]+)")
# FreePBX answers every wrong number here, with an announcement and a hang-up.
DEAD_ENDS = ("bad-number",)
# A pattern of the dial plan takes anything, and hands it to Dial(): there a comma begins options,
# and `&` is a further phone. Numbers come from callers, too: retrieve dials what they display.
_PLAIN = re.compile(r"[A-Za-z0-9*#+][\w*#+.\- ]*", re.ASCII)
NO_RIGHT: str = say(
    "The PBX does not let us look whether this number exists, and a wrong one would hang the "
    "caller up. Give the manager login the right “reporting”; nothing was sent."
)


def must_exist(session: Session, context: str, exten: str) -> None:
    """Raise Refused when the dial plan has no such extension, or does not tell."""
    if not _PLAIN.fullmatch(exten):
        raise _no_number(exten)
    try:
        answer = session.ask("ShowDialPlan", Context=context, Extension=exten)
    except Denied as error:
        code, text, why = error.vendor_code, error.vendor_text, NO_RIGHT
    except Refused as error:
        code, text = error.vendor_code, error.vendor_text
        why = _missing(text, context, exten)
    else:
        found = [each for each in answer.events if each.get("event") == "ListDialplan"]
        if any(_is_a_place(each) for each in found):
            return
        code, text = answer.word, answer.message
        why = _missing("", context, exten)
    raise Refused(why, vendor_code=code, vendor_text=text)


def _caller_lost(number: str) -> str:
    return say(
        "The phone of {number} is off: the caller would be lost. Nothing was sent.", number=number
    )


def nobody_there(number: str) -> str:
    return say(
        "The phone of {number} is off: nobody would answer. Nothing was sent.", number=number
    )


def _cannot_call(number: str) -> str:
    return say(
        "The phone of {number} is off: it cannot call anybody. Nothing was sent.", number=number
    )


def must_be_on(
    session: Session, context: str, exten: str, off: Callable[[str], str] = _caller_lost
) -> Fields:
    """Its hint. Raise Refused when the hint of this extension says that its phone is off."""
    head = session.ask("ExtensionState", Context=context, Exten=exten).head
    if head.get("status") == UNAVAILABLE or _phones_are_off(session, head.get("hint", "")):
        raise Refused(off(exten), vendor_code=head.get("response", ""), vendor_text="Unavailable")
    return head


def phones_in(hint: str) -> list[str]:
    return [match[0] for match in PHONE.finditer(hint)]


def _phones_are_off(session: Session, hint: str) -> bool:
    """FreePBX's hints have a Custom: device beside the phone, for "do not disturb". While that one
    is "not in use", so is the extension, whether its phone is on or not."""
    phones = phones_in(hint) if "&" in hint else []
    return bool(phones) and all(_state_of(session, phone) in OFF for phone in phones)


def _state_of(session: Session, device: str) -> str:
    try:
        head = session.ask("Getvar", Variable=f"DEVICE_STATE({device})").head
    except Refused:
        return ""
    return head.get("value", "")


def phone_of(session: Session, context: str, exten: str) -> str:
    """The phone behind an extension, as its hint names it: PJSIP/1001. Of several the first that
    is on.

    The dial plan is no way to it: there her mailbox might answer for her.
    """
    if not _PLAIN.fullmatch(exten):
        raise _no_number(exten)
    head = must_be_on(session, context, exten, _cannot_call)
    phones = phones_in(head.get("hint", ""))
    if len(phones) > 1:
        phones = [each for each in phones if _state_of(session, each) not in OFF]
    if phones:
        return phones[0]
    why = say(
        "The PBX does not tell which phone {number} is: it has no hint. Nothing was sent.",
        number=exten,
    )
    raise Refused(why, vendor_code=head.get("response", ""), vendor_text="no hint")


def _is_a_place(entry: dict[str, str]) -> bool:
    dead = entry.get("context") in DEAD_ENDS
    return not dead and entry.get("priority") == "1" and bool(entry.get("application"))


def _missing(text: str, context: str, exten: str) -> str:
    if re.search("context", text, re.IGNORECASE) and "extension" not in text.lower():
        missing = say(
            "The PBX has no context “{context}”: correct it in the connection's options.",
            context=context,
        )
    else:
        missing = say(
            "The PBX has no number {number} (in its context “{context}”).",
            number=exten,
            context=context,
        )
    return joined(missing, words.NOTHING_SENT)


def _no_number(exten: str) -> NotSupported:
    if not exten:
        return NotSupported(words.NOTHING_NAMED)
    return NotSupported(say("{number} is no number that this PBX can dial.", number=exten))
