"""Every face of every vendor on one board: everything each can do, what becomes of it, and why not.

Ana has a seat on each; at the contact centre she has a login of her own, and her calls are pushed.
She has no mouse.
"""

from __future__ import annotations

import re
import time
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

import tests.browser.offices as offices
from scripts.asterisk.lab import eventually
from simulator.calls import State
from tests.browser.hands import choose, press
from tests.browser.offices import (
    BLIND,
    SOON,
    Desk,
    confirmed,
    consultation,
    each_consulting,
    hang_up_all,
    order,
    receipt,
    row_of,
)
from tests.rows import listed
from transfers.board import poller
from transfers.domain import ON_A_CALL, Action
from transfers.models import Feed, Transfer
from transfers.services import observe
from transfers.services.rules import WITH_OTHER_CALL

board, desks, exchange = offices.board, offices.desks, offices.exchange
test_every_vendor_has_a_face = offices.test_every_vendor_has_a_face

# Remembers when each row came, by the caller's number.
WATCH_ROWS = """() => {
  window.rows = {};
  new MutationObserver(() => {
    for (const row of document.querySelectorAll(".call")) {
      const who = row.getAttribute("aria-label").match(/[+]\\d+/)?.[0];
      if (who) window.rows[who] ??= Date.now();
    }
  }).observe(document.body, { childList: true, subtree: true });
  return true;
}"""
# Of a row at one moment: how many buttons work, and why each of the others does not.
BUTTONS = """row => [
  row.querySelectorAll("[data-action]").length,
  [...row.querySelectorAll(".acts button[aria-disabled=true]")].map((button) => button.title),
]"""
# What one call can go through, an action after the other.
STORIES = (
    (Action.HOLD, Action.RETRIEVE, Action.PARK, Action.UNPARK, Action.HANGUP),
    (Action.BLIND,),
    (Action.FORWARD,),
    (Action.PICKUP,),
    (Action.VOICEMAIL,),
    (Action.JOIN,),
)
# What makes each PBX refuse that command, a fault or a number nobody has; and the code it says.
REFUSED = {
    "ozeki": ("forbidden_address", "1003", "307"),
    "voipnow": ("", "1999", "pc_sendcallto_invalid"),
    "genesys": ("code_4", "1003", "4"),
    "asterisk": ("", "1999", "Error"),
}


def set_up(desk: Desk, action: Action) -> str:
    """The calls that a story beginning so needs; who the caller is."""
    desk.exchange.behave("1001", answers_after=None if action is Action.FORWARD else 0.1)
    desk.exchange.behave("1003", answers_after=None if action is Action.PICKUP else 0.2)
    if action in (Action.FORWARD, Action.PICKUP):
        return desk.ring("1001" if action is Action.FORWARD else "1003")[1]
    call_id, caller = desk.talk()
    if action is Action.JOIN:
        desk.exchange.hold(call_id)
        desk.exchange.ring("1001", "1003")
    return caller


def without_consulting(desk: Desk) -> frozenset[Action]:
    consults = Action.CONSULT in desk.driver.features
    consulting = {Action.CONSULT, *WITH_OTHER_CALL} if consults else set()
    return desk.driver.features & ON_A_CALL - consulting


def test_every_action_of_every_vendor_is_confirmed(board, desks):
    """At all of them side by side; but for consultations, which have two tests of their own."""
    for story in STORIES:
        able = [desk for desk in desks.values() if story[0] in without_consulting(desk)]
        callers = {desk: set_up(desk, story[0]) for desk in able}
        for action in story:
            now = {d: who for d, who in callers.items() if action in without_consulting(d)}
            for who in now.values():
                order(board, who, action)
            for desk, who in now.items():
                confirmed(board, desk, who, action)
        hang_up_all(board, *able)
    for desk in desks.values():
        kinds = Transfer.objects.filter(connection=desk.connection).values_list("kind", flat=True)
        assert {Action(kind) for kind in kinds} == without_consulting(desk), desk.pbx.face_name


def test_what_a_pbx_refuses_shows_its_code(board, desks, page_errors):
    page_errors.expect("409")
    for desk in desks.values():
        fault, target, code = REFUSED[desk.connection.vendor]
        who = desk.talk()[1]
        if fault:
            desk.pbx.faults.add(fault, command=BLIND[desk.connection.vendor])
        order(board, who, Action.BLIND, target)
        expect(receipt(board, who, Action.BLIND)).to_contain_text("Refused")
        expect(receipt(board, who, Action.BLIND)).to_contain_text(f"PBX code {code}")
        expect(board.get_by_role("dialog")).to_contain_text(code)
        press(board, "Escape")


def test_what_is_cut_after_it_was_sent_is_unknown_and_then_the_truth(board, desks, monkeypatch):
    """An agent's login does not see whether a call that left her arrived: then it says so."""
    monkeypatch.setattr(observe, "LOST_AFTER", timedelta(seconds=0.5))
    callers = {desk: desk.talk()[1] for desk in desks.values()}
    for desk, who in callers.items():
        desk.pbx.switches.effect_delay_seconds = 1
        desk.pbx.faults.add("drop_after", command=BLIND[desk.connection.vendor])
        order(board, who, Action.BLIND)
        # What is carried out at once may be known before the page can show that it is not.
        expect(receipt(board, who, Action.BLIND)).to_contain_text(re.compile("Unknown|Arrived"))
    for desk, who in callers.items():
        told = receipt(board, who, Action.BLIND)
        truth = "Unknown" if desk.alone else "Arrived"
        gone = "The call is gone, and 1003 was not seen to answer it."
        seen = gone if desk.alone else "answered"
        expect(told.locator("small").last).to_contain_text(seen, timeout=SOON)
        expect(told).to_contain_text(truth)
        assert desk.blind_transfers == 1, desk.pbx.face_name
        [row] = Transfer.objects.filter(connection=desk.connection)
        assert row.events.filter(verb="transfer.unknown").exists()


def test_what_is_impossible_is_disabled_and_says_why(board, desks):
    """At each, a call that rings and one that talks: each action works or has its reason."""
    for desk in desks.values():
        for state, who in (("ringing", desk.ring()[1]), ("talking", desk.talk()[1])):
            expect(row_of(board, who)).to_have_attribute("data-state", state)
            works, reasons = row_of(board, who).evaluate(BUTTONS)
            assert all(reasons)
            one_place = {Action.HOLD, Action.RETRIEVE} <= desk.driver.features
            assert works + len(reasons) == len(desk.driver.features & ON_A_CALL) - one_place
        hang_up_all(board, desk)


def test_a_pbx_that_is_lost_and_comes_back(board, desks, monkeypatch):
    """Many at once: what was seen stays in sight, and goes on where it was. The contact centre's
    list is read once a minute here, so that would take too long."""
    monkeypatch.setattr(poller, "LONGEST_PAUSE", 1.0)
    listed("Reception", "1001")
    callers = {desk: desk.talk()[1] for desk in desks.values() if not desk.alone}
    for who in callers.values():
        expect(row_of(board, who)).to_be_visible(timeout=SOON)
    for desk in callers:
        desk.pbx.refuse()
    for desk, who in callers.items():
        badge = board.locator(f"#badge-{desk.connection.pk}")
        expect(badge).to_contain_text("unreachable since", timeout=2 * SOON)
        expect(row_of(board, who)).to_be_visible()
        place = row_of(board, who).locator(".to small")
        assert place.evaluate("e => e.scrollWidth <= e.clientWidth"), "“not live” is read whole"
        desk.pbx.listen()
    for desk, who in callers.items():
        badge = board.locator(f"#badge-{desk.connection.pk}")
        expect(badge).to_have_class(re.compile("live"), timeout=SOON)
        order(board, who, Action.BLIND)
        confirmed(board, desk, who, Action.BLIND)


def consult(board: Page, desk: Desk, who: str) -> None:
    order(board, who, Action.CONSULT)
    confirmed(board, desk, who, Action.CONSULT)
    expect(row_of(board, who)).to_contain_text("Held")
    expect(consultation(board, who)).to_contain_text("Talking")


@each_consulting
def test_a_consultation_is_swapped_and_completed(board, desks, face):
    desk = desks[face]
    who = desk.talk()[1]
    desk.exchange.behave("1001", answers_after=0.1)
    choose(board, row_of(board, who))
    press(board, "c")
    again = board.locator(".plan", has_text="that phone rings once more")
    expect(board.locator(".plan")).to_contain_text("waits on hold")
    expect(again).to_have_count(int(desk.driver.rings_again))
    press(board, "Escape")
    consult(board, desk, who)
    order(board, who, Action.SWAP)
    confirmed(board, desk, who, Action.SWAP)
    expect(row_of(board, who)).to_contain_text("Talking")
    expect(consultation(board, who)).to_contain_text("Held")
    order(board, who, Action.JOIN)
    confirmed(board, desk, who, Action.JOIN)
    left = [call for call in desk.exchange.calls() if call.live]
    assert [{call.caller, call.callee} for call in left] == [{who, "1003"}]


@each_consulting
def test_the_end_of_a_consultation_never_hangs_up_the_caller(board, desks, face):
    desk = desks[face]
    call_id, who = desk.talk()
    desk.exchange.behave("1001", answers_after=0.1)
    consult(board, desk, who)
    order(board, who, Action.CANCEL)
    confirmed(board, desk, who, Action.CANCEL)
    expect(row_of(board, who)).to_contain_text("Talking")
    expect(consultation(board, who)).to_have_count(0)
    assert desk.exchange.call(call_id).state is State.TALKING


def test_a_pushed_event_is_a_row_at_once_and_without_a_read(board, desks):
    """The list is read when the agent's feed is first watched, and then not for half a minute."""
    desk = desks["genesys"]
    feed = Feed.objects.get(connection=desk.connection, seat__isnull=False)
    listens = Feed.objects.filter(pk=feed.pk)
    assert eventually(lambda: listens.filter(listened_until__gt=timezone.now()).exists(), 30)
    board.wait_for_function(WATCH_ROWS)
    Feed.objects.filter(pk=feed.pk).update(due_at=timezone.now() + timedelta(hours=1))
    expect(row_of(board, desk.ring()[1])).to_be_visible()  # what was read at first is over
    hang_up_all(board, desk)
    reads = desk.pbx.count("GET /me/calls")
    took = []
    for _ in range(8):
        began = time.time()
        who = desk.ring()[1]
        expect(row_of(board, who)).to_be_visible()
        took.append(round(board.evaluate("who => window.rows[who]", who) - began * 1000))
        hang_up_all(board, desk)
    print(f"event on the wire → row on the screen, ms: {took}")  # with pytest -s
    assert desk.pbx.count("GET /me/calls") == reads
