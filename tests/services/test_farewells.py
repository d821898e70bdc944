"""Agents are logged in at the PBX when they look, and out when they have left, not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.conftest import PBX_PASSWORD, person
from tests.rows import sent
from transfers.board import lease, presence
from transfers.board.poller import read
from transfers.board.signals import ticked
from transfers.board.snapshot import row_of
from transfers.drivers.genesys.driver import GenesysDriver
from transfers.farewells import Farewell
from transfers.models import AuditEvent, Feed, PbxConnection, Seat
from transfers.services import connections, farewells, keys, people
from transfers.services.people import SeatChanges
from transfers.services.switchboard import switchboard


class Desk:
    """Ana at a contact centre that starts no session by itself; `clock` stands still."""

    def __init__(self, pbx, connection, seat, clock) -> None:
        self.pbx, self.connection, self.seat, self.clock = pbx, connection, seat, clock

    @property
    def feed(self) -> Feed:
        return Feed.objects.select_related("connection", "seat").get(seat=self.seat)

    @property
    def on(self) -> bool:
        """Whether the PBX has her logged in."""
        return any(agent.started for agent in self.pbx.face.agents.all())

    def wait(self, seconds: float = 1, *, looks: bool = False) -> None:
        """Time passes, in which she looks at the end, and the board does what is due."""
        self.clock.shift(timedelta(seconds=seconds))
        if looks:
            switchboard(self.seat.user)
        for feed in lease.due(timezone.now()):
            if lease.claim(feed, timezone.now()):
                read(feed)
        ticked.send(sender=None)

    def work(self, seconds: int) -> None:
        for _ in range(seconds // 5):
            self.wait(5, looks=True)


@pytest.fixture
def pbx():
    exchange = Exchange()
    exchange.add("1001", answers_after=None)
    with SimulatorServer(exchange, "genesys", username="ana", password=PBX_PASSWORD) as server:
        server.switches.session_needed = True
        yield server


@pytest.fixture
def desk(pbx, centre, ana, monkeypatch):
    # In the test's own thread, where its database transaction is.
    monkeypatch.setattr(farewells, "carry_out", lambda rows: [*map(farewells.log_out, rows)])
    monkeypatch.setattr(farewells, "threading", InLine)
    monkeypatch.setattr(farewells, "connections", InLine)
    PbxConnection.objects.filter(pk=centre.pk).update(
        url=pbx.url, options={"session": "ours", "idle_hours": "8"}
    )
    centre.refresh_from_db()
    seat = Seat(user=ana, connection=centre, extensions="1001", username="ana")
    seat.secrets = {"password": PBX_PASSWORD}
    seat.save()
    people.own_feed(seat)
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as clock:
        desk = Desk(pbx, centre, seat, clock)
        Feed.objects.filter(seat=seat).update(
            due_at=timezone.now(), watched_until=timezone.now(), read_after=timezone.now()
        )
        yield desk


class InLine:
    """In place of the modules that make threads, and close their connections."""

    class Thread:
        def __init__(self, target, **_) -> None:
            self.start = target

    @staticmethod
    def close_all() -> None:
        pass


def verbs() -> list[str]:
    return list(AuditEvent.objects.filter(verb__startswith="agent.").values_list("verb", flat=True))


class TestOn:
    def test_when_she_first_looks(self, desk):
        desk.wait()
        assert not desk.on
        desk.wait(looks=True)
        assert desk.on
        desk.work(60)
        assert desk.pbx.count("StartContactCenterSession") == 1

    def test_not_because_a_transfer_of_hers_awaits_its_verdict(self, desk, monkeypatch):
        feed = desk.feed
        read(feed)
        assert not desk.on

    def test_not_where_desktops_do_that(self, desk):
        PbxConnection.objects.update(options={"session": "desktop"})
        desk.work(20)
        assert not desk.on
        assert desk.feed.signed_on_at is None

    def test_an_administrator_who_looks_at_the_health_logs_nobody_in(self, desk, as_user, root):
        as_user(root).get("/connections/table/")
        desk.wait()
        assert not desk.on

    def test_one_who_cannot_be_logged_in_need_not_be_logged_out(self, desk):
        desk.pbx.exchange.behave("1001", registered=False)
        desk.wait(looks=True)
        assert "not registered" in desk.feed.error_text
        assert desk.feed.signed_on_at is None

    def test_one_of_whom_nobody_knows_must_be(self, desk):
        desk.pbx.faults.add("drop_after", command="StartContactCenterSession")
        desk.wait(looks=True)
        assert desk.feed.signed_on_at


class TestLooksAway:
    @pytest.mark.parametrize("seconds", [31, 600, 7 * 3600])
    def test_for_so_long_she_stays(self, desk, seconds):
        """A hidden tab, a reload, a lost network, a restart of this server."""
        desk.work(60)
        desk.wait(seconds)
        desk.wait(60)
        assert desk.on
        assert desk.pbx.count("EndContactCenterSession") == 0
        desk.wait(looks=True)
        assert desk.pbx.count("StartContactCenterSession") == 1

    def test_her_events_are_listened_to_all_the_same(self, desk):
        desk.work(10)
        desk.wait(600)
        assert [feed.pk for feed in lease.unheard(timezone.now())] == [desk.feed.pk]
        assert lease.keep_events(desk.feed, timezone.now())
        assert not lease.due(timezone.now()).exists()

    def test_at_last_she_is_logged_out(self, desk):
        desk.work(10)
        desk.wait(8 * 3600 + 31)
        assert desk.feed.signed_on_at is None
        desk.wait(20)
        assert not desk.on
        assert verbs() == ["agent.signed_off"]
        assert not Farewell.objects.exists()
        desk.wait(looks=True)
        assert desk.on


class TestLogsOut:
    def test_and_the_page_that_closes_looks_once_more(self, desk, as_user):
        client = as_user(desk.seat.user)
        desk.work(60)
        client.post("/logout/")
        desk.wait(0.2, looks=True)
        desk.wait(10)
        assert desk.on
        desk.wait(10)
        assert not desk.on
        desk.wait(5)
        assert not desk.on
        assert desk.feed.signed_on_at is None

    def test_another_browser_keeps_her_there(self, desk, as_user):
        client = as_user(desk.seat.user)
        desk.work(60)
        client.post("/logout/")
        for _ in range(60):
            desk.wait(1, looks=True)
        assert desk.on
        assert desk.pbx.count("EndContactCenterSession") == 0
        assert not Farewell.objects.exists()

    def test_a_colleague_does_not(self, desk, as_user, ben):
        desk.work(60)
        as_user(ben).post("/logout/")
        desk.wait(25)
        assert desk.on


class TestIsTakenAway:
    def edit(self, desk, **values):
        row = PbxConnection.objects.get(pk=desk.connection.pk)
        typed = {"name": row.name, "vendor": row.vendor, "url": row.url, "options": row.options}
        connections.edit(None, row, connections.Draft(**typed | values))

    def test_the_account(self, desk, root):
        desk.work(60)
        user = desk.seat.user
        user.is_active = False
        people.edit(root, user, ["is_active"], "", SeatChanges())
        desk.wait(20)
        assert not desk.on

    def test_the_seat(self, desk, root):
        desk.work(60)
        people.edit(root, desk.seat.user, [], "", SeatChanges(removed=[desk.seat]))
        assert not Seat.objects.filter(username="ana").exists()
        desk.wait(20)
        assert not desk.on
        event = AuditEvent.objects.get(verb="agent.signed_off")
        assert event.object_text == "Ana Kovács at Contact centre"

    def test_the_login(self, desk, root):
        desk.work(60)
        desk.seat.username = "another"
        desk.seat.secrets = {"password": "another"}
        changes = SeatChanges(edited=[(desk.seat, ["username", "password"])])
        people.edit(root, desk.seat.user, [], "", changes)
        desk.wait(20, looks=True)
        assert not desk.on

    @pytest.mark.parametrize("changed", ["extensions", "password"])
    def test_but_not_with_another_number_or_password(self, desk, root, changed):
        desk.work(60)
        changes = SeatChanges(edited=[(desk.seat, [changed])])
        people.edit(root, desk.seat.user, [], "", changes)
        desk.wait(20, looks=True)
        assert desk.on
        assert desk.pbx.count("EndContactCenterSession") == 0
        assert desk.feed.signed_on_at

    def test_the_connection(self, desk):
        desk.work(60)
        connections.delete(None, desk.connection)
        desk.wait(20)
        assert not desk.on

    def test_the_connection_for_a_while(self, desk):
        desk.work(60)
        connections.set_enabled(None, desk.connection, False)
        desk.wait(20, looks=True)
        assert not desk.on
        connections.set_enabled(None, desk.connection, True)
        desk.wait(looks=True)
        assert desk.on

    def test_the_option(self, desk):
        desk.work(60)
        self.edit(desk, options={"session": "desktop"})
        desk.wait(20, looks=True)
        assert not desk.on

    def test_the_address(self, desk):
        """With the password for the old host, which goes to no other one."""
        desk.work(60)
        self.edit(desk, url="http://127.0.0.1:9/api/v2")
        assert Seat.objects.get(pk=desk.seat.pk).secret_blob == ""
        desk.wait(20)
        assert not desk.on

    def test_other_changes_of_the_connection_leave_her_there(self, desk):
        desk.work(60)
        self.edit(desk, poll_seconds=2)
        desk.wait(25, looks=True)
        assert desk.on


class TestTrouble:
    @pytest.fixture
    def leaving(self, desk):
        desk.work(10)
        farewells.part(Feed.objects.filter(seat=desk.seat))
        return desk

    def test_a_pbx_that_is_away_is_asked_again(self, leaving):
        leaving.pbx.faults.add("drop_before", command="EndContactCenterSession", times=1)
        leaving.wait(20)
        assert leaving.on
        leaving.wait(30)
        assert not leaving.on

    def test_and_given_up_in_the_end(self, leaving):
        leaving.pbx.faults.add("drop_before", command="EndContactCenterSession")
        for _ in range(30):
            leaving.wait(30)
        assert verbs() == ["agent.not_signed_off"]
        assert not Farewell.objects.exists()

    def test_so_is_what_breaks_on_our_side(self, leaving, monkeypatch):
        """It would be in the log of errors every half minute for ever."""

        def breaks(driver):
            raise ValueError("a defect")

        monkeypatch.setattr(GenesysDriver, "sign_off", breaks)
        for _ in range(30):
            leaving.wait(30)
        assert verbs() == ["agent.not_signed_off"]
        assert not Farewell.objects.exists()

    def test_a_refused_login_is_not_tried_again(self, leaving):
        leaving.pbx.faults.add("wrong_login")
        leaving.wait(20)
        assert verbs() == ["agent.not_signed_off"]

    def test_two_who_do_it_at_once(self, leaving):
        leaving.clock.shift(timedelta(seconds=20))
        one, other = (Farewell.objects.get() for _ in range(2))
        farewells.log_out(one)
        farewells.log_out(other)
        assert leaving.pbx.count("EndContactCenterSession") == 1
        assert verbs() == ["agent.signed_off"]

    def test_who_went_and_came_back_stays(self, leaving):
        leaving.pbx.faults.add("drop_before", command="EndContactCenterSession", times=1)
        leaving.wait(20)
        leaving.work(40)
        assert leaving.on
        assert not Farewell.objects.exists()

    def test_its_secret_is_rotated_too(self, leaving):
        assert keys.rotate_all(None).unreadable == ()
        assert Farewell.objects.get().secrets == {"password": PBX_PASSWORD}
        assert PBX_PASSWORD not in str(Farewell.objects.values())


class TestCommand:
    def test_logs_all_out_before_the_server_goes_for_long(self, desk, capsys):
        desk.work(10)
        call_command("sign_off")
        assert not desk.on
        assert capsys.readouterr().out == "1 agent logged out.\n"
        desk.wait(looks=True)
        assert desk.on, "who still looks, and a server that still runs"

    def test_says_whom_it_could_not(self, desk, capsys):
        desk.work(10)
        desk.pbx.faults.add("drop_before", command="EndContactCenterSession")
        with pytest.raises(SystemExit):
            call_command("sign_off")
        assert "Ana Kovács at Contact centre" in capsys.readouterr().err

    def test_nobody_is_there(self, desk, capsys):
        call_command("sign_off")
        assert capsys.readouterr().out == "0 agents logged out.\n"


@pytest.mark.django_db(transaction=True)
def test_the_work_is_done_in_threads_of_its_own(caplog):
    now = timezone.now()
    for vendor in ("genesys", "none", "ozeki"):
        Farewell.objects.create(agent=vendor, vendor=vendor, url="http://127.0.0.1:9/", due_at=now)
    farewells.carry_out(list(Farewell.objects.all()))
    assert Farewell.objects.filter(due_at__gt=now).count() == 3
    assert "broke" not in caplog.text


@pytest.mark.parametrize(("odd", "hours"), [("8", 8), ("", 12), ("0", 12), ("-1", 12), ("x", 12)])
def test_the_hours_of_the_option(centre, odd, hours):
    centre.options = {"session": "ours", "idle_hours": odd}
    assert presence.stays(centre) == timedelta(hours=hours)


def test_vendors_without_such_sessions(head_office):
    assert not presence.stays(head_office)
    head_office.vendor = "unknown"
    assert not presence.stays(head_office)


def test_only_the_feed_of_who_sent_it_awaits_the_verdict(desk, centre):
    dora = person("dora", "receptionist")
    other = Seat.objects.create(user=dora, connection=centre, username="dora")
    people.own_feed(other)
    Feed.objects.update(watched_until=timezone.now(), due_at=timezone.now())
    until = timezone.now() + timedelta(minutes=2)
    sent(desk.seat.user, centre, state="accepted", watch_until=until)
    assert [feed.pk for feed in lease.due(timezone.now())] == [desk.feed.pk]
    assert row_of(desk.feed.pk).seat == desk.seat
