"""Where PBXs post their notifications: who gets an answer, which one, and how little else."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pbxadmin.logs import HideTokens
from transfers.models import AuditEvent, Feed
from transfers.services import notifications
from transfers.services.forwards import set_up
from transfers.standing import NotifyAddress

EMPTY = b'<?xml version="1.0"?><Response></Response>'
RING = {"NotificationName": "CallChanged", "CallState": "Ringing", "Destination": "500"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def token(root, head_office) -> str:
    return notifications.renew(root, head_office).token


@pytest.fixture
def url(token) -> str:
    return f"/notify/{token}/"


@pytest.fixture
def pbx() -> Client:
    """No cookies, no CSRF token: what a PBX is."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def forward(ana, head_office):
    return set_up(ana, head_office, "500", "102", timezone.now() + timedelta(hours=1))


def received() -> int:
    return NotifyAddress.objects.get().received


# The ladder.


@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_works_by_get_and_post(pbx, url, method):
    response = getattr(pbx, method)(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    assert response["Cache-Control"] == "no-store"
    assert received() == 1


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_wrong_method(pbx, url, method):
    assert getattr(pbx, method)(url).status_code == 405
    assert received() == 0


@pytest.mark.parametrize("wrong", ["x", "a" * 43, "-" * 43, "a" * 5000])
def test_an_unknown_token_is_told_nothing(pbx, url, wrong):
    response = pbx.post(f"/notify/{wrong}/", RING)
    assert (response.status_code, response.content) == (404, b"")


def test_a_token_with_one_letter_changed(pbx, token):
    other = ("a" if token[0] != "a" else "b") + token[1:]
    assert pbx.post(f"/notify/{other}/").status_code == 404


def test_an_old_address_is_dead(pbx, url, root, head_office):
    notifications.renew(root, head_office)
    assert pbx.post(url).status_code == 404


def test_it_needs_no_slash_at_the_end(pbx, url):
    assert pbx.post(url.rstrip("/"), RING).status_code == 200


def test_no_session_is_begun(pbx, url):
    assert pbx.post(url, RING).cookies == {}


def test_plain_http_is_not_sent_away(pbx, url, settings):
    """A PBX follows no redirect; everybody else still gets one."""
    settings.SECURE_SSL_REDIRECT = True
    assert Client().post(url).status_code == 200
    assert Client().get("/login/").status_code == 301


# What it carries.


def test_the_answer_to_nothing_special(pbx, url):
    assert pbx.post(url, RING).content == EMPTY


def test_a_standing_forward_is_in_the_answer(pbx, url, forward):
    answer = pbx.post(url, "&".join(f"{k}={v}" for k, v in RING.items()), content_type=FORM)
    assert (
        answer.content
        == b'<?xml version="1.0"?><Response><Forward Destination="102"></Forward></Response>'
    )
    assert AuditEvent.objects.filter(verb="forward.used").count() == 1


def test_by_get_too(pbx, url, forward):
    assert b'Destination="102"' in pbx.get(url, RING).content


def test_fields_of_the_address_and_of_the_body_together(pbx, url, forward):
    body = "CallState=Ringing&Destination=500"
    answer = pbx.post(f"{url}?NotificationName=CallChanged", body, content_type=FORM)
    assert b'Destination="102"' in answer.content


def test_a_notification_wakes_the_board(pbx, url):
    later = timezone.now() + timedelta(seconds=30)
    Feed.objects.update(due_at=later)
    pbx.post(url, RING)
    assert Feed.objects.get().due_at < later


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", FORM),
        ("&&&==%%%", FORM),
        ("NotificationName=%ff%fe&CallState=%00", FORM),
        ("&".join(f"f{n}=1" for n in range(5000)), FORM),
        ('{"NotificationName": "CallChanged"}', "application/json"),
        ("<xml/>", "text/xml"),
        ("--x\r\n", "multipart/form-data; boundary=x"),
        ("a=b", "nonsense"),
    ],
)
def test_anything_else_is_only_a_hint(pbx, url, body, kind):
    response = pbx.post(url, body, content_type=kind)
    assert (response.status_code, response.content) == (200, EMPTY)
    assert NotifyAddress.objects.get().last_kind == ""


def test_a_body_up_to_64_kilobytes(pbx, url, forward):
    body = "&".join(f"{k}={v}" for k, v in RING.items()) + "&rest="
    body += "x" * (64 * 1024 - len(body))
    assert b'Destination="102"' in pbx.post(url, body, content_type=FORM).content
    assert pbx.post(url, body + "x", content_type=FORM).status_code == 413
    assert received() == 1


def test_it_asks_for_no_pbx(pbx, url, forward, monkeypatch):
    def no(*_: object, **__: object) -> None:
        raise AssertionError("asked the PBX")

    monkeypatch.setattr("transfers.http.Door.read", no)
    monkeypatch.setattr("transfers.http.Door.command", no)
    assert pbx.post(url, RING).status_code == 200


def test_the_number_of_queries_is_small(pbx, url, forward, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        pbx.post(url, RING)


# The secret stays one.


@pytest.mark.parametrize("method", ["post", "put"])
def test_no_line_of_the_log_has_the_token(pbx, url, token, caplog, method):
    with caplog.at_level(logging.DEBUG):
        getattr(pbx, method)(url)
        pbx.post(f"/notify/{token}x/")
    assert "/notify/" in caplog.text, "Django notes the 404"
    assert token not in caplog.text


def test_the_web_server_s_lines_lose_it_too(token):
    record = logging.LogRecord(
        *("uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d'),
        ("10.0.0.7:1", "POST", f"/notify/{token}/?a=b", "1.0", 200),
        None,
    )
    assert HideTokens().filter(record)
    assert record.getMessage() == '10.0.0.7:1 - "POST /notify/•••/?a=b HTTP/1.0" 200'


def test_other_lines_pass_as_they_are():
    record = logging.LogRecord("x", logging.INFO, "", 0, "%(a)s", ({"a": 1},), None)
    assert HideTokens().filter(record)
    assert record.getMessage() == "1"
