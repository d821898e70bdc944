"""The consultation bar, with each vendor that can consult and with a consultation of the phones."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, expect

import tests.browser.offices as offices
from scripts.asterisk.lab import eventually
from simulator.calls import State
from tests.browser.hands import confirm, press, tab_to
from tests.browser.offices import SOON, Desk, each_consulting, each_face, order, receipt, row_of
from tests.rows import listed
from transfers.domain import Action
from transfers.drivers.base import Scope

board, desks, exchange = offices.board, offices.desks, offices.exchange
ON_THE_WIRE = {"voipnow": ["OnHold", "CreateSimple"], "genesys": ["InitiateTransfer"]}
ON_PHONES = (
    "ozeki-gen1",
    "ozeki-gen2",
    "voipnow",
    "genesys",
    "asterisk",
)  # the simulated phones can consult there without the console


@pytest.fixture(autouse=True)
def carol(transactional_db) -> None:
    listed("Carol Weiss", "1003")


def bar(page: Page) -> Locator:
    return page.locator(".consultation")


def words(page: Page) -> Locator:
    return bar(page).locator(".words")


def way(page: Page, name: str) -> Locator:
    return bar(page).get_by_role("button", name=re.compile(f"^{name}"))


def consult(page: Page, desk: Desk, *, answers_after: float | None = 0.2) -> tuple[str, str]:
    """From the console: the id and the caller of the call that waits."""
    desk.exchange.behave("1001", answers_after=0.1)
    desk.exchange.behave("1003", answers_after=answers_after)
    call_id, who = desk.talk()
    order(page, who, Action.CONSULT)
    return call_id, who


def talk_at_last(desk: Desk, *pair: str) -> bool:
    """These two, and nobody else; a phone that rings once more takes its time to answer."""
    return eventually(lambda: live(desk) == {(*pair, State.TALKING)}, SOON / 1000)


def live(desk: Desk) -> set[tuple[str, str, State]]:
    return {(call.caller, call.callee, call.state) for call in desk.exchange.calls() if call.live}


def other_call(desk: Desk, call_id: str) -> str:
    return next(c.id for c in desk.exchange.calls() if c.live and c.id != call_id)


def rings_at_carol(desk: Desk) -> bool:
    """Not at Ana's own phone first."""
    return any(each[1:] == ("1003", State.RINGING) for each in live(desk))


@each_consulting
def test_the_bar_from_the_first_ring_to_the_end(board, desks, face, axe):
    desk = desks[face]
    call_id, who = consult(board, desk, answers_after=None)
    expect(words(board)).to_contain_text(f"{who} is on hold", timeout=SOON)
    expect(words(board)).to_contain_text(re.compile("Carol Weiss’s phone rings|Calling Carol"))
    axe(board)
    assert eventually(lambda: rings_at_carol(desk), SOON / 1000), live(desk)
    desk.exchange.answer(other_call(desk, call_id))
    expect(words(board)).to_have_text(f"You talk to Carol Weiss; {who} is on hold.", timeout=SOON)
    again = bar(board).get_by_text("that phone rings once more")
    expect(again).to_have_count(int(desk.driver.rings_again))
    expect(bar(board).locator(".time")).to_have_text(re.compile(r"^\d+:\d\d$"))
    desk.exchange.behave("1003", answers_after=0.2)  # once more, where it must
    press(board, "b")
    expect(bar(board)).to_have_count(0, timeout=SOON)
    assert talk_at_last(desk, who, "1003"), live(desk)


def test_after_complete_by_keyboard_the_focus_is_at_the_calls(board, desks):
    """By Enter on the bar's button, which is disabled at once and soon gone."""
    _, who = consult(board, desks["voipnow"])
    expect(words(board)).to_contain_text("You talk to Carol Weiss", timeout=SOON)
    tab_to(board, way(board, "Complete"), "Shift+Tab")
    press(board, "Enter")
    expect(bar(board)).to_have_count(0, timeout=SOON)
    expect(receipt(board, who, Action.JOIN)).to_contain_text("Arrived", timeout=SOON)
    assert board.evaluate("document.activeElement.id") == "main"
    told = board.get_by_role("region", name="Your last actions")
    expect(told.get_by_text("Consultation")).to_have_count(0)  # what followed it is the news


@each_consulting
def test_the_same_bar_at_two_computers_by_keys(board, desks, face, new_page, login):
    """Reload, a second tab and a second computer: swapped in one, cancelled in the other."""
    desk = desks[face]
    call_id, who = consult(board, desk)
    expect(words(board)).to_have_text(f"You talk to Carol Weiss; {who} is on hold.", timeout=SOON)
    second, tab = new_page(), board.context.new_page()
    login(second, "ana")
    tab.goto("/")
    board.reload()
    for page in (board, second, tab):
        expect(words(page)).to_have_text(f"You talk to Carol Weiss; {who} is on hold.")
    second.keyboard.press("s")
    for page in (board, second, tab):
        expect(words(page)).to_have_text(
            f"You talk to {who}; Carol Weiss is on hold.", timeout=SOON
        )
    board.keyboard.press("e")
    for page in (board, second, tab):
        expect(bar(page)).to_have_count(0, timeout=SOON)
    assert talk_at_last(desk, who, "1001"), live(desk)
    assert desk.exchange.call(call_id).state is State.TALKING, "the caller was never hung up"


@each_consulting
def test_the_target_is_gone_and_the_caller_still_waits(board, desks, face):
    desk = desks[face]
    call_id, who = consult(board, desk)
    expect(words(board)).to_contain_text("You talk to Carol Weiss", timeout=SOON)
    desk.exchange.hangup(other_call(desk, call_id))
    gone = f"The call with Carol Weiss has ended; {who} is still on hold."
    expect(words(board)).to_have_text(gone, timeout=SOON)
    board.reload()
    expect(words(board)).to_have_text(gone)
    press(board, "r")
    expect(bar(board)).to_have_count(0, timeout=SOON)
    assert talk_at_last(desk, who, "1001"), live(desk)
    assert desk.exchange.call(call_id).state is State.TALKING


@each_consulting
def test_a_target_that_does_not_take_the_call(board, desks, face):
    desk = desks[face]
    call_id, who = consult(board, desk, answers_after=None)
    expect(words(board)).to_contain_text(f"{who} is on hold", timeout=SOON)
    desk.exchange.hangup(other_call(desk, call_id))
    expect(words(board)).to_contain_text(f"{who} is still on hold", timeout=SOON)
    expect(way(board, "Return to caller")).to_be_visible()


@each_consulting
def test_the_caller_is_gone_and_the_target_still_there(board, desks, face):
    desk = desks[face]
    call_id, who = consult(board, desk)
    expect(words(board)).to_contain_text("You talk to Carol Weiss", timeout=SOON)
    desk.exchange.hangup(call_id)
    gone = f"{who} hung up; you still talk to Carol Weiss."
    expect(words(board)).to_have_text(gone, timeout=SOON)
    board.reload()
    expect(words(board)).to_have_text(gone)
    desk.exchange.hangup(other_call(desk, call_id))
    expect(bar(board)).to_have_count(0, timeout=SOON)


@each_face
def test_a_consultation_of_the_phones_is_taken_up(board, desks, face):
    desk = desks[face]
    desk.exchange.behave("1003", answers_after=0.2)
    call_id, who = desk.talk()
    desk.exchange.hold(call_id)
    desk.exchange.ring("1001", "1003")
    expect(words(board)).to_have_text(f"You talk to Carol Weiss; {who} is on hold.", timeout=SOON)
    press(board, "b")
    expect(bar(board)).to_have_count(0, timeout=SOON)
    assert talk_at_last(desk, who, "1003"), live(desk)


@each_face
def test_the_way_out_of_a_consultation_of_the_phones_by_its_key(board, desks, face):
    """Two callers wait at her phone, and it dials a third person. Nobody who waits is hung up."""
    desk = desks[face]
    desk.exchange.behave("1003", answers_after=None)
    waiting = [desk.talk() for _ in range(2)]
    for call_id, who in waiting:
        desk.exchange.hold(call_id, by="1001")
        expect(row_of(board, who)).to_contain_text("Held", timeout=SOON)
    second = desk.exchange.ring("1001", "1003")
    expect(words(board)).to_have_text(re.compile("Carol.*; .* is on hold"), timeout=SOON)
    expect(bar(board)).not_to_contain_text("Needs a consultation")
    expect(bar(board)).not_to_contain_text("Works during a consultation")
    expect(way(board, "Cancel|End call with Carol Weiss").locator("kbd")).to_have_text("E")
    if way(board, "Cancel").count():  # back to the caller at once
        press(board, "e")
        expect(bar(board)).to_have_count(0, timeout=SOON)
    else:
        desk.exchange.answer(second)
        expect(words(board)).to_contain_text("You talk to Carol Weiss", timeout=SOON)
        press(board, "e")
        confirm(board, "Hang up")
        expect(words(board)).to_contain_text("is still on hold", timeout=SOON)
    theirs = {call_id for call_id, _ in waiting}
    calls = desk.exchange.calls
    assert eventually(lambda: {c.id for c in calls() if c.live} == theirs, SOON / 1000), live(desk)


@each_consulting
def test_the_caller_is_held_before_the_target_is_called(desks, board, face):
    desk = desks[face]
    seen: list[str] = []
    desk.exchange.subscribe(
        lambda call: seen.append("held" if call.state is State.HELD else f"to {call.callee}")
    )
    consult(board, desk)
    expect(words(board)).to_contain_text("You talk to Carol Weiss", timeout=SOON)
    assert seen.index("held") < seen.index("to 1003")
    sent = ON_THE_WIRE.get(face, [])
    assert [r.command for r in desk.pbx.requests if r.command in sent] == sent


@pytest.mark.parametrize("width", [400, 1280])
def test_it_fits_and_works_with_the_keyboard_alone(board, desks, width, axe):
    desk = next(d for d in desks.values() if d.driver.scope is not Scope.AGENT)
    board.set_viewport_size({"width": width, "height": 800})
    desk.exchange.hold(desk.talk()[0])
    desk.exchange.behave("1003", answers_after=0.2)
    desk.exchange.ring("1001", "1003")
    expect(words(board)).to_contain_text("You talk to Carol Weiss", timeout=SOON)
    assert board.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(board)
    with suppress(AssertionError):
        board.locator("#main").focus()
    board.keyboard.press("Tab")
    expect(way(board, "Complete")).to_be_focused()
    board.keyboard.press("Enter")
    expect(bar(board)).to_have_count(0, timeout=SOON)
