"""Our own names for the numbers on the board.

A look costs the same however long the phone book is: only the numbers in the calls are looked up,
and once for everybody who looks until the calls or the phone book change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from transfers.board.kept import kept
from transfers.board.snapshot import load_calls
from transfers.domain import bare_number
from transfers.models import Feed, PbxConnection
from transfers.phonebook import Contact, ContactNumber, DialPrefix, PhoneBook
from transfers.services.presence import lines
from transfers.spelling import number_key

AT_ONCE = 500  # numbers in one query

# Where a number is known: the key of its spelling, and the PBX it is of; None for every PBX.
Place = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Names:
    """Of the numbers in one picture. `mark` is another one when any name is."""

    by_number: Mapping[str, str]
    mark: str

    def of(self, number: str) -> str:
        return self.by_number.get(number, "")


def book_version() -> str:
    """To be read before the names: what is read later is at least as new."""
    return PhoneBook.objects.values_list("version", flat=True).first() or ""


@kept
def names_on(connection_id: int, version: str, calls: str) -> Names:
    """The names in a stored picture. `version` is the phone book's, and only part of the key."""
    numbers = [p.number for call in load_calls(calls) for p in (call.caller, call.callee)]
    found = names_of(connection_id, numbers)
    mark = hashlib.blake2b(repr(sorted(found.items())).encode(), digest_size=12).hexdigest()
    return Names(found, mark)


def name_of(connection: PbxConnection, number: str) -> str:
    """The name that goes with a number on this PBX: ours, else the one the PBX lists, else ""."""
    return names_of(connection.pk, [number]).get(number, "") or _listed(connection, number)


def _listed(connection: PbxConnection, number: str) -> str:
    key = number_key(number)
    directories = Feed.objects.filter(connection=connection).values_list("directory", flat=True)
    found = (lines(directory).get(key) for directory in directories)
    return next((line.extension.name for line in found if line and line.extension.name), "")


def names_of(connection_id: int, numbers: Iterable[str]) -> dict[str, str]:
    """Number → name, of those that a contact has, with or without what this PBX dials first."""
    return _found(connection_id, numbers, "contact__name")


def contact_of(connection: PbxConnection, number: str) -> Contact | None:
    """The one whose name a number has on this PBX."""
    pk = _found(connection.pk, [number], "contact").get(number)
    return Contact.objects.filter(pk=pk).first() if pk else None


def _found(connection_id: int, numbers: Iterable[str], field: str) -> dict[str, Any]:
    prefixes = list(DialPrefix.objects.filter(connection=connection_id).exclude(prefix=""))
    places = {n: _places(connection_id, n, prefixes) for n in set(numbers) if bare_number(n)}
    known = _known({place for those in places.values() for place in those}, field)
    found = {}
    for number, those in places.items():
        value = next((known[place] for place in those if place in known), None)
        if value:
            found[number] = value
    return found


def _places(connection_id: int, number: str, prefixes: list[DialPrefix]) -> list[Place]:
    """Where this number may be known, the likeliest first."""
    key = number_key(number)
    found: list[Place] = [(key, connection_id), (key, None)]
    for rule in prefixes:
        rest = bare_number(number).removeprefix(rule.prefix)
        if rest and rest != bare_number(number):
            found.append((number_key(rest), rule.other_id))
    return found


def _known(places: set[Place], field: str) -> dict[Place, Any]:
    keys = sorted({key for key, _ in places})
    of = Q(connection=None) | Q(connection__in={owner for _, owner in places if owner})
    rows = ContactNumber.objects.filter(of).order_by("contact__text", "pk")
    found: dict[Place, Any] = {}
    for start in range(0, len(keys), AT_ONCE):
        some = rows.filter(key__in=keys[start : start + AT_ONCE])
        for key, owner, value in some.values_list("key", "connection", field):
            found.setdefault((key, owner), value)
    return found
