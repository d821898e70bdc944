from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.rows import listed
from tests.views.ladder import AdministratorsOnly, text
from transfers.models import Claim, PbxConnection, Transfer
from transfers.services import forwards


class TestLadder(AdministratorsOnly):
    path = "/connections/{pk}/delete/"
    methods = ("get", "post")

    def test_works(self, as_user, root, url):
        response = as_user(root).post(url, follow=True)
        assert "Head office is deleted." in text(response)
        assert not PbxConnection.objects.exists()


@pytest.fixture
def url(head_office):
    return f"/connections/{head_office.pk}/delete/"


def row(user, connection) -> Transfer:
    names = {"user_name": user.title, "connection_name": connection.name}
    return Transfer.objects.create(
        user=user, connection=connection, kind="hold", call_id="a", **names
    )


def test_asks_first_and_says_what_is_lost_and_kept(as_user, root, ana, head_office, url):
    for number in range(10):
        listed(f"Person {number}", "1", on=head_office)
    row(ana, head_office)
    page = text(as_user(root).get(url))
    assert "1 seat: Ana Kovács (1001)." in page
    assert "10 contacts of this PBX: Person 0," in page
    assert "and 2 more." in page
    assert "The log: 1 entry, with the name of this PBX." in page
    assert PbxConnection.objects.exists()


def test_nobody_and_nothing_depends_on_it(as_user, root, url):
    page = text(as_user(root).get(url))
    assert "No seats: nobody works on this PBX." in page
    assert "No contacts" in page


def test_waits_for_a_running_transfer(as_user, root, ana, head_office, url):
    Claim.objects.create(connection=head_office, call_id="a", transfer=row(ana, head_office))
    response = as_user(root).post(url)
    assert response.status_code == 409
    assert "A transfer is running on Head office." in text(response)
    assert PbxConnection.objects.exists()


def test_the_standing_forwards_that_end_with_it_are_named(root, as_user, head_office):
    until = timezone.now() + timedelta(hours=1)
    forwards.set_up(root, head_office, "500", "102", until)
    page = text(as_user(root).get(f"/connections/{head_office.pk}/delete/"))
    assert "1 standing forward: calls for 500 go to 102. A phone that carries one out" in page
