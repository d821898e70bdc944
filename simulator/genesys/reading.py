"""What an agent can read, and which address leads where."""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.genesys import contacts, devices, operations
from simulator.genesys.errors import NOT_FOUND, ApiError
from simulator.genesys.resources import Json
from simulator.genesys.visit import Visit

Handler = Callable[..., Json]
SUBRESOURCES = ("features", "devices", "channels", "calls")


def me(visit: Visit) -> Json:
    """GET /me"""
    resources, agent = visit.office.resources, visit.agent
    wanted = visit.query.get("subresources", "").split(",")
    if "*" in wanted:
        wanted = list(SUBRESOURCES)
    user = resources.user(agent)
    if "features" in wanted:
        user["features"] = resources.features()
    if "devices" in wanted:
        user["devices"] = [resources.device(agent)]
    if "channels" in wanted:
        user["channels"] = [{"channel": "voice", "userState": agent.user_state()}]
    if "calls" in wanted:
        user["calls"] = [resources.call(leg) for leg in visit.office.legs.of(agent)]
    return {"statusCode": 0, "user": user}


def calls(visit: Visit) -> Json:
    """GET /me/calls: only addresses, unless fields are asked for."""
    visit.need_voice()
    told = [visit.office.resources.call(leg) for leg in visit.office.legs.of(visit.agent)]
    if "fields" not in visit.query:
        return {"statusCode": 0, "uris": [call["uri"] for call in told]}
    fields = visit.query["fields"].split(",")
    if "*" not in fields:
        told = [{name: call[name] for name in fields if name in call} for call in told]
    return {"statusCode": 0, "calls": told}


def one_call(visit: Visit, named: str) -> Json:
    """GET /me/calls/{id}"""
    visit.need_voice()
    return {"statusCode": 0, "call": visit.office.resources.call(visit.leg(named))}


def features(visit: Visit) -> Json:
    """GET /features"""
    return {"statusCode": 0, "features": visit.office.resources.features()}


_ID = r"([^/]+)"
ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/me", me),
    ("POST", "/me", devices.session),
    ("POST", "/me/channels/voice", devices.channel),
    ("GET", "/me/calls", calls),
    ("GET", f"/me/calls/{_ID}", one_call),
    ("POST", f"/me/calls/{_ID}", operations.operate),
    ("GET", "/me/devices", devices.devices),
    ("GET", f"/me/devices/{_ID}", devices.one_device),
    ("POST", f"/me/devices/{_ID}", devices.operate),
    ("POST", f"/me/devices/{_ID}/calls", devices.dial),
    ("GET", "/contacts", contacts.contacts),
    ("GET", f"/contacts/{_ID}", contacts.one_contact),
    ("GET", "/features", features),
]


def name(method: str, place: str) -> str:
    """An address as the pages write it: GET /me/calls/{id}."""
    for known, pattern, _ in ROUTES:
        if known == method and re.fullmatch(pattern, place):
            return f"{method} {pattern.replace(_ID, '{id}')}"
    return f"{method} {place}"


def route(visit: Visit, method: str, place: str) -> Json:
    for known, pattern, handler in ROUTES:
        if known == method and (found := re.fullmatch(pattern, place)):
            return handler(visit, *found.groups())
    raise ApiError(NOT_FOUND)
