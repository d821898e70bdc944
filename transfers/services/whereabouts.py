"""Where the party that was sent on is now, and why its call to the target ended. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from transfers.domain import Call, CallState, EndReason, Leg, Party, likely_same
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


def why_ended(target: str, call: Call, tried: str) -> str:
    if call.end_reason is EndReason.BUSY:
        return f"{target} was busy" if "tried" in tried else f"{tried} and did not take the call"
    if call.end_reason is EndReason.CANCELLED:
        return f"{tried}, then the caller gave up"
    if call.end_reason is EndReason.NO_ANSWER:
        return f"{tried} and did not answer"
    return f"{tried} and was not reached ({call.raw_state or 'no reason given'})"


def same_or_hidden(number: str, other: str) -> bool:
    """Also that of somebody without a number: all of them look the same."""
    return likely_same(number, other) or not (number or other)
