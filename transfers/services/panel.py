"""The people beside the calls: favourites with a digit each, recent targets, who was searched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transfers.models import PbxConnection, User
from transfers.phonebook import Contact, Favourite
from transfers.sentences import say
from transfers.services.directory import Entry, own, search

DIGITS = 9  # favourites that a key reaches
SHOWN, RECENTS, OTHERS = 20, 5, 8  # lines of a search; without one


@dataclass(frozen=True, slots=True)
class Person:
    entry: Entry
    digit: int = 0  # 0: no key


@dataclass(frozen=True, slots=True)
class Group:
    slug: str
    title: str
    people: list[Person]


def panel(
    user: User, query: str, connection: PbxConnection | None, without: Iterable[str] = ()
) -> list[Group]:
    """With a connection: whom a call there can be sent to. Empty groups are left out."""
    if query.strip():
        found = search(user, query, connection, SHOWN, without=without)
        return [Group("found", say("Found"), [Person(entry) for entry in found])] if found else []
    entries, digits = own(user, connection, without=without), _digits(user)
    favourites = sorted((e for e in entries if e.favourite), key=lambda e: _order(e, digits))
    recent = [e for e in entries if e.recent and not e.favourite][:RECENTS]
    others = [] if favourites or recent else search(user, "", connection, OTHERS, without=without)
    groups = [
        Group("favourites", say("Favourites"), _numbered(favourites[: 2 * SHOWN], digits)),
        Group("recent", say("Recent"), [Person(entry) for entry in recent]),
        Group("others", say("People"), [Person(entry) for entry in others]),
    ]
    return [group for group in groups if group.people]


def favourite(user: User, digit: str, connection: PbxConnection) -> Entry | None:
    """The favourite with this digit as the connection reaches it, or not, with the reason."""
    contact = favourite_contact(user, digit)
    if contact is None:
        return None
    return next((entry for entry in own(user, connection) if entry.contact == contact.pk), None)


def favourite_contact(user: User, digit: str) -> Contact | None:
    numbered = {str(n): contact for contact, n in _digits(user).items()}
    return Contact.objects.filter(pk=numbered.get(digit, 0)).first()


def _digits(user: User) -> dict[int, int]:
    """Contact → digit, in the order in which they were marked: fingers learn them."""
    rows = Favourite.objects.filter(user=user).order_by("pk").values_list("contact", flat=True)
    return {contact: n for n, contact in enumerate(rows[:DIGITS], 1)}


def _order(entry: Entry, digits: dict[int, int]) -> tuple[int, str]:
    return digits.get(entry.contact or 0, DIGITS + 1), entry.name


def _numbered(entries: list[Entry], digits: dict[int, int]) -> list[Person]:
    """A digit means the first number of its person."""
    left = dict(digits)
    return [Person(entry, left.pop(entry.contact or 0, 0)) for entry in entries]
