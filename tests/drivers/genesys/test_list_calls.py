"""Lists as the vendor's pages and published traffic show them, and as they might come one day."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drivers.contract import OUTSIDE, bring, seen
from transfers.domain import Action, Call, CallState, Extension, Party
from transfers.drivers import words as common
from transfers.drivers.genesys import actions, calls, wire
from transfers.drivers.genesys.actions import FEATURES
from transfers.drivers.genesys.calls import Desk
from transfers.errors import BadReply
from transfers.http import Reply

FIXTURES = Path(__file__).parent / "fixtures"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
DEVICE = "631608b3-ceb1-472b-ba05-2ae39555b0d1"
DESK = Desk(NOW, {DEVICE: "15000"}, "CallerName")


def reply(body: bytes, status: int = 200, content_type: str = "application/json") -> Reply:
    return Reply(status, content_type, {}, body)


def fixture(name: str) -> wire.Answer:
    return wire.read_answer(reply((FIXTURES / f"{name}.json").read_bytes()))


def read(body: bytes, desk: Desk = DESK) -> list[Call]:
    return calls.read_calls(calls.listed(wire.read_answer(reply(body)).data) or [], desk)


def calls_of(name: str) -> list[Call]:
    return calls.read_calls(calls.listed(fixture(name).data) or [], DESK)


def one(desk: Desk = DESK, **fields: object) -> Call:
    return calls.read_call({"id": "a", **fields}, desk)


def always(driver, **data: object) -> list[str]:
    """Every question is answered with this; what was asked."""
    asked: list[str] = []

    def ask(path, **params):
        asked.append(path)
        return wire.Answer(0, "", data)

    driver.session.ask = ask
    return asked


class TestFixtures:
    def test_a_call_she_made(self):
        call = calls_of("full")[0]
        assert call.id == "01RCC3N118B1V0SL8O7GK2LAES000010"
        assert (call.state, call.raw_state) == (CallState.TALKING, "Established")
        assert (call.caller, call.callee) == (Party("15000"), Party("15001"))
        assert call.started_at == NOW - timedelta(seconds=7)
        assert call.answered_at is None
        possible = {Action.BLIND, Action.CONSULT, Action.HOLD, Action.HANGUP}
        assert call.actions == possible
        assert call.related == ""

    def test_a_caller_from_outside(self):
        call = calls_of("full")[1]
        assert call.state is CallState.RINGING
        assert (call.caller, call.callee) == (Party("+19165550104", "Kovács Anna"), Party("15000"))
        assert call.actions == frozenset()

    def test_a_consultation(self):
        *_, original, consultation = calls_of("full")
        assert (original.state, consultation.state) == (CallState.HELD, CallState.DIALING)
        assert (original.caller, original.callee) == (Party("15003"), Party("15000"))
        assert (consultation.caller, consultation.callee) == (Party("15000"), Party("15002"))
        assert (original.related, consultation.related) == ("", original.id)
        pair = {Action.JOIN, Action.SWAP, Action.CANCEL}
        assert pair <= original.actions
        assert pair <= consultation.actions
        assert "consultation" in original.why_not[Action.RETRIEVE]

    def test_minimal(self):
        (call,) = calls_of("minimal")
        assert (call.id, call.state, call.raw_state) == ("a", CallState.UNKNOWN, "")
        assert (call.caller, call.callee, call.started_at) == (Party(), Party(), None)
        assert call.actions == frozenset()

    def test_empty(self):
        assert calls_of("empty") == []

    def test_odd(self):
        first, second, gone = calls_of("odd")  # of two equal entries one counts
        assert (first.id, first.state) == ("0071023821aec010", CallState.TALKING)
        assert (first.caller, first.callee) == (Party("15001", "and 1 more"), Party())
        assert first.started_at == NOW - timedelta(seconds=7)
        assert first.actions == {Action.HANGUP}
        assert (second.id, second.state, second.raw_state) == (
            "0071023821AEC010",
            CallState.UNKNOWN,
            "Meditating",
        )
        assert (second.caller, second.callee) == (Party("151"), Party("15004"))
        assert (second.started_at, second.actions) == (None, frozenset())
        assert (gone.id, gone.state, gone.caller) == ("17", CallState.ENDED, Party("+36301234567"))


class TestForms:
    @pytest.mark.parametrize(
        "body", [b'{"statusCode":0,"calls":[]}', b'{"statusCode":0,"uris":[]}', b"\xef\xbb\xbf"]
    )
    def test_none(self, body):
        assert read(body if body[:1] == b"{" else body + b'{"statusCode":"0","calls":[]}') == []

    def test_one_without_a_list_around_it(self):
        assert [call.id for call in read(b'{"statusCode":0,"calls":{"id":"a"}}')] == ["a"]
        assert [call.id for call in read(b'{"statusCode":0,"call":{"id":"a"}}')] == ["a"]

    def test_only_addresses(self, driver, pbx):
        """Without `fields=*`, or where it is not known, a list has addresses only."""
        ids = {bring(pbx.exchange, CallState.RINGING) for _ in range(3)}
        ask = driver.session.ask

        def ask_without_fields(path, **params):
            return ask(path)

        driver.session.ask = ask_without_fields
        assert {call.id for call in driver.list_calls()} == ids

    def test_of_addresses_one_may_be_over(self, driver, pbx):
        bring(pbx.exchange, CallState.RINGING)
        ask = driver.session.ask
        uris = {"uris": ["http://other/api/v2/me/calls/gone"]}

        def list_addresses(path, **params):
            return wire.Answer(0, "", uris) if path == "/me/calls" else ask(path)

        driver.session.ask = list_addresses
        assert driver.list_calls() == []

    def test_older_releases(self, driver, pbx):
        pbx.switches.participants = "strings"
        pbx.switches.call_ids = "connection"
        pbx.switches.connection_id = False
        bring(pbx.exchange, CallState.TALKING)
        (call,) = driver.list_calls()
        assert (call.caller.number, call.callee.number) == (OUTSIDE, "1001")
        driver.hold(call)
        assert driver.list_calls()[0].state is CallState.HELD

    @pytest.mark.parametrize(
        "told",
        ["", '"calls":null', '"calls":7', '"calls":[7]', '"calls":[{"id":"a"},null]', '"call":"a"'],
    )
    def test_what_is_no_list_is_not_taken_for_an_empty_one(self, told):
        with pytest.raises(BadReply):
            read(b'{"statusCode":0' + (f",{told}" if told else "").encode() + b"}")

    def test_too_many_addresses(self, driver):
        always(driver, uris=[str(number) for number in range(99)])
        with pytest.raises(BadReply, match="not known"):
            driver.list_calls()

    @pytest.mark.parametrize("ident", ['""', '" "', "null", "true", "[]", '"\\u0001"', '"\\ud800"'])
    def test_a_call_that_cannot_be_named(self, ident):
        with pytest.raises(BadReply, match=r"without an id|unusable id"):
            read(f'{{"statusCode":0,"calls":[{{"id":{ident}}}]}}'.encode())

    def test_a_long_id(self):
        with pytest.raises(BadReply, match="unusable id"):
            one(id="a" * 201)

    def test_one_id_for_two_calls(self):
        with pytest.raises(BadReply, match="same id"):
            read(b'{"statusCode":0,"calls":[{"id":"a"},{"id":"a","state":"Held"}]}')


class TestStates:
    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("Ringing", CallState.RINGING),
            ("Dialing", CallState.DIALING),
            ("Established", CallState.TALKING),
            ("Held", CallState.HELD),
            ("Released", CallState.ENDED),
            ("held", CallState.HELD),
            ("Queued", CallState.UNKNOWN),
            ("", CallState.UNKNOWN),
            (7, CallState.UNKNOWN),
        ],
    )
    def test_words(self, word, state):
        assert one(state=word).state is state

    def test_long_words_are_cut(self):
        assert len(one(state="x" * 999).raw_state) == 40


def party(number: str) -> list[dict[str, str]]:
    return [{"phoneNumber": number}]


class TestDirection:
    @pytest.mark.parametrize(
        ("fields", "caller", "callee"),
        [
            ({"callType": "Inbound", "dnis": "800"}, "15001", "15000"),
            ({"callType": "Outbound", "dnis": "15001"}, "15000", "15001"),
            ({"callType": "Internal", "dnis": "15001"}, "15000", "15001"),
            ({"callType": "Internal", "dnis": "15000"}, "15001", "15000"),
            ({"callType": "Internal", "dnis": "5000"}, "15001", "15000"),  # by way of a queue
            ({"callType": "Internal", "dnis": "15001", "state": "Ringing"}, "15001", "15000"),
            ({"callType": "Internal", "dnis": "5000", "state": "Dialing"}, "15000", "15001"),
            ({"callType": "Unknown", "ani": "15001"}, "15001", "15000"),
            (
                {"callType": "Consult", "dnis": "5000", "parentCallPath": "/calls/b"},
                "15000",
                "15001",
            ),
            ({"callType": "Consult", "dnis": "15000"}, "15001", "15000"),  # she is consulted
            ({}, "15001", "15000"),
        ],
    )
    def test_who_called(self, fields, caller, callee):
        fields = {"state": "Established", "deviceUri": f"http://x/devices/{DEVICE}", **fields}
        call = one(participants=party("15001"), **fields)
        assert (call.caller.number, call.callee.number) == (caller, callee)
        assert call.extra["leg"] == ("caller" if caller == "15000" else "callee")

    def test_her_number_as_a_notification_tells_it(self):
        raw = calls.told_in({"call": {"id": "a", "dnis": "5000"}, "phoneNumber": "15007"})
        assert calls.read_call(raw, DESK).callee == Party("15007")

    def test_without_her_number_the_dialled_one_stands_for_it(self):
        call = one(callType="Inbound", dnis="8005550100", participants=party("15001"))
        assert call.callee == Party("8005550100")

    @pytest.mark.parametrize(
        ("participant", "number"),
        [
            ({"e164Number": "+36301234567", "phoneNumber": "06301234567"}, "+36301234567"),
            ({"e164Number": "5005", "phoneNumber": "15001"}, "15001"),
            ({"e164Number": "", "digits": "15001"}, "15001"),
            ({"formattedPhoneNumber": "(916) 555-0104"}, "(916) 555-0104"),
            ({"phoneNumber": True}, ""),
            ({}, ""),
        ],
    )
    def test_which_spelling(self, participant, number):
        assert one(participants=[participant]).caller.number == number

    def test_a_hidden_caller(self):
        assert one(participants=[], callType="Inbound").caller == Party()

    def test_her_number_is_asked_for_once(self, driver, build, pbx):
        bring(pbx.exchange, CallState.TALKING)
        pbx.requests.clear()
        for each in (driver, driver, build()):
            assert each.list_calls()[0].callee.number == "1001"
        assert pbx.count("GET /me/devices") == 1

    def test_a_device_that_is_not_hers_is_not_asked_for_again(self, driver, pbx, monkeypatch):
        monkeypatch.setattr(calls, "device_of", "another {[id]}".format)
        bring(pbx.exchange, CallState.TALKING)
        driver.list_calls()
        driver.list_calls()
        assert pbx.count("GET /me/devices") == 1


class TestNames:
    def test_by_the_key_of_the_connection(self, build, pbx):
        pbx.switches.caller_name_key = "Customer"
        call_id = bring(pbx.exchange, CallState.TALKING)
        assert seen(build(name_key="Customer"), call_id).caller.name == "Kovács Anna"
        assert seen(build(), call_id).caller.name == ""

    def test_a_consultation_has_the_data_of_another_call(self):
        assert calls_of("full")[3].callee.name == ""

    @pytest.mark.parametrize("data", [None, 7, [], {"CallerName": 7}, {"CallerName": ["x"]}])
    def test_other_data(self, data):
        assert one(userData=data, participants=party("1")).caller == Party("1")

    def test_long_and_strange_names(self):
        call = one(userData={"CallerName": "\x1bAnna\n" + "x" * 999}, participants=party("1" * 999))
        assert call.caller.name.startswith("Anna x")
        assert (len(call.caller.name), len(call.caller.number)) == (200, 100)


class TestDates:
    @pytest.mark.parametrize(("duration", "seconds"), [("0", 0), ("672", 672), (7, 7)])
    def test_durations(self, duration, seconds):
        assert one(duration=duration).started_at == NOW - timedelta(seconds=seconds)

    @pytest.mark.parametrize("duration", ["", "-1", "1.5", "NaN", "9" * 9, "٣", None, True, []])
    def test_no_durations(self, duration):
        assert one(duration=duration).started_at is None


class TestActions:
    def test_capabilities_decide(self):
        words = {
            Action.BLIND: "SingleStepTransfer",
            Action.CONSULT: "InitiateTransfer",
            Action.HOLD: "Hold",
            Action.RETRIEVE: "Retrieve",
            Action.HANGUP: "Hangup",
        }
        for action, word in words.items():
            assert one(state="Established", capabilities=[word]).actions == {action}
            assert one(state="Meditating", capabilities=[word]).actions == {action}

    @pytest.mark.parametrize(
        "state", ["Ringing", "Dialing", "Established", "Held", "Released", "?"]
    )
    def test_every_other_action_has_its_reason(self, state):
        call = one(state=state)
        assert (call.actions, call.why_not.keys()) == (frozenset(), FEATURES)
        assert all(reason.endswith(".") and len(reason) < 90 for reason in call.why_not.values())

    def test_the_plain_reason(self):
        words = "The PBX does not offer this for the call now."
        assert one(state="Established").why_not[Action.BLIND] == words

    def pair(self, held: dict, talking: dict) -> tuple[Call, Call]:
        raws = [
            {"id": "h", "state": "Held", **held},
            {"id": "t", "state": "Established", **talking},
        ]
        first, second = calls.read_calls(raws, DESK)
        return first, second

    def test_a_third_call_on_hold_makes_it_no_pair(self):
        held = [{"id": each, "state": "Held"} for each in ("h", "i")]
        talking = {"id": "t", "state": "Established", "capabilities": ["CompleteTransfer"]}
        found = {call.id: call for call in calls.read_calls([*held, talking], DESK)}
        assert Action.JOIN in found["t"].actions & found["h"].actions
        assert Action.JOIN in calls.read_calls([held[0], talking], DESK)[0].actions
        talking["capabilities"] = []
        held[0]["capabilities"] = ["CompleteTransfer"]
        assert Action.JOIN not in calls.read_calls([*held, talking], DESK)[2].actions
        assert Action.JOIN in calls.read_calls([held[0], talking], DESK)[1].actions

    @pytest.mark.parametrize(
        ("states", "join", "cancel"),
        [
            (["Held", "Dialing"], common.TARGET_FIRST, common.NOT_FROM_HERE),
            (["Held", "Held", "Dialing"], common.TARGET_FIRST, common.NOT_FROM_HERE),
            (["Held", "Established"], actions._NOT_NOW, common.NOT_FROM_HERE),
            (["Held", "Held", "Established"], actions._SEVERAL, common.NOT_FROM_HERE),
            (["Held", "Held"], actions._NO_PAIR, actions._NO_PAIR),
            (["Held"], actions._NO_PAIR, actions._NO_PAIR),
        ],
    )
    def test_the_reason_is_true_during_a_consultation_of_the_phone(self, states, join, cancel):
        raws = [{"id": str(n), "state": state} for n, state in enumerate(states)]
        for call in calls.read_calls(raws, DESK):
            assert call.why_not[Action.JOIN] == call.why_not[Action.SWAP] == join
            assert call.why_not[Action.CANCEL] == cancel

    def test_either_call_of_a_pair_may_offer_what_needs_both(self):
        offer = {"capabilities": ["CompleteTransfer", "SwapCalls"]}
        for pair in (self.pair(offer, {}), self.pair({}, offer)):
            for call in pair:
                assert call.actions == {Action.JOIN, Action.SWAP}

    def test_only_a_consultation_can_be_cancelled(self):
        hangup = {"capabilities": ["Hangup"]}
        held, talking = self.pair({}, hangup)
        assert Action.CANCEL in held.why_not
        assert Action.CANCEL in talking.why_not
        held, talking = self.pair({}, {**hangup, "parentCallPath": "/calls/h"})
        assert Action.CANCEL in held.actions & talking.actions

    def test_after_a_swap_it_is_still_the_consultation_that_is_cancelled(self):
        consultation = {"capabilities": ["Hangup"], "parentCallUri": "http://x/me/calls/t?x=y"}
        held, talking = self.pair(consultation, {})
        assert held.related == "t"
        assert Action.CANCEL in held.actions & talking.actions

    def test_of_three_calls_no_pair_is_guessed(self):
        raws = [{"id": each, "state": "Held"} for each in "ab"]
        raws.append({"id": "t", "state": "Established", "capabilities": ["CompleteTransfer"]})
        first, second, talking = calls.read_calls(raws, DESK)
        assert Action.JOIN in talking.actions
        assert Action.JOIN in first.actions & second.actions  # either may be chosen with it


class TestContacts:
    def test_fixture(self):
        assert wire.contacts(fixture("contacts").data) == [
            Extension("15002", "Josh Williams", "phone"),
            Extension("5000", "Sales", "queue"),
            Extension("15009", "lone", "7"),
        ]

    def test_page_by_page(self, driver, pbx):
        for number in range(2000, 2250):
            pbx.exchange.add(str(number), f"Phone {number}")
        pbx.requests.clear()
        assert len(driver.list_extensions()) == 253
        assert [each.query.get("offset") for each in pbx.requests] == [None, "100", "200"]

    def test_a_server_that_ignores_the_offset(self, driver):
        asked = always(driver, **fixture("contacts").data | {"totalCount": 900})
        assert len(driver.list_extensions()) == 3
        assert len(asked) <= 2

    def test_no_contacts_are_no_empty_list(self, driver):
        always(driver)
        with pytest.raises(BadReply, match="no contacts"):
            driver.list_extensions()


words = st.text(max_size=20) | st.sampled_from(["a", "Held", "Established", "Hangup", "15000"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    [
        "id",
        "state",
        "participants",
        "participantsInfo",
        "ani",
        "dnis",
        "callType",
        "duration",
        "capabilities",
        "userData",
        "parentCallUri",
        "parentCallPath",
        "deviceUri",
        "uri",
    ]
)


def only_a_list_or_a_bad_reply(body: bytes) -> None:
    try:
        found = read(body)
    except BadReply:
        return
    except wire.Refused:  # any other code is an answer too
        return
    for call in found:
        assert Call.from_json(call.to_json()) == call
        assert call.actions | call.why_not.keys() == FEATURES


@given(st.binary(max_size=300))
def test_bytes_of_any_kind(body):
    only_a_list_or_a_bad_reply(body)


@given(st.lists(st.dictionaries(names, values, max_size=9), max_size=4))
def test_fields_of_any_kind(entries):
    only_a_list_or_a_bad_reply(json.dumps({"statusCode": 0, "calls": entries}).encode())


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=8))
def test_damage_anywhere(place, damage):
    body = (FIXTURES / "full.json").read_bytes()
    only_a_list_or_a_bad_reply(body[:place] + damage + body[place + len(damage) :])


@given(values)
def test_contacts_of_any_kind(value):
    for extension in wire.contacts({"contacts": value}):
        assert extension.number
