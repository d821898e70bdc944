"""DialEnd and Hangup: why a call is over that nobody took.

Who is busy says so in less time than anybody can look, so the list never shows it. What the events
tell is used for that only: a call whose last Dial() failed, and whose caller was hung up then. One
that went on (answered, picked up, dialled further, in a mailbox) is none of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from transfers.domain import Call, CallState, EndReason
from transfers.drivers.asterisk.channels import UID, party_in
from transfers.drivers.asterisk.wire import Fields

# What was given up by the caller or by a command (CANCEL) says nothing of who was called.
REASONS = {
    "NOANSWER": EndReason.NO_ANSWER,
    "BUSY": EndReason.BUSY,
    "CONGESTION": EndReason.ERROR,
    "CHANUNAVAIL": EndReason.ERROR,
}
REMEMBERED = 5000  # channels that dial


@dataclass
class _Dial:
    """One Dial() of a channel; of a group it rings several phones."""

    ringing: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    last: Fields = field(default_factory=dict)


class Endings:
    """What the events of one session have told; they must be without a gap."""

    def __init__(self) -> None:
        self._dials: dict[str, _Dial] = {}

    def told(self, events: Iterable[Fields]) -> list[Call]:
        """The calls that ended in vain. Whether nothing is left of them, only the list tells."""
        return [call for event in events if (call := self._take(event)) is not None]

    def _take(self, event: Fields) -> Call | None:
        name, uid = event.get("event"), event.get("uniqueid", "")
        if name == "DialBegin":
            self._begin(uid, event)
        elif name == "DialEnd" and uid in self._dials:
            dial = self._dials[uid]
            dial.ringing.discard(event.get("destuniqueid", ""))
            dial.words.add(event.get("dialstatus", ""))
            dial.last = event
        elif name == "BridgeEnter":
            self._dials.pop(uid, None)
        elif name == "Hangup" and (ended := self._dials.pop(uid, None)) is not None:
            return _in_vain(ended, event)
        return None

    def _begin(self, uid: str, event: Fields) -> None:
        dial = self._dials.pop(uid, None)
        if dial is None or not dial.ringing:
            dial = _Dial()
        dial.ringing.add(event.get("destuniqueid", ""))
        self._dials[uid] = dial
        if len(self._dials) > REMEMBERED:
            del self._dials[next(iter(self._dials))]


def _in_vain(dial: _Dial, hangup: Fields) -> Call | None:
    """None when somebody answered, the caller gave up, or the dial plan had something else."""
    linked, exten = hangup.get("linkedid", ""), dial.last.get("exten", "")
    failed = bool(dial.words) and dial.words <= set(REASONS) and not dial.ringing
    if not (failed and UID.fullmatch(linked) and hangup.get("exten") in (exten, "h")):
        return None
    word = next(word for word in REASONS if word in dial.words)
    callee = party_in(dial.last, "destcallerid")
    return Call(
        id=linked,
        state=CallState.ENDED,
        raw_state=word,
        caller=party_in(dial.last, "callerid"),
        callee=callee,
        end_reason=REASONS[word],
        also=(exten,) if exten.strip("+").isdecimal() and exten != callee.number else (),
    )
