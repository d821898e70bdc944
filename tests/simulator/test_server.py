from __future__ import annotations

import http.client
import socket
import threading

import pytest

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.simulator.client import Client
from tests.simulator.conftest import ANNA


def converse(pbx: SimulatorServer, text: bytes) -> bytes:
    """Send raw bytes, half-close, and read all that comes back."""
    with socket.create_connection((pbx.host, pbx.port), timeout=10) as plain:
        plain.sendall(text)
        plain.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: plain.recv(65_536), b""))


def test_urls(gen1, gen2):
    assert gen1.url == f"http://127.0.0.1:{gen1.port}/"
    assert gen2.url == f"http://127.0.0.1:{gen2.port}/api"


def test_one_connection_carries_many_requests(client, pbx):
    client.raw("ListActiveCalls")
    first = client.http.sock
    client.raw("ListActiveCalls")
    assert client.http.sock is first


def test_requests_are_remembered_with_where_secrets_travelled(gen2):
    with Client(gen2) as client:
        client.raw("hold", CallId="zz")
        client.post("/api", {"command": "Hold", "Password": "p"}).read()
    got, posted = gen2.requests
    assert (got.method, got.path, got.command) == ("GET", "/api", "Hold")
    assert (got.query["Password"], got.form) == ("se cret", {})
    assert (posted.query, posted.form["Password"]) == ({}, "p")
    assert posted.params == {"command": "Hold", "Password": "p"}
    assert "Host" in posted.headers


def test_counting_and_clearing(client, pbx, exchange):
    exchange.ring(ANNA, "1001")
    client.raw("ListActiveCalls")
    client.raw("listactivecalls")
    client.raw("Hold")
    assert (pbx.count("ListActiveCalls"), pbx.count("Hold"), pbx.count()) == (2, 1, 3)
    pbx.faults.add("not_xml")
    pbx.clear()
    assert client.calls() == []
    assert pbx.count() == 1
    assert exchange.extensions()


def test_memory_of_requests_is_bounded(gen1, monkeypatch):
    monkeypatch.setattr("simulator.server.MOST_REQUESTS", 4)
    with Client(gen1) as client:
        for _ in range(9):
            client.raw("ListActiveCalls")
    assert 2 <= len(gen1.requests) <= 4


def test_down_and_back_on_the_same_port(client, pbx):
    client.raw("ListActiveCalls")
    port = pbx.port
    for _ in range(3):
        pbx.refuse()
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            client.raw("ListActiveCalls")  # the open connection was cut
        client.http.close()
        with pytest.raises(ConnectionRefusedError):
            client.raw("ListActiveCalls")
        pbx.listen()
        client.http.close()
        assert client.calls() == []
        assert pbx.port == port


def test_refuse_and_listen_twice_are_harmless(client, pbx):
    pbx.refuse()
    pbx.refuse()
    pbx.listen()
    pbx.listen()
    assert client.calls() == []


def test_a_down_pbx_keeps_its_port_from_others(gen1):
    gen1.refuse()
    with SimulatorServer() as other:
        assert other.port != gen1.port


def test_stopping_leaves_no_thread_and_waits_for_no_client(exchange):
    before = set(threading.enumerate())
    with SimulatorServer(exchange) as pbx:
        pbx.faults.add("huge", command="ListActiveCalls")
        pbx.faults.add("delay", command="Hold", seconds=60)
        idle, greedy, patient = (Client(pbx) for _ in range(3))
        idle.raw("Unhold")
        greedy.response("ListActiveCalls").read(10)
        patient.http.request("GET", "/?command=Hold")
    assert set(threading.enumerate()) == before
    for client in (idle, greedy, patient):
        client.http.close()


def test_stopping_what_never_started():
    SimulatorServer().stop()


def test_http_1_0_is_answered_and_closed(gen1):
    reply = converse(gen1, b"GET /?command=ListActiveCalls HTTP/1.0\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: ")
    assert reply.endswith(b"</Response>")


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: x", b"Content-Length: 99999999", b"Transfer-Encoding: chunked"],
)
def test_bodies_of_no_readable_length(gen1, head):
    reply = converse(gen1, b"POST / HTTP/1.1\r\n" + head + b"\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 400 ")


def test_names_travel_in_utf_8(gen1, exchange):
    exchange.add("Őry")
    with Client(gen1) as client:
        call_id = exchange.ring(ANNA, "1001")
        assert client.do("Forward", CallId=call_id, Destination="Őry")[0] == 200
        assert client.calls()[0]["Destination"] == "Őry"


def test_many_clients_at_once(gen2, exchange):
    ids = [exchange.ring(ANNA, "1001") for _ in range(40)]
    codes: list[int] = []

    def work(mine: list[str]) -> None:
        with Client(gen2) as client:
            codes.extend(client.do("Hangup", CallId=call_id)[0] for call_id in mine)

    threads = [threading.Thread(target=work, args=(ids[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 40


def test_only_one_of_two_transfers_of_a_call_wins(gen1, exchange):
    call_id = exchange.ring(ANNA, "1001")
    exchange.answer(call_id)
    codes: list[int] = []

    def work() -> None:
        with Client(gen1) as client:
            params = {"CallId": call_id, "TransferorParty": "callee", "Target": "1003"}
            codes.append(client.do("BlindTransfer", **params)[0])

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [303] * 5


def test_a_broken_simulator_says_so(gen1, monkeypatch, caplog):
    monkeypatch.setattr(Exchange, "calls", lambda _: 1 / 0)
    with Client(gen1) as client:
        response = client.response("ListActiveCalls")
    assert response.status == 500
    assert "ZeroDivisionError" in caplog.text


def test_a_face_must_exist():
    with pytest.raises(ValueError, match="no face 'morse'; there are ozeki-gen1, ozeki-gen2"):
        SimulatorServer(face="morse")


def test_generation_2_must_have_a_login():
    with pytest.raises(ValueError, match="always asks for a login"):
        SimulatorServer(face="ozeki-gen2")
