"""What was done last is always in sight, also without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.rows import listed, sent
from tests.stage import CALLER
from transfers.services import contacts

SIZES = [(1280, 720), (1366, 768), (1280, 500), (1000, 800), (400, 800)]


@pytest.fixture
def favourites(ana, head_office) -> None:
    """As many as cut the receipts off, when these came below them."""
    listed("Carol Weiss", "1003", on=head_office)
    for n in range(9):
        contacts.mark(ana, listed(f"Person {n}", f"20{n}", on=head_office), True)


def last(page: Page):
    return page.get_by_role("region", name="Your last actions").get_by_role("listitem").first


@pytest.mark.parametrize(("width", "height"), SIZES, ids=[f"{w}x{h}" for w, h in SIZES])
def test_the_receipt_is_in_sight_wherever_the_calls_are_scrolled_to(
    new_page, login, exchange, favourites, width, height, axe
):
    page = new_page(viewport={"width": width, "height": height})
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    for n in range(12):
        exchange.ring(f"+44207946{n:04}", "1002", f"Caller {n}")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(13)
    page.keyboard.press("f")
    page.keyboard.type("1003")
    expect(page.locator(".plan")).to_contain_text("1003 Carol Weiss")
    page.keyboard.press("Enter")
    expect(last(page)).to_contain_text("Kovács Júlia → Carol Weiss")
    expect(last(page)).to_be_in_viewport(ratio=1)
    axe(page)
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".call").last).to_be_focused()
    expect(page.locator(".call").last).to_be_in_viewport(ratio=0.5)
    expect(last(page)).to_be_in_viewport(ratio=1)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_alert_is_dismissed_without_scripts(new_page, login, ana, head_office):
    sent(ana, head_office, state="missed", observed="1003 rang 20 s.")
    page = new_page(java_script_enabled=False)
    login(page, "ana")
    expect(page.get_by_text("did not reach Carol Weiss.").last).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("heading", name="Your calls")).to_be_visible()
    expect(page.locator(".astray")).to_have_count(0)
