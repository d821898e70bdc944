"""Click-to-dial as it goes over the wire, and what is refused before anybody's phone rings."""

from __future__ import annotations

import pytest

from transfers.drivers.asterisk import targets
from transfers.errors import NotSupported, Refused


def sent(pbx) -> list:
    return [each.params for each in pbx.requests if each.command == "Originate"]


def test_as_it_goes_over_the_wire(driver, pbx):
    receipt = driver.dial("1001", "1003")
    (order,) = sent(pbx)
    assert order == {
        "action": "Originate",
        "Channel": "PJSIP/1001",
        "Context": "from-internal",
        "Exten": "1003",
        "Priority": "1",
        "Async": "true",
        "Timeout": "25000",
        "ChannelId": receipt.new_call_id,
        "Variable": "CONNECTEDLINE(num,i)=1003",
    }
    assert receipt.vendor_text == "Originate successfully queued"


def test_the_call_has_the_id_we_chose_and_is_as_old_as_it_says(driver, pbx):
    receipt = driver.dial("1001", "1003")
    (call,) = driver.list_calls()
    assert call.id == receipt.new_call_id
    assert call.started_at is not None
    assert driver.dial("1001", "1003").new_call_id != call.id


def test_her_phone_rings_for_so_long_and_the_pbx_ends_it(driver, pbx):
    call = driver.dial("1001", "1003").new_call_id
    assert [leg.patience for leg in pbx.exchange.call(call).ringing] == [25]


@pytest.mark.parametrize("number", ["1003,1", "7,42", "_X.", "-1003"])
def test_what_would_be_more_than_a_number_is_not_sent(driver, pbx, monkeypatch, number):
    monkeypatch.setattr(pbx.face.lists, "_application", lambda *_: "Dial")
    for extension, target in (("1001", number), (number, "1003")):
        with pytest.raises((NotSupported, Refused)):
            driver.dial(extension, target)
    assert sent(pbx) == []


def test_a_number_that_nobody_has_is_refused_before_her_phone_rings(driver, pbx):
    with pytest.raises(Refused, match="has no number 4711"):
        driver.dial("1001", "4711")
    assert sent(pbx) == []


def test_a_target_that_is_off_is_refused_unless_the_dial_plan_has_an_answer(build, driver, pbx):
    pbx.exchange.behave("1003", registered=False)
    with pytest.raises(Refused, match="The phone of 1003 is off: nobody would answer"):
        driver.dial("1001", "1003")
    assert sent(pbx) == []
    build(unregistered="send").dial("1001", "1003")
    assert len(sent(pbx)) == 1


@pytest.mark.parametrize("unregistered", ["refuse", "send"])
def test_her_own_phone_must_be_on(build, pbx, unregistered):
    pbx.exchange.behave("1001", registered=False)
    with pytest.raises(Refused, match="The phone of 1001 is off: it cannot call anybody"):
        build(unregistered=unregistered).dial("1001", "1003")
    assert sent(pbx) == []


def test_an_extension_without_a_phone_is_no_way_to_call(driver, pbx):
    with pytest.raises(Refused, match="does not tell which phone 4711 is"):
        driver.dial("4711", "1003")
    assert sent(pbx) == []


@pytest.mark.parametrize(
    ("hint", "phone"),
    [
        ("PJSIP/1001&Custom:DND1001,CustomPresence:1001", "PJSIP/1001"),
        ("Custom:DND1001&SIP/1001-desk&PJSIP/91001", "SIP/1001-desk"),
    ],
)
def test_of_a_hint_with_more_in_it_the_first_phone(driver, pbx, monkeypatch, hint, phone):
    fields = {"exten": "1001", "hint": hint, "status": "0"}
    monkeypatch.setattr(pbx.face.lists, "_hint", lambda _: fields)
    assert targets.phone_of(driver.session, "from-internal", "1001") == phone


def test_of_several_phones_one_that_is_on(driver, pbx, monkeypatch):
    fields = {"exten": "1001", "hint": "PJSIP/1001&PJSIP/1003", "status": "0"}
    monkeypatch.setattr(pbx.face.lists, "_hint", lambda _: fields)
    pbx.exchange.behave("1001", registered=False)
    assert targets.phone_of(driver.session, "from-internal", "1001") == "PJSIP/1003"


def test_without_the_right_it_says_which(driver, pbx):
    pbx.switches.rights = "call,reporting"
    with pytest.raises(Refused, match="the right “originate”") as caught:
        driver.dial("1001", "1003")
    assert caught.value.vendor_text == "Permission denied"
    assert pbx.exchange.calls() == []
