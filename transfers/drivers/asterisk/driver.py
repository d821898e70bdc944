"""Asterisk (FreePBX too) over its manager interface by HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from transfers.domain import Action, BoardEvent, Call, Extension, Leg, Probe, Receipt
from transfers.drivers import words
from transfers.drivers.asterisk import consulting, dialling, extensions, menu, targets
from transfers.drivers.asterisk.calls import Desk, read_calls
from transfers.drivers.asterisk.channels import VARIABLES
from transfers.drivers.asterisk.consulting import channel_of, must_be
from transfers.drivers.asterisk.digest import DigestSession
from transfers.drivers.asterisk.events import listen
from transfers.drivers.asterisk.forms import AsteriskOptions
from transfers.drivers.asterisk.menu import Boxes, Kind
from transfers.drivers.asterisk.numbers import Numbers
from transfers.drivers.asterisk.probe import probe
from transfers.drivers.asterisk.session import CookieSession, Session
from transfers.drivers.asterisk.wire import Fields
from transfers.drivers.base import Display, Driver, Memory, OptionsForm
from transfers.drivers.text import diallable
from transfers.errors import NotSupported, Refused
from transfers.sentences import say

SAME_CLOCK = timedelta(seconds=2)  # the Date header has whole seconds
UNBRIDGED = (Kind.RINGS, Kind.QUEUES, Kind.APPLICATION, Kind.WAITS)


class AsteriskDriver(Driver):
    """One manager login sees every call of the PBX, and acts on any leg."""

    vendor = "asterisk"
    label = "Asterisk"
    features = menu.FEATURES | {Action.DIAL}
    options_form: ClassVar[type[OptionsForm]] = AsteriskOptions
    url_hint = "http://pbx.example:8088/asterisk/"
    username_label = _("Manager user")
    password_label = _("Secret")
    standing = "transfer"
    pushes = True
    leaves_held_alone = True
    displays: ClassVar[Mapping[Action, Display]] = MappingProxyType(  # docs/proven-on-real-calls.md
        {
            Action.BLIND: Display.SENT,
            Action.FORWARD: Display.SENT,
            Action.CONSULT: Display.SENDER,
        }
    )

    def __repr__(self) -> str:
        return "<AsteriskDriver>"

    # ----- reading

    def probe(self) -> Probe:
        return probe(self)

    def list_calls(self) -> list[Call]:
        """Status, then ParkedCalls: a parked channel looks like any other in the first."""
        answer = self.session.ask("Status", Variables=VARIABLES)
        channels = answer.items("Status", "StatusComplete")
        parked = self._parked() if any(each.get("bridgeid") for each in channels) else []
        return read_calls(channels, parked, self.desk)

    def list_extensions(self) -> list[Extension]:
        return extensions.listed(self.session, self.memory)

    def _parked(self) -> list[Fields]:
        try:
            answer = self.session.ask("ParkedCalls")
        except Refused as error:
            if error.vendor_text.startswith("Invalid/unknown command"):  # without res_parking
                return []
            raise
        return answer.items("ParkedCall", "ParkedCallsComplete")

    def events(self, stop: threading.Event) -> Iterator[BoardEvent]:
        return listen(self, stop)

    @property
    def desk(self) -> Desk:
        now = timezone.now()
        try:
            ahead = parsedate_to_datetime(self.session.date) - now
        except (ValueError, TypeError):
            ahead = timedelta()
        if abs(ahead) <= SAME_CLOCK:
            ahead = timedelta()
        return Desk(now, self.hold_context, ahead, self.boxes, Numbers(self.memory))

    # ----- transfers: the target is looked up first, for a wrong one hangs the caller up

    def blind(self, call: Call, target: str, *, leaves: Leg, note: str = "") -> Receipt:
        number = diallable(target)
        must_be(call, Kind.TALKS, Kind.HELD_AT_PHONE, Kind.WAITS)
        return self._move(call, leaves, self.context, number)

    def voicemail(self, call: Call, target: str, *, leaves: Leg) -> Receipt:
        exten, context = self.boxes.place(diallable(target))
        if not exten:
            raise NotSupported(menu.NO_BOXES)
        if call.extra.get("kind") in UNBRIDGED:
            leaves = Leg.CALLEE
        return self._move(call, leaves, context, exten, phone=False)

    def forward(self, call: Call, target: str) -> Receipt:
        """Redirect of the caller's leg; the callee's would hang the caller up."""
        number = diallable(target)
        if call.extra.get("kind") not in UNBRIDGED:
            raise NotSupported(words.RINGS_NO_MORE)
        return self._move(call, Leg.CALLEE, self.context, number)

    def _move(
        self, call: Call, leaves: Leg, context: str, exten: str, *, phone: bool = True
    ) -> Receipt:
        """Send the party that stays to an extension, however the call is connected now."""
        kind = call.extra.get("kind")
        if kind in (Kind.TALKS, Kind.HELD_AT_PHONE):
            goes = channel_of(call, leaves.value)
        elif kind in UNBRIDGED and leaves is _empty_side(call):
            goes = ""
        else:
            raise NotSupported(say("Nobody is there who could be sent on; nothing was sent."))
        stays = channel_of(call, "caller" if kind in UNBRIDGED else leaves.other.value)
        self.look_up(context, exten, phone=phone)
        if goes:
            return self.send("BlindTransfer", Channel=goes, Context=context, Exten=exten)
        return self.redirect(stays, context, exten)

    def look_up(self, context: str, exten: str, *, phone: bool = True) -> None:
        targets.must_exist(self.session, context, exten)
        if phone and self.option("unregistered") == "refuse":
            targets.must_be_on(self.session, context, exten)

    # ----- consultations: two legs are redirected at once, and bridged when it is over

    def consult(self, call: Call, target: str, *, leaves: Leg, note: str = "") -> Receipt:
        return consulting.consult(self, call, diallable(target), leaves)

    def join(self, held: Call, consultation: Call) -> Receipt:
        return consulting.join(self, held, consultation)

    def cancel(self, held: Call, consultation: Call) -> Receipt:
        return consulting.cancel(self, held, consultation)

    def swap(self, held: Call, consultation: Call) -> Receipt:
        return consulting.swap(self, held, consultation)

    # ----- one call

    def hold(self, call: Call, *, by: Leg | None = None) -> Receipt:
        return consulting.hold(self, call, by)

    def retrieve(self, call: Call) -> Receipt:
        return consulting.retrieve(self, call)

    def park(self, call: Call, *, by: Leg | None = None) -> Receipt:
        """The other party is parked. The PBX lets the leg of who parks go by itself.

        When nobody fetches it, the PBX calls the phone of TimeoutChannel: its name without what
        follows the last dash. Given an id it calls that, and loses the caller; given the very name
        it keeps the leg of who parks, to tell her the space (measured on 16.28 and 22.10).
        """
        must_be(call, Kind.TALKS)
        own = by or Leg.CALLEE
        waits, goes = channel_of(call, own.other.value), channel_of(call, own.value)
        answer = self.session.ask("Getvar", Channel=goes, Variable="CHANNEL(name)")
        phone, dash, _ = answer.head.get("value", "").rpartition("-")
        return self.send("Park", Channel=waits, TimeoutChannel=dash and f"{phone}-0")

    def unpark(self, call: Call, extension: str) -> Receipt:
        return self._to_phone(call, extension, Kind.PARKED)

    def pickup(self, call: Call, extension: str) -> Receipt:
        return self._to_phone(call, extension, Kind.RINGS)

    def _to_phone(self, call: Call, extension: str, kind: Kind) -> Receipt:
        """The caller's leg goes to this extension, whose phone rings."""
        number = diallable(extension)
        must_be(call, kind)
        self.look_up(self.context, number)
        return self.redirect(channel_of(call, "caller"), self.context, number)

    def hangup(self, call: Call) -> Receipt:
        """The caller's leg: the callee's would leave the caller to what the dial plan does next."""
        return self.send("Hangup", Channel=channel_of(call, "caller"), Cause="16")

    def dial(self, extension: str, target: str) -> Receipt:
        return dialling.dial(self, diallable(extension), diallable(target))

    # ----- how it is sent

    clock = staticmethod(time.monotonic)

    def redirect(self, channel: str, context: str, exten: str) -> Receipt:
        return self.send("Redirect", Channel=channel, Context=context, Exten=exten, Priority="1")

    def send(self, name: str, **fields: str) -> Receipt:
        answer = self.session.command(name, **fields)
        return Receipt(vendor_code=answer.word, vendor_text=answer.message)

    @cached_property
    def session(self) -> Session:
        return self.session_for(self.memory, "off")

    def session_for(self, memory: Memory, events: str) -> Session:
        """A session; whoever listens to events takes one that nobody else uses."""
        config, secret = self.config, self.config.secrets.get("password", "")
        kind = DigestSession if self.option("login") == "digest" else CookieSession
        return kind(self.door, memory, config.url, config.username, secret, events)

    @property
    def context(self) -> str:
        return self.option("context")

    @property
    def hold_context(self) -> str:
        """Empty is a choice here, and not the want of one."""
        return self.config.options.get("hold_context", "pbxadmin-hold")

    @property
    def boxes(self) -> Boxes:
        return Boxes(self.option("voicemail"), self.context)


def _empty_side(call: Call) -> Leg:
    """The side of a call on which nobody talks to us: of one on hold here, who held it."""
    if call.extra.get("waits"):
        return Leg.CALLEE if call.extra.get("side") == "caller" else Leg.CALLER
    return Leg.CALLEE
