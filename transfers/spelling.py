"""One spelling for what people write in many: names without accents, numbers as E.164."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from django.conf import settings
from phonenumbers import NumberParseException, PhoneNumberFormat

from transfers.domain import bare_number

LONG = 10  # digits from which a number is one of the public network without + or 0 before it
_DIGITS = re.compile(r"\+?[0-9]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´′"))
_WRITTEN_OUT = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ø"): "oe", ord("å"): "aa"}
_NO_ACCENT_BUT_ANOTHER_LETTER = str.maketrans("øłđħıŧ", "oldhit") | {ord("æ"): "ae", ord("œ"): "oe"}


def plain(text: str) -> str:
    """Lower case without accents and apostrophes: "kovacs" finds "Kovács", "oneil" "O’Neil"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(letters.translate(_NO_ACCENT_BUT_ANOTHER_LETTER).split())


def written_out(text: str) -> str:
    """The same as it is written where a keyboard has no umlauts: "mueller" for "Müller"."""
    return plain(unicodedata.normalize("NFC", text.casefold()).translate(_WRITTEN_OUT))


def spellings(text: str) -> str:
    """What finds `text` as people type it: it begins as `plain` does, and ends with those words
    that can be written in another way."""
    usual = plain(text).split()
    return " ".join([*usual, *(word for word in written_out(text).split() if word not in usual)])


@lru_cache(maxsize=65_536)
def number_key(text: str) -> str:
    """What is equal for two spellings of one number: "+3615550142" for "06 (1) 555-0142".

    Only what is clearly of the public network is read so; an extension stands for itself.
    """
    number = bare_number(text).casefold()
    parsed = _public(number)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164) if parsed else number


def as_dialled(text: str) -> str:
    """The digits of a number as a phone in this country dials them: "0615550142", "004930…"."""
    number = bare_number(text)
    parsed = _public(number)
    if parsed is None or not settings.COUNTRY:
        return number
    spaced = phonenumbers.format_out_of_country_calling_number(parsed, settings.COUNTRY)
    return "".join(c for c in spaced if c.isdigit() or c == "+")


def is_public(key: str) -> bool:
    """Whether a key is of a number of the public network."""
    return key.startswith("+")


def _public(number: str) -> phonenumbers.PhoneNumber | None:
    if not _DIGITS.fullmatch(number):
        return None
    if number[0] not in "+0" and len(number) < LONG:
        return None
    try:
        parsed = phonenumbers.parse(number, settings.COUNTRY or None)
    except NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None
