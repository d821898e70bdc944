"""How people and their presence are written."""

from __future__ import annotations

from django import template

from transfers.domain import bare_number
from transfers.services.directory import Entry
from transfers.services.presence import Presence

register = template.Library()


@register.filter
def about(entry: Entry) -> str:
    """ "Sales · mobile · on a call, 40 s ago": all that is not the name or the number."""
    presence = words(Presence(entry.presence, entry.age))
    recent = "recent" if entry.recent and not entry.department else ""
    parts = (entry.department, entry.label, entry.pbx, presence, recent, entry.reason)
    return " · ".join(filter(None, parts))


@register.filter
def words(presence: Presence) -> str:
    """ "free"; "on a call, 40 s ago" when it is not of this moment."""
    if not presence.text or presence.age is None:
        return presence.text
    return f"{presence.text}, {rough(presence.age)} ago"


@register.filter
def prefixed(entry: Entry) -> bool:
    """Whether more is dialled than the number people know."""
    return bool(entry.dial) and bare_number(entry.dial) != bare_number(entry.number)


def rough(seconds: float) -> str:
    """40 s, 3 min, 2 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"
