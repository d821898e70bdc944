from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from transfers import crypto
from transfers.crypto import SecretsUnreadable

SECRETS = {"password": "pässwörd “quoted” 🗝"}


def test_there_and_back():
    blob = crypto.encrypt(SECRETS)
    assert crypto.decrypt(blob) == SECRETS


def test_the_blob_tells_nothing():
    blob = crypto.encrypt(SECRETS)
    assert "password" not in blob
    assert blob != crypto.encrypt(SECRETS)


def test_no_blob_is_no_secrets():
    assert crypto.decrypt("") == {}
    assert crypto.rotate("") == ""


def test_an_older_key_still_opens(settings):
    blob = crypto.encrypt(SECRETS)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    assert crypto.decrypt(blob) == SECRETS


def test_rotated_the_old_key_is_not_needed(settings):
    blob = crypto.encrypt(SECRETS)
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    rotated = crypto.rotate(blob)
    settings.ENCRYPTION_KEYS = [new]
    assert crypto.decrypt(rotated) == SECRETS
    with pytest.raises(SecretsUnreadable):
        crypto.decrypt(blob)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-4], lambda b: b[:-1] + "A=", lambda _: "nonsense"]
)
def test_a_damaged_blob_is_said_without_showing_it(damage):
    blob = damage(crypto.encrypt(SECRETS))
    with pytest.raises(SecretsUnreadable, match="PBXADMIN_ENCRYPTION_KEYS") as error:
        crypto.decrypt(blob)
    assert blob not in str(error.value)


def test_the_model_keeps_it_out_of_reprs(head_office):
    assert head_office.secrets["password"] not in repr(head_office) + str(vars(head_office))


def test_empty_secrets_leave_no_blob(head_office):
    head_office.secrets = {"password": ""}
    assert head_office.secret_blob == ""


def test_a_fingerprint_is_of_each_key_and_shows_nothing(settings):
    with_old = crypto.fingerprints("a token")
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    both = crypto.fingerprints("a token")
    assert both[1:] == with_old
    assert len(set(both)) == 2
    assert "token" not in "".join(both)
    assert crypto.fingerprints("another") != both
