"""What WaitEvent tells of a call that changes, as captured from 16.28 and 22.10."""

from __future__ import annotations

from simulator.asterisk.channels import Channel, Channels
from simulator.asterisk.wire import Fields
from simulator.calls import UP, Call, Ending, State

_NAMES = {
    State.SETUP: "Newchannel",
    State.ANSWERED: "BridgeEnter",
    State.TALKING: "BridgeEnter",
    State.HELD: "Hold",
    State.PARKED: "ParkedCall",
}
# How Dial() ended, and the caller's hangup cause after it.
_VAIN = {
    Ending.BUSY: ("BUSY", 17),
    Ending.NO_ANSWER: ("NOANSWER", 16),
    Ending.CANCELLED: ("CANCEL", 16),
}


class Events:
    """What is told; remembers which phone each call rings."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._rung: dict[str, Channel] = {}

    def of(self, call: Call) -> list[Fields]:
        caller = _leg(call.id, call.caller, self._channels.linked(call))
        callee = _leg(f"{call.id}.{call.callee}", call.callee, caller.linked)
        rung = self._rung.pop(call.id, None)
        if call.state is State.RINGING:
            self._rung[call.id] = callee
            return [_dial("DialBegin", caller, callee)]
        if call.state is State.ENDED:
            return _ended(call, caller, callee)
        told = [_about(_NAMES.get(call.state, "Newstate"), caller)]
        if rung:
            word = "ANSWER" if call.state in UP else "CANCEL"  # it rings somewhere else now
            told.insert(0, _dial("DialEnd", caller, rung, dialstatus=word))
        return told


def _ended(call: Call, caller: Channel, callee: Channel) -> list[Fields]:
    word, cause = _VAIN.get(call.ending or Ending.COMPLETED, ("", 16))
    told: list[Fields] = []
    if call.ending is Ending.ERROR and call.returns_to:  # sent to a phone that is not there
        sent = {f"transferee{name}": value for name, value in _about("", caller).items()}
        told.append({"event": "BlindTransfer", "extension": call.callee, **sent})
        cause = 3
    if word:
        told += [
            _dial("DialBegin", caller, callee),
            _dial("DialEnd", caller, callee, dialstatus=word),
            _about("Hangup", callee, exten=callee.number, cause=cause),
        ]
    return [*told, _about("Hangup", caller, exten=call.callee, cause=cause)]


def _leg(uid: str, number: str, linked: str) -> Channel:
    """Its id is the same in all events of the call; a list may know the leg by another."""
    return Channel(uid, f"PJSIP/{number or 'trunk'}-{uid}", number, linked)


def _about(event: str, channel: Channel, **more: object) -> Fields:
    return {
        "event": event,
        "privilege": "call,all",
        "channel": channel.name,
        "uniqueid": channel.uid,
        "linkedid": channel.linked,
        "calleridnum": channel.number or "<unknown>",
        **more,
    }


def _dial(event: str, caller: Channel, callee: Channel, **more: object) -> Fields:
    return _about(
        event,
        caller,
        exten=callee.number,
        destchannel=callee.name,
        destuniqueid=callee.uid,
        destlinkedid=callee.linked,
        destcalleridnum=callee.number,
        **more,
    )
