"""What can be done to a call now, and why the rest cannot: by the call's own capabilities."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from transfers.domain import Action, CallState
from transfers.drivers import words
from transfers.sentences import say

NEEDS: Mapping[Action, str] = {
    Action.BLIND: "SingleStepTransfer",
    Action.CONSULT: "InitiateTransfer",
    Action.HOLD: "Hold",
    Action.RETRIEVE: "Retrieve",
    Action.HANGUP: "Hangup",
}
NEEDS_OF_A_PAIR: Mapping[Action, str] = {
    Action.JOIN: "CompleteTransfer",
    Action.SWAP: "SwapCalls",
}
FEATURES = frozenset({*NEEDS, *NEEDS_OF_A_PAIR, Action.CANCEL})


class AtPhone(StrEnum):
    """A consultation that she made at her phone, as it stands for one of its calls."""

    NONE = "none"
    CALLING = "calling"
    PAIR = "pair"
    SEVERAL = "several"  # calls on hold, and nothing says about which one it is


_NOT_NOW = say("The PBX does not offer this for the call now.")
_NO_PAIR = say("Needs a consultation: one call on hold and one with its target.")
_SEVERAL = say("Several calls are on hold: choose one of them at the phone.")
_AT_PHONE: Mapping[AtPhone, str] = {
    AtPhone.CALLING: words.TARGET_FIRST,
    AtPhone.PAIR: _NOT_NOW,
    AtPhone.SEVERAL: _SEVERAL,
}
_WORDS: Mapping[tuple[CallState, Action], str] = {
    (CallState.RINGING, Action.HANGUP): say("The PBX does not end a call that still rings."),
    (CallState.TALKING, Action.RETRIEVE): words.NOT_HELD,
    (CallState.HELD, Action.HOLD): words.HELD_ALREADY,
    (CallState.HELD, Action.RETRIEVE): say("Complete or cancel the consultation instead."),
}


@lru_cache(maxsize=1024)  # a PBX offers few combinations, and for every call
def offered(
    state: CallState,
    own: frozenset[str],
    partner: frozenset[str] = frozenset(),
    consultation: frozenset[str] | None = None,
    at_phone: AtPhone = AtPhone.NONE,
) -> tuple[frozenset[Action], Mapping[Action, str]]:
    """The possible actions, and the reasons against all others.

    `partner` is what the other call of the pair offers: of an operation on two calls, either may
    offer it. `consultation` is what the consultation call of the two offers, None without one.
    """
    if state is CallState.ENDED:
        return frozenset(), MappingProxyType(dict.fromkeys(FEATURES, words.ENDED))
    actions = {action for action, word in NEEDS.items() if word in own}
    actions |= {action for action, word in NEEDS_OF_A_PAIR.items() if word in own | partner}
    if consultation is not None and "Hangup" in consultation:
        actions.add(Action.CANCEL)
    paired = bool(partner) or consultation is not None
    why_not = {action: _why_not(action, state, paired, at_phone) for action in FEATURES - actions}
    return frozenset(actions), MappingProxyType(why_not)


def _why_not(action: Action, state: CallState, paired: bool, at_phone: AtPhone) -> str:
    if (state, action) in _WORDS:
        return _WORDS[state, action]
    if action in (*NEEDS_OF_A_PAIR, Action.CANCEL) and at_phone is not AtPhone.NONE:
        return words.NOT_FROM_HERE if action is Action.CANCEL else _AT_PHONE[at_phone]
    if state in (CallState.RINGING, CallState.DIALING) and action is not Action.HANGUP:
        return words.ANSWER_FIRST
    if action in (*NEEDS_OF_A_PAIR, Action.CANCEL) and not paired:
        return _NO_PAIR
    return _NOT_NOW
