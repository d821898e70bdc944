"""Ozeki Phone System XE and Ozeki 10 over their HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import tzinfo
from typing import ClassVar, Protocol
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from transfers.domain import Call, Extension, Leg, Notice, Probe, Receipt
from transfers.drivers import words
from transfers.drivers.base import Driver, OptionsForm
from transfers.drivers.ozeki import notices, wire
from transfers.drivers.ozeki.calls import FEATURES, read_calls
from transfers.drivers.ozeki.forms import OzekiOptions
from transfers.drivers.ozeki.probe import probe
from transfers.drivers.ozeki.wire import Answer, Generation, Params
from transfers.drivers.text import diallable
from transfers.errors import BadReply, NotSupported, OutcomeUnknown
from transfers.http import Reply


class Way(Protocol):
    """The door's `read` or its `command`."""

    def __call__(
        self, method: str, url: str, *, params: Params | None = None, form: Params | None = None
    ) -> Reply: ...


class OzekiDriver(Driver):
    vendor = "ozeki"
    label = "Ozeki"
    features = FEATURES
    options_form: ClassVar[type[OptionsForm]] = OzekiOptions
    notified = True
    notify_hint = _(
        "In the PBX, open the HTTP API settings and enter this address as “Route interception "
        "URL” and as the address of CallChanged. The first one sends calls on before they ring."
    )
    standing = "answer"
    forwards_ringing_only = True  # "Forward", allowed states: Ringing [D12, D43]
    url_hint = _(
        "http://pbx.example:7780/ (Phone System XE) or http://pbx.example:9509/api (Ozeki 10)"
    )

    def __repr__(self) -> str:
        return "<OzekiDriver>"

    def probe(self) -> Probe:
        """Sends reads only. `learned` has the generation once it is seen for sure."""
        return probe(self)

    def list_calls(self) -> list[Call]:
        """All live calls of the PBX, and calls that just ended. Raises what `ask` raises."""
        return read_calls(self.ask(wire.list_calls()).root, self.zone, timezone.now())

    def list_extensions(self) -> list[Extension]:
        return wire.extensions(self.ask(wire.list_extensions()).root)

    def blind(self, call: Call, target: str, *, leaves: Leg, note: str = "") -> Receipt:
        party = leaves if self.option("transferor_party") == "leaves" else leaves.other
        number = diallable(target)
        return self._command(wire.blind(call.id, party, number, both_spellings=self._both))

    def forward(self, call: Call, target: str) -> Receipt:
        return self._command(wire.forward(call.id, diallable(target), self.generation))

    def join(self, held: Call, consultation: Call) -> Receipt:
        """The PBX finds the common party by itself; it is the one who goes out."""
        return self._command(wire.attended(held.id, consultation.id, both_spellings=self._both))

    def hold(self, call: Call, *, by: Leg | None = None) -> Receipt:
        return self._command(wire.on_call("Hold", call.id))

    def retrieve(self, call: Call) -> Receipt:
        """Undoes `hold` only; a phone's own hold is undone at the phone (p_4573)."""
        return self._command(wire.on_call("Unhold", call.id))

    def hangup(self, call: Call) -> Receipt:
        return self._command(wire.on_call("Hangup", call.id))

    def notice(self, fields: Mapping[str, str]) -> Notice:
        return notices.read(fields)

    def answer(self, notice: Notice, forward_to: str = "") -> tuple[str, str]:
        target = ""
        with suppress(NotSupported):
            target = diallable(forward_to)
        return notices.CONTENT_TYPE, notices.answer(notice, target, self.generation)

    @property
    def generation(self) -> Generation:
        """As set, or as "Test connection" saved it; else what the address looks like."""
        chosen = self.option("generation")
        if chosen in ("gen1", "gen2"):
            return "gen1" if chosen == "gen1" else "gen2"
        try:
            parts = urlsplit(self.config.url)
            second = parts.path.rstrip("/").endswith("/api") or parts.port == 9509
        except ValueError:  # not an address; the door says so
            return "gen1"
        return "gen2" if second else "gen1"

    @property
    def zone(self) -> tzinfo:
        """The PBX's time zone, for dates that do not name one."""
        try:
            return ZoneInfo(self.option("timezone"))
        except (KeyError, ValueError, OSError):
            return timezone.get_default_timezone()

    def url_for(self, generation: Generation) -> str:
        """As entered; an address without a path gets gen2's, which is always the same."""
        if generation == "gen1":
            return self.config.url
        try:
            parts = urlsplit(self.config.url)
        except ValueError:
            return self.config.url
        return (
            urlunsplit(parts._replace(path="/api")) if parts.path in ("", "/") else parts.geturl()
        )

    def read(self, params: Params, generation: Generation | None = None) -> Reply:
        """Send one read. Raises Unreachable, BadReply."""
        return self._send(self.door.read, params, generation or self.generation)

    def understand(self, reply: Reply) -> Answer:
        """Raises BadReply, and Refused, CallGone or AuthFailed for every code but 200."""
        answer = wire.read_answer(reply, self.config.secrets.values())
        answer.must_be_ok()
        return answer

    def ask(self, params: Params) -> Answer:
        """Send one read and understand the answer."""
        return self.understand(self.read(params))

    def _command(self, params: Params) -> Receipt:
        """Send one command, once. 200 means accepted, not done: nothing tells the outcome."""
        if not all(params.values()):
            raise NotSupported(words.NOTHING_NAMED)
        reply = self._send(self.door.command, params, self.generation)
        try:
            answer = self.understand(reply)
            return Receipt(vendor_code=answer.code, vendor_text=answer.message)
        except BadReply as error:
            why = error.safe_text
        raise OutcomeUnknown(words.sent_but(why))

    def _send(self, way: Way, params: Params, generation: Generation) -> Reply:
        everything = {**params, **self._login()}
        url = self.url_for(generation)
        if self.option("method") == "get":
            return way("GET", url, params=everything)
        return way("POST", url, form=everything)

    def _login(self) -> Params:
        """Parameters like any other (p_4705); gen1 may be set up to ask for none."""
        password = self.config.secrets.get("password", "")
        if not self.config.username and not password:
            return {}
        return {"Username": self.config.username, "Password": password}

    @property
    def _both(self) -> bool:
        return self.generation == "gen2" and self.option("send_both_spellings") == "yes"
