"""What nobody answers comes back to who sent it: when she wishes, once, and never from a talk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.stage import CALLER
from transfers.board.snapshot import dump_directory, picture_of
from transfers.domain import Extension
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.models import Claim, Feed, Seat, Transfer
from transfers.services import recall
from transfers.services.preferences import Preferences, save

State = Transfer.State
FORWARDS = {"Forward", "ForwardCall"}


@pytest.fixture
def patient(ana) -> None:
    save(ana, Preferences(recall_after=20))


def forwarded(stage) -> list[str]:
    """Where the commands that reached the PBX sent calls on to."""
    return [r.params["Destination"] for r in stage.pbx.requests if r.command in FORWARDS]


def wait(stage, seconds: int) -> None:
    for _ in range(seconds):
        stage.wait()


@pytest.fixture
def ringing(stage, ana) -> Transfer:
    """Júlia was sent to 1003, where nobody is."""
    stage.exchange.behave("1003", answers_after=None, ring_seconds=300)
    return stage.blind(ana, stage.talk(name="Júlia"))


def test_it_comes_back_once_in_the_consoles_name(stage, ana, patient, ringing):
    wait(stage, 15)
    assert forwarded(stage) == []
    wait(stage, 30)
    assert forwarded(stage) == ["1001"]
    back = Transfer.objects.exclude(pk=ringing.pk).get()
    assert (back.kind, back.target, back.user) == ("forward", "1001", ana)
    assert back.user_name == "The console, for Ana Kovács"
    (call,) = stage.wait().calls
    assert (call.caller.number, call.callee.number) == (CALLER, "1001")
    ringing.refresh_from_db()
    assert (ringing.state, "came back to 1001" in ringing.observed) == (State.MISSED, True)


def test_never_unless_she_wishes(stage, ringing):
    wait(stage, 60)
    assert forwarded(stage) == []


def test_never_what_was_answered(stage, patient, ringing):
    wait(stage, 19)
    (call,) = picture_of(stage.feed).calls
    stage.exchange.answer(call.id)
    wait(stage, 30)
    assert forwarded(stage) == []
    ringing.refresh_from_db()
    assert ringing.state == State.CONFIRMED


def test_what_is_answered_between_the_look_and_the_command_is_left_by_the_pbx(
    stage, patient, ringing, monkeypatch
):
    """The worst moment: the PBX says no, the two talk on, and no second try is made."""
    send = OzekiDriver.forward

    def late(driver, call, target):
        stage.exchange.answer(call.id)
        return send(driver, call, target)

    monkeypatch.setattr(OzekiDriver, "forward", late)
    wait(stage, 60)
    assert forwarded(stage) == ["1001"]
    back = Transfer.objects.exclude(pk=ringing.pk).get()
    assert back.state in (State.REFUSED, State.FAILED)
    (call,) = stage.wait().calls
    assert (call.callee.number, call.state) == ("1003", "talking")


def test_not_where_the_pbx_would_move_an_answered_call(stage, patient, ringing, monkeypatch):
    monkeypatch.setattr(recall, "guarding", frozenset)
    wait(stage, 60)
    assert forwarded(stage) == []


def test_not_to_a_phone_that_is_in_a_call_but_as_soon_as_it_is_free(stage, patient, ringing):
    other = stage.talk("+4420794600", "1001")
    wait(stage, 40)
    assert forwarded(stage) == []
    stage.exchange.hangup(other)
    wait(stage, 3)
    assert forwarded(stage) == ["1001"]


def test_not_to_a_phone_that_is_switched_off(stage, patient, ringing):
    off = dump_directory([Extension("1001", registered=False)])
    for _ in range(60):
        Feed.objects.update(directory=off)
        stage.wait()
    assert forwarded(stage) == []


def test_not_while_somebody_else_acts_on_it(stage, patient, ringing, root):
    """Her row is there first; ours is refused and no second one is made."""
    wait(stage, 15)
    (call,) = picture_of(stage.feed).calls
    Claim.objects.create(connection=stage.connection, call_id=call.id, transfer=ringing)
    wait(stage, 30)
    assert forwarded(stage) == []
    back = Transfer.objects.exclude(pk=ringing.pk).get()
    assert (back.state, back.code) == (State.REFUSED, "taken")


def test_several_processes_send_it_once(stage, patient, ringing, monkeypatch):
    """Each has seen no row of ours yet: the key settles it. With threads: test_races.py."""
    wait(stage, 18)
    picture = picture_of(stage.feed)
    monkeypatch.setattr(recall, "_is_due", bool)
    monkeypatch.setattr(recall, "_sent_before", lambda *_: False)
    for _ in range(3):
        recall.bring_back(picture)
    assert forwarded(stage) == ["1001"]
    assert Transfer.objects.exclude(pk=ringing.pk).count() == 1


def test_what_the_pbx_has_sent_on_itself_is_left_alone(stage, patient, ringing):
    wait(stage, 18)
    picture = picture_of(stage.feed)
    (call,) = picture.calls
    moved = replace(call, callee=replace(call.callee, number="1004"))
    stage.clock.shift(30)
    recall.bring_back(replace(picture, calls=(moved,)))
    assert forwarded(stage) == []


@pytest.mark.parametrize("seat", [{"extensions": ""}, None])
def test_not_without_a_phone_of_hers(stage, ana, patient, ringing, seat):
    Seat.objects.filter(user=ana).update(**seat) if seat else Seat.objects.all().delete()
    wait(stage, 60)
    assert forwarded(stage) == []


def test_what_came_back_does_not_come_back_again(stage, patient, ringing):
    stage.exchange.behave("1001", answers_after=None, ring_seconds=300)
    wait(stage, 100)
    assert forwarded(stage) == ["1001"]
