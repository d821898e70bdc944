"""Whose login reads what: the drivers and feeds of connections and of agents, and their memory."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.db import connection as database
from django.test import override_settings
from django.utils import timezone

from tests.conftest import PBX_PASSWORD, person
from transfers.board.accounts import CredentialsUnreadable, FeedMemory, driver_for, feeds_for
from transfers.models import Feed, Remembered, Seat
from transfers.services.people import own_feed

OTHER_KEY = "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktMTI="


@pytest.fixture
def seat(ana, centre) -> Seat:
    return agent(ana, centre)


def agent(user, connection, username: str = "") -> Seat:
    seat = Seat(user=user, connection=connection, username=username or user.username)
    seat.secrets = {"password": f"pw of {user.username}"}
    seat.save()
    own_feed(seat)
    return seat


class TestFeeds:
    def test_an_agent_s_feed_is_seen_by_nobody_else(self, seat, ana, root, centre, eve):
        other = agent(person("dora", "receptionist"), centre)
        Seat.objects.create(user=eve, connection=centre)
        here = {user: feeds_for(user).filter(connection=centre) for user in (other.user, root, eve)}
        seen = {user: [feed.seat for feed in feeds] for user, feeds in here.items()}
        assert seen == {other.user: [other], root: [], eve: []}
        assert [f.seat for f in feeds_for(ana).filter(connection=centre)] == [seat]

    def test_elsewhere_all_share_the_connection_s(self, ana, ben, root, head_office):
        for user in (ana, ben, root):
            assert [(f.connection, f.seat) for f in feeds_for(user)] == [(head_office, None)]

    def test_a_seat_without_a_login_has_none(self, ana, centre):
        own_feed(Seat.objects.create(user=ana, connection=centre))
        assert not Feed.objects.filter(seat__isnull=False).exists()

    def test_nor_one_where_the_connection_logs_in(self, ana, head_office):
        seat = ana.seats.get()
        seat.username = "ana"
        own_feed(seat)
        assert not Feed.objects.filter(seat=seat).exists()

    def test_a_new_login_starts_anew(self, seat):
        FeedMemory(seat.feed).put("cookies", "old", 60)
        own_feed(seat)
        assert not Remembered.objects.exists()
        assert Feed.objects.filter(seat=seat).count() == 1


class TestDriver:
    def test_of_a_seat_logs_in_as_the_agent(self, seat, centre):
        config = driver_for(centre, seat).config
        assert (config.username, config.secrets) == ("ana", {"password": "pw of ana"})

    def test_elsewhere_as_the_connection(self, ana, head_office):
        seat = ana.seats.get()
        seat.username, seat.secrets = "ana", {"password": "hers"}
        config = driver_for(head_office, seat).config
        assert (config.username, config.secrets) == ("console", {"password": PBX_PASSWORD})

    def test_remembers_for_its_own_feed(self, seat, centre):
        driver_for(centre, seat).memory.put("token", "hers", 60)
        assert driver_for(centre, seat).memory.get("token") == "hers"
        assert driver_for(centre).memory.get("token") == ""

    def test_credentials_no_key_opens(self, seat, centre):
        with (
            override_settings(ENCRYPTION_KEYS=[OTHER_KEY]),
            pytest.raises(CredentialsUnreadable) as caught,
        ):
            driver_for(centre, seat)
        assert not caught.value.sent


class TestMemory:
    @pytest.fixture
    def memory(self, head_office) -> FeedMemory:
        return FeedMemory(head_office.feed)

    def test_what_is_kept_is_encrypted(self, memory):
        memory.put("token", "s3cret", 60)
        memory.put("token", "s3cret-2", 60)
        assert memory.get("token") == "s3cret-2"
        assert "s3cret" not in Remembered.objects.get().blob
        memory.forget("token")
        assert memory.get("token") == ""

    def test_it_ends_in_time(self, memory):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            memory.put("token", "s3cret", 60)
            clock.shift(timedelta(seconds=59))
            assert memory.get("token") == "s3cret"
            clock.shift(timedelta(seconds=1))
            assert memory.get("token") == ""

    def test_what_no_key_opens_is_nothing(self, memory):
        memory.put("token", "s3cret", 60)
        with override_settings(ENCRYPTION_KEYS=[OTHER_KEY]):
            assert memory.get("token") == ""

    @pytest.mark.django_db(transaction=True)
    def test_another_process_has_it_too(self, head_office):
        memory = FeedMemory(head_office.feed)
        memory.put("token", "ours", 60)
        there = (
            "import django; django.setup()\n"
            "from transfers.board.accounts import FeedMemory\n"
            "from transfers.models import Feed\n"
            "memory = FeedMemory(Feed.objects.get())\n"
            "print(memory.get('token'))\n"
            "memory.put('token', 'theirs', 60)\n"
        )
        served = {
            "DJANGO_SETTINGS_MODULE": "tests.served",
            "SERVED_DATABASE": str(database.settings_dict["NAME"]),
        }
        done = subprocess.run(  # noqa: S603  (this Python, and nothing from outside)
            [sys.executable, "-c", there],
            env={**os.environ, **served},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout.strip() == "ours"
        assert memory.get("token") == "theirs"
