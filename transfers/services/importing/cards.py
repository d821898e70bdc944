"""vCard files, card by card: a bad one spoils no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import Any

import vobject

from transfers.sentences import say
from transfers.services.importing.drafts import Bad, Draft, DraftNumber, checked
from transfers.services.importing.files import MOST_LINES, Unreadable, not_encoded_so

LONGEST_CARD = 1_000_000  # characters; a picture may be inside
# The labels of a number, by the words of its TYPE.
LABELS = {"cell": "mobile", "work": "desk", "home": "home", "fax": "fax", "pager": "pager"}


@dataclass(frozen=True, slots=True)
class Card:
    line: int
    text: str
    position: int


def is_vcard(content: bytes) -> bool:
    return b"BEGIN:VCARD" in content[:4096].replace(b"\0", b"").upper()


def cards(content: bytes, encoding: str) -> Iterator[Card]:
    """Raises Unreadable."""
    stream = BytesIO(content)
    text = TextIOWrapper(stream, encoding, newline=None)  # kept: it closes the stream when it goes
    lines: list[str] = []
    begins = number = 0
    try:
        for number, line in enumerate(text, 1):
            word = line.strip().upper()
            if word == "BEGIN:VCARD":
                if lines:
                    yield Card(begins, "".join(lines), stream.tell())
                lines, begins = [], number
            if begins:
                lines.append(line)
            if word == "END:VCARD":
                yield Card(begins, "".join(lines), stream.tell())
                lines, begins = [], 0
            if number > 20 * MOST_LINES:
                raise Unreadable(say("The file has too many lines. Divide it."))
    except UnicodeError:
        raise not_encoded_so(encoding, number) from None
    if lines:
        yield Card(begins, "".join(lines), stream.tell())


def draft(card: Card, family_first: bool = False) -> Draft:
    """`family_first` is for a name that the card has only in parts. Raises Bad."""
    if len(card.text) > LONGEST_CARD:
        raise Bad(say("The card is far too long."))
    if not card.text.rstrip().upper().endswith("END:VCARD"):
        raise Bad(say("The card has no end."))
    try:
        read = vobject.readOne(card.text, allowQP=True).contents
    except Exception as error:  # the library's own words for a hostile card are many
        words = say("The card cannot be read: {why}", why=str(error)[:150])
        raise Bad(words) from None
    return checked(
        _name(read, family_first),
        _department(read),
        "\n".join(_texts(read.get("note", []))),
        _texts(part for line in read.get("categories", []) for part in _parts(line.value)),
        [_number(line) for line in read.get("tel", [])],
    )


def _name(read: dict[str, Any], family_first: bool) -> str:
    for full in _texts(read.get("fn", [])):
        if full:
            return full
    names = read["n"][0].value if "n" in read else None
    both = ("family", "given") if family_first else ("given", "family")
    parts = (getattr(names, part, "") for part in ("prefix", *both, "suffix"))
    return " ".join(" ".join(_parts(part)) for part in parts)


def _department(read: dict[str, Any]) -> str:
    """The part of the organisation, or else the organisation."""
    parts = [part for line in read.get("org", [])[:1] for part in _parts(line.value) if part]
    return " / ".join(parts[1:] or parts)


def _number(line: Any) -> DraftNumber:
    number = str(line.value).strip()
    if number.lower().startswith("tel:"):
        number = number[4:].partition(";")[0]
    types = {str(word).lower() for word in line.params.get("TYPE", [])}
    types |= {str(word).lower() for word in line.singletonparams}
    words = {part for word in types for part in word.split(",")}
    label = next((LABELS[word] for word in LABELS if word in words), "")
    return DraftNumber(number, label)


def _texts(lines: Iterable[Any]) -> list[str]:
    return [str(getattr(line, "value", line)).strip() for line in lines]


def _parts(value: Any) -> list[str]:
    return [str(part) for part in (value if isinstance(value, list | tuple) else [value])]
