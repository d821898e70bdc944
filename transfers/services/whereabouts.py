"""Where the party that was sent on is now. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from transfers.domain import Call, CallState, Leg, Party, likely_same
from transfers.services.finding import Watch

COMES_BACK_WITHIN = timedelta(seconds=3)  # a call that begins later is another call


def now_with(watch: Watch, calls: Iterable[Call]) -> list[tuple[Call, Party]]:
    """The live calls of the party that stays, and with whom, but for those there were before.

    Of callers without a number there may be many: their calls count with the transferor only.
    """
    found = []
    for call in calls:
        if call.state is CallState.ENDED or call.id in watch.before - {watch.call_id}:
            continue
        for leg in Leg:
            stays, other = call.party(leg).number, call.party(leg.other)
            known = stays or call.id == watch.call_id or likely_same(other.number, watch.leaves)
            if (
                known
                and same_or_hidden(stays, watch.stays)
                and not likely_same(other.number, watch.target)
            ):
                found.append((call, other))
    return found


def may_be_it(watch: Watch, call: Call, now: datetime) -> bool:
    """Whether this can be the call that was sent on and rang. One with a new id goes on where the
    other was last seen; what began in a time when nobody looked may be a new call of the same
    people."""
    if call.id in {watch.call_id, watch.other_call_id, watch.arrived}:
        return True
    if watch.rung_until is not None and watch.unseen(now):
        return call.started_at is not None and call.started_at <= watch.rung_until
    latest = (watch.gone_at or now) + COMES_BACK_WITHIN
    return (call.started_at or now) <= latest


def same_or_hidden(number: str, other: str) -> bool:
    """Also that of somebody without a number: all of them look the same."""
    return likely_same(number, other) or not (number or other)
