"""BlindTransfer, DialEnd and Hangup: why a call is over that nobody took.

Who is busy says so in less time than anybody can look, so the list never shows it. What the events
tell is used for that only: a call whose last Dial() failed, and whose caller was hung up then. One
that went on (answered, picked up, dialled further, in a mailbox) is none of it. A phone that is not
registered is not even dialled: who was sent there is hung up, for a reason that tells it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from transfers.domain import Call, CallState, EndReason, Party
from transfers.drivers.asterisk.channels import UID, party_in
from transfers.drivers.asterisk.wire import Fields
from transfers.drivers.text import clean

Kept = TypeVar("Kept")
AFTER_SENT = ("DialBegin", "BridgeEnter", "Hangup")
# What was given up by the caller or by a command (CANCEL) says nothing of who was called.
REASONS = {
    "NOANSWER": EndReason.NO_ANSWER,
    "BUSY": EndReason.BUSY,
    "CONGESTION": EndReason.ERROR,
    "CHANUNAVAIL": EndReason.ERROR,
}
# Hangup causes (Q.850) of who was sent where nobody is: unallocated number, no route, subscriber
# absent, out of order.
NOWHERE = {"1", "3", "20", "27"}
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
        self._sent: dict[str, Fields] = {}  # by a blind transfer, and nobody was dialled yet

    def told(self, events: Iterable[Fields]) -> list[Call]:
        """The calls that ended in vain. Whether nothing is left of them, only the list tells."""
        return [call for event in events if (call := self._take(event)) is not None]

    def _take(self, event: Fields) -> Call | None:
        name, uid = event.get("event"), event.get("uniqueid", "")
        sent = self._sent.pop(uid, None) if name in AFTER_SENT else None
        if name == "BlindTransfer":
            _keep(self._sent, event.get("transfereeuniqueid", ""), event)
        elif name == "DialBegin":
            self._begin(uid, event)
        elif name == "DialEnd" and uid in self._dials:
            dial = self._dials[uid]
            dial.ringing.discard(event.get("destuniqueid", ""))
            dial.words.add(event.get("dialstatus", ""))
            dial.last = event
        elif name == "BridgeEnter":
            self._dials.pop(uid, None)
        elif name == "Hangup":
            ended = self._dials.pop(uid, None)
            # Who was sent may have been dialled before the PBX tells that he was sent.
            return _nowhere(sent, event) if sent and not ended else _in_vain(ended, event)
        return None

    def _begin(self, uid: str, event: Fields) -> None:
        dial = self._dials.pop(uid, None)
        if dial is None or not dial.ringing:
            dial = _Dial()
        dial.ringing.add(event.get("destuniqueid", ""))
        _keep(self._dials, uid, dial)


def _keep(kept: dict[str, Kept], uid: str, what: Kept) -> None:
    kept[uid] = what
    if len(kept) > REMEMBERED:
        del kept[next(iter(kept))]


def _nowhere(sent: Fields, hangup: Fields) -> Call | None:
    linked, exten = hangup.get("linkedid", ""), sent.get("extension", "")
    known = UID.fullmatch(linked) and exten and hangup.get("exten") == exten
    if not known or hangup.get("cause", "") not in NOWHERE:
        return None
    return Call(
        id=linked,
        state=CallState.ENDED,
        raw_state=clean(hangup.get("cause_txt") or hangup.get("cause-txt", ""), 60),
        caller=party_in(sent, "transfereecallerid"),
        callee=Party(clean(exten, 100)),
        end_reason=EndReason.ERROR,
    )


def _in_vain(dial: _Dial | None, hangup: Fields) -> Call | None:
    """None when somebody answered, the caller gave up, or the dial plan had something else."""
    if dial is None:
        return None
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
