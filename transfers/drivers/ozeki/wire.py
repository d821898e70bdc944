"""The Ozeki HTTP API as pure functions: build the parameters of a command, read an answer.

Two generations: gen1 is Phone System XE (pages on ozekiphone.com), gen2 is Ozeki 10 (pages on
ozeki.hu). Page ids below are the vendor's. The HTTP status is always 200; the result is in the
body's <Code> (p_4149). Parameter names and call ids are sent as documented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from transfers.domain import Extension, Leg
from transfers.drivers import words
from transfers.drivers.text import clean, hide
from transfers.errors import AuthFailed, BadReply, CallGone, Refused
from transfers.http import Reply
from transfers.sentences import say

Generation = Literal["gen1", "gen2"]
NAMES: Mapping[Generation, str] = {"gen1": "Phone System XE", "gen2": "Ozeki 10"}
Params = dict[str, str]
Item = tuple[str, dict[str, str]]  # a list entry: its tag, and its fields as they came

# <Type> of an extension, in lower case; another one is shown as it came.
KINDS = {
    "sip": words.PHONE,
    "phone": words.PHONE,
    "ivr extension": words.VOICE_MENU,
    "api extension": words.PROGRAM,
    "api": words.PROGRAM,
    "echo test": words.ECHO_TEST,
}
OK = "200"
# https://ozekiphone.com/p_4235 has the whole table; gen2 has none, and is taken to use the same.
CODES: Mapping[str, tuple[type[Refused], str]] = {
    "300": (Refused, say("The PBX could not read the command.")),
    "301": (
        Refused,
        say(
            "The PBX does not know this command. Set the API generation in the connection's "
            "options."
        ),
    ),
    "302": (Refused, words.VALUE_REFUSED),
    "303": (Refused, words.STATE_FORBIDS),
    "304": (AuthFailed, say("The PBX asks for a user name and a password.")),
    "305": (AuthFailed, say("The PBX does not accept the user name or the password.")),
    "306": (AuthFailed, say("The PBX does not let this user use its API.")),
    "307": (Refused, say("The PBX does not let this server's address use its API.")),
    "401": (Refused, say("The PBX has no API extension to make this call with.")),
    "402": (Refused, say("The PBX could not connect the call.")),
    "501": (Refused, say("The PBX did not find where to send the message.")),
    "601": (
        CallGone,
        say("The PBX no longer knows this call: it ended, or goes on as another one."),
    ),
    "701": (Refused, say("The PBX has no such configuration.")),
    "702": (Refused, say("The PBX calls the configuration invalid.")),
    "703": (Refused, say("The PBX has this extension already.")),
}

MAX_MESSAGE = 500


# ----- parameters of the commands


def list_calls() -> Params:
    """gen1 p_4058, gen2 p_7637. No filter, no paging."""
    return {"command": "ListActiveCalls"}


def list_extensions() -> Params:
    """gen1 p_4701, gen2 p_7638."""
    return {"command": "ListExtensions"}


def blind(call_id: str, party: Leg, target: str, *, both_spellings: bool = False) -> Params:
    """gen1 p_4575, gen2 p_7631, whose table misspells TransferorParty.

    `party` goes into TransferorParty as it is: what that means, the connection's option says.
    """
    params = {"command": "BlindTransfer", "CallId": call_id, "TransferorParty": party.value}
    if both_spellings:
        params["TranferorParty"] = party.value
    return {**params, "Target": target}


def attended(held_id: str, consultation_id: str, *, both_spellings: bool = False) -> Params:
    """gen1 p_4576, gen2 p_7630, whose table misspells TransferredCallId."""
    params = {"command": "AttendedTransfer", "TransferredCallId": held_id}
    if both_spellings:
        params["TranferredCallId"] = held_id
    return {**params, "TargetCallId": consultation_id}


def forward(call_id: str, destination: str, generation: Generation) -> Params:
    """gen1 p_4574 calls it Forward, gen2 p_7633 ForwardCall; both name the number Destination."""
    name = "Forward" if generation == "gen1" else "ForwardCall"
    return {"command": name, "CallId": call_id, "Destination": destination}


def on_call(command: Literal["Hold", "Unhold", "Hangup"], call_id: str) -> Params:
    """gen1 p_4572, p_4573, p_4610; gen2 p_7636, p_7645, p_7635."""
    return {"command": command, "CallId": call_id}


# ----- answers


@dataclass(frozen=True, slots=True)
class Answer:
    code: str
    message: str  # for people, cleaned; what was secret in it is hidden
    root: etree._Element

    def must_be_ok(self) -> None:
        """Raise Refused, CallGone or AuthFailed for every code but 200."""
        if self.code == OK:
            return
        unknown = (Refused, words.answered(self.code, self.message))
        error, why = CODES.get(self.code, unknown)
        raise error(why, vendor_code=self.code, vendor_text=self.message)


def read_answer(reply: Reply, secrets: Iterable[str] = ()) -> Answer:
    """The code, the message and the rest of any answer; BadReply when it cannot be read.

    The PBX may quote the request in its message (code 300 does), so `secrets` are hidden there.
    """
    _must_be_the_api(reply)
    root = _parse(reply.body)
    if _local(root) != "Response":
        raise BadReply(say("The answer is XML, but not the Ozeki API's: check address and port."))
    texts: dict[str, str] = {}
    for child in root:
        texts.setdefault(_local(child), child.text or "")
    code = texts.get("Code", "").strip()
    if not re.fullmatch(r"[0-9]{1,9}", code):
        raise BadReply(words.NO_STATUS_CODE)
    return Answer(code, clean(hide(texts.get("Message", ""), secrets), MAX_MESSAGE), root)


def items(root: etree._Element, name: str) -> list[Item]:
    """The entries of the list `name`, whatever their tags; no list at all is an empty one."""
    return [
        (_local(entry), _fields(entry))
        for listing in root
        if _local(listing) == name
        for entry in listing
    ]


def extensions(root: etree._Element) -> list[Extension]:
    """gen1 gives Id (the number) and Type; gen2 adds PhoneNumber and State (p_7638)."""
    found: dict[str, Extension] = {}
    for _, fields in items(root, "Extensions"):
        number = clean(fields.get("PhoneNumber") or fields.get("Id", "").partition("@")[0], 100)
        if not number:
            continue
        state = fields.get("State", "").strip().lower()
        registered = {"connected": True, "disconnected": False}.get(state)
        kind = clean(fields.get("Type", ""), 60)
        kind = KINDS.get(kind.casefold(), kind)
        found.setdefault(number, Extension(number, kind=kind, registered=registered))
    return list(found.values())


def generation_seen(root: etree._Element) -> Generation | None:
    """The generation that a list of calls or of extensions shows; None when it is empty."""
    for tag, _ in items(root, "ActiveCalls"):
        if tag in ("CallInfo", "Call"):
            return "gen1" if tag == "CallInfo" else "gen2"
    for _, fields in items(root, "Extensions"):
        return "gen2" if "PhoneNumber" in fields else "gen1"
    return None


def _must_be_the_api(reply: Reply) -> None:
    if reply.status in (401, 403, 407):
        raise BadReply(words.proxy(reply.status))
    if reply.status != 200:
        raise BadReply(
            say(
                "There is no Ozeki API at this address (HTTP {status}): check address and port.",
                status=reply.status,
            )
        )
    kind = reply.content_type
    if "xml" in kind or kind in ("", "text/plain"):
        return
    if kind == "text/html":
        raise BadReply(
            say(
                "The PBX answered with a web page ({type}), not the Ozeki API: check address and "
                "port.",
                type=kind,
            )
        )
    raise BadReply(
        say(
            "The PBX answered with something else ({type}), not the Ozeki API: check address and "
            "port.",
            type=clean(kind, 60),
        )
    )


# Characters that XML forbids. The PBX's serialiser writes them as references all the same, so
# one strange caller name would make the whole list unreadable.
_ILLEGAL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    r"|&#x0*(?:[0-8bcef]|1[0-9a-f]|d[89a-f][0-9a-f]{2}|fff[ef]);"
    r"|&#0*(?:[0-8]|1[124-9]|2[0-9]|3[01]);",
    re.IGNORECASE,
)
_STAND_IN = "\ue000"  # private use: `clean` drops it, and a call id that has it is refused


def _parse(body: bytes) -> etree._Element:
    """The root element. UTF-8 whatever the declaration says; a document type is refused."""
    try:
        text = body.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise BadReply(say("The answer of the PBX is not UTF-8 text."))
    if "<!DOCTYPE" in text:
        raise BadReply(words.DOCUMENT_TYPE)
    root = _root(text)
    if root is None and _ILLEGAL.search(text):
        root = _root(_ILLEGAL.sub(_STAND_IN, text))
    if root is None:
        raise BadReply(words.NO_XML)
    return root


def _root(text: str) -> etree._Element | None:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError):
        return None


def _fields(entry: etree._Element) -> dict[str, str]:
    """The fields by name, exactly; of several the first that says something."""
    found: dict[str, str] = {}
    for child in entry:
        text, name = child.text, child.tag
        if not text:
            continue
        if type(name) is not str or name[0] == "{":
            name = _local(child)
        if name not in found:
            found[name] = text
        elif name == "CallId" and found[name].strip() != text.strip():
            raise BadReply(say("The PBX lists a call with two ids."))
    return found


def _local(element: etree._Element) -> str:
    tag = str(element.tag)
    return tag if tag[0] != "{" else tag.rpartition("}")[2]
