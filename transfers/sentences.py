"""A sentence for people that can be said in any language: its English text, and what it is made of.

Rows and pictures outlive the request that wrote them, and people of several languages read them.
So a sentence is kept with its values, and `told` says it in the language of who looks.

A Sentence is its English text: it compares, logs and prints as that. Only a template writes it in
the reader's language, by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

Value = str | int | float
MARK = "\x1f"  # between the English text and what it is made of; in no text of a PBX or a person


class Sentence(str):
    """`pattern` has its values' names in braces; `many` is its plural, for the value `count`.

    Of several sentences that follow each other only `parts` is filled.
    """

    __slots__ = ("many", "parts", "pattern", "values")
    pattern: str
    many: str
    values: Mapping[str, Value]
    parts: tuple[str, ...]

    def __new__(
        cls,
        text: str,
        pattern: str = "",
        many: str = "",
        values: Mapping[str, Value] | None = None,
        parts: tuple[str, ...] = (),
    ) -> Sentence:
        self = super().__new__(cls, text)
        self.pattern, self.many, self.values, self.parts = pattern, many, values or {}, parts
        return self

    def __html__(self) -> SafeString:
        """What a template writes."""
        return escape(told(self))


def say(pattern: str, /, **values: object) -> Sentence:
    """A sentence; `pattern` is a literal, for it is collected for the translators.

    >>> say("Nobody answered at {number}.", number="103")
    """
    kept = {name: _kept(value) for name, value in values.items()}
    return Sentence(_filled(pattern, kept), pattern, values=kept)


def say_many(one: str, many: str, count: int, /, **values: object) -> Sentence:
    """The same where it matters how many there are: `count` is a value of the sentence."""
    kept = {name: _kept(value) for name, value in values.items()} | {"count": count}
    return Sentence(_filled(one if count == 1 else many, kept), one, many, kept)


def joined(*parts: str) -> str:
    """Sentences that follow each other; empty ones are left out."""
    present = tuple(_clean(part) for part in parts if part)
    if len(present) == 1:
        return present[0]
    if not any(isinstance(part, Sentence) for part in present):
        return " ".join(present)
    return Sentence(" ".join(present), parts=present)


def listed(parts: Iterable[str]) -> str:
    """Words with commas between them."""
    # Translators: words that are listed: “a, b, c”.
    return _together(parts, lambda some, one: say("{some}, {one}", some=some, one=one))


def listed_with_and(parts: Iterable[str]) -> str:
    return _together(parts, lambda some, one: say("{some} and {one}", some=some, one=one))


def _together(parts: Iterable[str], pair: Callable[[str, str], str]) -> str:
    present = [_clean(part) for part in parts if part]
    return reduce(pair, present) if present else ""


def told(text: str) -> str:
    """The text in the reader's language; what is no sentence of ours stays as it is."""
    if not isinstance(text, Sentence):
        return text
    if text.parts:
        return " ".join(map(told, text.parts))
    if text.many:
        pattern = ngettext(text.pattern, text.many, int(text.values["count"]))
    else:
        pattern = gettext(text.pattern)
    return _filled(pattern, {name: _shown(value) for name, value in text.values.items()})


def pack(text: str) -> str:
    """One string for a column or JSON: English first, for whoever reads the table itself."""
    if not isinstance(text, Sentence):
        return _clean(text)
    data = _data(text)
    del data["text"]
    return f"{text}{MARK}{json.dumps(data, ensure_ascii=False)}"


def unpack(packed: str) -> str:
    text, mark, data = packed.partition(MARK)
    return _from(text, json.loads(data)) if mark else text


def _kept(value: object) -> Value:
    """A party or a list of numbers is kept as its text, which may be a sentence itself."""
    if isinstance(value, int | float):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    return _clean(value if isinstance(value, str) else str(value))


def _clean(text: str) -> str:
    """Nobody else may write what reads like a sentence of ours."""
    return text if isinstance(text, Sentence) else text.replace(MARK, " ")


def _shown(value: Value) -> Value:
    if isinstance(value, str):
        return told(value)
    return number_format(value) if isinstance(value, float) else value


def _filled(pattern: str, values: Mapping[str, Value]) -> str:
    return pattern.format_map(values)


def _data(value: Value) -> Any:
    """As JSON: a sentence is an object, everything else is itself."""
    if not isinstance(value, Sentence):
        return value
    if value.parts:
        return {"text": str(value), "parts": [_data(part) for part in value.parts]}
    values = {name: _data(each) for name, each in value.values.items()}
    found = {"text": str(value), "say": value.pattern, "many": value.many, "with": values}
    return {name: each for name, each in found.items() if each}


def _from(text: str, data: Mapping[str, Any]) -> Sentence:
    parts = tuple(_value(part) for part in data.get("parts", ()))
    values = {name: _value(each) for name, each in data.get("with", {}).items()}
    return Sentence(text, data.get("say", ""), data.get("many", ""), values, parts)


def _value(data: Any) -> Any:
    return _from(data["text"], data) if isinstance(data, dict) else data
