"""Lists that a real Asterisk 22.10 gave (answers/*.xml), read into calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from transfers.domain import Action, Call, CallState
from transfers.drivers.asterisk.calls import Desk, read_calls
from transfers.drivers.asterisk.menu import FEATURES, Boxes
from transfers.drivers.asterisk.wire import Answer, read_answer
from transfers.http import Reply
from transfers.services.rules import common_party

ANSWERS = Path(__file__).parent / "answers"
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
DESK = Desk(NOW, "pbxadmin-hold", timedelta(), Boxes("*{number}", "internal"))


def answer(name: str) -> Answer:
    body = (ANSWERS / f"{name}.xml").read_bytes()
    return read_answer(Reply(200, "text/xml", {}, body))


def calls(name: str, parking: str = "") -> list[Call]:
    parked = answer(parking).items("ParkedCall", "ParkedCallsComplete") if parking else []
    return read_calls(answer(name).items("Status", "StatusComplete"), parked, DESK)


ONE_CALL = {
    "rings": (CallState.RINGING, "+3615550142", "1001", ()),
    "talks": (CallState.TALKING, "+3615550142", "1001", ()),
    "held_at_phone": (CallState.HELD, "+3615550142", "1001", ()),
    "both_wait": (CallState.HELD, "1001", "1002", ()),
    "bridged": (CallState.TALKING, "1001", "1002", ()),
    "group_rings": (CallState.RINGING, "1001", "610", ("1002", "1003")),
    "queue_rings": (CallState.RINGING, "1001", "620", ("1003", "1002")),
    "queue_answered": (CallState.TALKING, "1001", "1002", ("620",)),
    "conference": (CallState.TALKING, "1001", "630", ("1002", "1003")),
    "echo": (CallState.TALKING, "1001", "600", ()),
    "originate": (CallState.DIALING, "1002", "", ()),
    "local_rings": (CallState.DIALING, "1003", "", ()),
    "local_dials": (CallState.RINGING, "1003", "1002", ()),
}


@pytest.mark.parametrize("name", ONE_CALL)
def test_one_row_for_a_call(name):
    (call,) = calls(name)
    assert (call.state, call.caller.number, call.callee.number, call.also) == ONE_CALL[name]
    assert call.actions | call.why_not.keys() == FEATURES
    assert not call.actions & call.why_not.keys()


def test_none():
    assert calls("none") == []


def test_parked():
    (call,) = calls("parked", "parking")
    assert (call.state, call.caller.number) == (CallState.PARKED, "1001")
    assert call.actions == {Action.UNPARK, Action.HANGUP}


def test_dates():
    (call,) = calls("talks")
    assert call.started_at == datetime(2026, 11, 21, 5, 51, 35, tzinfo=UTC)
    assert call.answered_at
    assert call.started_at <= call.answered_at < NOW


@pytest.mark.parametrize("name", ["consultation_rings", "consultation"])
def test_a_consultation_is_two_rows(name):
    held, consultation = calls(name)[:2]
    assert (held.state, held.caller.number, held.callee.number) == (CallState.HELD, "1001", "1002")
    assert (consultation.caller.number, consultation.callee.number) == ("1002", "1003")
    assert consultation.related == held.id
    assert Action.CANCEL in held.actions & consultation.actions
    assert (Action.JOIN in consultation.actions) is (name == "consultation")


def test_a_consultation_made_at_the_phone_can_be_joined():
    held, consultation = calls("phone_consultation")
    assert (held.state, consultation.state) == (CallState.HELD, CallState.TALKING)
    assert Action.JOIN in held.actions & consultation.actions
    assert Action.CANCEL in held.why_not


@pytest.mark.parametrize("name", ["feature_code", "feature_code_talks"])
def test_a_consultation_by_feature_code_is_left_to_the_phone(name):
    held, consultation = calls(name)
    assert (held.state, held.caller.number) == (CallState.HELD, "1001")
    assert consultation.related == held.id
    assert not held.actions | consultation.actions


@pytest.mark.parametrize("shown", ["3615550100", "", "anonymous"])
def test_who_waits_for_each_other_may_display_another_number(shown):
    """Such as the main number of the house. Measured: without this nobody could resume the call."""
    entries = answer("both_wait").items("Status", "StatusComplete")
    (caller,) = (each for each in entries if each["uniqueid"] == each["linkedid"])
    caller["connectedlinenum"] = shown
    (call,) = read_calls(entries, [], DESK)
    assert (call.caller.number, call.callee.number) == ("1001", "1002")
    assert Action.RETRIEVE in call.actions


def test_two_who_wait_for_somebody_else_are_not_a_call():
    """Both have a way back: to who consults."""
    entries = answer("both_wait").items("Status", "StatusComplete")
    for each in entries:
        each |= {"exten": "1003", "connectedlinenum": "1003"}
    assert len(read_calls(entries, [], DESK)) == 2


def test_who_consults_is_known_though_a_route_gives_her_another_number():
    """Such as that of the main line, for calls to the outside."""
    entries = answer("consultation").items("Status", "StatusComplete")
    (own,) = (each for each in entries if each["exten"] == "1003")
    own["calleridnum"] = "3615550100"
    held, asked = read_calls(entries, [], DESK)[:2]
    assert common_party(held, asked) == "1002"
    assert (asked.caller.number, asked.callee.number) == ("1002", "1003")


@pytest.mark.parametrize("status", ["", "ANSWER"])
def test_who_is_about_to_be_dialled_has_not_answered(status):
    """Seen at 16.28 between a blind transfer and the target's ringing or its "busy"."""
    (entry,) = answer("echo").items("Status", "StatusComplete")
    entry |= {"application": "Dial", "exten": "1006", "variable-4": f"DIALSTATUS={status}"}
    (call,) = read_calls([entry], [], DESK)
    assert (call.state, call.callee.number) == (CallState.DIALING, "1006")


@pytest.mark.parametrize("step", ["", "Set", "Hangup"])
def test_a_step_of_the_dial_plan_is_not_an_answer(step):
    (entry,) = answer("echo").items("Status", "StatusComplete")
    entry |= {"application": step, "exten": "1006"}
    (call,) = read_calls([entry], [], DESK)
    assert call.callee.number == ""
