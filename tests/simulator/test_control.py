from __future__ import annotations

import http.client
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.control import ControlServer
from simulator.demo import PEOPLE
from simulator.server import SimulatorServer
from simulator.traffic import Traffic
from tests.simulator.client import Client
from tests.simulator.conftest import ANNA


class Remote:
    """Gives orders to the control interface of one PBX called `head`."""

    def __init__(self, server: ControlServer) -> None:
        self.server = server

    def raw(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=10)
        connection.request(method, path, body)
        response = connection.getresponse()
        said = json.loads(response.read())
        connection.close()
        return response.status, said

    def __call__(self, do: str, **more: object) -> dict[str, Any]:
        status, said = self.order(do, **more)
        assert status == 200, said
        return said

    def order(self, do: str, **more: object) -> tuple[int, dict[str, Any]]:
        order = {"pbx": "head", "do": do, **more}
        return self.raw("POST", "/control", json.dumps(order).encode())

    def state(self) -> dict[str, Any]:
        return self.raw("GET", "/state")[1]["head"]


@pytest.fixture
def traffic(exchange) -> Traffic:
    return Traffic(exchange, random.Random(1), reception="1001", people=PEOPLE)


@pytest.fixture
def remote(gen1: SimulatorServer, traffic: Traffic) -> Iterator[Remote]:
    with ControlServer({"head": gen1}, {"head": traffic}) as server:
        yield Remote(server)


def test_the_life_of_a_call(remote, exchange):
    call = remote("ring", caller=ANNA, callee="1001", name="Kovács Anna")["call"]
    assert exchange.call(call).caller_name == "Kovács Anna"
    for verb, state in [("answer", "talking"), ("hold", "held"), ("retrieve", "talking")]:
        assert remote(verb, call=call) == {"call": call}
        assert remote.state()["calls"][0]["state"] == state
    remote("hangup", call=call)
    assert remote.state()["calls"][0]["ending"] == "completed"


@pytest.mark.parametrize(("leaves", "source"), [("callee", ANNA), ("caller", "1001")])
def test_a_phones_own_transfer(remote, exchange, leaves, source):
    call = remote("ring", caller=ANNA, callee="1001")["call"]
    remote("answer", call=call)
    new = remote("transfer", call=call, leaves=leaves, target="1003")["call"]
    assert (exchange.call(new).caller, exchange.call(new).callee) == (source, "1003")


def test_behave(remote, exchange, clock):
    remote("behave", number="1003", answers_after=1, busy=False, name="Caro")
    call = remote("ring", caller=ANNA, callee="1003")["call"]
    clock.pass_(1)
    assert (
        remote.state()["calls"][0] | {"state": "talking", "ring": 1.0}
        == (remote.state()["calls"][0])
    )
    remote("behave", number="1003", answers_after=None)
    assert exchange.extension("1003").answers_after is None
    assert call


def test_switch(remote, gen1):
    said = remote("switch", wrong_state="200", linger_seconds=2, transferor_leaves=False)
    assert said["switches"]["wrong_state"] == "200"
    assert (gen1.switches.linger_seconds, gen1.switches.transferor_leaves) == (2, False)


def test_fault(remote, gen1):
    said = remote("fault", kind="drop_after", command="BlindTransfer", times=1)
    assert [fault["kind"] for fault in said["faults"]] == ["drop_after"]
    remote("fault", kind="delay", seconds=0.5)
    assert [fault.seconds for fault in gen1.faults.active()] == [1.0, 0.5]
    assert remote("fault", kind="none") == {"faults": []}


def test_refuse_and_listen(remote, gen1):
    remote("refuse")
    with pytest.raises(ConnectionRefusedError), Client(gen1) as client:
        client.calls()
    remote("listen")
    with Client(gen1) as client:
        assert client.calls() == []


def test_clear(remote, gen1):
    remote("ring", caller=ANNA, callee="1001")
    remote("clear")
    assert remote.state()["calls"] == []


def test_traffic(remote, traffic):
    assert remote("traffic", on=False) == {"traffic": False}
    assert not traffic.on
    assert remote.state()["traffic"] is False
    remote("traffic", on=True)
    assert traffic.on


def test_state_counts_requests(remote, gen1):
    with Client(gen1) as client:
        client.calls()
        client.raw("Hold")
    state = remote.state()
    assert state["requests"] == {"ListActiveCalls": 1, "Hold": 1}
    assert (state["face"], state["url"]) == ("ozeki-gen1", gen1.url)
    assert state["extensions"][0]["number"] == "1001"


@pytest.mark.parametrize(
    ("do", "more", "complaint"),
    [
        ("dance", {}, "cannot 'dance'; can ring, answer, hold"),
        ("ring", {"caller": ANNA}, "say 'callee', a text, in the order"),
        ("ring", {"caller": ANNA, "callee": 1001}, "say 'callee', a text"),
        ("answer", {"call": "zz"}, "no call zz"),
        ("transfer", {"call": "zz", "leaves": "both", "target": "1"}, "'caller' or 'callee'"),
        ("behave", {"number": "55", "busy": True}, "no extension 55"),
        ("behave", {"number": "1001", "busy": "yes"}, "busy is true or false, not 'yes'"),
        ("behave", {"number": "1001", "ring_seconds": -1}, "ring_seconds is seconds or null"),
        ("behave", {"number": "1001", "mood": 1}, "no 'mood'; there are answers_after"),
        ("switch", {"wrong_state": 303}, "wrong_state is '303' or '302' or '200', not 303"),
        ("switch", {"linger_seconds": True}, "linger_seconds is seconds, not True"),
        ("switch", {"timezone": "Mars"}, "no time zone 'Mars'"),
        ("fault", {"kind": "flood"}, "no fault 'flood'; there are delay"),
        ("fault", {"kind": "delay", "seconds": "1"}, "'seconds' a number"),
        ("fault", {"kind": "delay", "times": 1.5}, "'times' is a whole number"),
        ("fault", {"kind": "delay", "when": 1}, "no ['when']"),
        ("traffic", {}, "say 'on', true or false"),
        ("clear", {"pbx": "moon"}, "no pbx 'moon'; there are head"),
    ],
)
def test_a_wrong_order_is_told_what_to_do(remote, do, more, complaint):
    status, said = remote.order(do, **more)
    assert status == 400
    assert complaint in said["error"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_an_order_is_a_json_object(remote, body):
    status, said = remote.raw("POST", "/control", body)
    assert (status, said["error"][:26]) == (400, "the order is a JSON object")


@pytest.mark.parametrize("place", [("GET", "/control"), ("POST", "/state"), ("GET", "/")])
def test_other_places(remote, place):
    status, said = remote.raw(*place)
    assert (status, said["error"]) == (404, "POST an order to /control, or GET /state")


def test_traffic_where_there_is_none(gen1):
    with ControlServer({"head": gen1}) as server:
        status, said = Remote(server).order("traffic", on=True)
        assert (status, said["error"][:9]) == (400, "start the")
        assert Remote(server).state()["traffic"] is False
