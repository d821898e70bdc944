"""A file of contacts as rows of text: encoding, delimiter, lines. Hostile until read."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper

from transfers.sentences import say

MOST_BYTES = 16 * 1024 * 1024
MOST_LINES = 200_000
MOST_COLUMNS = 60
LONGEST_CELL = 20_000
DELIMITERS = ",;\t|"
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": say("UTF-16, little endian"),
    "utf-16-be": say("UTF-16, big endian"),
    "cp1252": say("Windows, Western European"),
    "cp1250": say("Windows, Central European"),
}
_SAMPLE = 65_536
_SIGN_IN_WORD = re.compile(r"[^\W\d]{2}[³¹]|[^\W\d][³¹¿£¯][^\W\d]|[£¯][a-z]{2}")
# Czech, Slovak and Polish as Western European: “Dvoøák”, “Nìmec”, “Zieliñski”, “Krá¾”, “¼ubica”.
_SLAVIC = re.compile(
    r"\b(?=[^\W\d]*[èìòøùÈÌÒØÙ])[^\W\d]*[áíóúýšžÁÍÓÚÝŠŽ]|[ìÌ][a-zA-Z]|[ñÑ](?:sk|cz|SK|CZ)"
    r"|[^\W\d]¾|\b¾[a-z]{2}|¼[a-z]{3}"
)
_WESTERN = re.compile(r"[åæðþãõÅÆÐÞÃÕ]|[ñÑ][aeiouáéíóúAEIOU]")


class Unreadable(Exception):
    """The file as a whole cannot be read; the text is for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Row:
    line: int  # where it begins in the file
    cells: list[str]
    position: int  # bytes read so far


def not_encoded_so(encoding: str, line: int) -> Unreadable:
    words = say(
        "Behind line {line} the file is not {encoding}. Choose another encoding.",
        line=max(line, 1),
        encoding=ENCODINGS.get(encoding, encoding),
    )
    return Unreadable(words)


def encoding_of(content: bytes) -> str:
    """What its mark or its bytes say; a guess only where they say nothing."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = content[:_SAMPLE]
    if sample.count(0) > len(sample) // 5:
        return "utf-16-be" if sample[:1] == b"\0" else "utf-16-le"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _of_windows(content)
    return "utf-8-sig"


def _of_windows(content: bytes) -> str:
    """Central European when it would make no sense as Western: ő and ű would be õ and û, beside
    letters that Hungarian has and no others (not as in “João Simões”, “François Brûlé”), or Polish
    letters would be signs within words ("Wa³êsa"), or more words than not have letters together
    that no Western language has. What a library guesses of so short texts is wrong for most:
    charset-normalizer calls "Müller;201" Central European."""
    try:
        western = content.decode("cp1252")
    except UnicodeDecodeError:
        return "cp1250"
    letters = {c for c in western if c.isalpha() and not c.isascii()}
    hungarian = letters & set("õûÕÛ") and letters <= set("áéíóöúüõûÁÉÍÓÖÚÜÕÛ")
    if hungarian or _SIGN_IN_WORD.search(western):
        return "cp1250"
    some = western[: 16 * _SAMPLE]
    slavic, others = (len(each.findall(some)) for each in (_SLAVIC, _WESTERN))
    return "cp1250" if slavic > others else "cp1252"


def delimiter_of(content: bytes, encoding: str) -> str:
    """The one that divides the first line into most cells."""
    first = content[:_SAMPLE].decode(encoding, "replace").lstrip("\ufeff\r\n").splitlines()[:1]
    if first and first[0].lower().startswith("sep=") and len(first[0]) == 5:
        return first[0][4]
    try:
        return max(DELIMITERS, key=lambda d: len(next(csv.reader(first, delimiter=d), [])))
    except csv.Error:  # a cell that is far too long: what is wrong, `rows` says
        return DELIMITERS[0]


def rows(content: bytes, encoding: str, delimiter: str) -> Iterator[Row]:
    """The rows that are not empty. Raises Unreadable."""
    stream = BytesIO(content)
    text = TextIOWrapper(stream, encoding, newline="")
    csv.field_size_limit(LONGEST_CELL)
    table = csv.reader(text, delimiter=delimiter)
    begins = 1
    while True:
        try:
            cells = next(table, None)
        except csv.Error:
            words = say(
                "From line {line} on the file makes no sense: "
                "a quotation mark is opened there and not closed, or a cell is far too long.",
                line=begins,
            )
            raise Unreadable(words) from None
        except UnicodeError:
            raise not_encoded_so(encoding, begins) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells) and not _is_hint(cells):
            yield Row(begins, [cell.strip().lstrip("\ufeff") for cell in cells], stream.tell())
        begins = table.line_num + 1
        if begins > MOST_LINES + 1:
            limit = f"{MOST_LINES:,}"
            raise Unreadable(say("The file has more than {limit} lines. Divide it.", limit=limit))


def _is_hint(cells: list[str]) -> bool:
    """The line "sep=;" that spreadsheets write for each other."""
    return cells[0].lower().lstrip("\ufeff").startswith("sep=") and len(cells) <= 2
