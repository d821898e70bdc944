"""Standing forwards that an agent's own phone carries out: told, seen, taken back, looked after."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.conftest import PBX_PASSWORD
from tests.stage import CALLER
from transfers.board.signals import ticked
from transfers.drivers.genesys.driver import GenesysDriver
from transfers.errors import AuthFailed, BadReply, OutcomeUnknown, Refused, Unreachable
from transfers.models import AuditEvent, Feed, PbxConnection, Seat, User
from transfers.sentences import unpack
from transfers.services import connections, forwards, people, phone_keeper, phones
from transfers.services.connections import Draft, NotDone
from transfers.services.people import SeatChanges
from transfers.services.phone_keeper import PhoneKeeper
from transfers.services.rules import NotNow
from transfers.standing import StandingForward

HOUR = timedelta(hours=1)
SILENT = OutcomeUnknown("No reply came.")


@pytest.fixture
def clock():
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as stands:
        yield stands


@pytest.fixture
def pbx(monkeypatch):
    monkeypatch.setattr(phones, "pause", lambda _: None)
    exchange = Exchange()
    for number in ("1001", "1002", "1003", "1004"):
        exchange.add(number, answers_after=None)
    with SimulatorServer(exchange, "genesys", username="console", password=PBX_PASSWORD) as running:
        yield running


@pytest.fixture
def center(ana, pbx, clock) -> PbxConnection:
    """A contact center where Ana is the agent at 1001."""
    made = PbxConnection.objects.create(name="Contact", vendor="genesys", url=pbx.url)
    Feed.objects.create(connection=made)
    seat = Seat(user=ana, connection=made, extensions="1001", username="console")
    seat.secrets = {"password": PBX_PASSWORD}
    seat.save()
    people.own_feed(seat)
    return made


def set_up(user, connection, number="1001", target="1003") -> StandingForward:
    return forwards.set_up(user, connection, number, target, timezone.now() + HOUR)


@pytest.fixture
def forward(ana, center) -> StandingForward:
    return set_up(ana, center)


@pytest.fixture
def rings_at(pbx):
    """Where the phone rings when somebody calls 1001."""
    return lambda: pbx.exchange.call(pbx.exchange.ring(CALLER, "1001")).callee


class Line:
    """What phones were told. `breaks` is raised instead, or with `heard` afterwards."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.breaks: Exception | None = None
        self.heard = False


@pytest.fixture
def line(monkeypatch) -> Line:
    made, real = Line(), GenesysDriver.forward_phone

    def forward_phone(driver, target):
        made.told.append(target)
        if made.breaks is None or made.heard:
            receipt = real(driver, target)
        if made.breaks:
            raise made.breaks
        return receipt

    monkeypatch.setattr(GenesysDriver, "forward_phone", forward_phone)
    return made


def keep(clock=None, seconds: float = 0) -> None:
    """Time passes, and the keeper does what is due."""
    if clock:
        clock.shift(seconds)
    ticked.send(sender=None)
    for row in list(phone_keeper.due(timezone.now())):
        phone_keeper.handle(row)


def now(forward: StandingForward) -> StandingForward:
    forward.refresh_from_db()
    return forward


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def last() -> AuditEvent:
    return AuditEvent.objects.latest("pk")


# Told, and seen.


def test_set_seen_and_ended_by_hand(forward, ana, rings_at):
    assert (forward.phone, forward.phone_said) == ("on", "Seen at the phone.")
    assert rings_at() == "1003"
    assert forwards.end(ana, forward)
    assert now(forward).phone == "off"
    assert rings_at() == "1001"
    assert verbs() == ["forward.set", "forward.told", "forward.ended", "forward.taken_back"]
    assert (last().actor, unpack(last().data["phone"])) == (ana, "is off at the phone")


def test_it_ends_by_itself_and_is_told_once(forward, line, clock, rings_at):
    for _ in range(3):
        keep(clock, 3600)
    assert (line.told, now(forward).phone, rings_at()) == ([""], "off", "1001")
    assert last().actor_name == "system"


def test_the_row_is_there_before_the_phone_is_told(ana, center, line, monkeypatch):
    seen = []
    real = GenesysDriver.phone

    def phone(driver):
        seen.append(StandingForward.objects.get().phone)
        return real(driver)

    monkeypatch.setattr(GenesysDriver, "phone", phone)
    set_up(ana, center)
    assert seen[0] == "telling"


@pytest.mark.parametrize("number", ["1002", "500"])
def test_only_her_own_number(ana, root, center, line, number):
    for user in (ana, root):
        with pytest.raises(NotNow, match="a phone sends its own calls on"):
            set_up(user, center, number)
    assert line.told == []


def test_a_seat_s_number_that_is_not_the_login_s_phone(ana, center, line):
    Seat.objects.filter(connection=center).update(extensions="1001, 1002")
    with pytest.raises(NotNow, match="The phone of this login is 1001"):
        set_up(ana, center, "1002")
    assert (line.told, StandingForward.objects.get().phone) == ([], "off")


def test_a_forward_somebody_set_at_the_phone_is_not_touched(ana, center, pbx, line):
    pbx.exchange.behave("1001", forward_to="1004")
    with pytest.raises(NotNow, match="sends its calls to 1004 already"):
        set_up(ana, center)
    assert line.told == []
    assert verbs() == ["forward.set", "forward.told", "forward.ended"]


@pytest.mark.parametrize(
    "error", [Refused("Not so.", vendor_code="2"), Unreachable("No way."), BadReply("What?")]
)
def test_what_the_phone_did_not_take_is_over(ana, center, line, error):
    line.breaks = error
    with pytest.raises(NotNow, match=f"Not done: {error.safe_text}"):
        set_up(ana, center)
    row = StandingForward.objects.get()
    assert (row.phone, row.ended_by_name) == ("off", "system")
    assert forwards.standing(ana).rows == forwards.standing(ana).left == ()


def test_without_a_login_nothing_is_sent(ana, center, line):
    Seat.objects.filter(connection=center).update(username="")
    with pytest.raises(NotNow, match="no login at Contact any more"):
        set_up(ana, center)


# Silence: the phone itself tells.


def test_silence_and_the_phone_does_it(ana, center, line):
    line.breaks, line.heard = SILENT, True
    assert set_up(ana, center).phone == "on"


def test_silence_and_the_phone_does_not_is_unknown_then_over(ana, center, line, clock):
    line.breaks = SILENT
    row = set_up(ana, center)
    assert (row.phone, row.phone_said) == ("unknown", "No reply came.")
    keep(clock, 11)
    assert now(row).phone == "unknown"
    keep(clock, 11)
    assert (now(row).phone, row.ended_by_name, line.told) == ("off", "system", ["1003"])
    assert unpack(last().data["why"]) == phone_keeper.CHANGED


def test_silence_and_the_phone_does_it_later(ana, center, line, clock, pbx):
    line.breaks = SILENT
    row = set_up(ana, center)
    pbx.exchange.behave("1001", forward_to="1003")
    keep(clock, 11)
    assert (now(row).phone, row.ended_at) == ("on", None)


def test_silence_at_its_end_says_to_look_at_the_phone(forward, ana, line, clock, pbx):
    line.breaks = SILENT
    forwards.end(ana, forward)
    assert now(forward).phone == "left"
    words = forwards.may_still_hold(forward)
    assert words == (
        "Calls for 1001 may still go to 1003: No reply came. Look at the phone of Ana Kovács."
    )
    assert forwards.standing(ana).left == (forward,)
    keep(clock, 11)
    assert (now(forward).phone, line.told) == ("left", [""])
    pbx.exchange.behave("1001", forward_to="")
    keep(clock, 11)
    assert now(forward).phone == "off"
    assert forwards.standing(ana).left == ()


def test_what_is_over_is_shown_until_the_phone_is_told(forward, ana, clock):
    """For that moment, too, calls do not ring where they were dialled."""
    clock.shift(HOUR)
    assert forwards.standing(ana).rows == (forward,)
    forwards.end_by_itself(now(forward), forwards.OVER)
    (left,) = forwards.standing(ana).left
    assert (left, left.get_phone_display()) == (forward, "is being taken back")
    keep(clock, 1)
    assert forwards.standing(ana).left == ()


def test_what_is_left_is_shown_and_looked_at_until_it_is_known(forward, ana, line, clock, pbx):
    line.breaks = SILENT
    forwards.end(ana, forward)
    clock.shift(timedelta(days=3))
    assert forwards.standing(ana).left == (forward,)
    keep(clock, 601)
    assert now(forward).phone == "left"
    pbx.exchange.behave("1001", forward_to="")
    keep(clock, 60)
    assert now(forward).phone == "left"
    keep(clock, 601)
    assert now(forward).phone == "off"


def test_who_looked_at_the_phone_says_so(forward, ana, line, clock):
    line.breaks = SILENT
    forwards.end(ana, forward)
    assert forwards.end(ana, now(forward))
    assert (now(forward).phone, forward.phone_said) == ("off", "Ana Kovács looked at the phone.")
    assert (last().verb, last().actor) == ("forward.looked", ana)
    assert not forwards.end(ana, forward)


def test_a_refusal_at_its_end_is_told_and_final(forward, ana, line, clock):
    line.breaks = Refused("Not allowed.", vendor_code="3", vendor_text="Forbidden")
    forwards.end(ana, forward)
    keep(clock, 11)
    assert (now(forward).phone, line.told) == ("left", [""])
    assert forward.phone_said == "Not allowed. (3 Forbidden)"


def test_unreachable_is_tried_again_and_holds_the_number(forward, ana, center, line, clock):
    line.breaks = Unreachable("No connection.")
    forwards.end(ana, forward)
    keep()
    assert (now(forward).phone, line.told) == ("over", [""])
    with pytest.raises(NotNow, match="being taken back"):
        set_up(ana, center)
    keep(clock, 11)
    assert verbs().count("forward.taken_back") == 1
    line.breaks = None
    keep(clock, 11)
    assert (now(forward).phone, line.told) == ("off", [""] * 3)


@pytest.mark.parametrize(("was", "then"), [("telling", "unknown"), ("back", "left")])
def test_a_crash_in_between_is_not_sent_again(forward, line, clock, was, then):
    StandingForward.objects.update(phone=was)
    if was == "back":
        StandingForward.objects.update(ended_at=timezone.now())
    keep(clock, 59)
    assert now(forward).phone == was
    keep(clock, 2)
    assert (now(forward).phone, line.told) == (then, [])
    keep(clock, 11)
    assert now(forward).phone == ("on" if was == "telling" else "left")


def test_a_defect_of_ours_is_unknown(ana, center, line, caplog):
    line.breaks = RuntimeError("a defect")
    with caplog.at_level(logging.ERROR):
        row = set_up(ana, center)
    assert row.phone == "unknown"
    assert "a defect" in caplog.text


# What people do at the phone itself.


def test_off_at_the_phone_it_is_over_here(forward, pbx, line, clock):
    pbx.exchange.behave("1001", forward_to="")
    keep(clock, 61)
    assert (now(forward).phone, forward.ended_by_name, line.told) == ("off", "system", [])
    assert forward.phone_said == "Seen: the phone sends its calls nowhere."


def test_already_off_nothing_is_sent_at_its_end(forward, ana, pbx, line):
    pbx.exchange.behave("1001", forward_to="")
    forwards.end(ana, forward)
    assert (now(forward).phone, line.told) == ("off", [])


def test_another_one_set_at_the_phone_is_left(forward, ana, pbx, line):
    pbx.exchange.behave("1001", forward_to="1004")
    forwards.end(ana, forward)
    assert (now(forward).phone, line.told) == ("left", [])
    assert forward.phone_said == "The phone sends its calls to 1004; that was left."


def test_a_refused_login_is_not_tried_again_and_again(forward, monkeypatch, clock):
    def refuse(driver):
        raise AuthFailed("Not this password.")

    monkeypatch.setattr(GenesysDriver, "phone", refuse)
    keep(clock, 61)
    assert Feed.objects.get(seat__user=forward.created_by).error_code == "auth_failed"
    clock.shift(61)
    assert not phone_keeper.due(timezone.now()).exists()


def test_one_look_is_for_one_process(forward, clock, monkeypatch):
    clock.shift(61)
    first, second = (phone_keeper.due(timezone.now()).get() for _ in range(2))
    looks = []
    monkeypatch.setattr(phones, "look", lambda row: looks.append(row))
    phone_keeper.handle(first)
    phone_keeper.handle(second)
    assert len(looks) == 1


# The right and the login go.


@pytest.mark.parametrize(
    "change",
    [
        lambda: User.objects.filter(username="ana").update(is_active=False),
        lambda: User.objects.filter(username="ana").update(role="readonly"),
        lambda: Seat.objects.filter(extensions="1001").update(extensions="1004"),
    ],
    ids=["deactivated", "read-only", "another number"],
)
def test_it_is_taken_back_when_its_owner_may_not_any_more(forward, clock, rings_at, change):
    change()
    keep(clock, 1)
    assert (now(forward).ended_by_name, forward.phone, rings_at()) == ("system", "off", "1001")


def edit(root, ana, **changes) -> None:
    people.edit(root, ana, [], "", SeatChanges(**changes))


def test_before_her_seat_goes_the_phone_is_told(forward, root, ana, center, rings_at):
    edit(root, ana, removed=[ana.seats.get(connection=center)])
    assert (now(forward).ended_by_name, forward.phone, rings_at()) == ("root", "off", "1001")
    assert not ana.seats.filter(connection=center).exists()


def test_before_her_login_changes_the_phone_is_told(forward, root, ana, center, rings_at):
    seat = ana.seats.get(connection=center)
    seat.username, seat.secrets = "another", {}
    edit(root, ana, edited=[(seat, ["username"])])
    assert (now(forward).phone, rings_at()) == ("off", "1001")


def test_a_new_password_of_the_same_login_ends_nothing(forward, root, ana, center):
    edit(root, ana, edited=[(ana.seats.get(connection=center), ["password"])])
    assert (now(forward).phone, forward.ended_at) == ("on", None)


def test_a_seat_that_went_otherwise_leaves_words(forward, ana, root, clock):
    Seat.objects.all().delete()
    keep(clock, 1)
    assert now(forward).phone == "left"
    assert forward.phone_said == "Ana Kovács has no login at Contact any more."
    assert forwards.standing(root).left == (forward,)


# The connection goes.


def test_disabled_the_phone_is_told_first(forward, root, center, rings_at):
    assert connections.set_enabled(root, center, False) == []
    assert (now(forward).ended_by_name, forward.phone, rings_at()) == ("root", "off", "1001")


def test_disabled_while_it_is_unreachable_says_so(forward, root, center, line, clock):
    line.breaks = Unreachable("No connection.")
    assert connections.set_enabled(root, center, False) == [forward]
    center.refresh_from_db()
    assert not center.enabled
    words = forwards.may_still_hold(StandingForward.objects.get())
    assert words.endswith("No connection. It is tried again when Contact is enabled.")
    assert forwards.standing(root).left == (forward,)
    line.breaks = None
    keep(clock, 60)
    assert now(forward).phone == "over"
    connections.set_enabled(root, center, True)
    keep(clock, 1)
    assert now(forward).phone == "off"


def test_moved_to_another_address_the_phone_is_told_at_the_old_one(forward, root, center, rings_at):
    connections.edit(root, center, Draft(center.name, center.vendor, "http://10.0.0.9/api/v2"))
    assert (now(forward).phone, rings_at()) == ("off", "1001")


def test_an_edit_that_is_refused_ends_nothing(forward, root, center, line):
    center.secrets = {"password": "of the old place"}
    center.save()
    with pytest.raises(NotDone, match="Type the password again"):
        connections.edit(root, center, Draft(center.name, center.vendor, "http://10.0.0.9/api/v2"))
    assert (now(forward).phone, forward.ended_at, line.told) == ("on", None, [])


def test_another_name_of_the_connection_ends_nothing(forward, root, center):
    connections.edit(root, center, Draft("Anders", center.vendor, center.url))
    assert (now(forward).phone, forward.ended_at) == ("on", None)


def test_deleted_the_phone_is_told_first(forward, root, center, rings_at):
    connections.delete(root, center)
    assert rings_at() == "1001"
    assert not PbxConnection.objects.filter(name="Contact").exists()


@pytest.mark.parametrize("error", [SILENT, Unreachable("No reply came.")])
def test_not_deleted_at_once_while_a_phone_may_still_do_it(forward, root, center, line, error):
    line.breaks = error
    with pytest.raises(NotDone, match=r"may still go to 1003: No reply came\. Look at the phone"):
        connections.delete(root, center)
    assert now(forward).phone == "left"
    connections.delete(root, center)
    assert not PbxConnection.objects.filter(name="Contact").exists()
    assert line.told == [""]


# The keeper in its own threads.


def test_it_holds_nobody_up_and_asks_once(forward, ana, monkeypatch):
    """`look` returns while the phone is still being told; a second look starts nothing new."""
    handled = []
    monkeypatch.setattr(phone_keeper, "due", lambda _: [forward])
    monkeypatch.setattr(phone_keeper, "handle", lambda row: handled.append(row) or release.wait(30))
    release = phone_keeper.threading.Event()
    keeper = PhoneKeeper()
    keeper.look()
    keeper._looked_at = 0.0
    keeper.look()
    release.set()
    keeper.stop()
    assert handled == [forward]


def test_a_defect_does_not_stop_it(forward, monkeypatch, caplog):
    def broken(row) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(phone_keeper, "due", lambda _: [forward])
    monkeypatch.setattr(phone_keeper, "handle", broken)
    keeper = PhoneKeeper()
    with caplog.at_level(logging.ERROR):
        keeper.look()
        keeper.stop()
    assert "looking after the phone failed" in caplog.text
    assert keeper._busy == set()
