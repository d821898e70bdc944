"""Two receptionists at two computers: who sees what of the other, and who wins."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SOON
from tests.browser.test_switchboard import receipt, talk
from tests.conftest import person
from transfers.models import Seat, User

ATTEND, LEAVE = re.compile("/attend/"), re.compile("/leave/")


@pytest.fixture
def dora(head_office) -> User:
    user = person("dora", "receptionist", first="Dora", last="Nagy")
    Seat.objects.create(user=user, connection=head_office, extensions="1004", sees="all")
    return user


@pytest.fixture
def both(new_page, login, dora, exchange) -> tuple[Page, Page]:
    """Ana's and Dora's windows, with one call of Kovács Júlia at 1002 in both."""
    talk(exchange, callee="1002", name="Kovács Júlia")
    pages = new_page(), new_page()
    for page, name in zip(pages, ("ana", "dora"), strict=True):
        login(page, name)
        expect(row(page)).to_be_visible()
    return pages


def row(page: Page):
    return page.locator(".call", has_text="Kovács Júlia")


def ask(page: Page, target: str = "1003") -> None:
    row(page).get_by_role("button", name="Transfer").first.click()
    page.get_by_role("radio").first.check()
    page.get_by_role("combobox").fill(target)


def test_she_is_on_it_before_i_click(both, axe):
    ana, dora = both
    ask(ana)
    expect(row(dora).locator(".claim")).to_contain_text("Ana Kovács is on it since")
    expect(row(ana).locator(".claim")).to_have_count(0)
    axe(dora)
    ask(dora)
    expect(dora.locator("[data-changed]")).to_contain_text("Ana Kovács is on it since")
    expect(ana.locator("[data-changed]")).to_contain_text("Dora Nagy is on it since")
    expect(dora.get_by_role("dialog").get_by_role("button", name="Transfer")).to_be_enabled()
    axe(dora)


def test_it_goes_with_the_dialog_and_with_the_window(both):
    ana, dora = both
    ask(ana)
    expect(row(dora).locator(".claim")).to_be_visible()
    ana.keyboard.press("Escape")
    expect(row(dora).locator(".claim")).to_have_count(0)
    ask(ana)
    expect(row(dora).locator(".claim")).to_be_visible()
    ana.close()
    expect(row(dora).locator(".claim")).to_have_count(0)


def test_it_goes_also_where_she_has_just_said_that_she_is_still_there(both):
    ana, dora = both
    ask(ana)
    expect(row(dora).locator(".claim")).to_be_visible()
    waiting: list[Route] = []
    ana.route(ATTEND, lambda route: waiting.append(route))
    with ana.expect_request(ATTEND):
        pass  # it is said every few seconds
    with ana.expect_response(LEAVE):
        ana.keyboard.press("Escape")
    expect(row(dora).locator(".claim")).to_have_count(0)
    with ana.expect_response(LEAVE):
        waiting[0].continue_()
    expect(row(dora).locator(".claim")).to_have_count(0, timeout=10_000)  # the lease is longer


def test_the_loser_is_told_who_when_and_what_became_of_it(both, pbx, exchange, page_errors):
    page_errors.expect("409")
    ana, dora = both
    for page in both:
        ask(page)
    ana.keyboard.press("Enter")
    expect(receipt(ana)).to_contain_text("Accepted")
    dora.keyboard.press("Enter")
    told = dora.get_by_role("dialog")
    expect(told).to_contain_text("Ana Kovács")
    exchange.behave("1003", answers_after=0)
    expect(told.locator("[data-became]")).to_contain_text("Arrived: 1003", timeout=SOON)
    expect(told.locator("[data-became]")).to_contain_text("Blind transfer to 1003")
    assert pbx.count("BlindTransfer") == 1
