"""Hands: everything with the keyboard, with the keys that a person has chosen."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.hands import press, tab_to
from tests.rows import listed
from tests.stage import CALLER
from transfers.models import Transfer
from transfers.services.keyboard import COMMANDS
from transfers.services.preferences import Preferences, save


def answered(exchange, caller: str, callee: str = "1001", name: str = "") -> str:
    call: str = exchange.ring(caller, callee, name)
    exchange.answer(call)
    return call


def test_two_keys_walk_through_the_calls_as_the_arrows_do(page, login, exchange):
    answered(exchange, CALLER, name="Kovács Júlia")
    answered(exchange, "+4420794600", "1002")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(2)
    press(page, "j j j")
    expect(page.locator(".call").last).to_be_focused()
    press(page, "k")
    expect(page.locator(".call", has_text="Kovács Júlia")).to_be_focused()


def test_enter_opens_the_usual_transfer(page, login, exchange):
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    press(page, "j Enter")
    expect(page.get_by_role("heading", name="Forward", exact=True)).to_be_visible()
    press(page, "Escape")
    exchange.answer(call)
    expect(page.locator("#section-mine .call")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Transfer")).to_be_visible()


def test_what_a_key_cannot_do_now_is_said(page, login, exchange):
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    press(page, "j t")
    expect(page.locator("#said")).to_contain_text("Works once the call is answered")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_without_an_alert_its_key_says_so(page, login, exchange):
    login(page, "ana")
    press(page, "a")
    expect(page.locator("#said")).to_have_text("There is no alert.")


def test_who_can_send_no_calls_elsewhere_is_told_so(page, login, exchange):
    login(page, "ben")
    press(page, "w")
    expect(page.locator("#said")).to_have_text("You cannot send calls elsewhere here.")


def test_without_a_chosen_call_a_letter_asks_but_never_acts(page, login, exchange):
    answered(exchange, CALLER, name="Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    press(page, "h")
    expect(page.locator("#said")).to_have_text("Choose the call first.")
    press(page, "t")
    expect(page.get_by_role("heading", name="Transfer")).to_be_visible()
    assert not Transfer.objects.exists()


def test_among_several_calls_she_chooses_first(page, login, exchange):
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    exchange.ring("+4420794600", "1001")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(2)
    press(page, "f")
    expect(page.locator("#said")).to_have_text("Choose a call first.")


def test_a_call_that_she_sent_away_is_chosen_no_more(page, login, exchange):
    """Its row stays, with its id; the next key must not put it on hold at Carol's."""
    exchange.behave("1003", answers_after=0.2)
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    press(page, "j f")
    page.get_by_role("combobox").fill("1003")
    press(page, "Enter")
    expect(page.locator(".call:not(.own)")).to_contain_text("Talking")
    expect(page.locator("#main")).to_be_focused()
    press(page, "h")
    expect(page.locator("#said")).to_have_text("Choose a call first.")
    answered(exchange, "+4420794600")
    expect(page.locator("#section-mine .call")).to_have_count(1)
    press(page, "j")
    expect(page.locator("#section-mine .call")).to_be_focused()
    assert Transfer.objects.count() == 1


def test_a_key_of_her_own_takes_the_place_of_the_usual_one(page, login, exchange, ana):
    save(ana, Preferences(keys={"blind": "q", "hold": ""}))
    answered(exchange, CALLER, name="Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    asked: list[str] = []
    page.on("request", lambda request: "/calls/" in request.url and asked.append(request.url))
    press(page, "j t h")
    sign = (
        "getComputedStyle(document.querySelector('.acts > [data-action=blind]'), '::after').content"
    )
    assert page.evaluate(sign) == '"Q"'
    press(page, "q")
    expect(page.get_by_role("heading", name="Transfer")).to_be_visible()
    [only] = [url for url in asked if "/attend/" not in url]
    assert "/blind/" in only
    assert not Transfer.objects.exists()


def test_enter_in_the_settings_saves_them(page, login, ana):
    login(page, "ana")
    page.goto("/account/settings/")
    page.get_by_label("Hold", exact=True).fill("q")
    press(page, "Enter")
    expect(page.locator(".note.success")).to_be_visible()
    expect(page.get_by_label("Hold", exact=True)).to_have_value("q")
    page.get_by_role("button", name="Back to the usual keys").click()
    expect(page.get_by_text("The usual keys are back.")).to_be_visible()
    expect(page.get_by_label("Hold", exact=True)).to_have_value("h")


def test_a_sheet_lists_every_key(new_page, login, axe):
    page = new_page()
    login(page, "ana")
    press(page, "?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    for command in COMMANDS:
        expect(sheet.get_by_text(str(command.label), exact=True)).to_be_visible()
    axe(page)
    press(page, "?")
    expect(sheet).to_be_hidden()
    shown = page.get_by_role("button", name="Keys", exact=True)
    expect(shown).to_have_text(re.compile(r"^\? Keys$"))
    tab_to(page, shown)
    press(page, "Enter")
    expect(sheet).to_be_visible()
    press(page, "Escape")
    expect(shown).to_be_focused()


def test_the_menu_of_a_call_by_key(page, login, exchange):
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    press(page, "j .")
    menu = page.locator(".menu:popover-open")
    expect(menu.locator("a, button").first).to_be_focused()
    press(page, "ArrowDown")
    expect(menu.locator("a, button").nth(1)).to_be_focused()
    press(page, "Escape")
    expect(menu).to_have_count(0)


def test_escape_calls_a_dialog_back_that_is_still_on_its_way(page, login, exchange, page_errors):
    page_errors.expect("htmx:error")
    answered(exchange, CALLER, name="Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    page.route(re.compile("/blind/"), lambda _: None)  # no answer comes
    with page.expect_request(re.compile("/blind/")):
        press(page, "j t")
    press(page, "Escape ?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_what_is_typed_before_the_dialog_is_there_is_typed_into_it(page, login, exchange):
    answered(exchange, CALLER, name="Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    press(page, "j t")
    page.keyboard.type("jkx?")
    expect(page.get_by_role("combobox")).to_have_value("jkx?")


def test_the_next_key_finds_the_calls_as_soon_as_a_dialog_closes(page, login, exchange):
    """Not a moment later, when the browser tells of it: a letter would go to the field before."""
    listed("Carol Weiss", "1003")
    answered(exchange, CALLER, name="Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    press(page, "j /")
    page.keyboard.type("carol")
    expect(page.locator("#people [aria-selected=true]")).to_have_count(1)
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Transfer")).to_be_visible()
    has_focus, typed, shown = page.evaluate(
        """() => {
          const dialog = document.getElementById("dialog");
          dialog.dispatchEvent(new Event("cancel", { cancelable: true }));
          const at = document.activeElement;
          return [at.className, document.getElementById("people-q").value, dialog.children.length];
        }"""
    )
    assert (has_focus.split()[0], typed, shown) == ("call", "", 0)
