"""Live calls as Ozeki lists them (gen1 p_4058, gen2 p_7637), read into ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from types import MappingProxyType

from lxml import etree

from transfers.domain import Action, Call, CallState, EndReason, Party, same_number
from transfers.drivers import words
from transfers.drivers.ozeki.wire import items
from transfers.drivers.text import clean
from transfers.errors import BadReply

FEATURES = frozenset(
    {
        Action.BLIND,
        Action.FORWARD,
        Action.JOIN,
        Action.HOLD,
        Action.RETRIEVE,
        Action.HANGUP,
    }
)
NUMBER, NAME, WORD, ID = 100, 200, 40, 200  # sane lengths; a longer id is refused, not cut

# p_4587 lists the first nine. The others are words of the same vendor's other interfaces.
# Compared without case, spaces and underscores.
STATES: Mapping[str, CallState] = {
    word: state
    for state, several in {
        CallState.RINGING: "ringing ringingwithearlymedia",
        CallState.TALKING: "incall answered",
        CallState.HELD: "hold held localheld remoteheld inactiveheld",
        CallState.DIALING: "setup calling",
        CallState.ENDED: "error cancelled transferred busy completed canceled rejected notfound "
        "noanswer forwarded callerhangup callerhungup calleehangup calleehungup transfercompleted",
    }.items()
    for word in several.split()
}

# "Busy" also stands for "rang for the configured time without an answer" (p_4587).
END_REASONS: Mapping[str, EndReason] = {
    "busy": EndReason.BUSY,
    "rejected": EndReason.BUSY,
    "noanswer": EndReason.NO_ANSWER,
    "cancelled": EndReason.CANCELLED,
    "canceled": EndReason.CANCELLED,
    "transferred": EndReason.TRANSFERRED,
    "transfercompleted": EndReason.TRANSFERRED,
    "forwarded": EndReason.TRANSFERRED,
    "error": EndReason.ERROR,
    "notfound": EndReason.ERROR,
    "completed": EndReason.COMPLETED,
}

# The table of section 4.1: which command needs which state. What is missing here is possible.
WHY_NOT: Mapping[CallState, Mapping[Action, str]] = {
    CallState.RINGING: {
        Action.BLIND: words.FORWARD_INSTEAD,
        Action.JOIN: words.ANSWER_FIRST,
        Action.HOLD: words.ANSWER_FIRST,
        Action.RETRIEVE: words.NOT_HELD,
    },
    CallState.TALKING: {
        Action.FORWARD: words.BLIND_INSTEAD,
        Action.RETRIEVE: words.NOT_HELD,
    },
    CallState.HELD: {
        Action.BLIND: words.RESUME_FIRST,
        Action.FORWARD: words.RINGS_ONLY,
        Action.HOLD: words.HELD_ALREADY,
    },
    CallState.DIALING: dict.fromkeys(FEATURES - {Action.HANGUP}, words.NOT_YET),
    CallState.PARKED: dict.fromkeys(FEATURES - {Action.HANGUP}, words.STATE_NOT_KNOWN),
    CallState.ENDED: dict.fromkeys(FEATURES, words.ENDED),
    CallState.UNKNOWN: dict.fromkeys(FEATURES - {Action.HANGUP}, words.STATE_NOT_KNOWN),
}
_MENU = {
    state: (FEATURES - why_not.keys(), MappingProxyType(dict(why_not)))
    for state, why_not in WHY_NOT.items()
}

_NOTHING: Mapping[str, str] = MappingProxyType({})
_SECONDS = re.compile(r"[0-9]{1,8}(?:[.,][0-9]{1,9})?")
EARLY = timedelta(seconds=2)
FAR_OFF = timedelta(minutes=15)
CALLS_KEPT = 16_384


def read_calls(root: etree._Element, zone: tzinfo, now: datetime) -> list[Call]:
    """The calls of an answer. BadReply when one cannot be named; never half a list.

    `zone` is for dates without one, `now` (aware) is our clock, to tell impossible dates.
    """
    found: dict[str, Call] = {}
    for _, fields in items(root, "ActiveCalls"):
        call = _call(fields, zone, now)
        known = found.setdefault(call.id, call)
        if known is not call and known != call:
            raise BadReply(words.TWO_OF_ONE_ID)
    return list(found.values())


def clock_offsets(root: etree._Element, zone: tzinfo, now: datetime) -> list[timedelta]:
    """How far ahead of our clock the dates of the ringing and talking calls seem, sorted."""
    found = []
    for _, fields in items(root, "ActiveCalls"):
        start, (_, spent) = moment(fields.get("StartTime", ""), zone), _durations(fields)
        live = call_state(fields.get("CallState", "")) in (CallState.RINGING, CallState.TALKING)
        if live and start and spent is not None:
            found.append(start + spent - now)
    return sorted(found)


def call_state(word: str) -> CallState:
    return STATES.get(_folded(word), CallState.UNKNOWN)


@lru_cache(maxsize=64)  # a PBX has few words, and says them for every call
def _folded(word: str) -> str:
    return re.sub(r"[\s_]+", "", word).lower()


@lru_cache(maxsize=CALLS_KEPT)
def moment(text: str, zone: tzinfo) -> datetime | None:
    """A date in UTC, or None. ISO 8601 with any fraction, or with a space and no zone (gen2)."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if not 2000 <= read.year < 2200:  # .NET writes "no date" as year 1
        return None
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


@lru_cache(maxsize=4096)  # seconds, mostly whole ones
def duration(text: str) -> timedelta | None:
    """Seconds with or without a fraction, after a point or a comma; None for anything else."""
    text = text.strip()
    if not _SECONDS.fullmatch(text):
        return None
    return timedelta(seconds=float(text.replace(",", ".")))


def _call(fields: Mapping[str, str], zone: tzinfo, now: datetime) -> Call:
    word = fields.get("CallState", "")
    ring, spent = _durations(fields)
    started = _started(moment(fields.get("StartTime", ""), zone), spent, now)
    answered = None
    if started and ring is not None and call_state(word) in (CallState.TALKING, CallState.HELD):
        answered = started + ring
    said = (fields.get(name, "") for name in ("CallId", "Source", "CallerId"))
    return _call_of(word, *said, _callee_said(fields), started, answered)


@lru_cache(maxsize=CALLS_KEPT)  # most calls are as they were when the list was read last
def _call_of(
    word: str,
    call_id: str,
    source: str,
    caller_id: str,
    callee: str,
    started: datetime | None,
    answered: datetime | None,
) -> Call:
    state = call_state(word)
    actions, why_not = _MENU[state]
    return Call(
        id=_exact_id(call_id),
        state=state,
        raw_state=clean(word, WORD),
        caller=_caller(source, caller_id),
        callee=Party(clean(callee, NUMBER)),
        started_at=started,
        answered_at=answered,
        end_reason=END_REASONS.get(_folded(word)),
        actions=actions,
        why_not=why_not,
        extra=_NOTHING,
    )


def _exact_id(said: str) -> str:
    """Opaque and exact: a changed id would name another call, or none."""
    call_id = said.strip()
    if not call_id:
        raise BadReply(words.WITHOUT_AN_ID)
    if len(call_id) > ID or not call_id.isprintable():
        raise BadReply(words.UNUSABLE_ID)
    return call_id


def _caller(source: str, caller_id: str) -> Party:
    """CallerId is what the phone displays: a name, or the number once more."""
    number, shown = clean(source, NUMBER), clean(caller_id, NAME)
    if not number and re.fullmatch(r"\+?[0-9 ().\-/]+", shown):
        return Party(clean(shown, NUMBER))
    repeated = number == shown or same_number(number, shown)
    return Party(number, "" if repeated else shown)


def _callee_said(fields: Mapping[str, str]) -> str:
    for name in ("Destination", "CalleeDialed", "CelleeDialed", "CallerDialed"):
        said = fields.get(name, "")
        if clean(said, NUMBER):
            return said
    return ""


def _durations(fields: Mapping[str, str]) -> tuple[timedelta | None, timedelta | None]:
    """How long it rang, and how long it has been going on; None for what is not told."""
    ring = duration(fields.get("RingDuration", ""))
    talk = duration(fields.get("TalkDuration", ""))
    if ring is None or talk is None:
        return ring, talk if ring is None else ring
    return ring, ring + talk


def _started(start: datetime | None, spent: timedelta | None, now: datetime) -> datetime | None:
    """The start as given, unless our clock or the durations show that it cannot be right.

    The usual cause is a wrong time zone option; then the durations tell the start.
    """
    if start is None:
        return None
    late = start > now + EARLY
    if spent is None:
        return None if late else start
    reckoned = now - spent
    if late or abs(start - reckoned) > FAR_OFF:
        return (reckoned + timedelta(milliseconds=500)).replace(microsecond=0).astimezone(UTC)
    return start
