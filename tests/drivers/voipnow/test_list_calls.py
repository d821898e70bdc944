"""Lists as VoipNow writes them, and as somebody else might, read without a network."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfers.domain import Action, Call, CallState, Extension, Party
from transfers.drivers.voipnow.calls import read_calls
from transfers.drivers.voipnow.menu import FEATURES, FORWARD_OFF, WHY_NOT
from transfers.drivers.voipnow.paging import collect, page_of
from transfers.drivers.voipnow.presence import exact_numbers, extensions, prefixes
from transfers.drivers.voipnow.reading import moment, number, parse, short
from transfers.drivers.voipnow.views import Reading
from transfers.errors import BadReply

FIXTURES = Path(__file__).parent / "fixtures"
NOW = datetime(2012, 6, 27, 13, 9, 0, tzinfo=UTC)
READING = Reading(prefix="0003")


def read(body: bytes, reading: Reading = READING, now: datetime = NOW) -> list[Call]:
    return read_calls(
        collect(lambda start: parse(body) if start == 0 else None, "id"), reading, now
    )


def calls_of(name: str, reading: Reading = READING) -> list[Call]:
    return read((FIXTURES / f"{name}.json").read_bytes(), reading)


def listed(*entries: Any) -> bytes:
    return json.dumps({"entry": entries, "totalResults": len(entries)}).encode()


def one(*views: dict[str, Any], reading: Reading = READING, **fields: Any) -> Call:
    (call,) = read(listed({"id": "a", "phoneCallView": views, **fields}), reading)
    return call


def view(extension: str, status: int, source: str = "+3611", destination: str = "0003*210", **more):
    sides = {"source": [source], "destination": [destination]}
    return {"id": f"v{extension[-3:]}", "extension": extension, "status": status, **sides, **more}


class TestDocumentedLists:
    def test_talking(self):
        call = calls_of("full")[0]
        assert (call.id, call.state, call.raw_state) == (
            "b817d2618fe6f1804db1",
            CallState.TALKING,
            "5",
        )
        assert (call.caller, call.callee) == (Party("024", "John Doe"), Party("210"))
        assert call.started_at == datetime(2012, 6, 27, 13, 8, 50, tzinfo=UTC)
        assert call.answered_at == datetime(2012, 6, 27, 13, 8, 55, tzinfo=UTC)
        assert call.extra == {
            "caller": "0003*024",
            "callee": "0003*210",
            "callee_view": "00",
            "view": "00",
        }

    def test_two_phones_of_the_caller_ring_for_click_to_dial(self):
        """`ringing` is about the source here: nobody else's phone rings yet."""
        call = calls_of("full")[1]
        assert (call.state, call.raw_state) == (CallState.DIALING, "3")
        assert (call.caller, call.callee) == (Party("210"), Party("3334444", "John Doe"))
        assert call.answered_at is None

    def test_ringing_is_one_call_with_two_views(self):
        call = calls_of("full")[2]
        assert (call.state, call.raw_state) == (CallState.RINGING, "3")
        assert (call.caller, call.callee) == (Party("210", "Bob Ray"), Party("024", "Ann Lee"))
        assert call.started_at == datetime(2012, 6, 27, 13, 8, 58, tzinfo=UTC)
        assert call.extra["ringing_view"] == call.extra["callee_view"] == "01"
        assert call.extra["caller_view"] == "00"

    def test_held(self):
        call = calls_of("full")[3]
        assert (call.state, call.raw_state) == (CallState.HELD, "5 onHold")
        assert call.answered_at == datetime(2012, 6, 27, 13, 7, 10, tzinfo=UTC)
        assert (call.extra["holder_view"], call.extra["caller_view"]) == ("01", "00")

    def test_parked(self):
        call = calls_of("full")[4]
        assert (call.state, call.raw_state) == (CallState.PARKED, "5 parked")
        assert (call.caller.number, call.extra["parked_view"]) == ("212", "02")

    def test_without_the_prefix_numbers_are_as_they_come(self):
        call = calls_of("full", Reading())[0]
        assert (call.caller.number, call.callee.number) == ("0003*024", "0003*210")

    def test_minimal(self):
        (call,) = calls_of("minimal")
        assert (call.id, call.state, call.raw_state) == ("a", CallState.UNKNOWN, "")
        assert (call.caller, call.callee) == (Party(), Party())
        assert (call.started_at, call.answered_at) == (None, None)
        assert call.actions == {Action.HANGUP}

    def test_empty(self):
        assert calls_of("empty") == []

    def test_odd(self):
        first, second, future, naive = calls_of("odd")
        assert (first.id, first.state) == ("Case-Sensitive1", CallState.TALKING)
        assert first.caller == Party("+36 1 111 111", "Zoë Quinn")
        assert first.callee == Party("210")
        assert first.answered_at is None  # before it began: the offsets are mixed up
        assert first.extra["callee"] == "210"
        assert (second.id, second.state, second.raw_state) == (
            "case-sensitive1",
            CallState.UNKNOWN,
            "9",
        )
        assert second.caller == Party("anonymous", "Anonymous")
        assert second.started_at is None
        assert future.started_at is None
        assert (future.caller, future.callee) == (Party("0004*210"), Party())
        assert (naive.started_at, naive.state) == (None, CallState.UNKNOWN)

    def test_a_call_listed_for_each_extension_is_one_call(self):
        """The odd list has one id twice; its views are put together."""
        first = calls_of("odd")[0]
        assert {"7", "08"} >= {first.extra["view"]}
        same = {"id": "a", "phoneCallView": [view("0003*210", 5)]}
        other = {"id": "a", "phoneCallView": [view("0003*211", 3)]}
        (call,) = read(listed(same, other, same))
        assert call.state is CallState.TALKING


class TestNone:
    @pytest.mark.parametrize(
        "body",
        [
            b"{}",
            b"[]",
            b'{"totalResults":0,"entry":[]}',
            b'{"totalResults":"0"}',
            b'{"entry":null}',
            b'{"entry":{}}',
            b'{"entry":[],"startIndex":0}',
            b"null",
        ],
    )
    def test_forms(self, body):
        assert read(body) == []

    def test_no_body(self):
        assert collect(lambda _: None, "id") == []


class TestForms:
    ENTRY = {"id": "a", "phoneCallView": [view("0003*210", 5)]}

    @pytest.mark.parametrize(
        "data",
        [
            {"entry": [ENTRY], "totalResults": 1},
            {"entry": [ENTRY], "totalResults": "1"},
            {"entry": [ENTRY]},
            {"entry": {"a": ENTRY}, "totalResults": 1},
            {"entry": {"a": {"phoneCallView": ENTRY["phoneCallView"]}}},
            {"entry": ENTRY},
            ENTRY,
            [ENTRY],
        ],
    )
    def test_collection_bare_object_array(self, data):
        (call,) = read(json.dumps(data).encode())
        assert (call.id, call.state) == ("a", CallState.TALKING)

    def test_ids_may_be_numbers(self):
        (call,) = read(listed({"id": 444444}))
        assert call.id == "444444"

    def test_a_byte_order_mark(self):
        assert read(b"\xef\xbb\xbf" + listed()) == []


class TestStates:
    @pytest.mark.parametrize(
        ("views", "state"),
        [
            ([view("0003*210", 3)], CallState.RINGING),
            ([view("0003*210", 5)], CallState.TALKING),
            ([view("0003*210", 5), view("0003*210", 3)], CallState.TALKING),
            ([view("0003*210", 0)], CallState.UNKNOWN),
            ([view("0003*210", 2)], CallState.DIALING),
            ([view("0003*210", 6)], CallState.UNKNOWN),
            ([view("0003*210", 5, onHold="2012-06-27T13:08:00Z")], CallState.HELD),
            ([view("0003*210", 3, parked="2012-06-27T13:08:00Z")], CallState.PARKED),
            # from here on 0003*211 calls
            ([view("0003*211", 1, "0003*211")], CallState.DIALING),
            ([view("0003*211", 2, "0003*211")], CallState.DIALING),
            ([view("0003*211", 3, "0003*211")], CallState.DIALING),
            ([view("0003*211", 4, "0003*211")], CallState.DIALING),
            ([view("0003*211", 5, "0003*211")], CallState.TALKING),
            (
                [view("0003*211", 4, "0003*211"), view("0003*210", 3, "0003*211")],
                CallState.RINGING,
            ),
            # on call with the music while the target of a transfer rings
            (
                [view("0003*211", 5, "0003*211"), view("0003*210", 3, "0003*211")],
                CallState.RINGING,
            ),
            (
                [view("0003*211", 5, "0003*211"), view("0003*210", 5, "0003*211")],
                CallState.TALKING,
            ),
        ],
    )
    def test_of_the_views_together(self, views, state):
        assert one(*views).state is state
        assert one(*reversed(views)).state is state

    @pytest.mark.parametrize("status", [None, True, "x", [], {}, 1e400, "5 ", 5.0])
    def test_strange_statuses(self, status):
        body = listed({"id": "a", "phoneCallView": [view("0003*210", 0) | {"status": status}]})
        if status == float("inf"):
            body = body.replace(b"Infinity", b"1e400")
        (call,) = read(body)
        assert (call.state is CallState.TALKING) is (status in ("5 ", 5.0))

    def test_the_phone_that_answered_is_the_callee(self):
        both = ["0003*210", "0003*212"]
        call = one(
            view("0003*210", 3) | {"destination": both},
            view("0003*212", 5) | {"destination": both},
        )
        assert (call.state, call.callee.number) == (CallState.TALKING, "212")
        assert call.extra["callee"] == "0003*212"

    def test_our_extensions_view_is_the_one_that_counts(self):
        views = (view("0003*211", 5, "0003*211", "210"), view("0003*210", 5, "211", "0003*210"))
        theirs, ours = Reading(prefix="0003"), Reading(prefix="0003", extension="211")
        assert one(*views, reading=theirs).extra["caller"] == "211"
        call = one(*views, reading=ours)
        assert (call.extra["caller"], call.extra["callee"]) == ("0003*211", "210")
        assert call.extra["view"] == "v211"

    @pytest.mark.parametrize(
        ("choice", "expected"), [("own", "v210"), ("caller", "v211"), ("first", "v211")]
    )
    def test_which_view_holds(self, choice, expected):
        views = (view("0003*211", 5, "0003*211"), view("0003*210", 5, "0003*211"))
        call = one(*views, reading=Reading(prefix="0003", hold_view=choice))
        assert call.extra["view"] == expected


class TestNames:
    @pytest.mark.parametrize(
        ("said", "caller"),
        [
            ("Ann Lee <+3611>", "Ann Lee"),
            ("Ann Lee <0003*999>", "Ann Lee"),  # of the view of the called one
            ('"Lee, Ann" <+3611>', "Lee, Ann"),
            ("Anonymous", "Anonymous"),
            ("+36 11", ""),
            ("<+3611>", ""),
            ("", ""),
            ("Ann", "Ann"),
            ("<b>Ann</b> <+3611>", "<b>Ann</b>"),
        ],
    )
    def test_caller_id(self, said, caller):
        for key in ("callerId", "callerID"):
            assert one(view("0003*210", 5, **{key: said})).caller.name == caller

    def test_the_number_tells_whose_name_it_is(self):
        call = one(view("0003*210", 5, callerId="Ann Lee <0003*210>"))
        assert (call.caller.name, call.callee.name) == ("", "Ann Lee")

    def test_long_and_strange_texts_are_cut_and_cleaned(self):
        call = one(view("0003*210", 5, "1" * 300, callerId="n" * 300))
        assert (len(call.caller.number), len(call.caller.name)) == (100, 200)
        assert "caller" not in call.extra  # cut, it would be another number
        assert one(view("0003*210", 5, callerId="A\u0001n\ud800n")).caller.name == "Ann"


class TestPrefixes:
    @pytest.mark.parametrize(
        ("said", "prefix", "expected"),
        [
            ("0003*210", "0003", "210"),
            ("0004*210", "0003", "0004*210"),
            ("210", "0003", "210"),
            ("0003*210", "", "0003*210"),
            ("0003*", "0003", "0003*"),
            ("0003*1*2", "0003", "1*2"),
            ("+36301234567", "0003", "+36301234567"),
            ("", "0003", ""),
        ],
    )
    def test_short(self, said, prefix, expected):
        assert short(said, prefix) == expected

    def test_short_and_extended_name_the_same_phone(self):
        call = one(view("210", 5, "0003*211", "0003*210"))
        assert call.extra["callee_view"] == "v210"
        assert call.extra["callee"] == "0003*210"


class TestDates:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2012-06-27T16:08:55+03:00", "2012-06-27T13:08:55+00:00"),
            ("2015-01-23T04:56:22Z", "2015-01-23T04:56:22+00:00"),
            (" 2012-06-27T16:08:55.5+02:00 ", "2012-06-27T14:08:55.500000+00:00"),
        ],
    )
    def test_dates(self, text, expected):
        assert moment(text).isoformat() == expected

    @pytest.mark.parametrize(
        "said",
        ["", "yesterday", "2012-06-27T16:08:55", "0001-01-01T00:00:00Z", None, 5, "9999-12-31T24Z"],
    )
    def test_no_dates(self, said):
        assert moment(said) is None

    def test_a_little_ahead_is_the_clock(self):
        soon, late = NOW + timedelta(seconds=30), NOW + timedelta(minutes=2)
        assert one(published=soon.isoformat()).started_at == soon
        assert one(published=late.isoformat()).started_at is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [(5, 5), ("5", 5), (" 5 ", 5), (5.0, 5), (True, None), ("x", None), (None, None), ("٥", None)],
)
def test_numbers(said, expected):
    assert number(said) == expected


class TestMenu:
    @pytest.mark.parametrize("state", list(CallState))
    def test_every_state_has_its_menu(self, state):
        assert WHY_NOT[state].keys() <= FEATURES
        assert all(len(why) < 90 for why in WHY_NOT[state].values())

    @pytest.mark.parametrize(
        ("view_of_it", "possible"),
        [
            (view("0003*210", 3), {Action.PICKUP, Action.HANGUP}),
            (
                view("0003*210", 5),
                {
                    Action.BLIND,
                    Action.CONSULT,
                    Action.VOICEMAIL,
                    Action.PARK,
                    Action.HOLD,
                    Action.HANGUP,
                },
            ),
            (
                view("0003*210", 5, onHold="2012-06-27T13:08:00Z"),
                {Action.BLIND, Action.VOICEMAIL, Action.RETRIEVE, Action.HANGUP},
            ),
            (view("0003*210", 5, parked="2012-06-27T13:08:00Z"), {Action.UNPARK, Action.HANGUP}),
            (view("0003*210", 2), {Action.HANGUP}),
        ],
    )
    def test_what_is_possible(self, view_of_it, possible):
        call = one(view_of_it)
        assert call.actions == possible
        assert call.why_not.keys() == FEATURES - possible

    def test_ringing_calls_are_forwarded_when_the_option_says_so(self):
        assert one(view("0003*210", 3)).why_not[Action.FORWARD] == FORWARD_OFF
        on = Reading(prefix="0003", forward_ringing=True)
        assert Action.FORWARD in one(view("0003*210", 3), reading=on).actions

    def test_without_a_view_id_only_what_needs_none(self):
        call = one({k: v for k, v in view("0003*210", 5).items() if k != "id"})
        assert call.actions == {Action.BLIND, Action.VOICEMAIL, Action.HANGUP}
        assert "does not tell" in call.why_not[Action.HOLD]


class Server:
    """Pages of a list; `changes` are lists that the PBX has from the n-th request on."""

    def __init__(self, size: int, total: int, *, limit: int = 20, told: bool = True) -> None:
        self.items = [{"id": f"c{i}"} for i in range(total)]
        self.limit, self.told, self.asked = limit, told, []
        self.changes: dict[int, list[dict[str, str]]] = {}

    def __call__(self, start: int) -> Any:
        self.asked.append(start)
        self.items = self.changes.get(len(self.asked), self.items)
        page = self.items[start : start + self.limit]
        if not self.told:
            return page
        return {"entry": page, "totalResults": len(self.items)}


class TestPaging:
    @pytest.mark.parametrize("total", [0, 1, 19, 20, 21, 39, 40, 100])
    @pytest.mark.parametrize("told", [True, False])
    def test_all_pages(self, total, told):
        server = Server(20, total, told=told)
        assert [each["id"] for each in collect(server, "id")] == [f"c{i}" for i in range(total)]

    def test_one_page_is_one_request(self):
        server = Server(20, 20)
        collect(server, "id")
        assert server.asked == [0]

    def test_pages_of_one(self):
        assert len(collect(Server(1, 5, limit=1), "id")) == 5

    @pytest.mark.parametrize("change", [1, -1])
    def test_a_list_that_changes_is_read_once_more(self, change):
        server = Server(20, 50)
        server.changes[2] = [{"id": f"c{i}"} for i in range(50 + change)]
        assert len(collect(server, "id")) == 50 + change
        assert server.asked.count(0) == 2

    def test_a_call_that_left_and_another_that_came(self):
        """The total is the same; but the pages no longer fit together."""
        server = Server(20, 50)
        server.changes[2] = [{"id": f"c{i}"} for i in range(1, 51)]
        assert [each["id"] for each in collect(server, "id")] == [f"c{i}" for i in range(1, 51)]

    def test_twice_is_enough(self):
        server = Server(20, 50)
        for request in range(2, 20):
            server.changes[request] = [{"id": f"c{i}"} for i in range(50 + request)]
        with pytest.raises(BadReply, match="kept changing"):
            collect(server, "id")
        assert server.asked.count(0) == 2

    def test_a_server_that_gives_the_first_page_again_and_again(self):
        with pytest.raises(BadReply, match="kept changing"):
            collect(lambda _: {"entry": [{"id": "a"}, {"id": "b"}], "totalResults": 9}, "id")

    def test_a_total_without_entries(self):
        with pytest.raises(BadReply, match="kept changing"):
            collect(lambda _: {"totalResults": 9}, "id")

    def test_it_ends(self):
        asked = []

        def endless(start: int) -> Any:
            asked.append(start)
            return {"entry": [{"id": f"c{start}"}], "totalResults": 10**9}

        with pytest.raises(BadReply, match="longer than"):
            collect(endless, "id")
        assert len(asked) < 40

    def test_nothing_is_asked_beyond_what_is_documented(self):
        server = Server(4999, 12_000, limit=4999)
        with pytest.raises(BadReply, match="longer than"):
            collect(server, "id")
        assert max(server.asked) <= 4999


class TestExtensions:
    def test_nested(self):
        entries = [
            {"status": "1", "extension": "0003*001", "registration": [{"registration": "1"}]},
            {"status": "0", "extension": "0003*002", "registration": [{"registration": "-1"}]},
            {
                "status": "0",
                "extension": "0003*003",
                "registration": [{"registration": -2}, {"registration": 2}],
            },
            {"status": "0", "extension": "0003*004", "registration": []},
            {"status": "0", "extension": "0003*005", "registration": [{"registration": "0"}]},
            {"status": 3, "extension": "0004*006"},
            {"status": "0", "extension": 7},
        ]
        assert extensions(entries, "0003") == [
            Extension("001", registered=True),
            Extension("002", registered=False),
            Extension("003", registered=True),
            Extension("004", registered=False),
            Extension("005", registered=None),
            Extension("0004*006", registered=True),
            Extension("7", registered=None),
        ]
        assert prefixes(entries) == {"0003", "0004", ""}
        assert exact_numbers(entries)[0] == "0003*001"

    def test_flat(self):
        entry = {"agent": "x", "registration": "-1", "status": "0", "extension": "0003*001"}
        assert extensions([entry], "") == [Extension("0003*001", registered=False)]
        (found,) = extensions([entry | {"registration": {"registration": 1}}], "")
        assert found.registered is True

    def test_without_a_number(self):
        with pytest.raises(BadReply, match="without a number"):
            extensions([{"status": "1"}], "")


class TestHostileAnswers:
    def refused(self, body: bytes, words: str = "PBX") -> None:
        with pytest.raises(BadReply, match=words):
            read(body)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"{",
            b"<html>",
            b'{"entry":[NaN]}',
            b'{"totalResults":Infinity}',
            b'{"entry":[],"entry":[]}',
            b'{"entry":[{"id":"a","id":"b"}]}',
            b"[" * 200_000 + b"]" * 200_000,
            b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
            b'{"totalResults": ' + b"9" * 10_000 + b"}",
            b'{"entry":[]} trailing',
        ],
    )
    def test_not_json(self, body):
        self.refused(body, "not readable JSON")

    def test_other_encodings(self):
        self.refused('{"entry":["á"]}'.encode("latin-1"), "not UTF-8")
        self.refused('{"entry":[]}'.encode("utf-16"), "not UTF-8|readable")

    @pytest.mark.parametrize(
        "data",
        [
            1,
            "text",
            True,
            [1],
            [[]],
            [None],
            {"status": "starting"},
            {"entry": 5},
            {"entry": "none"},
            {"entry": [None]},
            {"entry": [[]]},
            {"entry": {"a": 1, "b": 2}},
            {"entry": [], "totalResults": "many"},
            {"entry": [], "totalResults": -1},
            {"entry": [], "totalResults": {}},
            {"entry": [], "totalResults": 1e999},
        ],
    )
    def test_other_json(self, data):
        self.refused(json.dumps(data).replace("Infinity", "1e999").encode())

    @pytest.mark.parametrize("entry", [{}, {"id": ""}, {"id": None}, {"id": []}, {"id": True}])
    def test_a_call_without_an_id(self, entry):
        self.refused(listed({"id": "a"}, entry), "without an id")

    @pytest.mark.parametrize(
        "call_id",
        [".", "..", "a/b", "a b", "a\n", "%2e", "é", "a" * 201, "@self", "*", "-", "?x=1"],
    )
    def test_an_unusable_id(self, call_id):
        self.refused(listed({"id": call_id}), "unusable id")

    @pytest.mark.parametrize("views", [5, "x", [5], [[]], [None]])
    def test_views_that_are_none(self, views):
        self.refused(listed({"id": "a", "phoneCallView": views}), "views that cannot be read")

    @pytest.mark.parametrize("party", [{"x": 1}, [None], [[]], [{}], [True], 1.5])
    def test_parties_that_are_none(self, party):
        entry = {"id": "a", "phoneCallView": [view("0003*210", 5) | {"source": party}]}
        self.refused(listed(entry), "parties that cannot be read")


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["a", "5", "0003*210", "2012-06-27T13:08:58Z", "Ann <+3611>", "00"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("entry", "totalResults", "id", "phoneCallView", "extension", "status"),
                    *("source", "destination", "callerId", "published", "answered", "onHold"),
                    *("holder", "parked", "nonce", "error"),
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
FULL = (FIXTURES / "full.json").read_bytes()


# What was read before is not read anew, unless it means something else now.


def test_a_date_may_be_impossible_now_and_true_later():
    entry = {"id": "a", "published": "2012-06-27T13:12:00Z", "phoneCallView": [view("210", 5)]}
    for minutes, known in ((0, False), (5, True), (0, False)):
        (call,) = read(listed(entry), now=NOW + timedelta(minutes=minutes))
        assert (call.started_at is not None) is known


def test_what_only_looks_equal_is_read_by_itself():
    states = [one(view("210", status)).state for status in (1, True, 1)]
    assert states == [CallState.DIALING, CallState.UNKNOWN, CallState.DIALING]


def test_another_reading_is_another_call():
    entry = view("0003*210", 5, destination="0003*210")
    plain = one(entry, reading=replace(READING, prefix=""))
    assert (one(entry).callee.number, plain.callee.number) == ("210", "0003*210")


def only_a_list_or_a_bad_reply(body: bytes) -> None:
    try:
        calls = read(body)
    except BadReply:
        return
    assert len({call.id for call in calls}) == len(calls)
    for call in calls:
        assert call.actions | call.why_not.keys() == FEATURES
        assert Call.from_json(json.loads(json.dumps(call.to_json()))) == call


class TestFuzz:
    @given(anything)
    def test_any_json(self, data):
        only_a_list_or_a_bad_reply(json.dumps(data).encode())

    @given(st.lists(st.dictionaries(st.sampled_from(["id", "phoneCallView"]), anything)))
    def test_any_entries(self, entries):
        only_a_list_or_a_bad_reply(listed(*entries))

    @given(st.integers(0, len(FULL) - 1), st.binary(max_size=6), st.integers(0, 40))
    def test_a_list_with_a_piece_exchanged(self, at, piece, length):
        only_a_list_or_a_bad_reply(FULL[:at] + piece + FULL[at + length :])

    @given(anything)
    def test_pages(self, data):
        try:
            page = page_of(data, "id")
        except BadReply:
            return
        assert all(isinstance(each, dict) for each in page.entries)
        assert page.total is None or page.total >= 0

    @given(anything)
    def test_presence(self, data):
        try:
            found = extensions(collect(lambda _: data, "extension"), "0003")
        except BadReply:
            return
        assert all(each.number for each in found)
