"""One's own settings: what is saved, what is refused, and that pages are in them at once."""

from __future__ import annotations

import pytest

from tests.views.ladder import text
from transfers.services.keyboard import COMMANDS, USUAL
from transfers.services.preferences import Preferences, preferences_of

URL = "/account/settings/"


def typed(**changes: str) -> dict[str, str]:
    """What a browser sends for the form as it is shown first."""
    plain = {"theme": "system", "density": "comfortable", "ring_after": "20", "hold_after": "60"}
    plain["recall_after"] = "0"
    return plain | {f"key-{slug}": key for slug, key in USUAL.items()} | changes


def saved(user) -> Preferences:
    user.refresh_from_db()
    return preferences_of(user)


def test_a_choice_that_is_always_made_is_not_called_optional(as_user, ana):
    assert "optional" not in text(as_user(ana).get(URL))


def test_the_favourites_have_a_range_of_digits_and_not_two_keys(as_user, ana):
    for page in (URL, "/"):
        assert "<kbd>1–9</kbd>" in text(as_user(ana).get(page))


class TestLadder:
    def test_works_for_everybody_who_may_log_in(self, as_user, ana, ben, eve, root):
        for user in (ana, ben, eve, root):
            response = as_user(user).post(URL, typed(theme="dark"), follow=True)
            assert "Saved." in text(response)
            assert saved(user) == Preferences(theme="dark")

    def test_wrong_method(self, as_user, ana):
        for method in ("put", "delete"):
            assert getattr(as_user(ana), method)(URL).status_code == 405

    def test_anonymous(self, client, db):
        for method in ("get", "post"):
            assert getattr(client, method)(URL)["Location"] == f"/login/?next={URL}"

    def test_an_anonymous_fragment_is_no_login_page(self, client, db):
        assert client.get(URL, headers={"HX-Request": "true"}).status_code == 403

    def test_csrf(self, as_user, ana):
        assert as_user(ana, csrf=True).post(URL, typed(theme="dark")).status_code == 403
        assert saved(ana) == Preferences()


class TestPages:
    def test_they_come_in_her_theme_and_density(self, as_user, ana):
        client = as_user(ana)
        assert '<html lang="en-gb" data-theme="system" data-density="comfortable">' in text(
            client.get("/log/")
        )
        client.post(URL, typed(theme="dark", density="compact"))
        page = text(client.get("/log/"))
        assert '<html lang="en-gb" data-theme="dark" data-density="compact">' in page
        assert '<meta name="color-scheme" content="dark">' in page

    def test_nobody_else_has_them(self, as_user, ana, ben):
        as_user(ana).post(URL, typed(theme="dark"))
        assert 'data-theme="system"' in text(as_user(ben).get("/log/"))

    def test_the_login_page_is_as_the_system_is(self, client, db):
        assert 'data-theme="system"' in text(client.get("/login/"))

    def test_every_command_is_listed_with_its_key(self, as_user, ana):
        page = text(as_user(ana).get(URL))
        for command in COMMANDS:
            assert f'name="key-{command.slug}" value="{command.key}"' in page


class TestSaving:
    def test_all_of_it(self, as_user, ana):
        changes = {"ring_after": "5", "hold_after": "0", "sound": "on", "desktop": "on"}
        as_user(ana).post(URL, typed(**changes, **{"key-blind": "M"}))
        assert saved(ana) == Preferences(
            ring_after=5, hold_after=0, sound=True, desktop=True, keys={"blind": "m"}
        )

    def test_only_what_is_unusual_is_kept(self, as_user, ana):
        as_user(ana).post(URL, typed(hold_after="30"))
        saved(ana)
        assert ana.preferences == {"hold_after": 30}

    def test_the_usual_keys_again(self, as_user, ana):
        as_user(ana).post(URL, typed(**{"theme": "dark", "key-blind": "m"}))
        as_user(ana).post(URL, typed(**{"usual-keys": "1", "key-blind": "q"}))
        assert saved(ana) == Preferences(theme="dark")

    def test_a_key_may_be_switched_off(self, as_user, ana):
        as_user(ana).post(URL, typed(**{"key-hangup": ""}))
        assert saved(ana).all_keys["hangup"] == ""


class TestMistakes:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"theme": "pink"}, "valid choice"),
            ({"ring_after": "-1"}, "greater than or equal to 0"),
            ({"hold_after": "3601"}, "less than or equal to 3600"),
            ({"hold_after": "soon"}, "whole number"),
            ({"recall_after": "9"}, "at least ten seconds"),
            ({"recall_after": "181"}, "less than or equal to 180"),
            ({"key-blind": "f"}, "“Forward while it rings” has the same key."),
            ({"key-blind": "F"}, "“Forward while it rings” has the same key."),
            ({"key-blind": "tt"}, "One letter or sign"),
            ({"key-blind": "7"}, "digits choose favourites"),
            ({"key-blind": "F5"}, "One letter or sign"),
            ({"key-blind": "Tab"}, "One letter or sign"),
            ({"key-blind": "\u200b"}, "One letter or sign"),
            ({"key-blind": "'"}, "Browsers search the page with it."),
        ],
    )
    def test_nothing_is_saved(self, as_user, ana, changes, words):
        page = text(as_user(ana).post(URL, typed(**changes)))
        assert words in page
        assert "Not saved." in page
        assert saved(ana) == Preferences()

    def test_both_who_clash_are_told(self, as_user, ana):
        page = text(as_user(ana).post(URL, typed(**{"key-hold": "r"})))
        assert "“Resume” has the same key." in page
        assert "“Hold” has the same key." in page
