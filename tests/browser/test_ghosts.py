"""A call that its PBX lists on and does not end: set aside, folded away, and back when it moves."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.conftest import SOON
from tests.stage import CALLER
from transfers.services import observe


def test_aside_out_of_the_way_and_back(page, login, exchange, pbx, monkeypatch, axe):
    monkeypatch.setattr(observe, "NO_EFFECT_AFTER", timedelta(seconds=1))
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    exchange.answer(call)
    exchange.hold(call)
    login(page, "ana")
    row = page.locator("#rows-mine .call")
    expect(row).to_have_count(1)
    pbx.switches.effect_delay_seconds = 10_000
    row.focus()
    page.keyboard.press("x")
    page.get_by_role("dialog").get_by_role("button", name="Hang up").click()
    ask = page.get_by_role("button", name="Set aside: Kovács Júlia → 1001")
    expect(ask).to_be_visible(timeout=SOON)
    axe(page)

    row.focus()
    page.keyboard.press("z")
    fold = page.locator("#section-aside summary")
    expect(fold).to_have_text("Set aside 1", timeout=SOON)
    expect(row).to_have_count(0)
    aside = page.locator("#rows-aside .call")
    expect(aside).to_be_hidden()
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#main")).to_be_focused()  # no key reaches what is folded away
    page.reload()
    fold.focus()
    page.keyboard.press("Enter")
    expect(aside).to_contain_text("You set it aside at")
    axe(page)

    exchange.ring("+4420794600", "1002")
    expect(page.locator("#rows-ringing .call")).to_have_count(1, timeout=SOON)
    expect(aside).to_be_visible()  # it stays open while others come and go
    wake = "document.getElementById('seen').value = 'old'; dispatchEvent(new Event('online'))"
    with page.expect_response(lambda response: response.url.endswith("seen=old")):
        page.evaluate(wake)
    expect(page.locator("#seen")).not_to_have_value("old")  # all of it was read anew
    expect(aside).to_be_visible()
    aside.focus()
    page.keyboard.press("z")
    expect(row).to_have_count(1, timeout=SOON)
    row.focus()
    page.keyboard.press("z")
    expect(fold).to_have_text("Set aside 1", timeout=SOON)
    exchange.retrieve(call)
    expect(row).to_contain_text("Talking", timeout=SOON)
    expect(page.locator("#section-aside")).to_be_hidden()
