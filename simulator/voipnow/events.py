"""From changes of calls to call events: who is told what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.calls import Call, State
from simulator.voipnow.book import Book
from simulator.voipnow.courier import Courier
from simulator.voipnow.hooks import ANSWER_IN, ANSWER_OUT, DIAL_IN, DIAL_OUT, HANGUP, Hooks
from simulator.voipnow.numbers import Numbers
from simulator.voipnow.switches import Switches

Happening = tuple[str, str]  # the extension, the type of event
_ENTERED = (DIAL_IN, ANSWER_IN)


@dataclass(frozen=True)
class _Seen:
    """A call as it last was: its state, its parties, the phones that ring, was it answered."""

    state: State
    caller: str
    callee: str
    parties: frozenset[str]
    rung: frozenset[str]
    answered: bool


_NOTHING = _Seen(State.ENDED, "", "", frozenset(), frozenset(), False)


class Watch:
    """Looks on the exchange, with the exchange locked: it only puts letters into the bag."""

    def __init__(
        self, book: Book, numbers: Numbers, switches: Switches, hooks: Hooks, courier: Courier
    ) -> None:
        self.numbers = numbers
        self.switches = switches
        self.hooks = hooks
        self.courier = courier
        self.book = book
        self._seen: dict[str, _Seen] = {}
        book.exchange.subscribe(self._note)

    def clear(self) -> None:
        self._seen.clear()

    def _note(self, call: Call) -> None:
        before = self._seen.get(call.id, _NOTHING)
        now = _seen(call)
        self._seen[call.id] = now
        for extension, kind in _happenings(call, before, now):
            if self.numbers.ours(extension):
                self._tell(call, extension, kind, before if kind == HANGUP else now)
        if not call.live:
            self._seen.pop(call.id, None)

    def _tell(self, call: Call, extension: str, kind: str, seen: _Seen) -> None:
        for hook in self.hooks.all():
            if (hook.extension, hook.type, hook.status) == (extension, kind, "1"):
                self.courier.post(hook, self._parameters(call, extension, kind, seen))

    def _parameters(self, call: Call, extension: str, kind: str, seen: _Seen) -> dict[str, str]:
        """What is sent; a parameter without a value is left out."""
        written, caller = self.numbers.extended, seen.caller
        status = "CALLING" if kind in (DIAL_IN, DIAL_OUT) else "ANSWER"
        if kind == HANGUP and not (seen.answered or call.answered_at is not None):
            status = "UNKNOWN"
        rung_or_callee = extension in (seen.callee, *seen.rung)
        flow = "IN" if kind in _ENTERED or (kind == HANGUP and rung_or_callee) else "OUT"
        called = extension if flow == "IN" else seen.callee
        phone = self.book.exchange.extension(caller)
        name = call.caller_name if caller == call.caller else ""
        said = {
            "CallID": f"{call.started_at:.0f}.{self.book.paper(call).number}",
            "CallerIDNum": written(caller),
            "CallerIDName": name or (phone.name if phone else ""),
            "CalledExtension": written(called) if self.numbers.ours(called) else "",
            "CallStatus": status,
            "CallFlow": flow.lower() if self.switches.event_flow == "lower" else flow,
            "CallerExtension": written(caller) if self.numbers.ours(caller) else "",
            "CalledNumber": written(called),
            "CallAPIID": call.id if self.switches.event_api_id else "",
        }
        return {name: value for name, value in said.items() if value}


def _seen(call: Call) -> _Seen:
    parties: set[str] = set()
    if call.live:
        parties.add(call.caller)
        if call.state not in (State.OFFERED, State.PARKED) and not call.at_voicemail:
            parties.add(call.callee)
    rung = {leg.number for leg in call.ringing} if call.state is not State.OFFERED else set()
    answered = call.answered_at is not None
    sides = call.caller, call.callee
    return _Seen(call.state, *sides, frozenset(parties), frozenset(rung), answered)


def _happenings(call: Call, before: _Seen, now: _Seen) -> Iterator[Happening]:
    for number in sorted(now.rung - before.rung):
        yield number, DIAL_IN
    if now.state is State.SETUP and (call.caller not in before.parties or _dials(before)):
        yield call.caller, DIAL_OUT
    if now.state is State.ANSWERED:
        yield call.callee, ANSWER_IN
        if before.state is State.RINGING:
            yield call.caller, ANSWER_OUT
    gone = before.parties - now.parties - before.rung - now.rung
    for number in sorted(gone | (before.rung - now.parties - now.rung)):
        yield number, HANGUP


def _dials(before: _Seen) -> bool:
    """Did the caller's own phone ring until now?"""
    return before.state is State.OFFERED
