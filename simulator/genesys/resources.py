"""The JSON of the API's resources."""

from __future__ import annotations

import re
from typing import Any

from simulator.calls import Extension, is_outside
from simulator.exchange import Exchange
from simulator.genesys.agents import Agent, guid
from simulator.genesys.capabilities import capabilities
from simulator.genesys.legs import Leg, Legs
from simulator.genesys.switches import Switches

Json = dict[str, Any]

# calling code: country, its code; the first that fits counts
COUNTRIES = {
    "1": ("United States", "US"),
    "353": ("Ireland", "IE"),
    "36": ("Hungary", "HU"),
    "33": ("France", "FR"),
    "44": ("United Kingdom", "GB"),
    "49": ("Germany", "DE"),
}


class Resources:
    """Writes resources; `base` is what their uris begin with."""

    def __init__(self, exchange: Exchange, legs: Legs, switches: Switches) -> None:
        self.exchange = exchange
        self.legs = legs
        self.switches = switches
        self.url = ""

    @property
    def base(self) -> str:
        return self.switches.uri_base or self.url

    # ----- calls

    def call(self, leg: Leg) -> Json:
        name = self.legs.named(leg)
        told: Json = {"id": name, "state": leg.state, "callUuid": leg.uuid}
        if self.switches.connection_id:
            told["connId"] = leg.connection
        told["deviceUri"] = f"{self.base}/devices/{leg.agent.device_id}"
        told |= self._participants(leg)
        if leg.outside and leg.incoming:
            told["ani"] = leg.partner
        told |= {"dnis": leg.dnis, "callType": _call_type(leg)}
        told["capabilities"] = capabilities(leg, self.legs)
        told |= self._data(leg)
        told["duration"] = str(int(self.exchange.clock() - leg.began))
        told["mute"] = "On" if leg.muted else "Off"
        if self.switches.recording:
            told["recordingState"] = leg.recording
        told |= {"supervisorListeningIn": False, "monitoredUserMuted": False, "monitoring": False}
        told |= {"uri": f"{self.base}/me/calls/{name}", "path": f"/calls/{name}"}
        return told

    def _participants(self, leg: Leg) -> Json:
        one = participant(leg.partner)
        if self.switches.participants == "strings":
            return {"participants": [leg.partner], "participantsInfo": [one]}
        return {"participants": [one]}

    def _data(self, leg: Leg) -> Json:
        told: Json = {}
        if leg.parent:
            parent = self.legs.parent(leg)
            name = self.legs.named(parent) if parent else leg.parent
            told["parentCallUri"] = f"{self.base}/me/calls/{name}"
            told["parentCallPath"] = f"/calls/{name}"
        if data := self.legs.data(leg):
            told["userData"] = data
        return told

    # ----- devices

    def device(self, agent: Agent) -> Json:
        phone = self.exchange.extension(agent.number) or Extension(agent.number, registered=False)
        quiet, forwards = phone.do_not_disturb, phone.forward_to
        told: Json = {
            "id": agent.device_id,
            "deviceState": "Active" if phone.registered else "Inactive",
            "userState": agent.user_state(),
            "phoneNumber": agent.number,
            "description": "",
            "e164Number": "",
            "telephonyNetwork": "Private" if self.switches.answer_by_api else "Public",
            "doNotDisturb": "On" if quiet else "Off",
            "voiceEnvironmentUri": f"{self.base}/voice-environments/{guid('voice')}",
            "capabilities": [
                "DoNotDisturbOff" if quiet else "DoNotDisturbOn",
                "ForwardCallsOff" if forwards else "ForwardCallsOn",
            ],
            "channels": ["voice"],
            "dynamicPhoneNumber": "",
        }
        return told | ({"forwardTo": forwards} if forwards else {})

    def device_uri(self, agent: Agent) -> Json:
        path = f"/devices/{agent.device_id}"
        return {"devicePath": path, "deviceUri": self.base + path}

    # ----- users

    def user(self, agent: Agent) -> Json:
        path = f"/users/{agent.user_id}"
        first, last = self._names(agent.number)
        return {
            "id": agent.user_id,
            "userName": agent.login,
            "firstName": first,
            "lastName": last,
            "emailAddress": "",
            "roles": ["ROLE_AGENT"],
            "enabled": True,
            "changePasswordOnFirstLogin": self.switches.password_change,
            "uri": self.base + path,
            "path": path,
        }

    def _names(self, number: str) -> tuple[str, str]:
        phone = self.exchange.extension(number)
        first, _, last = (phone.name if phone else "").partition(" ")
        return first, last

    def features(self) -> list[Json]:
        named = {"api-voice": "API Voice"} if self.switches.api_voice else {}
        named["api-devices-webrtc"] = "API Devices WebRTC"
        if self.switches.recording:
            named["api-voice-recording"] = "API Voice Recording"
        return [self._feature(ident, name) for ident, name in named.items()]

    def _feature(self, ident: str, name: str) -> Json:
        path = f"/features/{ident}"
        return {
            "id": ident,
            "displayName": name,
            "description": f"{name} of the contact center",
            "autoAssignOnContactCenterCreate": True,
            "uri": self.base + path,
            "path": path,
        }


def participant(number: str) -> Json:
    """One number as the API writes it."""
    digits = re.sub(r"\D", "", number)
    if not is_outside(number) or not number.startswith("+"):
        return {
            "e164Number": "",
            "formattedPhoneNumber": number,
            "phoneNumber": number,
            "digits": digits,
        }
    told = {
        "e164Number": number,
        "formattedPhoneNumber": number,
        "phoneNumber": number,
        "digits": digits,
    }
    code = next((code for code in COUNTRIES if digits.startswith(code)), "")
    if code:
        name, short = COUNTRIES[code]
        told["country"] = {"name": name, "code": short, "callingCode": code}  # type: ignore[assignment]
    if code == "1" and len(digits) == 11:
        area, office, line = digits[1:4], digits[4:7], digits[7:]
        told |= {
            "formattedPhoneNumber": f"({area}) {office}-{line}",
            "phoneNumber": digits[1:],
            "digits": digits[1:],
        }
    return told


def _call_type(leg: Leg) -> str:
    if leg.of_consult:
        return "Consult"
    if not leg.outside:
        return "Internal"
    return "Inbound" if leg.incoming else "Outbound"
