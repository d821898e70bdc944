""" "Test connection" for Asterisk: step by step, in plain words, sending reads only.

What is missing is named right by right, with the lines that put it right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfers.domain import Probe
from transfers.drivers.asterisk import lines
from transfers.drivers.asterisk.wire import Denied, known
from transfers.drivers.steps import Steps
from transfers.drivers.text import clean
from transfers.errors import AuthFailed, DriverError, Refused, Unreachable

if TYPE_CHECKING:
    from transfers.drivers.asterisk.driver import AsteriskDriver

# One action that each right gives, and what is impossible without it.
RIGHTS = {
    "call": ("redirect", "no call can be moved, held or hung up"),
    "reporting": ("showdialplan", "targets cannot be looked up, so no call is moved"),
}


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
        found = self.listed_by("Extensions", self.driver.list_extensions)
        if found is not None:
            self.lists("Extensions", found, "extension")
        learned = self.context()
        self.holding(learned.get("context") or self.driver.context)
        self.clock(self.driver.session.date)
        return Probe(tuple(self.checks), learned)

    def login(self) -> bool:
        try:
            self.driver.session.login()
        except Unreachable as error:
            self.note("Address", False, error.safe_text)
            return False
        except AuthFailed as error:
            self.note("Address", True, "The PBX answers.")
            self.note("Login", False, f"{error.safe_text} {lines.manager_conf()}")
            return False
        except DriverError as error:
            self.note("Address", True, "Something answers there.")
            self.note("Manager interface", False, error.safe_text)
            return False
        self.note("Address", True, "The PBX answers.")
        self.note("Login", True, f"Accepted as {self.driver.config.username}.")
        return True

    def version(self) -> None:
        """CoreSettings wants system or reporting; without, the version stays unknown."""
        try:
            head = self.driver.session.ask("CoreSettings").head
        except DriverError:
            return
        if version := clean(known(head.get("asteriskversion", "")), 60):
            self.note("Version", True, f"Asterisk {version}.")

    def rights(self) -> None:
        """ListCommands names what this login may do, and needs no right itself."""
        answer = self.listed_by("Rights", lambda: self.driver.session.ask("ListCommands"))
        if answer is None:
            return
        missing = [name for name, (action, _) in RIGHTS.items() if action not in answer.head]
        for name in missing:
            words = f"Missing in write=: {RIGHTS[name][1]}. {lines.manager_conf()}"
            self.note(f"Right “{name}”", False, words)
        if not missing:
            self.note("Rights", True, f"write= has {' and '.join(RIGHTS)}.")
        if "originate" not in answer.head:
            words = "Not in write=: nobody can call from here. Add it if people shall."
            self.note("Right “originate”", None, words)
        if "call" not in missing and "park" not in answer.head:
            self.note("Parking", None, "res_parking is not loaded: calls cannot be parked.")

    def context(self) -> dict[str, str]:
        """Whether the context of transfers is there; the hints tell where else phones are."""
        name, context = "Context of transfers", self.driver.context
        if (found := self._has_context(context)) is None:
            return {}
        if found:
            self.note(name, True, f"The dial plan has “{context}”.")
            return {}
        others = self._contexts_of_hints()
        if len(others) == 1 and self._has_context(others[0]):
            words = f"The dial plan has no “{context}”; taken is “{others[0]}”, where phones are."
            self.note(name, True, words)
            return {"context": others[0]}
        hint = f" Phones are in: {', '.join(others[:5])}." if others else ""
        self.note(name, False, f"The dial plan has no “{context}”: correct the option.{hint}")
        return {}

    def holding(self, context: str) -> None:
        name, hold = "Context for holding", self.driver.hold_context
        if not hold:
            self.note(name, None, "None is set: no consultations and no hold from here.")
        elif (found := self._has_context(hold)) is None:
            return
        elif found:
            self.note(name, True, f"The dial plan has “{hold}”.")
        else:
            words = f"The dial plan has no “{hold}”: no consultations and no hold from here."
            self.note(name, None, f"{words} {lines.dial_plan(hold, context)}")

    # ----- inside

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
