from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.conftest import PBX_PASSWORD
from tests.views.ladder import AdministratorsOnly, text
from transfers.board.snapshot import dump_calls
from transfers.domain import Call, CallState, Party
from transfers.models import Feed, PbxConnection, Seat
from transfers.services.people import own_feed


class TestLadder(AdministratorsOnly):
    path = "/connections/"
    methods = ("get",)

    def test_works(self, as_user, root, head_office):
        page = text(as_user(root).get("/connections/"))
        assert "Head office" in page
        assert "http://127.0.0.1:9/" in page
        assert "not read yet" in page
        assert PBX_PASSWORD not in page


class TestTableLadder(AdministratorsOnly):
    path = "/connections/table/"
    methods = ("get",)

    def test_works(self, as_user, root, head_office):
        response = as_user(root).get("/connections/table/")
        assert "Head office" in text(response)
        assert "<html" not in text(response)
        assert response["Cache-Control"] == "no-store"


@pytest.fixture
def table(as_user, root):
    client = as_user(root)
    return lambda: text(client.get("/connections/table/"))


def feed_is(**values) -> None:
    Feed.objects.update(**values)


def a_call(call_id: str, state: CallState) -> Call:
    return Call(call_id, state, "x", Party("1001"), Party("1002"))


class TestHealth:
    def test_nothing_connected(self, table):
        assert "No PBX is connected yet" in table()

    def test_live_with_its_calls(self, table, head_office):
        calls = [a_call("a", CallState.TALKING), a_call("b", CallState.ENDED)]
        feed_is(taken_at=timezone.now(), calls=dump_calls(calls))
        page = table()
        assert 'class="badge live"' in page
        assert "<div>1</div>" in page
        assert "when last read" not in page

    def test_stale_says_how_old(self, table, head_office):
        feed_is(taken_at=timezone.now() - timedelta(minutes=5, seconds=2))
        page = table()
        assert "5 min old" in page
        assert "when last read" in page

    def test_unreachable_says_since_when_and_why(self, table, head_office):
        since = timezone.now() - timedelta(days=400)
        feed_is(error_code="unreachable", error_text="Nobody <listens>.", failing_since=since)
        page = table()
        assert "unreachable" in page
        assert f"since {timezone.localtime(since):%-d %b}" in page
        assert "Nobody &lt;listens&gt;." in page

    def test_stopped_says_what_to_do(self, table, head_office):
        feed_is(error_code="auth_failed", error_text="Wrong login.", failing_since=timezone.now())
        page = table()
        assert "stopped" in page
        assert "not read again until the connection is edited or tests well" in page

    def test_an_unreadable_answer(self, table, head_office):
        feed_is(error_code="bad_reply", error_text="Not XML.", failing_since=timezone.now())
        assert "not understood" in table()

    def test_an_error_without_a_word_of_its_own(self, table, head_office):
        feed_is(error_code="refused", error_text="No.", failing_since=timezone.now())
        assert "failing" in table()

    def test_disabled_offers_to_enable(self, table, head_office):
        PbxConnection.objects.update(enabled=False)
        page = table()
        assert "disabled" in page
        assert "Enable Head office" in page
        assert "Disable Head office" not in page

    def test_a_vendor_without_a_driver_is_still_listed(self, table, head_office):
        PbxConnection.objects.update(vendor="gone")
        assert "gone" in table()


class TestLooking:
    def test_keeps_enabled_feeds_polled(self, table, head_office):
        long_ago = timezone.now() - timedelta(hours=1)
        feed_is(watched_until=long_ago)
        table()
        assert Feed.objects.get().watched_until > timezone.now()

    def test_does_not_wake_disabled_ones(self, table, head_office):
        long_ago = timezone.now() - timedelta(hours=1)
        feed_is(watched_until=long_ago)
        PbxConnection.objects.update(enabled=False)
        table()
        assert Feed.objects.get().watched_until == long_ago

    def test_costs_the_same_for_one_and_for_many(self, table, head_office):
        with CaptureQueriesContext(
            database,
        ) as one:
            table()
        for number in range(5):
            Feed.objects.create(
                connection=PbxConnection.objects.create(name=f"PBX {number}", vendor="ozeki")
            )
        table()
        with CaptureQueriesContext(database) as many:
            table()
        assert len(many) <= len(one)


class TestAgents:
    """Where each agent has a login, the connection's own feed is never read."""

    def test_nobody_has_a_login(self, table, centre):
        page = table()
        assert "read per agent" in page
        assert "No seat has a login there yet" in page
        assert "not read yet" not in page

    def test_those_in_trouble_are_named(self, table, centre, ana, ben):
        for user in (ana, ben):
            own_feed(Seat.objects.create(user=user, connection=centre, username=user.username))
        calls = dump_calls([a_call("a", CallState.TALKING)])  # with each other
        of_agents = Feed.objects.filter(seat__isnull=False)
        of_agents.update(taken_at=timezone.now(), calls=calls)
        assert "2 agents live." in table()
        assert "<div>1</div>" in table()
        of_agents.filter(seat__user=ben).update(
            error_code="auth_failed", error_text="Wrong login.", failing_since=timezone.now()
        )
        page = table()
        assert "1 agent live, 1 in trouble. Ben Okafor: stopped since" in page
        assert "Wrong login." in page

    def test_looking_at_the_list_reads_no_agent_s_calls(self, table, centre, head_office, ana):
        own_feed(Seat.objects.create(user=ana, connection=centre, username="ana"))
        Feed.objects.update(watched_until=timezone.now())
        table()
        watched = Feed.objects.filter(watched_until__gt=timezone.now())
        assert [feed.connection for feed in watched] == [head_office]

    def test_who_does_not_look_is_no_trouble(self, table, centre, ana, ben, eve):
        for user in (ana, ben):
            own_feed(Seat.objects.create(user=user, connection=centre, username=user.username))
        Seat.objects.create(user=eve, connection=centre)
        now = timezone.now()
        calls = dump_calls([a_call("a", CallState.TALKING)])
        Feed.objects.update(
            taken_at=now - timedelta(hours=1), watched_until=now - timedelta(hours=1), calls=calls
        )
        page = table()
        assert "0 agents live, 2 not looking, 1 without a login." in page
        assert 'class="badge waiting"' in page
        assert "<div>1</div>" not in page

    def test_more_agents_cost_no_more_queries(self, table, centre, ana, ben):
        own_feed(Seat.objects.create(user=ana, connection=centre, username="ana"))
        table()
        with CaptureQueriesContext(database) as one:
            table()
        own_feed(Seat.objects.create(user=ben, connection=centre, username="ben"))
        with CaptureQueriesContext(database) as two:
            table()
        assert len(two) == len(one)
