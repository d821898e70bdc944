""" "Test connection", step by step: what the steps of all vendors share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sized
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

from django.utils import timezone

from transfers.domain import Check, Probe
from transfers.drivers import words
from transfers.drivers.base import Driver
from transfers.errors import DriverError
from transfers.sentences import say, say_many

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
            self.note(words.CALLS, False, error.safe_text)
        return None

    def sees(self, calls: Sized) -> None:
        count = say_many("Sees {count} live call.", "Sees {count} live calls.", len(calls))
        self.note(words.CALLS, True, count)

    def listed_by(self, name: str, read: Callable[[], Seen]) -> Seen | None:
        """Like `calls_by`, of a list that the switchboard can do without."""
        try:
            return read()
        except DriverError as error:
            # Translators: {why} is a whole sentence.
            self.note(name, None, say("Not listed: {why}", why=error.safe_text))
        return None

    def lists_extensions(self, found: Sized) -> None:
        count = say_many("Lists {count} extension.", "Lists {count} extensions.", len(found))
        self.note(words.EXTENSIONS, True, count)

    def clock(self, date: str) -> None:
        """The Date header against our clock; it has whole seconds."""
        try:
            difference = parsedate_to_datetime(date) - timezone.now()
        except (ValueError, TypeError, OverflowError):
            self.note(words.CLOCK, None, say("The PBX does not tell its time."))
            return
        seconds = round(difference.total_seconds())
        if abs(difference) <= CLOCK_DIFFERENCE:
            within = max(1, abs(seconds))
            agrees = say("Agrees with ours within {seconds} s.", seconds=within)
            self.note(words.CLOCK, True, agrees)
        elif seconds > 0:
            ahead = say("The PBX's clock is {seconds} s ahead of ours.", seconds=seconds)
            self.note(words.CLOCK, False, ahead)
        else:
            behind = say("The PBX's clock is {seconds} s behind ours.", seconds=-seconds)
            self.note(words.CLOCK, False, behind)
