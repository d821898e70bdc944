"""Whom a call can be sent to: found however it is typed, best first, with who is busy."""

from __future__ import annotations

import pytest

from transfers.board.snapshot import dump_calls, dump_directory
from transfers.domain import Call, CallState, Extension, Party
from transfers.models import Feed, PbxConnection
from transfers.phonebook import Contact
from transfers.services import targets
from transfers.services.targets import SHOWN, everybody, suggest


@pytest.fixture
def feed(head_office) -> Feed:
    """Four extensions and four contacts of Head office; one contact is of another PBX."""
    other = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")
    people = [
        ("Kovács Júlia", "+36 1 555-0142", "Accounts", None),
        ("Szőke Ágnes", "1003", "Sales", head_office),
        ("Weiß Carl", "10-04", "Sales", head_office),
        ("Tóth Zsófia", "205", "Accounts", other),
    ]
    for name, number, department, connection in people:
        Contact.objects.create(
            name=name, number=number, department=department, connection=connection
        )
    extensions = [
        Extension("1001", "Reception", "phone", True),
        Extension("1003", "Agnes on the PBX", "phone", True),
        Extension("1004", "", "phone", False),
        Extension("1009", "Lift", "door phone", None),
    ]
    Feed.objects.update(directory=dump_directory(extensions))
    return Feed.objects.select_related("connection").get(connection=head_office)


def found(feed: Feed, query: str, **more) -> list[str]:
    return [target.number for target in suggest(feed, query, **more)]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("agnes", ["1003"]),
        ("ÁGNES", ["1003"]),
        ("szoke", ["1003"]),
        ("agnes szoke", ["1003"]),
        ("szo 100", ["1003"]),
        ("weiss", ["10-04"]),
        ("WEISS", ["10-04"]),
        ("sales", ["1003", "10-04"]),
        ("door", ["1009"]),
        ("kovacs julia", ["+36 1 555-0142"]),
        ("nobody", []),
        ("agnes nobody", []),
    ],
)
def test_names_and_departments_are_found_without_accents_in_any_order(feed, query, numbers):
    assert found(feed, query) == numbers


@pytest.mark.parametrize(
    "query",
    ["+3615550142", "+36 1 555-0142", "+36-1-555-0142", "5550142", "555 0142", "555-01", "(1)555"],
)
def test_digits_are_found_with_any_separators(feed, query):
    assert found(feed, query) == ["+36 1 555-0142"]


def test_a_separator_alone_finds_no_number(feed):
    assert "1003" not in found(feed, "-")


def test_a_contact_of_another_pbx_is_not_offered(feed):
    assert found(feed, "zsofia") == []
    assert "205" not in [target.number for target in everybody(feed)]
    assert targets.name_of(feed.connection, "205") == ""


def test_a_contact_goes_before_the_extension_it_names(feed):
    assert [(t.number, t.name) for t in suggest(feed, "100")] == [
        ("1009", "Lift"),
        ("1001", "Reception"),
        ("1003", "Szőke Ágnes"),
        ("10-04", "Weiß Carl"),
    ]


def test_names_are_known_by_number_in_any_spelling(feed):
    assert targets.name_of(feed.connection, "+3615550142") == "Kovács Júlia"
    assert targets.name_of(feed.connection, "1004") == "Weiß Carl"
    assert targets.name_of(feed.connection, "1009") == ""


def test_the_exact_number_comes_first_then_names_that_start_so(feed):
    for name, number in (("Anna 1003", "7"), ("Szilvia", "8"), ("Dr Szabó", "9")):
        Contact.objects.create(name=name, number=number)
    assert found(feed, "1003") == ["1003", "7"]
    assert found(feed, "10-03")[0] == "1003"
    assert found(feed, "sz") == ["8", "1003", "9"]


def test_the_parties_of_the_call_are_left_out(feed):
    assert "1003" not in found(feed, "", without=["10 03", ""])
    assert found(feed, "agnes", without=["1003"]) == []


def test_no_more_than_fit_are_shown(feed):
    for number in range(20):
        Contact.objects.create(name=f"Clerk {number:02}", number=f"4{number:03}")
    assert found(feed, "clerk") == [f"4{number:03}" for number in range(SHOWN)]


def test_two_people_may_share_a_number(feed):
    Contact.objects.create(name="Agnes's deputy", number="1003")
    assert found(feed, "1003") == ["1003", "1003"]


# Who is busy.


def on_the_phone(feed: Feed, *states: CallState) -> None:
    calls = [
        Call(f"c{index}", state, "", Party("+3615550142"), Party("1003"))
        for index, state in enumerate(states)
    ]
    feed.calls = dump_calls(calls)


@pytest.mark.parametrize(
    ("states", "presence"),
    [
        ([], "free"),
        ([CallState.RINGING], "ringing"),
        ([CallState.TALKING], "on a call"),
        ([CallState.HELD], "on a call"),
        ([CallState.DIALING], "on a call"),
        ([CallState.RINGING, CallState.TALKING], "on a call"),
        ([CallState.ENDED], "free"),
    ],
)
def test_presence_comes_from_the_calls(feed, states, presence):
    on_the_phone(feed, *states)
    (agnes,) = suggest(feed, "agnes")
    assert agnes.presence == presence


def test_presence_is_said_only_where_it_is_known(feed):
    presence = {target.number: target.presence for target in everybody(feed)}
    assert presence == {
        "+36 1 555-0142": "",
        "1003": "free",
        "10-04": "not registered",
        "1001": "free",
        "1009": "free",
    }
    on_the_phone(feed, CallState.TALKING)
    assert suggest(feed, "julia")[0].presence == "on a call", "seen in a call, so it is known"


def test_somebody_busy_is_still_offered(feed):
    on_the_phone(feed, CallState.TALKING)
    assert found(feed, "agnes") == ["1003"]


def test_without_a_directory_the_contacts_are_there(feed):
    feed.directory = "[]"
    assert [target.presence for target in everybody(feed)] == ["", "", ""]
