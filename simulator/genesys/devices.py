"""The agent's session, her state and her device."""

from __future__ import annotations

from simulator.genesys.agents import LOGGED_IN, STATES, Agent
from simulator.genesys.errors import (
    INTERNAL,
    MISSING_PARAMETER,
    NOT_FOUND,
    PARTLY,
    WRONG_STATE,
    ApiError,
)
from simulator.genesys.resources import Json
from simulator.genesys.visit import Visit

NO_MULTIMEDIA = "Interaction server connection is not opened"


def session(visit: Visit) -> Json:
    """POST /me"""
    order = visit.order()
    if order["operationName"] == "StartContactCenterSession":
        return _start(visit, order)
    if order["operationName"] == "EndContactCenterSession":
        visit.need_voice()
        _become(visit, "Offline")
        visit.office.end_session(visit.session)
        return {"statusCode": 0}
    if order["operationName"] in STATES:
        return _change_state(visit, order["operationName"])
    raise visit.unknown_operation(order["operationName"])


def _start(visit: Visit, order: Json) -> Json:
    channels = order.get("channels")
    if not isinstance(channels, list) or not channels:
        raise ApiError(MISSING_PARAMETER, "Parameter 'channels' is missing")
    if not visit.switches.api_voice:
        visit.need_voice()
    _check_place(visit, order)
    failed: list[Json] = []
    succeeded: list[Json] = []
    for channel in channels:
        try:
            _open(visit, channel)
            succeeded.append({"statusCode": 0, "channel": channel})
        except ApiError as error:
            refusal = {"statusCode": error.code, "statusMessage": error.message}
            failed.append(refusal | {"channel": channel})
    if failed and not succeeded:
        raise ApiError(failed[0]["statusCode"], failed[0]["statusMessage"])
    if failed:
        return {"statusCode": PARTLY, "failed": failed, "succeeded": succeeded}
    return {"statusCode": 0}


def _check_place(visit: Visit, order: Json) -> None:
    if isinstance(path := order.get("devicePath"), str):
        visit.office.agents.check_device(visit.agent, path)
    if order.get("place") not in (None, "", f"Place_{visit.agent.number}"):
        raise ApiError(NOT_FOUND, f"Place '{order['place']}' could not be found")


def _open(visit: Visit, channel: object) -> None:
    if channel != "voice":
        if visit.switches.multimedia:
            return
        raise ApiError(INTERNAL, NO_MULTIMEDIA)
    visit.office.agents.check_registered(visit.agent)
    if not visit.agent.started:
        _become(visit, LOGGED_IN)
        _become(visit, "NotReady")


def _become(visit: Visit, state: str) -> None:
    if visit.agent.state != state:
        visit.agent.state = state
        visit.office.notifier.device(visit.agent)


def channel(visit: Visit) -> Json:
    """POST /me/channels/voice"""
    name = visit.order()["operationName"]
    if name not in STATES:
        raise visit.unknown_operation(name)
    return _change_state(visit, name)


def _change_state(visit: Visit, name: str) -> Json:
    visit.need_voice()
    if not visit.agent.started:
        raise ApiError(WRONG_STATE)
    _become(visit, name)
    return {"statusCode": 0}


def _hers(visit: Visit, ident: str) -> Agent:
    if ident != visit.agent.device_id:
        raise ApiError(NOT_FOUND)
    return visit.agent


def devices(visit: Visit) -> Json:
    """GET /me/devices"""
    if "fields" not in visit.query:
        uri = visit.office.resources.device_uri(visit.agent)["deviceUri"]
        return {"statusCode": 0, "uris": [uri]}
    return {"statusCode": 0, "devices": [visit.office.resources.device(visit.agent)]}


def one_device(visit: Visit, ident: str) -> Json:
    """GET /me/devices/{id}"""
    return {"statusCode": 0, "device": visit.office.resources.device(_hers(visit, ident))}


def operate(visit: Visit, ident: str) -> Json:
    """POST /me/devices/{id}"""
    order = visit.order()
    visit.need_voice()
    agent = _hers(visit, ident)
    name = order["operationName"]
    if name in ("DoNotDisturbOn", "DoNotDisturbOff"):
        _set(visit, agent, name, do_not_disturb=name.endswith("On"))
    elif name == "ForwardCallsOn":
        _set(visit, agent, name, forward_to=visit.text(order, "destination"))
    elif name == "ForwardCallsOff":
        _set(visit, agent, name, forward_to="")
    else:
        raise visit.unknown_operation(name)
    return {"statusCode": 0}


def _set(visit: Visit, agent: Agent, name: str, **behaviour: object) -> None:
    visit.office.agents.check_registered(agent)
    if name not in visit.office.resources.device(agent)["capabilities"]:
        raise ApiError(WRONG_STATE)
    visit.exchange.behave(agent.number, **behaviour)
    visit.office.notifier.device(agent)


def dial(visit: Visit, ident: str) -> Json:
    """POST /me/devices/{id}/calls: the reply does not name the call."""
    order = visit.order()
    visit.need_voice()
    agent = _hers(visit, ident)
    if order["operationName"] != "Dial":
        raise visit.unknown_operation(order["operationName"])
    target, data = visit.destination(order), visit.pairs(order, needed=False)
    visit.office.agents.check_registered(agent)

    def go() -> None:
        with visit.office.legs.calling(agent, data):
            visit.exchange.mark_commanded(visit.exchange.ring(agent.number, target))

    visit.send(target, go)
    return {"statusCode": 0}
