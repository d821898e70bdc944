"""How people and their presence are written."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from transfers.domain import bare_number
from transfers.sentences import told
from transfers.services.directory import Entry
from transfers.services.presence import Presence

register = template.Library()

# Translators: how many contacts of a file, as in "3 new, 2 changed".
CHECKED = {
    "new": pgettext_lazy("of contacts in a file", "new"),
    "changed": pgettext_lazy("of contacts in a file", "changed"),
    "same": pgettext_lazy("of contacts in a file", "same"),
    "twice": pgettext_lazy("of contacts in a file", "twice"),
    "bad": pgettext_lazy("of contacts in a file", "bad"),
}


@register.filter
def about(entry: Entry) -> str:
    """ "Sales · mobile · on a call, 40 s ago": all that is not the name or the number."""
    presence = words(Presence(entry.presence, entry.age))
    recent = _("recent") if entry.recent and not entry.department else ""
    parts = (entry.department, entry.label, entry.pbx, presence, recent, entry.reason)
    return " · ".join(told(part) for part in parts if part)


@register.filter
def whom(entry: Entry) -> str:
    """Who this is, for the dialog that calls her: the query of its address."""
    known = {"contact": entry.contact, "number": entry.number, "pbx": entry.connection}
    return urlencode({name: value for name, value in known.items() if value})


@register.filter
def words(presence: Presence) -> str:
    """ "free"; "on a call, 40 s ago" when it is not of this moment."""
    if not presence.text or presence.age is None:
        return presence.text
    # Translators: what was seen of a phone, and how long ago: "on a call, 40 s ago".
    words = _("{presence}, {time} ago")
    return words.format(presence=told(presence.text), time=rough(presence.age))


@register.filter
def prefixed(entry: Entry) -> bool:
    """Whether more is dialled than the number people know."""
    return bool(entry.dial) and bare_number(entry.dial) != bare_number(entry.number)


def rough(seconds: float) -> str:
    """40 s, 3 min, 2 h."""
    if seconds < 100:
        return _("{seconds} s").format(seconds=f"{seconds:.0f}")
    if seconds < 6000:
        return _("{minutes} min").format(minutes=f"{seconds / 60:.0f}")
    return _("{hours} h").format(hours=f"{seconds / 3600:.0f}")


@register.filter
def checked(verdict: str) -> str:
    """A verdict on a line of a file, behind the count of such lines."""
    return str(CHECKED.get(verdict, verdict))
