"""The dialog before a command and the POST that sends it."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.rows import listed
from tests.stage import CALLER
from tests.views.ladder import HTMX
from transfers.board.accounts import driver_class_of
from transfers.domain import Action
from transfers.drivers.base import Display
from transfers.models import PbxConnection, Seat, Transfer


def url(stage, kind: str, act: bool = False) -> str:
    return f"/calls/{stage.connection.pk}/{kind}/" + ("act/" if act else "")


@pytest.fixture
def talking(stage, ana) -> str:
    call = stage.talk(name="Kovács Júlia")
    stage.wait()
    return call


def order(call: str, **more: str) -> dict[str, str]:
    return {"call": call, "key": str(uuid4()), **more}


# The dialog.


def test_the_dialog_says_who_is_sent_and_who_leaves(stage, ana, as_user, talking):
    html = as_user(ana).get(url(stage, "blind"), {"call": talking}, headers=HTMX).content.decode()
    assert "<html" not in html
    assert f"Send <b>{CALLER} Kovács Júlia</b> to" in html
    assert "<b>1001</b> (you) leaves the call." in html
    assert 'name="leaves"' not in html


@pytest.mark.parametrize(
    ("kind", "displays", "number"),
    [
        ("blind", {Action.BLIND: Display.SENT}, CALLER),
        ("blind", {Action.BLIND: Display.SENDER}, "1001"),
        ("blind", {Action.FORWARD: Display.SENT}, ""),
        ("blind", {}, ""),
    ],
)
def test_the_dialog_says_what_the_targets_phone_shows(
    stage, ana, as_user, talking, monkeypatch, kind, displays, number
):
    monkeypatch.setattr(driver_class_of(stage.connection), "displays", displays)
    html = as_user(ana).get(url(stage, kind), {"call": talking}, headers=HTMX).content.decode()
    assert f'shows <b class="num">{number}</b> while it rings' in html if number else True
    assert ("while it rings" in html) is bool(number)


def test_who_leaves_is_asked_only_when_it_cannot_be_known(stage, ana, as_user):
    call = stage.talk("1002", "1003")
    stage.wait()
    html = as_user(ana).get(url(stage, "blind"), {"call": call}, headers=HTMX).content.decode()
    assert html.count('name="leaves"') == 2
    assert "<b>1003</b> leaves; <b>1002</b> is sent to" in html


@pytest.mark.parametrize("kind", ["blind", "forward"])
def test_the_dialog_shows_what_the_phone_book_says_of_the_caller(stage, ana, as_user, kind):
    listed("Reception", "1001", department="Front desk", notes="of no interest: it is she")
    listed("Kovács Júlia", CALLER, department="Pannonia", notes="Wants <Carol>,\nnever Dave.")
    call = stage.exchange.ring(CALLER, "1001") if kind == "forward" else stage.talk()
    stage.wait()
    html = as_user(ana).get(url(stage, kind), {"call": call}, headers=HTMX).content.decode()
    assert "<b>Kovács Júlia</b> · Pannonia<span>Wants &lt;Carol&gt;,\nnever Dave." in html
    assert "of no interest" not in html


def test_the_dialog_says_nothing_of_whom_the_phone_book_knows_by_name_only(
    stage, ana, as_user, talking
):
    listed("Kovács Júlia", CALLER)
    html = as_user(ana).get(url(stage, "blind"), {"call": talking}, headers=HTMX).content.decode()
    assert "known" not in html


def test_forward_says_who_stops_ringing(stage, ana, as_user):
    call = stage.exchange.ring(CALLER, "1001")
    stage.wait()
    html = as_user(ana).get(url(stage, "forward"), {"call": call}, headers=HTMX).content.decode()
    assert "stops ringing" in html


def test_without_htmx_the_dialog_is_a_page(stage, ana, as_user, talking):
    html = as_user(ana).get(url(stage, "blind"), {"call": talking}).content.decode()
    assert "<html" in html
    assert "Send to" in html


def test_hang_up_asks_first(stage, ana, as_user, talking):
    html = as_user(ana).get(url(stage, "hangup"), {"call": talking}, headers=HTMX).content.decode()
    assert "Hang up this call?" in html


def test_every_command_has_a_question_for_browsers_without_javascript(stage, ana, as_user, talking):
    html = as_user(ana).get(url(stage, "hold"), {"call": talking}).content.decode()
    assert f'action="/calls/{stage.connection.pk}/hold/act/"' in html
    assert 'name="key"' in html


@pytest.mark.parametrize("kind", ["voicemail", "levitate"])
def test_what_the_pbx_does_not_know_is_not_there(stage, ana, as_user, talking, kind):
    assert as_user(ana).get(url(stage, kind), {"call": talking}).status_code == 404


def test_a_call_that_is_gone_is_said_to_be(stage, ana, as_user):
    stage.wait()
    response = as_user(ana).get(url(stage, "blind"), {"call": "nope"}, headers=HTMX)
    assert response.status_code == 404
    assert b"not there any more" in response.content


# The command.


def test_a_transfer_is_sent_and_said(stage, ana, as_user, talking):
    data = order(talking, target="1003")
    response = as_user(ana).post(url(stage, "blind", act=True), data, headers=HTMX)
    assert response.status_code == 204
    acted = json.loads(response["HX-Trigger"])["acted"]
    assert acted["state"] == "accepted"
    assert "Accepted" in acted["said"]
    assert stage.pbx.count("BlindTransfer") == 1


def test_without_htmx_the_receipt_follows(stage, ana, as_user, talking):
    response = as_user(ana).post(url(stage, "blind", act=True), order(talking, target="1003"))
    assert response.status_code == 302
    assert response["Location"] == f"/log/{Transfer.objects.get().pk}/"


def test_a_double_click_is_one_command(stage, ana, as_user, talking):
    data = order(talking, target="1003")
    for _ in range(2):
        as_user(ana).post(url(stage, "blind", act=True), data, headers=HTMX)
    assert stage.pbx.count("BlindTransfer") == 1
    assert Transfer.objects.count() == 1


def test_a_refusal_stays_in_the_dialog_with_a_new_key(stage, ana, as_user, talking):
    data = order(talking, target="1001")
    response = as_user(ana).post(url(stage, "blind", act=True), data, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 409
    assert "1001 is already in this call" in html
    assert data["key"] not in html
    assert 'value="1001"' in html


def test_the_pbx_s_refusal_shows_its_code(stage, ana, as_user, talking):
    stage.pbx.faults.add("forbidden_address", command="BlindTransfer", times=1)
    data = order(talking, target="1003")
    response = as_user(ana).post(url(stage, "blind", act=True), data, headers=HTMX)
    assert response.status_code == 409
    assert "PBX code 307" in response.content.decode()


@pytest.mark.parametrize("target", ["", "no such person", "10\x0001", "1" * 65, "１００３"])
def test_a_bad_target_is_refused_and_nothing_is_lost(stage, ana, as_user, talking, target):
    data = order(talking, target=target)
    response = as_user(ana).post(url(stage, "blind", act=True), data, headers=HTMX)
    assert response.status_code == 422
    assert b"errorlist" in response.content
    assert stage.pbx.count("BlindTransfer") == 0


def test_a_known_name_is_as_good_as_its_number(stage, ana, as_user, talking):
    listed("Carol Weiß", "1003")
    data = order(talking, target="carol weiss")
    as_user(ana).post(url(stage, "blind", act=True), data, headers=HTMX)
    assert Transfer.objects.get().target == "1003"


def test_a_name_two_people_have_is_not_guessed(stage, ana, as_user, talking):
    listed("Carol", "1003")
    listed("Carol", "1004")
    data = order(talking, target="Carol")
    response = as_user(ana).post(url(stage, "blind", act=True), data, headers=HTMX)
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("agn", "Agnes Szoke: Only on Budapest, which"),
        ("sz", "Only on Budapest, which"),
        ("car", "Choose one person from the list"),
    ],
)
def test_what_was_typed_stays_and_the_list_says_why_nobody_can_be_sent_there(
    stage, ana, as_user, talking, typed, words
):
    budapest = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://[::1]:9/")
    Seat.objects.create(user=ana, connection=budapest, extensions="201")
    for name, number in (("Agnes Szoke", "203"), ("Szabo Bela", "204"), ("Carlos", "205")):
        listed(name, number, on=budapest)
    listed("Carol Weiss", "1003")
    data = order(talking, target=typed)
    response = as_user(ana).post(url(stage, "blind", act=True), data, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html.partition("errorlist")[2].partition("</ul>")[0]
    assert f'value="{typed}"' in html
    assert f'data-query="{typed}"' in html
    assert ("Carol" in html) is (typed == "car")
    assert 'data-number="1004"' not in html, "the list is of what was typed"


def test_hold_and_join_work_from_the_row(stage, ana, as_user, talking):
    client = as_user(ana)
    client.post(url(stage, "hold", act=True), order(talking), headers=HTMX)
    consultation = stage.talk("1001", "1003")
    stage.wait(2)
    data = order(talking, other=consultation)
    response = client.post(url(stage, "join", act=True), data, headers=HTMX)
    assert response.status_code == 204
    assert stage.pbx.count("AttendedTransfer") == 1


@pytest.mark.parametrize("data", [{}, {"call": "x"}, {"call": "x", "key": "not-a-uuid"}])
def test_an_order_that_cannot_be_read_is_refused(stage, ana, as_user, data):
    stage.wait()
    response = as_user(ana).post(url(stage, "hold", act=True), data, headers=HTMX)
    assert response.status_code == 422
    assert not Transfer.objects.exists()


# Suggestions.


def test_suggestions_are_contacts_and_extensions_without_the_parties(stage, ana, as_user, talking):
    listed("Kovács Béla", "1004", department="Sales")
    data = {"call": talking, "target": "kovacs"}
    html = as_user(ana).get(f"/calls/{stage.connection.pk}/targets/", data).content.decode()
    assert "Kovács Béla" in html
    assert "Sales" in html
    everyone = as_user(ana).get(f"/calls/{stage.connection.pk}/targets/", {"call": talking})
    assert 'data-number="1003"' in everyone.content.decode()
    assert 'data-number="1001"' not in everyone.content.decode()


# The ladder.

PATHS = ["blind/", "hangup/", "targets/"]


@pytest.mark.parametrize("path", PATHS)
def test_reads_refuse_post(stage, ana, as_user, talking, path):
    assert as_user(ana).post(f"/calls/{stage.connection.pk}/{path}").status_code == 405


def test_commands_refuse_get(stage, ana, as_user):
    assert as_user(ana).get(url(stage, "hold", act=True)).status_code == 405


@pytest.mark.parametrize("path", PATHS)
def test_anonymous_reads_go_to_the_login(stage, client, path):
    response = client.get(f"/calls/{stage.connection.pk}/{path}")
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_an_anonymous_command_goes_to_the_login_and_nothing_is_sent(stage, client):
    response = client.post(url(stage, "hold", act=True), order("x"))
    assert response.status_code == 302
    assert not Transfer.objects.exists()


@pytest.mark.parametrize("path", PATHS)
def test_strangers_get_404(stage, eve, as_user, path):
    assert as_user(eve).get(f"/calls/{stage.connection.pk}/{path}").status_code == 404


def test_a_stranger_s_command_gets_404_and_nothing_is_sent(stage, eve, as_user, ana, talking):
    data = order(talking, target="1003")
    assert as_user(eve).post(url(stage, "blind", act=True), data).status_code == 404
    assert stage.pbx.count("BlindTransfer") == 0


def test_a_reader_s_command_is_refused_and_in_the_log(stage, ben, as_user, ana, talking):
    data = order(talking, target="1003", leaves="callee")
    response = as_user(ben).post(url(stage, "blind", act=True), data, headers=HTMX)
    assert response.status_code == 409
    assert Transfer.objects.get().code == "not_allowed"
    assert stage.pbx.count("BlindTransfer") == 0


def test_a_seat_that_was_taken_away_takes_the_right_away(stage, ana, as_user, talking):
    client = as_user(ana)
    Seat.objects.all().delete()
    data = order(talking, target="1003")
    assert client.post(url(stage, "blind", act=True), data).status_code == 404


def test_csrf_is_checked(stage, ana, as_user, talking):
    data = order(talking, target="1003")
    response = as_user(ana, csrf=True).post(url(stage, "blind", act=True), data)
    assert response.status_code == 403
    assert stage.pbx.count("BlindTransfer") == 0
