"""Changing the key of the stored credentials, see docs/operations.md."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from transfers import crypto
from transfers.models import PbxConnection, User
from transfers.services.audit import record


@dataclass(frozen=True, slots=True)
class Rotation:
    rotated: int
    unreadable: tuple[str, ...]  # names of connections


def rotate_all(actor: User | None) -> Rotation:
    """Every stored credential under the first key. What no key opens stays as it is."""
    rotated, unreadable = 0, []
    with transaction.atomic():
        for connection in PbxConnection.objects.select_for_update().exclude(secret_blob=""):
            try:
                connection.secret_blob = crypto.rotate(connection.secret_blob)
            except crypto.SecretsUnreadable:
                unreadable.append(connection.name)
                continue
            connection.save(update_fields=["secret_blob"])
            rotated += 1
        record(actor, "keys.rotated", f"{rotated} credentials", unreadable=unreadable)
    return Rotation(rotated, tuple(unreadable))
