"""Each person reads her own language; who has chosen none, her browser's."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from tests.views.test_settings import URL as SETTINGS
from tests.views.test_settings import typed
from transfers.domain import Party
from transfers.models import Transfer
from transfers.sentences import say, told
from transfers.templatetags.board import beginning, headline

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture(autouse=True)
def invented_language():
    """None: these tests are about the real ones."""


def choose(user, language):
    user.preferences = {"language": language}
    user.save()


@pytest.mark.parametrize(
    ("chosen", "browser", "seen"),
    [
        ("", {}, "en-gb"),
        ("", {"Accept-Language": "en-US"}, "en-gb"),
        ("", {"Accept-Language": "fr"}, "en-gb"),
        ("", GERMAN, "de"),
        ("hu", GERMAN, "hu"),
        ("es", {}, "es"),
        ("en-gb", GERMAN, "en-gb"),
        ("tlh", GERMAN, "de"),  # of another version of the product
    ],
)
def test_her_choice_comes_before_her_browsers(as_user, ana, chosen, browser, seen):
    choose(ana, chosen)
    page = as_user(ana).get(reverse("settings"), headers=browser)
    assert f'<html lang="{seen}"' in page.content.decode()
    assert page["Content-Language"] == seen


@pytest.mark.parametrize(("chosen", "said"), [("de", "Gespeichert."), ("", "Mentve.")])
def test_another_one_is_heard_at_once(as_user, ana, chosen, said):
    choose(ana, "es")
    browser = {"Accept-Language": "hu"}
    page = as_user(ana).post(SETTINGS, typed(language=chosen), headers=browser, follow=True)
    assert said in page.content.decode()


def test_before_the_login_the_browser_decides(client, db):
    page = client.get(reverse("login"), headers=GERMAN)
    assert '<html lang="de"' in page.content.decode()


def test_scripts_have_their_words(client, db):
    words = client.get(reverse("words"), headers=GERMAN)
    assert words["Content-Type"].startswith("text/javascript")
    assert "gettext" in words.content.decode()


def test_a_hidden_number_is_told_in_the_readers_language(stage, ana, as_user):
    call = stage.talk("anonymous", "1001")
    stage.wait()
    client, calls = as_user(ana), f"/calls/{stage.connection.pk}/blind/"
    dialog = client.get(calls, {"call": call}, headers=GERMAN)
    client.post(f"{calls}act/", {"call": call, "key": str(uuid4()), "target": "1003"})
    pages = [reverse("board"), reverse("log"), reverse("receipt", args=[Transfer.objects.get().pk])]
    for page in (dialog, *(client.get(each, headers=GERMAN) for each in pages)):
        text = re.sub("<[^>]*>", "", page.content.decode())
        assert "Rufnummer unterdrückt" in text
        assert "anonymous" not in text


def test_one_text_for_who_is_unknown_with_a_capital_where_it_begins():
    waits = say("{waits} is on hold.", waits=Party().within_sentence)
    assert (headline(Party()), beginning(waits)) == ("Unknown number", "Unknown number is on hold.")
    assert headline(Party("", "iPhone")) == "iPhone"
    with translation.override("de"):
        assert (headline(Party()), told(waits)[:9]) == ("Unbekannte Nummer", "unbekannt")
