"""What every driver must do, against its simulator over a real socket. No vendor's word in here.

A vendor's test subclasses `DriverContract` and gives it two fixtures:

* `pbx`: a running `SimulatorServer` that asks for USERNAME and PASSWORD, with `PHONES` added;
* `build(**changes)`: makes a driver for it. The changes are `password` and `rules`. Drivers with
  the same login share their memory, as all drivers of one account do.

What a vendor cannot show or answers in another way, it says in the attributes at the top.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from simulator.calls import WAITING
from simulator.exchange import Exchange
from simulator.faults import DAMAGES
from simulator.server import SimulatorServer
from transfers.domain import ON_A_CALL, Action, Call, CallState, Leg, Probe, Receipt
from transfers.drivers.base import Driver, Scope
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
from transfers.http import DoorRules
from transfers.sentences import Sentence

USERNAME, PASSWORD = "console", "pbx-s3cret/word +1"
PHONES = {"1001": "Reception", "1002": "Bob", "1003": "Carol"}
OUTSIDE, NAME = "+36301234567", "Kovács Anna"
RULES = DoorRules(read_seconds=5, command_seconds=5, max_bytes=300_000)
HASTY = DoorRules(read_seconds=0.25, command_seconds=0.25, max_bytes=300_000)

DENY_A_CONSULTATION = {
    "Needs a consultation: one call on hold and one with its target.",
    "Works during a consultation: one call on hold, and one from the same phone.",
}
# Spoilt answers: the HTTP is fine, the content is not; or the HTTP itself is broken off.
UNREADABLE = (
    *DAMAGES,
    "cut_xml",
    "wrong_content_type",
    "huge",
    "http_500",
    "status_401",
    "redirect",
)
BROKEN_OFF = ("drop_before", "drop_after", "truncated")
LOGIN_REFUSALS = ("wrong_login", "auth_required", "forbidden_user")


def phones() -> Exchange:
    exchange = Exchange()
    for number, name in PHONES.items():
        exchange.add(number, name)
    return exchange


def bring(exchange: Exchange, state: CallState) -> str:
    """An outside caller's call to 1001 in this state; its id."""
    if state is CallState.DIALING:
        exchange.rules.setup_seconds = 60
    call_id = exchange.ring(OUTSIDE, "1001", NAME)
    if state in (CallState.TALKING, CallState.HELD, CallState.PARKED):
        exchange.answer(call_id)
    if state is CallState.PARKED:
        exchange.park(call_id, "1001", 180)
    if state is CallState.HELD:
        exchange.hold(call_id, by_command=True)
    if state is CallState.ENDED:
        exchange.rules.linger_seconds = 60
        exchange.hangup(call_id)
    return call_id


def seen(driver: Driver, call_id: str) -> Call:
    return next(call for call in driver.list_calls() if call.id == call_id)


def assert_told_in_any_language(probe: Probe) -> None:
    for check in probe.checks:
        assert isinstance(check.name, Sentence)
        assert isinstance(check.text, Sentence)


def checks(probe: Probe) -> dict[str, tuple[bool | None, str]]:
    return {check.name: (check.ok, check.text) for check in probe.checks}


# The state in which each command makes sense, and one in which it does not.
FITS = {
    Action.BLIND: CallState.TALKING,
    Action.FORWARD: CallState.RINGING,
    Action.CONSULT: CallState.TALKING,
    Action.JOIN: CallState.HELD,
    Action.CANCEL: CallState.HELD,
    Action.SWAP: CallState.HELD,
    Action.VOICEMAIL: CallState.TALKING,
    Action.PARK: CallState.TALKING,
    Action.UNPARK: CallState.PARKED,
    Action.PICKUP: CallState.RINGING,
    Action.HOLD: CallState.TALKING,
    Action.RETRIEVE: CallState.HELD,
    Action.HANGUP: CallState.TALKING,
}
ON_TWO_CALLS = {Action.JOIN, Action.CANCEL, Action.SWAP}
DOES_NOT_FIT = {
    Action.BLIND: CallState.RINGING,
    Action.FORWARD: CallState.TALKING,
    Action.JOIN: CallState.TALKING,
    Action.HOLD: CallState.RINGING,
    Action.RETRIEVE: CallState.TALKING,
}
STATES = (
    CallState.RINGING,
    CallState.DIALING,
    CallState.TALKING,
    CallState.HELD,
    CallState.ENDED,
)


class DriverContract:
    listed = STATES  # the states of which its list can show a call
    tells_answered = True  # its list says when a call was answered
    takes: Mapping[Action, int] = {}  # commands that an action takes, where more than one
    sends: Mapping[Action, str] = {}  # the command of an action, where it looks before
    refuses: tuple[str, ...] = ()  # targets that would mean something else to this PBX
    unreadable = UNREADABLE
    login_refusals = LOGIN_REFUSALS
    rings_caller = True  # click-to-dial rings her own phone first, and the list shows it
    nothing_to_hang_up_is_fine = False  # what was wanted is so; else the PBX calls it an error

    def pytest_generate_tests(self, metafunc):
        """Every API has ways of its own to be unreadable, and to refuse a login."""
        broken = (*BROKEN_OFF, *self.unreadable)
        cases = {
            "listed_state": self.listed,
            "unreadable": self.unreadable,
            "broken": broken,
            "login_refusal": self.login_refusals,
            "fault_of_any_kind": (*broken, *self.login_refusals, "forbidden_address", "delay"),
        }
        for name in cases.keys() & set(metafunc.fixturenames):
            metafunc.parametrize(name, cases[name])

    def bring(self, exchange: Exchange, state: CallState) -> str:
        """A call of 1001's in this state."""
        return bring(exchange, state)

    def commands(self, pbx: SimulatorServer) -> list:
        """The requests that were commands."""
        return list(pbx.requests)

    @pytest.fixture
    def driver(self, build: Callable[..., Driver]) -> Driver:
        return build()

    @pytest.fixture
    def hasty(self, build: Callable[..., Driver]) -> Driver:
        return build(rules=HASTY)

    @pytest.fixture(params=list(Action))
    def action(self, request) -> Action:
        return request.param

    def prepare(self, driver: Driver, pbx: SimulatorServer, action: Action, state=None) -> Callable:
        """Calls on which `action` can be done; a function that does it."""
        if action is Action.DIAL:
            driver.list_calls()
            pbx.requests.clear()
            return lambda d: d.dial("1001", "1003")
        call, consultation = self.calls_for(driver, pbx, action, state)
        pbx.requests.clear()
        do: dict[Action, Callable[[Driver], Receipt]] = {
            Action.BLIND: lambda d: d.blind(call, "1003", leaves=Leg.CALLEE),
            Action.FORWARD: lambda d: d.forward(call, "1003"),
            Action.CONSULT: lambda d: d.consult(call, "1003", leaves=Leg.CALLEE),
            Action.JOIN: lambda d: d.join(call, consultation),
            Action.CANCEL: lambda d: d.cancel(call, consultation),
            Action.SWAP: lambda d: d.swap(call, consultation),
            Action.VOICEMAIL: lambda d: d.voicemail(call, "1003", leaves=Leg.CALLEE),
            Action.PARK: lambda d: d.park(call),
            Action.UNPARK: lambda d: d.unpark(call, "1001"),
            Action.PICKUP: lambda d: d.pickup(call, "1002"),
            Action.HOLD: lambda d: d.hold(call),
            Action.RETRIEVE: lambda d: d.retrieve(call),
            Action.HANGUP: lambda d: d.hangup(call),
        }
        return do[action]

    def calls_for(self, driver, pbx, action, state=None) -> tuple[Call, Call]:
        """A call in the state that fits the action, and the consultation beside it if needed."""
        if action in ON_TWO_CALLS and Action.CONSULT in driver.features and state is None:
            return self.consultation(driver, pbx)
        call = seen(driver, self.bring(pbx.exchange, state or FITS[action]))
        if action not in ON_TWO_CALLS:
            return call, call
        second = pbx.exchange.ring("1001", "1003")
        pbx.exchange.answer(second)
        return call, seen(driver, second)

    def consultation(self, driver, pbx) -> tuple[Call, Call]:
        """1001 holds a caller from outside and talks to 1003."""
        call = seen(driver, self.bring(pbx.exchange, CallState.TALKING))
        driver.consult(call, "1003", leaves=Leg.CALLEE)
        (second,) = (each.id for each in pbx.exchange.calls() if each.live and each.id != call.id)
        while pbx.exchange.call(second).state in WAITING:  # perhaps her own phone rings first
            pbx.exchange.answer(second)
        (other,) = (each for each in driver.list_calls() if each.id != call.id)
        return seen(driver, call.id), other

    # ----- reading

    def test_no_calls(self, driver):
        assert driver.list_calls() == []

    def test_one_call(self, driver, pbx):
        call_id = pbx.exchange.ring(OUTSIDE, "1001", NAME)
        (call,) = driver.list_calls()
        assert (call.id, call.state) == (call_id, CallState.RINGING)
        assert (call.caller.number, call.caller.name) == (OUTSIDE, NAME)
        assert call.callee.number == "1001"

    def test_many_calls(self, driver, pbx):
        ids = [pbx.exchange.ring(f"+3630{i:07}", "1001") for i in range(200)]
        calls = driver.list_calls()
        assert sorted(call.id for call in calls) == sorted(ids)
        assert {call.caller.number for call in calls} == {f"+3630{i:07}" for i in range(200)}

    def test_states(self, driver, pbx, listed_state):
        call = seen(driver, self.bring(pbx.exchange, listed_state))
        assert call.state is listed_state
        assert call.raw_state

    @pytest.mark.parametrize("state", [CallState.RINGING, CallState.TALKING, CallState.HELD])
    def test_dates(self, driver, pbx, state):
        before, a_little = datetime.now(UTC), timedelta(seconds=3)
        call = seen(driver, bring(pbx.exchange, state))
        now = datetime.now(UTC)
        assert call.started_at
        assert before - a_little < call.started_at < now + a_little
        if state is CallState.RINGING or not self.tells_answered:
            assert call.answered_at is None
        else:
            assert call.answered_at
            assert before - a_little < call.answered_at < now + a_little

    def test_every_feature_is_possible_or_has_a_reason(self, driver, pbx, listed_state):
        call = seen(driver, self.bring(pbx.exchange, listed_state))
        assert call.actions | call.why_not.keys() == driver.features & ON_A_CALL
        assert not call.actions & call.why_not.keys()
        assert all(isinstance(why, Sentence) and why for why in call.why_not.values())

    def test_what_fits_is_offered_and_what_does_not_is_not(self, driver, pbx, action):
        if action in driver.features & ON_A_CALL:
            for call in self.calls_for(driver, pbx, action):
                assert action in call.actions
        if action in driver.features & DOES_NOT_FIT.keys() - {Action.JOIN}:
            pbx.clear()
            assert action in seen(driver, bring(pbx.exchange, DOES_NOT_FIT[action])).why_not

    def test_a_call_survives_json(self, driver, pbx, listed_state):
        call = seen(driver, self.bring(pbx.exchange, listed_state))
        assert Call.from_json(call.to_json()) == call

    def test_reading_changes_nothing(self, driver, pbx):
        bring(pbx.exchange, CallState.TALKING)
        before = pbx.exchange.calls()
        driver.list_calls()
        driver.list_extensions()
        driver.probe()
        assert pbx.exchange.calls() == before

    def test_extensions(self, driver, pbx):
        pbx.exchange.behave("1002", registered=False)
        found = {each.number: each.registered for each in driver.list_extensions()}
        assert found.keys() | {"1002"} == PHONES.keys()  # a phone that is off may be left out
        assert found["1001"] in (True, None)
        assert found.get("1002") in (False, None)

    # ----- commands

    @pytest.mark.parametrize("leaves", list(Leg))
    def test_blind(self, driver, pbx, leaves):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        if driver.scope is Scope.AGENT and leaves is Leg.CALLER:  # it acts for 1001 only
            with pytest.raises(NotSupported):
                driver.blind(call, "1003", leaves=leaves)
            return
        driver.blind(call, "1003", leaves=leaves)
        (now,) = (each for each in pbx.exchange.calls() if each.live)
        assert {now.caller, now.callee} == {call.party(leaves.other).number, "1003"}

    def test_forward(self, driver, pbx):
        if Action.FORWARD not in driver.features:
            return
        self.prepare(driver, pbx, Action.FORWARD)(driver)
        (now,) = (each for each in pbx.exchange.calls() if each.live)
        assert (now.caller, now.callee) == (OUTSIDE, "1003")

    def test_consult_swap_and_cancel(self, driver, pbx):
        if Action.CONSULT not in driver.features:
            return
        held, second = self.consultation(driver, pbx)
        assert (held.state, second.state) == (CallState.HELD, CallState.TALKING)
        if Action.SWAP in driver.features:
            driver.swap(held, second)
            assert seen(driver, held.id).state is CallState.TALKING
            assert seen(driver, second.id).state is CallState.HELD
            driver.swap(seen(driver, second.id), seen(driver, held.id))
        driver.cancel(seen(driver, held.id), seen(driver, second.id))
        (now,) = (each for each in pbx.exchange.calls() if each.live)
        assert {now.caller, now.callee} == {OUTSIDE, "1001"}
        assert seen(driver, held.id).state is CallState.TALKING

    def test_join(self, driver, pbx):
        if Action.JOIN not in driver.features:
            return
        self.prepare(driver, pbx, Action.JOIN)(driver)
        (now,) = (each for each in pbx.exchange.calls() if each.live)
        assert {now.caller, now.callee} == {OUTSIDE, "1003"}

    @pytest.mark.parametrize("answered", [False, True])
    @pytest.mark.parametrize("held_from_here", [False, True])
    def test_a_consultation_made_at_the_phone_has_a_way_out(
        self, driver, pbx, held_from_here, answered
    ):
        """Back to the caller, or at least out of the call with who is asked; true reasons."""
        first, second = self.consult_by_phone(pbx.exchange, held_from_here, answered)
        held, consultation = seen(driver, first), seen(driver, second)
        if Action.CANCEL in held.actions & consultation.actions:
            driver.cancel(held, consultation)
        else:
            driver.hangup(consultation)
            assert not {*held.why_not.values()} & DENY_A_CONSULTATION
        assert Action.HANGUP in consultation.actions
        assert [call.id for call in pbx.exchange.calls() if call.live] == [first]

    def consult_by_phone(
        self, exchange: Exchange, held_from_here: bool, answered: bool
    ) -> tuple[str, str]:
        """The held call and the other one."""
        exchange.behave("1003", answers_after=None)
        first = bring(exchange, CallState.TALKING)
        exchange.hold(first, by="1001", by_command=held_from_here)
        second = exchange.ring("1001", "1003")
        exchange.tick()
        if answered:
            exchange.answer(second)
        return first, second

    def test_hold_and_retrieve(self, driver, pbx):
        call_id = bring(pbx.exchange, CallState.TALKING)
        driver.hold(seen(driver, call_id))
        assert seen(driver, call_id).state is CallState.HELD
        driver.retrieve(seen(driver, call_id))
        assert seen(driver, call_id).state is CallState.TALKING

    def test_hangup(self, driver, pbx):
        self.prepare(driver, pbx, Action.HANGUP)(driver)
        assert not [each for each in pbx.exchange.calls() if each.live]

    def test_voicemail(self, driver, pbx):
        if Action.VOICEMAIL not in driver.features:
            return
        self.prepare(driver, pbx, Action.VOICEMAIL)(driver)
        (now,) = (each for each in pbx.exchange.calls() if each.live)
        assert (now.caller, now.callee, now.at_voicemail) == (OUTSIDE, "1003", True)

    def test_park_and_unpark(self, driver, pbx):
        if Action.PARK not in driver.features:
            return
        self.prepare(driver, pbx, Action.PARK)(driver)
        (call,) = driver.list_calls()
        assert call.state is CallState.PARKED
        driver.unpark(call, "1002")
        pbx.exchange.answer(call.id)
        (call,) = driver.list_calls()
        assert (call.state, call.callee.number) == (CallState.TALKING, "1002")

    def test_pickup(self, driver, pbx):
        if Action.PICKUP not in driver.features:
            return
        self.prepare(driver, pbx, Action.PICKUP)(driver)
        (now,) = (each for each in pbx.exchange.calls() if each.live)
        assert "1002" in [leg.number for leg in now.ringing]

    def test_dial(self, driver, pbx):
        """Her own phone first; only when she has answered, the target's."""
        if Action.DIAL not in driver.features:
            return
        receipt = driver.dial("1001", "1003")
        (call,) = driver.list_calls()
        assert receipt.new_call_id in ("", call.id)
        assert (call.state, call.rings_caller) == (CallState.DIALING, self.rings_caller)
        assert (call.caller.number, call.callee.number) == ("1001", "1003")
        if self.rings_caller:
            assert [leg.number for leg in pbx.exchange.call(call.id).ringing] == ["1001"]
            pbx.exchange.answer(call.id)
        assert [leg.number for leg in pbx.exchange.call(call.id).ringing] == ["1003"]
        assert not seen(driver, call.id).rings_caller
        pbx.exchange.answer(call.id)
        call = seen(driver, call.id)
        assert (call.state, call.rings_caller) == (CallState.TALKING, False)
        assert (call.caller.number, call.callee.number) == ("1001", "1003")

    def test_dial_to_the_outside(self, driver, pbx):
        if Action.DIAL not in driver.features:
            return
        driver.dial("1001", OUTSIDE)
        (call,) = driver.list_calls()
        assert (call.caller.number, call.callee.number) == ("1001", OUTSIDE)

    def test_a_phone_that_is_not_answered_calls_nobody(self, driver, pbx):
        if Action.DIAL not in driver.features or not self.rings_caller:
            return
        pbx.exchange.behave("1001", ring_seconds=0.0)
        with suppress(Refused):
            driver.dial("1001", "1003")
        pbx.exchange.tick()
        assert not [each for each in pbx.exchange.calls() if each.live]

    @pytest.mark.parametrize("number", ["", "10\n03", "x" * 65, "1003;1004", "+"])
    def test_what_cannot_be_dialled_calls_nobody(self, driver, pbx, number):
        for extension, target in ((number, "1003"), ("1001", number)):
            with pytest.raises(NotSupported) as caught:
                driver.dial(extension, target)
            assert not caught.value.sent
        assert self.commands(pbx) == []

    def test_why_nobody_can_call_from_here(self, driver):
        reason = type(driver).why_no_dial(driver.config.options)
        assert (reason == "") is (Action.DIAL in driver.features)

    def test_a_command_is_sent_once_and_has_a_receipt(self, driver, pbx, action):
        if action not in driver.features:
            return
        receipt = self.prepare(driver, pbx, action)(driver)
        assert receipt.vendor_code
        sent = [(each.method, each.path, each.params, each.body) for each in self.commands(pbx)]
        assert len(sent) == self.takes.get(action, 1)
        assert all(sent.count(each) == 1 for each in sent)

    def test_what_the_vendor_cannot_do_is_not_sent(self, driver, pbx, action):
        if action in driver.features:
            return
        do = self.prepare(driver, pbx, action, CallState.TALKING)
        with pytest.raises(NotSupported):
            do(driver)
        assert pbx.requests == []

    @pytest.mark.parametrize("target", ["", "  ", "\n", "10\n03", "x" * 65, "1003;1004", "+"])
    def test_what_cannot_be_dialled_is_not_sent(self, driver, pbx, target):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.requests.clear()
        with pytest.raises(NotSupported) as caught:
            driver.blind(call, target, leaves=Leg.CALLEE)
        with pytest.raises(NotSupported):
            driver.forward(call, target)
        assert pbx.requests == []
        assert not caught.value.sent

    @pytest.mark.parametrize("target", ["1003", "+36 1 555-0142", "*21#", "7,42", "Carol.K"])
    def test_targets_arrive_as_typed(self, driver, pbx, target):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        if target in self.refuses:
            with pytest.raises(NotSupported):
                driver.blind(call, target, leaves=Leg.CALLEE)
            return
        with suppress(Refused):  # whether there is such a number is another question
            driver.blind(call, target, leaves=Leg.CALLEE)
        request = pbx.requests[-1]
        assert target in request.params.values() or f'"{target}"'.encode() in request.body

    # ----- refusals

    def test_wrong_state(self, driver, pbx, action):
        """The PBX refuses it; or we do, where the PBX would take it for something else."""
        if action not in driver.features & DOES_NOT_FIT.keys():
            return
        do = self.prepare(driver, pbx, action, DOES_NOT_FIT[action])
        before = pbx.exchange.calls()
        with pytest.raises((Refused, NotSupported)) as caught:
            do(driver)
        if caught.value.sent:
            self.is_a_refusal(caught.value)
            assert type(caught.value) is Refused
        assert len(pbx.requests) == int(caught.value.sent)
        assert pbx.exchange.calls() == before

    def test_call_gone(self, driver, pbx, action):
        if action not in driver.features & ON_A_CALL:
            return
        do = self.prepare(driver, pbx, action)
        pbx.clear()
        if action is Action.HANGUP and self.nothing_to_hang_up_is_fine:
            assert do(driver).vendor_code
            return
        with pytest.raises(CallGone) as caught:
            do(driver)
        self.is_a_refusal(caught.value)

    def test_wrong_login(self, build, driver, pbx):
        stranger = build(password="wrong")
        with pytest.raises(AuthFailed) as caught:
            stranger.list_calls()
        self.is_a_refusal(caught.value)
        with pytest.raises(AuthFailed):
            self.prepare(driver, pbx, Action.HANGUP)(stranger)
        assert [each for each in pbx.exchange.calls() if each.live]

    def test_what_ends_polling(self, driver, pbx, login_refusal):
        do = self.prepare(driver, pbx, Action.HANGUP)
        pbx.faults.add(login_refusal)
        with pytest.raises(AuthFailed):
            driver.list_calls()
        with pytest.raises(AuthFailed):
            do(driver)

    def is_a_refusal(self, error: DriverError) -> None:
        assert error.sent
        assert error.vendor_code
        assert error.vendor_text
        assert isinstance(error.safe_text, Sentence)
        assert error.safe_text

    # ----- no answer, or none that can be read

    def test_unreachable(self, driver, pbx):
        do = self.prepare(driver, pbx, Action.HANGUP)
        pbx.refuse()
        for attempt in (driver.list_calls, driver.list_extensions, lambda: do(driver)):
            with pytest.raises(Unreachable) as caught:
                attempt()
            assert not caught.value.sent
        assert pbx.requests == []
        pbx.listen()
        assert len(driver.list_calls()) == 1

    @pytest.mark.parametrize("fault", BROKEN_OFF)
    def test_a_read_that_is_broken_off(self, driver, pbx, fault):
        pbx.faults.add(fault)
        with pytest.raises(Unreachable):
            driver.list_calls()
        assert len(pbx.requests) == 1

    def test_a_read_that_cannot_be_read(self, driver, pbx, unreadable):
        bring(pbx.exchange, CallState.TALKING)
        pbx.faults.add(unreadable)
        for read in (driver.list_calls, driver.list_extensions):
            with pytest.raises(BadReply):
                read()
        assert len(pbx.requests) == 2

    @pytest.mark.parametrize("fault", ["delay", "drip"])
    def test_a_read_that_takes_too_long(self, hasty, pbx, fault):
        pbx.faults.add(fault, seconds=0.05 if fault == "drip" else 5)
        with pytest.raises(Unreachable, match="did not answer within"):
            hasty.list_calls()

    def test_a_command_without_a_readable_answer(self, driver, pbx, broken):
        do = self.prepare(driver, pbx, Action.HANGUP)
        pbx.faults.add(broken, command=self.sends.get(Action.HANGUP))
        with pytest.raises(OutcomeUnknown) as caught:
            do(driver)
        assert caught.value.sent
        assert len(self.commands(pbx)) == 1

    @pytest.mark.parametrize("fault", ["delay", "drip"])
    def test_a_command_that_takes_too_long(self, build, driver, pbx, fault):
        hasty = build(rules=replace(HASTY, read_seconds=5, command_seconds=1))  # it may read before
        do = self.prepare(driver, pbx, Action.HANGUP)
        seconds = 0.5 if fault == "drip" else 5  # a byte: the shortest answer has some twenty
        pbx.faults.add(fault, seconds=seconds, command=self.sends.get(Action.HANGUP))
        with pytest.raises(OutcomeUnknown, match="did not answer within"):
            do(hasty)
        until = monotonic() + 30
        while not self.commands(pbx) and monotonic() < until:  # it may not be noted yet
            pbx.stopping.wait(0.01)
        assert len(self.commands(pbx)) == 1

    @pytest.mark.parametrize(("fault", "done"), [("drop_before", False), ("drop_after", True)])
    def test_every_command_that_is_cut_is_sent_once(self, driver, pbx, action, fault, done):
        if action not in driver.features:
            return
        do = self.prepare(driver, pbx, action)
        before = pbx.exchange.calls()
        pbx.faults.add(fault, command=self.sends.get(action))
        with pytest.raises(OutcomeUnknown):
            do(driver)
        assert len(self.commands(pbx)) == 1
        assert (pbx.exchange.calls() != before) is done

    # ----- secrets

    passwords_travel_in_the_address = False

    def test_where_the_password_travels(self, driver, pbx):
        self.prepare(driver, pbx, Action.HANGUP)(driver)
        driver.list_calls()
        driver.list_extensions()
        driver.probe()
        assert pbx.requests
        for request in pbx.requests:
            in_address = PASSWORD in request.query.values()
            assert in_address is self.passwords_travel_in_the_address

    def test_no_error_tells_the_password(self, hasty, driver, pbx, fault_of_any_kind, caplog):
        caplog.set_level(logging.DEBUG)
        do = self.prepare(driver, pbx, Action.HANGUP)
        pbx.faults.add(fault_of_any_kind)
        for attempt in (hasty.list_calls, lambda: do(hasty)):
            with pytest.raises(DriverError) as caught:
                attempt()
            self.tells_nothing(caught.value)
        assert PASSWORD not in caplog.text

    def tells_nothing(self, error: BaseException) -> None:
        shown = "".join(traceback.format_exception(error)) + f"{error!r} {vars(error)!r}"
        cause: BaseException | None = error
        while cause is not None:
            shown += f"{cause!r} {cause.args!r}"
            cause = cause.__cause__ or cause.__context__
        for secret in (PASSWORD, PASSWORD.replace(" ", "+"), "s3cret"):
            assert secret not in shown

    def test_reprs_tell_nothing(self, driver):
        assert "s3cret" not in f"{driver!r} {driver.config!r} {driver.door!r}"

    # ----- test connection

    def test_probe_of_a_good_connection(self, driver, pbx):
        bring(pbx.exchange, CallState.TALKING)
        probe = driver.probe()
        assert probe.ok
        assert all(check.name and check.text for check in probe.checks)
        assert_told_in_any_language(probe)

    def test_probe_never_raises(self, hasty, pbx, fault_of_any_kind):
        pbx.faults.add(fault_of_any_kind)
        probe = hasty.probe()
        assert not probe.ok
        assert "s3cret" not in repr(probe)
        assert_told_in_any_language(probe)

    def test_probe_of_nothing(self, driver, pbx):
        pbx.refuse()
        probe = driver.probe()
        assert not probe.ok
        assert checks(probe).keys() == {"Address"}
        assert "refused the connection" in checks(probe)["Address"][1]

    def test_probe_of_a_slow_pbx(self, hasty, pbx):
        pbx.faults.add("delay", seconds=5)
        assert "did not answer within 0.25 s" in checks(hasty.probe())["Address"][1]

    # ----- several at once

    def test_drivers_do_not_disturb_each_other(self, build, pbx):
        bring(pbx.exchange, CallState.TALKING)
        counts: list[int] = []
        threads = [
            threading.Thread(target=lambda: counts.append(len(build().list_calls())))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert counts == [1] * 8
