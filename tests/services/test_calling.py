"""Click-to-dial through the service, on every PBX that has it: written down, sent once, judged."""

from __future__ import annotations

from uuid import uuid4

import pytest
import time_machine

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.conftest import PBX_PASSWORD
from tests.stage import CALLER, Stage
from transfers.board.accounts import feeds_for
from transfers.board.poller import read
from transfers.board.signals import ticked
from transfers.domain import Action
from transfers.drivers.registry import VENDORS, agent_scoped, driver_class
from transfers.models import AuditEvent, Claim, Feed, PbxConnection, Seat, Transfer
from transfers.services import calling, people
from transfers.services.log_csv import COLUMNS
from transfers.services.rules import Order
from transfers.services.transfers import start
from transfers.services.verdicts import verdict_of

State = Transfer.State
DIALLING = [vendor for vendor in VENDORS if Action.DIAL in driver_class(vendor).features]
COMMANDS = {"Originate", "CreateSimple", "Dial"}
OPTIONS = {"voipnow": {"organisation": "0003"}}  # as “Test connection” learns it


class Desk(Stage):
    """Ana's seat on one PBX; the feed is hers where agents have their own."""

    def __init__(self, *args, ana) -> None:
        super().__init__(*args)
        self.ana = ana

    @property
    def feed(self) -> Feed:
        return feeds_for(self.ana).get(connection=self.connection)

    def dial(self, target="1003", **more) -> Transfer:
        self.clock.shift(2)
        return start(self.ana, self.connection, Order(Action.DIAL, "", target, **more))

    @property
    def sent(self) -> list[str]:
        return [each.command for each in self.pbx.requests if each.command in COMMANDS]

    @property
    def rings_her(self) -> bool:
        """Her own phone rings first; else it dials at once."""
        return self.connection.vendor not in agent_scoped()

    def she_answers(self) -> None:
        if self.rings_her:
            (call,) = (each for each in self.exchange.calls() if each.live)
            self.exchange.answer(call.id, "1001")


@pytest.fixture(params=DIALLING)
def desk(request, ana):
    exchange = Exchange()
    for number in ("1001", "1002", "1003", "1004"):
        exchange.add(number, answers_after=None)
    vendor = request.param
    with SimulatorServer(exchange, vendor, username="console", password=PBX_PASSWORD) as pbx:
        made = PbxConnection(
            name="Branch",
            vendor=vendor,
            url=pbx.url,
            username="console",
            options=OPTIONS.get(vendor, {}),
        )
        made.secrets = {"password": PBX_PASSWORD}
        made.save()
        Feed.objects.create(connection=made)
        seat = Seat(user=ana, connection=made, extensions="1001", username="console")
        seat.secrets = {"password": PBX_PASSWORD}
        seat.save()
        if vendor in agent_scoped():
            people.own_feed(seat)
        with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as clock:
            yield Desk(pbx, made, clock, ana=ana)


def now(row: Transfer) -> Transfer:
    row.refresh_from_db()
    return row


# It is done when they talk.


def test_her_phone_rings_she_answers_the_target_rings_and_they_talk(desk):
    row = desk.dial()
    assert (row.state, row.caller_number, row.target) == (State.ACCEPTED, "1001", "1003")
    assert len(desk.sent) == 1
    desk.wait()
    if desk.rings_her:
        assert now(row).observed == "1001 is ringing: answer it to call 1003."
        assert Claim.objects.count() == 1
    desk.she_answers()
    desk.exchange.behave("1003", answers_after=4)
    desk.wait()
    assert now(row).observed in ("1003 is ringing.", "1003 is being called.")
    assert not Claim.objects.exists()  # her phone may call somebody else
    desk.wait_for(row)
    assert row.state == State.CONFIRMED
    assert "answered 10:00:" in row.observed
    assert verdict_of(row).word == "Connected"
    assert row.seen["call"] == row.of_call == desk.exchange.calls()[0].id


def test_a_number_of_the_world_outside(desk):
    row = desk.dial(CALLER)
    desk.wait()
    desk.she_answers()
    desk.wait_for(row)
    assert (row.state, row.target) == (State.CONFIRMED, CALLER)


def test_the_number_is_sent_without_what_people_put_between(desk):
    assert desk.dial(" 10 03 ").target == "1003"


# It is not done, and why.


def test_her_phone_is_not_answered(desk):
    if not desk.rings_her:
        return
    desk.exchange.behave("1001", ring_seconds=6)
    row = desk.wait_for(desk.dial())
    assert row.state == State.MISSED
    assert verdict_of(row).word == "Not connected"
    assert "and was not answered; 1003 was not called." in row.observed
    assert not Claim.objects.exists()


def test_the_target_does_not_answer(desk):
    row = desk.dial()
    desk.exchange.behave("1003", ring_seconds=8)
    desk.wait()
    desk.she_answers()
    desk.wait_for(row)
    assert row.state == State.MISSED
    assert row.observed.startswith(("1003 rang ", "1003 was called and not reached"))


def test_the_target_is_busy(desk):
    desk.exchange.behave("1003", busy=True)
    row = desk.dial()
    desk.wait()
    if desk.rings_her:
        desk.she_answers()
    desk.wait_for(row)
    assert row.state in (State.MISSED, State.UNKNOWN, State.REFUSED)
    assert not desk.exchange.calls() or not any(c.live for c in desk.exchange.calls())


def test_she_hangs_up_while_it_rings(desk):
    row = desk.dial()
    desk.wait()
    desk.she_answers()
    desk.wait()
    desk.exchange.hangup(desk.exchange.calls()[0].id)
    desk.wait_for(row)
    assert row.state == State.MISSED


def test_silence_is_unknown_and_a_call_seen_later_is_still_its(desk):
    desk.pbx.faults.add("drop_after", command=sent_as(desk), times=1)
    row = desk.dial()
    assert (row.state, row.code) == (State.UNKNOWN, "outcome_unknown")
    assert len(desk.sent) == 1
    desk.wait()
    desk.she_answers()
    desk.exchange.behave("1003", answers_after=2)
    desk.wait_for(row)
    assert row.state == State.CONFIRMED
    assert len(desk.sent) == 1


def test_a_command_that_never_arrived_stays_unknown(desk):
    desk.pbx.faults.add("drop_before", command=sent_as(desk), times=1)
    row = desk.dial()
    for _ in range(130):
        desk.wait()
    assert now(row).state == State.UNKNOWN
    assert "1001 was not seen to ring" in row.observed
    assert not Claim.objects.exists()
    assert len(desk.sent) == 1


def sent_as(desk: Desk) -> str:
    return {"asterisk": "Originate", "voipnow": "CreateSimple"}.get(desk.connection.vendor, "Dial")


# Once.


def test_the_same_key_is_the_same_call(desk):
    key = uuid4()
    assert desk.dial(key=key).pk == desk.dial(key=key).pk
    assert len(desk.sent) == 1
    other = desk.dial("1004", key=key)
    assert (other.state, other.code) == (State.REFUSED, "used_form")
    assert len(desk.sent) == 1


def test_a_second_wish_while_her_phone_rings_is_told_of_the_first(desk):
    if not desk.rings_her:  # it dials at once: what a second wish comes to, the PBX says
        return
    first, second = desk.dial(), desk.dial("1004")
    assert (second.state, second.code) == (State.REFUSED, "taken")
    clock = f"{first.created_at.astimezone():%H:%M:%S}"
    assert second.observed == f"1001 is calling 1003 already ({clock}). Nothing was sent."
    assert len(desk.sent) == 1


# Refused before anything is sent.


@pytest.mark.parametrize(
    ("order", "code", "words"),
    [
        ({"own": "1002"}, "not_yours", "1002 is no phone of yours"),
        ({"target": "1001"}, "same_party", "1001 is your own phone."),
        ({"target": "1003;1004"}, "bad_target", ""),
        ({"target": ""}, "bad_target", ""),
    ],
)
def test_what_is_refused(desk, order, code, words):
    row = desk.dial(**order)
    assert (row.state, row.code) == (State.REFUSED, code)
    assert words in row.observed
    assert desk.sent == []


def test_of_several_phones_she_says_which(desk):
    Seat.objects.filter(connection=desk.connection).update(extensions="1001, 1002")
    assert desk.dial().code == "not_yours"
    assert desk.dial(own="10 01").caller_number == "1001"


def test_without_an_extension_nothing_rings(desk):
    Seat.objects.filter(connection=desk.connection).update(extensions="")
    row = desk.dial()
    assert (row.code, row.observed) == (
        "no_extension",
        "You have no extension at Branch: no phone could ring.",
    )


def test_who_may_only_look_calls_nobody(desk):
    desk.ana.role = "readonly"
    desk.ana.save()
    assert desk.dial().code == "not_allowed"
    assert calling.phones(desk.ana) == ([], "Your account may look, but not act.")
    assert desk.sent == []


def test_a_pbx_that_cannot_be_read_is_asked_for_nothing(desk):
    desk.pbx.refuse()
    row = desk.dial()
    assert row.state == State.REFUSED
    assert row.observed.startswith("Nothing was sent: ")


def test_a_vendor_without_the_command_says_so(ana, head_office):
    row = start(ana, head_office, Order(Action.DIAL, "", "1003"))
    assert (row.state, row.code) == (State.REFUSED, "not_possible")
    assert row.observed == "Ozeki has no command that makes a person’s own phone call somebody."
    found, reason = calling.phones(ana)
    assert [(phone.id, phone.reason) for phone in found] == [
        (f"{head_office.pk}:1001", row.observed)
    ]
    assert reason == ""


def test_who_has_no_seat_has_no_phone(eve):
    assert calling.phones(eve) == ([], "No extension is yours: an administrator can enter one.")


# It leaves a trace.


def test_it_is_written_down_with_her_name(desk):
    row = desk.dial()
    sending = AuditEvent.objects.get(transfer=row, verb="transfer.sending")
    assert sending.actor == desk.ana
    assert sending.object_text == "dial of 1003 at 1001 by Ana Kovács: sending"
    assert COLUMNS["Kind"](row) == "Outgoing call"
    assert (COLUMNS["Caller"](row), COLUMNS["Target"](row)) == ("1001", "1003")


def test_a_server_that_dies_leaves_nothing_hanging(desk):
    """What her phone does ends by itself; the row ends in "unknown" or in what is seen."""
    row = desk.dial()
    Transfer.objects.move(row.pk, (State.ACCEPTED,), state=State.SENDING, replied_at=None)
    desk.exchange.behave("1001", ring_seconds=20)
    for _ in range(90):
        desk.clock.shift(2)
        desk.exchange.tick()
        ticked.send(sender=None)
        read(desk.feed)
    assert now(row).state in (State.MISSED, State.UNKNOWN)
    assert not Claim.objects.exists()
