"""What the PBX says, read with suspicion: JSON, texts, numbers, dates."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from transfers.drivers.text import clean
from transfers.errors import BadReply
from transfers.sentences import say

Json = dict[str, Any]


def parse(body: bytes) -> Any:
    """Any JSON value. BadReply for what is not JSON, is too deep, or says a thing twice."""
    try:
        return json.loads(
            body.decode("utf-8-sig"), parse_constant=_constant, object_pairs_hook=_object
        )
    except UnicodeDecodeError:
        why = say("The answer of the PBX is not UTF-8: check the address.")
    except (ValueError, RecursionError):  # also integers of thousands of digits
        why = say("The answer of the PBX is not readable JSON: check the address.")
    raise BadReply(why)


def text(value: object, longest: int) -> str:
    """A text or a number as a text fit for a page; "" for anything else."""
    return clean(exact(value), longest)


def exact(value: object) -> str:
    """A text or a whole number to the letter; "" for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(value: object) -> int | None:
    """A whole number, written as a number or as a text of digits."""
    if isinstance(value, str):
        return _digits(value)
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, int | float):
        return int(value) if abs(value) < 10**12 else None
    return None


def moment(value: object) -> datetime | None:
    """A date in UTC (XML Schema dateTime, source 7), or None. Without an offset it says little."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
        if read.tzinfo is None or not 2000 <= read.year < 2200:
            return None
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)  # the same few numbers come with every read
def short(said: str, prefix: str) -> str:
    """An extension of our organisation by its short number: 0003*210 is 210 (source 6)."""
    before, star, rest = said.partition("*")
    return rest if star and prefix and before == prefix and rest else said


@lru_cache(maxsize=1024)
def _digits(said: str) -> int | None:
    return int(said) if re.fullmatch(r"\s*-?[0-9]{1,12}\s*", said) else None


def _constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found
