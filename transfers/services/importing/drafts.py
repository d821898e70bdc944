"""A row or a card as somebody who could be in the book: what the columns mean, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from transfers.sentences import joined, say
from transfers.spelling import number_key, plain
from transfers.validators import why_not_dialable

IGNORE, NAME, FIRST, LAST, DEPARTMENT, NOTES, GROUPS, NUMBER = (
    *("", "name", "first", "last", "department", "notes", "groups"),
    "number",  # of every PBX; "number:7" of the connection 7
)
LONGEST = {NAME: 100, DEPARTMENT: 100, NOTES: 1000, GROUPS: 60, NUMBER: 64}
MOST_NUMBERS = 10

# What headers say, in the languages of those who have sent us files; the first that fits.
HEADERS: Mapping[str, str] = {
    FIRST: r"(first|given) ?name|vorname|keresztnev|utonev|nombre de pila",
    LAST: r"(last|family|sur) ?name|nachname|vezeteknev|csaladi ?nev|apellidos?",
    GROUPS: r"groups?|categor(y|ies)|gruppen?|csoport(ok)?|grupos?|labels",
    DEPARTMENT: r"department|dept|company|organi[sz]ation|abteilung|firma|osztaly|ceg|unit"
    r"|departamento|empresa",
    NOTES: r"notes?|remarks?|comments?|bemerkung(en)?|notiz(en)?|megjegyzes|notas?|observaciones",
    NUMBER: r".*(number|phone|tel|mobil|movil|cell|desk|ext|durchwahl|handy|szam|mellek|numero).*",
    NAME: r"(full|display)? ?name|anzeigename|(teljes )?nev|nombre( completo)?",
}
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


class Bad(Exception):
    """Why a line cannot be taken; for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class DraftNumber:
    number: str
    label: str = ""
    connection: int | None = None

    @property
    def key(self) -> str:
        return number_key(self.number)


@dataclass(frozen=True, slots=True)
class Draft:
    name: str
    department: str = ""
    notes: str = ""
    groups: tuple[str, ...] = ()
    numbers: tuple[DraftNumber, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column holds, and its title.

    A first and a last name stand in the order of their columns: so the file shows them to those who
    keep it. Where the family name always goes first (Hungarian), it does so here: programs export
    "First name, Last name" there, too.
    """

    roles: tuple[str, ...]
    titles: tuple[str, ...]
    family_first: bool = False

    def draft(self, cells: Sequence[str]) -> Draft:
        """Raises Bad."""
        if any(_NOT_TEXT.search(cell) for cell in cells):
            raise Bad(say("There are characters in it that are no text."))
        if any(cells[len(self.roles) :]):
            raise Bad(say("It has more cells than there are columns."))
        found: dict[str, list[str]] = {}
        numbers = []
        for role, title, cell in zip(self.roles, self.titles, cells, strict=False):
            if not cell or role == IGNORE:
                continue
            if role.partition(":")[0] == NUMBER:
                pbx = role.partition(":")[2]
                numbers.append(DraftNumber(cell, title[:30], int(pbx) if pbx else None))
            else:
                found.setdefault(role, []).append(cell)
        order = [LAST, FIRST] if self.family_first else dict.fromkeys(self.roles)
        parts = found.get(NAME) or [
            part for role in order if role in (FIRST, LAST) for part in found.get(role, [])
        ]
        return checked(
            " ".join(parts),
            " / ".join(found.get(DEPARTMENT, [])),
            "\n".join(found.get(NOTES, [])),
            [name for cell in found.get(GROUPS, []) for name in re.split("[,;]", cell)],
            numbers,
        )


def checked(
    name: str, department: str, notes: str, groups: Iterable[str], numbers: Iterable[DraftNumber]
) -> Draft:
    """The draft, if a contact can be made of it. Raises Bad."""
    name, department = " ".join(name.split()), " ".join(department.split())
    names = tuple(dict.fromkeys(" ".join(group.split()) for group in groups if group.strip()))
    if not name:
        raise Bad(say("It has no name."))
    texts = [(NAME, name), (DEPARTMENT, department), (NOTES, notes)]
    for role, text in (*texts, *((GROUPS, group) for group in names)):
        if len(text) > LONGEST[role]:
            raise Bad(_too_long(role))
    kept = {(number.key, number.connection): number for number in map(_dialable, numbers)}
    if not kept:
        raise Bad(say("It has no number."))
    if len(kept) > MOST_NUMBERS:
        raise Bad(say("It has more than {limit} numbers.", limit=MOST_NUMBERS))
    return Draft(name, department, notes.strip(), names, tuple(kept.values()))


def _too_long(role: str) -> str:
    limit = LONGEST[role]
    return {
        NAME: say("The name is longer than {limit} characters.", limit=limit),
        DEPARTMENT: say("The department is longer than {limit} characters.", limit=limit),
        NOTES: say("The notes are longer than {limit} characters.", limit=limit),
        GROUPS: say("The name of a group is longer than {limit} characters.", limit=limit),
    }[role]


def guessed(titles: Sequence[str]) -> list[str]:
    """What the columns hold, as far as their titles tell. Beside one part of a name, a plain "name"
    is the other part: „Name, Vorname“, “Nombre, Apellidos”."""
    roles = [_guess(title) for title in titles]
    if (FIRST in roles) != (LAST in roles):
        other = LAST if FIRST in roles else FIRST
        roles = [other if role == NAME else role for role in roles]
    return roles


def looks_like_titles(cells: Sequence[str]) -> bool:
    return not any(sum(c.isdigit() for c in cell) > 2 for cell in cells) and any(guessed(cells))


def _guess(title: str) -> str:
    words = plain(re.sub(r"[_\-.:]+", " ", title))
    return next((role for role, rule in HEADERS.items() if re.fullmatch(rule, words)), IGNORE)


def _dialable(number: DraftNumber) -> DraftNumber:
    """In a file a number has a digit: words in such a column are remarks, not SIP names."""
    shown = say("“{text}” is no number.", text=number.number[:40])
    if not any(sign.isdigit() for sign in number.number):
        raise Bad(shown)
    if why := why_not_dialable(number.number):
        raise Bad(joined(shown, why))
    return number
