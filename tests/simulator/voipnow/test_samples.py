"""Field by field against the samples of the vendor's pages."""

from __future__ import annotations

import pytest

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.simulator.conftest import Clock

BEGAN = 1340802535.0  # 2012-06-27T16:08:55+03:00


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.now = BEGAN - 5
    return clock


@pytest.fixture
def exchange(clock: Clock) -> Exchange:
    ids = iter(["b817d2618fe6f1804db1", "7d280cc4feae3255a497"])
    exchange = Exchange(clock, lambda: next(ids))
    exchange.add("024", "John Doe")
    exchange.add("210", "")
    exchange.add("211", "")
    exchange.add("001", "Desk", registered=False)
    return exchange


def at(pbx: SimulatorServer) -> str:
    return f"http://127.0.0.1:{pbx.port}"


@pytest.fixture
def call(exchange: Exchange, clock: Clock) -> str:
    call_id = exchange.ring("024", "210", "John Doe <3334444>")
    clock.pass_(5)
    exchange.answer(call_id)
    return call_id


def test_list(client, pbx, call):
    """Getting Started; `ownerId` and all, but for the flow it leaves out and the second view."""
    pbx.switches.views = "own"
    assert client.send("GET", "/uapi/phoneCalls/12/0003*210").json == {
        "entry": [
            {
                "id": "b817d2618fe6f1804db1",
                "extension": "0003*210",
                "ownerId": "3",
                "ownerName": "Default Organization",
                "answered": "2012-06-27T16:08:55+03:00",
                "published": "2012-06-27T15:08:50+02:00",
                "phoneCallView": [
                    {
                        "id": "01",
                        "extension": "0003*210",
                        "answered": "2012-06-27T16:08:55+03:00",
                        "status": "5",
                        "callerId": "John Doe <3334444>",
                        "source": ["0003*024"],
                        "destination": ["0003*210"],
                        "flow": "2",
                    }
                ],
                "link": {"self": f"{at(pbx)}//uapi/phoneCalls/12/0003*210/b817d2618fe6f1804db1"},
            }
        ],
        "startIndex": 0,
        "totalResults": 1,
        "itemsPerPage": 20,
        "filtered": True,
        "sorted": True,
    }


def test_transfer(client, pbx, exchange, call):
    """The founding page's worked example."""
    body = {
        "action": "Transfer",
        "sendCallTo": "3235742879",
        "transferFromNumber": "0003*024",
        "transferNumber": "0003*210",
    }
    path = f"/uapi/phoneCalls/12/0003*210/{call}"
    answer = client.send("PUT", path, body)
    link = f"{at(pbx)}//uapi/phoneCalls/12/0003*210/{call}"
    assert (answer.status, answer.json) == (
        202,
        {"id": call, "extension": "0003*210", "link": {"self": link}},
    )
    exchange.answer(call)
    found = client.send("GET", link.removeprefix(at(pbx))).entry[0]
    assert (found["id"], len(found["phoneCallView"])) == (call, 1)
    view = found["phoneCallView"][0]
    assert view == {
        "id": "01",
        "extension": "0003*210",
        "answered": "2012-06-27T16:08:55+03:00",
        "status": "5",
        "callerId": "3235742879",
        "source": ["0003*210"],
        "destination": ["3235742879"],
        "flow": "4",
    }


def test_the_resource_page(client, pbx, exchange, clock):
    """A call made by the API that rings two sources: a view of each."""
    pbx.switches.number_type, pbx.switches.dates = "number", "utc"
    pbx.switches.caller_id_key, pbx.switches.link_key = "callerID", "links"
    body = {
        "extension": "0003*210",
        "nonce": "130c5a97768be67df6543b5f5fa3cc51",
        "phoneCallView": [
            {
                "source": ["0003*211", "0003*210"],
                "destination": ["3334444"],
                "callerId": "John Doe <3332222>",
            }
        ],
    }
    client.send("POST", "/uapi/phoneCalls/@me/simple", body)
    call = client.call("b817d2618fe6f1804db1")
    del call["links"]
    view = {
        "source": ["0003*211", "0003*210"],
        "destination": ["3334444"],
        "flow": 4,
        "status": 3,
        "ringing": "2012-06-27T13:08:50Z",
        "callerID": "John Doe <3332222>",
    }
    assert call == {
        "id": "b817d2618fe6f1804db1",
        "nonce": "130c5a97768be67df6543b5f5fa3cc51",
        "extension": "0003*210",
        "ownerId": "3",
        "ownerName": "Default Organization",
        "published": "2012-06-27T13:08:50Z",
        "phoneCallView": [
            {"id": "00", "extension": "0003*211", **view},
            {"id": "01", "extension": "0003*210", **view},
        ],
    }


def test_create_simple(client, pbx, exchange, call):
    body = {
        "extension": "210",
        "phoneCallView": [
            {"source": ["5354353", "5302040"], "destination": ["5353535"]},
        ],
        "nonce": "a1b2c3",
    }
    answer = client.send("POST", "/uapi/phoneCalls/@me/simple", body)
    link = f"{at(pbx)}/uapi/phoneCalls/@me/0003*210/7d280cc4feae3255a497"
    assert (answer.status, answer.json) == (
        200,
        [{"id": "7d280cc4feae3255a497", "extension": "0003*210", "links": {"self": link}}],
    )


def test_presence(client, clock):
    assert client.send("GET", "/uapi/extensions/@me/0003*001/presence").entry == [
        {
            "status": "0",
            "extension": "0003*001",
            "registration": [{"agent": "3CXPhone 5.0.14439.0", "registration": "-1"}],
        }
    ]


def test_a_call_event(client, pbx, clock):
    path = "/uapi/extensions/@me/0003*210/phoneCallEvents"
    body = {"type": "0", "method": "0", "note": "…", "url": "http://my/Save", "status": "1"}
    made = client.send("POST", path, body).json
    assert len(made["id"]) == 30
    assert made["id"].isalnum()
    link = f"{at(pbx)}/uapi/extensions/@me/0003*210/phoneCallEvents/0/{made['id']}"
    assert client.send("GET", path).entry == [
        {
            "type": "0",
            "id": made["id"],
            "method": "0",
            "note": "…",
            "url": "http://my/Save",
            "status": "1",
            "modified": "2012-06-27T16:08:50+03:00",
            "links": {"self": link},
        }
    ]


def test_an_error(client, call):
    answer = client.do("Transfer", "nosuch", "0003*210")
    assert answer.status == 400
    assert list(answer.json) == ["error"]
    assert list(answer.json["error"]) == ["code", "message"]
    assert answer.json["error"]["code"] == "pc_phonecall_invalid"
