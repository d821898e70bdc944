"""Context processor: the entries of the main menu that this person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from transfers.services.preferences import Preferences, preferences_of

ENTRIES = [  # name, url name, administrators only
    ("Switchboard", "board", False),
    ("Log", "log", False),
    ("Contacts", "contacts", False),
    ("People", "people", True),
    ("Connections", "connections", True),
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
