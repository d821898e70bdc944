from __future__ import annotations

import logging

import pytest

from tests.views.ladder import AdministratorsOnly, text, typed
from transfers.models import AuditEvent, PbxConnection

URL = "/connections/add/"
SECRET = "typed-s3cret"


class TestLadder(AdministratorsOnly):
    path = URL
    methods = ("get", "post")

    def test_works(self, as_user, root):
        page = text(as_user(root).get(URL))
        for word in ['name="url"', 'name="option-generation"', 'autocomplete="new-password"']:
            assert word in page
        assert "Remove the stored password" not in page


def test_saves(as_user, root):
    response = as_user(root).post(URL, typed(password=SECRET), follow=True)
    assert "Warehouse is added." in text(response)
    made = PbxConnection.objects.get()
    assert (made.name, made.url, made.poll_seconds) == ("Warehouse", "http://10.0.0.7:7780/", 2)
    assert made.secrets == {"password": SECRET}
    assert made.options == {}
    assert AuditEvent.objects.get().actor == root


def test_stores_only_options_that_differ_from_the_default(as_user, root):
    as_user(root).post(URL, typed(**{"option-method": "get"}))
    assert PbxConnection.objects.get().options == {"method": "get"}


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("name", "", "This field is required"),
        ("name", "x" * 61, "at most 60"),
        ("name", "a\nb", "visible characters"),
        ("vendor", "", "This field is required"),
        ("vendor", "nobody", "Select a valid choice"),
        ("url", "http://u:p@pbx/", "fields of their own"),
        ("url", "http://169.254.1.1/", "PBXADMIN_DENIED_NETWORKS"),
        ("username", "a\tb", "visible characters"),
        ("poll_seconds", "0.1", "greater than or equal to 0.5"),
        ("poll_seconds", "61", "less than or equal to 60"),
        ("poll_seconds", "nan", "Enter a number"),
        ("ca_pem", "hello", "BEGIN CERTIFICATE"),
        ("option-generation", "gen9", "Select a valid choice"),
    ],
)
def test_an_error_loses_nothing_but_the_password(as_user, root, field, value, why):
    sent = typed(password=SECRET, **{"option-method": "get"}) | {field: value}
    response = as_user(root).post(URL, sent)
    page = text(response)
    assert response.status_code == 422
    assert why in page
    assert "type the password again" in page
    assert SECRET not in page
    assert not PbxConnection.objects.exists()
    for kept in {"name": "Warehouse", "url": "10.0.0.7", "username": "console"}.items():
        assert kept[0] == field or f'value="{kept[1]}' in page or kept[1] in page
    if field != "vendor":
        assert '<option value="get" selected>' in page


def test_a_taken_name(as_user, root, head_office):
    response = as_user(root).post(URL, typed(name="Head office"))
    assert "There is a connection named “Head office” already." in text(response)
    assert PbxConnection.objects.count() == 1


def test_an_unticked_box_stays_unticked_after_an_error(as_user, root):
    sent = typed(name="")
    del sent["enabled"]
    page = text(as_user(root).post(URL, sent))
    assert 'id="id_enabled"' in page
    assert "checked" not in page


def test_without_javascript_a_button_shows_the_vendors_fields(as_user, root):
    sent = typed(name="", password=SECRET, choose="1")
    response = as_user(root).post(URL, sent)
    page = text(response)
    assert response.status_code == 200
    assert "This field is required" not in page
    assert 'value="http://10.0.0.7:7780/"' in page
    assert SECRET not in page
    assert not PbxConnection.objects.exists()


def test_what_is_typed_is_escaped(as_user, root):
    page = text(as_user(root).post(URL, typed(name="<script>1</script>", url="")))
    assert "<script>1" not in page


def test_secrets_leave_no_trace(as_user, root, caplog):
    caplog.set_level(logging.DEBUG)
    as_user(root).post(URL, typed(password=SECRET))
    as_user(root).post(URL, typed(name="", password=SECRET))
    assert SECRET not in caplog.text
    assert SECRET not in str(list(AuditEvent.objects.values()))
