""" "Test connection", step by step: what the steps of all vendors share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sized
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

from django.utils import timezone

from transfers.domain import Check, Probe
from transfers.drivers.base import Driver
from transfers.errors import DriverError

CLOCK_DIFFERENCE = timedelta(seconds=30)  # more than this confuses whoever reads both logs
Tested = TypeVar("Tested", bound=Driver)
Seen = TypeVar("Seen")


class Steps(ABC, Generic[Tested]):
    def __init__(self, driver: Tested) -> None:
        self.driver = driver
        self.checks: list[Check] = []

    @abstractmethod
    def run(self) -> Probe:
        """Never raises a DriverError: a failure is a check, and what needs it is left out."""

    def note(self, name: str, ok: bool | None, text: str) -> None:
        self.checks.append(Check(name, ok, text))

    def calls_by(self, read: Callable[[], Seen]) -> Seen | None:
        """What was read; or None, once it is noted that it could not be."""
        try:
            return read()
        except DriverError as error:
            self.note("Calls", False, error.safe_text)
        return None

    def sees(self, calls: Sized) -> None:
        self.note("Calls", True, f"Sees {_several(len(calls), 'live call')}.")

    def listed_by(self, name: str, read: Callable[[], Seen]) -> Seen | None:
        """Like `calls_by`, of a list that the switchboard can do without."""
        try:
            return read()
        except DriverError as error:
            self.note(name, None, f"Not listed: {error.safe_text}")
        return None

    def lists(self, name: str, entries: Sized, noun: str) -> None:
        self.note(name, True, f"Lists {_several(len(entries), noun)}.")

    def clock(self, date: str) -> None:
        """The Date header against our clock; it has whole seconds."""
        try:
            difference = parsedate_to_datetime(date) - timezone.now()
        except (ValueError, TypeError, OverflowError):
            self.note("Clock", None, "The PBX does not tell its time.")
            return
        seconds = round(difference.total_seconds())
        if abs(difference) <= CLOCK_DIFFERENCE:
            self.note("Clock", True, f"Agrees with ours within {max(1, abs(seconds))} s.")
        else:
            side = "ahead of" if seconds > 0 else "behind"
            self.note("Clock", False, f"The PBX's clock is {abs(seconds)} s {side} ours.")


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
