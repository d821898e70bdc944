""" "Test connection" for Genesys: step by step, in plain words; nothing is changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfers.domain import Check, Probe
from transfers.drivers.genesys import wire
from transfers.drivers.genesys.events import bayeux_of
from transfers.drivers.genesys.wire import Json
from transfers.errors import AuthFailed, DriverError, Unreachable

if TYPE_CHECKING:
    from transfers.drivers.genesys.driver import GenesysDriver

NO_LOGIN = (
    "Not tried: every seat needs the agent's own login. Enter it at the seat of each person; "
    "without one only the address can be tested."
)


def probe(driver: GenesysDriver) -> Probe:
    """Never raises a DriverError: a failure is a check, and what needs it is left out."""
    return _Steps(driver).run()


class _Steps:
    def __init__(self, driver: GenesysDriver) -> None:
        self.driver = driver
        self.checks: list[Check] = []

    def note(self, name: str, ok: bool | None, text: str) -> None:
        self.checks.append(Check(name, ok, text))

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
        words = f", version {wire.clean(version, 40)}" if isinstance(version, str) else ""
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
        try:
            count = len(self.driver.read_calls())
        except DriverError as error:
            self.note("Calls", False, error.safe_text)
        else:
            self.note("Calls", True, f"Sees {count} live call{'' if count == 1 else 's'}.")

    def contacts(self) -> None:
        try:
            count = len(self.driver.list_extensions())
        except DriverError as error:
            self.note("Contacts", None, f"Not listed: {error.safe_text}")
        else:
            self.note("Contacts", True, f"Lists {count} number{'' if count == 1 else 's'}.")

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
