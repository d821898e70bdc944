"""Whom a call can be sent to: the PBX's own extensions and our contacts, with who is busy now."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from transfers.board.snapshot import load_calls, load_directory
from transfers.domain import Call, CallState, Extension, bare_number, same_number
from transfers.models import Feed, PbxConnection
from transfers.phonebook import Contact
from transfers.services.names import names_of

SHOWN = 12  # so many suggestions; typing more narrows them


@dataclass(frozen=True, slots=True)
class Target:
    number: str
    name: str
    detail: str  # department, or what kind of extension
    presence: str  # "free", "on a call", "ringing", "not registered", or "" when nobody can tell


def suggest(feed: Feed, query: str, *, without: Iterable[str] = ()) -> list[Target]:
    """The targets matching a part of a name, a department or a number, best first."""
    taken = {bare_number(number) for number in without}
    wanted = [_plain(word) for word in query.split()]
    found = [
        target
        for target in everybody(feed)
        if bare_number(target.number) not in taken and _matches(target, wanted)
    ]
    found.sort(key=lambda target: _rank(target, query))
    return found[:SHOWN]


def everybody(feed: Feed) -> list[Target]:
    """All targets of one PBX: contacts first, then the extensions that no contact names."""
    calls, extensions = load_calls(feed.calls), load_directory(feed.directory)
    known = {bare_number(extension.number): extension for extension in extensions}
    found = []
    named = set()
    for contact in _contacts(feed.connection):
        number = bare_number(contact.number)
        named.add(number)
        presence = _presence(contact.number, known.get(number), calls)
        found.append(Target(contact.number, contact.name, contact.department, presence))
    for number, extension in known.items():
        if number not in named:
            presence = _presence(extension.number, extension, calls)
            found.append(Target(extension.number, extension.name, extension.kind, presence))
    return found


def name_of(connection: PbxConnection, number: str) -> str:
    """The name that goes with a number on this PBX, or ""."""
    return names_of(connection.pk, [number]).get(bare_number(number), "")


def _contacts(connection: PbxConnection) -> Iterable[Contact]:
    return Contact.objects.filter(Q(connection=connection) | Q(connection=None))


def _presence(number: str, extension: Extension | None, calls: Iterable[Call]) -> str:
    states = {call.state for call in calls if call.involves(number)} - {CallState.ENDED}
    if states & {CallState.TALKING, CallState.HELD, CallState.DIALING}:
        return "on a call"
    if CallState.RINGING in states:
        return "ringing"
    if extension is None or extension.registered is None:
        return "free" if extension is not None else ""
    return "free" if extension.registered else "not registered"


def _matches(target: Target, wanted: list[str]) -> bool:
    text = _plain(f"{target.name} {target.detail} {target.number} {bare_number(target.number)}")
    number = bare_number(target.number)
    return all(word in text or ((bare := bare_number(word)) and bare in number) for word in wanted)


def _rank(target: Target, query: str) -> tuple[bool, bool, str, str]:
    exact = same_number(target.number, query)
    starts = _plain(target.name).startswith(_plain(query))
    return (not exact, not starts, _plain(target.name) or "~", target.number)


def _plain(text: str) -> str:
    """Lower case without accents, so that "kovacs" finds "Kovács"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
