"""What a PBX dials first, for administrators."""

from __future__ import annotations

import pytest

from tests.views.ladder import AdministratorsOnly, text
from transfers.models import AuditEvent, PbxConnection
from transfers.phonebook import DialPrefix


class TestLadder(AdministratorsOnly):
    path = "/connections/{pk}/dialling/"
    methods = ("get", "post")


@pytest.fixture
def budapest(db) -> PbxConnection:
    return PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")


@pytest.fixture
def url(head_office, budapest) -> str:
    return f"/connections/{head_office.pk}/dialling/"


def rules(connection: PbxConnection) -> dict[int | None, str]:
    return dict(connection.dial_prefixes.values_list("other", "prefix"))


@pytest.mark.parametrize(
    ("outside", "other", "kept"),
    [
        ("0", "8", {None: "0", 1: "8"}),
        ("", "direct", {1: ""}),
        ("0", "", {None: "0"}),
        ("", "", {}),
    ],
)
def test_works(as_user, root, head_office, budapest, url, outside, other, kept):
    data = {"outside": outside, f"to_{budapest.pk}": other}
    page = text(as_user(root).post(url, data, follow=True))
    assert "The dialling rules of Head office are saved." in page
    assert rules(head_office) == {budapest.pk if k == 1 else k: v for k, v in kept.items()}
    assert AuditEvent.objects.count() == bool(kept)
    page = text(as_user(root).get(url))
    for value in filter(None, (outside, other)):
        assert f'value="{value}"' in page


@pytest.mark.parametrize("changes", [{"outside": "direct"}, {"outside": "0;"}, {"other": "x"}])
def test_mistakes(as_user, root, head_office, budapest, url, changes):
    data = {"outside": changes.get("outside", "0"), f"to_{budapest.pk}": changes.get("other", "")}
    page = text(as_user(root).post(url, data))
    assert "Not saved." in page
    assert "Use digits, * and # only." in page
    assert rules(head_office) == {}


def test_saving_the_same_again_is_no_event(as_user, root, head_office, url):
    DialPrefix.objects.create(connection=head_office, prefix="0")
    as_user(root).post(url, {"outside": "0"})
    assert not AuditEvent.objects.exists()
    as_user(root).post(url, {"outside": "9"})
    event = AuditEvent.objects.get()
    assert (event.verb, event.data) == ("connection.dialling", {"prefixes": ["9"]})
