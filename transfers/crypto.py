"""Credentials at rest: JSON, encrypted with Fernet under `settings.ENCRYPTION_KEYS`.

The first key encrypts, all of them decrypt, so a key is changed by putting the new one in front
and running `manage.py rotate_keys`.
"""

from __future__ import annotations

import hmac
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from transfers.sentences import say


class SecretsUnreadable(Exception):
    """None of the keys opens this blob."""

    text = say(
        "The stored credentials cannot be read with the keys in PBXADMIN_ENCRYPTION_KEYS. "
        "Put the key they were saved with back, or enter the credentials again."
    )

    def __init__(self) -> None:
        super().__init__(self.text)


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def encrypt(secrets: dict[str, str]) -> str:
    return _fernet().encrypt(json.dumps(secrets).encode()).decode()


def decrypt(blob: str) -> dict[str, str]:
    """The secrets of a blob; {} for an empty one. Raises SecretsUnreadable."""
    if not blob:
        return {}
    try:
        secrets: dict[str, str] = json.loads(_fernet().decrypt(blob.encode()))
    except InvalidToken as error:
        raise SecretsUnreadable from error
    return secrets


def rotate(blob: str) -> str:
    """The same secrets under the first key."""
    return encrypt(decrypt(blob)) if blob else ""


def fingerprints(secret: str) -> list[str]:
    """What to find a stored secret by: one keyed digest per key, the first one is stored.

    Nobody who reads the database can tell a secret by it, nor can one who measures the look-up.
    """
    return [
        hmac.new(key.encode(), b"fingerprint " + secret.encode(), "sha256").hexdigest()
        for key in settings.ENCRYPTION_KEYS
    ]
