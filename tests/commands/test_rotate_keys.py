from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from tests.conftest import PBX_PASSWORD
from transfers.models import AuditEvent, PbxConnection, Seat
from transfers.services import notifications


def rotate() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def test_everything_ends_under_the_first_key(head_office, settings):
    PbxConnection.objects.create(name="Open", vendor="ozeki")
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    assert "first key: 1." in rotate()
    settings.ENCRYPTION_KEYS = [new]
    head_office.refresh_from_db()
    assert head_office.secrets == {"password": PBX_PASSWORD}
    assert PbxConnection.objects.get(name="Open").secret_blob == ""


def test_twice_does_no_harm(head_office):
    rotate()
    rotate()
    head_office.refresh_from_db()
    assert head_office.secrets == {"password": PBX_PASSWORD}


def test_an_unreadable_one_is_named_and_the_others_are_rotated(head_office, settings):
    lost = PbxConnection(name="Abroad", vendor="ozeki")
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    lost.secrets = {"password": "x"}
    lost.save()
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *old]
    with pytest.raises(CommandError, match="No key opens the credentials of: Abroad"):
        rotate()
    assert PbxConnection.objects.get(name="Abroad").secret_blob == lost.secret_blob
    settings.ENCRYPTION_KEYS = [new]
    head_office.refresh_from_db()
    assert head_office.secrets == {"password": PBX_PASSWORD}


def test_it_is_in_the_log_without_secrets(head_office):
    rotate()
    event = AuditEvent.objects.get()
    assert (event.actor_name, event.verb) == ("system", "keys.rotated")
    assert event.data == {"unreadable": []}


@pytest.mark.django_db
def test_nothing_to_do():
    assert "first key: 0." in rotate()


def test_seats_and_notify_addresses_are_rotated_too(head_office, ana, root, settings):
    seat = Seat.objects.get(user=ana)
    seat.secrets = {"password": "her own"}
    seat.save()
    token = notifications.renew(root, head_office).token
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    assert notifications.address_of(token) is not None, "found while both keys are there"
    assert "first key: 3." in rotate()
    settings.ENCRYPTION_KEYS = [new]
    seat.refresh_from_db()
    assert seat.secrets == {"password": "her own"}
    assert notifications.address_of(token) is not None
    assert notifications.token_of(head_office) == token
