"""Whom calls can be sent to: contacts and the PBXs' own extensions, found as somebody types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from transfers import access
from transfers.board import lease
from transfers.board.accounts import feeds_for
from transfers.domain import Action, bare_number
from transfers.models import PbxConnection, Transfer, User
from transfers.phonebook import Contact, ContactNumber, Favourite
from transfers.services import lookup
from transfers.services.dialling import Dialling, Way
from transfers.services.lookup import Wanted
from transfers.services.presence import Line, Presence, Watch, Watches, best
from transfers.services.rules import WITH_TARGET
from transfers.spelling import as_dialled, number_key, plain, spellings, written_out

CHOSEN = [*WITH_TARGET, Action.DIAL]  # she chose whom
RECENT = 10  # targets that count as recent
LOOKED_BACK = 50  # of her transfers, for these
LINES = 100  # extensions of one PBX that are looked at further


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to choose: a number of somebody, and whether this call can be sent there.

    `number` is as people wrote it, `dial` is what the PBX is told; "" when it is not `reachable`,
    and `reason` says why. `contact` is None for an extension that no contact names. `age` is that
    of the presence in seconds; None while it is kept up to date.
    """

    name: str
    department: str = ""
    number: str = ""
    dial: str = ""
    label: str = ""
    presence: str = ""
    age: float | None = None
    favourite: bool = False
    recent: bool = False
    reachable: bool = True
    reason: str = ""
    contact: int | None = None
    pbx: str = ""  # where an extension is, when it is not said by the connection
    connection: int | None = None  # likewise, its id


def search(
    user: User,
    query: str,
    connection: PbxConnection | None = None,
    limit: int = 20,
    *,
    without: Iterable[str] = (),
) -> list[Entry]:
    """Who fits the query, best first: an exact number, favourites, recent targets, names that
    begin so, the rest; at the end those whom this connection cannot reach.

    With a connection, the numbers are those that its PBX can dial, one entry for each; without
    one, each person has one entry. `without` are numbers that are left out: the call's parties.
    """
    return _Search(user, query, connection, frozenset(map(number_key, without))).entries(limit)


def own(
    user: User, connection: PbxConnection | None = None, *, without: Iterable[str] = ()
) -> list[Entry]:
    """Her favourites and recent targets, those that the connection cannot reach among them: with
    many others to show, `search` would leave these out."""
    return _Search(user, "", connection, frozenset(map(number_key, without))).own()


@dataclass(frozen=True, slots=True)
class Card:
    """A contact as this person sees it: her star, and the numbers of her PBXs."""

    contact: Contact
    favourite: bool
    numbers: tuple[tuple[ContactNumber, Presence], ...]


def cards(user: User, contacts: Iterable[Contact]) -> list[Card]:
    """`contacts` come with their numbers."""
    feeds = list(feeds_for(user))
    lease.watch([feed for feed in feeds if feed.connection.enabled])  # so that presence is new
    watches = Watches.of(user, feeds)
    stars = set(Favourite.objects.filter(user=user).values_list("contact", flat=True))
    visible = {None, *access.connections_of(user).values_list("pk", flat=True)}
    return [
        Card(
            contact,
            contact.pk in stars,
            tuple(
                (number, watches.sees(number.key, number.connection_id))
                for number in contact.numbers.all()
                if number.connection_id in visible
            ),
        )
        for contact in contacts
    ]


def extensions(user: User, query: str, limit: int = 50) -> list[Entry]:
    """The PBXs' own extensions that no contact has."""
    return _Search(user, query, None, frozenset()).lines(limit)


def named(entries: Iterable[Entry], name: str) -> list[Entry]:
    """Those with exactly this name."""
    return [entry for entry in entries if plain(entry.name) == plain(name)]


@dataclass(frozen=True)
class _Search:
    user: User
    query: str
    connection: PbxConnection | None
    without: frozenset[str]

    def entries(self, limit: int) -> list[Entry]:
        contacts = self._contacts(limit)
        found = [entry for contact in contacts for entry in self._of_contact(contact)]
        found += self._of_lines(limit)
        found += self._unnamed_recents(found)
        found.sort(key=self._rank)
        return found[:limit]

    def own(self) -> list[Entry]:
        contacts = _with_numbers(self._own())
        found = [entry for contact in contacts for entry in self._of_contact(contact)]
        for watch in self._feeds():
            keys = [key for key in self.recents if key in watch.lines and key not in self.without]
            found += self._of_unnamed([(key, watch.lines[key]) for key in keys], watch)
        found += self._unnamed_recents(found)
        return sorted(found, key=self._rank)

    # What is known beforehand.

    @cached_property
    def wanted(self) -> Wanted:
        return Wanted.of(self.query)

    @cached_property
    def watches(self) -> Watches:
        return Watches.of(self.user, feeds_for(self.user))

    @cached_property
    def dialling(self) -> Dialling | None:
        return Dialling.of(self.connection) if self.connection else None

    @cached_property
    def visible(self) -> set[int]:
        """The PBXs whose numbers this person may be shown."""
        return set(access.connections_of(self.user).values_list("pk", flat=True))

    @cached_property
    def favourites(self) -> set[int]:
        return set(Favourite.objects.filter(user=self.user).values_list("contact", flat=True))

    @cached_property
    def recents(self) -> dict[str, Transfer]:
        """Key of the target → her newest transfer there."""
        rows = Transfer.objects.filter(user=self.user, kind__in=CHOSEN).exclude(target="")
        if self.connection:
            rows = rows.filter(connection=self.connection)
        found: dict[str, Transfer] = {}
        for row in rows[:LOOKED_BACK]:
            if len(found) < RECENT:
                found.setdefault(number_key(row.target), row)
        return found

    # Contacts.

    def _contacts(self, limit: int) -> list[Contact]:
        own = lookup.matching(self.wanted).filter(pk__in=self._own())
        found = lookup.first(self.wanted, limit)
        return _with_numbers([*found, *own.values_list("pk", flat=True)[:limit]])

    def _own(self) -> set[int]:
        """Her favourites, and whom she sent a call to lately."""
        recent = ContactNumber.objects.filter(key__in=self.recents)
        return self.favourites | set(recent.values_list("contact", flat=True))

    def _of_contact(self, contact: Contact) -> list[Entry]:
        numbers = list(contact.numbers.all())
        seen = [n for n in numbers if n.connection_id is None or n.connection_id in self.visible]
        if self.dialling is None:
            return [self._entry(contact, Way(number, ""), seen) for number in seen[:1]]
        ways = self.dialling.ways(numbers)
        if not ways:
            reason = self.dialling.why_none(seen)
            return [self._person(contact, reachable=False, reason=reason)]
        kept = [way for way in ways if not {way.number.key, number_key(way.dial)} & self.without]
        return [self._entry(contact, way, [way.number]) for way in kept]

    def _entry(self, contact: Contact, way: Way, watched: list[ContactNumber]) -> Entry:
        presence = best(self.watches.sees(n.key, n.connection_id) for n in watched)
        return self._person(
            contact,
            number=way.number.number,
            dial=way.dial,
            label=way.number.label,
            presence=presence.text,
            age=presence.age,
            recent=bool({way.number.key, number_key(way.dial)} & set(self.recents)),
        )

    def _person(self, contact: Contact, **values: object) -> Entry:
        return Entry(
            name=contact.name,
            department=contact.department,
            favourite=contact.pk in self.favourites,
            contact=contact.pk,
            **values,  # type: ignore[arg-type]
        )

    # Extensions, and numbers that were typed by hand.

    def lines(self, limit: int) -> list[Entry]:
        return sorted(self._of_lines(limit), key=self._rank)[:limit]

    def _feeds(self) -> list[Watch]:
        """Of this PBX; of all that she may look at when none is asked for."""
        here = self.connection and self.connection.pk
        return [watch for watch in self.watches.feeds if here in (None, watch.connection_id)]

    def _of_lines(self, limit: int) -> list[Entry]:
        found: list[Entry] = []
        for watch in self._feeds():
            fitting = [
                (key, line)
                for key, line in watch.lines.items()
                if key not in self.without and self.wanted.fits(line.text)
            ]
            fitting.sort(key=lambda pair: (not self._begins(pair[1]), pair[1].text))
            found += self._of_unnamed(fitting[: max(limit, LINES)], watch)
        return found

    def _of_unnamed(self, lines: list[tuple[str, Line]], watch: Watch) -> list[Entry]:
        known = self._named({key for key, _ in lines}, watch.connection_id)
        return [self._of_line(key, line, watch) for key, line in lines if key not in known]

    def _begins(self, line: Line) -> bool:
        return number_key(line.extension.number) == self.wanted.key or self.wanted.begins(line.text)

    def _named(self, keys: Iterable[str], connection_id: int) -> set[str]:
        """The numbers that a contact has: the contact is shown instead."""
        here = Q(connection=None) | Q(connection=connection_id)
        rows = ContactNumber.objects.filter(here, key__in=keys)
        return set(rows.values_list("key", flat=True))

    def _of_line(self, key: str, line: Line, watch: Watch) -> Entry:
        extension, presence = line.extension, watch.sees(key)
        return Entry(
            name=extension.name,
            number=extension.number,
            dial=extension.number if self.connection else "",
            label=extension.kind,
            pbx="" if self.connection else watch.name,
            connection=watch.connection_id,
            presence=presence.text,
            age=presence.age,
            recent=key in self.recents,
        )

    def _unnamed_recents(self, found: Iterable[Entry]) -> list[Entry]:
        """Numbers that she typed by hand lately and that nobody's entry has."""
        if self.connection is None:
            return []
        known = {number_key(number) for e in found for number in (e.number, e.dial)}
        known |= self.without | self._named(self.recents, self.connection.pk)
        return [
            Entry(name=row.target_name, number=row.target, dial=row.target, recent=True)
            for key, row in self.recents.items()
            if key not in known
            and self.wanted.fits(spellings(f"{row.target_name} {key} {as_dialled(key)}"))
        ]

    def _rank(self, entry: Entry) -> tuple[object, ...]:
        name = plain(entry.name)
        keys = {number_key(entry.number), number_key(entry.dial)} if self.wanted.key else set()
        return (
            not entry.reachable,
            self.wanted.key not in keys,
            not entry.favourite,
            not entry.recent,
            not (self.wanted.begins(name) or self.wanted.begins(written_out(entry.name))),
            name or "~",
            bare_number(entry.number),
        )


def _with_numbers(contacts: Iterable[int]) -> list[Contact]:
    rows = Contact.objects.filter(pk__in=contacts)
    return list(rows.prefetch_related("numbers__connection"))
