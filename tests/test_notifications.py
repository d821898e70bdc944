"""The whole way over real sockets: a PBX notifies the running server and does what it answers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import uvicorn
from django.utils import timezone

from pbxadmin.asgi import application
from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.conftest import PBX_PASSWORD
from tests.stage import CALLER
from transfers.models import AuditEvent
from transfers.services import forwards, notifications
from transfers.standing import NotifyAddress

pytestmark = pytest.mark.django_db(transaction=True)
WAYS = ["route_url", "call_changed_url"]


@pytest.fixture
def server() -> Iterator[int]:
    """The port of the whole application, in a thread."""
    config = uvicorn.Config(application, port=0, lifespan="on", log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    thread.join(60)
    assert not thread.is_alive()


@pytest.fixture
def url(server, root, head_office) -> str:
    token = notifications.renew(root, head_office).token
    return f"http://127.0.0.1:{server}/notify/{token}/"


@pytest.fixture(params=["ozeki-gen1", "ozeki-gen2"])
def pbx(request, head_office) -> Iterator[SimulatorServer]:
    exchange = Exchange()
    for number in ("102", "500", "501"):
        exchange.add(number, answers_after=None)
    login = {"username": "console", "password": PBX_PASSWORD}
    with SimulatorServer(exchange, request.param, **login) as running:
        head_office.url = running.url
        head_office.save()
        running.switches.notify_timeout_seconds = 20
        yield running


@pytest.fixture
def forward(ana, head_office):
    return forwards.set_up(ana, head_office, "500", "102", timezone.now() + timedelta(hours=1))


def ring(pbx: SimulatorServer, number: str) -> str:
    """Where the phone rings in the end."""
    call = pbx.exchange.ring(CALLER, number)
    assert pbx.face.notifier.settled(30)
    callee: str = pbx.exchange.call(call).callee
    return callee


@pytest.mark.parametrize("way", WAYS)
def test_a_ringing_call_for_500_is_sent_to_102(pbx, url, forward, way):
    setattr(pbx.switches, way, url)
    assert ring(pbx, "500") == "102"
    assert ring(pbx, "501") == "501"
    forward.refresh_from_db()
    assert forward.used_count == 1
    assert AuditEvent.objects.filter(verb="forward.used").count() == 1
    assert pbx.face.notifier.failed == 0


@pytest.mark.parametrize("way", WAYS)
def test_after_its_end_calls_ring_where_they_were_dialled(pbx, url, forward, ana, way):
    setattr(pbx.switches, way, url)
    forwards.end(ana, forward)
    assert ring(pbx, "500") == "500"


def test_both_at_once_send_it_on_once(pbx, url, forward):
    for way in WAYS:
        setattr(pbx.switches, way, url)
    assert ring(pbx, "500") == "102"
    forward.refresh_from_db()
    assert forward.used_count == 1


def test_a_target_that_does_not_answer_is_tried_once(pbx, url, forward):
    pbx.switches.route_url = url
    pbx.exchange.behave("102", busy=True)
    pbx.exchange.ring(CALLER, "500")
    assert pbx.face.notifier.settled(30)
    asked = [delivery.fields["LastCallState"] for delivery in pbx.face.notifier.deliveries]
    assert asked == ["Calling", "Busy"]
    assert pbx.face.notifier.deliveries[1].done == ()


def test_an_old_address_moves_nothing(pbx, url, forward, root, head_office):
    pbx.switches.call_changed_url = url
    notifications.renew(root, head_office)
    assert ring(pbx, "500") == "500"
    assert pbx.face.notifier.deliveries[0].status == 404


def test_a_client_that_speaks_http_1_0_and_says_little(server, url):
    path = url.partition(str(server))[2]
    body = b"NotificationName=CallChanged&CallState=Ringing&Destination=500"
    with socket.create_connection(("127.0.0.1", server), timeout=20) as client:
        head = f"POST {path} HTTP/1.0\r\nContent-Length: {len(body)}\r\n"
        client.sendall(head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n")
        client.sendall(body)
        answer = b"".join(iter(lambda: client.recv(65_536), b""))  # until the server closes it
    assert b" 200 OK\r\n" in answer
    assert answer.endswith(b'<?xml version="1.0"?><Response></Response>')
    assert NotifyAddress.objects.get().last_kind == "CallChanged"
