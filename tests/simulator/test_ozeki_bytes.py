"""Every byte against the vendor's samples."""

from __future__ import annotations

import re

import pytest

from simulator.ozeki import Switches, wire
from tests.simulator.client import Client
from tests.simulator.conftest import ANNA, START

HEAD = (
    b'<?xml version="1.0"?>\r\n<Response xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\r\n'
)
DONE = HEAD + b"  <Code>200</Code>\r\n  <Message>Command successfully executed</Message>\r\n"


def lines(*parts: str) -> bytes:
    return "\r\n".join(parts).encode()


def test_the_vendors_reply_of_263_bytes(gen1):
    form = {"command": "Call", "dialed": "103", "apiextension": "9986"}
    with Client(gen1) as client:
        response = client.post("/", form)
        body = response.read()
    assert len(body) == 263
    assert body == HEAD + (
        b"  <Code>401</Code>\r\n  <Message>API extension '9986' unavailable, please check "
        b"configuration or permissions</Message>\r\n</Response>"
    )
    assert [name for name, _ in response.getheaders()] == [
        "Content-Length",
        "Content-Type",
        "Server",
        "Date",
    ]
    assert response.status == 200
    assert response.getheader("Content-Type") == "application/xml"
    assert response.getheader("Server") == "Microsoft-HTTPAPI/2.0"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", response.getheader("Date"))


def test_success_of_a_command(client, exchange):
    call_id = exchange.ring(ANNA, "1001")
    assert client.raw("Hangup", CallId=call_id) == DONE + b"</Response>"


def test_a_list_of_generation_1(gen1, exchange, clock):
    gen1.switches.timezone = "Europe/Budapest"
    call_id = exchange.ring("1000", "1001", "John Smith")
    clock.pass_(2.9)
    exchange.answer(call_id)
    clock.pass_(956.2)
    with Client(gen1) as client:
        body = client.raw("ListActiveCalls")
    assert body == DONE + lines(
        "  <ActiveCalls>",
        "    <CallInfo>",
        "      <CallState>InCall</CallState>",
        "      <CallId>id1</CallId>",
        "      <Source>1000</Source>",
        "      <CallerId>John Smith</CallerId>",
        "      <Destination>1001</Destination>",
        "      <StartTime>2013-07-01T10:49:07.9558+02:00</StartTime>",
        "      <RingDuration>2</RingDuration>",
        "      <TalkDuration>956</TalkDuration>",
        "    </CallInfo>",
        "  </ActiveCalls>",
        "</Response>",
    )


def test_a_list_of_generation_2(gen2, exchange, clock):
    gen2.switches.timezone = "Europe/Budapest"
    exchange.ring("103", "1001")
    clock.pass_(0.749)
    with Client(gen2) as client:
        body = client.raw("ListActiveCalls")
    assert body == DONE + lines(
        "  <ActiveCalls>",
        "    <Call>",
        "      <CallId>id1</CallId>",
        "      <Source>103</Source>",
        "      <CallerId>103</CallerId>",
        "      <Destination>1001</Destination>",
        "      <CallerDialed>1001</CallerDialed>",
        "      <CalleeDialed>1001</CalleeDialed>",
        "      <StartTime>2013-07-01 10:49:07</StartTime>",
        "      <RingDuration>0.749</RingDuration>",
        "      <TalkDuration>0.000</TalkDuration>",
        "      <CallState>Ringing</CallState>",
        "    </Call>",
        "  </ActiveCalls>",
        "</Response>",
    )


def test_extensions_of_generation_1(gen1):
    with Client(gen1) as client:
        body = client.raw("ListExtensions")
    first = lines(
        "  <Extensions>",
        "    <ExtensionSummary>",
        "      <Id>1001</Id>",
        "      <Type>SIP</Type>",
        "    </ExtensionSummary>",
    )
    assert body.startswith(DONE + first)
    assert b"Reception" not in body


def test_extensions_of_generation_2(gen2, exchange):
    exchange.add("102", kind="IVR extension")
    with Client(gen2) as client:
        body = client.raw("ListExtensions", Type="IVR extension")
    assert body == DONE + lines(
        "  <Extensions>",
        "    <ExtensionSummary>",
        "      <Id>102@localhost</Id>",
        "      <PhoneNumber>102</PhoneNumber>",
        "      <Type>IVR extension</Type>",
        "      <State>Connected</State>",
        "    </ExtensionSummary>",
        "  </Extensions>",
        "</Response>",
    )


def test_an_unregistered_extension_of_generation_2(gen2):
    with Client(gen2) as client:
        body = client.raw("ListExtensions", Type="Phone")
    assert body.count(b"<State>Disconnected</State>") == 1


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.0, "2013-07-01T08:49:07+00:00"),
        (0.5, "2013-07-01T08:49:07.5+00:00"),
        (0.12, "2013-07-01T08:49:07.12+00:00"),
        (0.123456, "2013-07-01T08:49:07.123456+00:00"),
    ],
)
def test_a_fraction_has_the_digits_it_needs(gen1, exchange, clock, fraction, text):
    clock.now = int(START) + fraction
    exchange.ring(ANNA, "1001")
    with Client(gen1) as client:
        assert client.calls()[0]["StartTime"] == text


def test_markup_and_strange_letters_in_names(client, exchange):
    exchange.ring(ANNA, "1001", "Őry & Fia <Kft.> \x0b 田中")
    body = client.raw("ListActiveCalls")
    assert "<CallerId>Őry &amp; Fia &lt;Kft.&gt; &#xB; 田中</CallerId>".encode() in body


def test_an_empty_text_is_an_empty_element():
    assert wire.element("CallerId", "", 3) == "      <CallerId />"


@pytest.mark.parametrize("code", wire.MESSAGES)
def test_every_message_can_be_made(code):
    assert "{" not in wire.message(code, ("one", "two"))
    assert "'" not in wire.message(code, ("one", "two"), quotes=False)


def test_a_zone_that_is_none():
    with pytest.raises(ValueError, match="no time zone 'Mars/North'"):
        wire.zone("Mars/North")


def test_the_zone_of_the_machine(exchange):
    exchange.ring(ANNA, "1001")
    switches = Switches(timezone="local")
    assert wire.call_item(exchange.calls()[0], 1, START, switches)
