"""What is sent for each action: which leg, where to, and what is looked up before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.asterisk import lists
from simulator.calls import State
from tests.drivers.asterisk.test_contract import COMMANDS
from tests.drivers.contract import OUTSIDE, bring, seen
from transfers.domain import Action, CallState, Leg, Party
from transfers.drivers.asterisk.forms import AsteriskOptions
from transfers.errors import CallGone, NotSupported, Refused

BACK = "1001"  # whose call it is: 1001 talks to a caller from outside


def sent(pbx) -> list[dict[str, str]]:
    return [dict(each.form) for each in pbx.requests if each.command in COMMANDS]


def written(pbx) -> list[dict[str, str]]:
    """All that changes something, what prepares a command too."""
    return [dict(each.form) for each in pbx.requests if each.command in (*COMMANDS, "Setvar")]


@pytest.fixture
def talking(driver, pbx):
    return seen(driver, bring(pbx.exchange, CallState.TALKING))


@pytest.fixture
def consulting(driver, pbx, talking):
    """1001 holds a caller from outside and talks to 1003: the two calls."""
    driver.consult(talking, "1003", leaves=Leg.CALLEE)
    (second,) = (each.id for each in pbx.exchange.calls() if each.live and each.id != talking.id)
    pbx.exchange.answer(second)
    return driver.list_calls()


# Blind: the leg of the party who leaves.


@pytest.mark.parametrize("leaves", list(Leg))
def test_the_leg_of_who_leaves_is_named_by_its_id(driver, pbx, talking, leaves):
    driver.blind(talking, "1003", leaves=leaves)
    (order,) = sent(pbx)
    assert order == {
        "action": "BlindTransfer",
        "Channel": talking.extra[leaves.value],
        "Context": "from-internal",
        "Exten": "1003",
    }


@pytest.mark.parametrize("target", ["9999", "Carol.K"])
def test_a_number_nobody_has_is_refused_before_it_drops_the_caller(driver, pbx, talking, target):
    with pytest.raises(Refused, match=f"has no number {target}") as caught:
        driver.blind(talking, target, leaves=Leg.CALLEE)
    assert "Did not find extension" in caught.value.vendor_text
    assert sent(pbx) == []
    assert pbx.exchange.call(talking.id).state is State.TALKING


@pytest.mark.parametrize("target", ["1003,1", "7,42", "_X.", "-1003"])
def test_what_a_pattern_would_hand_to_dial_as_more_than_a_number_is_not_sent(
    driver, pbx, talking, monkeypatch, target
):
    monkeypatch.setattr(pbx.face.lists, "_application", lambda *_: "Dial")
    with pytest.raises(NotSupported, match="is no number that this PBX can dial"):
        driver.blind(talking, target, leaves=Leg.CALLEE)
    assert sent(pbx) == []


def test_what_a_caller_displays_is_not_dialled_as_more_than_a_number(
    driver, pbx, talking, monkeypatch
):
    monkeypatch.setattr(pbx.face.lists, "_application", lambda *_: "Dial")
    extra = {**talking.extra, "kind": "waits", "waits": talking.extra["callee"], "side": "callee"}
    left = replace(talking, caller=Party("1003&PJSIP/1004"), extra=extra)
    with pytest.raises(NotSupported):
        driver.retrieve(left)
    assert sent(pbx) == []


def test_a_phone_that_is_off_is_refused_unless_the_dial_plan_has_an_answer(
    build, driver, pbx, talking
):
    pbx.exchange.behave("1003", registered=False)
    with pytest.raises(Refused, match="The phone of 1003 is off"):
        driver.blind(talking, "1003", leaves=Leg.CALLEE)
    assert sent(pbx) == []
    build(unregistered="send").blind(talking, "1003", leaves=Leg.CALLEE)
    assert len(sent(pbx)) == 1


def test_a_phone_that_is_off_is_so_beside_the_other_device_of_its_hint(driver, pbx, talking):
    """FreePBX's hints: their state is "idle" then. Measured on 16 and 22."""
    pbx.switches.dnd_hints = True
    driver.look_up("from-internal", "1003")
    pbx.exchange.behave("1003", registered=False)
    with pytest.raises(Refused, match="The phone of 1003 is off"):
        driver.blind(talking, "1003", leaves=Leg.CALLEE)
    assert sent(pbx) == []
    found = {each.number: each.registered for each in driver.list_extensions()}
    assert found == {"1001": True, "1002": True, "1003": False}


def test_who_wants_no_calls_now_is_told(driver, pbx):
    pbx.switches.dnd_hints = True
    pbx.exchange.behave("1003", do_not_disturb=True)
    found = {each.number: (each.registered, each.quiet) for each in driver.list_extensions()}
    assert found == {"1001": (True, False), "1002": (True, False), "1003": (True, True)}


def test_a_pbx_that_does_not_tell_of_devices_is_taken_by_its_hints(
    driver, pbx, talking, monkeypatch
):
    pbx.switches.dnd_hints = True
    pbx.exchange.behave("1003", registered=False)
    refused = lambda _: ({"response": "Error", "message": "Invalid/unknown command"}, [])  # noqa: E731
    monkeypatch.setattr(pbx.face.lists, "device_state_list", refused)
    assert all(each.registered for each in driver.list_extensions())
    monkeypatch.setattr(pbx.face.lists, "getvar", refused)
    driver.blind(talking, "1003", leaves=Leg.CALLEE)


def test_without_the_right_to_look_nothing_is_sent(driver, pbx, talking):
    pbx.switches.rights = "call"
    with pytest.raises(Refused, match="Give the manager login the right “reporting”"):
        driver.blind(talking, "1003", leaves=Leg.CALLEE)
    assert sent(pbx) == []


def test_a_context_that_is_not_there_is_said(build, pbx, talking):
    with pytest.raises(Refused, match="has no context “elsewhere”"):
        build(context="elsewhere").blind(talking, "1003", leaves=Leg.CALLEE)
    assert sent(pbx) == []


def test_what_freepbx_says_to_wrong_numbers_is_no_place(driver, pbx, talking, monkeypatch):
    lists = pbx.face.lists
    answer = lists.show_dial_plan({"context": "from-internal", "extension": "1003"})
    for entry in answer[1][:-1]:
        entry["context"] = "bad-number"
    monkeypatch.setattr(lists, "show_dial_plan", lambda _: answer)
    with pytest.raises(Refused, match="has no number 1003"):
        driver.blind(talking, "1003", leaves=Leg.CALLEE)


# Forward: the caller's leg. The callee's would hang the caller up.


def test_the_callers_leg_is_redirected(driver, pbx):
    call = seen(driver, bring(pbx.exchange, CallState.RINGING))
    driver.forward(call, "1003")
    (order,) = sent(pbx)
    assert (order["action"], order["Channel"]) == ("Redirect", call.id)
    assert (order["Exten"], order["Priority"]) == ("1003", "1")


def test_the_wrong_leg_loses_the_caller(driver, pbx):
    """Why it matters."""
    call = seen(driver, bring(pbx.exchange, CallState.RINGING))
    driver.redirect(call.extra["callee"], "from-internal", "1003")
    assert not [each for each in pbx.exchange.calls() if each.live]


# Consultations: two legs at once.


def test_the_caller_waits_at_the_number_of_who_comes_back(driver, pbx, talking):
    driver.consult(talking, "1003", leaves=Leg.CALLEE)
    (order,) = sent(pbx)
    assert order["Channel"] == talking.extra["caller"]
    assert (order["Context"], order["Exten"]) == ("pbxadmin-hold", BACK)
    assert order["ExtraChannel"] == talking.extra["callee"]
    assert (order["ExtraContext"], order["ExtraExten"]) == ("from-internal", "1003")


@pytest.mark.parametrize("option", ["", "elsewhere"])
def test_without_the_context_for_holding_nobody_is_sent_there(build, pbx, talking, option):
    with pytest.raises((NotSupported, Refused), match="context"):
        build(hold_context=option).consult(talking, "1003", leaves=Leg.CALLEE)
    with pytest.raises((NotSupported, Refused), match="context"):
        build(hold_context=option).hold(talking)
    assert sent(pbx) == []


def test_a_target_nobody_has_does_not_put_the_caller_on_hold(driver, pbx, talking):
    with pytest.raises(Refused):
        driver.consult(talking, "9999", leaves=Leg.CALLEE)
    assert sent(pbx) == []


def test_joining_tells_the_dial_plan_first_not_to_bring_the_caller_back(driver, pbx, consulting):
    pbx.requests.clear()
    driver.join(*consulting)
    told, bridged = written(pbx)
    assert (told["action"], told["Variable"], told["Value"]) == ("Setvar", "BRING_BACK", "no")
    assert bridged["action"] == "Bridge"
    assert told["Channel"] == bridged["Channel1"] == consulting[0].extra["waits"]
    assert bridged["Channel2"] == consulting[1].extra["callee"]


def test_a_target_that_still_rings_is_not_joined_for_that_loses_the_call(driver, pbx, talking):
    driver.consult(talking, "1003", leaves=Leg.CALLEE)
    pbx.requests.clear()
    with pytest.raises(NotSupported):
        driver.join(*driver.list_calls())
    assert sent(pbx) == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_swapped_consultation_can_be_ended(driver, pbx, consulting, turned):
    """The one whom it is about is named first, or the one who waits."""
    driver.swap(*consulting)
    pair = sorted(driver.list_calls(), key=lambda call: call.id, reverse=turned)
    driver.cancel(*pair)
    (left,) = (each for each in pbx.exchange.calls() if each.live)
    assert ({left.caller, left.callee}, left.state) == ({OUTSIDE, "1001"}, State.TALKING)


def test_whoever_is_left_alone_is_marked_and_rung_back(driver, pbx, talking):
    driver.consult(talking, "1003", leaves=Leg.CALLEE)
    (second,) = (each.id for each in pbx.exchange.calls() if each.live and each.id != talking.id)
    pbx.exchange.hangup(second)
    (alone,) = driver.list_calls()
    assert (alone.state, alone.left_alone, alone.callee.number) == (
        CallState.HELD,
        Leg.CALLER,
        BACK,
    )
    driver.retrieve(alone)
    assert sent(pbx)[-1]["Exten"] == BACK
    assert driver.list_calls()[0].state is CallState.RINGING


def test_both_parties_of_a_held_call_wait_and_the_holder_has_no_way_back(driver, pbx, talking):
    driver.hold(talking, by=Leg.CALLEE)
    (order,) = sent(pbx)
    assert (order["Channel"], order["Exten"]) == (talking.extra["caller"], BACK)
    assert (order["ExtraChannel"], order["ExtraExten"]) == (talking.extra["callee"], "s")


# A phone that dials a second call holds its first line itself: nobody would hear anybody.


def test_a_call_whose_phone_holds_it_too_is_resumed_there_first(driver, pbx, talking):
    driver.hold(talking, by=Leg.CALLEE)
    pbx.exchange.hangup(pbx.exchange.ring(BACK, "1003"))
    (held,) = driver.list_calls()
    pbx.requests.clear()
    with pytest.raises(Refused, match=f"The phone of {BACK} has this line on hold") as caught:
        driver.retrieve(held)
    assert caught.value.safe_text.endswith("Nothing was sent.")
    assert sent(pbx) == []
    pbx.face.channels.take_up(BACK)
    driver.retrieve(held)
    assert driver.list_calls()[0].state is CallState.TALKING


def test_a_consultation_whose_phone_holds_the_line_goes_nowhere(
    driver, pbx, consulting, monkeypatch
):
    values = {"CHANNEL(rtp,hold,audio)": "1"}
    getvar = lambda asked: ({"response": "Success", "value": values[asked["variable"]]}, [])  # noqa: E731
    monkeypatch.setattr(pbx.face.lists, "getvar", getvar)
    pbx.requests.clear()
    for command in (driver.cancel, driver.swap):
        with pytest.raises(Refused, match=f"The phone of {BACK} has this line on hold"):
            command(*consulting)
    assert sent(pbx) == []


# Held from here, and a second call dialled at the phone that held it.


@pytest.fixture
def held_here(driver, pbx, talking):
    """1001 holds a caller from outside from the console, and dials 1003 at the phone."""
    driver.hold(talking, by=Leg.CALLEE)
    pbx.exchange.answer(pbx.exchange.ring(BACK, "1003"))
    pair = driver.list_calls()
    pbx.requests.clear()
    return pair


def alive(pbx) -> list[set[str]]:
    return [{call.caller, call.callee} for call in pbx.exchange.calls() if call.live]


def test_her_own_line_is_let_go_before_the_far_parties_are_connected(driver, pbx, held_here):
    held, second = held_here
    assert Action.JOIN in held.actions & second.actions
    driver.join(held, second)
    let_go, told, bridged = written(pbx)
    assert (let_go["action"], let_go["Channel"]) == ("Hangup", held.extra["callee"])
    assert (told["Channel"], told["Value"]) == (held.extra["caller"], "no")
    pair = bridged["Channel1"], bridged["Channel2"]
    assert pair == (held.extra["caller"], second.extra["callee"])
    assert alive(pbx) == [{OUTSIDE, "1003"}]


def test_where_the_line_cannot_be_let_go_nothing_else_is_sent(driver, pbx, held_here, monkeypatch):
    monkeypatch.setattr(pbx.face.actions, "hangup", lambda _: lists.error("Not today"))
    with pytest.raises(Refused, match="Not today"):
        driver.join(*held_here)
    assert [each["action"] for each in sent(pbx)] == ["Hangup"]
    assert alive(pbx) == [{OUTSIDE, BACK}, {BACK, "1003"}]


def test_where_they_are_not_connected_it_is_said_who_waits_and_it_can_be_tried_again(
    driver, pbx, held_here, monkeypatch
):
    bridge = pbx.face.actions.bridge
    monkeypatch.setattr(pbx.face.actions, "bridge", lambda _: lists.error("Not today"))
    with pytest.raises(Refused, match="The other party is on hold") as caught:
        driver.join(*held_here)
    assert caught.value.sent
    monkeypatch.setattr(pbx.face.actions, "bridge", bridge)
    held, second = driver.list_calls()
    assert held.left_alone is Leg.CALLER
    assert Action.JOIN in held.actions & second.actions
    driver.join(held, second)
    assert alive(pbx) == [{OUTSIDE, "1003"}]


def test_who_has_hung_up_her_first_line_may_complete_all_the_same(driver, pbx, held_here):
    pbx.face.actions.hangup({"channel": held_here[0].extra["callee"]})
    driver.join(*held_here)
    assert alive(pbx) == [{OUTSIDE, "1003"}]


def test_a_target_whose_phone_holds_the_line_would_hear_nothing(driver, pbx, held_here):
    held, second = held_here
    with pbx.exchange.lock:
        pbx.face.channels.find(second.extra["callee"]).channel.at_phone = True
    with pytest.raises(Refused, match="The phone of 1003 has this line on hold"):
        driver.join(held, second)
    assert sent(pbx) == []


@pytest.mark.parametrize("leaves", list(Leg))
def test_the_phone_of_who_waits_is_named(driver, pbx, leaves):
    """A colleague, who has called somebody else because nobody came back."""
    pbx.exchange.answer(pbx.exchange.ring("1001", "1002"))
    (call,) = driver.list_calls()
    waits = call.party(leaves.other).number
    driver.consult(call, "1003", leaves=leaves)
    pbx.exchange.answer(next(each.id for each in pbx.exchange.calls() if each.id != call.id))
    pbx.exchange.ring(waits, OUTSIDE)
    found = {call.extra["kind"]: call for call in driver.list_calls()}
    held, second = found["waits"], found["talks"]
    for command in (driver.cancel, driver.swap):
        with pytest.raises(Refused, match=f"The phone of {waits} has this line on hold"):
            command(held, second)


def test_what_is_held_beyond_a_trunk_does_not_hinder(driver, pbx, talking):
    """There is no phone here at which anybody could take it up."""
    driver.hold(talking, by=Leg.CALLEE)
    pbx.exchange.hangup(pbx.exchange.ring(OUTSIDE, "1003"))
    (held,) = driver.list_calls()
    driver.retrieve(held)
    assert driver.list_calls()[0].state is CallState.TALKING


def test_a_pbx_that_does_not_tell_what_phones_hold_resumes(driver, pbx, talking, monkeypatch):
    driver.hold(talking, by=Leg.CALLEE)
    pbx.exchange.hangup(pbx.exchange.ring(BACK, "1003"))
    refused = lambda _: ({"response": "Error", "message": "Permission denied"}, [])  # noqa: E731
    monkeypatch.setattr(pbx.face.lists, "getvar", refused)
    (held,) = driver.list_calls()
    driver.retrieve(held)
    assert driver.list_calls()[0].state is CallState.TALKING


@pytest.mark.parametrize(
    ("by", "phone"), [(None, "1001"), (Leg.CALLEE, "1001"), (Leg.CALLER, "trunk")]
)
def test_the_other_party_is_parked_and_comes_back_to_who_did_it(driver, pbx, talking, by, phone):
    driver.park(talking, by=by)
    own = by or Leg.CALLEE
    (order,) = sent(pbx)
    assert order["Channel"] == talking.extra[own.other.value]
    assert order["TimeoutChannel"] == f"PJSIP/{phone}-0"


def test_a_pbx_without_mailboxes_says_so(build, pbx, talking):
    with pytest.raises(NotSupported, match="where this PBX has its mailboxes"):
        build(voicemail="").voicemail(talking, "1003", leaves=Leg.CALLEE)
    assert sent(pbx) == []


# What goes out is what was meant, or nothing.


@pytest.mark.parametrize("uid", ["", "/.*/"])
def test_a_channel_that_cannot_be_named_is_not_named(driver, pbx, talking, uid):
    """With slashes it would be a pattern, and hang up everybody."""
    broken = replace(talking, extra={**talking.extra, "caller": uid})
    with pytest.raises(NotSupported):
        driver.hangup(broken)
    assert sent(pbx) == []


def test_a_call_that_ended_while_it_was_looked_at_is_gone(driver, pbx, talking):
    pbx.clear()
    with pytest.raises(CallGone, match="no longer knows this call"):
        driver.park(talking)


# The options of the connection page.


@pytest.mark.parametrize("context", ["a b", "internal,1", "internal&x", "internal/1", "é!", ""])
def test_a_context_is_one_word(context):
    form = AsteriskOptions({"context": context, "hold_context": context, "unregistered": "refuse"})
    assert "context" in form.errors
    assert ("hold_context" in form.errors) is bool(context)


def test_usual_contexts_are_accepted():
    names = {"context": "from-internal", "hold_context": "pbxadmin-hold"}
    assert AsteriskOptions({**names, "unregistered": "send", "login": "digest"}).is_valid()
