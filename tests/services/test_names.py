"""Our names for numbers: looked up once per picture and version of the phone book."""

from __future__ import annotations

import pytest

from transfers.board.snapshot import dump_calls
from transfers.domain import Call, CallState, Party
from transfers.models import PbxConnection
from transfers.phonebook import Contact
from transfers.services import names
from transfers.services.names import book_version, names_of, names_on

CALLS = dump_calls([Call("a", CallState.TALKING, "", Party("+36 1 555-0142"), Party("1001"))])


@pytest.fixture
def julia(db) -> Contact:
    return Contact.objects.create(name="Kovács Júlia", number="+36 (1) 555 0142")


def test_the_names_of_a_picture_are_looked_up_once(julia, head_office, django_assert_num_queries):
    version = book_version()
    with django_assert_num_queries(1):
        assert names_on(head_office.pk, version, CALLS).of("+3615550142") == "Kovács Júlia"
    with django_assert_num_queries(0):
        assert names_on(head_office.pk, version, CALLS).of("1001") == ""


def test_every_change_makes_a_new_version(julia, head_office):
    seen = [book_version()]
    julia.name = "Kovács Jolán"
    julia.save()
    seen.append(book_version())
    assert names_on(head_office.pk, seen[-1], CALLS).of("+3615550142") == "Kovács Jolán"
    julia.delete()
    seen.append(book_version())
    assert names_on(head_office.pk, seen[-1], CALLS).of("+3615550142") == ""
    assert len(set(seen)) == 3


def test_the_mark_changes_only_with_the_names_in_the_picture(julia, head_office):
    before = names_on(head_office.pk, book_version(), CALLS)
    Contact.objects.create(name="Somebody else", number="555")
    after = names_on(head_office.pk, book_version(), CALLS)
    assert after.mark == before.mark
    Contact.objects.create(name="Reception", number="1001")
    assert names_on(head_office.pk, book_version(), CALLS).mark != before.mark


def test_a_number_of_this_pbx_alone_goes_before_one_of_every_pbx(db, head_office):
    Contact.objects.create(name="Anna, here", number="10-01", connection=head_office)
    Contact.objects.create(name="Zoe, anywhere", number="1001")
    other = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")
    Contact.objects.create(name="Nora, elsewhere", number="1001", connection=other)
    assert names_of(head_office.pk, ["1001", "", "1001"]) == {"1001": "Anna, here"}


def test_many_numbers_are_looked_up_in_parts(julia, head_office, monkeypatch):
    monkeypatch.setattr(names, "AT_ONCE", 2)
    wanted = ["+36 1 555 0142", "1001", "1002", "1003", "1004"]
    assert names_of(head_office.pk, wanted) == {"+3615550142": "Kovács Júlia"}
