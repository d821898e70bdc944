""" "Test connection" for Asterisk: step by step, in plain words, changing nothing.

What is missing is named right by right, with the lines that put it right.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from transfers.domain import Probe
from transfers.drivers import words
from transfers.drivers.asterisk import lines
from transfers.drivers.asterisk.wire import Denied, known
from transfers.drivers.base import NoMemory
from transfers.drivers.steps import Steps
from transfers.drivers.text import clean
from transfers.errors import AuthFailed, DriverError, Refused, Unreachable
from transfers.sentences import joined, say

if TYPE_CHECKING:
    from transfers.drivers.asterisk.driver import AsteriskDriver
    from transfers.drivers.asterisk.session import Session

# One action that each right gives, and what is impossible without it.
RIGHTS = {
    "call": ("redirect", say("Missing in write=: no call can be moved, held or hung up.")),
    "reporting": (
        "showdialplan",
        say("Missing in write=: targets cannot be looked up, so no call is moved."),
    ),
}
# A technology that no PBX has: such a call fails before there is a channel. The PBX's own log has a
# line with this name.
NOWHERE = "ConnectionTest/nobody"
SOON = 0.05  # seconds until it is asked again
HEARS_WITHIN = 2  # seconds; measured on 16.28 and 22.10: 3 ms


def probe(driver: AsteriskDriver) -> Probe:
    return _Steps(driver).run()


class _Steps(Steps["AsteriskDriver"]):
    def run(self) -> Probe:
        if not self.login():
            return Probe(tuple(self.checks))
        self.version()
        self.rights()
        calls = self.calls_by(self.driver.list_calls)
        if calls is not None:
            self.sees(calls)
        found = self.listed_by(words.EXTENSIONS, self.driver.list_extensions)
        if found is not None:
            self.lists_extensions(found)
        learned = self.context()
        self.holding(learned.get("context") or self.driver.context)
        self.clock(self.driver.session.date)
        return Probe(tuple(self.checks), learned)

    def login(self) -> bool:
        try:
            self.driver.session.login()
        except Unreachable as error:
            self.note(words.ADDRESS, False, error.safe_text)
            return False
        except AuthFailed as error:
            self.note(words.ADDRESS, True, words.ANSWERS)
            self.note(words.LOGIN, False, joined(error.safe_text, lines.manager_conf()))
            return False
        except DriverError as error:
            self.note(words.ADDRESS, True, words.SOMETHING_ANSWERS)
            self.note(say("Manager interface"), False, error.safe_text)
            return False
        self.note(words.ADDRESS, True, words.ANSWERS)
        self.note(words.LOGIN, True, words.accepted_as(self.driver.config.username))
        return True

    def version(self) -> None:
        """CoreSettings wants system or reporting; without, the version stays unknown."""
        try:
            head = self.driver.session.ask("CoreSettings").head
        except DriverError:
            return
        if version := clean(known(head.get("asteriskversion", "")), 60):
            self.note(say("Version"), True, words.product(f"Asterisk {version}"))

    def rights(self) -> None:
        """ListCommands names what this login may do, and needs no right itself."""
        # Translators: what the login may do at the PBX: a line of "Test connection".
        answer = self.listed_by(say("Rights"), lambda: self.driver.session.ask("ListCommands"))
        if answer is None:
            return
        missing = [name for name, (action, _) in RIGHTS.items() if action not in answer.head]
        for name in missing:
            self.note(_right(name), False, joined(RIGHTS[name][1], lines.manager_conf()))
        if not missing:
            one, other = RIGHTS
            # Translators: write= is a setting of the PBX, the two are its values.
            has = say("write= has {right} and {other}.", right=one, other=other)
            self.note(say("Rights"), True, has)
        may_call = "originate" in answer.head
        if not may_call:
            why = say("Not in write=: nobody can call from here. Add it if people shall.")
            self.note(_right("originate"), None, joined(why, lines.manager_conf()))
        self.reading(may_call)
        if "call" not in missing and "park" not in answer.head:
            why = say("{module} is not loaded: calls cannot be parked.", module="res_parking")
            self.note(say("Parking"), None, why)

    def reading(self, may_call: bool) -> None:
        """No list names what is in read=: it shows in events that come, or do not.

        Nothing but a call is sure to make one, so one is ordered that cannot begin.
        """
        try:
            heard = self._hears(may_call)
        except DriverError:
            return
        if heard:
            # Translators: read= is a setting of the PBX.
            has = say("read= has {right}: changes come at once.", right="call")
            self.note(say("Changes"), True, has)
            return
        why = say(
            "“{right}” is missing in read=: changes come up to two seconds late.", right="call"
        )
        if not may_call:
            why = say(
                "Whether read= has “{right}” cannot be seen without “{other}”. If changes come "
                "late, it is missing.",
                right="call",
                other="originate",
            )
        self.note(say("Changes"), None, joined(why, lines.manager_conf()))

    def context(self) -> dict[str, str]:
        """Whether the context of transfers is there; the hints tell where else phones are."""
        name, context = say("Context of transfers"), self.driver.context
        if (found := self._has_context(context)) is None:
            return {}
        if found:
            self.note(name, True, _has(context))
            return {}
        others = self._contexts_of_hints()
        if len(others) == 1 and self._has_context(others[0]):
            taken = say(
                "The dial plan has no “{context}”; taken is “{other}”, where phones are.",
                context=context,
                other=others[0],
            )
            self.note(name, True, taken)
            return {"context": others[0]}
        missing = say("The dial plan has no “{context}”: correct the option.", context=context)
        hint = say("Phones are in: {contexts}.", contexts=", ".join(others[:5]))
        self.note(name, False, joined(missing, hint if others else ""))
        return {}

    def holding(self, context: str) -> None:
        name, hold = say("Context for holding"), self.driver.hold_context
        if not hold:
            self.note(name, None, say("None is set: no consultations and no hold from here."))
        elif (found := self._has_context(hold)) is None:
            return
        elif found:
            self.note(name, True, _has(hold))
        else:
            missing = say(
                "The dial plan has no “{context}”: no consultations and no hold from here.",
                context=hold,
            )
            self.note(name, None, joined(missing, lines.dial_plan(hold, context)))

    # ----- inside

    def _hears(self, may_call: bool) -> bool:
        """Whether an event comes to a session that asked for those of calls alone."""
        session = self.driver.session_for(NoMemory(), "call")
        session.login()
        if may_call:
            session.command("Originate", Channel=NOWHERE, Application="Hangup", Async="true")
        heard = self._polled(session, HEARS_WITHIN if may_call else 1)
        with suppress(DriverError):
            session.ask("Logoff")
        return heard

    def _polled(self, session: Session, seconds: int) -> bool:
        """One answer may come at once and have nothing (1 in 10, measured on 16.28 and 22.10)."""
        until = self.driver.clock() + seconds
        longest = seconds + self.driver.door.rules.read_seconds
        while True:
            told = session.poll(longest, "WaitEvent", Timeout=str(seconds))
            if any(event.get("event") != "WaitEventComplete" for event in told.events):
                return True
            if self.driver.clock() >= until:
                return False
            time.sleep(SOON)

    def _has_context(self, context: str) -> bool | None:
        """None: it cannot be told."""
        try:
            self.driver.session.ask("ShowDialPlan", Context=context)
        except Denied:
            return None
        except Refused:
            return False
        except DriverError:
            return None
        return True

    def _contexts_of_hints(self) -> list[str]:
        try:
            found = self.driver.session.ask("ExtensionStateList").events
        except DriverError:
            return []
        return sorted({each["context"] for each in found if each.get("context")})


def _right(name: str) -> str:
    return say("Right “{right}”", right=name)


def _has(context: str) -> str:
    return say("The dial plan has “{context}”.", context=context)
