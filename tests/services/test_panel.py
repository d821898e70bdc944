"""The people beside the calls: their groups, and the digits that fingers learn."""

from __future__ import annotations

import pytest

from tests.rows import listed, sent
from transfers.models import Feed, PbxConnection, Seat
from transfers.services import contacts
from transfers.services.panel import favourite, panel


@pytest.fixture
def budapest(ana) -> PbxConnection:
    pbx = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")
    Feed.objects.create(connection=pbx)
    Seat.objects.create(user=ana, connection=pbx, extensions="201")
    return pbx


@pytest.fixture
def people(ana, head_office, budapest) -> None:
    """Carol, Agnes and Zoe are ana's favourites, marked in this order."""
    for name, number, pbx in (
        ("Carol Weiss", "1003", head_office),
        ("Agnes Szoke", "203", budapest),
        ("Zoe Clark", "1008", head_office),
        ("Dave Lindqvist", "1004", head_office),
    ):
        contact = listed(name, number, on=pbx)
        if name != "Dave Lindqvist":
            contacts.mark(ana, contact, True)


def names(user, query="", connection=None, without=()) -> dict[str, list[str]]:
    groups = panel(user, query, connection, without)
    return {group.slug: [person.entry.name for person in group.people] for group in groups}


def test_favourites_come_as_they_were_marked_and_recent_targets_after_them(
    ana, head_office, people
):
    sent(ana, head_office, target="1004")
    sent(ana, head_office, target="1008")
    assert names(ana) == {
        "favourites": ["Carol Weiss", "Agnes Szoke", "Zoe Clark"],
        "recent": ["Dave Lindqvist"],
    }


def test_a_digit_belongs_to_a_person_whichever_pbx_is_asked(ana, head_office, budapest, people):
    for connection in (None, head_office, budapest):
        group = panel(ana, "", connection)[0]
        digits = {person.entry.name: person.digit for person in group.people}
        assert digits == {"Carol Weiss": 1, "Agnes Szoke": 2, "Zoe Clark": 3}


def test_favourites_and_recents_stay_however_many_others_the_pbx_reaches(
    ana, head_office, budapest, people
):
    """Its 200 people must not push out those whom it cannot reach."""
    sent(ana, budapest, target="1004")  # nobody there; on Head office it is Dave's
    sent(ana, budapest, target="2199")
    for number in range(2000, 2200):
        listed(f"Clerk {number}", str(number), on=budapest)
    groups = {group.slug: group.people for group in panel(ana, "", budapest)}
    reasons = {person.digit: str(person.entry.reason) for person in groups["favourites"]}
    why = "Only on Head office, which Budapest cannot dial."
    assert reasons == {1: why, 2: "", 3: why}
    assert {person.entry.number for person in groups["recent"]} == {"1004", "2199"}
    assert favourite(ana, "3", budapest).reason == why


def test_without_favourites_and_recents_there_are_people_all_the_same(ben, people):
    assert names(ben)["others"][0] == "Carol Weiss", "of the PBXs he may look at"


def test_a_search_is_one_group(ana, people):
    assert names(ana, "dave") == {"found": ["Dave Lindqvist"]}
    assert names(ana, "nobody at all") == {}


def test_the_parties_of_the_call_are_left_out(ana, head_office, people):
    assert "Carol Weiss" not in names(ana, "", head_office, ["1003"])["favourites"]


def test_a_favourite_is_asked_for_by_digit(ana, head_office, people):
    assert favourite(ana, "1", head_office).dial == "1003"
    there = favourite(ana, "2", head_office)
    assert (there.dial, there.reason) == ("", "Only on Budapest, which Head office cannot dial.")
    for digit in ("4", "0", "", "x", "١"):
        assert favourite(ana, digit, head_office) is None


def test_of_several_numbers_the_first_has_the_digit(ana, head_office):
    contacts.mark(ana, listed("Carol Weiss", "1003", "+36 1 555 0142", on=head_office), True)
    group = panel(ana, "", head_office)[0]
    assert [person.digit for person in group.people] == [1, 0]


def test_only_nine_have_digits(ana, head_office):
    for n in range(11):
        contacts.mark(ana, listed(f"Person {n:02}", f"20{n:02}", on=head_office), True)
    digits = [person.digit for person in panel(ana, "", head_office)[0].people]
    assert digits == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0]
