"""Presence: which phones are there, and what they are doing."""

from __future__ import annotations

import pytest

from tests.simulator.conftest import ANNA

RECEPTION, CAROL = "0003*1001", "0003*1003"


def statuses(client) -> dict[str, str]:
    return {said["extension"]: said["status"] for said in client.presence().entry}


def test_every_phone_is_told(client, exchange):
    exchange.add("1050", "Sales", "queue")
    assert statuses(client) == {
        "0003*1001": "1",
        "0003*1002": "1",
        "0003*1003": "1",
        "0003*1007": "3",
        "0003*1012": "0",
    }


def test_a_phone_rings_and_talks(client, exchange, ringing):
    assert statuses(client)[RECEPTION] == "2"
    exchange.answer(ringing)
    assert statuses(client)[RECEPTION] == "3"
    exchange.hangup(ringing)
    assert statuses(client)[RECEPTION] == "1"


def test_who_calls_is_busy(client, exchange):
    exchange.ring("1003", "1001")
    assert (statuses(client)[CAROL], statuses(client)[RECEPTION]) == ("3", "2")


def test_the_own_phone_rings_first(client, exchange):
    exchange.originate(["1003"], "1001")
    assert (statuses(client)[CAROL], statuses(client)[RECEPTION]) == ("2", "1")


def test_every_phone_that_rings(client, exchange, ringing):
    exchange.also_ring(ringing, "1003")
    assert (statuses(client)[CAROL], statuses(client)[RECEPTION]) == ("2", "2")


def test_neither_voice_mail_nor_the_parking_lot_keeps_a_phone_busy(client, exchange, talking):
    exchange.to_voicemail(talking(), "callee", "1003")
    assert statuses(client)[CAROL] == "1"
    exchange.park(talking(), "1001", 60)
    assert statuses(client)[RECEPTION] == "1"


def test_one_extension(client):
    assert [said["extension"] for said in client.presence("1003").entry] == [CAROL]


def test_a_registered_phone(client):
    (said,) = client.presence("1003").entry
    assert said["registration"] == [
        {
            "agent": "3CXPhone 5.0.14439.0",
            "registration": "1",
            "expire": "2013-07-01T12:49:07+03:00",
        }
    ]


def test_presence_form_flat(client, pbx):
    pbx.switches.presence_form = "flat"
    (said,) = client.presence("1012").entry
    assert said == {
        "status": "0",
        "extension": "0003*1012",
        "agent": "3CXPhone 5.0.14439.0",
        "registration": "-1",
    }


@pytest.mark.parametrize(
    ("operation", "value", "count"),
    [("equals", CAROL, 1), ("startsWith", "0003*10", 5), ("contains", "01", 2)],
)
def test_filters(client, operation, value, count):
    query = {"filterBy": "extension", "filterOp": operation, "filterValue": value}
    assert len(client.presence(**query).entry) == count


def test_pages(client):
    page = client.presence(count=2, startIndex=2).json
    assert [said["extension"] for said in page["entry"]] == [CAROL, "0003*1007"]
    assert page["totalResults"] == 5


@pytest.mark.parametrize(
    ("user", "extension", "code"),
    [
        ("@you", "@self", "user_invalid"),
        ("@me", "4711", "extension_invalid"),
        ("@owner", "@self", "extension_invalid"),
    ],
)
def test_complaints(client, user, extension, code):
    assert client.presence(extension, user).code == (400, code)


def test_no_phones(client, exchange):
    exchange.add("1050", "Sales", "queue")
    assert client.presence("1050").status == 204


@pytest.mark.parametrize("caller", [ANNA, "1002"])
def test_a_held_call_keeps_the_phone_busy(client, exchange, talking, caller):
    exchange.hold(talking(caller, "1001", ""))
    assert statuses(client)[RECEPTION] == "3"
