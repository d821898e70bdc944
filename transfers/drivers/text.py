"""Text on its way from and to a PBX: fit for a page, without secrets, fit to be dialled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from transfers.errors import NotSupported
from transfers.sentences import say

HIDDEN = "•••"
_DIALLABLE = re.compile(r"(?=.*[\w*#])[\w+*#,.\- ]{1,64}")


def clean(said: str, longest: int) -> str:
    """Text of the PBX fit for a page: no control characters, no spaces around, not too long."""
    if not said.isprintable():
        spaced = (" " if letter.isspace() else letter for letter in said)
        said = "".join(letter for letter in spaced if letter.isprintable())
    said = said.strip()
    return said if len(said) <= longest else said[: longest - 1] + "…"


def hide(said: str, secrets: Iterable[str]) -> str:
    """The text without these words, in whatever spelling a PBX may quote a request."""
    for secret in filter(None, secrets):
        for spelling in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}:
            said = said.replace(spelling, HIDDEN)
    return said


def diallable(target: str) -> str:
    """The target without spaces around it. Forms check it too: this is the last guard."""
    number = target.strip()
    if not _DIALLABLE.fullmatch(number):
        raise NotSupported(say("This number cannot be dialled; nothing was sent."))
    return number
