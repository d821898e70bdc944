"""Which operations a call offers now."""

from __future__ import annotations

from simulator.genesys.legs import DIALING, ESTABLISHED, HELD, RELEASED, RINGING, Leg, Legs
from simulator.genesys.switches import Switches

USER_DATA = ["AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"]
_MOVES = ["SingleStepTransfer", "SingleStepConference", "InitiateTransfer", "InitiateConference"]
_RECORDINGS = {
    "Stopped": ["StartCallRecording"],
    "Recording": ["PauseCallRecording", "StopCallRecording"],
    "Paused": ["ResumeCallRecording", "StopCallRecording"],
}


def capabilities(leg: Leg, legs: Legs) -> list[str]:
    switches = legs.switches
    if leg.state == RELEASED:
        return []
    own = {
        DIALING: lambda: ["SendDtmf", "Hangup"],
        RINGING: lambda: _ringing(switches),
        ESTABLISHED: lambda: _established(leg, legs),
        HELD: lambda: _held(leg, legs),
    }[leg.state]()
    return [*USER_DATA, *own]


def _ringing(switches: Switches) -> list[str]:
    return ["Answer"] * switches.answer_by_api + ["ClearCall"] * switches.clear_call


def _established(leg: Leg, legs: Legs) -> list[str]:
    own = ["Hold", "Hangup", "SendDtmf", *_MOVES]
    own += ["ClearCall"] * legs.switches.clear_call
    if legs.switches.recording:
        own += _RECORDINGS[leg.recording]
    if any(other.state == HELD for other in legs.others(leg)):
        own += ["SwapCalls", "CompleteTransfer", "CompleteConference"]
    return own


def _held(leg: Leg, legs: Legs) -> list[str]:
    own = ["Hangup", *_MOVES]
    if not (leg.consulted or legs.parent(leg)):
        return [*own, "Retrieve"]
    partner = legs.consult(leg) or legs.parent(leg)
    talking = partner is not None and partner.state == ESTABLISHED
    completes = talking or legs.switches.complete_while_dialing
    return [*own, "SwapCalls", *["CompleteTransfer"] * completes]
