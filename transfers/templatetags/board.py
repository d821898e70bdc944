"""How the switchboard writes states and times."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from transfers.domain import Call, CallState, Party

register = template.Library()

WORDS = {  # sign, word
    CallState.RINGING: ("◉", "Rings"),
    CallState.DIALING: ("◌", "Dials"),
    CallState.TALKING: ("●", "Talking"),
    CallState.HELD: ("❚❚", "Held"),
    CallState.PARKED: ("P", "Parked"),
    CallState.ENDED: ("–", "Ended"),
    CallState.UNKNOWN: ("?", "Unknown"),
}


@register.filter
def sign(state: CallState) -> str:
    return WORDS[state][0]


@register.filter
def word(state: CallState) -> str:
    return WORDS[state][1]


@register.filter
def since(call: Call) -> datetime | None:
    """From when the running time counts: the answer once answered, else the start."""
    return call.answered_at or call.started_at


@register.filter
def elapsed(moment: datetime | None) -> str:
    """ "0:07", "12:08", "1:02:33" until now; "" when nobody knows."""
    if moment is None:
        return ""
    seconds = max(0, int((timezone.now() - moment).total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def headline(party: Party) -> str:
    return party.name or party.number or "Unknown number"


@register.filter
def subline(party: Party) -> str:
    return party.number if party.name and party.name != party.number else ""
