"""Collections: paging, filters, partial responses, and every form of "none"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from simulator.voipnow.asked import Asked, reply
from simulator.voipnow.errors import ApiError
from simulator.voipnow.views import Json
from simulator.web import Reply

PAGE = 20
MOST = 5000
_OPERATIONS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda have, want: have == want,
    "contains": lambda have, want: want in have,
    "startsWith": lambda have, want: have.startswith(want),
    "greaterThan": lambda have, want: have > want,
    "lessThan": lambda have, want: have < want,
    "inArray": lambda have, want: have in want.split(","),
    "present": lambda have, _: bool(have),
}
_ORDERS = {"ascending": False, "asc": False, "descending": True, "desc": True}


@dataclass(frozen=True)
class Resource:
    """What a list of it may be filtered by, and the fields a client may choose."""

    filters: tuple[str, ...]
    fields: tuple[str, ...]


PHONE_CALL = Resource(
    ("id", "published"),
    (
        *("id", "nonce", "extension", "ownerId", "ownerName", "answered", "published"),
        *("phoneCallView", "link", "links"),
    ),
)
PHONE_CALL_EVENT = Resource(
    ("type", "id", "method", "note", "url", "status", "modified"),
    ("type", "id", "method", "note", "url", "status", "modified", "link", "links"),
)
CDR = Resource(("source", "destination", "published", "answered"), PHONE_CALL.fields)
PRESENCE = Resource(("extension",), ("status", "extension", "registration", "agent", "expire"))


def collection(
    asked: Asked, resource: Resource, items: Sequence[Json], *, keyed: bool = False
) -> Reply:
    """A page of the items as the request wants it and the switches write it."""
    switches, pictures = asked.desk.switches, asked.desk.pictures
    chosen = _chosen(asked, resource, items)
    start = _number(asked, "startIndex", 0, 0)
    count = min(_number(asked, "count", PAGE, 1), switches.page_limit)
    page = chosen[start : start + count]
    if not page and switches.empty == "204":
        return reply(None, 204)
    if switches.list_form == "array" and not keyed:
        return reply(page)
    said: Json = {
        "entry": _keyed(page) if keyed or switches.list_form == "keyed" else page,
        "startIndex": pictures.number(start, total=True),
        "totalResults": pictures.number(len(chosen), total=True),
        "itemsPerPage": pictures.number(count, total=True),
        "filtered": True,
        "sorted": True,
    }
    if not page and switches.empty == "no-entry":
        del said["entry"]
    if paging := _paging(asked, start, count, len(chosen)):
        said["paging"] = paging
    return reply(said)


def single(asked: Asked, item: Json) -> Reply:
    """One phone call, in one of the four forms seen for it."""
    form = asked.desk.switches.single_form
    item = _partial(asked, PHONE_CALL, [item])[0]
    if form in ("bare", "array"):
        return reply(item if form == "bare" else [item])
    total = asked.desk.pictures.number
    said: Json = {
        "entry": _keyed([item]) if form == "keyed" else [item],
        "startIndex": total(0, total=True),
        "totalResults": total(1, total=True),
        "itemsPerPage": total(PAGE, total=True),
        "filtered": True,
        "sorted": True,
    }
    return reply(said)


def _keyed(page: Sequence[Json]) -> dict[str, Json]:
    """CDR's own form: an object by id."""
    return {str(item.get("id", index)): item for index, item in enumerate(page)}


def _chosen(asked: Asked, resource: Resource, items: Sequence[Json]) -> list[Json]:
    query = asked.request.query
    chosen = list(items)
    if by := query.get("filterBy"):
        if by not in resource.filters:
            raise ApiError("filterby_invalid")
        operation = query.get("filterOp", "contains")
        if operation not in _OPERATIONS:
            raise ApiError("filterop_invalid")
        want = query.get("filterValue", "")
        if not want and operation != "present":
            raise ApiError("filtervalue_invalid")
        fits = _OPERATIONS[operation]
        chosen = [item for item in chosen if fits(str(item.get(by, "")), want)]
    if order := query.get("sortOrder"):
        if order not in _ORDERS:
            raise ApiError("sortorder_invalid")
        chosen = chosen[::-1] if _ORDERS[order] else chosen
    return _partial(asked, resource, chosen)


def _partial(asked: Asked, resource: Resource, items: list[Json]) -> list[Json]:
    said = asked.request.query.get("fields")
    if said is None:
        return items
    wanted = said.split(",")
    if not set(wanted) <= set(resource.fields):
        raise ApiError("fields_invalid")
    return [{k: v for k, v in item.items() if k in wanted} for item in items]


def _number(asked: Asked, name: str, default: int, least: int) -> int:
    said: Any = asked.request.query.get(name, str(default))
    if not (said.isascii() and said.isdigit()) or not least <= int(said) <= MOST:
        raise ApiError(f"{name.lower()}_invalid")
    return int(said)


def _paging(asked: Asked, start: int, count: int, total: int) -> dict[str, str]:
    found = {}
    if start + count < total:
        found["next"] = _page(asked, start + count, count)
    if start > 0:
        found["prev"] = _page(asked, max(0, start - count), count)
    return found


def _page(asked: Asked, start: int, count: int) -> str:
    query = {**asked.request.query, "startIndex": str(start), "count": str(count)}
    query.pop("accessRequestToken", None)
    return f"{asked.address(asked.service, *asked.rest)}?{urlencode(query)}"
