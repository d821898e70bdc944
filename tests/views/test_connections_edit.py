from __future__ import annotations

import pytest

from tests.conftest import PBX_PASSWORD
from tests.views.ladder import AdministratorsOnly, text, typed
from transfers.forms.connections import ConnectionForm
from transfers.models import AuditEvent, Feed, PbxConnection


@pytest.fixture
def url(head_office):
    return f"/connections/{head_office.pk}/"


def unchanged(**changes) -> dict[str, str]:
    stored = {"name": "Head office", "url": "http://127.0.0.1:9/", "poll_seconds": "1"}
    return typed(**stored | changes)


class TestLadder(AdministratorsOnly):
    path = "/connections/{pk}/"
    methods = ("get", "post")

    def test_works(self, as_user, root, url):
        page = text(as_user(root).get(url))
        assert 'value="Head office"' in page
        assert "One is stored" in page
        assert "Remove the stored password" in page
        assert PBX_PASSWORD not in page


def stored() -> PbxConnection:
    return PbxConnection.objects.get()


def test_saves(as_user, root, url):
    response = as_user(root).post(url, unchanged(name="Main office"), follow=True)
    assert "Main office is saved." in text(response)
    assert stored().name == "Main office"
    assert AuditEvent.objects.get().data == {"changed": ["name"]}


def test_nothing_changed(as_user, root, url):
    response = as_user(root).post(url, unchanged(), follow=True)
    assert "Nothing changed in Head office." in text(response)
    assert not AuditEvent.objects.exists()


def test_its_own_name_is_not_taken(as_user, root, url):
    assert as_user(root).post(url, unchanged(username="other")).status_code == 302


def test_the_form_shows_what_is_stored(as_user, root, url):
    PbxConnection.objects.update(options={"method": "get"}, poll_seconds=2.5, enabled=False)
    page = text(as_user(root).get(url))
    assert '<option value="get" selected>' in page
    assert 'value="2.5"' in page
    assert "checked" not in page


class TestPassword:
    def test_empty_keeps_it(self, as_user, root, url):
        as_user(root).post(url, unchanged(username="other"))
        assert stored().secrets == {"password": PBX_PASSWORD}

    def test_typed_replaces_it(self, as_user, root, url):
        as_user(root).post(url, unchanged(password=" spaces count "))
        assert stored().secrets == {"password": " spaces count "}

    def test_the_box_removes_it(self, as_user, root, url):
        as_user(root).post(url, unchanged(forget_password="on"))
        assert stored().secret_blob == ""
        assert "Remove the stored password" not in text(as_user(root).get(url))

    def test_both_is_a_contradiction(self, as_user, root, url):
        response = as_user(root).post(url, unchanged(password="new", forget_password="on"))
        assert "Either type a new password or remove" in text(response)
        assert stored().secrets == {"password": PBX_PASSWORD}

    def test_another_host_needs_it_again(self, as_user, root, url):
        response = as_user(root).post(url, unchanged(url="http://10.9.9.9/"))
        assert response.status_code == 422
        assert "it is not sent elsewhere unasked" in text(response)
        assert 'value="http://10.9.9.9/"' in text(response)
        assert stored().url == "http://127.0.0.1:9/"
        moved = as_user(root).post(url, unchanged(url="http://10.9.9.9/", password="again"))
        assert moved.status_code == 302

    def test_unreadable_credentials_can_be_entered_anew(self, as_user, root, url):
        PbxConnection.objects.update(secret_blob="gAAAAA-not-ours")
        assert as_user(root).get(url).status_code == 200
        as_user(root).post(url, unchanged(password="fresh"))
        assert stored().secrets == {"password": "fresh"}


def test_a_vendor_without_a_driver_can_be_changed(as_user, root, url):
    PbxConnection.objects.update(vendor="gone", secret_blob="")
    assert as_user(root).get(url).status_code == 200
    assert as_user(root).post(url, unchanged()).status_code == 302
    assert stored().vendor == "ozeki"


def test_a_name_taken_in_the_same_moment(as_user, root, url, monkeypatch):
    """The form saw no clash; the database has the last word."""
    Feed.objects.create(connection=PbxConnection.objects.create(name="Taken", vendor="ozeki"))
    monkeypatch.setattr(ConnectionForm, "clean_name", lambda form: form.cleaned_data["name"])
    response = as_user(root).post(url, unchanged(name="Taken"))
    assert response.status_code == 422
    assert "There is a connection named “Taken” already." in text(response)
