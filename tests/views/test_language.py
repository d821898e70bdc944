"""Each person reads her own language; who has chosen none, her browser's."""

from __future__ import annotations

import pytest
from django.urls import reverse

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


def test_before_the_login_the_browser_decides(client, db):
    page = client.get(reverse("login"), headers=GERMAN)
    assert '<html lang="de"' in page.content.decode()


def test_scripts_have_their_words(client, db):
    words = client.get(reverse("words"), headers=GERMAN)
    assert words["Content-Type"].startswith("text/javascript")
    assert "gettext" in words.content.decode()
