"""Contacts by what somebody typed: the one place that knows how the database searches.

Each contact has one indexed text. A part of it anywhere is found by reading that index from end
to end, a few milliseconds for 100,000 contacts (docs/decisions/011). On PostgreSQL a trigram index
on the same column serves the same queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.db import connection
from django.db.models import Q, QuerySet

from transfers.domain import bare_number
from transfers.phonebook import Contact, ContactNumber
from transfers.spelling import is_public, number_key, plain, written_out

LONGEST = 100  # characters of a query that count


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query, taken apart. `words` must all occur; each in one of its spellings."""

    text: str
    key: str  # of the query taken as one number
    words: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, query: str) -> Wanted:
        text, written = plain(query[:LONGEST]), written_out(query[:LONGEST])
        number = bare_number(text)
        if number.strip("+").isdigit():
            return cls(text, number_key(text), (_spellings(number, number),))
        words = map(_spellings, text.split(), written.split())
        return cls(text, number_key(text), tuple(words))

    def fits(self, text: str) -> bool:
        """The same rule for a text that is not in the database."""
        each = all(any(word in text for word in spellings) for spellings in self.words)
        return each or (is_public(self.key) and self.key in text)

    def begins(self, text: str) -> bool:
        return text.startswith(self.text)

    @property
    def condition(self) -> Q:
        each = (reduce(or_, (Q(text__contains=w) for w in words)) for words in self.words)
        number = Q(text__contains=self.key) if is_public(self.key) else Q(pk__in=[])
        return reduce(and_, each, Q()) | number if self.words else Q()


def matching(wanted: Wanted) -> QuerySet[Contact]:
    """In the order of their names."""
    return Contact.objects.filter(wanted.condition)


def first(wanted: Wanted, limit: int) -> list[int]:
    """So many contacts: exactly this number first, then names that begin so, then the rest."""
    numbers = ContactNumber.objects.filter(key=wanted.key) if wanted.key else ()
    found = dict.fromkeys(number.contact_id for number in numbers)
    rows = matching(wanted).values_list("pk", flat=True)
    if wanted.text:
        found |= dict.fromkeys(rows.filter(_begins(wanted.text))[:limit])
    if len(found) < limit:
        found |= dict.fromkeys(rows[: limit + len(found)])
    return list(found)[:limit]


def _begins(text: str) -> Q:
    """On SQLite LIKE would read the index from end to end; on PostgreSQL it has one of its own."""
    if connection.vendor == "sqlite":
        return Q(text__gte=text, text__lt=f"{text}\U0010ffff")
    return Q(text__startswith=text)


def _spellings(word: str, written: str) -> tuple[str, ...]:
    """As it is typed, with umlauts written out, and without what people put between digits."""
    bare = bare_number(word)
    digits = bare != word and bare.strip("+").isdigit()
    return tuple(dict.fromkeys((word, written, bare) if digits else (word, written)))
