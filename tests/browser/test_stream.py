"""How changes reach the page: by the stream, and without it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import SOON
from tests.stage import CALLER

STREAM = re.compile("/board/stream/")


def test_the_stream_brings_the_changes(page, login, exchange, page_errors):
    page_errors.expect("ERR_FAILED")
    page_errors.expect("htmx:error")
    page.route(re.compile("/board/rows/"), lambda route: route.abort())
    login(page, "ana")
    expect(page.get_by_text("You are on no call.")).to_be_visible()
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    row = page.locator(".call", has_text="Kovács Júlia")
    expect(row).to_contain_text("Rings")
    expect(page.locator("#section-ringing-mine [data-count]")).to_have_text("1")
    exchange.answer(call)
    expect(row).to_contain_text("Talking")
    expect(page.locator("#section-mine .call")).to_have_count(1)
    exchange.hangup(call)
    expect(row).to_have_count(0)


def test_many_calls_at_once(page, login, exchange, page_errors):
    page_errors.expect("ERR_FAILED")
    page_errors.expect("htmx:error")
    page.route(re.compile("/board/rows/"), lambda route: route.abort())
    login(page, "ana")
    expect(page.locator(".badge")).to_contain_text("live")
    with exchange.lock:
        for number in range(4):
            exchange.ring(f"+36155500{number:02}", "1001")
            exchange.answer(exchange.ring(f"+36166600{number:02}", "1002"))
    expect(page.locator(".call")).to_have_count(8)


def test_without_a_stream_the_page_notices_and_asks(new_page, login, exchange, page_errors):
    page = new_page(wound=True)
    page_errors.expect("ERR_FAILED")
    page_errors.expect("htmx:error")
    page.route(STREAM, lambda route: route.abort())
    login(page, "ana")
    page.clock.run_for(4000)
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    expect(page.locator(".call", has_text="Kovács Júlia")).to_be_visible(timeout=SOON)
    expect(page.locator(".badge")).to_contain_text("live")
    page.unroute(STREAM)
    with page.expect_request(STREAM, timeout=25_000):
        page.clock.run_for(10_000)  # it goes on trying to get a stream


def test_a_stream_that_is_opened_anew_is_open_once(page, login, exchange, page_errors):
    """A browser opens six connections to one server: with as many streams nothing else works."""
    page_errors.expect("htmx:error")  # of questions that were under way
    login(page, "ana")
    for _ in range(8):
        with page.expect_request(STREAM):
            page.evaluate("dispatchEvent(new Event('online'))")
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    expect(page.locator(".call", has_text="Kovács Júlia")).to_be_visible()


def test_a_row_that_moves_keeps_the_focus(page, login, exchange):
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator("#section-ringing-mine .call")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    exchange.answer(call)
    expect(page.locator("#section-mine .call")).to_be_focused()


def test_no_contact_with_the_server_is_said(new_page, login, page_errors):
    page = new_page(wound=True)
    page_errors.expect("ERR_")
    page_errors.expect("htmx:")
    page.route(re.compile("/board/(stream|rows)/"), lambda route: route.abort())
    login(page, "ana")
    page.clock.run_for(6000)
    expect(page.get_by_text("No contact with the server")).to_be_visible(timeout=SOON)
    page.unroute(re.compile("/board/(stream|rows)/"))
    expect(page.get_by_text("No contact with the server")).to_be_hidden(timeout=SOON)
