"""One agent's calls as Genesys tells them (CallResource 8.5.2 and the older form), read into ours.

The same object comes in lists and in notifications. It has the other parties only, so the agent's
own number comes from her devices or from the notification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from transfers.domain import Call, CallState, Leg, Party, same_number
from transfers.drivers import words
from transfers.drivers.genesys.actions import AtPhone, offered
from transfers.drivers.genesys.wire import Json, last_part, objects
from transfers.drivers.text import clean
from transfers.errors import BadReply
from transfers.sentences import say, say_many

NUMBER, NAME, WORD, ID = 100, 200, 40, 200  # sane lengths; a longer id is refused, not cut

# The states that the pages name; there is no list of all.
STATES: Mapping[str, CallState] = {
    "ringing": CallState.RINGING,
    "dialing": CallState.DIALING,
    "established": CallState.TALKING,
    "held": CallState.HELD,
    "released": CallState.ENDED,
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What must be known beside a call's own JSON to read it."""

    now: datetime  # aware; calls tell how long they have been, not since when
    numbers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    name_key: str = ""  # the key of userData with the caller's name

    def own_number(self, raw: Json) -> str:
        told = raw.get(OWN_NUMBER)
        return told if isinstance(told, str) else self.numbers.get(device_of(raw), "")


OWN_NUMBER = " own"  # put into a call by `told_in`; no attribute of theirs begins with a space


def listed(data: Json) -> list[Json] | None:
    """The calls of an answer, in any form; None when it has only their addresses."""
    if "calls" in data or "call" in data:
        value = data.get("calls", data.get("call"))
        if not isinstance(value, list | dict):
            raise BadReply(say("The list of calls is none."))
        if isinstance(value, list) and len(objects(value)) != len(value):
            raise BadReply(say("The PBX lists something that is no call."))
        return objects(value)
    if "uris" in data:
        return None if data["uris"] else []
    raise BadReply(say("The answer of the PBX has no list of calls."))


def told_in(data: Json) -> Json | None:
    """The call of a notification (CallStateChangeMessage), or None."""
    raw = data.get("call")
    if not isinstance(raw, dict):
        return None
    own = data.get("phoneNumber")
    return {**raw, OWN_NUMBER: own} if isinstance(own, str) and own else raw


def read_calls(raws: Iterable[Json], desk: Desk) -> list[Call]:
    """The calls. BadReply when one cannot be named; never half a list."""
    found: dict[str, Json] = {}
    for raw in raws:
        known = found.setdefault(call_id(raw), raw)
        if known is not raw and known != raw:
            raise BadReply(words.TWO_OF_ONE_ID)
    beside = Beside(found.values())
    return [_read_call(raw, desk, beside) for raw in found.values()]


def read_call(raw: Json, desk: Desk, others: Iterable[Json] = ()) -> Call:
    """One call, as it stands beside the agent's other calls."""
    return _read_call(raw, desk, Beside([*others, raw]))


def _read_call(raw: Json, desk: Desk, beside: Beside) -> Call:
    state = state_of(raw)
    ident, parent = call_id(raw), parent_of(raw)
    own, outgoing = desk.own_number(raw), _is_outgoing(raw, state, desk.own_number(raw))
    other_party = _other_party(raw, "" if outgoing or parent else desk.name_key, outgoing)
    own_party = Party(clean(own, NUMBER) or ("" if outgoing else _text(raw, "dnis", NUMBER)))
    leg = Leg.CALLER if outgoing else Leg.CALLEE
    parties = {leg: own_party, leg.other: other_party}
    at_phone = beside.at_phone(raw)
    actions, why_not = offered(state, capabilities(raw), *beside.offer(raw), at_phone)
    return Call(
        id=ident,
        state=state,
        raw_state=_text(raw, "state", WORD),
        caller=parties[Leg.CALLER],
        callee=parties[Leg.CALLEE],
        started_at=_started(raw, desk.now),
        actions=actions,
        why_not=why_not,
        related=parent,
        extra={"leg": leg.value, "uri": _text(raw, "uri", 1000), "can": _pair_words(raw, at_phone)},
    )


def call_id(raw: Json) -> str:
    """Opaque and exact: a changed id would name another call, or none."""
    ident = raw.get("id")
    if isinstance(ident, int) and not isinstance(ident, bool):
        ident = str(ident)
    if not isinstance(ident, str) or not ident.strip():
        raise BadReply(words.WITHOUT_AN_ID)
    if len(ident) > ID or not ident.isprintable():
        raise BadReply(words.UNUSABLE_ID)
    return ident


def state_of(raw: Json) -> CallState:
    return STATES.get(_text(raw, "state", WORD).lower(), CallState.UNKNOWN)


def parent_of(raw: Json) -> str:
    """The id of the call a consultation is about (CompleteConference sample); "" for others."""
    ident = last_part(raw.get("parentCallPath")) or last_part(raw.get("parentCallUri"))
    return ident if len(ident) <= ID and ident.isprintable() else ""


def device_of(raw: Json) -> str:
    return last_part(raw.get("deviceUri"))


def capabilities(raw: Json) -> frozenset[str]:
    """The operations allowed now: the one precondition that is documented."""
    said = raw.get("capabilities")
    if not isinstance(said, list):
        return NONE
    return frozenset(word for word in said if isinstance(word, str))


NONE: frozenset[str] = frozenset()


def _pair_words(raw: Json, at_phone: AtPhone) -> str:
    """Of several on hold one must be named, so the PBX is not asked to find the pair."""
    words = {"SwapCalls"} | ({"CompleteTransfer"} if at_phone is not AtPhone.SEVERAL else set())
    return " ".join(sorted(capabilities(raw) & words))


_UNMARKED = (CallState.HELD, CallState.TALKING, CallState.DIALING)


class Beside:
    """An agent's calls by how they belong together."""

    def __init__(self, raws: Iterable[Json]) -> None:
        self._all = {call_id(raw): raw for raw in raws}
        self._consultations: dict[str, list[Json]] = {}
        for raw in self._all.values():
            self._consultations.setdefault(parent_of(raw), []).append(raw)
        self._loose: dict[CallState, list[Json]] = {}
        for raw in self._consultations.get("", []):
            if call_id(raw) not in self._consultations:
                self._loose.setdefault(state_of(raw), []).append(raw)

    def offer(self, raw: Json) -> tuple[frozenset[str], frozenset[str] | None]:
        """What the other call of the pair offers; what the consultation of the two does, if any.

        A call the agent has made at her phone, with another on hold, is not marked as a
        consultation. When there is exactly one such pair, it is as good as one.
        """
        original = self._all.get(parent_of(raw))
        if original is not None and original is not raw:
            return capabilities(original), capabilities(raw)
        for consultation in self._consultations.get(call_id(raw), []):
            if consultation is not raw:
                return capabilities(consultation), capabilities(consultation)
        if parent_of(raw):
            return NONE, capabilities(raw)
        wanted = {CallState.HELD: CallState.TALKING, CallState.TALKING: CallState.HELD}
        state = wanted.get(state_of(raw))
        loose = self._loose.get(state, []) if state else []
        return (capabilities(loose[0]) if len(loose) == 1 else NONE), None

    def at_phone(self, raw: Json) -> AtPhone:
        """What `raw` is in, when two or more of her calls belong together unmarked."""
        held, talking, dialing = (self._loose.get(state, []) for state in _UNMARKED)
        if not held or not any(raw in each for each in (held, talking, dialing)):
            return AtPhone.NONE
        if talking:
            return AtPhone.SEVERAL if len(held) > 1 else AtPhone.PAIR
        return AtPhone.CALLING if dialing else AtPhone.NONE


def _is_outgoing(raw: Json, state: CallState, own: str) -> bool:
    """Whether the agent made the call. Nothing says so outright, but in these states and types."""
    if parent_of(raw) or state is CallState.DIALING:
        return True
    kind = _text(raw, "callType", WORD).lower()
    if state is CallState.RINGING or kind == "inbound" or _text(raw, "ani", NUMBER):
        return False
    if kind == "outbound":
        return True
    dialled = _text(raw, "dnis", NUMBER)
    if own and same_number(dialled, own):
        return False
    return any(same_number(dialled, number) for each in _parties(raw) for number in _numbers(each))


def _other_party(raw: Json, name_key: str, outgoing: bool) -> Party:
    parties = _parties(raw)
    number = _numbers(parties[0])[0] if parties and _numbers(parties[0]) else ""
    number = number or _text(raw, "dnis" if outgoing else "ani", NUMBER)
    data = raw.get("userData")
    name = data.get(name_key) if name_key and isinstance(data, dict) else ""
    if len(parties) > 1:  # a conference
        # Translators: in the place of a name: after a number, how many others are in the conference
        return Party(number, say_many("and {count} more", "and {count} more", len(parties) - 1))
    return Party(number, clean(name, NAME) if isinstance(name, str) else "")


def _parties(raw: Json) -> list[Json]:
    """The other parties: objects, or in older releases texts beside `participantsInfo`."""
    value = raw.get("participants")
    several = value if isinstance(value, list) else [value]
    found = [{"phoneNumber": each} if isinstance(each, str) else each for each in several]
    return objects(found) or objects(raw.get("participantsInfo"))


def _numbers(participant: Json) -> list[str]:
    """The spellings of a participant's number, the most exact one first."""
    names = ("e164Number", "phoneNumber", "digits", "formattedPhoneNumber")
    found = [_text(participant, name, NUMBER) for name in names]
    if not found[0].startswith("+"):  # samples have e164Number empty, or equal to an extension
        found = found[1:]
    return [number for number in found if number]


def _started(raw: Json, now: datetime) -> datetime | None:
    """`duration` is in whole seconds, as a text."""
    text = _text(raw, "duration", 20)
    if not (text.isascii() and text.isdecimal() and len(text) <= 8):
        return None
    return (now - timedelta(seconds=int(text))).replace(microsecond=0)


def _text(item: Json, name: str, longest: int) -> str:
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        return clean(str(value), longest)
    except ValueError:  # an int with thousands of digits
        return ""
