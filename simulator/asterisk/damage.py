"""Spoilt answers: what a client must survive."""

from __future__ import annotations

from collections.abc import Callable

_BOMB = b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<ajax-response>
<response type='object' id='unknown'><generic response='Success' message='&b;' /></response>
</ajax-response>"""

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "not_xml": lambda _: b"Service is starting, please try again later",
    "non_utf8": lambda body: body.replace(b"calleridname='", b"calleridname='J\xfcrgen ", 1),
    "doctype": lambda _: _BOMB,
    "bad_code": lambda body: body.replace(b"<generic response=", b"<generic answer=", 1),
}
