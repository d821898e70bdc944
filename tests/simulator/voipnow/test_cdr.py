"""CDR: calls that have ended, an object keyed by their ids."""

from __future__ import annotations

import pytest

from tests.simulator.conftest import ANNA


@pytest.fixture
def past(exchange, clock) -> list[str]:
    """One call answered, one not, one busy, one from reception to outside."""
    made = [exchange.ring(ANNA, callee) for callee in ("1001", "1003", "1007")]
    made.append(exchange.ring("1001", "+442079460018"))
    exchange.answer(made[0])
    exchange.answer(made[3])
    clock.pass_(17)
    for call_id in (made[0], made[1], made[3]):
        exchange.hangup(call_id)
    return made


def cdr(client, query: str = ""):
    return client.send("GET", f"/uapi/cdr/@me{query}")


def test_nothing_yet(client, ringing):
    assert cdr(client).status == 204


def test_a_record(client, past):
    said = cdr(client).json
    assert said["totalResults"] == 4
    record = said["entry"][past[0]]
    assert record == {
        "id": past[0],
        "extension": "0003*1001",
        "ownerId": "3",
        "ownerName": "Default Organization",
        "published": "2013-07-01T10:49:07+02:00",
        "phoneCallView": [
            {
                "source": ANNA,
                "destination": "0003*1001",
                "duration": "17",
                "flow": "8",
                "disposition": "0",
                "answered": "2013-07-01T11:49:07+03:00",
            }
        ],
    }


def test_dispositions(client, past):
    entry = cdr(client).json["entry"]
    assert [entry[each]["phoneCallView"][0]["disposition"] for each in past] == ["0", "3", "1", "0"]
    assert [entry[each]["phoneCallView"][0]["flow"] for each in past] == ["8", "8", "8", "4"]
    assert "answered" not in entry[past[1]]["phoneCallView"][0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?flow=4", [3]),
        ("?disposition=1", [2]),
        ("?destination=0003*1003", [1]),
        ("?source=0003*1001&flow=4", [3]),
        ("?count=1", [3]),
    ],
)
def test_filters(client, past, query, found):
    assert list(cdr(client, query).json["entry"]) == [past[each] for each in found]


@pytest.mark.parametrize(
    ("query", "code"),
    [("?flow=3", "cdr_flow_invalid"), ("?disposition=6", "cdr_disposition_invalid")],
)
def test_complaints(client, query, code):
    assert cdr(client, query).code == (400, code)


def test_clearing_forgets_the_past(client, pbx, past):
    pbx.clear()
    assert cdr(client).status == 204
