"""Do not disturb, forwarding, and the directory."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from simulator.server import SimulatorServer
from tests.simulator.conftest import ANNA
from tests.simulator.genesys.client import Desk


def operate(desk: Desk, operation: str, **more: object) -> int:
    path = f"/me/devices/{desk.device()['id']}"
    code: int = desk.post(path, operationName=operation, **more)["statusCode"]
    return code


def test_forwarding(exchange, ana, ben, hears):
    assert operate(ana, "ForwardCallsOn", destination="1003") == 0
    device = hears.events()[0]["devices"][0]
    assert device == ana.device()
    assert device["forwardTo"] == "1003"
    assert "ForwardCallsOff" in device["capabilities"]
    exchange.ring(ANNA, "1001")
    assert ana.calls() == []
    assert ben.calls()[0]["state"] == "Ringing"
    assert operate(ana, "ForwardCallsOff") == 0
    assert "forwardTo" not in ana.device()


def test_the_destination_of_a_forward_is_a_plain_string(ana):
    assert operate(ana, "ForwardCallsOn", destination={"phoneNumber": "1003"}) == 1
    assert operate(ana, "ForwardCallsOn") == 1


def test_do_not_disturb(exchange, ana, hears):
    assert operate(ana, "DoNotDisturbOn") == 0
    event = hears.events()[0]
    assert event["messageType"] == "DeviceStateChangeMessage"
    assert event["devices"][0]["doNotDisturb"] == "On"
    assert "notificationType" not in event
    assert exchange.call(exchange.ring(ANNA, "1001")).ending == "busy"
    assert operate(ana, "DoNotDisturbOff") == 0
    assert ana.device()["doNotDisturb"] == "Off"


@pytest.mark.parametrize("operation", ["ForwardCallsOff", "DoNotDisturbOff", "Dance"])
def test_what_a_device_does_not_offer(ana, operation):
    assert operate(ana, operation) == 2


def test_a_device_that_is_not_registered(exchange, ana):
    exchange.behave("1001", registered=False)
    assert ana.device()["deviceState"] == "Inactive"
    assert operate(ana, "DoNotDisturbOn") == 4
    assert ana.status == 500


def test_devices_of_others_are_not_found(ana, ben):
    path = f"/me/devices/{ben.device()['id']}"
    assert ana.get(path)["statusCode"] == 6
    assert ana.post(path, operationName="DoNotDisturbOn")["statusCode"] == 6


def test_an_agent_without_a_phone(exchange):
    agents = {"ana": ("pw", "7777")}
    with SimulatorServer(exchange, "genesys", agents=agents) as pbx, Desk(pbx) as desk:
        assert desk.device()["deviceState"] == "Inactive"


# ----- contacts


@pytest.fixture
def people(exchange):
    exchange.add("1004", "Josh Williams")
    exchange.add("1005", "Kőműves Gergő")
    exchange.add("5000", "Sales", "queue")
    exchange.add("5001", "Gate [A]", "door")


def names(desk: Desk, query: str = "") -> list[str]:
    return [each["name"] for each in desk.get(f"/contacts?{query}")["contacts"]]


def test_a_contact_as_in_the_sample(pbx, ana, people):
    told = ana.get("/contacts?name=1004")
    contact = told["contacts"][0]
    assert told == {"statusCode": 0, "totalCount": 1, "contacts": [contact]}
    ident = contact["id"]
    assert contact == {
        "id": ident,
        "name": "Josh Williams",
        "type": "User",
        "phoneNumbers": [{"phoneNumber": "1004", "description": "", "switchName": "SIP_Switch"}],
        "userName": "1004",
        "firstName": "Josh",
        "lastName": "Williams",
        "employeeId": "1004",
        "emailAddress": "",
        "businessUnits": [],
        "roles": [],
        "uri": f"{pbx.url}/contacts/{ident}",
        "path": f"/contacts/{ident}",
    }
    one = {"statusCode": 0, "contact": contact}
    assert ana.get(f"/contacts/{ident}?type=User") == one
    assert ana.get(f"/contacts/{ident}") == one
    assert ana.get(f"/contacts/{ident}?type=Queue")["statusCode"] == 6


def test_an_agent_is_a_contact_too(ana, people):
    told = ana.get("/contacts?name=ben")["contacts"][0]
    assert (told["userName"], told["roles"]) == ("ben", ["ROLE_AGENT"])
    assert told["phoneNumbers"][0]["phoneNumber"] == "1003"


def test_a_user_without_a_device_has_no_numbers(ana):
    assert "phoneNumbers" not in ana.get("/contacts?name=1012")["contacts"][0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=Queue", ["Sales"]),
        ("type=Custom", ["Gate [A]"]),
        ("phoneNumber=1004,1005", ["Josh Williams", "Kőműves Gergő"]),
        ("phoneNumber=nobody", []),
        ("name=Sales", ["Sales"]),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=*WILL*", ["Josh Williams"]),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=josh", ["Josh Williams"]),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=gate*[a]", ["Gate [A]"]),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=*j*,1004", ["Josh Williams"]),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=*j*,1005", []),
        (
            "filterName=NamesOrPhoneNumberMatches&filterParameters=" + quote("kő*"),
            ["Kőműves Gergő"],
        ),
    ],
)
def test_finding_people(ana, people, query, found):
    assert names(ana, query) == found


def test_everybody_by_name(ana, people):
    assert len(names(ana)) == 9
    assert names(ana) == sorted(names(ana), key=str.casefold)
    assert names(ana, "order=Descending") == names(ana)[::-1]
    assert names(ana, "sortBy=phoneNumber&phoneNumber=*")[:2] == ["Reception", "Ben"]


def test_paging(ana, people):
    every = names(ana)
    assert names(ana, "limit=4") == every[:4]
    assert names(ana, "limit=4&offset=4") == every[4:8]
    assert ana.get("/contacts?limit=1")["totalCount"] == 9
    assert ana.get("/contacts?limit=-1")["statusCode"] == 10
    assert ana.get("/contacts?offset=x")["statusCode"] == 10


def test_a_stranger_is_not_found(ana):
    assert ana.get("/contacts/none")["statusCode"] == 6
