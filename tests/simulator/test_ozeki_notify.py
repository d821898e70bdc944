"""Notifications of the Ozeki face: their bytes, when they are sent, and that OzML is obeyed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Thread
from urllib.parse import parse_qsl

import pytest

from simulator.calls import Ending, State
from simulator.ozeki.notify import message
from simulator.web import Reply, Request, WebServer
from tests.simulator.conftest import ANNA


class Application(WebServer):
    """A web application that answers with `says`: everything, or only of calls for a number."""

    says = b"<Response></Response>"
    number = ""
    status = 200

    def __init__(self) -> None:
        super().__init__()
        self.got: list[dict[str, str]] = []

    def respond(self, request: Request) -> Reply:
        self.got.append(dict(request.form))
        meant = self.number in ("", request.form.get("Destination"))
        return Reply(self.says if meant else b"", self.status, "application/xml")


@pytest.fixture
def application() -> Iterator[Application]:
    with Application() as running:
        yield running


@pytest.fixture
def told(pbx, application):
    """A PBX that tells every change to the application."""
    pbx.switches.call_changed_url = f"{application.url}changed"
    return pbx


@pytest.fixture
def asking(pbx, application):
    """A PBX that asks the application where each call goes."""
    pbx.switches.route_url = f"{application.url}route"
    return pbx


def states(application: Application) -> list[str]:
    return [fields.get("CallState", "") for fields in application.got]


def deliveries(pbx):
    assert pbx.face.notifier.settled()
    return list(pbx.face.notifier.deliveries)


# The bytes.


def test_the_request_is_the_vendor_s_sample():
    fields = {
        "NotificationName": "RoutingInterception",
        "CallerID": "1000",
        "OriginalDialedNumber": "1001",
        "LastDialedNumber": "1001",
        "LastCalledExtension": "1001",
        "LastCallState": "Calling",
        "CallerExtension": "1000",
    }
    sent = message("http://localhost/ozml_example/routing_interception.php", fields).decode()
    assert sent.startswith(
        "POST /ozml_example/routing_interception.php HTTP/1.0\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        "Host: localhost\r\n"
        "Cache-Control: no-store,no-cache\r\n"
        "Pragma: no-cache\r\n"
        "Content-Length: 166\r\n"
        "\r\n"
        "NotificationName=RoutingIntercept"
    )


def test_on_the_wire_it_is_that_request(exchange, pbx):
    """A listener that only takes down what comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        got: list[bytes] = []

        def take_down() -> None:
            with listener.accept()[0] as connection:
                got.append(connection.recv(65_536))
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n<Response></Response>")

        thread = Thread(target=take_down)
        thread.start()
        pbx.switches.route_url = f"http://127.0.0.1:{listener.getsockname()[1]}/route?a=1"
        exchange.ring("1002", "1001")
        thread.join(30)
        assert pbx.face.notifier.settled()
    head, _, body = got[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /route?a=1 HTTP/1.0\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert body.decode() == (
        "NotificationName=RoutingInterception&CallerID=1002&OriginalDialedNumber=1001"
        "&LastDialedNumber=1001&LastCalledExtension=1001&LastCallState=Calling&CallerExtension=1002"
    )


# CallChanged.


def test_every_state_is_told_in_order(exchange, told, application):
    call = exchange.ring(ANNA, "1001", "Kovács Anna")
    exchange.answer(call)
    exchange.hold(call)
    exchange.retrieve(call)
    exchange.hangup(call)
    deliveries(told)
    assert states(application) == ["Ringing", "Answered", "InCall", "Hold", "InCall", "Completed"]
    first = application.got[0]
    assert next(iter(first)) == "NotificationName"
    assert (first["CallId"], first["Source"], first["Destination"]) == (call, ANNA, "1001")
    assert first["CallerId"] == "Kovács Anna"


def test_nothing_is_told_without_an_address(exchange, pbx):
    exchange.ring(ANNA, "1001")
    assert deliveries(pbx) == []


def test_forward_is_obeyed_under_the_generation_s_own_name(exchange, told, application):
    application.number = "1001"
    own, other = ("Forward", "ForwardCall")[:: 1 if told.face.generation == 1 else -1]
    application.says = f'<response><{other} Destination="1003"/></response>'.encode()
    call = exchange.ring(ANNA, "1001")
    assert deliveries(told)[0].done == (f"{other.lower()}: 301",)
    assert exchange.call(call).callee == "1001"
    application.says = f'<Response><{own.upper()} destination="1003"/></Response>'.encode()
    exchange.hangup(call)
    call = exchange.ring(ANNA, "1001")
    deliveries(told)
    assert exchange.call(call).callee == "1003"


@pytest.mark.parametrize(
    ("ozml", "state"),
    [
        ("<Hangup></Hangup>", State.ENDED),
        ("<Hold/>", State.HELD),
        ('<BlindTransfer TransferorParty="callee" Target="1003"/>', State.ENDED),
        ('<BlindTransfer TransferorParty="callee">1003</BlindTransfer>', State.ENDED),
        ("", State.TALKING),
        ("<Nonsense/>", State.TALKING),
    ],
)
def test_commands_on_the_call_itself(exchange, told, application, ozml, state):
    call = exchange.ring(ANNA, "1001")
    deliveries(told)
    application.says = f"<Response>{ozml}</Response>".encode()
    exchange.answer(call)
    deliveries(told)
    assert exchange.call(call).state is state


def test_a_command_may_name_another_call(exchange, told, application):
    other = exchange.ring(ANNA, "1003")
    deliveries(told)
    application.says = f'<Response><Hangup CallId="{other}"/></Response>'.encode()
    call = exchange.ring("+36209998877", "1001")
    deliveries(told)
    assert exchange.call(call).state is State.RINGING
    assert exchange.call(other).state is State.ENDED


@pytest.mark.parametrize("answer", [b"", b"no xml", b"<Response><Hangup></Response>"])
def test_an_answer_that_is_no_ozml_does_nothing(exchange, told, application, answer):
    application.says = answer
    call = exchange.ring(ANNA, "1001")
    assert deliveries(told)[0].done == ()
    assert exchange.call(call).state is State.RINGING


def test_an_answer_with_an_error_status_is_not_obeyed(exchange, told, application):
    application.status, application.says = 500, b"<Response><Hangup/></Response>"
    call = exchange.ring(ANNA, "1001")
    assert deliveries(told)[0].status == 500
    assert exchange.call(call).state is State.RINGING
    assert told.face.tell()["notifications"] == {"delivered": 0, "failed": 1}


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "https://127.0.0.1:9/", "nonsense"])
def test_nobody_there(exchange, told, url):
    told.switches.call_changed_url = url
    call = exchange.ring(ANNA, "1001")
    assert deliveries(told)[0].status is None
    assert deliveries(told)[0].error
    assert exchange.call(call).state is State.RINGING


# RoutingInterception.


def test_a_call_is_routed_before_any_phone_rings(exchange, asking, application):
    seen: list[tuple[str, State]] = []
    exchange.subscribe(lambda call: seen.append((call.callee, call.state)))
    application.says = b'<Response><Route RingTime="30" Destination="1003"/></Response>'
    call = exchange.ring(ANNA, "1001")
    deliveries(asking)
    assert exchange.call(call).callee == "1003"
    assert exchange.call(call).dialed == "1001"
    assert ("1001", State.RINGING) not in seen
    assert seen[-1] == ("1003", State.RINGING)


def test_without_a_route_it_rings_where_it_was_dialled(exchange, asking, application):
    call = exchange.ring(ANNA, "1001")
    assert exchange.call(call).state is State.SETUP
    deliveries(asking)
    assert (exchange.call(call).callee, exchange.call(call).state) == ("1001", State.RINGING)


def test_an_empty_destination_rejects_it(exchange, asking, application):
    application.says = b'<Response><Route Destination=""/></Response>'
    call = exchange.ring(ANNA, "1001")
    deliveries(asking)
    assert exchange.call(call).ending is Ending.BUSY


def test_without_an_answer_it_rings_after_the_time_is_up(exchange, asking, clock):
    asking.switches.route_url = "http://127.0.0.1:9/"
    call = exchange.ring(ANNA, "1001")
    deliveries(asking)
    assert exchange.call(call).state is State.RINGING
    assert asking.face.notifier.failed == 1


def test_a_phone_that_did_not_take_it_is_told_too(exchange, asking, application):
    exchange.ring(ANNA, "1007")
    deliveries(asking)
    assert [fields["LastCallState"] for fields in application.got] == ["Calling", "Busy"]


def test_clear_forgets_what_was_told(exchange, told):
    exchange.ring(ANNA, "1001")
    assert deliveries(told)
    told.clear()
    assert deliveries(told) == []


def test_the_fields_can_be_read_back(exchange, told, application):
    """Non-ASCII goes as UTF-8."""
    exchange.ring(ANNA, "1001", "Ődön & fia")
    deliveries(told)
    body = message("http://x/", application.got[0]).partition(b"\r\n\r\n")[2].decode()
    assert dict(parse_qsl(body, keep_blank_values=True))["CallerId"] == "Ődön & fia"
