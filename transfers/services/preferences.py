"""How one person wants her screen: looks, alerts, keys; and what comes back to her by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from transfers.models import User
from transfers.services import keyboard

THEMES = [("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))]
DENSITIES = [("comfortable", _("Comfortable")), ("compact", _("Compact"))]
LONGEST = 3600  # seconds until an alert
SOONEST = 10  # seconds until a transfer comes back


@dataclass(frozen=True, slots=True)
class Preferences:
    theme: str = "system"
    density: str = "comfortable"
    language: str = ""  # as the browser asks
    sound: bool = False
    desktop: bool = False
    ring_after: int = 20  # seconds until a ringing call stands out; 0 is never
    hold_after: int = 60  # the same for a held one
    recall_after: int = 0  # seconds until a transfer that nobody answers comes back; 0 is never
    keys: Mapping[str, str] = field(default_factory=dict)  # command → key, where not the usual one

    @property
    def all_keys(self) -> dict[str, str]:
        """Command → key. A command that is newer than her choice may not take a key of hers."""
        chosen = {s: key for s, key in self.keys.items() if s in keyboard.USUAL}
        taken = set(chosen.values())
        usual = {s: "" if key in taken else key for s, key in keyboard.USUAL.items()}
        return usual | chosen


def preferences_of(user: User) -> Preferences:
    """As they were saved, by whatever version of the product."""
    names = {field.name for field in fields(Preferences)}
    saved = {k: v for k, v in user.preferences.items() if k in names}
    if saved.get("language") not in dict(settings.LANGUAGES):
        saved.pop("language", None)
    return Preferences(**saved)


def save(user: User, wanted: Preferences) -> None:
    """Only what differs from the usual is kept, so that what is usual may change for her, too."""
    usual: dict[str, Any] = asdict(Preferences())
    user.preferences = {k: v for k, v in asdict(wanted).items() if v != usual[k]}
    user.save(update_fields=["preferences"])
