"""Setting a call aside that hangs in its PBX, and showing it again."""

from __future__ import annotations

import json

import pytest
from lxml import html as lxml_html

from tests.views.ladder import HTMX, AtOneCall
from transfers.desk import SetAside
from transfers.domain import Action
from transfers.views.render import changes, shown


@pytest.fixture
def haunted(stage, ana) -> str:
    call: str = stage.talk(name="<Júlia>")
    stage.pbx.switches.effect_delay_seconds = 10_000
    stage.wait_for(stage.order(ana, Action.HANGUP, call))
    return call


class TestBoth(AtOneCall):
    verbs = ("set-aside", "show-again")


def test_read_only(as_user, ben, haunted, head_office):
    answer = as_user(ben).post(
        f"/calls/{head_office.pk}/set-aside/", {"call": haunted}, headers=HTMX
    )
    assert "may look" in json.loads(answer["HX-Trigger"])["say"]
    assert not SetAside.objects.exists()


# What they do.


def button(page: str):
    (found,) = lxml_html.fromstring(page).xpath('//button[starts-with(@id, "call-")][@formaction]')
    return found


def test_aside_and_back_with_the_stream_and_the_poll(as_user, ana, haunted):
    client, before = as_user(ana), shown(ana)
    ask = button(client.get("/").content.decode())
    assert ask.text == "Set aside"
    data = {ask.get("name"): ask.get("value")}
    assert client.post(ask.get("hx-post"), data, headers=HTMX).status_code == 204
    now = shown(ana)
    assert now.places == dict.fromkeys(before.places, "aside")
    assert "You set it aside at" in changes(before, now)
    poll = client.get("/board/rows/").content.decode()
    assert "<details>" in poll
    back = button(poll)
    assert back.text == "Show again"
    assert client.post(back.get("hx-post"), data, headers=HTMX).status_code == 204
    assert shown(ana).places == before.places


def test_without_scripts_the_page_comes_anew(as_user, ana, haunted):
    client = as_user(ana, csrf=True)
    page = client.get("/").content.decode()
    ask = button(page)
    (token,) = lxml_html.fromstring(page).xpath(f'//form[@id="{ask.get("form")}"]/input/@value')
    data = {ask.get("name"): ask.get("value"), "csrfmiddlewaretoken": token}
    answer = client.post(ask.get("formaction"), data, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert button(answer.content.decode()).text == "Show again"


def test_what_cannot_be_is_said(as_user, ana, stage):
    url = f"/calls/{stage.connection.pk}/set-aside/"
    answer = as_user(ana).post(url, {"call": "<b>"}, headers=HTMX)
    assert json.loads(answer["HX-Trigger"])["say"] == "This call is not there any more."
    page = as_user(ana).post(url, {"call": stage.talk()}, follow=True).content.decode()
    assert "This call is not there any more." in page  # no picture shows it yet


def test_strange_calls_are_no_error(as_user, ana, head_office):
    url = f"/calls/{head_office.pk}/show-again/"
    for call in ("", "x" * 5000, "\x00"):
        assert as_user(ana).post(url, {"call": call}, headers=HTMX).status_code == 204
