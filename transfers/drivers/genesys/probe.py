""" "Test connection" for Genesys: step by step, in plain words; nothing is changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfers.domain import Probe
from transfers.drivers.genesys import wire
from transfers.drivers.genesys.events import bayeux_of
from transfers.drivers.genesys.wire import Json
from transfers.drivers.steps import Steps
from transfers.drivers.text import clean
from transfers.errors import AuthFailed, DriverError, Unreachable
from transfers.sentences import say, say_many

if TYPE_CHECKING:
    from transfers.drivers.genesys.driver import GenesysDriver

NO_LOGIN = (
    "Not tried: every seat needs the agent's own login. Enter it at the seat of each person; "
    "without one only the address can be tested."
)


def probe(driver: GenesysDriver) -> Probe:
    return _Steps(driver).run()


class _Steps(Steps["GenesysDriver"]):
    def run(self) -> Probe:
        if not self.address():
            return Probe(tuple(self.checks))
        if not self.driver.config.username:
            self.note("Login", None, NO_LOGIN)
        elif (user := self.login()) is not None:
            self.voice(user)
            self.device(user)
            self.calls()
            self.contacts()
            self.notifications()
        return Probe(tuple(self.checks))

    def address(self) -> bool:
        """diagnostics/version answers without a login (InterpretingaResponse)."""
        try:
            answer = self.driver.session.bare("/diagnostics/version")
        except Unreachable as error:
            self.note("Address", False, error.safe_text)
            return False
        except AuthFailed:  # some installations protect it; the login will tell more
            self.note("Address", True, "The PBX answers.")
            return True
        except DriverError as error:
            self.note("Address", True, "Something answers there.")
            self.note("API", False, error.safe_text)
            return False
        version = answer.data.get("version")
        words = f", version {clean(version, 40)}" if isinstance(version, str) else ""
        self.note("Address", True, f"The PBX answers{words}.")
        return True

    def login(self) -> Json | None:
        try:
            answer = self.driver.session.ask("/me", subresources="features,devices")
        except DriverError as error:
            self.note("Login", False, error.safe_text)
            return None
        self.note("Login", True, f"Accepted as {self.driver.config.username}.")
        user = answer.data.get("user")
        return user if isinstance(user, dict) else {}

    def voice(self, user: Json) -> None:
        """Every operation on calls requires the feature api-voice."""
        if not isinstance(user.get("features"), list):
            self.note("Voice", None, "The PBX does not tell which features the agent has.")
            return
        names = {feature.get("id") for feature in wire.objects(user["features"])}
        if "api-voice" in names:
            self.note("Voice", True, "The agent has the feature api-voice.")
        else:
            words = "The agent lacks the feature api-voice: calls can be neither seen nor moved."
            self.note("Voice", False, words)

    def device(self, user: Json) -> None:
        devices = wire.objects(user.get("devices"))
        numbers = ", ".join(filter(None, wire.device_numbers({"devices": devices}).values()))
        states = [device.get("userState") for device in devices]
        away = [isinstance(each, dict) and each.get("state") == "LoggedOut" for each in states]
        if not numbers:
            self.note("Phone", None, "The agent has no phone now: log her in at a desktop first.")
        elif all(away) and self.driver.option("session") == "desktop":
            words = f"Number {numbers}; the agent is not logged in at her desktop now."
            self.note("Phone", None, words)
        else:
            self.note("Phone", True, f"Number {numbers}.")

    def calls(self) -> None:
        found = self.calls_by(self.driver.list_calls)
        if found is not None:
            self.sees(found)

    def contacts(self) -> None:
        found = self.listed_by("Contacts", self.driver.list_extensions)
        if found is not None:
            count = say_many("Lists {count} number.", "Lists {count} numbers.", len(found))
            self.note(say("Contacts"), True, count)

    def notifications(self) -> None:
        """A handshake and a good-bye. Without notifications the calls are read all the same."""
        client = bayeux_of(self.driver)
        try:
            client.handshake()
        except DriverError as error:
            words = f"Not pushed: {error.safe_text} Calls are read in intervals instead."
            self.note("Notifications", None, words)
        else:
            client.disconnect()
            self.note("Notifications", True, "The PBX pushes changes of calls.")
