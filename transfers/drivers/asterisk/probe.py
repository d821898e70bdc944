""" "Test connection" for Asterisk: step by step, in plain words, sending reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfers.domain import Probe
from transfers.drivers.steps import Steps
from transfers.errors import AuthFailed, DriverError, Unreachable

if TYPE_CHECKING:
    from transfers.drivers.asterisk.driver import AsteriskDriver


def probe(driver: AsteriskDriver) -> Probe:
    return _Steps(driver).run()


class _Steps(Steps["AsteriskDriver"]):
    def run(self) -> Probe:
        if self.login():
            calls = self.calls_by(self.driver.list_calls)
            if calls is not None:
                self.sees(calls)
            found = self.listed_by("Extensions", self.driver.list_extensions)
            if found is not None:
                self.lists("Extensions", found, "extension")
            self.clock(self.driver.session.date)
        return Probe(tuple(self.checks))

    def login(self) -> bool:
        try:
            self.driver.session.login()
        except Unreachable as error:
            self.note("Address", False, error.safe_text)
            return False
        except AuthFailed as error:
            self.note("Address", True, "The PBX answers.")
            self.note("Login", False, error.safe_text)
            return False
        except DriverError as error:
            self.note("Address", True, "Something answers there.")
            self.note("Manager interface", False, error.safe_text)
            return False
        self.note("Address", True, "The PBX answers.")
        self.note("Login", True, f"Accepted as {self.driver.config.username}.")
        return True
