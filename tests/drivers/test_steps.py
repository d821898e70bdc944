"""The steps of "Test connection" that all vendors share."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
import time_machine

from tests.drivers.contract import checks
from transfers.domain import Probe
from transfers.drivers.base import Driver
from transfers.drivers.steps import Steps
from transfers.errors import AuthFailed, BadReply, Refused, Unreachable

NOON = "2026-03-02 12:00:00 +00:00"


class Alone(Steps[Driver]):
    def run(self) -> Probe:
        return Probe(tuple(self.checks))


@pytest.fixture
def steps() -> Alone:
    return Alone(Mock(spec=Driver))


def test_checks_are_in_the_order_of_the_steps(steps):
    steps.note("Address", True, "The PBX answers.")
    steps.note("Login", False, "No.")
    assert [check.name for check in steps.run().checks] == ["Address", "Login"]


@pytest.mark.parametrize("kind", [Unreachable, BadReply, Refused, AuthFailed])
def test_a_failure_is_a_check(steps, kind):
    read = Mock(side_effect=kind("It said no."))
    assert steps.calls_by(read) is None
    assert steps.listed_by("Extensions", read) is None
    assert checks(steps.run()) == {
        "Calls": (False, "It said no."),
        "Extensions": (None, "Not listed: It said no."),
    }


def test_what_was_read_is_handed_on_even_if_empty(steps):
    assert steps.calls_by(list) == steps.listed_by("Extensions", list) == []
    assert steps.checks == []


def test_a_defect_of_ours_is_not_hidden(steps):
    with pytest.raises(KeyError):
        steps.calls_by(Mock(side_effect=KeyError))


@pytest.mark.parametrize(("count", "many"), [(0, "s"), (1, ""), (2, "s")])
def test_counts(steps, count, many):
    steps.sees([None] * count)
    steps.lists_extensions([None] * count)
    assert checks(steps.run()) == {
        "Calls": (True, f"Sees {count} live call{many}."),
        "Extensions": (True, f"Lists {count} extension{many}."),
    }


@pytest.mark.parametrize(
    ("theirs", "ok", "words"),
    [
        ("12:00:00", True, "Agrees with ours within 1 s."),
        ("11:59:48", True, "Agrees with ours within 12 s."),
        ("12:00:30", True, "Agrees with ours within 30 s."),
        ("12:00:31", False, "The PBX's clock is 31 s ahead of ours."),
        ("11:58:00", False, "The PBX's clock is 120 s behind ours."),
    ],
)
def test_clock(steps, theirs, ok, words):
    with time_machine.travel(NOON, tick=False):
        steps.clock(f"Mon, 02 Mar 2026 {theirs} GMT")
    assert checks(steps.run()) == {"Clock": (ok, words)}


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 02 Mar 2026 12:00:00 -0000"])
def test_no_clock(steps, date):
    steps.clock(date)
    assert checks(steps.run()) == {"Clock": (None, "The PBX does not tell its time.")}
