"""What people may type as numbers. The same rule for contacts and for transfer targets."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from transfers.domain import bare_number

_DIALABLE = re.compile(r"[0-9A-Za-z+*#,.\-()/ ]+")
_EXTENSION = re.compile(r"[0-9*#+\-]+")
MAX_DIALABLE = 64


def validate_dialable(number: str) -> None:
    """A number or a SIP-like name that can be handed to a PBX: nothing that could break a line,
    a URL or an XML element, and nothing that only looks like a digit."""
    if len(number) > MAX_DIALABLE:
        raise ValidationError(f"At most {MAX_DIALABLE} characters.", code="too_long")
    if not _DIALABLE.fullmatch(number):
        raise ValidationError(
            "Use digits, letters, spaces and + * # , . - ( ) / only.", code="not_dialable"
        )
    if not any(sign.isalnum() for sign in number):
        raise ValidationError("A number needs at least one digit or letter.", code="not_dialable")


def validate_extensions(text: str) -> None:
    """The phones of a seat: "1001, 1002"."""
    numbers = [number.strip() for number in text.split(",")]
    for number in numbers:
        if not _EXTENSION.fullmatch(number) or not any(sign.isdigit() for sign in number):
            raise ValidationError(
                f"“{number}” is not an extension: use digits and * # + - only, "
                "with a comma between two extensions.",
                code="not_an_extension",
            )
    if len({bare_number(number) for number in numbers}) < len(numbers):
        raise ValidationError("The same extension is here twice.", code="twice")
