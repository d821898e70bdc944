"""The agent's own phone sends her calls on: ForwardCallsOn and ForwardCallsOff."""

from __future__ import annotations

import json

import pytest

from tests.drivers.contract import OUTSIDE
from transfers.domain import Phone
from transfers.drivers.genesys import wire
from transfers.errors import BadReply, NotSupported, OutcomeUnknown, Refused


def test_on_seen_and_off(driver, pbx):
    assert driver.phone() == Phone("1001")
    assert driver.forward_phone("1003").vendor_code == "0"
    assert driver.phone() == Phone("1001", "1003")
    assert driver.forward_phone("").vendor_code == "0"
    assert driver.phone() == Phone("1001")


def test_a_call_for_her_rings_at_the_target_meanwhile(driver, pbx):
    driver.forward_phone("1003")
    call = pbx.exchange.ring(OUTSIDE, "1001")
    assert (pbx.exchange.call(call).callee, driver.list_calls()) == ("1003", [])
    driver.forward_phone("")
    call = pbx.exchange.ring(OUTSIDE, "1001")
    assert (pbx.exchange.call(call).callee, len(driver.list_calls())) == ("1001", 1)


def test_as_it_goes_over_the_wire(driver, pbx):
    driver.forward_phone("1003")
    driver.forward_phone("")
    sent = [each for each in pbx.requests if "/me/devices/" in each.path]
    assert [json.loads(each.body) for each in sent] == [
        {"operationName": "ForwardCallsOn", "destination": "1003"},
        {"operationName": "ForwardCallsOff"},
    ]


def test_off_when_it_is_off_already_is_refused(driver):
    with pytest.raises(Refused) as refusal:
        driver.forward_phone("")
    assert refusal.value.sent


def test_what_cannot_be_dialled_is_not_sent(driver, pbx):
    with pytest.raises(NotSupported):
        driver.forward_phone("1;2")
    assert driver.phone() == Phone("1001")


def test_silence_is_unknown(driver, pbx):
    pbx.faults.add("drop_after", command="ForwardCallsOn")
    with pytest.raises(OutcomeUnknown):
        driver.forward_phone("1003")
    assert driver.phone() == Phone("1001", "1003")


@pytest.mark.parametrize("devices", [[], [{"id": "a"}, {"id": "b"}], "x", None])
def test_of_none_or_several_phones_it_is_not_known_which(driver, monkeypatch, devices):
    answer = wire.answer_in({"statusCode": 0, "devices": devices})
    monkeypatch.setattr(driver.session, "ask", lambda *_, **__: answer)
    with pytest.raises(NotSupported, match="phones, not one"):
        driver.phone()


def test_an_unreadable_answer_is_no_phone(driver, pbx):
    pbx.faults.add("cut_json", times=1)
    with pytest.raises(BadReply):
        driver.phone()


@pytest.mark.parametrize("to", [{}, {"forwardTo": ""}, {"forwardTo": None}, {"forwardTo": []}])
def test_what_a_device_says_that_does_not_forward(to):
    assert wire.phone({"phoneNumber": "1001"} | to) == Phone("1001")
