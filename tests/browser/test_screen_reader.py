"""The main job by ear: nothing is looked at, every key follows from what was read out before.

A simulation says what must be said. Whether it is pleasant to hear, only a person can tell.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SOON
from tests.browser.ear import Ear
from tests.browser.hands import no_mouse, press
from tests.conftest import person
from tests.rows import listed
from tests.stage import CALLER
from transfers.models import Seat
from transfers.services.preferences import Preferences, save


@pytest.fixture
def ear(page, login, head_office, exchange, ana) -> Ear:
    """Ana's, who cannot see the switchboard. Nothing is said because she takes her time."""
    listed("Carol Weiss", "1003", on=head_office)
    save(ana, Preferences(ring_after=0))
    login(no_mouse(page), "ana")
    expect(page.locator(".badge")).to_contain_text("live")
    return Ear(page)


def ask(page: Page, ear: Ear) -> None:
    """From the first ring to the plan: all but the Enter that sends."""
    ear.hears("Kovács Júlia rings for you.")
    press(page, "j")
    ear.hears("listitem, Rings: Kovács Júlia to 1001, Head office")
    press(page, "Enter")
    ear.hears("dialog, Forward, Send +3615550142 Kovács Júlia to")
    ear.hears("combobox, Send to")
    page.keyboard.type("car")
    ear.is_offered("Carol Weiss")
    press(page, "Enter")
    ear.hears("Send +3615550142 Kovács Júlia to 1003 Carol Weiss. 1001 (you) stops ringing.")


def test_a_call_is_heard_found_sent_on_and_its_verdict_heard(page, ear, exchange):
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    ask(page, ear)
    press(page, "Enter")
    ear.hears("Forward. Accepted.")
    assert exchange.call(call).callee == "1003"
    exchange.answer(call)
    ear.hears("Forward. Arrived: Kovács Júlia, Carol Weiss.")
    said = [phrase for phrase in ear.all() if phrase.startswith(("polite: ", "assertive: "))]
    told = [phrase for phrase in said if phrase.removeprefix("polite: ")]
    assert len(told) == len(set(told)), f"something is said twice: {told}"
    assert len(told) == 4, told


def test_a_refusal_is_heard_in_the_dialog_and_the_next_try_too(
    page, ear, exchange, pbx, page_errors
):
    page_errors.expect("409")
    exchange.behave("1003", answers_after=0)
    pbx.faults.add("forbidden_address", command="Forward", times=1)
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    ask(page, ear)
    press(page, "Enter")
    ear.hears("Refused:")
    press(page, "Enter")
    ear.hears("Forward. Arrived: Kovács Júlia, Carol Weiss.")


def test_what_did_not_arrive_is_heard(page, ear, exchange):
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    ask(page, ear)
    press(page, "Enter")
    ear.hears("Forward. Accepted.")
    expect(page.locator(".receipt")).to_contain_text("1003 is ringing.", timeout=SOON)
    exchange.hangup(call)
    ear.hears("Kovács Júlia did not reach Carol Weiss.")


def test_who_else_is_on_it_is_heard_with_the_call(
    page, ear, exchange, head_office, new_page, login
):
    dora = person("dora", "receptionist", first="Dora", last="Nagy")
    Seat.objects.create(user=dora, connection=head_office, extensions="1004", sees="all")
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    ear.hears("Kovács Júlia rings for you.")
    other = new_page()
    login(other, "dora")
    press(other, "j Enter")
    expect(page.locator(".claim")).to_contain_text("Dora Nagy is on it since")
    press(page, "j")
    ear.hears("Rings: Kovács Júlia to 1001, Head office. Dora Nagy is on it since")
