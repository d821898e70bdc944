"""Spoilt JSON replies: what a client must survive."""

from __future__ import annotations

from collections.abc import Callable

_DEPTH = 200_000
_DIGITS = 10_000  # more than Python turns into an int


def _non_utf8(body: bytes) -> bytes:
    """Bytes that are no UTF-8 in the last text."""
    before, quote, after = body.rpartition(b'"')
    return before + b" \xe1\xff" + quote + after


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "not_json": lambda _: b"Service is starting, please try again later",
    "non_utf8": _non_utf8,
    "wrong_shape": lambda _: b'[[null, "x", 7], {"entry": {"a": [1]}, "error": 5}]',
    "deep": lambda _: b"[" * _DEPTH + b"]" * _DEPTH,
    "huge_number": lambda _: b'{"totalResults": ' + b"9" * _DIGITS + b"}",
}
