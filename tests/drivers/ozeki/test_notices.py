"""Notifications of both generations: what is read, and our answers byte for byte."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from transfers.domain import Notice
from transfers.drivers.base import Config
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.drivers.ozeki.notices import KINDS
from transfers.http import Door

# The vendor's own sample (p_4201): 166 bytes.
SAMPLE = (
    "NotificationName=RoutingInterception&CallerID=1000&OriginalDialedNumber=1001"
    "&LastDialedNumber=1001&LastCalledExtension=1001&LastCallState=Calling&CallerExtension=1000"
)
EMPTY = '<?xml version="1.0"?><Response></Response>'
RING = {"NotificationName": "CallChanged", "CallState": "Ringing", "Destination": "500"}


def driver(generation: str = "gen1") -> OzekiDriver:
    return OzekiDriver(Config("http://pbx:7780/", options={"generation": generation}), Door())


def routing(**changes: str) -> dict[str, str]:
    return dict(parse_qsl(SAMPLE)) | changes


def read(**fields: str) -> Notice:
    return driver().notice(fields)


def answered(fields: dict[str, str], target: str = "102", generation: str = "gen1") -> str:
    pbx = driver(generation)
    kind, body = pbx.answer(pbx.notice(fields), target)
    assert kind == "application/xml"
    return body


# What is read.


def test_the_vendor_s_sample():
    assert len(SAMPLE) == 166
    assert read(**routing()) == Notice("RoutingInterception", ringing="1001", caller="1000")


def test_a_changed_call_of_gen1():
    fields = {"CallId": "H2Wwb", "Source": "+3615550142", "CallerId": "Kovács Júlia"}
    notice = read(**RING, **fields)
    assert notice == Notice("CallChanged", "500", "+3615550142", "H2Wwb")


@pytest.mark.parametrize("kind", sorted(KINDS.values()))
def test_every_documented_kind_is_known_in_any_case(kind):
    assert read(NotificationName=kind).kind == kind
    assert read(notificationname=kind.upper()).kind == kind


@pytest.mark.parametrize("name", ["CallID", "CallId", "callid", "CALLID"])
def test_the_call_id_in_any_spelling(name):
    assert read(**RING, **{name: " 1vQHKd "}).call_id == "1vQHKd"


@pytest.mark.parametrize("fields", [{}, {"NotificationName": ""}, {"NotificationName": "Nonsense"}])
def test_anything_else_is_an_empty_notice(fields):
    assert driver().notice(fields | {"Destination": "500"}) == Notice()


@pytest.mark.parametrize("state", ["", "Calling", "CALLING", " calling "])
def test_a_first_routing_decision_rings(state):
    assert read(**routing(LastCallState=state)).ringing == "1001"


@pytest.mark.parametrize("state", ["NoAnswer", "Busy", "NotFound", "Error", "whatever"])
def test_a_second_decision_is_left_to_the_dial_plan(state):
    assert read(**routing(LastCallState=state)).ringing == ""


def test_the_last_dialled_number_counts_then_the_first_one():
    assert read(**routing(LastDialedNumber="500")).ringing == "500"
    assert read(**routing(LastDialedNumber="", OriginalDialedNumber="501")).ringing == "501"


@pytest.mark.parametrize("state", ["Answered", "InCall", "Hold", "Busy", "Completed", "", "odd"])
def test_only_a_ringing_call_rings(state):
    assert read(**RING | {"CallState": state}).ringing == ""


def test_a_forwarded_call_no_longer_rings_where_it_was_dialled():
    assert read(**RING | {"Destination": "102"}, CallerDialed="500").ringing == "102"
    assert (
        read(NotificationName="CallChanged", CallState="Ringing", CallerDialed="500").ringing == ""
    )


@pytest.mark.parametrize("kind", ["IncomingCall", "CallConnected", "RecordCompleted"])
def test_other_kinds_never_ring(kind):
    assert read(**RING | {"NotificationName": kind}, LastDialedNumber="500").ringing == ""


def test_a_number_too_long_is_none_and_an_odd_id_is_none():
    notice = read(**RING | {"Destination": "5" * 200}, CallId="a\x00b")
    assert (notice.ringing, notice.call_id) == ("", "")


# What is answered.


@pytest.mark.parametrize("generation", ["gen1", "gen2"])
def test_a_routing_decision_is_answered_with_route(generation):
    assert (
        answered(routing(), generation=generation)
        == '<?xml version="1.0"?><Response><Route Destination="102"/></Response>'
    )


@pytest.mark.parametrize(("generation", "command"), [("gen1", "Forward"), ("gen2", "ForwardCall")])
def test_a_ringing_call_is_answered_with_the_generation_s_forward(generation, command):
    assert answered(RING, generation=generation) == (
        f'<?xml version="1.0"?><Response><{command} Destination="102"></{command}></Response>'
    )


@pytest.mark.parametrize(
    "fields",
    [
        {},
        RING | {"CallState": "InCall"},
        routing(LastCallState="NoAnswer"),
        {"NotificationName": "IncomingCall"},
    ],
)
def test_nothing_to_do_is_an_empty_response(fields):
    assert answered(fields) == EMPTY


def test_without_a_target_the_response_is_empty():
    assert answered(RING, target="") == EMPTY
    assert answered(routing(), target="") == EMPTY


@pytest.mark.parametrize("target", ['"/><Hangup', "1\n2", "<", "&", "…", "1" * 65])
def test_what_cannot_be_dialled_is_not_answered(target):
    assert answered(RING, target=target) == EMPTY


# Whatever comes.

texts = st.text(max_size=30) | st.sampled_from(["500", "Ringing", "Calling", "CallChanged"])
names = st.sampled_from(
    [
        *("NotificationName", "notificationname", "CallState", "LastCallState", "Destination"),
        *("LastDialedNumber", "CallId", "CallID", "Source", "CallerID"),
    ]
) | st.text(max_size=20)
kinds = st.sampled_from(["CallChanged", "RoutingInterception", "IncomingCall", ""]) | texts


@given(kind=kinds, fields=st.dictionaries(names, texts, max_size=12), target=texts)
@settings(max_examples=300, deadline=None)
def test_hostile_fields_yield_a_notice_and_readable_xml(kind, fields, target):
    pbx = driver("gen2")
    notice = pbx.notice({"NotificationName": kind} | fields)
    assert notice.kind in {"", *KINDS.values()}
    assert all(text.isprintable() for text in (notice.ringing, notice.caller, notice.call_id))
    _, body = pbx.answer(notice, target)
    commands = list(etree.fromstring(body.encode()))
    assert len(commands) <= 1
    assert all(list(command.attrib) == ["Destination"] for command in commands)


@pytest.mark.parametrize(
    ("said", "caller"),
    [
        ({"CallerID": "Anna Kovács", "CallerExtension": "+3615550142"}, "+3615550142"),
        ({"CallerID": "+3615550142", "CallerExtension": "9000"}, "+3615550142"),
        ({"Source": "1000", "CallerID": "Anna"}, "1000"),
        ({"CallerID": "Anna"}, "Anna"),
        ({}, ""),
    ],
)
def test_the_caller_is_a_number_where_one_is_said(said, caller):
    assert read(NotificationName="RoutingInterception", **said).caller == caller
