"""What can be done to a call in each state, and why the rest cannot."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transfers.domain import ON_A_CALL, Action, Call, CallState

FEATURES = ON_A_CALL
Menu = tuple[frozenset[Action], Mapping[Action, str]]

FORWARD_OFF = "This PBX does not document it; switch it on in the connection's options."
_ANSWER_FIRST = "Works once the call is answered."
_RINGS_ONLY = "Works only while the call rings; it was answered."
_NOT_HELD = "The call is not on hold."
_NOT_PARKED = "The call is not parked."
_RETRIEVE_FIRST = "Retrieve the call first."
_ALONE = "Works during a consultation: one call on hold, and one from the same phone."
_ANSWERED_BOTH = "Works once the consultation is answered."
_IN_ONE = "A consultation is under way."
_UNPARK_FIRST = "Take the call out of the parking lot first."
_NOT_YET = "Works once the call rings or is answered."
_NOT_KNOWN = "The PBX gives a state that is not known here; the call can only be hung up."
_NO_VIEW = "The PBX does not tell what this needs about the call."

_TOGETHER = {Action.JOIN: _ALONE, Action.CANCEL: _ALONE, Action.SWAP: _ALONE}
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
        Action.BLIND: f"{_ANSWER_FIRST[:-1]}; use Forward while it rings.",
        **dict.fromkeys(
            [Action.CONSULT, Action.VOICEMAIL, Action.PARK, Action.HOLD], _ANSWER_FIRST
        ),
        **_TOGETHER,
        Action.RETRIEVE: _NOT_HELD,
        Action.UNPARK: _NOT_PARKED,
    },
    CallState.TALKING: {
        Action.FORWARD: f"{_RINGS_ONLY[:-1]}. Use a blind transfer.",
        Action.PICKUP: _RINGS_ONLY,
        **_TOGETHER,
        Action.RETRIEVE: _NOT_HELD,
        Action.UNPARK: _NOT_PARKED,
    },
    CallState.HELD: {
        Action.FORWARD: _RINGS_ONLY,
        Action.PICKUP: _RINGS_ONLY,
        **_TOGETHER,
        Action.CONSULT: _RETRIEVE_FIRST,
        Action.PARK: _RETRIEVE_FIRST,
        Action.HOLD: "The call is on hold already.",
        Action.UNPARK: _NOT_PARKED,
    },
    CallState.PARKED: dict.fromkeys(FEATURES - {Action.UNPARK, Action.HANGUP}, _UNPARK_FIRST),
    CallState.DIALING: dict.fromkeys(FEATURES - {Action.HANGUP}, _NOT_YET),
    CallState.UNKNOWN: dict.fromkeys(FEATURES - {Action.HANGUP}, _NOT_KNOWN),
    CallState.ENDED: dict.fromkeys(FEATURES, "The call has ended."),
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
        why_not[Action.SWAP] = _ANSWERED_BOTH
    why_not[Action.CONSULT] = _IN_ONE
    return FEATURES - why_not.keys(), why_not


def _menu(state: CallState, forward: bool, named: bool) -> Menu:
    why_not = dict(WHY_NOT[state])
    if state is CallState.RINGING and not forward:
        why_not |= {Action.FORWARD: FORWARD_OFF, Action.BLIND: _ANSWER_FIRST}
    if not named:
        why_not = dict.fromkeys(_NEED_A_VIEW, _NO_VIEW) | why_not
    return FEATURES - why_not.keys(), MappingProxyType(why_not)


_MENUS = {
    (state, forward, named): _menu(state, forward, named)
    for state in CallState
    for forward in (True, False)
    for named in (True, False)
}
