"""The contract of a driver: given a configuration and the door out, list calls, send one command.

A driver knows no model, keeps no cache, retries no command and logs nothing. It is built per use.
It raises only the `DriverError` tree. How to write one: docs/adding-a-driver.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from django import forms

from transfers.domain import Action, Call, Extension, Leg, Probe, Receipt
from transfers.errors import NotSupported
from transfers.http import Door


@dataclass(frozen=True, slots=True)
class Config:
    """What a driver needs to know of a connection. The secrets are kept out of the repr."""

    url: str
    username: str = ""
    secrets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class OptionsForm(forms.Form):
    """Base of a vendor's own fields on the connection page. Values are stored as strings.

    Every field needs an initial value: it is what a connection without that option gets.
    """


class Driver(ABC):
    vendor: ClassVar[str]  # the word in the database and on the command line
    label: ClassVar[str]  # the name for people
    features: ClassVar[frozenset[Action]]
    options_form: ClassVar[type[OptionsForm]]
    url_hint: ClassVar[str] = ""  # an example address for the connection page
    password_label: ClassVar[str] = "Password"

    def __init__(self, config: Config, door: Door) -> None:
        self.config = config
        self.door = door

    def option(self, name: str) -> str:
        """The connection's option, or its documented default."""
        default = self.options_form.base_fields[name].initial
        return self.config.options.get(name) or str(default or "")

    @abstractmethod
    def probe(self) -> Probe:
        """Try the connection step by step. Never raises a DriverError: a failure is a check."""

    @abstractmethod
    def list_calls(self) -> list[Call]:
        """One coherent picture of the live calls, or an exception; never half a list."""

    @abstractmethod
    def list_extensions(self) -> list[Extension]:
        """The numbers of this PBX that can be transfer targets."""

    def blind(self, call: Call, target: str, *, leaves: Leg) -> Receipt:
        """Connect the other party of `call` to `target`; the party at `leaves` goes out."""
        raise self._cannot(Action.BLIND)

    def forward(self, call: Call, target: str) -> Receipt:
        """Send the caller of a ringing call to `target` instead."""
        raise self._cannot(Action.FORWARD)

    def join(self, held: Call, consultation: Call) -> Receipt:
        """Complete an attended transfer: the party common to both calls goes out of both."""
        raise self._cannot(Action.JOIN)

    def hold(self, call: Call) -> Receipt:
        raise self._cannot(Action.HOLD)

    def retrieve(self, call: Call) -> Receipt:
        raise self._cannot(Action.RETRIEVE)

    def hangup(self, call: Call) -> Receipt:
        raise self._cannot(Action.HANGUP)

    def _cannot(self, action: Action) -> NotSupported:
        return NotSupported(f"{self.label} has no command for “{action.value}”.")
