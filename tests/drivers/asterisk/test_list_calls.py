"""Lists that a real Asterisk 22.10 gave (answers/*.xml), read into calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from transfers.domain import Action, Call, CallState, Leg, Party
from transfers.drivers import words
from transfers.drivers.asterisk.calls import Desk, read_calls
from transfers.drivers.asterisk.menu import FEATURES, Boxes, with_phone_consultations
from transfers.drivers.asterisk.numbers import MOST, Numbers
from transfers.drivers.asterisk.wire import Answer, read_answer
from transfers.drivers.base import NoMemory
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
    for call in (held, consultation):
        assert call.why_not[Action.CANCEL] == call.why_not[Action.SWAP] == words.NOT_FROM_HERE


def test_while_it_rings_a_consultation_made_at_the_phone_says_what_it_waits_for():
    (rings,), (held,) = calls("rings"), calls("held_at_phone")
    own = held.party(Leg(held.extra["held"]).other)
    asked = replace(rings, caller=own, callee=Party("1003"))
    for call in with_phone_consultations([held, asked]):
        assert call.why_not[Action.JOIN] == words.TARGET_FIRST
        assert call.why_not[Action.CANCEL] == words.NOT_FROM_HERE
    rung_by_somebody = [held, replace(rings, callee=own)]
    assert with_phone_consultations(rung_by_somebody) == rung_by_somebody


@pytest.mark.parametrize("by", list(Leg))
def test_a_call_held_from_here_is_joined_with_a_call_of_the_phone_that_held_it(by):
    """Not with one of the other phone, whose owner has not asked for anything."""
    entries = answer("both_wait").items("Status", "StatusComplete")
    (caller,) = (each for each in entries if each["uniqueid"] == each["linkedid"])
    for each in entries:
        each["exten"] = "s" if (each is caller) is (by is Leg.CALLER) else "1009"
    (held,), (talks,) = read_calls(entries, [], DESK), calls("talks")
    for leg in Leg:
        other = replace(talks, caller=Party("1004"), callee=held.party(leg))
        pair = with_phone_consultations([held, other])
        assert all((Action.JOIN in call.actions) is (leg is by) for call in pair)


def test_where_it_is_not_known_whose_phone_held_it_either_may_consult():
    (held,), (talks,) = calls("both_wait"), calls("talks")
    for leg in Leg:
        other = replace(talks, caller=held.party(leg), callee=Party("1004"))
        pair = with_phone_consultations([held, other])
        assert all(Action.JOIN in call.actions for call in pair)


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


# FreePBX: the number that was dialled is in no `exten`. Captured on 22 (Gosub) and 16 (Macro).

FREEPBX = {
    "route": (CallState.RINGING, "1001", "+3615550177", ()),
    "group": (CallState.TALKING, "+3615550142", "1002", ("610",)),
    "queue_rings": (CallState.RINGING, "+3615550142", "620", ("1002", "1003")),
    "queue_talks": (CallState.TALKING, "+3615550142", "1002", ("620",)),
    "follow_me": (CallState.TALKING, "1001", "1003", ("1010",)),
    "conference": (CallState.TALKING, "1001", "630", ()),
    "mailbox": (CallState.TALKING, "1001", "1003", ("*1003",)),
}


@pytest.mark.parametrize("routine", ["", "_macro"])
@pytest.mark.parametrize("name", FREEPBX)
def test_freepbx(name, routine):
    (call,) = calls(f"freepbx_{name}{routine}")
    seen = (call.state, call.caller.number, call.callee.number, tuple(sorted(call.also)))
    assert seen == FREEPBX[name]
    assert not call.callee.name.startswith("CID:")


def test_who_is_at_the_end_of_a_line_is_remembered_when_the_caller_sends_the_call_on():
    """After a Gosub() the line itself has "s" for a number."""
    desk = replace(DESK, numbers=Numbers(NoMemory()))
    read = lambda name: read_calls(answer(name).items("Status", "StatusComplete"), [], desk)  # noqa: E731
    (before,) = read("freepbx_route")
    sent_on = answer("freepbx_sent_on").items("Status", "StatusComplete")
    (line,) = (each for each in sent_on if "trunk" in each["channel"])
    assert line["calleridnum"] == "s"
    (unknown,) = read_calls(sent_on, [], DESK)
    assert unknown.caller.number == ""
    line["uniqueid"] = before.extra["callee"]
    (call,) = read_calls(sent_on, [], desk)
    assert (call.caller.number, call.callee.number) == ("+3615550177", "1003")


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"1": 2}'])
def test_what_was_kept_of_lines_may_be_anything(kept):
    memory = NoMemory()
    memory.put("lines", kept, 60)
    numbers = Numbers(memory)
    numbers.learn("7.1", "+36")
    assert numbers.of("7.1") == "+36"
    assert numbers.of("7.2") == ""


def test_only_so_many_lines_are_remembered():
    numbers = Numbers(NoMemory())
    for number in range(MOST + 2):
        numbers.learn(f"7.{number}", "5")
    assert (numbers.of("7.1"), numbers.of("7.2")) == ("", "5")


@pytest.mark.parametrize(
    ("shown", "ani", "seen"),
    [
        ("3615550100", "+36301234567", "+36301234567"),
        ("06301234567", "+36301234567", "06301234567"),  # only another spelling
        ("3615550100", "", "3615550100"),
    ],
)
def test_who_is_sent_on_to_the_outside_keeps_her_number(shown, ani, seen):
    """A route gave her the house's; her own one is in the ANI."""
    entries = answer("freepbx_route").items("Status", "StatusComplete")
    (caller,) = (each for each in entries if each["uniqueid"] == each["linkedid"])
    caller |= {"channel": "PJSIP/trunk-00000009", "calleridnum": shown}
    caller |= {name: f"CALLERID(ani-num)={ani}" for name, v in caller.items() if "ani-num" in v}
    (call,) = read_calls(entries, [], DESK)
    assert call.caller.number == seen


# A list is made while phones are answered: one leg is in the bridge, the other one comes.


def two_legs(name: str):
    """The whole list, the caller's entry in it, and the other one's."""
    entries = answer(name).items("Status", "StatusComplete")
    (caller,) = (each for each in entries if each["uniqueid"] == each["linkedid"])
    (callee,) = (each for each in entries if each is not caller)
    return entries, caller, callee


def not_reached(caller):
    """As he was before the answer."""
    caller |= {name: "DIALEDPEERNAME=" for name, v in caller.items() if "DIALEDPEERNAME" in v}
    caller |= {"channelstate": "4", "channelstatedesc": "Ring", "bridgeid": ""}


@pytest.mark.parametrize("name", ["talks", "freepbx_group", "freepbx_group_macro"])
@pytest.mark.parametrize("comes", ["caller", "caller as before", "callee"])
def test_who_has_just_answered_is_in_one_call_with_the_caller(name, comes):
    entries, caller, callee = two_legs(name)
    if comes == "caller as before":
        not_reached(caller)
    (caller if comes == "caller" else callee if comes == "callee" else {})["bridgeid"] = ""
    (call,) = read_calls(entries, [], DESK)
    assert (call.state, call.caller.number) == (CallState.DIALING, "+3615550142")


def test_who_has_just_taken_a_call_from_a_queue_is_in_one_call_with_the_caller():
    entries, caller, _ = two_legs("queue_answered")
    caller["bridgeid"] = ""
    (call,) = read_calls(entries, [], DESK)
    assert call.caller.number == "1001"


def test_who_is_left_at_a_phone_that_rings_again_is_not_in_the_call_that_rings():
    entries, caller, left = two_legs("freepbx_group")
    not_reached(caller)
    again = left | {"uniqueid": left["linkedid"] + "9", "bridgeid": "", "channelstate": "5"}
    again["channel"] = left["channel"][:-1] + "f"
    rings, alone = read_calls([*entries, again], [], DESK)
    assert (rings.state, alone.state) == (CallState.RINGING, CallState.TALKING)


def test_who_was_left_by_one_who_dials_somebody_else_is_not_in_that_call():
    entries, caller, _ = two_legs("talks")
    not_reached(caller)
    caller["data"] = "PJSIP/1002,40"
    dials, alone = read_calls(entries, [], DESK)
    assert (dials.state, alone.state) == (CallState.DIALING, CallState.TALKING)
