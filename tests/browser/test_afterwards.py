"""After a blind transfer, with every vendor: answered, not answered, come back, given up."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

import tests.browser.offices as offices
from tests.browser.conftest import PATIENTLY
from tests.browser.hands import press, send_to, tab_to
from tests.browser.offices import SOON, Desk, order, receipt, row_of
from tests.rows import listed
from transfers.domain import Action
from transfers.drivers.base import Scope
from transfers.services import observe, outcomes, recent
from transfers.services.keyboard import USUAL

board, desks, exchange = offices.board, offices.desks, offices.exchange
SILENT = ("voipnow",)  # the call is gone and that is all: unknown, and looked for a while longer


@pytest.fixture(autouse=True)
def carol(transactional_db) -> None:
    listed("Carol Weiss", "1003")


@pytest.fixture
def seeing(desks) -> list[Desk]:
    """Those that tell what becomes of a call that was sent; the tests take them side by side."""
    return [desk for desk in desks.values() if not desk.alone]


def alert(page: Page) -> Locator:
    return page.locator(".astray")


def use(page: Page, button: str, told: Locator | None = None) -> None:
    """To the alert by its key, and on to its button."""
    press(page, USUAL["alert"])
    told = told or alert(page)
    tab_to(page, told.get_by_role("button", name=re.compile(f"^{button}")))
    press(page, "Enter")


def send(page: Page, desk: Desk) -> str:
    """To Carol, whose phone rings and nobody takes it; who the caller is."""
    desk.exchange.rules.no_answer_returns = True
    desk.exchange.behave("1003", answers_after=None)
    who = desk.talk()[1]
    order(page, who, Action.BLIND)
    return who


def live(desk: Desk) -> str:
    return next(call.id for call in desk.exchange.calls() if call.live)


def ring_out(page: Page, desk: Desk, who: str) -> None:
    """It was seen to ring at Carol's, and now her phone gives up."""
    shown = "Sent on" if desk.alone else "1003 is ringing."
    expect(receipt(page, who, Action.BLIND)).to_contain_text(shown, timeout=SOON)
    rang = desk.exchange.clock() - desk.exchange.call(live(desk)).rung_at
    desk.exchange.behave("1003", ring_seconds=rang)


def test_the_receipt_waits_for_the_answer_and_leaves_by_itself(board, seeing, monkeypatch):
    callers = {desk: send(board, desk) for desk in seeing}
    for desk, who in callers.items():
        told = receipt(board, who, Action.BLIND)
        expect(told).to_contain_text("1003 is ringing.", timeout=SOON)
        desk.exchange.answer(live(desk))
        expect(told).to_contain_text("Arrived", timeout=SOON)
        expect(told).to_contain_text("answered")
    expect(alert(board)).to_have_count(0)
    monkeypatch.setattr(recent, "STAYS", recent.STAYS * 0)
    expect(board.locator(".receipts li")).to_have_count(0, timeout=SOON)


def test_a_call_that_comes_back_is_told_and_sent_elsewhere(board, seeing, axe):
    callers = {desk: send(board, desk) for desk in seeing}
    for desk, who in callers.items():
        ring_out(board, desk, who)
    for who in callers.values():
        told = alert(board).filter(has_text=f"{who} did not reach Carol Weiss.")
        expect(told).to_contain_text(
            re.compile(r"1003 rang \d+ s, not answered; the call came back to 1001\."), timeout=SOON
        )
    axe(board)
    assert board.evaluate("document.activeElement.closest('.astray')") is None, "it is quiet"
    for desk, who in callers.items():
        desk.exchange.behave("1003", answers_after=0.2, ring_seconds=None)
        told = alert(board).filter(has_text=who)
        use(board, "Send elsewhere", told)
        send_to(board, "1003")
        expect(told).to_have_count(0, timeout=SOON)
        expect(receipt(board, who, Action.FORWARD)).to_contain_text("Arrived", timeout=SOON)


def test_it_is_dismissed_here_and_everywhere(board, seeing, new_page, login):
    callers = {desk: send(board, desk) for desk in seeing}
    for desk, who in callers.items():
        expect(receipt(board, who, Action.BLIND)).to_contain_text("ringing", timeout=SOON)
        desk.exchange.hangup(live(desk))
    second = new_page()
    login(second, "ana")
    for who in callers.values():
        for page in (board, second):
            told = alert(page).filter(has_text=who)
            expect(told).to_contain_text(f"{who} did not reach Carol Weiss.", timeout=SOON)
    for desk, who in callers.items():
        back = alert(board).filter(has_text=who).get_by_role("button", name="Call back")
        expect(back).to_have_count(int(Action.DIAL in desk.driver.features))
        if Action.DIAL in desk.driver.features:
            tab_to(board, back)
            press(board, "Enter")
            expect(board.get_by_role("combobox")).to_have_value(who)
            press(board, "Escape")
            expect(back).to_be_focused()
    for who in callers.values():
        use(board, "Dismiss", alert(board).filter(has_text=who))
        for page in (board, second):
            expect(alert(page).filter(has_text=who)).to_have_count(0)
    board.reload()
    expect(board.get_by_text("You are on no call.")).to_be_visible()
    expect(alert(board)).to_have_count(0)


def test_a_target_that_rings_for_long_is_told_and_the_call_taken_back(board, seeing, settings):
    settings.PBX_NO_ANSWER_SECONDS = 1
    callers = {desk: send(board, desk) for desk in seeing}
    for desk, who in callers.items():
        told = alert(board).filter(has_text=f"Carol Weiss has not answered {who} yet.")
        expect(told).to_be_visible(timeout=SOON)
        desk.exchange.behave("1001", answers_after=0.2)
        use(board, "Take it back", told)
        expect(alert(board).filter(has_text=who)).to_have_count(0, timeout=SOON)
        expect(row_of(board, who)).to_contain_text("Talking", timeout=SOON)
        (call,) = (call for call in desk.exchange.calls() if call.live)
        assert {call.caller, call.callee} == {who, "1001"}


def test_a_target_that_is_busy_is_told(board, desks, monkeypatch):
    """At all of them side by side; where the PBX never says why, that too."""
    for module in (observe, outcomes):
        monkeypatch.setattr(module, "LOST_AFTER", timedelta(seconds=5))
    callers = {}
    for face, desk in desks.items():
        if not desk.alone:
            desk.exchange.behave("1003", busy=True)
            desk.exchange.rules.linger_seconds = PATIENTLY  # why it ended can be read, also later
            callers[face] = desk.talk()[1]
    for who in callers.values():
        order(board, who, Action.BLIND)
    for face, who in callers.items():
        if face in SILENT:
            expect(receipt(board, who, Action.BLIND)).to_contain_text("Unknown", timeout=SOON)
            continue
        told = alert(board).filter(has_text=who)
        expect(told).to_contain_text("1003 was busy.", timeout=SOON)


@pytest.mark.parametrize("width", [400, 1280])
def test_it_fits(board, desks, width, axe):
    board.set_viewport_size({"width": width, "height": 800})
    desk = desks["ozeki-gen1"]
    who = send(board, desk)
    ring_out(board, desk, who)
    expect(alert(board)).to_contain_text(who, timeout=SOON)
    assert board.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(board)


def test_where_the_target_is_out_of_sight_the_return_is_told(board, desks):
    desk = next(desk for desk in desks.values() if desk.driver.scope is Scope.AGENT)
    desk.exchange.behave("1001", answers_after=None)
    who = send(board, desk)
    ring_out(board, desk, who)
    expect(alert(board)).to_contain_text(
        f"{who} is back after being sent to Carol Weiss.", timeout=SOON
    )
    expect(alert(board)).to_contain_text(re.compile(rf"\d+ s later \{who} was at 1001 again\."))
