"""Actions that read: channels, parked calls, hints, the dial plan."""

from __future__ import annotations

from simulator.asterisk.channels import NOBODY, Channels, Seen
from simulator.asterisk.switches import Switches
from simulator.asterisk.wire import Fields, escaped, listing, variables
from simulator.calls import State
from simulator.exchange import Exchange

Answer = tuple[Fields, list[Fields]]
WORDS = {4: "Ring", 5: "Ringing", 6: "Up"}
HINTS = {"-1": "Unknown", "0": "Idle", "1": "InUse", "4": "Unavailable", "8": "Ringing"}


def error(message: str) -> Answer:
    return {"response": "Error", "message": message}, []


def success(message: str, **more: object) -> Answer:
    return {"response": "Success", "message": message, **more}, []


class Lists:
    def __init__(self, exchange: Exchange, channels: Channels, switches: Switches) -> None:
        self.exchange, self.channels, self.switches = exchange, channels, switches

    def status(self, params: dict[str, str]) -> Answer:
        names = [name for name in _split(params.get("variables", "")) if name]
        items = [self._status(each, names) for each in self.channels.seen()]
        head, events = listing("Status", "Channel status will follow", "StatusComplete", items)
        events[-1] = {**events[-1], "items": len(items)}
        return head, events

    def parked_calls(self, params: dict[str, str]) -> Answer:
        items: list[Fields] = []
        for each in self.channels.seen():
            if each.parked:
                fields = self._party("parkee", each)
                fields |= {"parkingspace": 700 + (each.call.parked_place or 0)}
                fields |= {
                    "parkeeuniqueid": each.channel.uid,
                    "parkeelinkedid": each.channel.linked,
                }
                items.append(fields | {"parkinglot": "default", "parkeechannel": each.channel.name})
        return listing("ParkedCall", "Parked calls will follow", "ParkedCallsComplete", items)

    def extension_state_list(self, params: dict[str, str]) -> Answer:
        items = [
            self._hint(phone.number)
            for phone in self.exchange.extensions()
            if phone.kind == "phone"
        ]
        message = "Extension Statuses will follow"
        return listing("ExtensionStatus", message, "ExtensionStateListComplete", items)

    def extension_state(self, params: dict[str, str]) -> Answer:
        return success("Extension Status", **self._hint(params.get("exten", "")))

    def show_dial_plan(self, params: dict[str, str]) -> Answer:
        context, exten = params.get("context", ""), params.get("extension", "")
        hold = self.switches.hold_context
        if context not in (self.switches.context, hold) or not context:
            return error(f"Did not find context {context}")
        app = self._application(context, exten)
        if exten and not app:
            return error(f"Did not find extension {exten}@{context}")
        items: list[Fields] = [
            {
                "context": context,
                "extension": exten or NOBODY,
                "priority": 1,
                "application": app or "NoOp",
                "registrar": "pbx_config",
            }
        ]
        return listing("ListDialplan", "DialPlan list will follow", "ShowDialPlanComplete", items)

    def getvar(self, params: dict[str, str]) -> Answer:
        asked, value = params.get("variable", ""), ""
        if asked.startswith("PJSIP_ENDPOINT(") and asked.endswith(",callerid)"):
            phone = self.exchange.extension(asked[len("PJSIP_ENDPOINT(") : -len(",callerid)")])
            value = f'"{escaped(phone.name)}" <{phone.number}>' if phone else ""
        if asked.startswith("DEVICE_STATE(PJSIP/"):
            value = self._device(asked[len("DEVICE_STATE(PJSIP/") : -1])
        if asked.startswith("CHANNEL("):
            found = self.channels.find(params.get("channel", ""))
            if found is None:
                return error("No such channel")
            at_phone = "1" if found.channel.at_phone else "0"
            values = {"CHANNEL(name)": found.channel.name, "CHANNEL(rtp,hold,audio)": at_phone}
            value = values.get(asked, "")
        return {"response": "Success", "variable": asked, "value": value}, []

    def device_state_list(self, params: dict[str, str]) -> Answer:
        items: list[Fields] = [
            {"device": f"PJSIP/{phone.number}", "state": self._device(phone.number)}
            for phone in self.exchange.extensions()
        ]
        for phone in self.exchange.extensions() if self.switches.dnd_hints else ():
            state = "BUSY" if phone.do_not_disturb else "NOT_INUSE"
            items.append({"device": f"Custom:DND{phone.number}", "state": state})
        message = "Device State Changes will follow"
        return listing("DeviceStateChange", message, "DeviceStateListComplete", items)

    def reaches(self, context: str, exten: str) -> bool:
        return bool(self._application(context, exten))

    # ----- inside

    def _application(self, context: str, exten: str) -> str:
        if context == self.switches.hold_context and context:
            return "MusicOnHold" if exten == NOBODY or exten.isdigit() else ""
        if context != self.switches.context:
            return ""
        box = self.switches.mailboxes
        if box and exten.startswith(box) and self.exchange.extension(exten[len(box) :]):
            return "VoiceMail"
        return "Dial" if self.exchange.reaches(exten) else ""

    def _device(self, number: str) -> str:
        phone = self.exchange.extension(number)
        return "NOT_INUSE" if phone and phone.registered else "UNAVAILABLE"

    def _hint(self, number: str) -> dict[str, str]:
        phone, status = self.exchange.extension(number), "0"
        if phone is None or phone.kind != "phone":
            status = "-1"
        elif not phone.registered:
            status = "4"
        else:
            states = {c.state for c in self.exchange.calls() if c.live and c.involves(number)}
            status = "8" if states == {State.RINGING} else "1" if states else "0"
        hint = f"PJSIP/{number}" if status != "-1" else ""
        if hint and self.switches.dnd_hints:
            quiet = phone is not None and phone.do_not_disturb
            idle = "1" if quiet else "0"
            hint = f"{hint}&Custom:DND{number}"
            status = idle if status in ("0", "4") else status
        fields = {"exten": number, "context": self.switches.context, "hint": hint}
        return fields | {"status": status, "statustext": HINTS[status]}

    def _status(self, each: Seen, names: list[str]) -> Fields:
        channel = each.channel
        values = {
            "CHANNEL(onhold)": "1" if each.held else "0",
            "CDR(answer,u)": f"{channel.answered_at:.6f}",
        }
        waits = bool(channel.waits)
        fields: dict[str, object] = {
            "privilege": "Call",
            "channel": channel.name,
            "channelstate": each.state,
            "channelstatedesc": WORDS[each.state],
            **self._party("", each),
            "context": self.switches.hold_context if waits else self.switches.context,
            "exten": channel.waits if waits else "" if each.dialled else channel.exten,
            "priority": 1,
            "uniqueid": channel.uid,
            "linkedid": channel.linked,
            "bridgeid": each.bridge,
            "application": each.app,
            "data": "(Outgoing Line)" if each.dialled else "",
            "seconds": 0,
        }
        return fields | variables((name, values.get(name, "(null)")) for name in names)

    def _party(self, prefix: str, each: Seen) -> dict[str, object]:
        call, number = each.call, each.channel.number
        other = call.other_party(number)
        return {
            f"{prefix}calleridnum": escaped(number) or "<unknown>",
            f"{prefix}calleridname": escaped(self._name(call.caller_name, call.caller, number)),
            f"{prefix}connectedlinenum": escaped(other) or "<unknown>",
            f"{prefix}connectedlinename": escaped(self._name(call.caller_name, call.caller, other)),
        }

    def _name(self, caller_name: str, caller: str, number: str) -> str:
        if number == caller and caller_name:
            return caller_name
        phone = self.exchange.extension(number)
        return phone.name if phone and phone.name else "<unknown>"


def _split(text: str) -> list[str]:
    """At commas, but not within parentheses."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
