"""Two people at two computers send one call on in the same moment, at every face of each vendor."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import Page, Route, expect

import tests.browser.offices as offices
from tests.browser.hands import choose, no_mouse, press
from tests.browser.offices import hang_up_all, row_of, sit
from tests.conftest import person
from transfers.models import PbxConnection, Transfer

board, desks, exchange = offices.board, offices.desks, offices.exchange
SEND = re.compile("/blind/act/")


@pytest.fixture
def dora(desks) -> None:
    """She has a phone of her own; where a login sees only its own calls, she shares Ana's."""
    user = person("dora", "receptionist", first="Dora", last="Nagy")
    for desk in desks.values():
        sit(user, desk.connection, "1001" if desk.alone else "1004")


@pytest.fixture
def both(board, dora, new_page, login) -> tuple[Page, Page]:
    other = no_mouse(new_page())
    login(other, "dora")
    return board, other


def ask(page: Page, who: str, target: str) -> None:
    """All but the last Enter."""
    choose(page, row_of(page, who))
    press(page, "t")
    field = page.get_by_role("dialog").get_by_role("combobox")
    expect(field).to_be_focused()
    page.keyboard.type(target)
    if page.get_by_role("radio").count():
        press(page, "Shift+Tab Space Tab")  # who leaves, in her words


def held_back(*pages: Page) -> list[Route]:
    """What they send from now on, until somebody lets it through."""
    waiting: list[Route] = []
    for page in pages:
        page.route(SEND, lambda route: waiting.append(route))
    return waiting


def at_once(pages: tuple[Page, Page], waiting: list[Route]) -> None:
    """Both press Enter, and both commands are on their way before one of them is let through."""
    for page in pages:
        with page.expect_request(SEND):
            press(page, "Enter")
    while len(waiting) < len(pages):
        pages[0].wait_for_timeout(10)
    random.shuffle(waiting)
    with pages[0].expect_response(SEND), pages[1].expect_response(SEND):
        while waiting:
            waiting.pop().continue_()


def loser_is_told(pages: tuple[Page, Page], connection: PbxConnection) -> Transfer:
    """Who was faster, and when; what it was that won."""
    rows = Transfer.objects.filter(connection=connection)
    won, lost = rows.exclude(state="refused").get(), rows.get(state="refused")
    windows = dict(zip(("Ana Kovács", "Dora Nagy"), pages, strict=True))
    told = windows[lost.user_name].locator(f"#receipt-{lost.pk}")
    what = rf"(is already on this call \(Blind transfer|: Blind transfer to {won.target})"
    expect(told).to_contain_text(re.compile(rf"{won.user_name} ?{what}.*, \d\d:\d\d:\d\d"))
    expect(windows[won.user_name].get_by_role("dialog")).to_be_hidden()
    return won


def test_one_command_is_sent_and_the_loser_is_told_who_and_when(both, desks, page_errors):
    """Where the call is gone before her command is looked at, she is told who moved it."""
    page_errors.expect("409")
    waiting = held_back(*both)
    for face, desk in desks.items():
        desk.exchange.behave("1003", answers_after=0.2)
        desk.exchange.add("1005", "Ines Duarte", answers_after=0.2)
        who = desk.talk()[1]
        ask(both[0], who, "1003")
        expect(row_of(both[1], who).locator(".claim")).to_contain_text("Ana Kovács is on it since")
        ask(both[1], who, "1005")
        at_once(both, waiting)
        won = loser_is_told(both, desk.connection)
        assert desk.blind_transfers == 1, face
        loser = both[won.user_name == "Ana Kovács"]
        expect(loser.locator("#dialog .htmx-request")).to_have_count(0)  # it would open once more
        press(loser, "Escape")
        hang_up_all(both[0], desk)
