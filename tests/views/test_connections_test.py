from __future__ import annotations

import pytest

from tests.conftest import PBX_PASSWORD
from tests.views.ladder import HTMX, AdministratorsOnly, text
from transfers.domain import Check, Probe
from transfers.models import PbxConnection
from transfers.sentences import say
from transfers.services import connections as service


class TestLadder(AdministratorsOnly):
    path = "/connections/{pk}/test/"
    methods = ("post",)

    def test_works(self, as_user, root, url, head_office, pbx):
        PbxConnection.objects.update(url=pbx.url)
        fragment = text(as_user(root).post(url, headers=HTMX))
        assert "<html" not in fragment
        assert "✓ It works" in fragment
        assert "✓ ok" in fragment
        assert "Sees 0 live calls." in fragment
        assert "Saved: API generation" in fragment
        assert PBX_PASSWORD not in fragment


@pytest.fixture
def url(head_office):
    return f"/connections/{head_office.pk}/test/"


def test_unreachable_says_so_in_words_and_signs(as_user, root, url):
    fragment = text(as_user(root).post(url, headers=HTMX))
    assert "✕ Not everything works" in fragment
    assert "✕ not ok" in fragment
    assert "refused the connection" in fragment


def test_a_wrong_login(as_user, root, url, pbx):
    PbxConnection.objects.update(url=pbx.url, username="somebody else")
    fragment = text(as_user(root).post(url, headers=HTMX))
    assert "<b>Login</b>" in fragment
    assert "✕ not ok" in fragment


def test_what_cannot_be_told_is_a_third_value(as_user, root, url, pbx):
    PbxConnection.objects.update(url=pbx.url)
    pbx.faults.add("http_500", command="ListExtensions")
    assert "? not known" in text(as_user(root).post(url, headers=HTMX))


def test_without_javascript_the_page_shows_the_steps(as_user, root, url):
    page = text(as_user(root).post(url))
    assert "<html" in page
    assert "✕ Not everything works" in page
    assert "Head office" in page


def test_words_of_the_pbx_are_escaped(as_user, root, url, monkeypatch):
    evil = Probe(
        (Check(say("Login"), False, say("{words}", words="<img src=x onerror=alert(1)>")),)
    )
    monkeypatch.setattr(service, "_probe", lambda _build: evil)
    fragment = text(as_user(root).post(url, headers=HTMX))
    assert "<img" not in fragment
    assert "&lt;img" in fragment
