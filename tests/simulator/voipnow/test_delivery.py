"""Call events as they arrive at a receiver on a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import pytest

from simulator.voipnow import courier
from simulator.web import Reply, Request, WebServer
from tests.simulator.conftest import ANNA

RECEPTION, BEN, CAROL = "0003*1001", "0003*1002", "0003*1003"
DIAL_IN, DIAL_OUT, HANGUP, ANSWER_IN, ANSWER_OUT = "01234"


class Receiver(WebServer):
    """Remembers what arrives; answers `status`, or waits for `gate` first."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Request] = []
        self.status = 200
        self.gate: Event | None = None

    def respond(self, request: Request) -> Reply:
        self.got.append(request)
        if self.gate:
            self.gate.wait(10)
        return Reply(b"ok", self.status, "text/plain")

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """Kind (the last part of the path), status and flow of each."""
        return [
            (each.path.strip("/"), each.params["CallStatus"], each.params["CallFlow"])
            for each in self.got
        ]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def register(client, receiver) -> Callable[..., None]:
    def register(*kinds: str, extension: str = "1001", **more: str) -> None:
        for kind in kinds:
            body = {"type": kind, "method": "0", "url": f"{receiver.url}{kind}"} | more
            path = f"/uapi/extensions/@me/{extension}/phoneCallEvents"
            assert client.send("POST", path, body).status == 200

    return register


@pytest.fixture
def arrived(pbx, receiver) -> Callable[[], list[tuple[str, str, str]]]:
    """What was told, once nothing is on its way any more."""

    def arrived() -> list[tuple[str, str, str]]:
        assert pbx.face.courier.settled(10)
        told = receiver.told
        receiver.got.clear()
        return told

    return arrived


# ----- what is told when


def test_an_incoming_call(register, arrived, exchange):
    register(*"01234")
    call_id = exchange.ring(ANNA, "1001", "Anna")
    assert arrived() == [(DIAL_IN, "CALLING", "IN")]
    exchange.answer(call_id)
    assert arrived() == [(ANSWER_IN, "ANSWER", "IN")]
    exchange.hold(call_id)
    exchange.retrieve(call_id)
    assert arrived() == []
    exchange.hangup(call_id)
    assert arrived() == [(HANGUP, "ANSWER", "IN")]


def test_an_outgoing_call(register, arrived, exchange):
    register(*"01234")
    call_id = exchange.ring("1001", "1003")
    assert arrived() == [(DIAL_OUT, "CALLING", "OUT")]
    exchange.answer(call_id)
    assert arrived() == [(ANSWER_OUT, "ANSWER", "OUT")]
    exchange.hangup(call_id)
    assert arrived() == [(HANGUP, "ANSWER", "OUT")]


def test_a_call_nobody_answers(register, arrived, exchange):
    register(*"01234")
    exchange.hangup(exchange.ring(ANNA, "1001"))
    assert arrived() == [(DIAL_IN, "CALLING", "IN"), (HANGUP, "UNKNOWN", "IN")]


def test_a_transferred_call_leaves_one_and_rings_another(register, arrived, exchange, talking):
    register(*"01234")
    register(*"01234", extension="1003")
    call_id = talking()
    arrived()
    exchange.blind_transfer(call_id, "callee", "1003")
    assert sorted(arrived()) == [(DIAL_IN, "CALLING", "IN"), (HANGUP, "ANSWER", "IN")]


def test_a_call_made_by_the_api(register, arrived, client, exchange):
    register(*"01234")
    (made,) = client.create("1001", "1003").json
    assert arrived() == []
    exchange.answer(made["id"])
    assert arrived() == [(DIAL_OUT, "CALLING", "OUT")]


def test_a_phone_that_rings_too_and_stops(register, arrived, exchange, ringing):
    register(*"01234", extension="1003")
    exchange.also_ring(ringing, "1003")
    assert arrived() == [(DIAL_IN, "CALLING", "IN")]
    exchange.answer(ringing, by="1001")
    assert [kind for kind, *_ in arrived()] == [HANGUP]


def test_a_parked_call(register, arrived, exchange, talking):
    register(*"01234")
    register(*"01234", extension="1003")
    call_id = talking()
    arrived()
    exchange.park(call_id, "1001", 60)
    assert [kind for kind, *_ in arrived()] == [HANGUP]
    exchange.also_ring(call_id, "1003")
    exchange.answer(call_id)
    assert [kind for kind, *_ in arrived()] == [DIAL_IN, ANSWER_IN]


def test_others_are_told_nothing(register, arrived, exchange):
    register(*"01234", extension="1003")
    register(DIAL_IN, status="0")
    exchange.ring(ANNA, "1001")
    assert arrived() == []


def test_two_who_registered_for_the_same(register, arrived, exchange):
    register(DIAL_IN)
    register(DIAL_IN)
    exchange.ring(ANNA, "1001")
    assert len(arrived()) == 2


# ----- how


def test_get_has_its_parameters_in_the_query(register, pbx, receiver, exchange):
    register(DIAL_IN, url=f"{receiver.url}hook?key=s%20cret")
    exchange.ring(ANNA, "1001", "Kovács Anna")
    assert pbx.face.courier.settled()
    (got,) = receiver.got
    assert (got.method, got.path, got.form, got.body) == ("GET", "/hook", {}, b"")
    assert got.query == {
        "key": "s cret",
        "CallID": "1372668548.444444",
        "CallerIDNum": ANNA,
        "CallerIDName": "Kovács Anna",
        "CalledExtension": RECEPTION,
        "CallStatus": "CALLING",
        "CallFlow": "IN",
        "CalledNumber": RECEPTION,
        "CallAPIID": "id1",
    }


def test_post_has_a_form(register, pbx, receiver, exchange):
    register(DIAL_OUT, method="1", url=f"{receiver.url}hook?key=1")
    exchange.ring("1001", "1003")
    assert pbx.face.courier.settled()
    (got,) = receiver.got
    assert (got.method, got.query) == ("POST", {"key": "1"})
    assert got.form["CallerExtension"] == RECEPTION
    assert (got.form["CalledExtension"], got.form["CalledNumber"]) == (CAROL, CAROL)
    assert got.form["CallerIDName"] == "Reception"


def test_a_number_outside_is_no_extension(register, pbx, receiver, exchange):
    register(DIAL_OUT)
    exchange.ring("1001", "+442079460018")
    assert pbx.face.courier.settled()
    assert "CalledExtension" not in receiver.got[0].query
    assert receiver.got[0].query["CalledNumber"] == "+442079460018"


def test_deliveries_are_counted_and_remembered(register, arrived, pbx, receiver, exchange):
    register(DIAL_IN)
    exchange.ring(ANNA, "1001")
    arrived()
    (delivery,) = pbx.face.courier.deliveries
    assert (delivery.extension, delivery.type, delivery.method) == ("1001", DIAL_IN, "GET")
    assert (delivery.url, delivery.status, delivery.error) == (f"{receiver.url}0", 200, "")
    assert delivery.params["CallAPIID"] == "id1"
    told = pbx.face.tell()["events"]
    assert told == {"registered": 1, "delivered": 1, "failed": 0, "lost": 0}


@pytest.mark.parametrize("status", [404, 500])
def test_a_receiver_that_complains(register, pbx, receiver, exchange, status):
    receiver.status = status
    register(DIAL_IN)
    exchange.ring(ANNA, "1001")
    assert pbx.face.courier.settled()
    assert pbx.face.courier.failed == 1
    assert pbx.face.courier.deliveries[0].status == status


def test_a_receiver_that_is_not_there(register, pbx, receiver, exchange):
    register(DIAL_IN)
    receiver.refuse()
    exchange.ring(ANNA, "1001")
    assert pbx.face.courier.settled()
    (delivery,) = pbx.face.courier.deliveries
    assert (delivery.status, delivery.arrived) == (None, False)
    assert "ConnectionRefusedError" in delivery.error
    receiver.listen()
    exchange.ring(ANNA, "1001")
    assert pbx.face.courier.settled()
    assert (pbx.face.courier.delivered, pbx.face.courier.failed) == (1, 1)


def test_a_receiver_that_says_nothing_in_time(register, pbx, receiver, exchange):
    pbx.switches.event_timeout_seconds = 0.05
    receiver.gate = Event()
    register(DIAL_IN)
    exchange.ring(ANNA, "1001")
    assert pbx.face.courier.settled()
    receiver.gate.set()
    assert "TimeoutError" in pbx.face.courier.deliveries[0].error


def test_a_slow_receiver_holds_nobody_up(register, pbx, receiver, client, exchange):
    receiver.gate = Event()
    register(DIAL_IN)
    for _ in range(3):
        exchange.ring(ANNA, "1001")
    assert len(client.calls()) == 3  # the exchange goes on meanwhile
    assert not pbx.face.courier.settled(0)
    receiver.gate.set()
    assert pbx.face.courier.settled()
    assert len(receiver.got) == 3


def test_stopping_ends_the_courier(exchange, receiver):
    from simulator.server import SimulatorServer
    from tests.simulator.voipnow.client import KEY, SECRET, Client

    with SimulatorServer(exchange, "voipnow", username=KEY, password=SECRET) as pbx:
        with Client(pbx) as client:
            body = {"type": "0", "method": "0", "url": receiver.url}
            client.log_in().events("POST", "", body)
        exchange.ring(ANNA, "1001")
        assert pbx.face.courier.settled()
        thread = pbx.face.courier._thread
        assert thread.is_alive()
    assert not thread.is_alive()
    exchange.ring(ANNA, "1001")  # after its end nothing is sent
    assert pbx.face.courier.lost == 1


def test_clearing_forgets_what_was_delivered(register, arrived, pbx, exchange):
    register(DIAL_IN)
    exchange.ring(ANNA, "1001")
    arrived()
    pbx.clear()
    assert pbx.face.tell()["events"]["delivered"] == 0
    exchange.ring(ANNA, "1001")
    assert len(arrived()) == 1


# ----- switches


@pytest.mark.parametrize(("method", "sent"), [("GET", "1"), ("POST", "0")])
def test_event_method(register, pbx, receiver, exchange, method, sent):
    pbx.switches.event_method = method
    register(DIAL_IN, method=sent)
    exchange.ring(ANNA, "1001")
    assert pbx.face.courier.settled()
    assert receiver.got[0].method == method


def test_event_order_swapped(register, arrived, pbx, exchange, monkeypatch):
    pbx.switches.event_order = "swapped"
    monkeypatch.setattr(courier, "SWAP_SECONDS", 10)
    register(*"023")
    call_id = exchange.ring(ANNA, "1001")
    exchange.answer(call_id)
    assert [kind for kind, *_ in arrived()] == [ANSWER_IN, DIAL_IN]
    monkeypatch.setattr(courier, "SWAP_SECONDS", 0.01)
    exchange.hangup(call_id)
    assert [kind for kind, *_ in arrived()] == [HANGUP]  # alone it goes after a while


@pytest.mark.parametrize(
    ("copies", "count", "lost"),
    [("one", 4, 0), ("two", 8, 0), ("none", 0, 4), ("every-second", 2, 2)],
)
def test_event_copies(register, arrived, pbx, exchange, copies, count, lost):
    pbx.switches.event_copies = copies
    register(DIAL_IN)
    for _ in range(4):
        exchange.ring(ANNA, "1001")
    assert len(arrived()) == count
    assert pbx.face.courier.lost == lost


def test_event_api_id_off(register, pbx, receiver, exchange):
    pbx.switches.event_api_id = False
    register(DIAL_IN)
    exchange.ring(ANNA, "1001")
    assert pbx.face.courier.settled()
    assert "CallAPIID" not in receiver.got[0].query


def test_event_flow_lower(register, arrived, pbx, exchange):
    pbx.switches.event_flow = "lower"
    register(DIAL_IN)
    exchange.ring(ANNA, "1001")
    assert arrived() == [(DIAL_IN, "CALLING", "in")]


def test_event_delay(register, pbx, receiver, exchange):
    pbx.switches.event_delay_seconds = 60
    register(DIAL_IN)
    exchange.ring(ANNA, "1001")
    assert not pbx.face.courier.settled(0)
    assert receiver.got == []  # and leaving the PBX ends the wait
