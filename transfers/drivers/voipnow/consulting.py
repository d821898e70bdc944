"""Consultations. The API has none: they are a held call and a click-to-dial call beside it.

Which of two calls is the consultation, the nonce that we gave it tells; servers that do not list
nonces, and consultations dialled by hand, are told by who called whom after what. A second call
that merely came in while one was on hold is not taken for one: to "complete" that would hang up
a stranger.
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from dataclasses import dataclass

from transfers.domain import Call, CallState, Leg, bare_number, same_number
from transfers.errors import DriverError
from transfers.sentences import joined, say

_NONCE = re.compile(r"pbxadmin\.consult\.(.+)\.[0-9a-f]{8}")
UNDER_WAY = {CallState.TALKING, CallState.RINGING, CallState.DIALING}
OF_A_PAIR = UNDER_WAY | {CallState.HELD}


@dataclass(frozen=True, slots=True)
class Pair:
    """`held` is the call the consultation is about; after a swap it is not the one on hold."""

    held: Call
    consultation: Call
    leg: Leg  # the transferor's, of the held call

    @property
    def can_swap(self) -> bool:
        states = {self.held.state, self.consultation.state}
        return states == {CallState.HELD, CallState.TALKING}


def nonce_for(call: Call) -> str:
    return f"pbxadmin.consult.{call.id}.{secrets.token_hex(4)}"


def dial_nonce() -> str:
    """Of a click-to-dial call that is about no other one."""
    return f"pbxadmin.dial.{secrets.token_hex(4)}"


def held_call_of(nonce: str) -> str:
    """The id of the call that a consultation of ours is about; "" for every other call."""
    match = _NONCE.fullmatch(nonce)
    return match[1] if match else ""


def pair_of(one: Call, other: Call) -> Pair | None:
    """The two calls as a consultation, whichever comes first, or None if they are none."""
    states = {one.state, other.state}
    if CallState.HELD not in states or not states <= OF_A_PAIR:
        return None
    found = [
        pair
        for held, beside in ((one, other), (other, one))
        if (pair := _consultation(held, beside))
    ]
    # Begun in the same second, and both dialled from one phone: then the held one came first.
    found.sort(key=lambda pair: pair.held.state is not CallState.HELD)
    return found[0] if found else None


def pairs_among(calls: list[Call]) -> dict[str, Pair]:
    """The consultations in a list, by the ids of both their calls; the latest of several."""
    made_by, of_party = defaultdict(list), defaultdict(list)
    for call in calls:
        made_by[bare_number(call.caller.number)].append(call)
        for number in _numbers(call):
            of_party[number].append(call)
    found: dict[str, Pair] = {}
    for call in calls:
        if call.state is not CallState.HELD:
            continue
        # the consultation is made by a party of the other call: the call beside, or this one
        beside = [other for number in _numbers(call) for other in made_by[number]]
        for other in beside + of_party[bare_number(call.caller.number)]:
            pair = pair_of(call, other) if other is not call else None
            if pair and _is_latest(pair, found):
                found[pair.held.id] = found[pair.consultation.id] = pair
    return {
        call_id: pair
        for call_id, pair in found.items()
        if found[pair.held.id] is pair and found[pair.consultation.id] is pair
    }


def _numbers(call: Call) -> set[str]:
    return {bare_number(call.caller.number), bare_number(call.callee.number)} - {""}


def _is_latest(pair: Pair, found: dict[str, Pair]) -> bool:
    known = [found[each.id] for each in (pair.held, pair.consultation) if each.id in found]
    start = pair.consultation.started_at
    return all(
        (each.consultation.started_at is None)
        or (start is not None and start >= each.consultation.started_at)
        for each in known
    )


def _consultation(held: Call, beside: Call) -> Pair | None:
    """`beside` as a consultation about `held`: our own, or dialled by one of its parties later."""
    leg = next(
        (leg for leg in Leg if same_number(held.party(leg).number, beside.caller.number)), None
    )
    if leg is None or held.id == beside.id or held.related == beside.id:
        return None
    if beside.related:
        return Pair(held, beside, leg) if beside.related == held.id else None
    later = (
        held.started_at is not None
        and beside.started_at is not None
        and beside.started_at >= held.started_at
    )
    foreign = not same_number(held.party(leg.other).number, beside.callee.number)
    return Pair(held, beside, leg) if later and foreign else None


# How the held call is left, as the end of a sentence: for sure, and perhaps.
_STILL = {
    (Leg.CALLER, True): (
        # Translators: the end of a sentence, as “The consultation has ended; …”.
        say("the caller is still on hold."),
        # Translators: the end of a sentence, as “The consultation has ended; …”.
        say("the caller may still be on hold."),
    ),
    (Leg.CALLER, False): (
        # Translators: the end of a sentence, as “The consultation has ended; …”.
        say("the caller is still connected."),
        # Translators: the end of a sentence, as “The consultation has ended; …”.
        say("the caller may still be connected."),
    ),
    (Leg.CALLEE, True): (
        # Translators: the end of a sentence, as “The consultation has ended; …”.
        say("the called party is still on hold."),
        # Translators: the end of a sentence, as “The consultation has ended; …”.
        say("the called party may still be on hold."),
    ),
    (Leg.CALLEE, False): (
        # Translators: the end of a sentence, as “The consultation has ended; …”.
        say("the called party is still connected."),
        # Translators: the end of a sentence, as “The consultation has ended; …”.
        say("the called party may still be connected."),
    ),
}


def still(pair: Pair) -> tuple[str, str]:
    return _STILL[pair.leg.other, pair.held.state is CallState.HELD]


def left_standing(error: DriverError, words: str) -> DriverError:
    """The same error, which also says what is left standing; something was carried out before."""
    failure = type(error)(
        joined(error.safe_text, words),
        vendor_code=error.vendor_code,
        vendor_text=error.vendor_text,
    )
    failure.sent = True
    return failure
