""" "Test connection" for VoipNow: step by step, in plain words, sending reads only."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from transfers.domain import Check, Probe
from transfers.drivers.voipnow.answers import Answer
from transfers.drivers.voipnow.presence import extensions, prefixes
from transfers.errors import AuthFailed, DriverError, Unreachable

if TYPE_CHECKING:
    from transfers.drivers.voipnow.driver import VoipNowDriver

CLOCK_DIFFERENCE = timedelta(seconds=30)  # more than this confuses whoever reads both logs


def probe(driver: VoipNowDriver) -> Probe:
    """Never raises a DriverError: a failure is a check, and what needs it is left out."""
    return _Steps(driver).run()


class _Steps:
    def __init__(self, driver: VoipNowDriver) -> None:
        self.driver = driver
        self.checks: list[Check] = []

    def note(self, name: str, ok: bool | None, text: str) -> None:
        self.checks.append(Check(name, ok, text))

    def run(self) -> Probe:
        if not self.login():
            return Probe(tuple(self.checks))
        answer = self.calls()
        learned = self.extensions()
        if answer is not None:
            self.clock(answer)
        return Probe(tuple(self.checks), learned)

    def login(self) -> bool:
        """A new token, whatever is remembered: that is what is to be tried."""
        name = self.driver.config.username
        try:
            self.driver.line.tokens.fetch()
        except Unreachable as error:
            self.note("Address", False, error.safe_text)
        except AuthFailed as error:
            self.note("Address", True, "The PBX answers.")
            self.note("Login", False, error.safe_text)
        except DriverError as error:
            self.note("Address", True, "Something answers there.")
            self.note("API", False, error.safe_text)
        else:
            self.note("Address", True, "The PBX answers.")
            self.note("Login", True, f"Accepted as {name}.")
            if self.driver.line.root.lower().startswith("http://"):
                self.note("TLS", None, "The client secret travels unprotected: use https://.")
            return True
        return False

    def calls(self) -> Answer | None:
        """The first page tells the clock, too."""
        try:
            answer = self.driver.ask(self.driver.context.list_calls())
            count = len(self.driver.list_calls())
        except DriverError as error:
            self.note("Calls", False, error.safe_text)
            return None
        self.note("Calls", True, f"Sees {count} live call{'' if count == 1 else 's'}.")
        return answer

    def extensions(self) -> dict[str, str]:
        try:
            entries = self.driver.presence_entries()
            count = len(extensions(entries, self.driver.option("organisation")))
        except DriverError as error:
            self.note("Extensions", None, f"Not listed: {error.safe_text}")
            return {}
        self.note("Extensions", True, f"Lists {count} extension{'' if count == 1 else 's'}.")
        return self.organisation(prefixes(entries) - {""})

    def organisation(self, seen: set[str]) -> dict[str, str]:
        """What to save: the one prefix that all extended numbers have."""
        name, chosen = "Organisation prefix", self.driver.option("organisation")
        if not seen or chosen in seen:
            return {}
        listed = ", ".join(sorted(seen)[:5])
        if chosen:
            words = f"No extension begins with {chosen}*; the PBX lists {listed}."
            self.note(name, False, words)
        elif len(seen) > 1:
            words = f"Several ({listed}): set the one whose numbers your seats have."
            self.note(name, None, words)
        else:
            (only,) = seen
            self.note(name, True, f"{only}: {only}*210 is shown as 210.")
            return {"organisation": only} if only.isascii() and only.isdigit() else {}
        return {}

    def clock(self, answer: Answer) -> None:
        """The Date header against our clock; it has whole seconds."""
        theirs: datetime | None
        try:
            theirs = parsedate_to_datetime(answer.date)
            difference = theirs - timezone.now()
        except (ValueError, TypeError, OverflowError):
            self.note("Clock", None, "The PBX does not tell its time.")
            return
        seconds = round(difference.total_seconds())
        if abs(difference) <= CLOCK_DIFFERENCE:
            self.note("Clock", True, f"Agrees with ours within {max(1, abs(seconds))} s.")
        else:
            side = "ahead of" if seconds > 0 else "behind"
            self.note("Clock", False, f"The PBX's clock is {abs(seconds)} s {side} ours.")
