"""Our own names for the numbers on the board.

A look costs the same however long the phone book is: only the numbers in the calls are looked up,
and once for everybody who looks until the calls or the phone book change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import F, Q

from transfers.board.snapshot import load_calls
from transfers.domain import bare_number
from transfers.phonebook import Contact, PhoneBook

AT_ONCE = 500  # numbers in one query


@dataclass(frozen=True, slots=True)
class Names:
    """Of the numbers in one picture. `mark` is another one when any name is."""

    by_number: Mapping[str, str]
    mark: str

    def of(self, number: str) -> str:
        return self.by_number.get(bare_number(number), "")


def book_version() -> str:
    """To be read before the names: what is read later is at least as new."""
    return PhoneBook.objects.values_list("version", flat=True).first() or ""


@lru_cache(maxsize=64)
def names_on(connection_id: int, version: str, calls: str) -> Names:
    """The names in a stored picture. `version` is the phone book's, and only part of the key."""
    numbers = [p.number for call in load_calls(calls) for p in (call.caller, call.callee)]
    found = names_of(connection_id, numbers)
    mark = hashlib.blake2b(repr(sorted(found.items())).encode(), digest_size=12).hexdigest()
    return Names(found, mark)


def names_of(connection_id: int, numbers: Collection[str]) -> dict[str, str]:
    """Bare number → name, of those numbers that a contact of this PBX has."""
    ours = Q(connection=connection_id) | Q(connection=None)
    own_last = F("connection").asc(nulls_first=True)  # what this PBX alone dials goes before
    rows = Contact.objects.filter(ours).order_by(own_last, "name").values_list("bare", "name")
    wanted = sorted({bare_number(number) for number in numbers} - {""})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        found.update(rows.filter(bare__in=wanted[start : start + AT_ONCE]))
    return found
