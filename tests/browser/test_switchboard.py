"""The main job in a real browser: see a call, move it, see what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from scripts.asterisk.lab import eventually
from tests.browser.conftest import SOON
from tests.rows import listed
from tests.stage import CALLER
from transfers.models import Transfer

GENERATIONS = pytest.mark.parametrize("pbx", ["ozeki-gen1", "ozeki-gen2"], indirect=True)
KINDS = ["forward", "join"]  # blind transfers are in test_vendors.py


def talk(exchange, caller: str = CALLER, callee: str = "1001", name: str = "") -> str:
    call: str = exchange.ring(caller, callee, name)
    exchange.answer(call)
    return call


def set_up(exchange, kind: str) -> None:
    """The calls that one transfer of this kind needs."""
    if kind == "forward":
        exchange.ring(CALLER, "1001", "Kovács Júlia")
        return
    call = talk(exchange, name="Kovács Júlia")
    if kind == "join":
        exchange.hold(call)
        talk(exchange, "1001", "1003")


def move(page: Page, kind: str) -> None:
    """Order the transfer of Kovács Júlia to 1003, as a person would."""
    row = page.locator(".call", has_text="Kovács Júlia")
    if kind == "join":
        row.get_by_role("button", name="Join", exact=False).first.click()
        return
    row.get_by_role("button", name="Forward" if kind == "forward" else "Transfer").first.click()
    page.get_by_role("combobox").fill("1003")
    page.keyboard.press("Enter")


def receipt(page: Page):
    return page.locator(".receipts li").first


def test_a_blind_transfer_with_the_keyboard_alone(page, login, exchange, axe):
    """Log in, see the call appear, send it to Carol, see the receipt and the row of the log."""
    listed("Carol Weiss", "1003", department="Sales")
    exchange.behave("1003", answers_after=1)
    login(page, "ana")
    expect(page.get_by_text("You are on no call.")).to_be_visible()
    talk(exchange, name="Kovács Júlia")
    expect(page.locator(".call", has_text="Kovács Júlia")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("t")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("car")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_text(re.compile("Carol"))
    page.keyboard.press("Enter")
    expect(page.locator(".plan")).to_contain_text("Kovács Júlia to 1003 Carol Weiss")
    expect(page.locator(".plan")).to_contain_text("1001 (you) leaves the call")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(receipt(page)).to_contain_text("Arrived", timeout=SOON)
    expect(receipt(page)).to_contain_text(re.compile(r"1003 (rang \d+ s, )?answered"))
    axe(page)
    page.get_by_role("link", name="Log", exact=True).focus()
    page.keyboard.press("Enter")
    row = page.get_by_role("row", name=re.compile("Kovács Júlia"))
    expect(row).to_contain_text("Arrived")
    expect(row).to_contain_text("Ana Kovács")


@GENERATIONS
@pytest.mark.parametrize("kind", KINDS)
def test_each_transfer_refused_by_the_pbx_shows_its_code(
    page, login, exchange, pbx, kind, page_errors
):
    page_errors.expect("409")
    set_up(exchange, kind)
    login(page, "ana")
    expect(page.locator(".call").first).to_be_visible()
    for command in ("BlindTransfer", "Forward", "ForwardCall", "AttendedTransfer"):
        pbx.faults.add("forbidden_address", command=command)
    move(page, kind)
    expect(receipt(page)).to_contain_text("Refused")
    expect(receipt(page)).to_contain_text("PBX code 307")


@GENERATIONS
@pytest.mark.parametrize("kind", KINDS)
def test_each_transfer_without_an_answer_is_unknown_and_then_the_truth(
    page, login, exchange, pbx, kind, monkeypatch
):
    set_up(exchange, kind)
    exchange.behave("1003", answers_after=0.2)
    effects: list[Callable[[], object]] = []
    pbx.switches.effect_delay_seconds = 1  # or rather: when the page has said what it knows
    monkeypatch.setattr(exchange, "later", lambda _, effect: effects.append(effect))
    login(page, "ana")
    expect(page.locator(".call").first).to_be_visible()
    for command in ("BlindTransfer", "Forward", "ForwardCall", "AttendedTransfer"):
        pbx.faults.add("drop_after", command=command)
    move(page, kind)
    expect(receipt(page)).to_contain_text("Unknown")
    with exchange.lock:
        effects.pop()()
    expect(receipt(page)).to_contain_text("Arrived", timeout=SOON)
    assert len(pbx.requests) > 0
    assert sum("Transfer" in r.command or "Forward" in r.command for r in pbx.requests) == 1


def test_a_refresh_takes_neither_the_focus_nor_the_dialog_nor_what_was_typed(page, login, exchange):
    talk(exchange, name="Kovács Júlia")
    login(page, "ana")
    page.locator(".call", has_text="Kovács").get_by_role("button", name="Transfer").first.click()
    page.get_by_role("combobox").fill("+49 30 9")
    talk(exchange, "+4420794600", "1002")
    expect(page.locator(".call", has_text="+4420794600")).to_be_visible()
    expect(page.get_by_role("combobox")).to_be_focused()
    expect(page.get_by_role("combobox")).to_have_value("+49 30 9")


def test_the_row_under_the_keys_keeps_the_focus_when_others_come(page, login, exchange):
    talk(exchange, name="Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    exchange.ring("+4420794600", "1001")
    expect(page.locator(".call")).to_have_count(2)
    expect(page.locator(".call", has_text="Kovács Júlia")).to_be_focused()


def test_a_dialog_whose_call_is_gone_says_so(page, login, exchange):
    call = talk(exchange)
    login(page, "ana")
    page.locator(".call").get_by_role("button", name="Transfer").first.click()
    expect(page.get_by_role("combobox")).to_be_focused()
    exchange.hangup(call)
    expect(page.get_by_text("This call has ended or was moved meanwhile.")).to_be_visible()


def test_hold_resume_and_hang_up_by_key(page, login, exchange):
    talk(exchange)
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("h")
    expect(page.locator(".call")).to_contain_text("Held")
    expect(page.locator("[data-action=retrieve]")).to_have_count(1)  # the log has seen it too
    page.keyboard.press("r")
    expect(page.locator(".call")).to_contain_text("Talking")
    expect(page.locator("[data-action=hangup]")).to_have_count(1)
    page.keyboard.press("x")
    expect(page.get_by_role("heading", name="Hang up this call?")).to_be_visible()
    expect(page.get_by_text("Keep the call")).to_be_focused()
    page.get_by_role("button", name="Hang up").click()
    expect(page.locator(".call")).to_have_count(0)
    assert Transfer.objects.count() == 3


def test_escape_leaves_the_dialog_and_gives_the_focus_back(page, login, exchange):
    talk(exchange)
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("t")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".call")).to_be_focused()


def test_what_cannot_be_done_says_why_in_the_menu(page, login, exchange):
    exchange.ring(CALLER, "1001")
    login(page, "ana")
    page.get_by_role("button", name=re.compile("^More for")).click()
    expect(page.get_by_text("Works once the call is answered; use Forward")).to_be_visible()


def test_a_double_tap_sends_one_command(page, login, exchange, pbx):
    """Two clicks of one finger, faster than any answer."""
    exchange.behave("1003", answers_after=0.2)
    talk(exchange, name="Kovács Júlia")
    login(page, "ana")
    page.locator(".call", has_text="Kovács").get_by_role("button", name="Transfer").first.click()
    page.get_by_role("combobox").fill("1003")
    page.get_by_role("dialog").get_by_role("button", name="Transfer").dblclick()
    expect(receipt(page)).to_contain_text("Arrived", timeout=SOON)
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert pbx.count("BlindTransfer") == 1
    assert Transfer.objects.count() == 1


def test_enter_takes_nobody_from_the_list_of_what_was_typed_before(page, login, exchange):
    """Fast hands, a slow line, and other calls that come meanwhile."""
    listed("Carol Weiss", "1003")
    listed("Ines Duarte", "1005")
    talk(exchange, name="Kovács Júlia")
    login(page, "ana")
    page.locator(".call", has_text="Kovács").get_by_role("button", name="Transfer").first.click()
    expect(page.get_by_role("combobox")).to_be_focused()
    waiting: list[Route] = []
    page.route(re.compile("/targets/"), lambda route: waiting.append(route), times=1)
    with page.expect_request(re.compile("/targets/.*in")):
        page.keyboard.type("in")
    page.keyboard.type("es", delay=200)  # a question each, but for the first one's answer
    page.keyboard.press("Enter")
    exchange.ring("+4420794600", "1001")
    expect(page.locator(".call", has_text="+4420794600")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox")).to_have_value("ines")
    waiting[0].continue_()
    expect(page.locator(".plan")).to_contain_text("1005 Ines Duarte")
    assert not Transfer.objects.exists()


def test_without_javascript_the_calls_are_there_and_can_be_moved(browser, server, exchange, ana):
    from tests.conftest import PASSWORD

    exchange.behave("1003", answers_after=0)
    talk(exchange, name="Kovács Júlia")
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    there = page.get_by_text("Kovács Júlia")
    assert eventually(lambda: bool(there.count() or (page.reload() and there.count())))
    page.locator(".call").get_by_role("button", name="Transfer").first.click()
    page.get_by_label("Send to").fill("1003")
    page.get_by_role("button", name="Transfer").click()
    page.wait_for_url("**/log/*/")
    expect(page.locator("main")).to_contain_text("Kovács Júlia")
    assert Transfer.objects.get().target == "1003"
    context.close()


def test_board_and_dialogs_stand_in_nobodys_way(new_page, login, exchange, axe):
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    held = talk(exchange, "+49301234567")
    exchange.hold(held)
    talk(exchange, "1001", "1003")
    page = new_page()
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(3)
    axe(page)
    page.get_by_role("button", name=re.compile("^More for")).first.click()
    axe(page)
    page.keyboard.press("Escape")
    page.locator(".call", has_text="Kovács").get_by_role("button", name="Forward").first.click()
    expect(page.get_by_role("combobox")).to_be_focused()
    axe(page)


def test_it_fits_400_pixels(new_page, login, exchange):
    talk(exchange, name="A very long name of a company with limited liability & sons")
    held = talk(exchange, "+49301234567")
    exchange.hold(held)
    page = new_page(viewport={"width": 400, "height": 800})
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
