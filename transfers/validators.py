"""What people may type as numbers. The same rule for contacts and for transfer targets."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from transfers.domain import bare_number
from transfers.sentences import say, told

_DIALABLE = re.compile(r"[0-9A-Za-z+*#,.\-()/ ]+")
_EXTENSION = re.compile(r"[0-9*#+\-]+")
MAX_DIALABLE = 64


def why_not_dialable(number: str) -> str:
    """Why it is no number or SIP-like name that can be handed to a PBX; "" when it is: nothing that
    could break a line, a URL or an XML element, and nothing that only looks like a digit."""
    if len(number) > MAX_DIALABLE:
        return say("At most {limit} characters.", limit=MAX_DIALABLE)
    if not _DIALABLE.fullmatch(number):
        return say("Use digits, letters, spaces and + * # , . - ( ) / only.")
    if not any(sign.isalnum() for sign in number):
        return say("A number needs at least one digit or letter.")
    return ""


def validate_dialable(number: str) -> None:
    if why := why_not_dialable(number):
        raise ValidationError(told(why), code="not_dialable")


def validate_extensions(text: str) -> None:
    """The phones of a seat: "1001, 1002"."""
    numbers = [number.strip() for number in text.split(",")]
    for number in numbers:
        if not _EXTENSION.fullmatch(number) or not any(sign.isdigit() for sign in number):
            words = _(
                "“{number}” is not an extension: use digits and * # + - only, "
                "with a comma between two extensions."
            )
            raise ValidationError(words.format(number=number), code="not_an_extension")
    if len({bare_number(number) for number in numbers}) < len(numbers):
        raise ValidationError(_("The same extension is here twice."), code="twice")
