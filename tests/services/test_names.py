"""Our names for numbers: looked up once per picture and version of the phone book."""

from __future__ import annotations

import pytest

from tests.rows import listed
from transfers.board.snapshot import dump_calls, dump_directory
from transfers.domain import Call, CallState, Extension, Party
from transfers.models import Feed, PbxConnection
from transfers.phonebook import Contact, DialPrefix
from transfers.services import names
from transfers.services.names import book_version, name_of, names_of, names_on

CALLS = dump_calls([Call("a", CallState.TALKING, "", Party("+36 1 555-0142"), Party("1001"))])


@pytest.fixture
def julia(db) -> Contact:
    return listed("Kovács Júlia", "+36 (1) 555 0142")


def test_the_names_of_a_picture_are_looked_up_once(julia, head_office, django_assert_num_queries):
    version = book_version()
    with django_assert_num_queries(2):  # what is dialled first, and the contacts
        assert names_on(head_office.pk, version, CALLS).of("+36 1 555-0142") == "Kovács Júlia"
    with django_assert_num_queries(0):
        assert names_on(head_office.pk, version, CALLS).of("1001") == ""


def test_every_change_makes_a_new_version(julia, head_office):
    seen = [book_version()]
    julia.name = "Kovács Jolán"
    julia.save()
    seen.append(book_version())
    assert names_on(head_office.pk, seen[-1], CALLS).of("+36 1 555-0142") == "Kovács Jolán"
    julia.delete()
    seen.append(book_version())
    assert names_on(head_office.pk, seen[-1], CALLS).of("+36 1 555-0142") == ""
    assert len(set(seen)) == 3


def test_the_mark_changes_only_with_the_names_in_the_picture(julia, head_office):
    before = names_on(head_office.pk, book_version(), CALLS)
    listed("Somebody else", "555")
    after = names_on(head_office.pk, book_version(), CALLS)
    assert after.mark == before.mark
    listed("Reception", "1001")
    assert names_on(head_office.pk, book_version(), CALLS).mark != before.mark


def test_a_number_of_this_pbx_alone_goes_before_one_of_every_pbx(db, head_office):
    listed("Anna, here", "10-01", on=head_office)
    listed("Zoe, anywhere", "1001")
    other = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")
    listed("Nora, elsewhere", "1001", on=other)
    assert names_of(head_office.pk, ["1001", "", "1001"]) == {"1001": "Anna, here"}
    assert name_of(head_office, "10 01") == "Anna, here"
    assert name_of(head_office, "1002") == ""


def test_many_numbers_are_looked_up_in_parts(julia, head_office, monkeypatch):
    monkeypatch.setattr(names, "AT_ONCE", 2)
    wanted = ["+36 1 555 0142", "1001", "1002", "1003", "1004"]
    assert names_of(head_office.pk, wanted) == {"+36 1 555 0142": "Kovács Júlia"}


@pytest.mark.parametrize("shown", ["06 1 555 0142", "003615550142", "0-06-15550142", "+3615550142"])
def test_a_number_of_the_public_network_has_its_name_however_it_is_shown(julia, head_office, shown):
    DialPrefix.objects.create(connection=head_office, prefix="0")
    assert name_of(head_office, shown) == "Kovács Júlia"


def test_a_number_of_another_pbx_has_its_name_behind_the_prefix_for_it(head_office):
    other = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")
    listed("Tóth Zsófia", "205", on=other)
    assert name_of(head_office, "8205") == ""
    DialPrefix.objects.create(connection=head_office, other=other, prefix="8")
    assert name_of(head_office, "8205") == "Tóth Zsófia"
    assert name_of(head_office, "205") == name_of(head_office, "8") == ""


def test_a_number_without_a_contact_has_the_name_its_pbx_lists(head_office):
    there = [Extension("1003", "Weiss (Sales)", "phone"), Extension("1004", "", "phone")]
    Feed.objects.update(directory=dump_directory(there))
    assert [name_of(head_office, number) for number in ("1003", "1004", "1005")] == (
        ["Weiss (Sales)", "", ""]
    )
    listed("Carol Weiss", "1003", on=head_office)
    assert name_of(head_office, "1003") == "Carol Weiss"
