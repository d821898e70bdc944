"""Which of somebody's numbers a PBX can reach, and what it dials for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from transfers.domain import bare_number
from transfers.models import PbxConnection, User
from transfers.phonebook import ContactNumber, DialPrefix, PhoneBook
from transfers.sentences import say
from transfers.services.audit import record
from transfers.spelling import as_dialled, is_public


@dataclass(frozen=True, slots=True)
class Way:
    """A number, and what is sent to the PBX for it."""

    number: ContactNumber
    dial: str


@dataclass(frozen=True, slots=True)
class Dialling:
    """The rules of one PBX: other PBX, or None for outside → what is dialled first."""

    connection: PbxConnection
    prefixes: Mapping[int | None, str]

    @classmethod
    def of(cls, connection: PbxConnection) -> Dialling:
        rules = DialPrefix.objects.filter(connection=connection)
        return cls(connection, dict(rules.values_list("other", "prefix")))

    def ways(self, numbers: Iterable[ContactNumber]) -> list[Way]:
        """This PBX's own numbers and those of every PBX; only without them, other PBXs' ones."""
        near: list[Way] = []
        far: list[Way] = []
        for number in numbers:
            if number.connection_id == self.connection.pk:
                near.insert(_own(near, self.connection), Way(number, number.number))
            elif number.connection_id is None:
                near.append(Way(number, self._outside(number)))
            elif (prefix := self.prefixes.get(number.connection_id)) is not None:
                far.append(Way(number, prefix + bare_number(number.number)))
        return near or far

    def why_none(self, numbers: Iterable[ContactNumber]) -> str:
        """Why `ways` found none among these."""
        names = dict.fromkeys(n.connection.name for n in numbers if n.connection)
        if not names:
            return say("No number that {pbx} can dial.", pbx=self.connection)
        others = ", ".join(names)
        return say("Only on {others}, which {pbx} cannot dial.", others=others, pbx=self.connection)

    def _outside(self, number: ContactNumber) -> str:
        prefix = self.prefixes.get(None, "")
        if not prefix or not is_public(number.key):
            return number.number
        return prefix + as_dialled(number.number)


def _own(ways: list[Way], connection: PbxConnection) -> int:
    """Where the next own number goes: after the other own ones."""
    return sum(way.number.connection_id == connection.pk for way in ways)


@transaction.atomic
def save(actor: User, connection: PbxConnection, prefixes: Mapping[int | None, str | None]) -> None:
    """Other PBX, or None for outside → what is dialled first; None: it cannot be reached."""
    before = dict(DialPrefix.objects.filter(connection=connection).values_list("other", "prefix"))
    wanted = {other: prefix for other, prefix in prefixes.items() if prefix is not None}
    if wanted == before:
        return
    DialPrefix.objects.filter(connection=connection).delete()
    DialPrefix.objects.bulk_create(
        DialPrefix(connection=connection, other_id=other, prefix=prefix)
        for other, prefix in wanted.items()
    )
    PhoneBook.changed()
    record(actor, "connection.dialling", connection.name, prefixes=sorted(wanted.values()))
