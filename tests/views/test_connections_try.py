from __future__ import annotations

import pytest

from tests.conftest import PBX_PASSWORD
from tests.views.ladder import HTMX, AdministratorsOnly, text, typed
from transfers.models import AuditEvent, PbxConnection


class TestNewLadder(AdministratorsOnly):
    path = "/connections/try/"
    methods = ("post",)

    def test_works(self, as_user, root, db, pbx):
        sent = typed(name="", url=pbx.url, password=PBX_PASSWORD)
        fragment = text(as_user(root).post("/connections/try/", sent, headers=HTMX))
        assert "✓ It works" in fragment
        assert "not saved yet: API generation" in fragment
        assert not PbxConnection.objects.exists()
        assert AuditEvent.objects.get().verb == "connection.tested"


class TestStoredLadder(AdministratorsOnly):
    path = "/connections/{pk}/try/"
    methods = ("post",)

    def test_works(self, as_user, root, url, pbx):
        PbxConnection.objects.update(url=pbx.url)
        fragment = text(as_user(root).post(url, typed(url=pbx.url), headers=HTMX))
        assert "✓ It works" in fragment
        assert pbx.requests[0].params["Password"] == PBX_PASSWORD


@pytest.fixture
def url(head_office):
    return f"/connections/{head_office.pk}/try/"


def test_what_it_finds_out_is_filled_in(as_user, root, db, pbx):
    sent = typed(url=pbx.url, password=PBX_PASSWORD)
    page = text(as_user(root).post("/connections/try/", sent))
    generation = "gen2" if pbx.face_name == "ozeki-gen2" else "gen1"
    assert f'<option value="{generation}" selected>' in page
    assert 'value="Warehouse"' in page
    assert PBX_PASSWORD not in page
    fragment = text(as_user(root).post("/connections/try/", sent, headers=HTMX))
    assert f'<option value="{generation}" selected>' in fragment
    assert 'hx-swap-oob="innerMorph"' in fragment


def test_the_stored_password_stays_with_its_host(as_user, root, url, pbx):
    """The connection is at 127.0.0.1:9; the typed address is that of another server."""
    fragment = text(as_user(root).post(url, typed(url=pbx.url), headers=HTMX))
    assert "✕ Not tested" in fragment
    assert "not sent elsewhere unasked" in fragment
    assert pbx.count() == 0


def test_nor_does_another_port_get_it(as_user, root, url, pbx):
    PbxConnection.objects.update(url=pbx.url.replace("127.0.0.1", "localhost"))
    assert "✕ Not tested" in text(as_user(root).post(url, typed(url=pbx.url), headers=HTMX))
    assert pbx.count() == 0


def test_a_removed_password_is_not_sent(as_user, root, url, pbx):
    PbxConnection.objects.update(url=pbx.url)
    as_user(root).post(url, typed(url=pbx.url, forget_password="on"), headers=HTMX)
    assert pbx.count() > 0
    assert PBX_PASSWORD not in str(pbx.requests)


def test_mistakes_are_named_and_nothing_is_sent(as_user, root, db):
    sent = typed(url="http://u:p@pbx/", **{"option-method": "carrier pigeon"})
    fragment = text(as_user(root).post("/connections/try/", sent, headers=HTMX))
    assert "✕ Not tested" in fragment
    assert "<b>Address</b>" in fragment
    assert "<b>Send commands by</b>" in fragment
    assert not AuditEvent.objects.exists()


def test_mistakes_without_javascript_stand_at_their_fields(as_user, root, db):
    page = text(as_user(root).post("/connections/try/", typed(url="")))
    assert "Not tested. Mend what is marked below" in page
    assert 'aria-invalid="true"' in page


def test_unreadable_credentials(as_user, root, url):
    PbxConnection.objects.update(secret_blob="gAAAAA-not-ours")
    sent = typed(url="http://127.0.0.1:9/")
    assert "PBXADMIN_ENCRYPTION_KEYS" in text(as_user(root).post(url, sent, headers=HTMX))
