"""A number as people type it: digits, or the name of somebody we know."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from transfers.domain import same_number
from transfers.models import PbxConnection, User
from transfers.sentences import told
from transfers.services import directory
from transfers.services.directory import Entry
from transfers.validators import validate_dialable


def number_meant(user: User, connection: PbxConnection | None, text: str) -> str:
    """A number, or what is dialled for the one person with exactly this name; nothing is guessed.

    Raises ValidationError.
    """
    text = text.strip()
    if not any(c.isalpha() for c in text):
        if text:
            validate_dialable(text)
        return text
    found = directory.search(user, text, connection, limit=50) if connection else []
    if any(same_number(entry.dial, text) for entry in found):
        return text
    named = directory.named(found, text)
    if len(named) == 1 and not named[0].reachable:
        raise ValidationError(told(named[0].reason))
    if found and not any(entry.reachable for entry in found):
        raise ValidationError(_why_nobody(found))
    if len(named) != 1:
        raise ValidationError(_("Choose one person from the list, or type a number."))
    return named[0].dial


def _why_nobody(found: list[Entry]) -> str:
    """Why none of them can be reached, and of whom it is said when it is only one."""
    reasons = " ".join(dict.fromkeys(told(entry.reason) for entry in found))
    return f"{found[0].name}: {reasons}" if len(found) == 1 else reasons
