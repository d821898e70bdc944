"""A call that its PBX does not end can wait aside, on one person's screen, while it hangs."""

from __future__ import annotations

import pytest

from tests.stage import CALLER
from transfers.desk import SetAside
from transfers.domain import Action
from transfers.models import Seat, Transfer
from transfers.services import ghosts
from transfers.services.rules import NotNow
from transfers.services.switchboard import Switchboard, switchboard
from transfers.trail import AuditEvent


@pytest.fixture
def haunted(stage, ana) -> str:
    """A held call whose hang-up the PBX accepted and did not carry out."""
    call: str = stage.talk(name="Kovács Júlia")
    stage.exchange.hold(call)
    stage.pbx.switches.effect_delay_seconds = 10_000
    row = stage.wait_for(stage.order(ana, Action.HANGUP, call))
    assert row.state == Transfer.State.FAILED
    return call


def places(board: Switchboard) -> dict[str, list[str]]:
    return {s.slug: [row.call.id for row in s.rows] for s in board.sections if s.rows}


def words(board: Switchboard) -> list[str]:
    rows = [row for section in board.sections for row in section.rows]
    return [row.ghost.words for row in rows if row.ghost]


def set_aside(stage, user, call: str) -> None:
    ghosts.set_aside(user, stage.connection, call)


def events(verb: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(verb=verb))


def test_it_says_that_the_pbx_was_told_and_waits_aside_when_she_wants(stage, ana, haunted):
    assert places(switchboard(ana)) == {"mine": [haunted]}
    assert words(switchboard(ana)) == (
        ["Ana Kovács told the PBX at 10:00:02 to end this call; it is listed as before."]
    )
    token = switchboard(ana).token
    set_aside(stage, ana, haunted)
    board = switchboard(ana)
    assert places(board) == {"aside": [haunted]}
    assert words(board)[0].startswith("You set it aside at 10:00:")
    assert board.token != token
    (event,) = events("call.set_aside")
    assert (event.actor, "Kovács Júlia" in event.object_text) == (ana, True)


def test_on_nobody_elses_screen(stage, ana, root, haunted):
    set_aside(stage, ana, haunted)
    assert places(switchboard(root)) == {"all": [haunted]}


def test_twice_is_once_and_it_is_shown_again(stage, ana, haunted):
    for _ in range(2):
        set_aside(stage, ana, haunted)
    for _ in range(2):
        ghosts.show_again(ana, stage.connection, haunted)
    assert places(switchboard(ana)) == {"mine": [haunted]}
    assert [len(events(f"call.{verb}")) for verb in ("set_aside", "shown_again")] == [1, 1]


def test_it_stays_aside_while_nothing_happens(stage, ana, haunted):
    set_aside(stage, ana, haunted)
    for _ in range(30):
        stage.wait(60)
    assert places(switchboard(ana)) == {"aside": [haunted]}


def test_it_is_back_as_soon_as_anything_about_it_changes(stage, ana, haunted):
    set_aside(stage, ana, haunted)
    stage.exchange.retrieve(haunted)
    stage.wait()
    assert places(switchboard(ana)) == {"mine": [haunted]}
    stage.exchange.hold(haunted)  # as it was: that is no reason to hide it again
    stage.wait()
    assert places(switchboard(ana)) == {"mine": [haunted]}
    (event,) = events("call.shown_again")
    assert (event.actor, event.data["set_aside_by"]) == (None, "Ana Kovács")


def test_also_before_anybody_has_tidied_up(stage, ana, haunted):
    set_aside(stage, ana, haunted)
    SetAside.objects.update(mark="of another moment")
    assert places(switchboard(ana)) == {"mine": [haunted]}
    set_aside(stage, ana, haunted)
    assert places(switchboard(ana)) == {"aside": [haunted]}


def test_when_it_is_gone_nothing_is_left(stage, ana, haunted):
    set_aside(stage, ana, haunted)
    stage.exchange.hangup(haunted)
    stage.wait()
    assert not SetAside.objects.exists()
    assert not switchboard(ana).sections[-1].rows


def test_a_picture_that_could_not_be_renewed_changes_nothing(stage, ana, haunted):
    set_aside(stage, ana, haunted)
    stage.pbx.faults.add("drop_before")
    stage.wait()
    assert places(switchboard(ana)) == {"aside": [haunted]}


# What cannot be set aside.


def why_not(stage, user, call: str) -> str:
    with pytest.raises(NotNow) as caught:
        set_aside(stage, user, call)
    assert not SetAside.objects.exists()
    return caught.value.code


def test_a_call_that_nobody_tried_to_end(stage, ana):
    call = stage.talk()
    stage.wait()
    assert why_not(stage, ana, call) == "not_possible"


def test_a_hang_up_that_may_still_work(stage, ana):
    call = stage.talk()
    stage.pbx.switches.effect_delay_seconds = 10_000
    stage.order(ana, Action.HANGUP, call)
    stage.wait()
    assert why_not(stage, ana, call) == "not_possible"


@pytest.mark.parametrize(
    ("values", "offered"),
    [
        ({"code": "call_gone", "vendor_code": "601"}, True),
        ({"code": "refused", "vendor_code": "307"}, False),
        ({"code": "call_gone", "replied_at": None}, False),
    ],
    ids=["the PBX does not know what it lists", "not allowed", "refused by us"],
)
def test_of_refusals_only_one_tells_of_a_ghost(stage, ana, haunted, values, offered):
    Transfer.objects.move(Transfer.objects.get().pk, ("failed",), state="refused", **values)
    assert bool(words(switchboard(ana))) is offered


def test_a_call_that_has_changed_since_the_hang_up(stage, ana):
    ringing = stage.exchange.ring(CALLER, "1001")
    stage.wait()
    stage.pbx.switches.effect_delay_seconds = 10_000
    stage.wait_for(stage.order(ana, Action.HANGUP, ringing))
    assert len(words(switchboard(ana))) == 1
    stage.exchange.answer(ringing)
    stage.wait()
    assert why_not(stage, ana, ringing) == "not_possible", "somebody answered it: it lives"


def test_a_call_that_is_not_there_or_not_hers_to_see(stage, ana, haunted):
    assert why_not(stage, ana, "no such call") == "call_gone"
    Seat.objects.filter(user=ana).update(extensions="1004", sees="own")
    assert why_not(stage, ana, haunted) == "call_gone"


def test_who_only_looks_on_sets_nothing_aside(stage, ben, haunted):
    assert words(switchboard(ben)) == []
    assert why_not(stage, ben, haunted) == "not_allowed"
