"""Standing forwards where the PBX knows none: the console sends on what it sees ring."""

from __future__ import annotations

from playwright.sync_api import Page, expect

import tests.browser.offices as offices
from tests.browser.hands import press, tab_to
from tests.browser.offices import FACES, SOON, Desk

board, desks, exchange = offices.board, offices.desks, offices.exchange


def set_at(board: Page, desk: Desk) -> None:
    """Calls for 500 go to 1003."""
    tab_to(board, board.get_by_role("button", name="Send calls elsewhere"))
    press(board, "Enter")
    dialog = board.get_by_role("dialog")
    expect(dialog.get_by_role("combobox", name="Calls for")).to_be_focused()
    press(board, "Shift+Tab")
    pbx = dialog.get_by_label("PBX")
    expect(pbx).to_be_focused()
    for _ in FACES:  # a name would have to be typed in one go
        if pbx.input_value() != str(desk.connection.pk):
            press(board, "ArrowDown")
    expect(pbx).to_have_value(str(desk.connection.pk))
    press(board, "Tab")
    board.keyboard.type("500")
    press(board, "Tab")
    board.keyboard.type("1003")
    press(board, "Enter")
    expect(dialog).to_be_hidden()


def test_calls_for_the_boss_are_sent_on_as_they_ring(board, desks):
    asked = [desks["voipnow"], desks["asterisk"]]
    for desk in asked:
        desk.exchange.add("500", "The Boss", answers_after=None)
        set_at(board, desk)
    for desk in asked:
        row = board.locator(".forwards li", has_text=desk.connection.name)
        expect(row).to_contain_text("not used yet")
        desk.ring("500")
        expect(row).to_contain_text("1 call sent on, 1 seen to arrive", timeout=SOON)
        (call,) = (call for call in desk.exchange.calls() if call.live)
        assert call.callee == "1003"
