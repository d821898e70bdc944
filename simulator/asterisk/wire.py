"""Bytes of /mxml, with its oddities: no declaration, no charset, C's escapes before XML's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape as xml

Fields = Mapping[str, object]
_C = {"\a": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}
_C |= {letter: letter for letter in "\\'\"?"}


def escaped(text: str) -> str:
    """As ast_escape_c: an apostrophe in a name has a backslash before it."""
    return "".join(f"\\{_C[letter]}" if letter in _C else letter for letter in text)


def document(head: Fields, events: Iterable[Fields] = ()) -> bytes:
    entries = "".join(
        f"<response type='object' id='unknown'><generic {_attributes(fields)} /></response>\n"
        for fields in (head, *events)
    )
    return f"<ajax-response>\n{entries}</ajax-response>\n".encode()


def variables(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """`variable`, `variable-2` …: the same header several times."""
    return {
        "variable" if number == 1 else f"variable-{number}": f"{name}={value}"
        for number, (name, value) in enumerate(pairs, 1)
    }


def listing(
    name: str, message: str, complete: str, items: Sequence[Fields]
) -> tuple[Fields, list[Fields]]:
    head = {"response": "Success", "eventlist": "start", "message": message}
    events: list[Fields] = [{"event": name, **item} for item in items]
    events.append({"event": complete, "eventlist": "Complete", "listitems": len(items)})
    return head, events


def _attributes(fields: Fields) -> str:
    return " ".join(f"{name}='{_value(str(value))}'" for name, value in fields.items())


def _value(text: str) -> str:
    return xml(text).replace("&#x27;", "&apos;")
