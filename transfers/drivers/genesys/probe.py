""" "Test connection" for Genesys: step by step, in plain words; nothing is changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfers.domain import Probe
from transfers.drivers import words
from transfers.drivers.genesys import wire
from transfers.drivers.genesys.events import bayeux_of
from transfers.drivers.genesys.wire import Json
from transfers.drivers.steps import Steps
from transfers.drivers.text import clean
from transfers.errors import AuthFailed, DriverError, Unreachable
from transfers.sentences import joined, say, say_many

if TYPE_CHECKING:
    from transfers.drivers.genesys.driver import GenesysDriver

NO_LOGIN = say(
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
            self.note(words.LOGIN, None, NO_LOGIN)
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
            self.note(words.ADDRESS, False, error.safe_text)
            return False
        except AuthFailed:  # some installations protect it; the login will tell more
            self.note(words.ADDRESS, True, words.ANSWERS)
            return True
        except DriverError as error:
            self.note(words.ADDRESS, True, words.SOMETHING_ANSWERS)
            self.note(words.API, False, error.safe_text)
            return False
        version = answer.data.get("version")
        answers = words.ANSWERS
        if isinstance(version, str):
            answers = say("The PBX answers, version {version}.", version=clean(version, 40))
        self.note(words.ADDRESS, True, answers)
        return True

    def login(self) -> Json | None:
        try:
            answer = self.driver.session.ask("/me", subresources="features,devices")
        except DriverError as error:
            self.note(words.LOGIN, False, error.safe_text)
            return None
        self.note(words.LOGIN, True, words.accepted_as(self.driver.config.username))
        user = answer.data.get("user")
        return user if isinstance(user, dict) else {}

    def voice(self, user: Json) -> None:
        """Every operation on calls requires the feature api-voice."""
        # Translators: the right to telephone: a line of "Test connection".
        name = say("Voice")
        if not isinstance(user.get("features"), list):
            self.note(name, None, say("The PBX does not tell which features the agent has."))
            return
        names = {feature.get("id") for feature in wire.objects(user["features"])}
        if "api-voice" in names:
            self.note(name, True, say("The agent has the feature api-voice."))
        else:
            lacks = say(
                "The agent lacks the feature api-voice: calls can be neither seen nor moved."
            )
            self.note(name, False, lacks)

    def device(self, user: Json) -> None:
        # Translators: the agent's own telephone: a line of "Test connection".
        name, devices = say("Phone"), wire.objects(user.get("devices"))
        numbers = ", ".join(filter(None, wire.device_numbers({"devices": devices}).values()))
        states = [device.get("userState") for device in devices]
        away = [isinstance(each, dict) and each.get("state") == "LoggedOut" for each in states]
        if not numbers:
            none = say("The agent has no phone now: log her in at a desktop first.")
            self.note(name, None, none)
        elif all(away) and self.driver.option("session") == "desktop":
            out = say(
                "Number {numbers}; the agent is not logged in at her desktop now.", numbers=numbers
            )
            self.note(name, None, out)
        else:
            self.note(name, True, say("Number {numbers}.", numbers=numbers))

    def calls(self) -> None:
        found = self.calls_by(self.driver.list_calls)
        if found is not None:
            self.sees(found)

    def contacts(self) -> None:
        found = self.listed_by(say("Contacts"), self.driver.list_extensions)
        if found is not None:
            count = say_many("Lists {count} number.", "Lists {count} numbers.", len(found))
            self.note(say("Contacts"), True, count)

    def notifications(self) -> None:
        """A handshake and a good-bye. Without notifications the calls are read all the same."""
        name, client = say("Notifications"), bayeux_of(self.driver)
        try:
            client.handshake()
        except DriverError as error:
            unheard = say("Not pushed: {why}", why=error.safe_text)
            instead = say("Calls are read in intervals instead.")
            self.note(name, None, joined(unheard, instead))
        else:
            client.disconnect()
            self.note(name, True, say("The PBX pushes changes of calls."))
