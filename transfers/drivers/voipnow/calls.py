"""Live calls as the UnifiedAPI lists them (sources 2, 3, 4), read into ours: one per call."""

from __future__ import annotations

import marshal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from transfers.domain import Call, CallState
from transfers.drivers import words
from transfers.drivers.voipnow import consulting, menu
from transfers.drivers.voipnow.reading import Json, exact, moment
from transfers.drivers.voipnow.views import Reading, read_view, sight_of
from transfers.drivers.voipnow.wire import OBJECT_ID
from transfers.errors import BadReply
from transfers.sentences import say

AHEAD = timedelta(minutes=1)  # a date further in the future cannot be true
ANSWERED = {CallState.TALKING, CallState.HELD, CallState.PARKED}
FIRST, LAST = (moment.replace(tzinfo=UTC) for moment in (datetime.min, datetime.max))
CALLS_KEPT = 16_384


def read_calls(entries: list[Json], reading: Reading, now: datetime) -> list[Call]:
    """The calls of a list. BadReply when one cannot be named; never half a list.

    `now` (aware) is our clock, to tell impossible dates.
    """
    merged: dict[str, tuple[Json, list[Json]]] = {}
    for entry in entries:
        call_id, views = _call_id(entry), _views(entry.get("phoneCallView"))
        _, known = merged.setdefault(call_id, (entry, []))
        known += [view for view in views if view not in known]
    found = [_call(each, *merged[each], reading, now + AHEAD) for each in merged]
    return _with_consultations(found)


def _call(call_id: str, entry: Json, views: list[Json], reading: Reading, latest: datetime) -> Call:
    told = (call_id, *map(entry.get, ("published", "answered", "nonce")), views)
    packed = marshal.dumps(told, 2)  # before version 3, what is equal has equal bytes
    call, newest = _known(packed, reading)
    return call if newest <= latest else _read(packed, reading, latest)


@lru_cache(maxsize=CALLS_KEPT)  # most calls are as they were when the list was read last
def _known(packed: bytes, reading: Reading) -> tuple[Call, datetime]:
    """The call, and the newest of its dates, which may turn out to be impossible."""
    call = _read(packed, reading, LAST)
    return call, max(call.started_at or FIRST, call.answered_at or FIRST)


def _read(packed: bytes, reading: Reading, latest: datetime) -> Call:
    call_id, published, picked_up, nonce, views = marshal.loads(packed)  # noqa: S302  (our own)
    sight = sight_of([read_view(view, reading.prefix) for view in views], reading)
    started, answered = _date(published, latest), None
    if sight.state in ANSWERED:
        dates = [picked_up, *(view.get("answered") for view in views)]
        answered = next(filter(None, (_date(each, latest) for each in dates)), None)
    if started and answered and answered < started:  # the samples mix up their offsets
        answered = None
    actions, why_not = menu.of(sight.state, reading.forward_ringing, named="view" in sight.extra)
    return Call(
        id=call_id,
        state=sight.state,
        raw_state=sight.raw_state,
        caller=sight.caller,
        callee=sight.callee,
        started_at=started,
        answered_at=answered,
        actions=actions,
        why_not=why_not,
        related=consulting.held_call_of(exact(nonce)),
        rings_caller=sight.rings_caller,
        extra=sight.extra,
    )


def _with_consultations(calls: list[Call]) -> list[Call]:
    """The same calls; those of a consultation with what can be done to the two together."""
    if not any(call.state is CallState.HELD for call in calls):
        return calls
    pairs = consulting.pairs_among(calls)
    changed = []
    for call in calls:
        if call.id not in pairs:
            changed.append(call)
            continue
        actions, why_not = menu.of_pair(call, can_swap=pairs[call.id].can_swap)
        related = pairs[call.id].held.id if pairs[call.id].consultation is call else ""
        changed.append(replace(call, actions=actions, why_not=why_not, related=related))
    return changed


def _call_id(entry: Json) -> str:
    """Opaque and exact: a changed id would name another call, or none."""
    call_id = exact(entry.get("id"))
    if not call_id:
        raise BadReply(words.WITHOUT_AN_ID)
    if not OBJECT_ID.fullmatch(call_id):
        raise BadReply(words.UNUSABLE_ID)
    return call_id


def _views(said: Any) -> list[Json]:
    """An array; one view alone may be an object, no view an empty array, or nothing."""
    if said is None:
        return []
    if isinstance(said, dict):
        each = [said] if not all(isinstance(v, dict) for v in said.values()) else said.values()
        said = list(each)
    if isinstance(said, list) and all(isinstance(view, dict) for view in said):
        return said
    raise BadReply(say("The PBX lists a call with views that cannot be read."))


def _date(said: object, latest: datetime) -> datetime | None:
    read = moment(said)
    return read if read and read <= latest else None
