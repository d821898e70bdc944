"""What can be done to a call in each state, and why the rest cannot."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transfers.domain import ON_A_CALL, Action, Call, CallState
from transfers.drivers import words
from transfers.sentences import say

FEATURES = ON_A_CALL
Menu = tuple[frozenset[Action], Mapping[Action, str]]

FORWARD_OFF = say("This PBX does not document it; switch it on in the connection's options.")
_NO_VIEW = say("The PBX does not tell what this needs about the call.")

_TOGETHER = dict.fromkeys([Action.JOIN, Action.CANCEL, Action.SWAP], words.CONSULTING_ONLY)
_NEED_A_VIEW = frozenset(
    {
        Action.HOLD,
        Action.RETRIEVE,
        Action.PARK,
        Action.UNPARK,
        Action.PICKUP,
        Action.CONSULT,
    }
)
# The states in which an action is permitted are hardly documented (§5 of our notes): what is
# missing here is offered, and the PBX may refuse it.
WHY_NOT: Mapping[CallState, Mapping[Action, str]] = {
    CallState.RINGING: {
        Action.BLIND: words.FORWARD_INSTEAD,
        **dict.fromkeys(
            [Action.CONSULT, Action.VOICEMAIL, Action.PARK, Action.HOLD], words.ANSWER_FIRST
        ),
        **_TOGETHER,
        Action.RETRIEVE: words.NOT_HELD,
        Action.UNPARK: words.NOT_PARKED,
    },
    CallState.TALKING: {
        Action.FORWARD: words.BLIND_INSTEAD,
        Action.PICKUP: words.RINGS_ONLY,
        **_TOGETHER,
        Action.RETRIEVE: words.NOT_HELD,
        Action.UNPARK: words.NOT_PARKED,
    },
    CallState.HELD: {
        Action.FORWARD: words.RINGS_ONLY,
        Action.PICKUP: words.RINGS_ONLY,
        **_TOGETHER,
        Action.CONSULT: words.RESUME_FIRST,
        Action.PARK: words.RESUME_FIRST,
        Action.HOLD: words.HELD_ALREADY,
        Action.UNPARK: words.NOT_PARKED,
    },
    CallState.PARKED: dict.fromkeys(FEATURES - {Action.UNPARK, Action.HANGUP}, words.UNPARK_FIRST),
    CallState.DIALING: dict.fromkeys(FEATURES - {Action.HANGUP}, words.NOT_YET),
    CallState.UNKNOWN: dict.fromkeys(FEATURES - {Action.HANGUP}, words.STATE_NOT_KNOWN),
    CallState.ENDED: dict.fromkeys(FEATURES, words.ENDED),
}


def of(state: CallState, forward: bool, *, named: bool) -> Menu:
    """`forward`: the option for ringing calls is on. `named`: a view's id is known."""
    return _MENUS[state, forward, named]


def of_pair(call: Call, *, can_swap: bool) -> Menu:
    """Of the held call of a consultation, and of the consultation."""
    why_not = dict(call.why_not)
    for action in (Action.JOIN, Action.CANCEL):
        why_not.pop(action, None)
    why_not.pop(Action.SWAP, None)
    if not can_swap:
        why_not[Action.SWAP] = words.TARGET_FIRST
    why_not[Action.CONSULT] = words.UNDER_WAY
    return FEATURES - why_not.keys(), why_not


def _menu(state: CallState, forward: bool, named: bool) -> Menu:
    why_not = dict(WHY_NOT[state])
    if state is CallState.RINGING and not forward:
        why_not |= {Action.FORWARD: FORWARD_OFF, Action.BLIND: words.ANSWER_FIRST}
    if not named:
        why_not = dict.fromkeys(_NEED_A_VIEW, _NO_VIEW) | why_not
    return FEATURES - why_not.keys(), MappingProxyType(why_not)


_MENUS = {
    (state, forward, named): _menu(state, forward, named)
    for state in CallState
    for forward in (True, False)
    for named in (True, False)
}
