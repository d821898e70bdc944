"""Which rows a filter lets through, and for whom."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rows import sent
from transfers.models import PbxConnection, Seat
from transfers.sentences import say
from transfers.services import audit, log
from transfers.services.log import Wanted, WantedEvents

BUDAPEST = ZoneInfo("Europe/Budapest")


def targets(user, **wanted) -> list[str]:
    return [row.target for row in log.transfers(user, Wanted(**wanted))]


@pytest.fixture
def other(db) -> PbxConnection:
    return PbxConnection.objects.create(name="Warehouse", vendor="ozeki", url="http://127.0.0.1/")


def test_newest_first(ana, head_office):
    moment = datetime(2026, 3, 1, 12, tzinfo=BUDAPEST)
    sent(ana, head_office, target="old", created_at=moment)
    sent(ana, head_office, target="new", created_at=moment + timedelta(seconds=1))
    sent(ana, head_office, target="same moment", created_at=moment + timedelta(seconds=1))
    assert targets(ana) == ["same moment", "new", "old"]


class TestScope:
    def test_whole_pbx(self, ana, ben, head_office, other):
        sent(ben, head_office, target="by a colleague")
        sent(ben, other, target="elsewhere")
        assert targets(ana) == ["by a colleague"]

    def test_own_calls_only(self, ana, ben, head_office):
        Seat.objects.filter(user=ana).update(sees="own")
        sent(ben, head_office, target="by a colleague")
        sent(ana, head_office, target="mine")
        assert targets(ana) == ["mine"]

    def test_nothing_without_a_seat(self, ana, eve, head_office):
        sent(ana, head_office)
        assert targets(eve) == []

    def test_everything_for_an_administrator(self, ana, root, head_office, other):
        sent(ana, head_office, target="a")
        sent(ana, other, target="b")
        assert sorted(targets(root)) == ["a", "b"]

    def test_a_filter_does_not_widen_it(self, ana, ben, head_office, other):
        sent(ben, other)
        assert targets(ana, who=ben) == targets(ana, pbx=other) == []

    def test_a_row_is_listed_once(self, ana, ben, head_office):
        sent(ana, head_office, target="mine and on a PBX I see whole")
        assert len(targets(ana, text="mine")) == 1


class TestPeriod:
    @pytest.fixture(autouse=True)
    def rows(self, ana, head_office):
        for day, hour in [(9, 23), (10, 0), (10, 23), (11, 0)]:
            moment = datetime(2026, 7, day, hour, 30 if hour else 0, tzinfo=BUDAPEST)
            sent(ana, head_office, target=f"{day}-{hour}", created_at=moment)

    def test_the_first_day_begins_at_local_midnight(self, ana):
        assert targets(ana, since=date(2026, 7, 11)) == ["11-0"]

    def test_the_last_day_is_included(self, ana):
        assert targets(ana, until=date(2026, 7, 9)) == ["9-23"]

    def test_one_day(self, ana):
        day = date(2026, 7, 10)
        assert targets(ana, since=day, until=day) == ["10-23", "10-0"]


def test_exact_filters(ana, ben, root, head_office, other):
    sent(ana, head_office, target="a", kind="forward", state="refused")
    sent(ben, other, target="b", kind="hold", state="unknown")
    assert targets(root, who=ana) == ["a"]
    assert targets(root, pbx=other) == ["b"]
    assert targets(root, kind="hold") == ["b"]
    assert targets(root, verdict="refused") == ["a"]
    assert targets(root, verdict="refused", kind="hold") == []


class TestText:
    @pytest.fixture(autouse=True)
    def row(self, ana, head_office):
        return sent(
            ana,
            head_office,
            call_id="AbC-77",
            caller_number="+36 (1) 555-01/42",
            caller_name="Ágnes Kőműves",
            target="0003*210",
            observed="100% of 1_000 rang",
        )

    @pytest.mark.parametrize(
        "text",
        ["+36 1 555 0142", "3615550142", "555-0142", "555.01.42", "(555) 0142", "0003*210", "*210",
         "Kőműves", "kőműves", "KŐMŰVES", "ágnes", "kőműves ágnes", "abc-77", "carol", "head off",
         "carol 555-0142", "100%", "1_000", "ana", "  carol  ", "200"],
    )  # fmt: skip
    def test_found(self, ana, text):
        assert targets(ana, text=text) == ["0003*210"]

    @pytest.mark.parametrize(
        "text", ["5550143", "carol 999", "10_%", "1%0", "a' OR 1=1 --", "..", "()", "\\"]
    )
    def test_not_found(self, ana, text):
        assert targets(ana, text=text) == []

    def test_blank_is_no_filter(self, ana):
        assert targets(ana, text="   ") == ["0003*210"]


@given(text=st.text(alphabet="0123456789+*# -/().%_'\"\\áé\u0000", max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_is_only_text(ana, text):
    assert list(log.transfers(ana, Wanted(text=text.replace("\0", "")))) == []


@given(
    digits=st.text(alphabet="0123456789", min_size=4, max_size=12),
    marks=st.lists(st.sampled_from(["", " ", "-", ".", "/", ") ("]), min_size=12, max_size=12),
    asked=st.lists(st.sampled_from(["", " ", "-", ".", "/"]), min_size=12, max_size=12),
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
def test_a_number_is_found_however_both_sides_write_it(ana, head_office, digits, marks, asked):
    written = "".join(d + m for d, m in zip(digits, marks, strict=False))
    row = sent(ana, head_office, caller_number=written)
    text = "".join(d + m for d, m in zip(digits, asked, strict=False))
    assert row in log.transfers(ana, Wanted(text=text))


class TestEvents:
    def found(self, **wanted):
        return [event.verb for event in log.events(WantedEvents(**wanted))]

    def test_those_of_transfers_are_elsewhere(self, ana, head_office):
        audit.record(ana, "transfer.sending", "x", transfer=sent(ana, head_office))
        audit.record(ana, "connection.edited", "Head office")
        assert self.found() == ["connection.edited"]

    @pytest.mark.parametrize(
        ("subject", "verbs"),
        [
            ("login", ["logout", "login.ok"]),
            ("people", ["seat.added", "person.added"]),
            ("log", ["log.exported"]),
            ("", ["log.exported", "seat.added", "person.added", "logout", "login.ok"]),
        ],
    )
    def test_subject(self, root, subject, verbs):
        for verb in ["login.ok", "logout", "person.added", "seat.added", "log.exported"]:
            audit.record(root, verb, "x")
        assert self.found(subject=subject) == verbs

    def test_text(self, root, ana):
        audit.record(root, "person.edited", "Ana Kovács")
        audit.record(ana, "login.ok", "ana")
        assert self.found(text="root kovács") == ["person.edited"]
        assert self.found(text="LOGIN") == ["login.ok"]


def test_the_choices_of_people_are_those_one_may_come_across(ana, ben, eve, root):
    assert list(log.people_in_log(ana)) == [ana, ben]
    assert list(log.people_in_log(eve)) == [eve]
    assert set(log.people_in_log(root)) == {ana, ben, eve, root}


def test_a_sentence_is_found_by_its_text_and_not_by_how_it_is_kept(ana, head_office):
    observed = say("Nobody answered at {number}.", number="103")
    sent(ana, head_office, target="103", observed=observed)
    assert targets(ana, text="answered 103") == ["103"]
    assert targets(ana, text="say") == targets(ana, text="with") == []


def test_an_event_is_found_by_what_the_reader_sees_of_its_verb(ana, monkeypatch):
    audit.record(ana, "person.password_set", "Ben")
    german = {"Set a person's password": "Kennwort einer Person gesetzt"}
    assert [e.object_text for e in log.events(WantedEvents(text="Set a person's"))] == ["Ben"]
    monkeypatch.setattr("transfers.sentences.gettext", lambda text: german.get(text, text))
    assert [e.object_text for e in log.events(WantedEvents(text="kennwort"))] == ["Ben"]
