"""Standing forwards in a real browser, before a PBX that really sends notifications."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from scripts.asterisk.lab import eventually
from tests.browser.conftest import PBX_LOGIN, SOON
from tests.conftest import PASSWORD
from tests.rows import listed
from tests.stage import CALLER
from transfers.services import notifications, phone_keeper
from transfers.services.people import own_feed
from transfers.standing import StandingForward

GENERATIONS = pytest.mark.parametrize("pbx", ["ozeki-gen1", "ozeki-gen2"], indirect=True)


@pytest.fixture
def notified(server, pbx, root, head_office) -> str:
    """The PBX posts its notifications to the running server."""
    token = notifications.renew(root, head_office).token
    return f"{server}/notify/{token}/"


@pytest.fixture
def exchange(exchange):
    exchange.add("500", "The Boss", answers_after=None)
    exchange.add("102", "Carol Weiss", answers_after=None)
    return exchange


def open_dialog(page: Page) -> None:
    page.get_by_role("button", name="Send calls elsewhere").click()
    expect(page.get_by_role("combobox", name="Calls for")).to_be_focused()


def set_by_keyboard(page: Page) -> None:
    expect(page.get_by_role("button", name="Send calls elsewhere").locator("kbd")).to_have_text("W")
    page.keyboard.press("w")
    expect(page.get_by_role("combobox", name="Calls for")).to_be_focused()
    page.keyboard.type("500")
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="Go to")).to_be_focused()
    page.keyboard.type("car")
    expect(page.locator("#targets [aria-selected=true]")).to_contain_text("Carol Weiss")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Go to")).to_have_value("102")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()


@GENERATIONS
@pytest.mark.parametrize("way", ["route_url", "call_changed_url"])
def test_set_it_see_it_use_it_end_it(page, login, exchange, pbx, notified, axe, way):
    """Calls for the boss go to Carol while he is in a meeting: with the keyboard alone."""
    listed("Carol Weiss", "102")
    setattr(pbx.switches, way, notified)
    login(page, "ana")
    expect(page.get_by_text("Every call rings where it was dialled.")).to_be_visible()
    set_by_keyboard(page)
    row = page.locator(".forwards li")
    expect(row).to_contain_text("Calls for 500 go to Carol Weiss 102")
    expect(row).to_contain_text("set by Ana Kovács · not used yet")
    expect(page.get_by_role("button", name="Send calls elsewhere")).to_be_focused()
    call = exchange.ring(CALLER, "500", "Kovács Júlia")
    expect(page.locator(".call", has_text="Kovács Júlia")).to_contain_text("102", timeout=SOON)
    assert exchange.call(call).callee == "102"
    expect(row).to_contain_text("1 call sent on, none seen to arrive")
    exchange.answer(call)
    expect(row).to_contain_text("1 call sent on, 1 seen to arrive", timeout=SOON)
    axe(page)
    page.get_by_role("button", name=re.compile("^End: calls for 500")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Every call rings where it was dialled.")).to_be_visible()
    expect(page.get_by_role("button", name="Send calls elsewhere")).to_be_focused()
    second = exchange.ring("+49301234567", "500")
    expect(page.locator(".call", has_text="+49301234567")).to_contain_text("500", timeout=SOON)
    assert exchange.call(second).callee == "500"


def test_a_second_receptionist_sees_it_come_and_go(new_page, login, exchange):
    first, second = new_page(), new_page()
    login(first, "ana")
    login(second, "ben")
    set_by_keyboard_without_names(first)
    expect(second.locator(".forwards li")).to_contain_text("Calls for 500 go to 102")
    expect(second.get_by_role("button", name="Send calls elsewhere")).to_have_count(0)
    first.get_by_role("button", name=re.compile("^End: calls for 500")).click()
    expect(second.locator(".forwards li")).to_have_count(0)


def set_by_keyboard_without_names(page: Page) -> None:
    open_dialog(page)
    page.keyboard.type("500")
    page.keyboard.press("Tab")
    page.keyboard.type("102")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_refusal_is_said_in_the_dialog(page, login, exchange, page_errors):
    page_errors.expect("409")
    login(page, "ana")
    open_dialog(page)
    page.keyboard.type("500")
    page.keyboard.press("Tab")
    page.keyboard.type("500")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Calls for 500 go to 500 already.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Send calls elsewhere")).to_be_focused()


def test_choosing_a_time_chooses_its_radio(page, login, exchange):
    login(page, "ana")
    open_dialog(page)
    expect(page.get_by_label("1 hour")).to_be_checked()
    page.get_by_label("Time of day").fill("23:59")
    expect(page.get_by_label("until", exact=True)).to_be_checked()


def test_the_lists_open_on_the_first_key_and_close_again(page, login, exchange):
    listed("The Boss", "500")
    login(page, "ana")
    open_dialog(page)
    expect(page.locator("#numbers")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#numbers")).to_be_visible()
    expect(page.locator("#targets")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#numbers")).to_be_hidden()
    expect(page.get_by_role("combobox", name="Calls for")).not_to_have_value("")


def test_without_javascript(browser, server, exchange, ana):
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Send calls elsewhere").click()
    page.get_by_label("Calls for").fill("500")
    page.get_by_label("Go to").fill("102")
    page.get_by_role("button", name="Send them there").click()
    expect(page.locator(".forwards li")).to_contain_text("Calls for 500 go to 102")
    page.get_by_role("button", name=re.compile("^End")).click()
    page.get_by_role("button", name="End").click()
    expect(page.locator(".forwards li")).to_have_count(0)
    assert StandingForward.objects.get().ended_by_name == "Ana Kovács"
    context.close()


def test_the_dialog_and_the_connection_page_stand_in_nobodys_way(
    new_page, login, exchange, notified, axe, head_office
):
    page = new_page(viewport={"width": 400, "height": 800})
    login(page, "root")
    open_dialog(page)
    axe(page)
    page.keyboard.press("ArrowDown")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(f"/connections/{head_office.pk}/")
    expect(page.get_by_label("Address for this PBX")).to_have_value(notified)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# Where her own phone carries it out.


@pytest.fixture
def agent(ana, head_office) -> None:
    """Head office as a contact center, where Ana is the agent at 1001."""
    listed("Carol Weiss", "1003", on=head_office)
    head_office.vendor, head_office.poll_seconds = "genesys", 0.5
    head_office.save()
    seat = ana.seats.get()
    seat.username, seat.secrets = PBX_LOGIN["username"], {"password": PBX_LOGIN["password"]}
    seat.save()
    own_feed(seat)


def set_for_herself(page: Page) -> None:
    open_dialog(page)
    expect(page.get_by_role("dialog")).to_contain_text("your own phone does this")
    expect(page.get_by_role("combobox", name="Calls for")).to_have_value("1001")
    page.keyboard.press("Tab")
    page.keyboard.type("1003")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("pbx", ["genesys"], indirect=True)
def test_her_own_phone_does_it(page, login, exchange, pbx, agent, axe):
    login(page, "ana")
    set_for_herself(page)
    row = page.locator(".forwards li")
    expect(row).to_contain_text("Calls for 1001 go to Carol Weiss 1003")
    expect(row).to_contain_text("by the phone itself")
    assert exchange.extension("1001").forward_to == "1003"
    assert exchange.call(exchange.ring(CALLER, "1001")).callee == "1003"
    axe(page)
    page.get_by_role("button", name=re.compile("^End: calls for 1001")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Every call rings where it was dialled.")).to_be_visible()
    assert exchange.extension("1001").forward_to == ""
    exchange.ring("+49301234567", "1001")
    expect(page.locator(".call", has_text="+49301234567")).to_contain_text("1001", timeout=SOON)


@pytest.mark.parametrize("pbx", ["genesys"], indirect=True)
def test_its_end_was_not_heard(page, login, exchange, pbx, agent, axe, monkeypatch):
    """She is faster than the console, which looks at the phone once in a while."""
    monkeypatch.setattr(phone_keeper, "SOON", timedelta(hours=1))
    login(page, "ana")
    set_for_herself(page)
    pbx.faults.add("drop_before", command="ForwardCallsOff")
    page.get_by_role("button", name=re.compile("^End: calls for 1001")).click()
    row = page.locator(".forwards.left li")
    expect(row).to_contain_text("Calls for 1001 may still go to Carol Weiss", timeout=SOON)
    expect(row).to_contain_text("Look at the phone of Ana Kovács.")
    assert exchange.extension("1001").forward_to == "1003"
    axe(page)
    exchange.behave("1001", forward_to="")
    page.get_by_role("button", name="It is off at the phone").focus()
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    expect(page.get_by_text("Every call rings where it was dialled.")).to_be_visible()


@pytest.mark.parametrize("pbx", ["genesys"], indirect=True)
def test_it_ends_by_itself_at_the_phone_too(page, login, exchange, pbx, agent):
    """The keeper beside the poller tells the phone; nobody asks for it."""
    login(page, "ana")
    set_for_herself(page)
    expect(page.locator(".forwards li")).to_have_count(1)
    StandingForward.objects.update(until=timezone.now())
    expect(page.locator(".forwards li")).to_have_count(0, timeout=SOON)
    assert eventually(lambda: exchange.extension("1001").forward_to == "")
