"""Switches of how values are written."""

from __future__ import annotations

import pytest

from tests.simulator.conftest import ANNA


@pytest.fixture
def call(exchange) -> str:
    return exchange.ring(ANNA, "1001", "Anna")


@pytest.mark.parametrize(
    ("form", "call_extension", "view_extension", "destination"),
    [
        ("extended", "0003*1001", "0003*1001", ["0003*1001"]),
        ("short", "1001", "1001", ["1001"]),
        ("mixed", "0003*1001", "1001", ["1001"]),
    ],
)
def test_extension_form(client, pbx, call, form, call_extension, view_extension, destination):
    pbx.switches.extension_form = form
    said = client.call(call)
    (view,) = said["phoneCallView"]
    assert said["extension"] == call_extension
    assert (view["extension"], view["destination"]) == (view_extension, destination)


def test_a_link_is_extended_always(client, pbx, call):
    pbx.switches.extension_form = "short"
    assert "/0003*1001/" in client.call(call)["link"]["self"]


def test_extension_prefix(client, pbx, call):
    pbx.switches.extension_prefix = "0042"
    assert client.call(call)["extension"] == "0042*1001"
    assert client.list("0042*1001").status == 200
    assert client.list("0003*1001").code == (400, "extension_invalid")


def test_public_plus(client, pbx, call):
    pbx.switches.public_plus = False
    (view,) = client.views(call)
    assert view["source"] == [ANNA.removeprefix("+")]
    assert view["callerId"] == f"Anna <{ANNA.removeprefix('+')}>"


@pytest.mark.parametrize(
    ("kind", "status", "total"),
    [("samples", "3", 1), ("number", 3, 1), ("string", "3", "1")],
)
def test_number_type(client, pbx, call, kind, status, total):
    pbx.switches.number_type = kind
    said = client.list().json
    assert said["entry"][0]["phoneCallView"][0]["status"] == status
    assert said["totalResults"] == total
    assert type(said["startIndex"]) is type(total)


def test_id_type(client, pbx, exchange, call):
    pbx.switches.id_type = "number"
    other = exchange.ring(ANNA, "1003")
    numbers = [said["id"] for said in client.calls()]
    assert numbers == [444_444, 444_445]
    assert client.call("444445")["phoneCallView"][0]["destination"] == ["0003*1003"]
    assert client.delete("@self", "444445").json[0]["id"] == 444_445
    assert not exchange.call(other).live
    assert client.call(call)["id"] == 444_444  # the other form is understood


@pytest.mark.parametrize(
    ("key", "listed", "created"),
    [("samples", "link", "links"), ("link", "link", "link"), ("links", "links", "links")],
)
def test_link_key(client, pbx, call, key, listed, created):
    pbx.switches.link_key = key
    assert listed in client.call(call)
    assert created in client.create("1003", "1002").json[0]


def test_link_double_slash(client, pbx, call):
    pbx.switches.link_double_slash = False
    address = client.call(call)["link"]["self"]
    assert address == f"http://127.0.0.1:{pbx.port}/uapi/phoneCalls/@me/0003*1001/{call}"


def test_caller_id_key(client, pbx, call):
    pbx.switches.caller_id_key = "callerID"
    (view,) = client.views(call)
    assert "callerId" not in view
    assert view["callerID"] == f"Anna <{ANNA}>"


def test_dates_mix_offsets(client, exchange, call):
    exchange.answer(call)
    said = client.call(call)
    assert said["answered"] == "2013-07-01T11:49:07+03:00"
    assert said["published"] == "2013-07-01T10:49:07+02:00"


def test_dates_in_utc(client, pbx, exchange, call):
    pbx.switches.dates = "utc"
    assert client.call(call)["published"] == "2013-07-01T08:49:07Z"


def test_null_fields_are_left_out(client, call):
    said = client.call(call)
    assert {"answered", "nonce"} & set(said) == set()
    assert None not in said["phoneCallView"][0].values()


def test_names_travel_in_utf_8(client, exchange):
    call_id = exchange.ring(ANNA, "1001", "Őry & Fia <Kft.>")
    assert client.views(call_id)[0]["callerId"] == "Őry & Fia <Kft.>"
