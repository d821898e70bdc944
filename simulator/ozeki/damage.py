"""Spoilt Ozeki replies: what a client must survive."""

from __future__ import annotations

import re
from collections.abc import Callable

_NOT_XML = b"Service is starting, please try again later"
_BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE Response [
  <!ENTITY a "ha">
  <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
  <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<Response>
  <Code>200</Code>
  <Message>&c;</Message>
</Response>"""


def _non_utf8(body: bytes) -> bytes:
    """Bytes that are no UTF-8 in the first name, or in the message where there is no name."""
    tag = b"<CallerId>" if b"<CallerId>" in body else b"<Message>"
    return body.replace(tag, tag + b"\xe1\xff ", 1)


def _bad_code(body: bytes) -> bytes:
    return re.sub(rb"<Code>\d+</Code>", b"<Code>OK</Code>", body)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "not_xml": lambda _: _NOT_XML,
    "non_utf8": _non_utf8,
    "doctype": lambda _: _BOMB,
    "bad_code": _bad_code,
}
