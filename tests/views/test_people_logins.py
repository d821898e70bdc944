"""Seats with a login of their own: asked for where agents have one, and never shown again."""

from __future__ import annotations

import pytest

from tests.views.test_people import of, posted, text, verbs
from transfers.models import AuditEvent, Feed, Seat, User

SECRET = "agent-s3cret-word"


@pytest.fixture
def seat(ana, centre) -> Seat:
    seat = Seat(user=ana, connection=centre, extensions="5001", username="ana.k")
    seat.secrets = {"password": SECRET}
    seat.save()
    return seat


def row(seat: Seat, **changes) -> dict:
    values = {"id": seat.pk, "connection": seat.connection_id, "extensions": seat.extensions}
    return values | {"sees": seat.sees, "username": seat.username, "password": ""} | changes


def save(client, user: User, *seats: dict):
    return client.post(f"/people/{user.pk}/", of(user, seats=list(seats)))


def test_the_fields_are_there_only_where_agents_have_logins(as_user, root, ana, request):
    client = as_user(root)
    assert "Login at the PBX" not in text(client.get(f"/people/{ana.pk}/"))
    request.getfixturevalue("centre")
    assert "Login at the PBX" in text(client.get(f"/people/{ana.pk}/"))


def test_a_login_is_stored_encrypted_and_starts_a_feed(as_user, root, centre):
    values = {"connection": centre.pk, "extensions": "5001", "sees": "all"}
    as_user(root).post("/people/add/", posted([values | {"username": "dora", "password": SECRET}]))
    seat = Seat.objects.get()
    assert (seat.username, seat.secrets) == ("dora", {"password": SECRET})
    assert SECRET not in seat.secret_blob
    assert Feed.objects.get(seat=seat).connection == centre
    assert SECRET not in str(list(AuditEvent.objects.values()))


def test_the_password_is_never_shown(as_user, root, ana, seat):
    client = as_user(root)
    page = text(client.get(f"/people/{ana.pk}/"))
    assert "stored; empty keeps it" in page
    assert SECRET not in page
    again = text(save(client, ana, row(seat, password="new-s3cret", extensions="x,,")))
    assert "Not saved." in again
    assert "new-s3cret" not in again


@pytest.mark.parametrize(("typed", "kept"), [("", SECRET), ("new-s3cret", "new-s3cret")])
def test_an_empty_password_keeps_the_stored_one(as_user, root, ana, seat, typed, kept):
    save(as_user(root), ana, row(seat, password=typed, extensions="5001, 5002"))
    seat.refresh_from_db()
    assert seat.numbers == ["5001", "5002"]
    assert seat.secrets == {"password": kept}
    assert verbs() == ["seat.edited"]
    assert kept not in str(list(AuditEvent.objects.values()))


def test_another_login_or_pbx_is_not_told_the_stored_password(
    as_user, root, ana, seat, head_office
):
    client = as_user(root)
    save(client, ana, row(seat, username="somebody.else"))
    seat.refresh_from_db()
    assert seat.secrets == {}
    seat.secrets = {"password": SECRET}
    seat.save()
    ana.seats.filter(connection=head_office).delete()
    save(client, ana, row(seat, connection=head_office.pk))
    seat.refresh_from_db()
    assert (seat.connection, seat.secrets) == (head_office, {})


def test_a_removed_seat_takes_its_feed_along(as_user, root, ana, seat, centre):
    Feed.objects.create(connection=centre, seat=seat)
    save(as_user(root), ana, row(seat, DELETE="on"))
    assert list(Feed.objects.filter(connection=centre).values_list("seat", flat=True)) == [None]
