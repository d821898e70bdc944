"""The main job from the customer's first ring to the colleague's hello, with nothing simulated:
Chromium before the whole server before a real Asterisk with telephones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from scripts.asterisk.lab import Lab
from tests.browser.hands import no_mouse
from tests.browser.offices import SOON, order, receipt, row_of
from transfers.domain import Action
from transfers.models import Feed, PbxConnection

CUSTOMER, MAIN_NUMBER = "+3615550142", "3615550100"
NAME = "Customer"  # as her phone gives it


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("22") as running:
        yield running


@pytest.fixture
def head_office(transactional_db, lab: Lab) -> Iterator[PbxConnection]:
    """The real PBX; 1001 is Ana's."""
    connection = PbxConnection(name="Head office", vendor="asterisk", url=lab.places.url)
    connection.username, connection.secrets = (
        lab.account.username,
        {"password": lab.account.secret},
    )
    connection.save()
    Feed.objects.create(connection=connection)
    yield connection
    lab.quiet()


@pytest.fixture
def board(page: Page, login, head_office, lab: Lab) -> Page:
    """Ana has answered the customer, whom she saw ringing."""
    login(no_mouse(page), "ana")
    expect(page.locator(f"#badge-{head_office.pk}")).to_contain_text("live", timeout=SOON)
    lab.call(CUSTOMER, MAIN_NUMBER, "1001")
    expect(row_of(page, NAME)).to_contain_text("Rings", timeout=SOON)
    lab.phones["1001"].accept()
    expect(row_of(page, NAME)).to_contain_text("Talking", timeout=SOON)
    lab.until_hears("1001", {CUSTOMER})
    return page


def talk(lab: Lab, one: str, other: str) -> None:
    lab.until_hears(one, {other})
    lab.until_hears(other, {one})


def test_a_customer_is_sent_to_a_colleague(board, lab):
    order(board, NAME, Action.BLIND, "1003")
    lab.phones["1003"].accept()
    talk(lab, CUSTOMER, "1003")
    assert lab.phones["1001"].idle
    expect(receipt(board, NAME, Action.BLIND)).to_contain_text("Arrived", timeout=SOON)


def test_a_customer_is_handed_over_after_a_word_with_the_colleague(board, lab):
    order(board, NAME, Action.CONSULT, "1003")
    lab.phones["1003"].accept()
    talk(lab, "1001", "1003")
    expect(row_of(board, NAME)).to_contain_text("Held", timeout=SOON)
    order(board, NAME, Action.JOIN)
    talk(lab, CUSTOMER, "1003")
    assert lab.phones["1001"].idle
    expect(receipt(board, NAME, Action.JOIN)).to_contain_text("Arrived", timeout=SOON)
