"""Whom a call can be sent to: found however it is typed, best first, with who is busy."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from tests.rows import listed, sent
from transfers.board.snapshot import dump_calls, dump_directory
from transfers.domain import Call, CallState, Extension, Party
from transfers.models import Feed, PbxConnection, Seat
from transfers.phonebook import Contact, DialPrefix, PhoneBook
from transfers.services.contacts import mark
from transfers.services.directory import Entry, search

S = CallState


@pytest.fixture
def budapest(db) -> PbxConnection:
    return PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")


@pytest.fixture
def people(head_office, budapest) -> dict[str, str]:
    """Four extensions and four contacts; one contact is of another PBX."""
    listed("Kovács Júlia", "+36 1 555-0142", department="Accounts")
    listed("Szőke Ágnes", "1003", on=head_office, department="Sales")
    listed("Weiß Carl", "10-04", on=head_office, department="Sales")
    listed("Tóth Zsófia", "205", on=budapest, department="Accounts")
    extensions = [
        Extension("1001", "Reception", "phone", True),
        Extension("1003", "Agnes on the PBX", "phone", True),
        Extension("1004", "", "phone", False),
        Extension("1009", "Lift", "door phone", None),
    ]
    Feed.objects.update(directory=dump_directory(extensions))


@pytest.fixture
def find(ana, head_office, people):
    """find("agnes") are the entries for a call on Head office."""

    def entries(query: str, **more) -> list[Entry]:
        return search(ana, query, head_office, **more)

    return entries


@pytest.fixture
def numbers(find):
    def found(query: str, **more) -> list[str]:
        return [entry.number for entry in find(query, **more) if entry.reachable]

    return found


def names(entries: list[Entry]) -> list[str]:
    return [entry.name for entry in entries]


# What is found.


@pytest.mark.parametrize(
    ("query", "expected"),
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
        ("100%", []),
        ("_", []),
    ],
)
def test_names_and_departments_are_found_without_accents_in_any_order(numbers, query, expected):
    assert numbers(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("oneil", ["Sean O’Neil"]),
        ("o'neil", ["Sean O’Neil"]),
        ("o’neil", ["Sean O’Neil"]),
        ("o neil", ["Sean O’Neil"]),
        ("oneil sean", ["Sean O’Neil"]),
        ("mueller", ["Mueller Hans", "Müller Jörg", "Chef der Müllerei"]),
        ("muller", ["Müller Jörg", "Chef der Müllerei"]),
        ("müller", ["Müller Jörg", "Chef der Müllerei", "Mueller Hans"]),
        ("joerg mueller", ["Müller Jörg"]),
        ("jörg mueller", ["Müller Jörg"]),
        ("joel", ["Joel"]),
        ("aase", ["Åse"]),
        ("'", None),
    ],
)
def test_names_are_found_without_apostrophes_and_with_umlauts_written_out(ana, query, expected):
    for name in (
        "Müller Jörg",
        "Mueller Hans",
        "Chef der Müllerei",
        "Sean O’Neil",
        "Joel",
        "Jolán",
    ):
        listed(name, "1")
    listed("Åse", "1")
    found = names(search(ana, query))
    assert found == expected if expected else len(found) == 7


def test_extensions_and_recent_targets_are_found_so_too(ana, head_office):
    Feed.objects.update(directory=dump_directory([Extension("1005", "D'Arcy Köhler", "", True)]))
    sent(ana, head_office, target="0049301234", target_name="Böhm")
    assert names(search(ana, "darcy koehler", head_office)) == ["D'Arcy Köhler"]
    assert names(search(ana, "boehm", head_office)) == ["Böhm"]


def test_what_was_written_before_is_found_after_the_upgrade(ana):
    old = {
        listed("O'Neil", "1"): "o'neil 1",
        listed("Müller", "2", department="Büro"): "muller buro 2",
        listed("Kovács", "3"): "kovacs 3",
    }
    for contact, text in old.items():
        Contact.objects.filter(pk=contact.pk).update(text=text)
    before = PhoneBook.objects.get().version
    upgrade = import_module("transfers.migrations.0023_spellings")
    upgrade.index(apps, None)
    assert names(search(ana, "oneil")) == ["O'Neil"]
    assert names(search(ana, "mueller buero")) == ["Müller"]
    assert names(search(ana, "kovacs")) == ["Kovács"]
    assert PhoneBook.objects.get().version != before, "a check of a file is of the old book"


@pytest.mark.parametrize(
    "query",
    [
        *("+3615550142", "+36 1 555-0142", "+36-1-555-0142", "5550142", "555 0142", "555-01"),
        *("(1)555", "0615550142", "06 1 555 0142", "003615550142", "00 36 1 555 0142"),
    ],
)
def test_digits_are_found_with_any_separators_and_country_prefix(numbers, query):
    assert numbers(query) == ["+36 1 555-0142"]


def test_a_separator_alone_finds_no_number(numbers):
    assert "1003" not in numbers("-")


def test_a_contact_goes_before_the_extension_it_names(find):
    assert [(entry.number, entry.name) for entry in find("100")] == [
        ("1009", "Lift"),
        ("1001", "Reception"),
        ("1003", "Szőke Ágnes"),
        ("10-04", "Weiß Carl"),
    ]


def test_an_extension_is_found_by_its_own_name_only_while_no_contact_names_it(numbers):
    assert numbers("on the pbx") == []
    assert numbers("lift") == ["1009"]


def test_the_parties_of_the_call_are_left_out(numbers):
    assert "1003" not in numbers("", without=["10 03", ""])
    assert "1009" not in numbers("", without=["1009"])
    assert numbers("agnes", without=["1003"]) == []
    assert numbers("julia", without=["06 1 555 0142"]) == []


def test_no_more_than_fit_are_shown(numbers):
    for number in range(30):
        listed(f"Clerk {number:02}", f"4{number:03}")
    assert numbers("clerk") == [f"4{number:03}" for number in range(20)]
    assert numbers("clerk", limit=3) == ["4000", "4001", "4002"]


def test_two_people_may_share_a_number(numbers):
    listed("Agnes's deputy", "1003")
    assert numbers("1003") == ["1003", "1003"]


def test_each_number_of_a_person_that_can_be_dialled_is_an_entry(find, head_office, budapest):
    someone = listed("Nagy Péter", "06 30 555 0119")
    for number, label, on in (("1020", "desk", head_office), ("220", "desk", budapest)):
        someone.numbers.create(number=number, label=label, connection=on)
    someone.index()
    assert [(e.number, e.label) for e in find("nagy")] == [("06 30 555 0119", ""), ("1020", "desk")]


# Best first.


def test_the_exact_number_comes_first_then_names_that_begin_so(numbers):
    for name, number in (("Anna 1003", "7"), ("Szilvia", "8"), ("Dr Szabó", "9")):
        listed(name, number)
    assert numbers("1003") == ["1003", "7"]
    assert numbers("10-03")[0] == "1003"
    assert numbers("sz") == ["8", "1003", "9"]


def test_favourites_then_recent_targets_go_before_the_others(find, ana, ben, root, head_office):
    made = [listed(f"Clerk {letter}", f"40{n}") for n, letter in enumerate("abcd")]
    mark(ana, made[3], wanted=True)
    mark(ben, made[1], wanted=True)
    sent(ana, head_office, target="402")
    sent(root, head_office, target="401")
    sent(ana, head_office, target="400", kind="join")
    found = find("clerk")
    assert names(found) == ["Clerk d", "Clerk c", "Clerk a", "Clerk b"]
    assert [entry.favourite for entry in found] == [True, False, False, False]
    assert [entry.recent for entry in found] == [False, True, False, False]
    mark(ana, made[3], wanted=False)
    assert names(find("clerk"))[0] == "Clerk c"


def test_favourites_are_found_behind_any_number_of_others(find, ana):
    for number in range(50):
        listed(f"Clerk {number:02}", f"4{number:03}")
    mark(ana, listed("Old clerk", "4999"), wanted=True)
    assert find("clerk", limit=5)[0].name == "Old clerk"


def test_a_number_typed_by_hand_lately_is_offered(find, ana, head_office, budapest):
    sent(ana, head_office, target="+36305550119", target_name="")
    sent(ana, budapest, target="209", target_name="")
    (entry,) = find("0630555")
    assert (entry.number, entry.recent, entry.contact) == ("+36305550119", True, None)
    assert find("209") == []
    assert find("0630555", without=["+36305550119"]) == []


# From one PBX to another.


def test_whom_the_pbx_cannot_reach_is_named_with_the_reason(find, ana, budapest):
    (entry,) = find("zsofia")
    assert (entry.reachable, entry.number, entry.dial) == (False, "", "")
    assert entry.reason == "No number that Head office can dial.", "Budapest is not hers to see"
    Seat.objects.create(user=ana, connection=budapest)
    assert find("zsofia")[0].reason == "Only on Budapest, which Head office cannot dial."


def test_the_reachable_come_before_the_others(find):
    assert names(find("accounts")) == ["Kovács Júlia", "Tóth Zsófia"]
    listed("Zz", "7", department="Accounts")
    assert names(find("accounts")) == ["Kovács Júlia", "Zz", "Tóth Zsófia"]


@pytest.mark.parametrize(("prefix", "dial"), [("8", "8205"), ("", "205")])
def test_a_prefix_reaches_the_other_pbx(find, head_office, budapest, prefix, dial):
    DialPrefix.objects.create(connection=head_office, other=budapest, prefix=prefix)
    (entry,) = find("zsofia")
    assert (entry.reachable, entry.number, entry.dial) == (True, "205", dial)
    if prefix:
        assert find("", without=[dial]) == [e for e in find("") if e.name != "Tóth Zsófia"]


def test_presence_on_the_other_pbx_is_seen_where_she_may_look(find, ana, head_office, budapest):
    DialPrefix.objects.create(connection=head_office, other=budapest, prefix="8")
    call = Call("a", S.TALKING, "", Party("0615550142"), Party("205"))
    Feed.objects.create(connection=budapest, calls=dump_calls([call]))
    assert find("zsofia")[0].presence == ""
    Seat.objects.create(user=ana, connection=budapest)
    assert find("zsofia")[0].presence == "on a call"
    assert find("205")[0].name == "Tóth Zsófia"


@pytest.mark.parametrize(
    ("number", "dial"),
    [
        ("+36 1 555-0142", "00615550142"),
        ("06 30 555 0119", "006305550119"),
        ("+49 30 901820", "0004930901820"),
        ("1003", "1003"),
    ],
)
def test_outside_numbers_are_dialled_with_the_prefix(find, head_office, number, dial):
    DialPrefix.objects.create(connection=head_office, prefix="0")
    listed("Somebody", number)
    assert find("somebody")[0].dial == dial


def test_without_a_prefix_a_number_is_dialled_as_it_is_written(find):
    assert find("julia")[0].dial == "+36 1 555-0142"


# Without a call: all of her PBXs.


def test_without_a_connection_each_person_is_one_entry(ana, people, head_office, budapest):
    someone = listed("Nagy Péter", "1020", on=head_office)
    someone.numbers.create(number="06305550119", label="mobile")
    assert [(e.name, e.number, e.dial) for e in search(ana, "nagy")] == [("Nagy Péter", "1020", "")]
    assert search(ana, "zsofia") == [], "she has no seat on Budapest"
    Seat.objects.create(user=ana, connection=budapest)
    assert [entry.number for entry in search(ana, "zsofia")] == ["205"]
    assert "Lift" in names(search(ana, ""))


def test_somebody_without_a_seat_sees_numbers_of_every_pbx_only(eve, people):
    assert names(search(eve, "")) == ["Kovács Júlia"]


# Who is busy.


def on_the_phone(*states: CallState, number: str = "1003") -> None:
    calls = [
        Call(f"c{index}", state, "", Party("0615550142"), Party(number))
        for index, state in enumerate(states)
    ]
    now = timezone.now()
    Feed.objects.update(calls=dump_calls(calls), started_at=now, taken_at=now)


@pytest.mark.parametrize(
    ("states", "presence"),
    [
        ([], "free"),
        ([S.RINGING], "ringing"),
        ([S.TALKING], "on a call"),
        ([S.HELD], "on a call"),
        ([S.DIALING], "free"),  # her phone does not ring yet
        ([S.RINGING, S.TALKING], "on a call"),
        ([S.TALKING, S.RINGING], "on a call"),
        ([S.ENDED], "free"),
        ([S.UNKNOWN], "free"),
    ],
)
def test_presence_comes_from_the_calls(find, states, presence):
    on_the_phone(*states)
    (agnes,) = find("agnes")
    assert agnes.presence == presence


@pytest.mark.parametrize(
    ("call", "presence"),
    [
        (Call("c", S.RINGING, "", Party("1003"), Party("1001")), "on a call"),
        (Call("c", S.DIALING, "", Party("1003"), Party("1001")), "on a call"),
        (Call("c", S.DIALING, "", Party("1003"), Party("1001"), rings_caller=True), "ringing"),
        (Call("c", S.DIALING, "", Party("1001"), Party("1003"), rings_caller=True), "free"),
    ],
)
def test_presence_of_who_calls(find, call, presence):
    now = timezone.now()
    Feed.objects.update(calls=dump_calls([call]), started_at=now, taken_at=now)
    assert find("agnes")[0].presence == presence


def test_who_asked_not_to_be_disturbed_is_not_free(find):
    quiet = [Extension("1003", "Agnes on the PBX", "phone", True, quiet=True)]
    Feed.objects.update(directory=dump_directory(quiet))
    on_the_phone()
    assert find("agnes")[0].presence == "do not disturb"
    on_the_phone(S.TALKING)
    assert find("agnes")[0].presence == "on a call"


def test_presence_is_said_only_where_it_is_known(find):
    on_the_phone()
    assert {e.number: e.presence for e in find("") if e.reachable} == {
        "+36 1 555-0142": "",
        "1003": "free",
        "10-04": "not registered",
        "1001": "free",
        "1009": "free",
    }
    on_the_phone(S.TALKING)
    assert find("julia")[0].presence == "on a call", "seen in a call, so it is known"


def test_who_sees_only_her_own_calls_is_not_told_who_from_outside_is_in_another_one(find):
    on_the_phone(S.TALKING)
    Seat.objects.update(sees=Seat.Sees.OWN)
    assert find("julia")[0].presence == ""
    assert find("agnes")[0].presence == "on a call", "as the lamps of a telephone tell"


def test_somebody_busy_is_still_offered(find):
    on_the_phone(S.TALKING)
    assert find("agnes")[0].reachable


def test_old_presence_has_its_age(find):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        Feed.objects.update(directory_due_at=timezone.now() + timedelta(seconds=60))
        on_the_phone(S.TALKING)
        assert find("agnes")[0].age is None
        clock.shift(40)
        assert find("agnes")[0].age == 40
        assert find("weiss")[0].age is None, "extensions are read once a minute"
        clock.shift(120)
        assert find("weiss")[0].age == 160


def test_without_a_directory_the_contacts_are_there(find):
    Feed.objects.update(directory="[]")
    assert [entry.presence for entry in find("")] == ["", "", "", ""]


def test_a_search_asks_a_handful_of_queries(find, django_assert_max_num_queries):
    for number in range(40):
        listed(f"Clerk {number:02}", f"4{number:03}")
    with django_assert_max_num_queries(14):
        find("clerk")
