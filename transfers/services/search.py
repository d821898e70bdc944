"""Free text over names and numbers, in the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_, or_

from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Left, Replace, StrIndex
from django.db.models.lookups import Contains, IContains

from transfers.domain import bare_number
from transfers.sentences import MARK

_SEPARATORS = " ().-/\u00a0"  # bare_number's, as far as they occur in numbers of PBXs
NOTHING = Q(pk__in=[])
_NUMBER = re.compile(r"[0-9*#+]+")


class _Like(Func):
    template = "%(expressions)s"
    arg_joiner = " LIKE "
    output_field = BooleanField()


def found(
    text: str,
    words: Iterable[str | Combinable],
    numbers: Iterable[str],
    also: Callable[[str], Q] = lambda _: NOTHING,
) -> Q:
    """Rows in which every word of `text` occurs; numbers match however they are written.

    `also`: what else a word may find.
    """
    columns = [F(each) if isinstance(each, str) else each for each in (*words, *numbers)]
    parts = text.split()
    each = reduce(and_, (_word_in(part, columns, numbers) | also(part) for part in parts), Q())
    return each if len(parts) == 1 else each | _number_in(text, numbers)


def english(name: str) -> Combinable:
    """Of a column that keeps sentences the text, without what it is made of."""
    end = StrIndex(Concat(F(name), Value(MARK)), Value(MARK))
    return Left(F(name), end - 1)


def _word_in(word: str, columns: list[Combinable], numbers: Iterable[str]) -> Q:
    spellings = {word} if word.isascii() else {word, word.lower(), word.upper(), word.title()}
    as_text = (Q(IContains(column, s)) for column in columns for s in sorted(spellings))
    return reduce(or_, as_text) | _number_in(word, numbers)


def _number_in(text: str, numbers: Iterable[str]) -> Q:
    number = bare_number(text)
    if not _NUMBER.fullmatch(number):
        return NOTHING
    spread = Value(f"%{'%'.join(number)}%")  # quickly tells the many rows that cannot match
    each = (Q(_Like(F(name), spread)) & Q(Contains(_bare(name), number)) for name in numbers)
    return reduce(or_, each, NOTHING)


def _bare(name: str) -> Combinable:
    column: Combinable = F(name)
    for separator in _SEPARATORS:
        column = Replace(column, Value(separator), Value(""))
    return column
