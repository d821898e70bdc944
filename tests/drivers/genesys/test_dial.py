"""Click-to-dial from the agent's own device."""

from __future__ import annotations

import json

import pytest

from transfers.drivers.genesys import wire
from transfers.errors import NotSupported, Refused


def sent(pbx) -> list:
    return [json.loads(each.body) for each in pbx.requests if each.method == "POST"]


def test_as_it_goes_over_the_wire(build, pbx):
    build(location="Budapest").dial("1001", "1003")
    (order,) = [each for each in pbx.requests if each.method == "POST"]
    assert order.path.endswith("/calls")
    assert "/me/devices/" in order.path
    assert json.loads(order.body) == {
        "operationName": "Dial",
        "destination": {"phoneNumber": "1003"},
        "location": "Budapest",
    }


def test_only_from_a_phone_of_hers(driver, pbx):
    with pytest.raises(NotSupported, match="has no phone 1002"):
        driver.dial("1002", "1003")
    assert sent(pbx) == []


def test_of_two_phones_the_one_that_was_named(driver, pbx, monkeypatch):
    (one,) = driver.session.ask("/me/devices", fields="*").data["devices"]
    both = {"statusCode": 0, "devices": [one, {**one, "id": "other", "phoneNumber": "2001"}]}
    monkeypatch.setattr(driver.session, "ask", lambda *_, **__: wire.answer_in(both))
    driver.dial("1001", "1003")
    assert next(each.path for each in pbx.requests if each.method == "POST").endswith(
        f"/me/devices/{one['id']}/calls"
    )
    with pytest.raises(Refused):  # there is no such device in truth: it was named all the same
        driver.dial("2001", "1003")
