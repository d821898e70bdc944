"""A number as people type it: digits, or the name of somebody we know."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from transfers.domain import same_number
from transfers.models import Feed
from transfers.services import targets
from transfers.validators import validate_dialable


def number_meant(feed: Feed | None, text: str) -> str:
    """A number, or that of the one person with exactly this name: nothing is guessed.

    Raises ValidationError.
    """
    text = text.strip()
    if not any(c.isalpha() for c in text):
        if text:
            validate_dialable(text)
        return text
    known = targets.everybody(feed) if feed else []
    if any(same_number(found.number, text) for found in known):
        return text
    named = [found for found in known if found.name.casefold() == text.casefold()]
    if len(named) != 1:
        raise ValidationError("Choose one person from the list, or type a number.")
    return named[0].number
