from __future__ import annotations

import logging

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.test import Client

from tests.conftest import PASSWORD
from transfers.models import AuditEvent, User

URL = "/login/"
WRONG = "no such words at all"


def text(response) -> str:
    return response.content.decode()


def log_in(client, username="ana", password=PASSWORD, **more):
    return client.post(URL, {"username": username, "password": password, **more})


def events() -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.order_by("pk")
    return list(rows.values_list("verb", "actor_name", "object_text"))


def test_works(client, ana):
    assert log_in(client)["Location"] == "/"
    assert events() == [("login.ok", "Ana Kovács", "ana")]
    assert AuditEvent.objects.get().data == {"address": "127.0.0.1"}


def test_the_first_field_has_the_focus(client, db):
    page = text(client.get(URL))
    assert page.count("autofocus") == 1
    assert page.index("autofocus") < page.index('name="password"')
    assert 'autocomplete="current-password"' in page


def test_who_is_in_is_sent_on(as_user, ana):
    assert as_user(ana).get(URL)["Location"] == "/"


def test_csrf(ana):
    assert log_in(Client(enforce_csrf_checks=True)).status_code == 403


class TestNext:
    def test_leads_there(self, client, ana):
        page = text(client.get(URL, {"next": "/log/?q=1"}))
        assert 'name="next" value="/log/?q=1"' in page
        assert log_in(client, next="/log/?q=1")["Location"] == "/log/?q=1"

    @pytest.mark.parametrize(
        "target",
        ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)",
         "http:evil.example", "https:///evil.example", "\thttps://evil.example"],
    )  # fmt: skip
    def test_not_to_strangers(self, client, ana, target):
        assert log_in(client, next=target)["Location"] == "/"


class TestFailure:
    def test_it_does_not_tell_whether_the_account_exists(self, client, ana, eve):
        User.objects.filter(pk=eve.pk).update(is_active=False)
        pages = {
            text(log_in(client, name, password)).replace(f'value="{name}"', "")
            for name, password in [("ana", WRONG), ("nobody", WRONG), ("eve", PASSWORD)]
        }
        assert len({self.words(page) for page in pages}) == 1

    def words(self, page: str) -> str:
        start = page.index('<ul class="errorlist')
        return page[start : page.index("</ul>", start)]

    def test_it_is_an_event_without_the_password(self, client, ana, caplog):
        with caplog.at_level(logging.DEBUG):
            log_in(client, "ana", WRONG)
        assert events() == [("login.failed", "nobody", "ana")]
        assert WRONG not in str(list(AuditEvent.objects.values()))
        assert WRONG not in caplog.text

    def test_what_was_typed_is_made_harmless(self, client, db):
        log_in(client, "a\x1b[31m\nb" + "x" * 99, WRONG)
        ((_, _, name),) = events()
        assert name.isprintable()
        assert name.startswith("a\ufffd[31m")

    def test_a_long_name_is_cut(self, client, db):
        assert log_in(client, "x" * 10_000, WRONG).status_code == 200
        assert events() == [("login.failed", "nobody", "x" * 150)]

    def test_without_a_request(self, db, settings):
        """A script that tries a password has no address."""
        settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
        assert authenticate(None, username="ana", password=WRONG) is None
        assert AuditEvent.objects.get().data == {"address": ""}


class TestLock:
    @pytest.fixture(autouse=True)
    def three_attempts(self, settings):
        settings.AXES_ENABLED = True
        settings.AXES_FAILURE_LIMIT = 3

    def test_after_too_many(self, client, ana):
        answers = [log_in(client, "ana", WRONG) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
        assert "Too many failed attempts" in text(answers[2])
        assert [verb for verb, _, _ in events()] == ["login.failed", "login.failed", "login.locked"]

    def test_the_right_password_does_not_help_then(self, client, ana):
        for _ in range(3):
            log_in(client, "ana", WRONG)
        assert log_in(client).status_code == 429
        assert client.get("/log/").status_code == 302

    def test_a_name_that_nobody_has_is_locked_too(self, client, db):
        assert [log_in(client, "ghost", WRONG).status_code for _ in range(3)] == [200, 200, 429]

    def test_others_at_the_same_address_go_on(self, client, ana, ben):
        for _ in range(3):
            log_in(client, "ana", WRONG)
        assert log_in(client, "ben")["Location"] == "/"

    def test_the_password_is_nowhere(self, client, ana, caplog):
        with caplog.at_level(logging.DEBUG):
            for _ in range(3):
                log_in(client, "ana", WRONG)
        assert WRONG not in str(list(AccessAttempt.objects.values()))
        assert "no+such+words" not in str(list(AccessAttempt.objects.values()))
        assert WRONG not in caplog.text


class TestLogout:
    def test_works(self, client, ana):
        log_in(client)
        assert client.post("/logout/")["Location"] == URL
        assert client.get("/log/").status_code == 302
        assert [verb for verb, _, _ in events()] == ["login.ok", "logout"]

    def test_not_by_a_link(self, client, ana):
        log_in(client)
        assert client.get("/logout/").status_code == 405

    def test_who_is_out_is_no_event(self, client, db):
        client.post("/logout/")
        assert events() == []
