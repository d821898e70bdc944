"""People beside the calls: found, reached with few keys, dragged onto; the dialog always asks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SOON
from tests.browser.hands import press
from tests.rows import listed
from tests.stage import CALLER
from transfers.models import Feed, PbxConnection, Seat, Transfer
from transfers.services import contacts


@pytest.fixture
def carol(ana, head_office):
    contact = listed("Carol Weiss", "1003", on=head_office, department="Sales")
    contacts.mark(ana, contact, True)
    return contact


def receipt(page: Page):
    return page.locator(".receipts li").first


def test_from_ringing_to_transferred_in_few_keystrokes(page, login, exchange, carol):
    exchange.behave("1003", answers_after=1)
    login(page, "ana")
    expect(page.locator(".person", has_text="Carol Weiss")).to_be_visible()
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    expect(page.locator(".call", has_text="Kovács Júlia")).to_be_visible()
    keystrokes = ["1"]
    page.keyboard.press("1")
    expect(page.locator(".plan")).to_contain_text("Kovács Júlia to 1003 Carol Weiss")
    keystrokes.append("Enter")
    page.keyboard.press("Enter")
    expect(receipt(page)).to_contain_text("Arrived", timeout=SOON)
    assert len(keystrokes) <= 4
    assert Transfer.objects.get().target == "1003"
    expect(page.locator(".person", has_text="Carol Weiss")).to_contain_text("on a call")


def test_among_several_calls_it_takes_one_key_more(page, login, exchange, carol):
    exchange.behave("1003", answers_after=1)
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    exchange.ring("+4420794600", "1001", "Somebody else")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(2)
    keystrokes = ["j", "1", "Enter"]
    for key in keystrokes[:-1]:
        page.keyboard.press(key)
    expect(page.locator(".plan")).to_contain_text("1003 Carol Weiss")
    page.keyboard.press(keystrokes[-1])
    expect(receipt(page)).to_contain_text("Arrived", timeout=SOON)
    assert len(keystrokes) <= 4


def test_search_arrows_enter(page, login, exchange, carol, head_office):
    listed("Carla Jones", "1004", on=head_office)
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator("#people-for")).to_have_text("Sends Kovács Júlia; a dialog asks first.")
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name="Find a person or type a number")
    expect(field).to_be_focused()
    page.keyboard.type("car")
    expect(page.locator(".person")).to_have_count(2)
    expect(page.locator(".person[aria-selected=true]")).to_contain_text("Carol Weiss")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".person[aria-selected=true]")).to_contain_text("Carla Jones")
    page.keyboard.press("Enter")
    expect(page.locator(".plan")).to_contain_text("Kovács Júlia to 1004 Carla Jones")
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    assert not Transfer.objects.exists()


def test_enter_before_the_list_is_there_waits_for_it(page, login, exchange, carol):
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    waiting: list[Route] = []
    page.route(re.compile("/people/.*q=car"), lambda route: waiting.append(route), times=1)
    press(page, "j /")
    with page.expect_request(re.compile("/people/.*q=car")):
        page.keyboard.type("car")
        page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    waiting[0].continue_()
    expect(page.locator(".plan")).to_contain_text("Kovács Júlia to 1003 Carol Weiss")


def test_escape_goes_back_to_the_call(page, login, exchange, carol):
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    expect(page.get_by_text("Nobody fits.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".call")).to_be_focused()
    expect(page.locator(".person")).to_contain_text("Carol Weiss")


def test_a_number_is_typed_as_it_is(page, login, exchange, carol):
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    page.keyboard.press("/")
    page.keyboard.type("+36 30 1234")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_have_value("+36 30 1234")


def test_people_are_those_whom_the_call_can_reach(page, login, page_errors, exchange, carol, ana):
    page_errors.expect("422")
    budapest = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://[::1]:9/")
    Feed.objects.create(connection=budapest)
    Seat.objects.create(user=ana, connection=budapest, extensions="201")
    contacts.mark(ana, listed("Szoke Agnes", "203", on=budapest), True)
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    agnes = page.locator(".person", has_text="Szoke Agnes")
    expect(agnes).to_contain_text("Only on Budapest, which Head office cannot dial.")
    whole = agnes.locator("small").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert whole, "the reason is read without a mouse"
    expect(page.locator(".call")).to_have_count(1)
    page.keyboard.press("2")
    expect(page.get_by_role("dialog")).to_contain_text("Szoke Agnes: Only on Budapest")
    page.keyboard.press("Escape")
    agnes.click(force=True)
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("f")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("agn")
    expect(page.locator("#targets")).to_have_attribute("data-query", "agn")
    page.keyboard.press("Enter")
    expect(dialog.locator(".errorlist")).to_contain_text("Szoke Agnes: Only on Budapest")
    expect(dialog.get_by_role("combobox")).to_have_value("agn")
    expect(dialog.locator("#dialog-plan")).to_contain_text("to agn.")
    expect(dialog.get_by_role("option")).to_have_count(1)


def test_without_a_call_nothing_is_sent(page, login, carol):
    login(page, "ana")
    page.locator(".person", has_text="Carol Weiss").click()
    expect(page.locator("#said")).to_have_text("Choose a call first.")


def test_a_call_is_dragged_onto_a_person(page, login, exchange, carol, head_office):
    listed("Dave Lindqvist", "1004", on=head_office)
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    person = page.locator(".person[data-number='1003']")
    expect(person).to_be_visible()
    row = page.locator(".call")
    row.hover(position={"x": 20, "y": 20})
    page.mouse.down()
    person.hover()
    person.hover()
    expect(page.locator("html[data-dragging]")).to_have_count(1)
    expect(person).to_have_class(re.compile("over"))
    page.mouse.up()
    expect(page.locator(".plan")).to_contain_text("Kovács Júlia to 1003 Carol Weiss")
    expect(page.locator("html[data-dragging]")).to_have_count(0)
    assert not Transfer.objects.exists()


def test_what_is_typed_and_chosen_survives_changes_of_the_board(
    page, login, exchange, carol, head_office
):
    listed("Carla Jones", "1004", on=head_office)
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call")).to_have_count(1)
    page.keyboard.press("/")
    page.keyboard.type("car")
    expect(page.locator(".person")).to_have_count(2)
    expect(page.locator(".person[aria-selected=true]")).to_contain_text("Carol Weiss")
    page.keyboard.press("ArrowDown")
    exchange.answer(call)
    exchange.ring("+4420794600", "1002")
    expect(page.locator(".call")).to_have_count(2)
    field = page.get_by_role("searchbox", name="Find a person or type a number")
    expect(field).to_be_focused()
    expect(field).to_have_value("car")
    with page.expect_response(re.compile("/board/people/")):
        page.evaluate("htmx.trigger(document.getElementById('people-q'), 'renew')")
    expect(page.locator(".person[aria-selected=true]")).to_contain_text("Carla Jones")


def test_nothing_stands_in_anybodys_way(new_page, login, exchange, carol, axe):
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    page = new_page()
    login(page, "ana")
    expect(page.locator(".person[data-number]").first).to_be_visible()
    axe(page)
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    expect(page.get_by_text("Nobody fits.")).to_be_visible()
    axe(page)


def test_on_a_narrow_screen_the_people_are_one_touch_away(new_page, login, exchange, carol):
    page = new_page(viewport={"width": 400, "height": 800})
    login(page, "ana")
    page.get_by_role("link", name="Find a person").click()
    expect(page.get_by_role("searchbox", name="Find a person")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
