"""Lists as Ozeki writes them, and as somebody else might, read without a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from transfers.domain import Action, Call, CallState, EndReason, Extension, Party
from transfers.drivers.ozeki import wire
from transfers.drivers.ozeki.calls import (
    END_REASONS,
    FEATURES,
    WHY_NOT,
    call_state,
    clock_offsets,
    duration,
    moment,
    read_calls,
)
from transfers.errors import BadReply
from transfers.http import Reply
from transfers.sentences import told

FIXTURES = Path(__file__).parent / "fixtures"
BUDAPEST = ZoneInfo("Europe/Budapest")
NOW = datetime(2013, 7, 1, 9, 5, 5, tzinfo=UTC)  # of the gen1 fixture, in summer time
OLD_NOW = datetime(2019, 4, 9, 8, 34, 8, tzinfo=UTC)  # of the gen2 fixture


def reply(body: bytes, content_type: str = "application/xml", status: int = 200) -> Reply:
    return Reply(status, content_type, {}, body)


def fixture(name: str) -> wire.Answer:
    return wire.read_answer(reply((FIXTURES / f"{name}.xml").read_bytes()))


def calls_of(name: str, now: datetime = NOW) -> list[Call]:
    return read_calls(fixture(name).root, BUDAPEST, now)


def listed(*entries: str, tag: str = "CallInfo") -> bytes:
    inner = "".join(f"<{tag}>{entry}</{tag}>" for entry in entries)
    text = f"<Response><Code>200</Code><ActiveCalls>{inner}</ActiveCalls></Response>"
    return text.encode()


def read(body: bytes, now: datetime = NOW) -> list[Call]:
    return read_calls(wire.read_answer(reply(body)).root, BUDAPEST, now)


def one(fields: str, now: datetime = NOW) -> Call:
    (call,) = read(listed(f"<CallId>a</CallId>{fields}"), now)
    return call


class TestDocumentedLists:
    def test_gen1(self):
        talking, held, ringing = calls_of("gen1_full")
        assert (talking.id, talking.state, talking.raw_state) == (
            "uteom",
            CallState.TALKING,
            "InCall",
        )
        assert (talking.caller, talking.callee) == (Party("1000", "John Smith"), Party("1001"))
        assert talking.started_at == datetime(2013, 7, 1, 8, 49, 7, 955800, UTC)
        assert talking.answered_at == talking.started_at + timedelta(seconds=2)
        assert (held.id, held.state) == ("270Okv", CallState.HELD)
        assert held.caller == Party("+36 1 111 111")  # shown once more as CallerId
        assert (ringing.id, ringing.state) == ("HL1bE", CallState.RINGING)
        assert ringing.caller == Party("voipservice1", "Kovács & Fia")
        assert ringing.started_at == datetime(2013, 7, 1, 9, 5, 1, 123456, UTC)
        assert ringing.answered_at is None

    def test_gen2(self):
        ringing, talking = calls_of("gen2_full", OLD_NOW)
        assert (ringing.id, ringing.state) == ("1vQHKd", CallState.RINGING)
        assert (ringing.caller, ringing.callee) == (Party("103"), Party("101"))
        assert ringing.started_at == datetime(2019, 4, 9, 8, 34, 7, tzinfo=UTC)
        assert (talking.id, talking.state) == ("1zS1b3", CallState.TALKING)
        assert talking.caller == Party("104", "Carol")
        assert talking.answered_at == datetime(2019, 4, 9, 8, 33, 3, 500000, UTC)

    def test_minimal(self):
        (call,) = calls_of("minimal")
        assert call.id == "a"
        assert (call.state, call.raw_state) == (CallState.UNKNOWN, "")
        assert (call.caller, call.callee) == (Party(), Party())
        assert (call.started_at, call.answered_at) == (None, None)

    def test_empty(self):
        assert calls_of("empty") == []

    @pytest.mark.parametrize(
        "listing", ["<ActiveCalls></ActiveCalls>", "", "<ActiveCalls> \n</ActiveCalls>"]
    )
    def test_other_forms_of_empty(self, listing):
        assert read(f"<Response><Code>200</Code>{listing}</Response>".encode()) == []

    def test_odd(self):
        first, second, gone = calls_of("odd")  # of two equal entries one counts
        assert (first.id, first.state, first.raw_state) == (
            "Case-Sensitive1",
            CallState.TALKING,
            "in_call",
        )
        assert first.caller == Party("+36 1 111 111", "Zoë Quinn")
        assert first.callee == Party("1005")
        assert first.started_at == datetime(2013, 7, 1, 9, 4, 50, tzinfo=UTC)
        assert first.answered_at == first.started_at + timedelta(seconds=2)
        assert (second.id, second.state, second.raw_state) == (
            "case-sensitive1",
            CallState.UNKNOWN,
            "Meditating",
        )
        assert second.caller == Party("+36 30 123 4567")
        assert (second.started_at, second.answered_at) == (None, None)
        assert (gone.state, gone.started_at) == (CallState.ENDED, None)


class TestStates:
    @pytest.mark.parametrize(
        ("words", "state"),
        [
            ("Ringing RINGING RingingWithEarlyMedia", CallState.RINGING),
            ("InCall IN_CALL Incall Answered", CallState.TALKING),
            ("Hold HOLD LocalHeld RemoteHeld InactiveHeld", CallState.HELD),
            ("Setup", CallState.DIALING),
            ("Error Cancelled Transferred Busy Completed", CallState.ENDED),
            ("Rejected NOT_FOUND Forwarded CalleeHungUp TransferCompleted", CallState.ENDED),
            ("Queued Forwarding Transferring Created 5 Klingelt", CallState.UNKNOWN),
        ],
    )
    def test_words(self, words, state):
        assert {call_state(word) for word in words.split()} == {state}

    @pytest.mark.parametrize(
        ("word", "reason"),
        [
            ("Completed", EndReason.COMPLETED),
            ("Cancelled", EndReason.CANCELLED),
            ("Transferred", EndReason.TRANSFERRED),
            ("Busy", EndReason.BUSY),
            ("Error", EndReason.ERROR),
            ("CALLER_HANG_UP", None),
            ("InCall", None),
            ("Meditating", None),
        ],
    )
    def test_why_it_ended(self, word, reason):
        assert one(f"<CallState>{word}</CallState>").end_reason is reason

    def test_only_ended_calls_have_an_end(self):
        assert {call_state(word) for word in END_REASONS} == {CallState.ENDED}

    @pytest.mark.parametrize("state", list(CallState))
    def test_every_state_has_its_menu(self, state):
        assert WHY_NOT[state].keys() <= FEATURES
        assert all(len(why) < 90 for why in WHY_NOT[state].values())

    @pytest.mark.parametrize(
        ("word", "possible"),
        [
            ("Ringing", {Action.FORWARD, Action.HANGUP}),
            ("InCall", {Action.BLIND, Action.JOIN, Action.HOLD, Action.HANGUP}),
            ("Hold", {Action.JOIN, Action.RETRIEVE, Action.HANGUP}),
            ("Completed", set()),
            ("Meditating", {Action.HANGUP}),
        ],
    )
    def test_what_is_possible(self, word, possible):
        call = one(f"<CallState>{word}</CallState>")
        assert call.actions == possible
        assert call.why_not.keys() == FEATURES - possible


class TestTexts:
    def test_long_texts_are_cut(self):
        call = one(
            f"<Source>{'1' * 300}</Source><CallerId>{'n' * 300}</CallerId>"
            f"<Destination>{'2' * 300}</Destination><CallState>{'s' * 300}</CallState>"
        )
        lengths = len(call.caller.number), len(call.caller.name), len(call.callee.number)
        assert lengths == (100, 200, 100)
        assert len(call.raw_state) == 40

    @pytest.mark.parametrize("character", ["&#x1;", "&#31;", "\x02", "&#xFFFE;", "&#xD800;"])
    def test_forbidden_characters_do_not_spoil_the_list(self, character):
        """One strange caller name must not make the whole board unreadable."""
        call = one(f"<CallerId>An{character}na</CallerId>")
        assert call.caller.name == "Anna"

    def test_markup_in_a_name_is_text(self):
        assert one("<CallerId>&lt;b&gt;Anna</CallerId>").caller.name == "<b>Anna"
        assert one("<CallerId><![CDATA[<b>Anna]]></CallerId>").caller.name == "<b>Anna"

    def test_field_names_are_exact(self):
        assert one("<source>1001</source>").caller == Party()

    def test_of_two_fields_the_first_that_says_something_counts(self):
        assert one("<Source /><Source>1</Source><Source>2</Source>").caller.number == "1"

    def test_where_the_callee_is_not_given_the_dialled_number_is(self):
        assert one("<CallerDialed>105</CallerDialed>").callee == Party("105")
        assert one("<CalleeDialed>104</CalleeDialed>").callee == Party("104")


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2013-07-01T10:49:07+02:00", "2013-07-01T08:49:07+00:00"),
            ("2013-07-01T10:49:07.9+02:00", "2013-07-01T08:49:07.900000+00:00"),
            ("2013-07-01T10:49:07.123456789+02:00", "2013-07-01T08:49:07.123456+00:00"),
            ("2013-07-01T10:49:07Z", "2013-07-01T10:49:07+00:00"),
            ("2013-07-01T10:49:07", "2013-07-01T08:49:07+00:00"),
            ("2013-12-01 10:49:07", "2013-12-01T09:49:07+00:00"),
            (" 2013-07-01 10:49:07.5 ", "2013-07-01T08:49:07.500000+00:00"),
        ],
    )
    def test_dates(self, text, expected):
        assert moment(text, BUDAPEST).isoformat() == expected

    @pytest.mark.parametrize(
        "text",
        ["", "yesterday", "1.7.2013 10:49", "0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999"],
    )
    def test_no_dates(self, text):
        assert moment(text, BUDAPEST) is None

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("0", 0), ("956", 956), ("0.749", 0.749), (" 1,5 ", 1.5), ("0.000", 0)],
    )
    def test_durations(self, text, seconds):
        assert duration(text) == timedelta(seconds=seconds)

    @pytest.mark.parametrize("text", ["", "-1", "NaN", "1e9", "∞", "00:00:03", "9" * 40, "٣"])
    def test_no_durations(self, text):
        assert duration(text) is None

    def at(self, start: str, ring: str = "", talk: str = "") -> datetime | None:
        return one(
            f"<StartTime>{start}</StartTime><RingDuration>{ring}</RingDuration>"
            f"<TalkDuration>{talk}</TalkDuration>"
        ).started_at

    def test_a_plausible_start_is_kept(self):
        assert self.at("2013-07-01 11:05:03", "2", "0").isoformat() == "2013-07-01T09:05:03+00:00"
        assert self.at("2013-07-01 11:05:06").isoformat() == "2013-07-01T09:05:06+00:00"

    @pytest.mark.parametrize("start", ["2013-07-01 09:05:00", "2013-07-01 13:05:00"])
    def test_a_start_in_another_time_zone_is_reckoned(self, start):
        assert self.at(start, "2", "3.4") == NOW - timedelta(seconds=5)

    def test_a_start_that_leaves_no_time_for_the_talk_is_reckoned(self):
        assert self.at("2013-07-01 11:00:00", "0", "7200") == NOW - timedelta(hours=2)

    def test_a_start_in_the_future_without_durations_is_none(self):
        assert self.at("2013-07-01 12:00:00") is None

    def test_clock_offsets(self):
        offsets = clock_offsets(fixture("gen1_full").root, BUDAPEST, NOW)
        assert [round(each.total_seconds()) for each in offsets] == [0, 1]  # the held one has none


class TestExtensions:
    def test_gen1(self):
        found = wire.extensions(fixture("extensions_gen1").root)
        assert found == [Extension("1000", kind="phone"), Extension("1001", kind="phone")]

    def test_gen2(self):
        assert wire.extensions(fixture("extensions_gen2").root) == [
            Extension("101", kind="phone", registered=False),
            Extension("102", kind="voice menu", registered=True),
            Extension("107", kind="echo test", registered=None),
        ]

    def test_a_kind_is_in_the_readers_language_and_an_unknown_one_as_it_came(self):
        body = (
            b"<Response><Code>200</Code><Extensions>"
            b"<E><Id>1</Id><Type>API extension</Type></E>"
            b"<E><Id>2</Id><Type>Fax to mail</Type></E></Extensions></Response>"
        )
        known, unknown = wire.extensions(wire.read_answer(reply(body)).root)
        with translation.override("de"):
            assert told(known.kind) == "Programm"
        assert unknown.kind == "Fax to mail"

    def test_none(self):
        assert wire.extensions(fixture("empty").root) == []


@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("gen1_full", "gen1"),
        ("gen2_full", "gen2"),
        ("extensions_gen1", "gen1"),
        ("extensions_gen2", "gen2"),
        ("empty", None),
    ],
)
def test_generation_seen(name, generation):
    assert wire.generation_seen(fixture(name).root) == generation


class TestHostileAnswers:
    def refused(self, body: bytes, words: str, **changes) -> None:
        with pytest.raises(BadReply, match=words):
            read_calls(wire.read_answer(reply(body, **changes)).root, BUDAPEST, NOW)

    @pytest.mark.parametrize("kind", ["text/html", "application/json", "image/png"])
    def test_other_content(self, kind):
        self.refused(listed(), rf"\({kind}\), not the Ozeki API", content_type=kind)

    @pytest.mark.parametrize("kind", ["text/xml", "application/xml", "text/plain", "", "a/b+xml"])
    def test_accepted_content(self, kind):
        assert wire.read_answer(reply(listed(), content_type=kind)).code == "200"

    @pytest.mark.parametrize("status", [401, 403, 407])
    def test_proxy_login(self, status):
        self.refused(
            listed(), f"proxy in front of the PBX asks for a login.*{status}", status=status
        )

    @pytest.mark.parametrize("status", [201, 204, 404, 500, 503])
    def test_other_statuses(self, status):
        self.refused(listed(), f"no Ozeki API at this address.*{status}", status=status)

    @pytest.mark.parametrize(
        "body",
        [
            b'<!DOCTYPE Response SYSTEM "http://127.0.0.1:1/x.dtd"><Response><Code>200</Code></Response>',
            b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><Response><Code>200</Code>'
            b"<ActiveCalls><Call><CallId>&x;</CallId></Call></ActiveCalls></Response>",
            b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Response a="&b;"/>',
        ],
    )
    def test_document_types(self, body):
        self.refused(body, "document type")

    def test_undefined_entities(self):
        self.refused(listed("<CallId>a&nbsp;b</CallId>"), "not readable XML")

    def test_other_encodings(self):
        self.refused(listed("<CallId>á</CallId>").decode().encode("latin-1"), "not UTF-8")
        self.refused(listed("<CallId>a</CallId>").decode().encode("utf-16"), "not UTF-8|readable")

    @pytest.mark.parametrize("declared", ["utf-8", "UTF-16", "iso-8859-1", "klingon"])
    def test_utf8_whatever_is_declared(self, declared):
        text = listed("<CallId>a</CallId><CallerId>Zoë</CallerId>").decode()
        body = f'<?xml version="1.0" encoding="{declared}"?>{text}'.encode()
        assert read(body)[0].caller.name == "Zoë"

    def test_a_byte_order_mark_and_blank_lines_around(self):
        assert read(b"\xef\xbb\xbf\r\n" + listed() + b"\r\n") == []

    @pytest.mark.parametrize("cut", [0, 1, 40, -1, -12])
    def test_cut_off(self, cut):
        self.refused(listed("<CallId>a</CallId>")[:cut], "not readable XML")

    def test_too_deep(self):
        self.refused(b"<a>" * 5000 + b"</a>" * 5000, "not readable XML")

    def test_other_xml(self):
        self.refused(b"<html><body/></html>", "not the Ozeki API")
        self.refused(b"<response><Code>200</Code></response>", "not the Ozeki API")

    @pytest.mark.parametrize("code", ["", "<Code/>", "<Code>OK</Code>", "<Code>-1</Code>"])
    def test_no_code(self, code):
        self.refused(f"<Response>{code}<ActiveCalls/></Response>".encode(), "no status code")

    @pytest.mark.parametrize("entry", ["", "<CallId/>", "<CallId> </CallId>", "<CallID>a</CallID>"])
    def test_a_call_without_an_id(self, entry):
        self.refused(listed("<CallId>a</CallId>", entry), "without an id")

    @pytest.mark.parametrize("call_id", ["a" * 201, "a\tb", "a&#x1;b"])
    def test_an_unusable_id(self, call_id):
        self.refused(listed(f"<CallId>{call_id}</CallId>"), "unusable id")

    def test_two_ids(self):
        self.refused(listed("<CallId>a</CallId><CallId>b</CallId>"), "two ids")

    def test_one_id_for_two_calls(self):
        same = "<CallId>a</CallId>"
        self.refused(listed(f"{same}<Source>1</Source>", f"{same}<Source>2</Source>"), "same id")


anything = st.text(max_size=40) | st.sampled_from(["a", "2013-07-01T10:49:07", "5", "InCall"])
tags = st.sampled_from(
    [
        "CallState",
        "CallId",
        "Source",
        "CallerId",
        "Destination",
        "StartTime",
        "RingDuration",
        "TalkDuration",
    ]
)


def only_a_list_or_a_bad_reply(body: bytes) -> None:
    try:
        calls = read(body)
    except BadReply:
        return
    for call in calls:
        assert Call.from_json(call.to_json()) == call
        assert call.actions | call.why_not.keys() == FEATURES


@given(st.binary(max_size=300))
def test_bytes_of_any_kind(body):
    only_a_list_or_a_bad_reply(body)


@given(st.lists(st.lists(st.tuples(tags, anything), max_size=9), max_size=4))
def test_fields_of_any_kind(entries):
    texts = (
        "".join(f"<{tag}>{text.replace('<', '&lt;')}</{tag}>" for tag, text in entry)
        for entry in entries
    )
    only_a_list_or_a_bad_reply(listed(*texts).decode().encode("utf-8", "replace"))


@given(st.integers(0, 1500), st.binary(min_size=1, max_size=8))
def test_damage_anywhere(place, damage):
    body = (FIXTURES / "gen2_full.xml").read_bytes()
    only_a_list_or_a_bad_reply(body[:place] + damage + body[place + len(damage) :])
