"""Where the party that was sent on is now. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from transfers.domain import Call, CallState, Leg, Party, likely_same
from transfers.services.finding import Watch


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


def same_or_hidden(number: str, other: str) -> bool:
    """Also that of somebody without a number: all of them look the same."""
    return likely_same(number, other) or not (number or other)
