"""Context processor: the entries of the main menu that this person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from transfers.services.preferences import Preferences, preferences_of

ENTRIES = [  # name, url name, administrators only
    (_("Switchboard"), "board", False),
    (_("Log"), "log", False),
    (_("Contacts"), "contacts", False),
    (_("People"), "people", True),
    (_("Connections"), "connections", True),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    if not request.user.is_authenticated:
        return {"preferences": Preferences()}
    entries = []
    for name, url_name, restricted in ENTRIES:
        if restricted and not request.user.is_administrator:
            continue
        url = reverse(url_name)
        current = request.path == url or (url != "/" and request.path.startswith(url))
        entries.append((name, url, current))
    return {"navigation": entries, "preferences": preferences_of(request.user)}
