"""How the switchboard writes states and times."""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import pgettext_lazy

from transfers.domain import Call, CallState, Party, told_name, told_number
from transfers.models import Transfer
from transfers.sentences import told
from transfers.services.afterwards import Alert
from transfers.services.bars import Way
from transfers.services.keyboard import Command
from transfers.services.preferences import Preferences
from transfers.services.switchboard import Button, Row
from transfers.services.wording import stays_of

register = template.Library()

WORDS = {  # sign, word
    CallState.RINGING: ("◉", pgettext_lazy("of a call", "Rings")),
    CallState.DIALING: ("◌", pgettext_lazy("of a call", "Dials")),
    CallState.TALKING: ("●", pgettext_lazy("of a call", "Talking")),
    CallState.HELD: ("❚❚", pgettext_lazy("of a call", "Held")),
    CallState.PARKED: ("P", pgettext_lazy("of a call", "Parked")),
    CallState.ENDED: ("–", pgettext_lazy("of a call", "Ended")),
    CallState.UNKNOWN: ("?", pgettext_lazy("of a call", "Unknown")),
}


@register.filter
def sign(state: CallState) -> str:
    return WORDS[state][0]


@register.filter
def word(state: CallState) -> str:
    return str(WORDS[state][1])


@register.filter
def since(call: Call) -> datetime | None:
    """From when the running time counts: on hold, answered, or begun."""
    return call.held_since or call.answered_at or call.started_at


@register.filter
def dialog_url(row: Row, button: Button) -> str:
    """Where the question before this command is asked."""
    query = {"call": row.call.id} | ({"other": button.other.id} if button.other else {})
    return f"{reverse('call-dialog', args=[row.connection_id, button.action])}?{urlencode(query)}"


@register.filter
def order(row: Row, button: Button) -> str:
    """The fields of the command, as JSON; the one-time key is the browser's."""
    fields = {"call": row.call.id, "parties": row.call.parties}
    return json.dumps(fields | ({"other": button.other.id} if button.other else {}))


@register.filter
def way_url(way: Way) -> str:
    """The same for a button outside the row, which may propose a target."""
    url = dialog_url(way.row, way.button)
    return f"{url}&{urlencode({'target': way.target})}" if way.target else url


@register.filter
def call_back(alert: Alert) -> str:
    """The dialog that calls who did not arrive."""
    query = {"number": alert.calls, "pbx": alert.transfer.connection_id}
    return f"{reverse('dial')}?{urlencode(query)}"


@register.filter
def way_order(way: Way) -> str:
    fields = json.loads(order(way.row, way.button))
    return json.dumps(fields | ({"target": way.target} if way.target else {}))


@register.filter
def beginning(words: str) -> str:
    """A sentence that may begin with what else stands within one."""
    return capfirst(told(words))


@register.filter
def stays(row: Transfer) -> Party:
    return stays_of(row)


@register.filter
def headline(party: Party) -> str:
    return told(party.title) or beginning(party.within_sentence)


@register.filter
def subline(party: Party) -> str:
    return told(told_number(party.number)) if told_number(party.number) != party.title else ""


@register.filter
def as_told(number: str) -> str:
    return told(told_number(number))


@register.filter
def as_name(name: str) -> str:
    return told_name(name)


@register.filter
def as_json(value: object) -> str:
    return json.dumps(value)


@register.filter
def key(command: Command, preferences: Preferences) -> str:
    """The key this person has chosen for a command."""
    return preferences.all_keys[command.slug]
