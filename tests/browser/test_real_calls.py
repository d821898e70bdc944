"""A receptionist's day with nothing simulated: Chromium before the whole server before a real
Asterisk with telephones. She has a keyboard; who hears whom is told by the phones."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

import tests.browser.test_afterwards as afterwards
from scripts.asterisk.lab import MUSIC, Lab, eventually
from tests.browser.hands import no_mouse, press, send_to
from tests.browser.offices import OPTIONS, SOON, order, receipt, row_of, sit
from tests.browser.test_consultation import bar, way, words
from tests.browser.test_races import ask, at_once, held_back, loser_is_told
from tests.conftest import person
from transfers.board import poller
from transfers.domain import Action
from transfers.models import Feed, PbxConnection

CUSTOMER, SUPPLIER, MAIN_NUMBER = "+3615550142", "+3615550177", "3615550100"
NAME = "Customer"  # as her phone gives it


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("22") as running:
        yield running


@pytest.fixture
def head_office(transactional_db, lab: Lab) -> Iterator[PbxConnection]:
    """The real PBX; 1001 is Ana's."""
    connection = PbxConnection(name="Head office", vendor="asterisk", url=lab.places.url)
    connection.username, connection.options = lab.account.username, OPTIONS["asterisk"]
    connection.secrets = {"password": lab.account.secret}
    connection.save()
    Feed.objects.create(connection=connection)
    yield connection
    lab.quiet()


@pytest.fixture
def board(page: Page, login, head_office) -> Page:
    login(no_mouse(page), "ana")
    expect(badge(page)).to_contain_text("live", timeout=SOON)
    return page


def badge(page: Page):
    return page.locator(".badge")


def answered(board: Page, lab: Lab, caller: str = CUSTOMER, name: str = NAME) -> None:
    """Ana has answered somebody, whom she saw ringing."""
    lab.call(caller, MAIN_NUMBER, "1001")
    expect(row_of(board, name)).to_contain_text("Rings", timeout=SOON)
    lab.phones["1001"].accept()
    expect(row_of(board, name)).to_contain_text("Talking", timeout=SOON)
    lab.until_hears("1001", {caller})


def talk(lab: Lab, one: str, other: str) -> None:
    lab.until_hears(one, {other})
    lab.until_hears(other, {one})


def done(board: Page, action: Action, word: str = "Done") -> None:
    expect(receipt(board, NAME, action)).to_contain_text(word, timeout=SOON)


def rings(lab: Lab, number: str) -> None:
    phone = lab.phones[number]
    phone.until(lambda: bool(phone.ringing), "rings")


def no_longer_hers(board: Page, name: str) -> None:
    """The phones are a moment ahead of the board, which lets go of a call that she sent away."""
    expect(row_of(board, name)).not_to_have_class(re.compile(r"\bown\b"), timeout=SOON)


def silent(lab: Lab, number: str) -> None:
    phone = lab.phones[number]
    phone.until(lambda: phone.idle, "is released")


def test_a_customer_is_sent_to_a_colleague(board, lab):
    answered(board, lab)
    order(board, NAME, Action.BLIND, "1003")
    lab.phones["1003"].accept()
    talk(lab, CUSTOMER, "1003")
    silent(lab, "1001")
    done(board, Action.BLIND, "Arrived")


def test_one_call_goes_through_everything(board, lab):
    lab.call(CUSTOMER, MAIN_NUMBER, "1001")
    order(board, NAME, Action.FORWARD, "1003")
    rings(lab, "1003")
    silent(lab, "1001")
    no_longer_hers(board, NAME)
    order(board, NAME, Action.PICKUP)
    lab.phones["1001"].accept()
    silent(lab, "1003")
    talk(lab, CUSTOMER, "1001")
    done(board, Action.PICKUP)
    order(board, NAME, Action.HOLD)
    lab.until_hears(CUSTOMER, {MUSIC})
    done(board, Action.HOLD)
    order(board, NAME, Action.RETRIEVE)
    talk(lab, CUSTOMER, "1001")
    done(board, Action.RETRIEVE)
    order(board, NAME, Action.PARK)
    lab.until_hears(CUSTOMER, {MUSIC})
    silent(lab, "1001")
    done(board, Action.PARK)
    order(board, NAME, Action.UNPARK)
    lab.phones["1001"].accept()
    talk(lab, CUSTOMER, "1001")
    done(board, Action.UNPARK)
    order(board, NAME, Action.VOICEMAIL, "1003")
    assert eventually(lambda: lab.recorded("1003") == {CUSTOMER})
    silent(lab, "1001")
    done(board, Action.VOICEMAIL)
    order(board, NAME, Action.HANGUP)
    silent(lab, CUSTOMER)
    done(board, Action.HANGUP)


def test_colleagues_are_asked_until_one_takes_the_call(board, lab):
    answered(board, lab)
    order(board, NAME, Action.CONSULT, "1003")
    lab.phones["1003"].accept()
    talk(lab, "1001", "1003")
    lab.until_hears(CUSTOMER, {MUSIC})
    expect(words(board)).to_contain_text("You talk to", timeout=SOON)
    press(board, "s")
    talk(lab, CUSTOMER, "1001")
    lab.until_hears("1003", {MUSIC})
    done(board, Action.SWAP)
    expect(way(board, "Cancel")).to_be_enabled(timeout=SOON)  # the bar has heard of it, too
    press(board, "e")
    silent(lab, "1003")
    expect(bar(board)).to_have_count(0, timeout=SOON)
    talk(lab, CUSTOMER, "1001")
    order(board, NAME, Action.CONSULT, "1004")
    lab.phones["1004"].accept()
    talk(lab, "1001", "1004")
    expect(words(board)).to_contain_text("You talk to", timeout=SOON)
    press(board, "b")
    talk(lab, CUSTOMER, "1004")
    silent(lab, "1001")
    done(board, Action.JOIN, "Arrived")


def test_a_consultation_of_the_phones_is_taken_up(board, lab):
    answered(board, lab)
    lab.phones["1001"].hold()
    lab.talk("1001", "1003")
    expect(words(board)).to_contain_text("You talk to", timeout=SOON)
    press(board, "b")
    talk(lab, CUSTOMER, "1003")
    silent(lab, "1001")
    done(board, Action.JOIN, "Arrived")


def test_who_is_not_answered_is_told_of_and_sent_elsewhere(board, lab, settings):
    """Beside somebody whom nobody answers until the PBX gives up."""
    settings.PBX_NO_ANSWER_SECONDS = 1
    answered(board, lab, SUPPLIER, "Supplier")
    order(board, "Supplier", Action.BLIND, "1005")
    rings(lab, "1005")
    answered(board, lab)
    order(board, NAME, Action.BLIND, "1003")
    rings(lab, "1003")
    alert = afterwards.alert(board).filter(has_text=f"Carol has not answered {NAME} yet.")
    expect(alert).to_be_visible(timeout=SOON)
    afterwards.use(board, "Send elsewhere", alert)
    send_to(board, "1004")
    lab.phones["1004"].accept()
    talk(lab, CUSTOMER, "1004")
    silent(lab, "1003")
    expect(alert).to_have_count(0, timeout=SOON)
    done(board, Action.FORWARD, "Arrived")
    expect(afterwards.alert(board)).to_contain_text("Supplier did not reach Ines.", timeout=SOON)
    silent(lab, SUPPLIER)


def test_two_race_for_one_call_and_one_phone_rings(
    board, lab, head_office, new_page, login, page_errors
):
    page_errors.expect("409")
    sit(person("dora", "receptionist", first="Dora", last="Nagy"), head_office, "1006")
    second = no_mouse(new_page())
    login(second, "dora")
    answered(board, lab)
    both = board, second
    ask(board, NAME, "1003")
    expect(row_of(second, NAME).locator(".claim")).to_contain_text("Ana Kovács is on it since")
    ask(second, NAME, "1004")
    at_once(both, held_back(*both))
    won = loser_is_told(both, head_office)
    lab.phones[won.target].accept()
    stays = "1001" if won.leaves == "caller" else CUSTOMER
    talk(lab, stays, won.target)
    (other,) = {"1003", "1004"} - {won.target}
    assert lab.phones[other].lines == []
    assert len(lab.phones[won.target].lines) == 1


def test_the_pbx_starts_anew_and_the_next_call_is_sent_on(board, lab, monkeypatch):
    monkeypatch.setattr(poller, "LONGEST_PAUSE", 1.0)
    answered(board, lab)
    lab.server.stop()
    expect(badge(board)).to_contain_text("unreachable since", timeout=SOON)
    expect(row_of(board, NAME)).to_be_visible()
    for phone in lab.phones.values():
        phone.end_all()
    lab.server.start()
    expect(badge(board)).to_have_class(re.compile("live"), timeout=SOON)
    expect(board.locator(".call")).to_have_count(0, timeout=SOON)
    lab.call(CUSTOMER, MAIN_NUMBER, "1001")
    order(board, NAME, Action.FORWARD, "1003")
    lab.phones["1003"].accept()
    talk(lab, CUSTOMER, "1003")
    done(board, Action.FORWARD, "Arrived")
