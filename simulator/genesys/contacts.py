"""The directory: every phone of the exchange is somebody's, a queue's or a thing's."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping

from simulator.calls import Extension
from simulator.genesys.agents import guid
from simulator.genesys.errors import NOT_FOUND, OUT_OF_RANGE, ApiError
from simulator.genesys.resources import Json
from simulator.genesys.visit import Visit

_TYPES = {"phone": "User", "queue": "Queue"}
_FIELDS = ("firstName", "lastName", "userName", "name")
DEFAULT_LIMIT = 100


def contacts(visit: Visit) -> Json:
    """GET /contacts"""
    every = [_contact(visit, phone) for phone in visit.exchange.extensions()]
    found = [contact for contact in every if _fits(contact, visit.query)]
    by_phone = visit.query.get("sortBy") == "phoneNumber"
    found.sort(
        key=lambda each: _numbers(each)[:1] if by_phone else [each["name"].casefold()],
        reverse=visit.query.get("order", "").lower() == "descending",
    )
    start, limit = _number(visit, "offset", 0), _number(visit, "limit", DEFAULT_LIMIT)
    return {"statusCode": 0, "totalCount": len(found), "contacts": found[start : start + limit]}


def one_contact(visit: Visit, ident: str) -> Json:
    """GET /contacts/{id}"""
    for phone in visit.exchange.extensions():
        contact = _contact(visit, phone)
        if contact["id"] == ident and visit.query.get("type", contact["type"]) == contact["type"]:
            return {"statusCode": 0, "contact": contact}
    raise ApiError(NOT_FOUND)


def _contact(visit: Visit, phone: Extension) -> Json:
    kind = _TYPES.get(phone.kind, "Custom")
    agents = visit.office.agents.all()
    agent = next((each for each in agents if each.number == phone.number), None)
    ident = agent.user_id if agent else guid(f"contact {phone.number}").replace("-", "")
    told: Json = {"id": ident, "name": phone.name or phone.number, "type": kind}
    if phone.registered:  # a user without a device has none
        number = {"phoneNumber": phone.number, "description": "", "switchName": "SIP_Switch"}
        told["phoneNumbers"] = [number]
    if kind == "User":
        first, _, last = phone.name.partition(" ")
        told |= {
            "userName": agent.login if agent else phone.number,
            "firstName": first,
            "lastName": last,
            "employeeId": phone.number,
            "emailAddress": "",
            "businessUnits": [],
            "roles": ["ROLE_AGENT"] if agent else [],
        }
    path = f"/contacts/{ident}"
    return told | {"uri": visit.office.resources.base + path, "path": path}


def _fits(contact: Json, query: Mapping[str, str]) -> bool:
    if query.get("type", contact["type"]) != contact["type"]:
        return False
    exact = contact.get("userName", contact["name"])
    if "name" in query and exact not in query["name"].split(","):
        return False
    numbers = _numbers(contact)
    if "phoneNumber" in query and not _has_number(numbers, query["phoneNumber"].split(",")):
        return False
    if query.get("filterName") != "NamesOrPhoneNumberMatches":
        return True
    texts = [str(contact.get(name, "")) for name in _FIELDS] + numbers
    patterns = query.get("filterParameters", "*").split(",")
    return all(any(_matches(text, pattern) for text in texts) for pattern in patterns)


def _has_number(numbers: list[str], wanted: list[str]) -> bool:
    return bool(numbers) and ("*" in wanted or bool(set(numbers) & set(wanted)))


def _matches(text: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(text.casefold(), pattern.strip().casefold().replace("[", "[[]"))


def _numbers(contact: Json) -> list[str]:
    return [each["phoneNumber"] for each in contact.get("phoneNumbers", [])]


def _number(visit: Visit, name: str, default: int) -> int:
    text = visit.query.get(name, str(default))
    if not text.isascii() or not text.isdecimal():
        raise ApiError(OUT_OF_RANGE, f"Parameter '{name}' is not a number")
    return int(text)
