"""What an agent can do to one of her calls. Checked in the order call, parameter, state."""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.calls import ExchangeError, Side
from simulator.genesys.capabilities import capabilities
from simulator.genesys.errors import (
    FORBIDDEN,
    INTERNAL,
    MISSING_PARAMETER,
    NOT_FOUND,
    OUT_OF_RANGE,
    WRONG_STATE,
    ApiError,
)
from simulator.genesys.legs import ESTABLISHED, HELD, Leg
from simulator.genesys.resources import Json
from simulator.genesys.visit import Visit

Operation = Callable[[Visit, Leg, Json], None]


def must(visit: Visit, leg: Leg, operation: str) -> None:
    """The capabilities are the one documented precondition."""
    if operation not in capabilities(leg, visit.office.legs):
        raise ApiError(WRONG_STATE)


def _simple(name: str, verb: Callable[[Visit, Leg], object]) -> Operation:
    def run(visit: Visit, leg: Leg, order: Json) -> None:
        must(visit, leg, name)
        _touch(visit, leg)
        visit.act(lambda: verb(visit, leg))

    return run


def _touch(visit: Visit, *legs: Leg) -> None:
    for leg in legs:
        visit.exchange.mark_commanded(leg.call.id)


def _hold(visit: Visit, leg: Leg) -> None:
    visit.exchange.hold(leg.call.id, by=visit.agent.number)


def _retrieve(visit: Visit, leg: Leg) -> None:
    by_command = visit.exchange.call(leg.call.id).held_by_command
    visit.exchange.retrieve(leg.call.id, by_command=by_command)


def _end(visit: Visit, leg: Leg) -> None:
    visit.exchange.hangup(leg.call.id)


def hangup(visit: Visit, leg: Leg, order: Json) -> None:
    """Offered as Hangup, or while it rings as ClearCall only."""
    must(visit, leg, "Hangup")
    _touch(visit, leg)
    visit.act(lambda: _end(visit, leg))


def swap(visit: Visit, leg: Leg, order: Json) -> None:
    other = visit.leg(visit.text(order, "otherCallUri"))
    pair = {leg.state: leg, other.state: other}
    if set(pair) != {ESTABLISHED, HELD}:
        raise ApiError(WRONG_STATE)
    _touch(visit, leg, other)

    def both() -> None:  # the sample tells of the retrieved one first
        _retrieve(visit, pair[HELD])
        _hold(visit, pair[ESTABLISHED])

    visit.act(both)


def single_step_transfer(visit: Visit, leg: Leg, order: Json) -> None:
    target, data = visit.destination(order), visit.pairs(order, needed=False)
    must(visit, leg, "SingleStepTransfer")
    _touch(visit, leg)
    leaves: Side = "caller" if leg.call.caller == visit.agent.number else "callee"

    def go() -> None:
        visit.office.legs.attach(leg, data)
        visit.exchange.blind_transfer(leg.call.id, leaves, target)

    visit.send(target, go)


def initiate_transfer(visit: Visit, leg: Leg, order: Json) -> None:
    target, data = visit.destination(order), visit.pairs(order, needed=False)
    must(visit, leg, "InitiateTransfer")
    _touch(visit, leg)

    def go() -> None:
        visit.office.legs.attach(leg, data)
        try:
            _consult(visit, leg, target)
        except ExchangeError:
            leg.consulted = False
            raise

    visit.send(target, go)


def _consult(visit: Visit, leg: Leg, target: str) -> None:
    legs = visit.office.legs
    leg.consulted = True
    if leg.state == HELD:
        visit.office.notifier.leg(leg, "StatusChange")
    else:
        _hold(visit, leg)
    with legs.calling(visit.agent, legs.data(leg), about=leg):
        visit.exchange.mark_commanded(visit.exchange.ring(visit.agent.number, target))


def complete_transfer(visit: Visit, leg: Leg, order: Json) -> None:
    original, consult = _pair(visit, leg, order)
    offers = [*capabilities(original, visit.office.legs), *capabilities(consult, visit.office.legs)]
    if "CompleteTransfer" not in offers:
        raise ApiError(WRONG_STATE)
    _touch(visit, original, consult)
    visit.act(lambda: _join(visit, original, consult))


def _pair(visit: Visit, leg: Leg, order: Json) -> tuple[Leg, Leg]:
    """The call to be transferred, and the one with its target."""
    legs = visit.office.legs
    if order.get("consultCallUri") is not None:
        consult = visit.leg(visit.text(order, "consultCallUri"))
        parent = legs.parent(consult)
        found = [(parent or leg, consult)] if (parent or leg) is not consult else []
    elif leg.parent:
        found = [(parent, leg)] if (parent := legs.parent(leg)) else []
    elif consult_leg := legs.consult(leg):
        found = [(leg, consult_leg)]
    else:
        found = [(leg, other) for other in legs.others(leg)]
        found = [(a, b) if a.state == HELD else (b, a) for a, b in found]
    if len(found) != 1:
        raise ApiError(WRONG_STATE if not found else MISSING_PARAMETER)
    return found[0]


def _join(visit: Visit, original: Leg, consult: Leg) -> None:
    """After a swap the original talks and the consultation waits: swap back unheard first."""
    exchange, legs = visit.exchange, visit.office.legs
    with visit.office.notifier.first(visit.agent, legs.named(original)):
        if original.state == ESTABLISHED and consult.state == HELD:
            with legs.unheard(visit.agent):
                _hold(visit, original)
                _retrieve(visit, consult)
        exchange.attended_transfer(original.call.id, consult.call.id)


def send_dtmf(visit: Visit, leg: Leg, order: Json) -> None:
    if not re.fullmatch(r"[0-9*#]+", visit.text(order, "digits")):
        raise ApiError(OUT_OF_RANGE)
    must(visit, leg, "SendDtmf")


def _mute(muted: bool) -> Operation:
    def run(visit: Visit, leg: Leg, order: Json) -> None:
        if leg.state != ESTABLISHED or leg.muted is muted:
            raise ApiError(WRONG_STATE)
        leg.muted = muted

    return run


def attach_user_data(visit: Visit, leg: Leg, order: Json) -> None:
    visit.office.legs.attach(leg, visit.pairs(order))
    visit.office.legs.tell_data(leg)


def update_user_data(visit: Visit, leg: Leg, order: Json) -> None:
    data = visit.pairs(order)
    visit.office.legs.detach(leg, *data)
    visit.office.legs.attach(leg, data)
    visit.office.legs.tell_data(leg)


def delete_user_data(visit: Visit, leg: Leg, order: Json) -> None:
    visit.office.legs.detach(leg, *visit.office.legs.data(leg))
    visit.office.legs.tell_data(leg)


def delete_user_data_pair(visit: Visit, leg: Leg, order: Json) -> None:
    key = visit.text(order, "key")
    if key not in visit.office.legs.data(leg):
        raise ApiError(NOT_FOUND)
    visit.office.legs.detach(leg, key)
    visit.office.legs.tell_data(leg)


def _record(name: str, becomes: str) -> Operation:
    def run(visit: Visit, leg: Leg, order: Json) -> None:
        must(visit, leg, name)
        leg.recording = becomes
        visit.office.notifier.leg(leg, "CallRecordingStateChange")

    return run


def _conference(visit: Visit, leg: Leg, order: Json) -> None:
    """Offered, as in the samples, by an exchange that has no conferences."""
    raise ApiError(INTERNAL, "Conference resources are not available")


def _not_hers(visit: Visit, leg: Leg, order: Json) -> None:
    """For the owner of a conference, or for a supervisor."""
    raise ApiError(FORBIDDEN)


OPERATIONS: dict[str, Operation] = {
    "Answer": _simple(
        "Answer", lambda visit, leg: visit.exchange.answer(leg.call.id, visit.agent.number)
    ),
    "Hangup": hangup,
    "ClearCall": _simple("ClearCall", _end),
    "Hold": _simple("Hold", _hold),
    "Retrieve": _simple("Retrieve", _retrieve),
    "SwapCalls": swap,
    "SingleStepTransfer": single_step_transfer,
    "InitiateTransfer": initiate_transfer,
    "CompleteTransfer": complete_transfer,
    "SendDtmf": send_dtmf,
    "MuteCall": _mute(True),
    "UnmuteCall": _mute(False),
    "AttachUserData": attach_user_data,
    "UpdateUserData": update_user_data,
    "DeleteUserData": delete_user_data,
    "DeleteUserDataPair": delete_user_data_pair,
    "StartCallRecording": _record("StartCallRecording", "Recording"),
    "StopCallRecording": _record("StopCallRecording", "Stopped"),
    "PauseCallRecording": _record("PauseCallRecording", "Paused"),
    "ResumeCallRecording": _record("ResumeCallRecording", "Recording"),
    "SingleStepConference": _conference,
    "InitiateConference": _conference,
    "CompleteConference": _conference,
    "RemoveParticipantFromConference": _not_hers,
    "SwitchToListenIn": _not_hers,
    "MuteMonitoredUser": _not_hers,
    "UnmuteMonitoredUser": _not_hers,
}


def operate(visit: Visit, named: str) -> Json:
    """POST /me/calls/{id}"""
    order = visit.order()
    operation = OPERATIONS.get(order["operationName"])
    visit.need_voice()
    leg = visit.leg(named)
    if operation is None:
        raise visit.unknown_operation(order["operationName"])
    operation(visit, leg, order)
    return {"statusCode": 0}
