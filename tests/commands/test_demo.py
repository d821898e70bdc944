"""The demo's data: there once, following the simulator's ports, and out of everybody's way."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from transfers.access import connections_of
from transfers.drivers.registry import VENDORS
from transfers.management.commands import demo
from transfers.models import AuditEvent, Feed, PbxConnection, Seat, User
from transfers.phonebook import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded(capsys) -> None:
    call_command("demo", "--head-office", "7001", "--budapest", "7002")


def url_of(name: str) -> str:
    return PbxConnection.objects.get(name=name).url


def test_it_seeds_an_empty_database(seeded):
    assert url_of("Head office") == "http://127.0.0.1:7001/"
    assert url_of("Budapest") == "http://127.0.0.1:7002/api"
    assert Feed.objects.filter(seat=None).count() == len(demo.PBXS)
    assert Contact.objects.count() == len(demo.CONTACTS)
    roles = dict(User.objects.values_list("username", "role"))
    assert roles == {"ana": "receptionist", "ben": "readonly", "root": "administrator"}


def test_the_documented_passwords_work(seeded):
    for person in demo.PEOPLE:
        assert User.objects.get(username=person.username).check_password(person.password)


def test_ana_has_her_phones_and_ben_sees_everything(seeded):
    ana, ben = (User.objects.get(username=name) for name in ("ana", "ben"))
    assert sorted(seat.extensions for seat in ana.seats.all()) == [
        "1001",
        "201",
        "301",
        "401",
        "5001",
    ]
    assert connections_of(ben).count() == 4
    assert set(ben.seats.values_list("sees", flat=True)) == {Seat.Sees.ALL}


def test_each_pbx_is_of_another_kind_and_an_agent_has_a_login(seeded):
    assert set(PbxConnection.objects.values_list("vendor", flat=True)) == set(VENDORS)
    (feed,) = Feed.objects.exclude(seat=None)
    assert feed.seat.user.username == "ana"
    assert feed.seat.secrets == {"password": demo.pbx_password()}


def test_the_simulated_pbxs_are_told_where_to_send_notifications(seeded, client):
    orders = demo.notify_orders("http://127.0.0.1:8000/")
    assert [order["pbx"] for order in orders] == ["head-office", "budapest"]
    for order in orders:
        path = order["route_url"].removeprefix("http://127.0.0.1:8000")
        assert client.post(path, {"NotificationName": "CallChanged"}).status_code == 200


def test_the_pbx_password_is_stored_encrypted_only(seeded):
    connection = PbxConnection.objects.get(name="Budapest")
    assert connection.secrets == {"password": demo.pbx_password()}
    assert demo.pbx_password() not in connection.secret_blob


def test_a_second_run_changes_nothing_but_the_ports(seeded):
    ana = User.objects.get(username="ana")
    ana.set_password("her own one")
    ana.save()
    Contact.objects.first().delete()
    call_command("demo", "--head-office", "7003", "--budapest", "7002")
    assert url_of("Head office") == "http://127.0.0.1:7003/"
    assert User.objects.get(username="ana").check_password("her own one")
    assert Contact.objects.count() == len(demo.CONTACTS) - 1
    assert AuditEvent.objects.filter(verb=demo.SEEDED).count() == 1


def test_what_was_deleted_stays_deleted(seeded):
    PbxConnection.objects.get(name="Budapest").delete()
    call_command("demo")
    assert not PbxConnection.objects.filter(name="Budapest").exists()


@pytest.mark.parametrize(
    "own", [{"url": "http://192.168.1.20:7780/"}, {"username": "office"}, {"name": "Pest"}]
)
def test_a_connection_made_ones_own_is_left_alone(seeded, own):
    PbxConnection.objects.filter(name="Budapest").update(**own)
    before = PbxConnection.objects.filter(**own).values().get()
    call_command("demo", "--budapest", "7009")
    assert PbxConnection.objects.filter(**own).values().get() == before


def test_a_new_secret_key_gives_the_connection_its_new_password(seeded, settings):
    Feed.objects.update(error_code="auth_failed")
    settings.SECRET_KEY = "another-" + "y" * 50
    call_command("demo", "--head-office", "7001", "--budapest", "7002")
    for connection in PbxConnection.objects.all():
        assert connection.secrets == {"password": demo.pbx_password()}
    assert set(Feed.objects.values_list("error_code", flat=True)) == {""}


def test_lost_keys_are_no_obstacle(seeded, settings):
    settings.ENCRYPTION_KEYS = ["ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="]
    call_command("demo")
    assert PbxConnection.objects.get(name="Budapest").secrets["password"] == demo.pbx_password()
    assert Seat.objects.exclude(username="").get().secrets == {"password": demo.pbx_password()}


def test_an_agent_keeps_her_login_when_the_port_is_another_one(seeded):
    call_command("demo", "--centre", "7005")
    assert url_of("Contact centre").startswith("http://127.0.0.1:7005/")
    assert Seat.objects.exclude(username="").get().secrets == {"password": demo.pbx_password()}


@pytest.mark.parametrize("there", ["ana", "head_office"])
def test_it_stays_out_of_a_real_installation(request, there):
    request.getfixturevalue(there)
    before = User.objects.count(), PbxConnection.objects.count()
    with pytest.raises(CommandError, match="of its own"):
        call_command("demo")
    assert (User.objects.count(), PbxConnection.objects.count()) == before
