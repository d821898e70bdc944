"""Whether a call that is gone goes on under another id. Pure: no database, no clock.

Some PBXs give a call another id when something happens to it. The same two people in a call that
began when theirs did are in that call; in one that began later, they dialled again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from transfers.domain import Call, CallState, likely_same

SAME_START = timedelta(seconds=3)  # start times computed from whole-second durations wobble


def goes_on(
    calls: Iterable[Call],
    parties: tuple[str, str],
    began_at: datetime | None,
    before: Collection[str],
) -> bool | None:
    """None: the same people are in a call, and nobody says since when.

    Both times are of the PBX's own clock. `before`: ids of the calls there were beside it.
    """
    twins = [call for call in calls if call.id not in before and _between(call, parties)]
    starts = [call.started_at for call in twins]
    if began_at and any(start and start <= began_at + SAME_START for start in starts):
        return True
    return None if starts and not (began_at and all(starts)) else False


def _between(call: Call, parties: tuple[str, str]) -> bool:
    """Of people without a number one looks like the other."""
    if call.state is CallState.ENDED or not all(parties):
        return False
    pairs = zip(parties, (call.caller.number, call.callee.number), strict=True)
    return all(likely_same(one, other) for one, other in pairs)
