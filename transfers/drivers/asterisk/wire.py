"""The Asterisk Manager Interface over HTTP (`/mxml`, `/amxml`) as pure functions.

The actions are those of docs.asterisk.org (AMI Actions); what they really do was measured on 16.28
and 22.10. Every answer is HTTP 200; the word is in the attribute `response`. There are no error
codes, only English sentences, so `response` stands for the code and the sentence for the text.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from transfers.drivers import words
from transfers.drivers.text import clean, hide
from transfers.errors import AuthFailed, BadReply, CallGone, DriverError, OutcomeUnknown, Refused
from transfers.http import Reply
from transfers.sentences import say

Fields = dict[str, str]
Params = dict[str, str]

DENIED = "Permission denied"  # nobody is logged in, or a right is missing: the same words
HALF_DONE = "Secondary redirect failed"  # of two legs the first is on its way already
NOT_ACCEPTED = say("The PBX does not accept the manager login: name, secret, or our address.")
MAX_MESSAGE = 500
_COOKIE = re.compile(r'\bmansession_id="?([0-9a-fA-F]{1,32})"?')
_GONE = re.compile(
    r"no such channel|channel\d?( specified)? (does not exist|not existent)|"
    r"could not find channel|channel does not exist",
    re.IGNORECASE,
)


class Denied(Refused):
    """`Permission denied`: the session is over, or the login lacks a right."""


def page_url(url: str, page: str) -> str:
    """Where the interface is: below the address of the page, http.conf's prefix included."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # not an address; the door says so
        return url
    path = re.sub(r"/(a?mxml|a?rawman|a?manager)?/*$", "", parts.path)
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/{page}", "", ""))


# ----- what goes out


def action(name: str, **fields: str) -> Params:
    """An action. A value with a line break would be another action: it is refused."""
    params = {"action": name, **fields}
    if any(not value.isprintable() for value in params.values()):
        raise ValueError("a value of an action must be one line of text")
    return params


def login(username: str, secret: str, challenge: str, events: str) -> Params:
    """Login with a key made of the challenge (Challenge, AuthType MD5): the secret stays here."""
    key = hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
    return action("Login", AuthType="MD5", Username=username, Key=key, Events=events)


def cookie_of(reply: Reply) -> str:
    """The session's number; http.cookies do not agree on its quotes, so it is read by hand."""
    found = _COOKIE.search(reply.headers.get("set-cookie", ""))
    return found[1] if found else ""


def cookie_header(session: str) -> Mapping[str, str]:
    return {"Cookie": f'mansession_id="{session}"'} if session else {}


# ----- what comes back


@dataclass(frozen=True, slots=True)
class Answer:
    head: Fields
    events: tuple[Fields, ...]
    message: str  # for people, cleaned; what was secret in it is hidden

    @property
    def word(self) -> str:
        return self.head.get("response", "")

    def must_be_ok(self) -> None:
        """Raise a DriverError for every word but these."""
        if self.word in ("Success", "Goodbye", "Follows"):
            return
        message = self.message
        kind: type[DriverError] = Refused
        why = say("The PBX refuses it without a word.")
        if message:
            why = say("The PBX says: {words}", words=message)
        if message == DENIED:
            kind, why = Denied, say("The PBX does not allow this to our manager login.")
        elif message.startswith("Authentication"):
            kind, why = AuthFailed, NOT_ACCEPTED
        elif message == HALF_DONE:
            kind, why = OutcomeUnknown, say("Only one of the two parties may have been moved.")
        elif _GONE.search(message):
            kind = CallGone
            why = say("The PBX no longer knows this call: it ended, or was moved.")
        raise kind(why, vendor_code=self.word, vendor_text=message or "no message")

    def items(self, event: str, complete: str) -> list[Fields]:
        """The entries of a list, all of them: BadReply when its end or its count is not right."""
        found = [each for each in self.events if each.get("event") == event]
        ends = [each for each in self.events if each.get("event") == complete]
        if len(ends) != 1 or ends[0].get("listitems", str(len(found))) != str(len(found)):
            raise BadReply(say("The list of the PBX is not complete."))
        return found


def read_answer(reply: Reply, secrets: Iterable[str] = ()) -> Answer:
    """Any answer of the interface; BadReply when it cannot be read."""
    _must_be_the_interface(reply)
    root = _parse(reply.body)
    fields = [cast(Fields, dict(each.attrib)) for each in root.iter("generic")]
    if root.tag != "ajax-response" or not fields or "response" not in fields[0]:
        raise BadReply(
            say("The answer is XML, but not the manager interface's: check the address.")
        )
    message = clean(hide(unescaped(fields[0].get("message", "")), secrets), MAX_MESSAGE)
    return Answer(fields[0], tuple(fields[1:]), message)


_ESCAPES = dict.fromkeys("abfnrtv", " ")


def unescaped(text: str) -> str:
    """Names and messages come with C's escapes: `O\\'Neil`, and a real tab as `\\t`."""
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)


def known(text: str) -> str:
    """A value, or "" for the ways in which the PBX says that there is none."""
    return "" if text in ("<unknown>", "<none>", "(null)", "unknown") else text


def _must_be_the_interface(reply: Reply) -> None:
    if reply.status in (401, 403, 407):
        raise BadReply(words.proxy(reply.status))
    if reply.status != 200:
        raise BadReply(
            say(
                "There is no manager interface at this address (HTTP {status}): check the port, "
                "and the prefix in the PBX's http.conf (with FreePBX it is /asterisk).",
                status=reply.status,
            )
        )
    if "xml" not in reply.content_type:
        raise BadReply(
            say(
                "The PBX answered with something else than XML ({type}): check the port.",
                # Translators: in the place of the type that an answer of HTTP has
                type=clean(reply.content_type, 60) or say("no type"),
            )
        )


def _one_byte(error: UnicodeError) -> tuple[str, int]:
    """A name that is not UTF-8 is Latin-1, nearly always."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("asterisk-names", _one_byte)
# What XML forbids and the PBX writes all the same: one strange name must not hide all calls.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _parse(body: bytes) -> etree._Element:
    text = _ILLEGAL.sub("", body.decode("utf-8", "asterisk-names"))
    if "<!DOCTYPE" in text:
        raise BadReply(words.DOCUMENT_TYPE)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError):
        pass
    raise BadReply(words.NO_XML)
