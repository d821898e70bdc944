"""Checking values that come as JSON against the types of a dataclass."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def checked(model: type, values: Mapping[str, object]) -> dict[str, Any]:
    """The values, if each names a field of `model` and fits its type; else ValueError."""
    hints = get_type_hints(model)
    for name, value in values.items():
        if name not in hints:
            raise ValueError(f"no {name!r}; there are {', '.join(sorted(hints))}")
        if not _fits(value, hints[name]):
            raise ValueError(f"{name} is {_words(hints[name])}, not {value!r}")
    return dict(values)


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return any(_fits(value, each) for each in get_args(hint))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return isinstance(value, hint) and (hint is not int or not isinstance(value, bool))


def _words(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(map(_words, get_args(hint)))
    words = {bool: "true or false", float: "seconds", int: "a whole number", NoneType: "null"}
    return words.get(hint, "text")
