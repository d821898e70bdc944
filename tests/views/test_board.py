"""The switchboard page and its fragment."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.rows import sent
from tests.stage import CALLER
from transfers.models import Feed, Seat

PAGE, ROWS = "/", "/board/rows/"


def token_of(response) -> str:
    return re.search(r'name="seen" value="([^"]+)"', response.content.decode())[1]


@pytest.fixture
def seen(stage, ana):
    """Three calls in the picture: one of ana's talking, one ringing at her, one of others."""
    stage.exchange.ring(CALLER, "1001", "Kovács Júlia")
    stage.talk("+49301234567", "1001")
    stage.talk("1002", "1004")
    stage.wait()
    return stage


def test_her_calls_come_first_then_what_rings_then_the_rest(seen, ana, as_user):
    seen.exchange.ring("+4420794600", "1002")
    seen.wait()
    html = as_user(ana).get(PAGE).content.decode()
    places = [
        html.index(word) for word in ("Ringing for you", "Your calls", ">Ringing <", "All calls")
    ]
    assert places == sorted(places)
    assert html.index("Kovács Júlia") < html.index("+49301234567") < html.index("+4420794600")


def test_each_row_says_state_parties_time_and_pbx(seen, ana, as_user):
    html = as_user(ana).get(PAGE).content.decode()
    assert "Rings" in html
    assert "Talking" in html
    assert "Head office" in html
    assert 'datetime="2096-11-21T10:00:0' in html


def test_a_receipt_names_who_was_sent_and_not_who_made_the_call(ana, head_office, as_user):
    sent(ana, head_office, leaves="caller", caller_name="Reception", called_name="Kovács Júlia")
    html = as_user(ana).get(PAGE).content.decode()
    assert "<b>Kovács Júlia</b> → <b>Carol Weiss</b>" in html


def test_what_is_impossible_is_disabled_with_its_reason(seen, ana, as_user):
    html = as_user(ana).get(PAGE).content.decode()
    assert "Works once the call is answered; use Forward while it rings." in html
    assert "Works only while the call rings" in html


def test_a_reader_gets_no_button_that_works(seen, ben, as_user):
    html = as_user(ben).get(PAGE).content.decode()
    assert "data-action" not in html
    assert "Your account may look, but not act." in html


def test_a_join_is_offered_when_one_call_is_held(seen, ana, as_user):
    held = next(c for c in seen.exchange.calls() if c.caller == "+49301234567")
    seen.exchange.hold(held.id)
    seen.talk("1001", "1003")
    seen.wait()
    html = as_user(ana).get(PAGE).content.decode()
    assert 'aria-label="Join +49301234567 with 1003"' in html


def test_she_who_sees_only_her_own_calls_sees_no_other(seen, ana, as_user):
    Seat.objects.filter(user=ana).update(sees="own")
    html = as_user(ana).get(ROWS).content.decode()
    assert "Kovács Júlia" in html
    assert "1004" not in html


def test_hostile_names_are_only_text(stage, ana, as_user):
    stage.talk(name="<script>alert(1)</script>\"onx='")
    stage.wait()
    html = as_user(ana).get(PAGE).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_lost_pbx_keeps_its_calls_and_says_since_when(seen, ana, as_user):
    seen.pbx.refuse()
    for _ in range(5):
        seen.wait()
    html = as_user(ana).get(PAGE).content.decode()
    assert "unreachable since 10:00" in html
    assert "Kovács Júlia" in html
    assert "The PBX cannot be reached." in html


def test_looking_keeps_the_feed_polled(seen, ana, as_user):
    Feed.objects.update(watched_until="2026-01-01T00:00Z")
    as_user(ana).get(PAGE)
    assert seen.feed.watched_until.year == 2096
    assert seen.feed.watched_until.month == 11


def test_no_seat_is_said_in_words(eve, as_user):
    assert b"No PBX is open to you yet" in as_user(eve).get(PAGE).content


def test_an_administrator_sees_every_pbx(seen, root, as_user):
    assert "Kovács Júlia" in as_user(root).get(PAGE).content.decode()


@pytest.mark.parametrize("path", [PAGE, ROWS])
def test_wrong_method(ana, as_user, path):
    assert as_user(ana).post(path).status_code == 405


def test_anonymous_page_goes_to_the_login(client, db):
    response = client.get(PAGE)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))


def test_an_anonymous_fragment_is_403_and_no_login_page(client, db):
    response = client.get(ROWS, headers={"HX-Request": "true"})
    assert response.status_code == 403
    assert b"<form" not in response.content


def test_rows_answer_204_until_something_changes(seen, ana, as_user):
    client = as_user(ana)
    first = client.get(ROWS)
    token = token_of(first)
    again = client.get(ROWS, {"seen": token})
    assert (again.status_code, again.content) == (204, b"")
    seen.talk("1002", "1003")
    seen.wait()
    changed = client.get(ROWS, {"seen": token})
    assert changed.status_code == 200


def test_rows_carry_the_ages_and_the_time_either_way(seen, ana, as_user):
    client = as_user(ana)
    first = client.get(ROWS)
    again = client.get(ROWS, {"seen": token_of(first)})
    for response in (first, again):
        ages = json.loads(response["HX-Trigger"])["ages"]
        assert ages == {"now": timezone.now().timestamp(), str(seen.connection.pk): 0.0}


def test_the_page_and_the_fragment_have_the_same_rows(seen, ana, as_user):
    client = as_user(ana)

    def rows(path: str) -> list[str]:
        html = client.get(path).content.decode()
        return re.findall(r'<li class="call.*?</li>', html, re.S)

    assert rows(PAGE) == rows(ROWS)
    assert len(rows(PAGE)) == 3


def test_queries_do_not_grow_with_the_calls(seen, ana, as_user, django_assert_num_queries):
    client = as_user(ana)
    client.get(ROWS)
    for number in range(20):
        seen.talk(f"+361555{number:04}", "1002")
    seen.wait()
    with django_assert_num_queries(14):
        client.get(ROWS)
