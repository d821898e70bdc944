"""The one renderer of the switchboard: for the page, for the poll, and for the stream.

Rows are rendered once for all who see them alike. A stream sends only the difference between two
renderings; the poll sends all of it, in the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from transfers.models import User
from transfers.services.afterwards import alerts
from transfers.services.bars import bars
from transfers.services.preferences import preferences_of
from transfers.services.switchboard import Row, Switchboard, switchboard

PARTS = ("seen", "badges", "consultation", "afterwards", "lost", "receipts", "forwards")
# With places of their own, above and beside the calls.
OUTSIDE = ("badges", "consultation", "afterwards", "receipts", "forwards")
ROWS_KEPT = 4096  # rendered rows kept for the next viewer


@dataclass(frozen=True, slots=True)
class Shown:
    """A switchboard as HTML. `rows`: section → element id → HTML, in the order of the screen."""

    token: str
    parts: Mapping[str, SafeString]
    rows: Mapping[str, Mapping[str, str]]
    html: SafeString  # all but the parts in OUTSIDE

    @property
    def places(self) -> dict[str, str]:
        """Element id → section."""
        return {row: section for section, rows in self.rows.items() for row in rows}


class _SharedRow:
    """A row as a key of the cache: what is equal looks equal, whoever looks."""

    def __init__(self, row: Row) -> None:
        self.row = row
        call = row.call
        buttons = tuple(
            (b.action, b.reason, b.other.id if b.other else "", b.names)
            for b in (*row.shown, *row.menu)
        )
        times = (call.started_at, call.answered_at, call.held_since)
        parties = (row.caller, row.callee, row.mine, row.pbx, row.claim, row.others, row.ghost)
        state = (call.id, call.state, call.raw_state, call.rings_caller)
        self._key = (row.dom_id, state, times, parties, buttons, len(row.shown))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SharedRow) and self._key == other._key


@lru_cache(maxsize=ROWS_KEPT)
def _row(shared: _SharedRow, language: str) -> str:
    """In the language that is active."""
    return render_to_string("transfers/_call_row.html", {"row": shared.row}).strip()


def shown(user: User) -> Shown:
    """What this person sees now."""
    return render(switchboard(user))


def render(board: Switchboard) -> Shown:
    sections = board.sections
    language = get_language()
    rows = {
        section.slug: {row.dom_id: _row(_SharedRow(row), language) for row in section.rows}
        for section in sections
    }
    parts = {part: _part(part, board) for part in PARTS}
    context = {
        "board": board,
        "parts": parts,
        "sections": [
            (section, mark_safe("".join(rows[section.slug].values())))  # noqa: S308
            for section in sections
        ],
    }
    html = render_to_string("transfers/_board.html", context)
    return Shown(board.token, parts, rows, html)


def ages(board: Switchboard) -> dict[str, float | None]:
    """Connection → seconds since its calls were read; and the server's time."""
    return {"now": timezone.now().timestamp()} | {
        str(badge.connection_id): None if badge.age is None else round(badge.age, 1)
        for badge in board.badges
    }


def _part(name: str, board: Switchboard) -> SafeString:
    context: dict[str, object] = {"board": board}
    if name == "consultation":
        context["bars"] = bars(board)
    elif name == "afterwards":
        context["alerts"] = alerts(board)
    elif name == "forwards":
        context["key"] = preferences_of(board.user).all_keys["elsewhere"]
    return mark_safe(render_to_string(f"transfers/_{name}.html", context).strip())  # noqa: S308


def changes(old: Shown, new: Shown) -> str:
    """HTML that turns the old screen into the new one: rows out, in and changed, parts changed."""
    pieces = [
        _aimed(html, "outerMorph") for name, html in new.parts.items() if html != old.parts[name]
    ]
    before, after = old.places, new.places
    moved = {row for row in before if after.get(row) != before[row]}
    pieces += [f'<li id="{row}" hx-swap-oob="delete"></li>' for row in sorted(moved)]
    for section, rows in new.rows.items():
        pieces += _section_changes(section, rows, old.rows.get(section, {}))
    return "".join(pieces)


def whole(new: Shown) -> str:
    """HTML that turns any old screen into the new one."""
    inside = f'<div id="board" hx-swap-oob="innerMorph">{new.html}</div>'
    return "".join(_aimed(new.parts[name], "outerMorph") for name in OUTSIDE) + inside


def _section_changes(
    section: str, rows: Mapping[str, str], old: Mapping[str, str]
) -> Iterator[str]:
    """Changed rows where they are; new ones before the row that follows them, from the end on."""
    place = f"rows-{section}"
    if [row for row in rows if row in old] != [row for row in old if row in rows]:
        inside = "".join(rows.values())
        yield f'<ul class="list" id="{place}" hx-swap-oob="innerMorph">{inside}</ul>'
        return
    follower, waiting = "", ""  # htmx finds all places first: a new row cannot be one
    for row, html in reversed(list(rows.items())):
        if row not in old:
            yield f'<li id="{row}" hx-swap-oob="delete"></li>'  # a poll may have brought it already
            waiting = html + waiting
            continue
        if waiting:
            yield _inserted(waiting, place, follower)
        if old[row] != html:
            yield _aimed(html, "outerMorph")
        follower, waiting = row, ""
    if waiting:
        yield _inserted(waiting, place, follower)


def _inserted(html: str, place: str, follower: str) -> str:
    """Rows that come before the row `follower`, or at the end of the list `place`."""
    target, swap = (follower, "beforebegin") if follower else (place, "beforeend")
    return f'<template hx type="partial" hx-target="#{target}" hx-swap="{swap}">{html}</template>'


def _aimed(html: str, swap: str) -> str:
    """The element, told to take the place of the one with its id."""
    tag, rest = html.split(" ", 1)
    return f'{tag} hx-swap-oob="{swap}" {rest}'
