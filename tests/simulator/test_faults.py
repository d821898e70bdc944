"""Each fault over a real socket, and whether the command took effect."""

from __future__ import annotations

import http.client
import socket
from threading import Event
from xml.etree import ElementTree

import pytest

from simulator.exchange import Exchange
from simulator.faults import AFTER, BEFORE, KINDS, Fault, Faults, spoilt
from simulator.server import SimulatorServer
from simulator.web import Reply
from tests.simulator.client import Client, parsed
from tests.simulator.conftest import ANNA

OK = (200, "Command successfully executed")


@pytest.fixture
def call_id(exchange: Exchange) -> str:
    call_id = exchange.ring(ANNA, "1001", "Anna")
    exchange.answer(call_id)
    return call_id


def happened(exchange: Exchange, call_id: str) -> bool:
    return exchange.call(call_id).state == "held"


def attempt(client: Client, call_id: str) -> object:
    """Send a Hold and read whatever comes, but not for ever."""
    try:
        return client.response("Hold", CallId=call_id).read(100_000)
    except (OSError, http.client.HTTPException) as error:
        return error


@pytest.mark.parametrize("kind", BEFORE)
def test_faults_before_the_command_leave_no_effect(client, pbx, exchange, call_id, kind):
    pbx.faults.add(kind)
    attempt(client, call_id)
    assert not happened(exchange, call_id)
    assert pbx.count("Hold") == 1


@pytest.mark.parametrize("kind", AFTER)
def test_faults_after_the_command_leave_its_effect(client, pbx, exchange, call_id, kind):
    pbx.faults.add(kind, seconds=0)
    attempt(client, call_id)
    assert happened(exchange, call_id)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_drop_cuts_the_connection_without_a_word(client, pbx, call_id, kind):
    pbx.faults.add(kind)
    assert isinstance(attempt(client, call_id), http.client.RemoteDisconnected)


@pytest.mark.parametrize(("kind", "status"), [("http_500", 500), ("status_401", 401)])
def test_http_errors_are_html_pages(client, pbx, call_id, kind, status):
    pbx.faults.add(kind)
    response = client.response("ListActiveCalls")
    assert response.status == status
    assert response.getheader("Content-Type").startswith("text/html")
    assert b"<html>" in response.read()


def test_redirect_leads_somewhere_on_the_same_pbx(client, pbx):
    pbx.faults.add("redirect")
    response = client.response("ListActiveCalls")
    assert response.status == 302
    where = f"http://127.0.0.1:{pbx.port}/redirected"
    assert response.getheader("Location") == where
    assert "cret" not in where


@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [
        ("auth_required", 304, "Authentication required"),
        ("wrong_login", 305, "Authentication failed, bad username or password"),
        ("forbidden_user", 306, "User is not allowed to use API in ACL"),
        ("forbidden_address", 307, "Use API from this address is forbidden"),
    ],
)
def test_refusals_in_the_vendors_words(client, pbx, kind, code, text):
    pbx.faults.add(kind)
    assert client.do("ListActiveCalls") == (code, text)


def test_truncated_claims_more_than_it_sends(client, pbx, call_id):
    pbx.faults.add("truncated", times=1)
    response = client.response("ListActiveCalls")
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    assert caught.value.partial.startswith(b"<?xml")
    assert caught.value.expected >= len(caught.value.partial)  # half of it is missing


def test_cut_xml_is_a_complete_reply_of_half_a_document(client, pbx, call_id):
    pbx.faults.add("cut_xml")
    body = client.raw("ListActiveCalls")
    assert body.startswith(b"<?xml")
    with pytest.raises(ElementTree.ParseError):
        parsed(body)


def test_wrong_content_type_is_a_good_body(client, pbx, call_id):
    pbx.faults.add("wrong_content_type")
    response = client.response("ListActiveCalls")
    assert response.getheader("Content-Type") == "text/html; charset=iso-8859-1"
    assert call_id.encode() in response.read()


def test_huge_has_no_end(client, pbx):
    pbx.faults.add("huge", times=1)
    response = client.response("ListActiveCalls")
    assert response.getheader("Content-Length") is None
    assert len(response.read(3_000_000)) == 3_000_000


def test_drip_comes_byte_by_byte():
    waited: list[float] = []
    reply = spoilt(Fault("drip", seconds=2), Reply(b"abc"), waited.append)
    assert (list(reply.body), waited) == ([b"a", b"b", b"c"], [2, 2, 2])
    assert reply.claimed_length == 3


def test_drip_is_a_good_reply_to_the_patient(client, pbx):
    pbx.faults.add("drip", seconds=0)
    assert client.do("ListActiveCalls") == OK


def test_not_xml(client, pbx):
    pbx.faults.add("not_xml")
    assert client.raw("ListActiveCalls") == b"Service is starting, please try again later"


def test_non_utf8_strikes_the_name(client, pbx, call_id):
    pbx.faults.add("non_utf8")
    assert b"<CallerId>\xe1\xff Anna</CallerId>" in client.raw("ListActiveCalls")
    with pytest.raises(UnicodeDecodeError):
        client.raw("Hangup", CallId=call_id).decode()


def test_doctype_is_an_entity_bomb(client, pbx):
    pbx.faults.add("doctype")
    body = client.raw("ListActiveCalls")
    assert b"<!DOCTYPE" in body
    assert b"<Code>200</Code>" in body


def test_bad_code_is_no_number(client, pbx):
    pbx.faults.add("bad_code")
    assert b"<Code>OK</Code>" in client.raw("ListActiveCalls")


def test_a_fault_of_one_command_and_one_time(client, pbx, exchange, call_id):
    pbx.faults.add("wrong_login", command="hold", times=1)
    assert client.do("ListActiveCalls") == OK
    assert client.do("Hold", CallId=call_id)[0] == 305
    assert client.do("Hold", CallId=call_id) == OK
    assert pbx.faults.active() == []


def test_faults_queue_up(client, pbx):
    pbx.faults.add("wrong_login", times=1)
    pbx.faults.add("forbidden_user", times=2)
    assert [client.do("ListActiveCalls")[0] for _ in range(4)] == [305, 306, 306, 200]


def test_delay_waits_and_goes_with_another_fault(client, pbx, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(pbx.stopping, "wait", waited.append)
    pbx.faults.add("delay", seconds=5, times=1)
    pbx.faults.add("wrong_login", times=1)
    assert client.do("ListActiveCalls")[0] == 305
    assert client.do("ListActiveCalls") == OK
    assert waited == [5]


def test_a_delayed_command_takes_effect_though_nobody_waits(exchange, call_id, monkeypatch):
    arrived = Event()
    with SimulatorServer(exchange) as pbx:
        take = pbx.faults.take
        monkeypatch.setattr(pbx.faults, "take", lambda name: arrived.set() or take(name))
        pbx.faults.add("delay", seconds=60)
        with socket.create_connection((pbx.host, pbx.port)) as impatient:
            impatient.sendall(f"GET /?command=Hold&CallId={call_id} HTTP/1.1\r\n\r\n".encode())
            assert arrived.wait(10)
        # leaving the PBX ends its wait, and what was asked is done
    assert happened(exchange, call_id)


@pytest.mark.parametrize("kind", KINDS)
def test_clear_ends_every_fault(client, pbx, kind):
    pbx.faults.add(kind, seconds=60)
    pbx.faults.clear()
    assert client.do("ListActiveCalls") == OK


def test_a_fault_must_exist():
    faults = Faults()
    with pytest.raises(ValueError, match="no fault 'flood'; there are delay, drop_before"):
        faults.add("flood")
    with pytest.raises(ValueError, match="1 or more"):
        faults.add("delay", times=0)
