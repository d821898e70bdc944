"""`{% verdict transfer %}`: the coloured word, the same wherever a transfer is shown."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from transfers.models import Transfer
from transfers.services.verdicts import verdict_of

register = template.Library()


@register.simple_tag
def verdict(transfer: Transfer) -> SafeString:
    css, sign, word = verdict_of(transfer)
    return format_html(
        '<span class="v {}"><span aria-hidden="true">{}</span> {}</span>', css, sign, word
    )


@register.filter
def span(length: timedelta | None) -> str:
    """A length of time as people write it: 0.4 s, 12 s, 3:05, 1:02:07."""
    if length is None:
        return ""
    seconds = max(length.total_seconds(), 0)
    if seconds < 10:
        return _("{seconds} s").format(seconds=number_format(f"{seconds:.1f}"))
    return whole(length)


@register.filter
def whole(length: timedelta) -> str:
    """The same of what was seen in pictures, which are a second apart: no tenths."""
    seconds = max(length.total_seconds(), 0)
    if seconds < 60:
        return _("{seconds} s").format(seconds=f"{seconds:.0f}")
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
