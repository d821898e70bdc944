"""The part of the connection page about notifications."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.views.ladder import AdministratorsOnly, text
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.errors import Unreachable
from transfers.services import notifications
from transfers.standing import NotifyAddress


class TestRenewLadder(AdministratorsOnly):
    path = "/connections/{pk}/notify/new/"
    methods = ("post",)

    def test_works(self, as_user, root, url, head_office):
        page = text(as_user(root).post(url, follow=True))
        assert f"http://testserver/notify/{notifications.token_of(head_office)}/" in page
        assert "Any earlier one is dead." in page


class TestRegisterLadder(AdministratorsOnly):
    path = "/connections/{pk}/notify/register/"
    methods = ("post",)


class TestUnregisterLadder(AdministratorsOnly):
    path = "/connections/{pk}/notify/remove/"
    methods = ("post",)


@pytest.fixture
def edit(head_office) -> str:
    return f"/connections/{head_office.pk}/"


@pytest.fixture
def token(root, head_office) -> str:
    return notifications.renew(root, head_office).token


@pytest.fixture
def registrar(monkeypatch) -> list[str]:
    urls: list[str] = []
    monkeypatch.setattr(OzekiDriver, "subscribe", lambda _, url: urls.append(url))
    monkeypatch.setattr(OzekiDriver, "unsubscribe", lambda _, url: urls.remove(url))
    return urls


def test_without_an_address_one_can_be_made(as_user, root, edit):
    page = text(as_user(root).get(edit))
    assert "Make an address" in page
    assert "/notify/new/" in page


def test_the_address_and_where_to_enter_it(as_user, root, edit, token):
    page = text(as_user(root).get(edit))
    assert f"/notify/{token}/" in page
    assert "Route interception" in page
    assert "None has arrived yet." in page
    assert "Register at the PBX" not in page, "this vendor has no command for it"


def test_what_came_last_and_how_many(as_user, root, edit, token):
    NotifyAddress.objects.update(
        received=341, received_at=timezone.now() - timedelta(hours=1), last_kind="CallChanged"
    )
    page = text(as_user(root).get(edit))
    assert "CallChanged" in page
    assert ">341<" in page


def test_what_was_not_understood_is_said(as_user, root, edit, token):
    NotifyAddress.objects.update(received=1, received_at=timezone.now())
    assert "something that was not understood" in text(as_user(root).get(edit))


def test_an_address_that_no_key_opens(as_user, root, edit, token, settings):
    settings.ENCRYPTION_KEYS = ["YW5vdGhlciBrZXkgdGhhdCBpcyBvZiAzMiBieXRlcy4="]
    assert "cannot be read with the keys" in text(as_user(root).get(edit))


def test_a_vendor_that_sends_none_has_no_such_part(as_user, root, edit, monkeypatch):
    monkeypatch.setattr(OzekiDriver, "notified", False)
    assert 'id="notifications"' not in text(as_user(root).get(edit))


def test_a_vendor_nobody_knows_has_no_such_part(as_user, root, edit, head_office):
    head_office.vendor = "unheard-of"
    head_office.save()
    assert 'id="notifications"' not in text(as_user(root).get(edit))


def test_a_new_pbx_has_no_such_part(as_user, root):
    assert 'id="notifications"' not in text(as_user(root).get("/connections/add/"))


def test_registered_by_command_and_removed(as_user, root, edit, token, registrar):
    client = as_user(root)
    assert "Not registered at the PBX." in text(client.get(edit))
    page = text(client.post(f"{edit}notify/register/", follow=True))
    assert registrar == [f"http://testserver/notify/{token}/"]
    assert "Head office sends its notifications here now." in page
    assert "Registered at the PBX since" in page
    page = text(client.post(f"{edit}notify/remove/", follow=True))
    assert registrar == []
    assert "sends no notifications here any more" in page


def test_a_failure_is_said_in_words(as_user, root, edit, token, monkeypatch):
    def refuse(_driver: object, _url: str) -> None:
        raise Unreachable("No connection could be made.")

    monkeypatch.setattr(OzekiDriver, "subscribe", refuse)
    page = text(as_user(root).post(f"{edit}notify/register/", follow=True))
    assert "Not registered: No connection could be made." in page


def test_removing_what_was_never_registered(as_user, root, edit, token):
    page = text(as_user(root).post(f"{edit}notify/remove/", follow=True))
    assert "Not removed: The PBX was not given an address." in page


def test_a_new_address_says_when_the_pbx_keeps_the_old_one(
    as_user, root, edit, token, registrar, monkeypatch
):
    client = as_user(root)
    client.post(f"{edit}notify/register/")

    def refuse(_driver: object, _url: str) -> None:
        raise Unreachable("No connection could be made.")

    monkeypatch.setattr(OzekiDriver, "unsubscribe", refuse)
    page = text(client.post(f"{edit}notify/new/", follow=True))
    assert "The PBX still has the old address" in page
    assert token not in page
