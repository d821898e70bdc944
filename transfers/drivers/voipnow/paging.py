"""Collections of the UnifiedAPI, whole: every form they come in, page by page (sources 6, 33)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transfers.drivers.voipnow.reading import Json, exact, number
from transfers.errors import BadReply
from transfers.sentences import say

MOST_PAGES = 30
LAST_START = 4999  # a startIndex beyond is not documented (2)
USUAL_PAGE = 20  # entries on a page unless the PBX obeys `count`
_ENVELOPE = {"startIndex", "totalResults", "itemsPerPage", "filtered", "sorted", "paging"}


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Json]
    total: int | None  # of the whole list; None where the PBX does not say


def collect(fetch: Callable[[int], Any], key: str) -> list[Json]:
    """All entries; `fetch` gives the JSON from an index on, `key` is what names an entry.

    One list or BadReply: one that changes while it is read is read again, once.
    """
    found = _through(fetch, key)
    if found is None:
        found = _through(fetch, key)
    if found is None:
        raise BadReply(say("The list of the PBX kept changing while it was read."))
    return found


def page_of(data: Any, key: str) -> Page:
    """A collection, a bare object, an array, or one of the forms of "none". Raises BadReply."""
    if data is None:
        return Page([], 0)
    if isinstance(data, list):
        return Page(_objects(data), None)
    if isinstance(data, dict):
        if "entry" in data or not data or data.keys() & _ENVELOPE:
            return Page(_entries(data.get("entry"), key), _total(data))
        if key in data:
            return Page([data], 1)
    raise BadReply(say("The PBX answered with JSON, but not with a list: check the address."))


def _through(fetch: Callable[[int], Any], key: str) -> list[Json] | None:
    """The pages one after the other; None when they do not belong together.

    Each page begins with the last entry of the one before, so that an entry that came or went
    meanwhile shows.
    """
    first = page_of(fetch(0), key)
    found, overlap = list(first.entries), int(len(first.entries) > 1)
    more = _more(first, len(found))
    for _ in range(MOST_PAGES):
        if not more:
            return found
        start = len(found) - overlap
        if start > LAST_START:
            break
        page = page_of(fetch(start), key)
        if page.total != first.total or not _continues(found, page, key, overlap):
            return None
        added = page.entries[overlap:]
        found += added
        more = bool(added) and _more(page, len(found))
        if first.total is not None and len(found) < first.total and not added:
            return None
    raise BadReply(say("The list of the PBX is longer than its API can give."))


def _more(page: Page, count: int) -> bool:
    if page.total is None:
        return len(page.entries) >= USUAL_PAGE
    return count < page.total


def _continues(found: list[Json], page: Page, key: str, overlap: int) -> bool:
    if not overlap:
        return True
    return bool(page.entries) and exact(page.entries[0].get(key)) == exact(found[-1].get(key))


def _entries(said: Any, key: str) -> list[Json]:
    if said is None:
        return []
    if isinstance(said, list):
        return _objects(said)
    if isinstance(said, dict) and key in said and not isinstance(said[key], dict):
        return [said]
    if isinstance(said, dict):  # by id, as call histories are (33)
        return [
            {key: name, **entry} for name, entry in zip(said, _objects(said.values()), strict=True)
        ]
    raise BadReply(say("The PBX answered with something else than a list."))


def _objects(said: Any) -> list[Json]:
    found = list(said)
    if all(isinstance(each, dict) for each in found):
        return found
    raise BadReply(say("The list of the PBX has entries that cannot be read."))


def _total(data: Json) -> int | None:
    if data.get("totalResults") is None:
        return None if data.get("entry") else 0
    total = number(data["totalResults"])
    if total is None or total < 0:
        raise BadReply(say("The list of the PBX has a length that cannot be read."))
    return total
