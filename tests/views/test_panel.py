"""The people beside the calls, as a fragment; and the dialog with a target chosen there."""

from __future__ import annotations

import pytest

from tests.rows import listed
from tests.stage import CALLER
from tests.views.ladder import text
from transfers.models import PbxConnection
from transfers.services import contacts

URL = "/board/people/"


@pytest.fixture
def carol(ana, head_office):
    contact = listed("Carol Weiss", "1003", on=head_office, department="Sales")
    contacts.mark(ana, contact, True)
    return contact


class TestLadder:
    def test_works_for_all_who_look(self, as_user, ana, ben, root, head_office, carol):
        for user in (ana, ben, root):
            page = text(as_user(user).get(URL, {"pbx": head_office.pk, "q": "carol"}))
            assert 'data-number="1003"' in page

    def test_wrong_method(self, as_user, ana):
        for method in ("post", "put", "delete"):
            assert getattr(as_user(ana), method)(URL).status_code == 405

    def test_anonymous(self, client, db):
        assert client.get(URL)["Location"].startswith("/login/")
        assert client.get(URL, headers={"HX-Request": "true"}).status_code == 403

    def test_no_access_to_that_pbx(self, as_user, eve, head_office, carol):
        assert as_user(eve).get(URL, {"pbx": head_office.pk}).status_code == 404


def test_without_a_call_nobody_has_a_number_to_be_sent_to(as_user, ana, carol):
    page = text(as_user(ana).get(URL))
    assert "Carol Weiss" in page
    assert "data-number" not in page
    assert "<kbd>1</kbd>" in page


@pytest.mark.parametrize("pbx", ["", "x", "0", "99999", "9" * 5000, "-1"])
def test_a_strange_pbx_is_none_or_404(as_user, ana, carol, pbx):
    response = as_user(ana).get(URL, {"pbx": pbx})
    assert response.status_code == (404 if pbx.isdecimal() else 200)


def test_who_cannot_be_reached_from_there_says_why(as_user, ana, root, carol):
    other = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")
    page = text(as_user(root).get(URL, {"pbx": other.pk, "q": "carol"}))
    assert 'aria-disabled="true"' in page
    assert "Only on Head office, which Budapest cannot dial." in page


def test_nobody_fits(as_user, ana, carol):
    assert "Nobody fits." in text(as_user(ana).get(URL, {"q": "<zzz>"}))


class TestDialog:
    @pytest.fixture
    def url(self, stage, ana):
        stage.exchange.ring(CALLER, "1001", "Kovács Júlia")
        (call,) = stage.wait().calls
        return f"/calls/{stage.connection.pk}/forward/?call={call.id}"

    def test_a_target_is_in_the_field(self, as_user, ana, url):
        assert 'name="target" value="1004"' in text(as_user(ana).get(f"{url}&target=1004"))

    def test_a_favourite_is_found_by_digit(self, as_user, ana, url, carol):
        assert 'name="target" value="1003"' in text(as_user(ana).get(f"{url}&favourite=1"))

    def test_there_is_no_such_favourite(self, as_user, ana, url, carol):
        page = text(as_user(ana).get(f"{url}&favourite=7"))
        assert "You have no favourite 7 yet." in page
        assert 'name="target" value=""' in page

    def test_hostile_values_are_only_text(self, as_user, ana, url):
        page = text(as_user(ana).get(url, {"target": '"><b id=hostile>'}))
        assert "<b id=hostile>" not in page
