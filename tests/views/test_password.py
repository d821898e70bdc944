from __future__ import annotations

import pytest

from tests.conftest import PASSWORD
from transfers.models import AuditEvent

URL = "/account/password/"
NEW = "violet-kettle-42"
DATA = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}


def text(response) -> str:
    return response.content.decode()


def test_works(as_user, ana, ben):
    for user in (ana, ben):
        client, elsewhere = as_user(user), as_user(user)
        response = client.post(URL, DATA, follow=True)
        assert "Your new password holds" in text(response)
        user.refresh_from_db()
        assert user.check_password(NEW)
        assert client.get("/log/").status_code == 200
        assert elsewhere.get("/log/").status_code == 302, "other sessions end"


def test_it_is_an_event_without_the_password(as_user, ana):
    as_user(ana).post(URL, DATA)
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.data) == ("person.password_changed", ana, {})


def test_every_page_leads_there_by_the_settings(as_user, ana):
    assert 'href="/account/settings/"' in text(as_user(ana).get("/log/"))
    assert f'href="{URL}"' in text(as_user(ana).get("/account/settings/"))


def test_wrong_method(as_user, ana):
    assert as_user(ana).delete(URL).status_code == 405


def test_anonymous(client, db):
    assert client.get(URL)["Location"] == f"/login/?next={URL}"
    assert client.post(URL, DATA)["Location"] == f"/login/?next={URL}"


def test_csrf(as_user, ana):
    assert as_user(ana, csrf=True).post(URL, DATA).status_code == 403


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"old_password": "x"}, "entered incorrectly"),
        ({"new_password2": "x"}, "match"),
        ({"new_password1": "short", "new_password2": "short"}, "too short"),
        ({"new_password1": "Kovács12", "new_password2": "Kovács12"}, "too similar"),
    ],
)
def test_mistakes(as_user, ana, changes, words):
    page = text(as_user(ana).post(URL, DATA | changes))
    assert words in page
    assert NEW not in page
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    assert not AuditEvent.objects.exists()
