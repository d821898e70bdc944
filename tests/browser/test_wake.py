"""Never a trap: after sleep, Back or a hidden tab nothing can be done before the calls are read."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SOON
from tests.browser.hands import do
from tests.stage import CALLER
from transfers.domain import Action
from transfers.models import Transfer

ROWS = re.compile("/board/rows/")
ACTS = re.compile("/act/")
WAKING = {
    "a hidden tab": "document.dispatchEvent(new Event('visibilitychange'))",
    "a lost network": "window.dispatchEvent(new Event('online'))",
    "Back": "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
    "sleep": "(() => { const now = Date.now; Date.now = () => now() + 3600e3; })()",
}


def answered(exchange, name: str = "Kovács Júlia") -> str:
    call: str = exchange.ring(CALLER, "1001", name)
    exchange.answer(call)
    return call


@pytest.fixture
def board(page: Page, login, exchange) -> Page:
    """Ana's, with one call of hers, and without an answer to the next question for the calls."""
    answered(exchange)
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    return page


@pytest.mark.parametrize("after", WAKING)
def test_nothing_can_be_done_before_the_calls_are_read(board, after):
    waiting: list[Route] = []
    board.route(ROWS, lambda route: waiting.append(route))
    with board.expect_request(ROWS):
        board.evaluate(WAKING[after])
    board.keyboard.press("j")
    board.keyboard.press("t")
    expect(board.locator("#said")).to_have_text("The calls are being read anew. One moment.")
    expect(board.get_by_role("dialog")).to_be_hidden()
    waiting[0].continue_()
    board.unroute(ROWS)
    expect(board.locator("html[data-waking]")).to_have_count(0)
    board.keyboard.press("t")
    expect(board.get_by_role("dialog")).to_be_visible()


def test_an_open_dialog_waits_too(board, page_errors):
    board.keyboard.press("j")
    board.keyboard.press("t")
    board.get_by_role("combobox").fill("1003")
    board.route(ROWS, lambda _: None)
    with board.expect_request(ROWS):
        board.evaluate(WAKING["a hidden tab"])
    page_errors.expect("htmx:error")
    with board.expect_console_message(lambda message: "htmx:error" in message.text):
        board.evaluate(WAKING["a hidden tab"])  # once more: the first question is given up
    assert board.locator("#said").text_content() == "", "that nothing is known is not true"
    board.keyboard.press("Enter")
    expect(board.locator("#said")).to_contain_text("being read anew")
    expect(board.get_by_role("combobox")).to_have_value("1003")
    assert not Transfer.objects.exists()


def test_a_read_that_fails_does_not_wake_and_the_next_one_does(board, page_errors, exchange):
    """Also where the stream has not been silent for a moment."""
    page_errors.expect("ERR_FAILED")
    page_errors.expect("htmx:error")
    board.route(ROWS, lambda route: route.abort())
    with board.expect_event("requestfailed"):
        board.evaluate(WAKING["a hidden tab"])
    exchange.ring("+4420794600", "1001")
    expect(board.locator(".call")).to_have_count(2)
    expect(board.locator("html[data-waking]")).to_have_count(1)
    board.unroute(ROWS)
    expect(board.locator("html[data-waking]")).to_have_count(0)


@pytest.mark.parametrize("action", [Action.HOLD, Action.BLIND])
def test_a_command_without_an_answer_may_have_been_done(board, page_errors, action):
    page_errors.expect("ERR_FAILED")
    page_errors.expect("htmx:error")
    board.route(ACTS, lambda route: route.abort())
    do(board, board.locator(".call"), action)
    expect(board.locator("#said")).to_have_text(
        "No contact with the server. Nothing is known about this command; look at the log."
    )


def test_back_and_reload_are_harmless(board, exchange):
    board.get_by_role("link", name="Log", exact=True).click()
    expect(board.get_by_role("heading", name="Log", exact=True)).to_be_visible()
    exchange.ring("+4420794600", "1001")
    board.go_back()
    expect(board.locator(".call")).to_have_count(2)
    board.keyboard.press("j")
    board.keyboard.press("f")
    expect(board.get_by_role("dialog")).to_be_visible()
    board.reload()
    expect(board.get_by_role("dialog")).to_be_hidden()
    expect(board.locator(".call")).to_have_count(2)
    assert not Transfer.objects.exists()


def test_several_tabs_show_the_same(board, exchange):
    other = board.context.new_page()
    other.goto("/")
    exchange.behave("1003", answers_after=0)
    board.keyboard.press("j")
    board.keyboard.press("t")
    board.keyboard.type("1003")
    expect(board.get_by_role("combobox")).to_have_value("1003")
    board.keyboard.press("Enter")
    for page in (board, other):
        expect(page.locator(".receipts li")).to_contain_text("Arrived", timeout=SOON)


def test_the_stream_goes_on_in_a_hidden_tab(board, exchange, page_errors):
    page_errors.expect("ERR_FAILED")  # of questions, where the stream is late
    page_errors.expect("htmx:error")
    board.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    board.route(ROWS, lambda route: route.abort())
    exchange.ring("+4420794600", "1001")
    expect(board.locator(".call")).to_have_count(2)
