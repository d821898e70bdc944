""" "Test connection" for Ozeki: step by step, in plain words, sending reads only."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from transfers.domain import Check, Probe
from transfers.drivers.ozeki import wire
from transfers.drivers.ozeki.calls import FAR_OFF, clock_offsets, read_calls
from transfers.drivers.ozeki.wire import Answer, Generation
from transfers.errors import AuthFailed, DriverError, Unreachable
from transfers.http import Reply

if TYPE_CHECKING:
    from transfers.drivers.ozeki.driver import OzekiDriver

CLOCK_DIFFERENCE = timedelta(seconds=30)  # more than this confuses whoever reads both logs


def probe(driver: OzekiDriver) -> Probe:
    """Never raises a DriverError: a failure is a check, and what needs it is left out."""
    return _Steps(driver).run()


class _Steps:
    def __init__(self, driver: OzekiDriver) -> None:
        self.driver = driver
        self.checks: list[Check] = []

    def note(self, name: str, ok: bool | None, text: str) -> None:
        self.checks.append(Check(name, ok, text))

    def run(self) -> Probe:
        answered = self.connect()
        if answered is None:
            return Probe(tuple(self.checks))
        generation, reply, answer = answered
        self.calls(answer)
        seen = self.extensions(generation) or wire.generation_seen(answer.root)
        learned = self.generation(generation, seen)
        self.clock(reply)
        self.dates(answer)
        return Probe(tuple(self.checks), learned)

    def connect(self) -> tuple[Generation, Reply, Answer] | None:
        """Ask for the calls at the likelier address, then at the other; note how far it got."""
        first = self.driver.generation
        other: Generation = "gen2" if first == "gen1" else "gen1"
        one_address = self.driver.url_for(first) == self.driver.url_for(other)
        failures: list[str] = []
        for generation in (first,) if one_address else (first, other):
            try:
                reply = self.driver.read(wire.list_calls(), generation)
                answer = self.driver.understand(reply)
            except Unreachable as error:
                self.note("Address", False, error.safe_text)
                return None
            except AuthFailed as error:
                self.note("Address", True, "The PBX answers.")
                self.note("Login", False, error.safe_text)
                return None
            except DriverError as error:
                failures.append(error.safe_text)
                continue
            self.note("Address", True, "The PBX answers.")
            name = self.driver.config.username
            self.note("Login", True, f"Accepted as {name}." if name else "Accepted without one.")
            return generation, reply, answer
        self.note("Address", True, "Something answers there.")
        self.note("API", False, failures[0])
        return None

    def calls(self, answer: Answer) -> None:
        try:
            count = len(read_calls(answer.root, self.driver.zone, timezone.now()))
        except DriverError as error:
            self.note("Calls", False, error.safe_text)
        else:
            self.note("Calls", True, f"Sees {count} live call{'' if count == 1 else 's'}.")

    def extensions(self, generation: Generation) -> Generation | None:
        """The list's fields also tell the generation, even while nobody is on the phone."""
        try:
            answer = self.driver.understand(self.driver.read(wire.list_extensions(), generation))
        except DriverError as error:
            self.note("Extensions", None, f"Not listed: {error.safe_text}")
            return None
        count = len(wire.extensions(answer.root))
        self.note("Extensions", True, f"Lists {count} extension{'' if count == 1 else 's'}.")
        return wire.generation_seen(answer.root)

    def generation(self, answered: Generation, seen: Generation | None) -> dict[str, str]:
        """What to save: a generation that was seen, or the only one that answered."""
        name = "API generation"
        chosen = self.driver.option("generation")
        only = answered != self.driver.generation
        found = seen or answered
        words = wire.NAMES[found]
        if seen is None and not only:
            self.note(name, None, f"Could not be told yet; taken for {words}.")
            return {}
        if chosen != "auto" and chosen != found and not only:
            self.note(name, False, f"It answers like {words}: set the API generation to it.")
            return {}
        self.note(name, True, f"{words}.")
        return {"generation": found}

    def clock(self, reply: Reply) -> None:
        """The Date header against our clock; it has whole seconds."""
        theirs: datetime | None
        try:
            theirs = parsedate_to_datetime(reply.headers.get("date", ""))
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

    def dates(self, answer: Answer) -> None:
        """Start + durations of a live call is now, if the time zone is right."""
        offsets = clock_offsets(answer.root, self.driver.zone, timezone.now())
        if not offsets:
            return
        middle = offsets[len(offsets) // 2]
        if abs(middle) <= FAR_OFF:
            self.note("Dates", True, "The dates of the calls are right.")
            return
        hours = round(middle.total_seconds() / 1800) / 2
        self.note("Dates", False, f"Dates look {abs(hours):g} h off: set the time zone option.")
