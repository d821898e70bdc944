""" "Test connection" for Ozeki: step by step, in plain words, sending reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from transfers.domain import Probe
from transfers.drivers import words
from transfers.drivers.ozeki import wire
from transfers.drivers.ozeki.calls import FAR_OFF, clock_offsets, read_calls
from transfers.drivers.ozeki.wire import Answer, Generation
from transfers.drivers.steps import Steps
from transfers.errors import AuthFailed, DriverError, Unreachable
from transfers.http import Reply
from transfers.sentences import say

if TYPE_CHECKING:
    from transfers.drivers.ozeki.driver import OzekiDriver


def probe(driver: OzekiDriver) -> Probe:
    return _Steps(driver).run()


class _Steps(Steps["OzekiDriver"]):
    def run(self) -> Probe:
        answered = self.connect()
        if answered is None:
            return Probe(tuple(self.checks))
        generation, reply, answer = answered
        self.calls(answer)
        seen = self.extensions(generation) or wire.generation_seen(answer.root)
        learned = self.generation(generation, seen)
        self.clock(reply.headers.get("date", ""))
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
                self.note(words.ADDRESS, False, error.safe_text)
                return None
            except AuthFailed as error:
                self.note(words.ADDRESS, True, words.ANSWERS)
                self.note(words.LOGIN, False, error.safe_text)
                return None
            except DriverError as error:
                failures.append(error.safe_text)
                continue
            self.note(words.ADDRESS, True, words.ANSWERS)
            name = self.driver.config.username
            accepted = words.accepted_as(name) if name else say("Accepted without one.")
            self.note(words.LOGIN, True, accepted)
            return generation, reply, answer
        self.note(words.ADDRESS, True, words.SOMETHING_ANSWERS)
        self.note(words.API, False, failures[0])
        return None

    def calls(self, answer: Answer) -> None:
        now = timezone.now()
        found = self.calls_by(lambda: read_calls(answer.root, self.driver.zone, now))
        if found is not None:
            self.sees(found)

    def extensions(self, generation: Generation) -> Generation | None:
        """The list's fields also tell the generation, even while nobody is on the phone."""
        asked = wire.list_extensions()
        answer = self.listed_by(
            words.EXTENSIONS, lambda: self.driver.understand(self.driver.read(asked, generation))
        )
        if answer is None:
            return None
        self.lists_extensions(wire.extensions(answer.root))
        return wire.generation_seen(answer.root)

    def generation(self, answered: Generation, seen: Generation | None) -> dict[str, str]:
        """What to save: a generation that was seen, or the only one that answered."""
        name = say("API generation")
        chosen = self.driver.option("generation")
        only = answered != self.driver.generation
        found = seen or answered
        product = wire.NAMES[found]
        if seen is None and not only:
            taken = say("Could not be told yet; taken for {product}.", product=product)
            self.note(name, None, taken)
            return {}
        if chosen != "auto" and chosen != found and not only:
            other = say("It answers like {product}: set the API generation to it.", product=product)
            self.note(name, False, other)
            return {}
        self.note(name, True, words.product(product))
        return {"generation": found}

    def dates(self, answer: Answer) -> None:
        """Start + durations of a live call is now, if the time zone is right."""
        offsets = clock_offsets(answer.root, self.driver.zone, timezone.now())
        if not offsets:
            return
        # Translators: dates and times of calls: a line of "Test connection".
        name, middle = say("Dates"), offsets[len(offsets) // 2]
        if abs(middle) <= FAR_OFF:
            self.note(name, True, say("The dates of the calls are right."))
            return
        hours = round(middle.total_seconds() / 1800) / 2
        off = say("Dates look {hours} h off: set the time zone option.", hours=abs(hours))
        self.note(name, False, off)
