"""What goes over the wire for each command, and what the switches of the PBX make of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.drivers.contract import OUTSIDE, USERNAME, bring, seen
from transfers.domain import Action, CallState, Leg
from transfers.drivers.base import Config
from transfers.drivers.genesys import wire
from transfers.drivers.genesys.driver import GenesysDriver
from transfers.drivers.genesys.forms import GenesysOptions, read_pairs
from transfers.errors import (
    CallGone,
    NotSupported,
    OutcomeUnknown,
    Refused,
    Unreachable,
)
from transfers.http import Door


@pytest.fixture
def talking(pbx, driver):
    return seen(driver, bring(pbx.exchange, CallState.TALKING))


@pytest.fixture
def pair(pbx, driver, talking):
    """The held original and the answered consultation."""
    driver.consult(talking, "1003", leaves=Leg.CALLEE)
    (second,) = (each.id for each in pbx.exchange.calls() if each.live and each.id != talking.id)
    pbx.exchange.answer(second)
    pbx.requests.clear()
    return seen(driver, talking.id), seen(driver, second)


def sent(pbx) -> list[tuple[str, dict]]:
    """The call and the order of every operation that was posted."""
    return [
        (each.path.rpartition("/")[2], json.loads(each.body))
        for each in pbx.requests
        if each.method == "POST"
    ]


def live(pbx):
    return [call for call in pbx.exchange.calls() if call.live]


class TestBodies:
    """As in the vendor's samples, in every letter."""

    def test_operations(self):
        assert wire.operation("Hold") == {"operationName": "Hold"}

    def test_transfers(self):
        order = wire.transfer(
            "SingleStepTransfer",
            "15002",
            user_data={"TransferReason": "Escalation", "TransferAgent": "WillardC"},
        )
        assert order == {
            "operationName": "SingleStepTransfer",
            "destination": {"phoneNumber": "15002"},
            "userData": {"TransferReason": "Escalation", "TransferAgent": "WillardC"},
        }
        assert wire.transfer("InitiateTransfer", "15002", "SIP_Switch") == {
            "operationName": "InitiateTransfer",
            "destination": {"phoneNumber": "15002"},
            "location": "SIP_Switch",
        }

    def test_of_two_calls(self):
        assert wire.complete() == {"operationName": "CompleteTransfer"}
        assert wire.complete("http://x/2") == {
            "operationName": "CompleteTransfer",
            "consultCallUri": "http://x/2",
        }
        assert wire.swap("http://x/2") == {
            "operationName": "SwapCalls",
            "otherCallUri": "http://x/2",
        }

    def test_sessions(self):
        assert wire.start_session() == {
            "operationName": "StartContactCenterSession",
            "channels": ["voice"],
        }
        assert wire.end_session() == {"operationName": "EndContactCenterSession"}

    @pytest.mark.parametrize(
        ("url", "base"),
        [
            ("http://gws:8090", "http://gws:8090/api/v2"),
            ("http://gws:8090/", "http://gws:8090/api/v2"),
            ("https://gws/cloud-web/api/v2/", "https://gws/cloud-web/api/v2"),
            (" http://gws/api/v2?x=y#z ", "http://gws/api/v2"),
            ("http://[", "http://["),
        ],
    )
    def test_where(self, url, base):
        assert wire.base_url(url) == base

    def test_ids_are_encoded(self):
        assert wire.call_path("a/b ?ő") == "/me/calls/a%2Fb%20%3F%C5%91"
        assert wire.last_part("http://x/me/calls/a%2Fb%20%3F%C5%91?x=/y") == "a/b ?ő"


class TestRequests:
    def test_an_operation(self, driver, pbx, talking):
        pbx.requests.clear()
        driver.hold(talking)
        (request,) = pbx.requests
        assert (request.method, request.path) == ("POST", f"/api/v2/me/calls/{talking.id}")
        assert request.headers["Content-Type"] == "application/json"
        assert json.loads(request.body) == {"operationName": "Hold"}
        assert request.headers["Connection"] == "close"

    @pytest.mark.parametrize("action", ["blind", "consult"])
    def test_a_note_travels_as_the_reason(self, driver, pbx, talking, action):
        getattr(driver, action)(talking, "1003", leaves=Leg.CALLEE, note=" Wants Carol ")
        _, order = sent(pbx)[-1]
        assert order["userData"] == {"TransferReason": "Wants Carol"}
        assert "location" not in order

    def test_without_a_note_there_is_no_data(self, driver, pbx, talking):
        driver.blind(talking, "1003", leaves=Leg.CALLEE)
        assert sent(pbx)[-1][1] == wire.transfer("SingleStepTransfer", "1003")

    @pytest.mark.parametrize("action", ["blind", "consult"])
    def test_options(self, build, pbx, talking, action):
        driver = build(location="SIP_Switch", user_data="TransferAgent={agent}; Desk = front=1;")
        getattr(driver, action)(talking, "1003", leaves=Leg.CALLEE, note="x")
        order = sent(pbx)[-1][1]
        assert order["location"] == "SIP_Switch"
        assert order["userData"] == {
            "TransferAgent": USERNAME,
            "Desk": "front=1",
            "TransferReason": "x",
        }

    def test_an_option_that_cannot_be_read_is_left_out(self, build, pbx, talking):
        build(user_data="nonsense").blind(talking, "1003", leaves=Leg.CALLEE)
        assert "userData" not in sent(pbx)[-1][1]

    def test_the_note_reaches_the_target(self, driver, pbx, talking):
        driver.blind(talking, "1003", leaves=Leg.CALLEE, note="Escalation")
        assert ("TransferReason", "Escalation") in next(iter(pbx.face.legs._data.values()))


class TestWhoLeaves:
    def test_only_she_herself(self, driver, pbx, talking):
        pbx.requests.clear()
        for action in (driver.blind, driver.consult):
            with pytest.raises(NotSupported, match="Only the agent herself"):
                action(talking, "1003", leaves=Leg.CALLER)
        assert pbx.requests == []

    def test_a_call_she_made(self, driver, pbx):
        call_id = pbx.exchange.ring("1001", "1002")
        pbx.exchange.answer(call_id)
        driver.blind(seen(driver, call_id), "1003", leaves=Leg.CALLER)
        (call,) = live(pbx)
        assert {call.caller, call.callee} == {"1002", "1003"}

    def test_a_call_of_an_older_picture(self, driver, talking):
        driver.blind(replace(talking, extra={}), "1003", leaves=Leg.CALLEE)


class TestTwoCalls:
    def test_join_is_posted_to_the_original(self, driver, pbx, pair):
        held, consultation = pair
        assert driver.join(held, consultation).vendor_code == "0"
        ((posted, order),) = sent(pbx)
        assert posted == held.id
        assert order["consultCallUri"].endswith(f"/api/v2/me/calls/{consultation.id}")
        (call,) = live(pbx)
        assert {call.caller, call.callee} == {OUTSIDE, "1003"}

    def test_join_is_posted_to_the_consultation_if_only_that_offers_it(self, driver, pbx, pair):
        held, consultation = pair
        driver.join(replace(held, extra={}), consultation)
        assert sent(pbx) == [(consultation.id, {"operationName": "CompleteTransfer"})]
        assert len(live(pbx)) == 1

    def test_join_of_two_calls_she_made_at_her_phone(self, driver, pbx):
        first = bring(pbx.exchange, CallState.HELD)
        second = pbx.exchange.ring("1001", "1003")
        pbx.exchange.answer(second)
        held, talking = seen(driver, first), seen(driver, second)
        assert Action.JOIN in held.actions & talking.actions
        driver.join(held, talking)
        (call,) = live(pbx)
        assert {call.caller, call.callee} == {OUTSIDE, "1003"}

    def test_of_several_on_hold_the_one_that_was_chosen_is_joined(self, driver, pbx):
        """Never left to the PBX: without a name it would find one by itself."""
        first, _ = (bring(pbx.exchange, CallState.HELD) for _ in range(2))
        second = pbx.exchange.ring("1001", "1003")
        pbx.exchange.answer(second)
        held, talking = seen(driver, first), seen(driver, second)
        assert Action.JOIN in held.actions & talking.actions
        driver.join(held, talking)
        ((posted, order),) = sent(pbx)
        assert (posted, order["consultCallUri"].rpartition("/")[2]) == (first, second)

    def test_join_after_a_swap(self, driver, pbx, pair):
        held, consultation = pair
        driver.swap(held, consultation)
        talking, waiting = seen(driver, held.id), seen(driver, consultation.id)
        assert (talking.state, waiting.state) == (CallState.TALKING, CallState.HELD)
        pbx.requests.clear()
        driver.join(waiting, talking)  # the held one first, as the service names them
        ((posted, order),) = sent(pbx)
        assert posted == held.id
        assert order["consultCallUri"].endswith(consultation.id)

    def test_swap_names_the_other(self, driver, pbx, pair):
        held, consultation = pair
        driver.swap(held, consultation)
        ((posted, order),) = sent(pbx)
        assert (posted, order["operationName"]) == (held.id, "SwapCalls")
        assert order["otherCallUri"].endswith(consultation.id)

    def test_swap_is_posted_to_the_call_that_offers_it(self, driver, pbx, pair):
        held, consultation = pair
        driver.swap(replace(held, extra={}), consultation)
        ((posted, order),) = sent(pbx)
        assert (posted, order["otherCallUri"][-len(held.id) :]) == (consultation.id, held.id)

    def test_a_uri_of_another_host_is_given_back_as_it_was(self, driver, pbx, pair):
        pbx.switches.uri_base = "http://127.0.0.1:8080/cloud-web/api/v2"
        held, consultation = (seen(driver, call.id) for call in pair)
        driver.join(held, consultation)
        uri = f"http://127.0.0.1:8080/cloud-web/api/v2/me/calls/{consultation.id}"
        assert sent(pbx)[-1][1]["consultCallUri"] == uri
        assert len(live(pbx)) == 1


class TestCancel:
    def operations(self, pbx):
        return [(call, order["operationName"]) for call, order in sent(pbx)]

    def test_hang_up_then_retrieve(self, driver, pbx, pair):
        held, consultation = pair
        assert driver.cancel(held, consultation).vendor_code == "0"
        assert self.operations(pbx) == [(consultation.id, "Hangup"), (held.id, "Retrieve")]

    def test_while_the_target_rings(self, driver, pbx, talking):
        driver.consult(talking, "1003", leaves=Leg.CALLEE)
        (second,) = (each.id for each in live(pbx) if each.id != talking.id)
        driver.cancel(seen(driver, talking.id), seen(driver, second))
        assert seen(driver, talking.id).state is CallState.TALKING

    def test_after_a_swap_the_caller_is_not_hung_up(self, driver, pbx, pair):
        held, consultation = pair
        driver.swap(held, consultation)
        talking, waiting = seen(driver, held.id), seen(driver, consultation.id)
        pbx.requests.clear()
        assert driver.cancel(waiting, talking).vendor_code == "0"
        assert self.operations(pbx) == [(consultation.id, "Hangup")]
        (call,) = live(pbx)
        assert {call.caller, call.callee} == {OUTSIDE, "1001"}

    def test_it_waits_until_the_hang_up_is_done(self, driver, pbx, pair):
        held, consultation = pair
        pbx.switches.effect_delay_seconds = 0.3
        driver.cancel(held, consultation)
        assert self.operations(pbx) == [(consultation.id, "Hangup"), (held.id, "Retrieve")]

    def test_it_does_not_wait_for_ever(self, driver, pbx, pair):
        """Then the one Retrieve is sent all the same, and the PBX's refusal says what stands."""
        held, consultation = pair
        pbx.switches.effect_delay_seconds = 60.0
        moments = iter(range(100))
        driver.clock, driver.pause = moments.__next__, abs
        with pytest.raises(Refused, match="was ended, the caller may still be on hold: ") as caught:
            driver.cancel(held, consultation)
        assert caught.value.vendor_code == "2"
        assert self.operations(pbx) == [(consultation.id, "Hangup"), (held.id, "Retrieve")]

    def test_a_consultation_that_is_over_already(self, driver, pbx, pair):
        held, consultation = pair
        pbx.exchange.hangup(consultation.id)
        assert driver.cancel(held, consultation).vendor_code == "0"
        assert seen(driver, held.id).state is CallState.TALKING

    def test_a_hang_up_that_is_refused(self, driver, pbx, pair):
        pbx.faults.add("code_3", command="Hangup")
        with pytest.raises(Refused) as caught:
            driver.cancel(*pair)
        assert caught.value.vendor_code == "3"
        assert [name for _, name in self.operations(pbx)] == ["Hangup"]

    @pytest.mark.parametrize(
        ("fault", "error"),
        [("code_4", Refused), ("drop_after", OutcomeUnknown), ("http_503", OutcomeUnknown)],
    )
    def test_a_retrieve_that_fails_says_what_stands(self, driver, pbx, pair, fault, error):
        pbx.faults.add(fault, command="Retrieve")
        with pytest.raises(error, match="consultation was ended, the caller may still be on hold"):
            driver.cancel(*pair)
        assert [name for _, name in self.operations(pbx)] == ["Hangup", "Retrieve"]

    def test_half_of_it_is_not_nothing(self, driver, pbx, pair):
        """A PBX that is gone before the second command: something was sent all the same."""
        command = driver.session.command

        def gone_after_one(path, order):
            if order["operationName"] == "Retrieve":
                raise Unreachable("Nobody there.")
            return command(path, order)

        driver.session.command = gone_after_one
        with pytest.raises(OutcomeUnknown, match="Nobody there") as caught:
            driver.cancel(*pair)
        assert caught.value.sent

    def test_a_caller_who_has_gone(self, driver, pbx, pair):
        pbx.exchange.hangup(pair[0].id)
        with pytest.raises(CallGone):
            driver.cancel(*pair)

    def test_a_look_that_fails_does_not_stop_it(self, driver, pbx, pair):
        pbx.faults.add("not_json", command="GET /me/calls/{id}")
        driver.cancel(*pair)
        pbx.faults.clear()
        assert seen(driver, pair[0].id).state is CallState.TALKING


class TestOpenQuestions:
    """What the vendor's pages leave open: the driver stands either answer."""

    @pytest.mark.parametrize("status", ["200", "400", "500", "mapped"])
    def test_the_status_code_decides_whatever_the_http_status(self, driver, pbx, talking, status):
        pbx.switches.error_status = status
        with pytest.raises(Refused) as caught:
            driver.retrieve(talking)
        assert (type(caught.value), caught.value.vendor_code) == (Refused, "2")

    @pytest.mark.parametrize("order", ["before", "after", "random"])
    def test_events_may_come_before_the_reply(self, driver, pbx, talking, order):
        pbx.switches.event_order = order
        assert driver.hold(talking).vendor_code == "0"

    def test_a_target_refused_at_once(self, driver, pbx, talking):
        pbx.switches.bad_target = "reply"
        with pytest.raises(Refused, match="Invalid destination '9999'") as caught:
            driver.blind(talking, "9999", leaves=Leg.CALLEE)
        assert caught.value.vendor_code == "4"

    def test_a_target_refused_later(self, driver, talking):
        assert driver.blind(talking, "9999", leaves=Leg.CALLEE).vendor_code == "0"

    def test_a_call_without_the_uri(self, driver, pbx, pair):
        held, consultation = (replace(call, extra={}) for call in pair)
        driver.join(held, consultation)
        assert sent(pbx)[-1][1]["consultCallUri"] == f"{pbx.url}/me/calls/{consultation.id}"


class TestOptionsForm:
    def form(self, **values: str) -> GenesysOptions:
        return GenesysOptions({"session": "desktop", "idle_hours": "12", **values})

    def test_defaults(self):
        driver = GenesysDriver(Config("http://gws"), Door())
        assert (driver.option("session"), driver.option("location")) == ("desktop", "")
        assert driver.notifications_url == "http://gws/api/v2/notifications"

    @pytest.mark.parametrize("text", ["", "a=b", " a = b ; c= ", "a=b=c;"])
    def test_pairs(self, text):
        assert self.form(user_data=text).is_valid()

    @pytest.mark.parametrize("text", ["a", "=b", "a=1;a=2", "a=b;c"])
    def test_no_pairs(self, text):
        form = self.form(user_data=text)
        assert not form.is_valid()
        assert form.errors["user_data"]

    def test_what_pairs_mean(self):
        assert read_pairs("a=b; c=d=e;;f=") == {"a": "b", "c": "d=e", "f": ""}

    @pytest.mark.parametrize(
        ("path", "valid"), [("", True), ("/notifications", True), ("/a/b", True), ("x", False)]
    )
    def test_the_path_of_notifications(self, path, valid):
        assert self.form(notifications=path).is_valid() is valid

    @pytest.mark.parametrize("odd", ["theirs", ""])
    def test_strange_options_are_as_good_as_none(self, build, pbx, odd):
        driver = build(session=odd, location=odd, colour="red")
        assert driver.list_calls() == []
        assert pbx.count("StartContactCenterSession") == 0


def test_the_features_are_what_the_api_documents():
    documented = "blind consult join cancel swap hold retrieve hangup dial"
    assert GenesysDriver.features == {Action(word) for word in documented.split()}
