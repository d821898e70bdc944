""" "Test connection" for VoipNow: step by step, in plain words, sending reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfers.domain import Extension, Probe
from transfers.drivers import words
from transfers.drivers.steps import Steps
from transfers.drivers.voipnow.answers import Answer
from transfers.drivers.voipnow.presence import extensions, prefixes
from transfers.drivers.voipnow.reading import Json
from transfers.errors import AuthFailed, DriverError, Unreachable
from transfers.sentences import say

if TYPE_CHECKING:
    from transfers.drivers.voipnow.driver import VoipNowDriver


def probe(driver: VoipNowDriver) -> Probe:
    return _Steps(driver).run()


class _Steps(Steps["VoipNowDriver"]):
    def run(self) -> Probe:
        if not self.login():
            return Probe(tuple(self.checks))
        answer = self.calls()
        learned = self.extensions()
        if answer is not None:
            self.clock(answer.date)
        return Probe(tuple(self.checks), learned)

    def login(self) -> bool:
        """A new token, whatever is remembered: that is what is to be tried."""
        name = self.driver.config.username
        try:
            self.driver.line.tokens.fetch()
        except Unreachable as error:
            self.note(words.ADDRESS, False, error.safe_text)
        except AuthFailed as error:
            self.note(words.ADDRESS, True, words.ANSWERS)
            self.note(words.LOGIN, False, error.safe_text)
        except DriverError as error:
            self.note(words.ADDRESS, True, words.SOMETHING_ANSWERS)
            self.note(words.API, False, error.safe_text)
        else:
            self.note(words.ADDRESS, True, words.ANSWERS)
            self.note(words.LOGIN, True, words.accepted_as(name))
            if self.driver.line.root.lower().startswith("http://"):
                bare = say("The client secret travels unprotected: use https://.")
                self.note(say("TLS"), None, bare)
            return True
        return False

    def calls(self) -> Answer | None:
        """The first page tells the clock, too."""
        first = self.driver.context.list_calls()
        found = self.calls_by(lambda: (self.driver.ask(first), self.driver.list_calls()))
        if found is None:
            return None
        answer, calls = found
        self.sees(calls)
        return answer

    def extensions(self) -> dict[str, str]:
        found = self.listed_by(words.EXTENSIONS, self.entries)
        if found is None:
            return {}
        entries, numbers = found
        self.lists_extensions(numbers)
        return self.organisation(prefixes(entries) - {""})

    def entries(self) -> tuple[list[Json], list[Extension]]:
        """As the PBX lists them, and as they are read."""
        entries = self.driver.presence_entries()
        return entries, extensions(entries, self.driver.option("organisation"))

    def organisation(self, seen: set[str]) -> dict[str, str]:
        """What to save: the one prefix that all extended numbers have."""
        name, chosen = say("Organisation prefix"), self.driver.option("organisation")
        if not seen or chosen in seen:
            return {}
        listed = ", ".join(sorted(seen)[:5])
        if chosen:
            other = say(
                "No extension begins with {prefix}*; the PBX lists {listed}.",
                prefix=chosen,
                listed=listed,
            )
            self.note(name, False, other)
        elif len(seen) > 1:
            several = say(
                "Several ({listed}): set the one whose numbers your seats have.", listed=listed
            )
            self.note(name, None, several)
        else:
            (only,) = seen
            shown = say("{prefix}: {prefix}*210 is shown as 210.", prefix=only)
            self.note(name, True, shown)
            return {"organisation": only} if only.isascii() and only.isdigit() else {}
        return {}
