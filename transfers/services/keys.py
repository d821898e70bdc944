"""Changing the key of the stored credentials, see docs/operations.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from transfers import crypto
from transfers.farewells import Farewell
from transfers.models import PbxConnection, Seat, User
from transfers.sentences import say
from transfers.services.audit import record
from transfers.standing import NotifyAddress

Row = PbxConnection | Seat | NotifyAddress | Farewell


@dataclass(frozen=True, slots=True)
class Rotation:
    rotated: int
    unreadable: tuple[str, ...]  # names of connections


def rotate_all(actor: User | None) -> Rotation:
    """Every stored secret under the first key. What no key opens stays as it is."""
    rotated, unreadable = 0, []
    with transaction.atomic():
        for row in _rows():
            try:
                row.secrets = row.secrets
            except crypto.SecretsUnreadable:
                unreadable.append(_name(row))
                continue
            row.save()
            rotated += 1
        record(
            actor, "keys.rotated", say("{count} credentials", count=rotated), unreadable=unreadable
        )
    return Rotation(rotated, tuple(unreadable))


def _rows() -> Iterator[Row]:
    """All that has secrets but what drivers remember, which is fetched anew."""
    yield from PbxConnection.objects.select_for_update().exclude(secret_blob="")
    yield from Seat.objects.select_for_update().exclude(secret_blob="").select_related("user")
    yield from NotifyAddress.objects.select_for_update().select_related("connection")
    yield from Farewell.objects.select_for_update().exclude(secret_blob="")


def _name(row: Row) -> str:
    """For people: whose secret it is."""
    if isinstance(row, PbxConnection):
        return row.name
    return str(row)
