"""What the PBX's switches make of the commands, and how two commands make one action."""

from __future__ import annotations

import json

import pytest

from tests.drivers.contract import OUTSIDE, bring, seen
from transfers.domain import Action, Call, CallState, Leg, Party
from transfers.drivers.voipnow import consulting
from transfers.drivers.voipnow.driver import VoipNowDriver
from transfers.drivers.voipnow.menu import FORWARD_OFF
from transfers.errors import (
    AuthFailed,
    BadReply,
    CallGone,
    DriverError,
    NotSupported,
    OutcomeUnknown,
    Refused,
    Unreachable,
)


@pytest.fixture
def talking(pbx, driver):
    return seen(driver, bring(pbx.exchange, CallState.TALKING))


@pytest.fixture
def ringing(pbx, driver):
    return seen(driver, bring(pbx.exchange, CallState.RINGING))


def live(pbx):
    return [call for call in pbx.exchange.calls() if call.live]


def commands(pbx):
    return [request.command for request in pbx.requests]


def consult(driver, pbx, call) -> tuple[Call, Call]:
    """1001 holds the caller and talks to 1003."""
    receipt = driver.consult(call, "1003", leaves=Leg.CALLEE)
    pbx.exchange.answer(receipt.new_call_id)  # her own phone
    pbx.exchange.answer(receipt.new_call_id)
    pair = seen(driver, call.id), seen(driver, receipt.new_call_id)
    pbx.requests.clear()
    return pair


class TestAccepted:
    @pytest.mark.parametrize("code", ["200", "202", "204"])
    @pytest.mark.parametrize("form", ["object", "array"])
    def test_every_success_is_a_success(self, driver, pbx, talking, code, form):
        pbx.switches.transfer_success = pbx.switches.action_success = code
        pbx.switches.delete_success = code
        pbx.switches.action_form = form
        words = {"200": "OK", "202": "Accepted", "204": "No Content"}
        assert driver.hold(talking).vendor_code == code
        receipt = driver.blind(seen(driver, talking.id), "1003", leaves=Leg.CALLEE)
        assert (receipt.vendor_code, receipt.vendor_text) == (code, words[code])
        assert driver.hangup(talking).vendor_code == code
        assert live(pbx) == []

    @pytest.mark.parametrize("wrong_state", ["204", "accepted"])
    def test_accepted_is_not_done(self, driver, pbx, ringing, wrong_state):
        pbx.switches.wrong_state = wrong_state
        assert driver.hold(ringing).vendor_code in ("200", "204")
        assert live(pbx)[0].state == "ringing"

    @pytest.mark.parametrize("effect", ["nothing", "vanishes"])
    def test_accepted_and_something_else_happens(self, driver, pbx, talking, effect):
        pbx.switches.accepted = effect
        assert driver.blind(talking, "1003", leaves=Leg.CALLEE).vendor_code == "202"

    def test_the_call_keeps_its_id(self, driver, pbx, talking):
        assert driver.blind(talking, "1003", leaves=Leg.CALLEE).new_call_id == ""
        now = seen(driver, talking.id)
        assert (now.state, now.caller.number, now.callee.number) == (
            CallState.RINGING,
            OUTSIDE,
            "1003",
        )

    def test_hanging_up_what_is_gone_is_fine_either_way(self, driver, pbx, talking):
        pbx.exchange.clear()
        assert driver.hangup(talking).vendor_code == "204"
        pbx.switches.unknown_call = "pc_phonecall_invalid"
        with pytest.raises(CallGone):
            driver.hangup(talking)


class TestRinging:
    def test_off_by_default(self, build, pbx, ringing):
        driver = build(forward_ringing="no")
        assert seen(driver, ringing.id).why_not[Action.FORWARD] == FORWARD_OFF
        pbx.requests.clear()
        with pytest.raises(NotSupported, match="switch it on"):
            driver.forward(ringing, "1003")
        assert pbx.requests == []

    @pytest.mark.parametrize(
        "refusal", ["pc_phonecall_invalid", "pc_action_invalid", "request_not_implemented"]
    )
    def test_the_refusal_is_shown(self, driver, pbx, ringing, refusal):
        pbx.switches.ringing_transfer = refusal
        with pytest.raises(Refused) as caught:
            driver.forward(ringing, "1003")
        assert caught.value.vendor_code == refusal
        assert commands(pbx).count("Transfer") == 1

    def test_a_call_that_was_answered_is_not_torn_away(self, driver, pbx, talking):
        pbx.requests.clear()
        with pytest.raises(NotSupported, match="does not ring any more"):
            driver.forward(talking, "1003")
        assert pbx.requests == []

    def test_click_to_dial_is_not_a_call_that_rings(self, driver, pbx):
        """1001's own phone rings first: nothing to forward, nothing to pick up."""
        call_id = pbx.exchange.originate(["1001"], "1003")
        call = seen(driver, call_id)
        assert (call.state, call.caller.number, call.callee.number) == (
            CallState.DIALING,
            "1001",
            "1003",
        )


class TestOddServers:
    def test_parties_are_named_as_the_view_has_them(self, driver, pbx, talking):
        """Short in one list and extended in the next: exact strings, never reformatted ones."""
        for form in ("short", "extended", "mixed"):
            pbx.switches.extension_form = form
            driver.hold(seen(driver, talking.id))
            driver.retrieve(seen(driver, talking.id))
            call = seen(driver, talking.id)
            assert call.callee.number == "1001"
            assert call.extra["callee"] == ("0003*1001" if form == "extended" else "1001")
        driver.blind(call, "1003", leaves=Leg.CALLEE)
        assert live(pbx)[0].callee == "1003"

    def test_numbers_without_a_plus(self, driver, pbx):
        pbx.switches.public_plus = False
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        driver.blind(call, "1003", leaves=Leg.CALLER)
        (now,) = live(pbx)
        assert {now.caller, now.callee} == {"1001", "1003"}

    def test_only_the_own_view_is_shown(self, build, pbx):
        pbx.switches.views = "own"
        driver = build(extension="0003*1002")
        call_id = pbx.exchange.ring("1001", "1002")
        pbx.exchange.answer(call_id)
        call = seen(driver, call_id)
        assert call.extra.keys() == {"caller", "callee", "callee_view", "view"}
        driver.blind(call, "1003", leaves=Leg.CALLER)
        (now,) = live(pbx)
        assert {now.caller, now.callee} == {"1002", "1003"}

    def test_a_phone_of_another_organisation(self, driver, pbx):
        pbx.switches.extension_prefix = "0004"
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        assert call.callee.number == "0004*1001"

    def test_ids_that_are_numbers(self, driver, pbx):
        pbx.switches.id_type = "number"
        bring(pbx.exchange, CallState.TALKING)
        (call,) = driver.list_calls()
        assert call.id.isdigit()
        driver.blind(call, "1003", leaves=Leg.CALLEE)
        assert live(pbx)[0].callee == "1003"

    @pytest.mark.parametrize("limit", [20, 21, 40])
    def test_pages(self, driver, pbx, limit):
        pbx.switches.page_limit = limit
        ids = {pbx.exchange.ring(f"+3630{i:07}", "1001") for i in range(45)}
        assert {call.id for call in driver.list_calls()} == ids

    @pytest.mark.parametrize("empty", ["204", "zero", "no-entry"])
    @pytest.mark.parametrize("form", ["collection", "keyed", "array"])
    def test_none(self, driver, pbx, empty, form):
        pbx.switches.empty, pbx.switches.list_form = empty, form
        assert driver.list_calls() == []


class TestConsultation:
    def test_two_commands(self, driver, pbx, talking):
        pbx.requests.clear()
        receipt = driver.consult(talking, "1003", leaves=Leg.CALLEE)
        assert commands(pbx) == ["OnHold", "CreateSimple"]
        hold, dial = (json.loads(request.body) for request in pbx.requests)
        assert hold["phoneCallViewId"] == talking.extra["callee_view"]
        assert dial["extension"] == "0003*1001"
        assert dial["phoneCallView"] == [{"source": ["0003*1001"], "destination": ["1003"]}]
        assert receipt.new_call_id == live(pbx)[1].id

    def test_the_caller_may_consult_too(self, driver, pbx):
        call_id = pbx.exchange.ring("1001", OUTSIDE)
        pbx.exchange.answer(call_id)
        driver.consult(seen(driver, call_id), "1003", leaves=Leg.CALLER)
        assert [call.caller for call in live(pbx)] == ["1001", "1001"]

    def test_the_list_knows_the_pair(self, driver, pbx, talking):
        held, beside = consult(driver, pbx, talking)
        assert beside.related == held.id
        assert held.related == ""
        together = {Action.JOIN, Action.CANCEL, Action.SWAP}
        assert together <= held.actions
        assert together <= beside.actions

    def test_while_the_target_rings_there_is_nothing_to_swap(self, driver, pbx, talking):
        receipt = driver.consult(talking, "1003", leaves=Leg.CALLEE)
        for state in (CallState.DIALING, CallState.RINGING):
            held, beside = seen(driver, talking.id), seen(driver, receipt.new_call_id)
            assert beside.state is state
            assert beside.why_not[Action.SWAP] == "Works once the consultation is answered."
            assert {Action.JOIN, Action.CANCEL} <= beside.actions & held.actions
            with pytest.raises(NotSupported):
                driver.swap(held, beside)
            pbx.exchange.answer(receipt.new_call_id)

    @pytest.mark.parametrize("swapped", [False, True])
    @pytest.mark.parametrize("turned", [False, True])
    def test_cancel_never_hangs_up_the_caller(self, driver, pbx, talking, swapped, turned):
        """Whichever of the two is on hold, and whichever is named first."""
        pair = consult(driver, pbx, talking)
        if swapped:
            driver.swap(*pair)
            pair = seen(driver, pair[0].id), seen(driver, pair[1].id)
            pbx.requests.clear()
        driver.cancel(*(reversed(pair) if turned else pair))
        (now,) = live(pbx)
        assert (now.id, now.state) == (talking.id, "talking")
        assert commands(pbx) == (["Delete"] if swapped else ["Delete", "OffHold"])

    @pytest.mark.parametrize("swapped", [False, True])
    @pytest.mark.parametrize("turned", [False, True])
    def test_join(self, driver, pbx, talking, swapped, turned):
        pair = consult(driver, pbx, talking)
        if swapped:
            driver.swap(*pair)
            pair = seen(driver, pair[0].id), seen(driver, pair[1].id)
            pbx.requests.clear()
        driver.join(*(reversed(pair) if turned else pair))
        (now,) = live(pbx)
        assert (now.id, now.caller, now.callee) == (talking.id, OUTSIDE, "1003")
        assert commands(pbx) == ["Delete", "Transfer"]
        assert json.loads(pbx.requests[-1].body) == {
            "action": "Transfer",
            "sendCallTo": "0003*1003",
            "transferFromNumber": "0003*1001",
            "transferNumber": OUTSIDE,
        }

    @pytest.mark.parametrize("said", ["empty", "pc_phonecall_invalid"])
    def test_join_when_the_consultation_has_ended_by_itself(self, driver, pbx, talking, said):
        pair = consult(driver, pbx, talking)
        pbx.exchange.hangup(pair[1].id)
        pbx.switches.unknown_call = said
        driver.join(*pair)
        (now,) = live(pbx)
        assert (now.caller, now.callee) == (OUTSIDE, "1003")

    def test_cancel_when_the_consultation_is_an_error_to_hang_up(self, driver, pbx, talking):
        pair = consult(driver, pbx, talking)
        pbx.exchange.hangup(pair[1].id)
        pbx.switches.unknown_call = "pc_phonecall_invalid"
        driver.cancel(*pair)
        assert live(pbx)[0].state == "talking"

    def test_swap_holds_before_it_retrieves(self, driver, pbx, talking):
        pair = consult(driver, pbx, talking)
        driver.swap(*pair)
        assert commands(pbx) == ["OnHold", "OffHold"]
        assert [request.path.rpartition("/")[2] for request in pbx.requests] == [
            pair[1].id,
            pair[0].id,
        ]

    def test_a_stranger_who_calls_meanwhile_is_no_consultation(self, driver, pbx, talking):
        """To complete that would hang the stranger up."""
        driver.hold(talking)
        pbx.exchange.answer(pbx.exchange.ring("+36209999999", "1001"))
        held, second = driver.list_calls()
        for call in (held, second):
            assert not call.actions & {Action.JOIN, Action.CANCEL, Action.SWAP}
        pbx.requests.clear()
        for attempt in (driver.join, driver.cancel, driver.swap):
            with pytest.raises(NotSupported, match="not a consultation"):
                attempt(held, second)
        assert pbx.requests == []

    def test_dialled_by_hand_is_a_consultation(self, driver, pbx, talking):
        driver.hold(talking)
        pbx.exchange.answer(pbx.exchange.ring("1001", "1003"))
        held, beside = driver.list_calls()
        assert beside.related == held.id
        driver.join(held, beside)
        assert [(call.caller, call.callee) for call in live(pbx)] == [(OUTSIDE, "1003")]

    def test_the_driver_says_that_the_target_rings_again(self):
        assert VoipNowDriver.rings_again


class TestHalfDone:
    """The second of two commands fails: the words say what the first has left."""

    def fails(self, do) -> DriverError:
        with pytest.raises(DriverError) as caught:
            do()
        assert caught.value.sent
        return caught.value

    def test_consult_refused(self, driver, pbx, talking):
        pbx.requests.clear()
        error = self.fails(lambda: driver.consult(talking, "9999", leaves=Leg.CALLEE))
        assert type(error) is Refused
        assert error.vendor_code == "pc_destination_invalid"
        assert error.safe_text.endswith(" The caller is still on hold.")
        assert commands(pbx) == ["OnHold", "CreateSimple"]

    def test_consult_of_the_caller_refused(self, driver, pbx):
        call_id = pbx.exchange.ring("1001", OUTSIDE)
        pbx.exchange.answer(call_id)
        call = seen(driver, call_id)
        error = self.fails(lambda: driver.consult(call, "9999", leaves=Leg.CALLER))
        assert error.safe_text.endswith(" The called party is still on hold.")

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            ("drop_before", OutcomeUnknown),
            ("drop_after", OutcomeUnknown),
            ("http_503", OutcomeUnknown),
            ("not_json", OutcomeUnknown),
            ("internal_error", OutcomeUnknown),
        ],
    )
    def test_consult_unknown(self, driver, pbx, talking, fault, kind):
        pbx.requests.clear()
        pbx.faults.add(fault, command="CreateSimple")
        error = self.fails(lambda: driver.consult(talking, "1003", leaves=Leg.CALLEE))
        assert type(error) is kind
        assert error.safe_text.endswith(" The caller is still on hold.")
        assert commands(pbx) == ["OnHold", "CreateSimple"]

    @pytest.mark.parametrize("first", [True, False])
    def test_nothing_listens_any_more(self, driver, pbx, talking, first, monkeypatch):
        """Unreachable means "nothing was sent": not so when it is the second that was not."""
        send, sent = driver.door.command, []

        def cut(*args, **parts):
            if len(sent) == (0 if first else 1):
                pbx.refuse()
            sent.append(args)
            return send(*args, **parts)

        monkeypatch.setattr(driver.door, "command", cut)
        with pytest.raises(Unreachable) as caught:
            driver.consult(talking, "1003", leaves=Leg.CALLEE)
        assert caught.value.sent is not first
        assert ("still on hold" in caught.value.safe_text) is not first

    def test_join_refused(self, driver, pbx, talking):
        pair = consult(driver, pbx, talking)
        pbx.switches.held_transfer = False
        error = self.fails(lambda: driver.join(*pair))
        assert type(error) is Refused
        words = " The consultation has ended; the caller is still on hold."
        assert error.safe_text.endswith(words)
        assert [call.state for call in live(pbx)] == ["held"]

    def test_join_unknown(self, driver, pbx, talking):
        pair = consult(driver, pbx, talking)
        pbx.faults.add("drop_after", command="Transfer")
        error = self.fails(lambda: driver.join(*pair))
        assert type(error) is OutcomeUnknown
        words = " The consultation has ended; the caller may still be on hold."
        assert error.safe_text.endswith(words)
        assert commands(pbx) == ["Delete", "Transfer"]

    def test_join_when_the_caller_has_gone(self, driver, pbx, talking):
        pair = consult(driver, pbx, talking)
        pbx.exchange.hangup(talking.id)
        error = self.fails(lambda: driver.join(*pair))
        assert type(error) is CallGone
        assert error.safe_text.endswith(" The consultation has ended, too.")

    @pytest.mark.parametrize("what", ["join", "cancel"])
    def test_nobody_knows_whether_the_consultation_has_ended(self, driver, pbx, talking, what):
        pair = consult(driver, pbx, talking)
        pbx.faults.add("drop_after", command="Delete")
        error = self.fails(lambda: getattr(driver, what)(*pair))
        assert type(error) is OutcomeUnknown
        assert error.safe_text.endswith(" Nothing else was sent: the caller is still on hold.")
        assert commands(pbx) == ["Delete"]

    def test_cancel_unknown(self, driver, pbx, talking):
        pair = consult(driver, pbx, talking)
        pbx.faults.add("drop_before", command="OffHold")
        error = self.fails(lambda: driver.cancel(*pair))
        assert type(error) is OutcomeUnknown
        assert "may still be on hold" in error.safe_text

    def test_cancel_refused(self, driver, pbx, talking):
        pair = consult(driver, pbx, talking)
        pbx.faults.add("wrong_login", command="OffHold")
        error = self.fails(lambda: driver.cancel(*pair))
        assert type(error) is AuthFailed
        assert error.safe_text.endswith(" the caller is still on hold.")

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("wrong_login", " Both calls are on hold now."),
            ("drop_after", " Both calls may be on hold now."),
        ],
    )
    def test_swap(self, driver, pbx, talking, fault, words):
        pair = consult(driver, pbx, talking)
        pbx.faults.add(fault, command="OffHold")
        assert self.fails(lambda: driver.swap(*pair)).safe_text.endswith(words)

    def test_the_first_fails_and_the_second_is_not_sent(self, driver, pbx, talking):
        pbx.requests.clear()
        pbx.exchange.hold(talking.id)
        with pytest.raises(Refused) as caught:
            driver.consult(talking, "1003", leaves=Leg.CALLEE)
        assert "still" not in caught.value.safe_text
        assert commands(pbx) == ["OnHold"]

    def test_what_is_left_keeps_the_code(self):
        error = BadReply("Not readable.", vendor_code="c", vendor_text="t")
        left = consulting.left_standing(error, "The caller is on hold.")
        assert (left.safe_text, left.vendor_code, left.vendor_text, left.sent) == (
            "Not readable. The caller is on hold.",
            "c",
            "t",
            True,
        )


class TestPairs:
    """Which of two calls is the consultation, without a network."""

    def call(self, call_id, state, caller, callee, minute=0, related="") -> Call:
        return Call.from_json(
            Call(call_id, state, "", Party(caller), Party(callee), related=related).to_json()
            | {"started_at": f"2026-01-01T10:{minute:02}:00+00:00" if minute >= 0 else None}
        )

    HELD, TALKING = CallState.HELD, CallState.TALKING

    def test_the_later_call_of_the_same_phone(self):
        first = self.call("a", self.HELD, "+36", "1001", 1)
        second = self.call("b", self.TALKING, "1001", "1003", 2)
        for pair in (consulting.pair_of(first, second), consulting.pair_of(second, first)):
            assert (pair.held, pair.consultation, pair.leg) == (first, second, Leg.CALLEE)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("a", TALKING, "+36", "1001", 1), ("b", TALKING, "1001", "1003", 2)),  # none on hold
            (("a", HELD, "+36", "1001", 1), ("b", TALKING, "+40", "1001", 2)),  # it came in
            (("a", HELD, "+36", "1001", 1), ("b", TALKING, "1002", "1003", 2)),  # others'
            (("a", HELD, "+36", "1001", 3), ("b", TALKING, "1001", "1003", 2)),  # before
            (("a", HELD, "+36", "1001", 1), ("b", TALKING, "1001", "+36", 2)),  # the same two
            (("a", HELD, "", "", 1), ("b", TALKING, "", "1003", 2)),  # nobody knows whose
            (("a", HELD, "+36", "1001", 1), ("b", TALKING, "1001", "1003", -1)),  # or when
            (("a", HELD, "+36", "1001", 1), ("b", CallState.PARKED, "1001", "1003", 2)),
            (("a", HELD, "+36", "1001", 1), ("b", TALKING, "1001", "1003", 2, "c")),  # of another
        ],
    )
    def test_no_pair(self, one, other):
        one, other = self.call(*one), self.call(*other)
        assert consulting.pair_of(one, other) is None
        assert consulting.pairs_among([one, other]) == {}

    def test_two_calls_of_the_same_second(self):
        first = self.call("a", self.HELD, "1001", "+36", 1)
        second = self.call("b", self.TALKING, "1001", "1003", 1)
        assert consulting.pair_of(second, first).held is first

    def test_our_nonce_tells_for_sure(self):
        first = self.call("a", self.TALKING, "1001", "+36", 5)
        second = self.call("b", self.HELD, "1001", "1003", 1, "a")
        assert consulting.pair_of(first, second).consultation is second

    def test_of_several_the_latest(self):
        calls = [
            self.call("a", self.HELD, "+36", "1001", 1),
            self.call("b", self.HELD, "1001", "1002", 2),
            self.call("c", self.TALKING, "1001", "1003", 3),
        ]
        pairs = consulting.pairs_among(calls)
        assert {pair.consultation.id for pair in pairs.values()} == {"c"}

    @pytest.mark.parametrize("nonce", ["", "x", "pbxadmin.consult..00000000", "a.b.c", "130c5a9"])
    def test_other_nonces(self, nonce):
        assert consulting.held_call_of(nonce) == ""

    def test_nonces(self):
        call = self.call("b8.17-d", self.HELD, "1", "2")
        one, other = consulting.nonce_for(call), consulting.nonce_for(call)
        assert one != other
        assert consulting.held_call_of(one) == consulting.held_call_of(other) == "b8.17-d"


class TestDial:
    def test_as_it_goes_over_the_wire(self, driver, pbx):
        receipt = driver.dial("1001", "1003")
        (request,) = [
            each for each in pbx.requests if each.method == "POST" and "simple" in each.path
        ]
        body = json.loads(request.body)
        assert body.pop("nonce").startswith("pbxadmin.dial.")
        assert body == {
            "extension": "1001",
            "phoneCallView": [{"source": ["1001"], "destination": ["1003"]}],
        }
        assert receipt.new_call_id == pbx.exchange.calls()[0].id

    def test_it_is_nobodys_consultation(self, driver, pbx):
        driver.dial("1001", "1003")
        assert [call.related for call in driver.list_calls()] == [""]

    def test_an_extension_that_is_not_ours_is_refused(self, driver, pbx):
        with pytest.raises(Refused):
            driver.dial("4711", "1003")
