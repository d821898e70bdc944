"""The Bayeux face driven by the official CometD client, under node."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from simulator.server import SimulatorServer
from tests.node import installed
from tests.simulator.conftest import ANNA

HERE = Path(__file__).parent / "js"
SECONDS = 60


@pytest.fixture(scope="session")
def script() -> Path:
    """The script beside the packages it needs, installed once per lock file."""
    return installed(HERE, "The official client of CometD") / "drive.js"


class Client:
    """One node process with one CometD client in it."""

    def __init__(self, script: Path, pbx: SimulatorServer, login: str, **options: object) -> None:
        basic = base64.b64encode(f"{login}:pw".encode()).decode()
        url = f"{pbx.url}/notifications"
        self.process = subprocess.Popen(  # noqa: S603
            ["node", str(script), url, f"Basic {basic}", json.dumps(options)],  # noqa: S607
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"NO_PROXY": "127.0.0.1"},
        )
        self._told: Queue[tuple[str, Any]] = Queue()
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("["):
                what, message = json.loads(line)
                self._told.put((what, message))

    def order(self, *words: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def until(self, what: str, fits: Callable[[Any], bool] = bool) -> Any:
        """The next message of a kind that fits."""
        while True:
            kind, message = self._told.get(timeout=SECONDS)
            if kind == what and fits(message):
                return message

    def ready(self, *channels: str) -> Client:
        self.order("handshake")
        assert self.until("handshake")["successful"]
        self.until("connect")
        self.order("batch", *(channels or ("/v2/me/calls", "/v2/me/devices")))
        for _ in channels or (1, 2):
            assert self.until("subscribe")["successful"]
        return self

    def next_state(self) -> str:
        event = self.until("event", lambda message: message["data"]["call"]["id"] != "STRAY")
        state: str = event["data"]["call"]["state"]
        return state

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start(script: Path, pbx: SimulatorServer) -> Iterator[Callable[..., Client]]:
    clients: list[Client] = []

    def make(login: str = "ana", **options: object) -> Client:
        clients.append(Client(script, pbx, login, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.mark.parametrize("append", [True, False])
def test_it_hears_a_call_come_and_go(start, exchange, append):
    client = start(appendMessageTypeToURL=append).ready()
    call_id = exchange.ring(ANNA, "1001")
    assert client.next_state() == "Ringing"
    exchange.answer(call_id)
    assert client.next_state() == "Established"
    exchange.hangup(call_id)
    assert client.next_state() == "Released"


def test_it_hears_through_a_wildcard(start, exchange):
    client = start().ready("/v2/me/*")
    exchange.ring(ANNA, "1001")
    assert client.until("event")["channel"] == "/v2/me/calls"


def test_it_polls_on_when_nothing_happens(start, pbx, exchange):
    pbx.switches.hold_seconds = 0.1
    client = start().ready()
    for _ in range(3):
        assert client.until("connect")["successful"]
    exchange.ring(ANNA, "1001")
    assert client.next_state() == "Ringing"


def test_it_shakes_hands_again_when_its_session_is_gone(start, pbx, exchange):
    client = start().ready()
    pbx.face.forget_sessions()
    lost = client.until("connect", lambda message: not message["successful"])
    assert lost["advice"]["reconnect"] == "handshake"
    assert lost["error"] == "402::Unknown client"
    assert client.until("handshake")["successful"]
    client.until("subscribe")  # the script subscribes again
    client.until("subscribe")
    exchange.ring(ANNA, "1001")
    assert client.next_state() == "Ringing"


def test_it_survives_a_restart(start, pbx, exchange):
    client = start(backoffIncrement=10, maxBackoff=50).ready()
    pbx.refuse()
    client.until("connect", lambda message: not message["successful"])
    pbx.face.forget_sessions()
    pbx.listen()
    assert client.until("handshake", lambda message: message["successful"])
    client.until("subscribe")
    client.until("subscribe")
    exchange.ring(ANNA, "1001")
    assert client.next_state() == "Ringing"


def doom(pbx: SimulatorServer) -> None:
    """The poll that waits now will be cut without a reply."""
    pbx.faults.add("drop_after", command="/meta/connect", times=1)
    pbx.face.stray_event()  # ends the poll before it
    while pbx.faults.active():
        time.sleep(0.001)


def test_it_loses_an_event_with_a_lost_poll(start, pbx, exchange):
    client = start(backoffIncrement=10).ready()
    doom(pbx)
    call_id = exchange.ring(ANNA, "1001")
    client.until("connect", lambda message: not message["successful"])
    client.until("connect", lambda message: message["successful"])
    exchange.answer(call_id)
    assert client.next_state() == "Established"  # nobody told it of the ringing


def test_with_acknowledgements_it_loses_nothing(start, pbx, exchange):
    pbx.switches.ack = True
    client = start(backoffIncrement=10, ack=True).ready()
    doom(pbx)
    call_id = exchange.ring(ANNA, "1001")
    client.until("connect", lambda message: not message["successful"])
    exchange.answer(call_id)
    assert [client.next_state(), client.next_state()] == ["Ringing", "Established"]


def test_it_stops_hearing_what_it_unsubscribes(start, pbx, exchange):
    client = start().ready("/v2/me/calls")
    client.order("unsubscribe", "/v2/me/calls")
    assert client.until("unsubscribe")["successful"]
    assert pbx.face.listeners.all()[0].channels == set()


def test_it_leaves(start, pbx):
    client = start().ready()
    client.order("disconnect")
    assert client.until("disconnect")["successful"]
    assert client.process.wait(SECONDS) == 0
    assert pbx.face.listeners.all() == []


def test_it_is_refused_what_nobody_may_hear(start):
    client = start().ready()
    client.order("subscribe", "/secret")
    assert client.until("subscribe")["error"] == "403:/secret:Subscription denied"
