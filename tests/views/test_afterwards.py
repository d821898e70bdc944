"""Alerts after a transfer as HTML, and putting one away."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from tests.rows import sent
from tests.stage import CALLER
from tests.views.ladder import HTMX, english
from transfers.desk import Dismissal
from transfers.models import Seat, Transfer
from transfers.views.render import changes, shown


@pytest.fixture
def astray(stage, ana) -> Transfer:
    """Júlia came back: she rings at Ana's phone again."""
    call = stage.exchange.ring(CALLER, "1001", "<Júlia>")
    stage.wait()
    values = {"caller_number": CALLER, "caller_name": "<Júlia>", "observed": "1003 rang 20 s."}
    return sent(ana, stage.connection, call_id=call, state="missed", **values)


def url(row: Transfer) -> str:
    return f"/alerts/{row.pk}/dismiss/"


# Every rung.


def test_wrong_method(as_user, ana, astray):
    for method in ("get", "put", "delete"):
        assert getattr(as_user(ana), method)(url(astray)).status_code == 405


def test_anonymous(client, astray):
    assert client.post(url(astray)).status_code == 302
    assert client.post(url(astray), headers=HTMX).status_code == 403


def test_no_access(as_user, eve, astray):
    assert as_user(eve).post(url(astray)).status_code == 404
    assert not Dismissal.objects.exists()


def test_a_seat_that_sees_her_own_calls_only(as_user, ben, astray):
    Seat.objects.filter(user=ben).update(sees="own")
    assert as_user(ben).post(url(astray)).status_code == 404


def test_csrf(as_user, ana, astray):
    assert as_user(ana, csrf=True).post(url(astray)).status_code == 403


def test_a_transfer_that_never_was(as_user, ana):
    assert as_user(ana).post("/alerts/999999/dismiss/").status_code == 404


# What it does.


def test_an_alert_says_what_happened_and_offers_the_next_step(as_user, ana, astray):
    page = lxml_html.fromstring(as_user(ana).get("/").content.decode())
    (alert,) = page.xpath('//section[@class="astray"]')
    assert "<Júlia> did not reach Carol Weiss." in alert.text_content()
    assert "1003 rang 20 s." in alert.text_content()
    (elsewhere,) = alert.xpath('.//a[@role="button"]')
    assert elsewhere.get("aria-label") == "Send elsewhere: <Júlia>"
    assert elsewhere.get("hx-get").startswith(f"/calls/{astray.connection_id}/forward/?call=")
    dialog = as_user(ana).get(elsewhere.get("hx-get"), headers=HTMX)
    assert "stops ringing" in dialog.content.decode()
    (status,) = page.xpath('//div[@id="afterwards"]/p[@role="status"]')
    assert status.text_content().split() == (
        ["<Júlia>", "did", "not", "reach", "Carol", "Weiss.", "1003", "rang", "20", "s."]
    )


def test_page_poll_and_stream_have_the_same_alert(as_user, ana, astray):
    new = shown(ana)
    part = english(new.parts["afterwards"])
    assert part in as_user(ana).get("/").content.decode()
    poll = as_user(ana).get("/board/rows/").content.decode()
    inside = part[part.index("<section") :]
    assert inside in poll
    as_user(ana).post(url(astray))
    assert '<div hx-swap-oob="outerMorph" id="afterwards">' in changes(new, shown(ana))


def test_it_is_put_away_and_stays_so(as_user, ana, astray):
    for _ in range(2):
        assert as_user(ana).post(url(astray), headers=HTMX).status_code == 204
    assert 'class="astray"' not in as_user(ana).get("/").content.decode()


def test_without_scripts_it_is_a_form_of_the_page(as_user, ana, astray):
    client = as_user(ana, csrf=True)
    page = lxml_html.fromstring(client.get("/").content.decode())
    (button,) = page.xpath('//section[@class="astray"]//button[. = "Dismiss"]')
    (form,) = page.xpath(f'//form[@id="{button.get("form")}"]')
    (token,) = form.xpath('./input[@name="csrfmiddlewaretoken"]/@value')
    assert (form.get("method"), button.get("type")) == ("post", None), "it submits"
    answer = client.post(button.get("formaction"), {"csrfmiddlewaretoken": token}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert 'class="astray"' not in answer.content.decode()


def test_taking_back_sends_it_to_her_own_phone_at_once(stage, as_user, ana, settings):
    """As the button of a target that rings for long does."""
    settings.PBX_NO_ANSWER_SECONDS = 1
    row = stage.blind(ana, stage.talk(name="Júlia"))
    for _ in range(4):
        stage.wait()
    row.refresh_from_db()
    page = lxml_html.fromstring(as_user(ana).get("/").content.decode())
    (back,) = page.xpath('//section[@class="astray rings"]//a[starts-with(., "Take it back")]')
    assert '"target": "1001"' in back.get("hx-vals")
    page_of_it = as_user(ana).get(back.get("href")).content.decode()  # without JavaScript
    assert 'value="1001"' in page_of_it
