"""The contract of a driver: given a configuration and the door out, list calls, send one command.

A driver knows no model, keeps no cache, retries no command and logs nothing. It is built per use.
It raises only the `DriverError` tree. How to write one: docs/adding-a-driver.md.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Protocol

from django import forms
from django.utils.translation import gettext_lazy as _

from transfers.domain import Action, BoardEvent, Call, Extension, Leg, Notice, Phone, Probe, Receipt
from transfers.errors import NotSupported
from transfers.http import Door
from transfers.sentences import say

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Config:
    """What a driver needs to know of a connection. The secrets are kept out of the repr."""

    url: str
    username: str = ""
    secrets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Scope(StrEnum):
    """Whose calls one login of this vendor lists."""

    PBX = "pbx"
    AGENT = "agent"  # the login's own; every seat has its own login and its own feed


class Display(StrEnum):
    """Whose number a phone shows that rings because of a command."""

    SENT = "sent"  # the party that is sent there
    SENDER = "sender"  # the one who transfers, or consults


class Memory(Protocol):
    """A small store that outlives a driver and is shared by all processes, for one account.

    Values are kept encrypted: tokens, cookies. `get` is "" when there is nothing (any more).
    """

    def get(self, name: str) -> str: ...
    def put(self, name: str, value: str, seconds: float) -> None: ...
    def forget(self, name: str) -> None: ...


class NoMemory:
    """Remembers for its own lifetime only: tests, and connections that are not saved yet."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, name: str) -> str:
        return self._values.get(name, "")

    def put(self, name: str, value: str, seconds: float) -> None:
        self._values[name] = value

    def forget(self, name: str) -> None:
        self._values.pop(name, None)


class OptionsForm(forms.Form):
    """Base of a vendor's own fields on the connection page. Values are stored as strings.

    Every field needs an initial value: it is what a connection without that option gets.
    """


class Driver(ABC):
    vendor: ClassVar[str]  # the word in the database and on the command line
    label: ClassVar[str]  # the name for people
    features: ClassVar[frozenset[Action]]
    options_form: ClassVar[type[OptionsForm]]
    url_hint: ClassVar[StrOrPromise] = ""  # an example address for the connection page
    username_label: ClassVar[StrOrPromise] = _("Username")
    password_label: ClassVar[StrOrPromise] = _("Password")
    scope: ClassVar[Scope] = Scope.PBX
    pushes: ClassVar[bool] = False  # `events` yields what the PBX pushes
    notified: ClassVar[bool] = False  # the PBX sends notifications to an address of ours
    notify_hint: ClassVar[StrOrPromise] = ""  # where an administrator enters that address
    # How standing forwards are carried out: "answer" to a notification of a ringing call,
    # "transfer" of a ringing call that the board sees, "device" by the agent's own phone; "" where
    # they are not offered.
    standing: ClassVar[str] = ""
    carries_note: ClassVar[bool] = False  # a note typed with a transfer reaches the target
    rings_again: ClassVar[bool] = False  # completing a consultation rings the target once more
    # The PBX itself refuses to forward a call that was answered a moment ago, as documented: then
    # the console may bring back by itself what nobody answers.
    forwards_ringing_only: ClassVar[bool] = False
    # What the target's phone shows while it rings. Only what the vendor documents, or real
    # telephones have shown; what is missing here is not foretold.
    displays: ClassVar[Mapping[Action, Display]] = MappingProxyType({})

    # A consultation that ends by itself leaves the held party alone. Such a call is marked
    # `left_alone`; the console then brings her back, by `retrieve`, to the phone that held it.
    leaves_held_alone: ClassVar[bool] = False

    def __init__(self, config: Config, door: Door, memory: Memory | None = None) -> None:
        self.config = config
        self.door = door
        self.memory: Memory = memory or NoMemory()

    def option(self, name: str) -> str:
        """The connection's option, or its documented default."""
        default = self.options_form.base_fields[name].initial
        return self.config.options.get(name) or str(default or "")

    @classmethod
    def stands_in(cls, options: Mapping[str, str]) -> str:  # noqa: ARG003
        """`standing` of a connection with these options, for vendors where one of them decides."""
        return cls.standing

    @classmethod
    def why_no_dial(cls, options: Mapping[str, str]) -> str:  # noqa: ARG003
        """Why nobody can call from here with these options; "" when `dial` works."""
        if Action.DIAL in cls.features:
            return ""
        return say(
            "{vendor} has no command that makes a person’s own phone call somebody.",
            vendor=cls.label,
        )

    @classmethod
    def stays_signed_on(cls, options: Mapping[str, str]) -> float:  # noqa: ARG003
        """Hours an agent stays logged in at the PBX while nobody looks at her calls here.

        0: logging agents in and out is not ours to do.
        """
        return 0.0

    @abstractmethod
    def probe(self) -> Probe:
        """Try the connection step by step. Never raises a DriverError: a failure is a check."""

    @abstractmethod
    def list_calls(self) -> list[Call]:
        """One coherent picture of the live calls, or an exception; never half a list."""

    @abstractmethod
    def list_extensions(self) -> list[Extension]:
        """The numbers of this PBX that can be transfer targets."""

    # Commands. Each is sent once; where the vendor needs two for one action, each of the two is,
    # and a Refused or OutcomeUnknown says in words what is left standing.

    def blind(self, call: Call, target: str, *, leaves: Leg, note: str = "") -> Receipt:
        """Connect the other party of `call` to `target`; the party at `leaves` goes out."""
        raise self._cannot(Action.BLIND)

    def forward(self, call: Call, target: str) -> Receipt:
        """Send the caller of a ringing call to `target` instead."""
        raise self._cannot(Action.FORWARD)

    def voicemail(self, call: Call, target: str, *, leaves: Leg) -> Receipt:
        """Send the other party to the mailbox of `target`."""
        raise self._cannot(Action.VOICEMAIL)

    def consult(self, call: Call, target: str, *, leaves: Leg, note: str = "") -> Receipt:
        """Hold `call` and call `target` from the phone at `leaves`, the transferor's."""
        raise self._cannot(Action.CONSULT)

    def join(self, held: Call, consultation: Call) -> Receipt:
        """Complete an attended transfer: the party common to both calls goes out of both.

        `held` is the call on hold now; after a swap that is the consultation.
        """
        raise self._cannot(Action.JOIN)

    def cancel(self, held: Call, consultation: Call) -> Receipt:
        """End the consultation and go back to the held call; its other party is never hung up."""
        raise self._cannot(Action.CANCEL)

    def swap(self, held: Call, consultation: Call) -> Receipt:
        """Talk to the held party and hold the other one."""
        raise self._cannot(Action.SWAP)

    def hold(self, call: Call, *, by: Leg | None = None) -> Receipt:
        """Put a call on hold; `by` is the side of who does it, where that is known."""
        raise self._cannot(Action.HOLD)

    def retrieve(self, call: Call) -> Receipt:
        raise self._cannot(Action.RETRIEVE)

    def park(self, call: Call, *, by: Leg | None = None) -> Receipt:
        """Leave a party waiting for anybody; `by` is the side of who does it, where known."""
        raise self._cannot(Action.PARK)

    def unpark(self, call: Call, extension: str) -> Receipt:
        """Connect a parked call to this extension."""
        raise self._cannot(Action.UNPARK)

    def pickup(self, call: Call, extension: str) -> Receipt:
        """Take a call that rings elsewhere at this extension."""
        raise self._cannot(Action.PICKUP)

    def hangup(self, call: Call) -> Receipt:
        raise self._cannot(Action.HANGUP)

    def dial(self, extension: str, target: str) -> Receipt:
        """Click-to-dial: the phone of `extension` rings, and once it is answered, calls `target`.

        `Receipt.new_call_id` names the call, where the PBX tells; else it is known by its parties.
        """
        raise self._cannot(Action.DIAL)

    # Agents, where `stays_signed_on`. Raise what a read raises.

    def sign_on(self) -> None:
        """Log the agent in. Called before every read while she looks; does it once."""
        raise NotSupported(say("{vendor} logs no agents in.", vendor=self.label))

    def sign_off(self) -> None:
        """Log the agent out. Twice does no harm."""
        raise NotSupported(say("{vendor} logs no agents out.", vendor=self.label))

    # The agent's own phone, where `standing` is "device".

    def phone(self) -> Phone:
        """A read: her one phone, as it is now. NotSupported when it is not clear which that is."""
        raise NotSupported(
            say("{vendor} does not tell where a phone sends its calls.", vendor=self.label)
        )

    def forward_phone(self, target: str) -> Receipt:
        """Let her phone send its calls to `target` from now on; "" takes that back."""
        raise NotSupported(
            say("{vendor} has no command for forwarding a phone.", vendor=self.label)
        )

    # What the PBX says by itself.

    def events(self, stop: threading.Event) -> Iterator[BoardEvent]:
        """What the PBX pushes, until `stop` is set. Only where `pushes`.

        Begins with a `resync` once it listens, so that nothing is lost before, and yields one after
        every gap. Raises DriverError when the connection is lost; the board calls again later.
        """
        raise NotSupported(say("{vendor} pushes nothing.", vendor=self.label))

    def notice(self, fields: Mapping[str, str]) -> Notice:
        """Read a notification. Hostile until parsed: unknown ones are an empty Notice."""
        return Notice()

    def answer(self, notice: Notice, forward_to: str = "") -> tuple[str, str]:
        """Content type and body of our answer to a notification, sending the call on or not."""
        return "text/plain", ""

    def subscribe(self, url: str) -> None:
        """Ask the PBX to send notifications to `url`, where it has a command for that."""
        raise self._told_on_its_pages()

    def unsubscribe(self, url: str) -> None:
        """Take that back. The PBX's other subscriptions are left alone."""
        raise self._told_on_its_pages()

    def _told_on_its_pages(self) -> NotSupported:
        return NotSupported(
            say("{vendor} is told the address on its own pages.", vendor=self.label)
        )

    def _cannot(self, action: Action) -> NotSupported:
        return NotSupported(
            say("{vendor} has no command for “{action}”.", vendor=self.label, action=action.value)
        )
