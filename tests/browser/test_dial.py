"""Calling somebody from her own phone, at every PBX that can, with the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import tests.browser.offices as offices
from tests.browser.hands import choose
from tests.browser.offices import FACES, SOON, Desk, row_of
from tests.rows import listed
from transfers.domain import Action
from transfers.drivers.registry import driver_class
from transfers.models import Transfer
from transfers.phonebook import Favourite

board, desks, exchange = offices.board, offices.desks, offices.exchange
DIALLING = [face for face, vendor in FACES.items() if Action.DIAL in driver_class(vendor).features]


def choose_phone(board: Page, desk: Desk) -> None:
    """With the keyboard: from the number back to the phones, and along them."""
    phone = board.locator("#dialog .choice", has_text=desk.connection.name).get_by_role("radio")
    for _ in DIALLING:
        if phone.is_checked():
            return
        board.keyboard.press("Shift+Tab")
        with board.expect_response(lambda response: "/dial/?" in response.url):
            board.keyboard.press("ArrowDown")
        expect(board.locator("#id_target")).to_be_focused()
    expect(phone).to_be_checked()


@pytest.mark.parametrize("face", DIALLING)
def test_somebody_is_called_with_the_keyboard_alone(board, desks, face):
    desk = desks[face]
    board.keyboard.press("d")
    expect(board.locator("#id_target")).to_be_focused()
    choose_phone(board, desk)
    board.keyboard.type("1003")
    expect(board.locator("#dialog .plan")).to_contain_text("1003")
    board.keyboard.press("Enter")
    receipt = board.locator("#receipts .receipt").first
    expect(receipt).to_contain_text("Outgoing call")
    if not desk.alone:  # her own phone rings first
        expect(receipt).to_contain_text("1001 is ringing: answer it to call 1003.", timeout=SOON)
        expect(board.locator("#rows-mine .call")).to_contain_text("Rings first")
        (call,) = desk.exchange.calls()
        desk.exchange.answer(call.id, "1001")
    expect(receipt).to_contain_text("Connected", timeout=SOON)
    assert "answered" in receipt.inner_text()
    assert Transfer.objects.filter(kind="dial").count() == 1


def test_a_person_in_the_list_is_called_when_no_call_is_meant(board, desks):
    """Typed, marked, Enter; with a call chosen the same keys send that call, and Shift calls."""
    desk = desks["asterisk"]
    board.keyboard.press("/")
    board.keyboard.type("carol")
    expect(board.locator("#people [aria-selected=true]")).to_have_count(1)
    board.keyboard.press("Enter")
    expect(board.locator("#dialog-title")).to_have_text("Call somebody")
    expect(board.locator("#id_target")).to_have_value("1003")
    board.keyboard.press("Escape")
    _, caller = desk.talk()
    choose(board, row_of(board, caller))
    expect(board.locator("#people-for")).to_contain_text("Sends")
    board.keyboard.press("/")
    board.keyboard.type("carol")
    expect(board.locator("#people [aria-selected=true]")).to_have_count(1)
    board.keyboard.press("Enter")
    expect(board.locator("#dialog-title")).to_have_text("Transfer")
    board.keyboard.press("Escape")
    board.keyboard.press("/")
    board.keyboard.type("carol")
    expect(board.locator("#people [aria-selected=true]")).to_have_count(1)
    board.keyboard.press("Shift+Enter")
    expect(board.locator("#dialog-title")).to_have_text("Call somebody")
    assert not Transfer.objects.exists()


def test_with_several_calls_of_hers_it_is_a_call_that_must_be_chosen(board, desks, ana):
    """Whoever means to send one of them is not given a dialog that calls."""
    Favourite.objects.create(user=ana, contact=listed("Carol Weiss", "1003"))
    for _ in range(2):
        desks["asterisk"].ring()
    expect(board.locator("#rows-ringing-mine .call")).to_have_count(2, timeout=SOON)
    board.keyboard.press("1")
    expect(board.locator("#said")).to_have_text("Choose a call first.")
    desks["asterisk"].pbx.clear()
    expect(board.locator("#rows-ringing-mine .call")).to_have_count(0, timeout=SOON)
    board.keyboard.press("1")
    expect(board.locator("#dialog-title")).to_have_text("Call somebody")
    expect(board.locator("#id_target")).to_have_value("1003")


def test_a_refused_call_stays_in_the_dialog(board, desks, page_errors):
    page_errors.expect("409")
    board.keyboard.press("d")
    choose_phone(board, desks["asterisk"])
    board.keyboard.type("1999")
    board.keyboard.press("Enter")
    expect(board.locator("#dialog")).to_contain_text("The PBX has no number 1999", timeout=SOON)
    assert desks["asterisk"].exchange.calls() == []
