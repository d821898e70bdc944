"""Notifications of the PBX (p_4201) and our answers to them in OzML (p_4697, p_4594).

They are form posts whose first field is NotificationName. Names are spelt differently from page
to page (CallID, CallId; CallerID, CallerId), so they are compared without case. The pages give no
list of fields but for RoutingInterception: what CallChanged carries is taken to be what the list
of calls has, and all of it may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from transfers.domain import CallState, Notice
from transfers.drivers.ozeki.calls import ID, NUMBER, WORD, call_state
from transfers.drivers.ozeki.wire import Generation
from transfers.drivers.text import clean

CONTENT_TYPE = "application/xml"
ROUTING, CHANGED = "RoutingInterception", "CallChanged"
KINDS = {
    name.lower(): name
    for name in (
        *(ROUTING, CHANGED, "IncomingCall", "CallConnected", "RecordCompleted", "DtmfEntered"),
        *("GoTo", "Error", "IncomingSMS", "SMSDeliveryReport"),
    )
}
FIRST_TRY = ("", "calling")  # of LastCallState (p_4695)
FORWARD: Mapping[Generation, str] = {"gen1": "Forward", "gen2": "ForwardCall"}


def read(fields: Mapping[str, str]) -> Notice:
    """What a notification says; an empty Notice for everything that is none of this PBX."""
    said = {name.lower(): value for name, value in fields.items()}
    kind = KINDS.get(said.get("notificationname", "").strip().lower(), "")
    if not kind:
        return Notice()
    ringing = {ROUTING: _routed, CHANGED: _rung}.get(kind)
    call_id = said.get("callid", "").strip()
    return Notice(
        kind=kind,
        ringing=ringing(said) if ringing else "",
        caller=_caller(said),
        call_id=call_id if len(call_id) <= ID and call_id.isprintable() else "",
    )


def answer(notice: Notice, forward_to: str, generation: Generation) -> str:
    """OzML that sends the ringing call on, or does nothing. `forward_to` must be diallable."""
    response = etree.Element("Response")
    response.text = ""  # with an end tag, as the vendor writes it
    if forward_to and notice.ringing and notice.kind == ROUTING:
        etree.SubElement(response, "Route", Destination=forward_to)
    elif forward_to and notice.ringing and notice.kind == CHANGED:
        command = etree.SubElement(response, FORWARD[generation], Destination=forward_to)
        command.text = ""
    return f'<?xml version="1.0"?>{etree.tostring(response).decode("ascii")}'


def _routed(said: Mapping[str, str]) -> str:
    """The number to find a destination for but for the first try only.

    After NoAnswer or Busy it is the dial plan's turn: a target that does not answer would get the
    same call again and again.
    """
    state = said.get("lastcallstate", "").strip().lower()
    return _first(said, "lastdialednumber", "originaldialednumber") if state in FIRST_TRY else ""


def _rung(said: Mapping[str, str]) -> str:
    """The number whose phone rings. CallerDialed is left out: it stays when a call is forwarded."""
    if call_state(clean(said.get("callstate", ""), WORD)) is not CallState.RINGING:
        return ""
    return _first(said, "destination", "calleedialed", "celleedialed")


def _caller(said: Mapping[str, str]) -> str:
    """CallerId is what a phone displays: of the three, a number goes before a name."""
    found = (_first(said, name) for name in ("source", "callerid", "callerextension"))
    known = [text for text in found if text]
    return next((text for text in known if not any(c.isalpha() for c in text)), (*known, "")[0])


def _first(said: Mapping[str, str], *names: str) -> str:
    """The first of these that says something; a number that had to be cut is none."""
    for name in names:
        if text := clean(said.get(name, ""), NUMBER):
            return "" if text.endswith("…") else text
    return ""
