"""What a PBX dials first to reach the outside and the other PBXs."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transfers.models import PbxConnection
from transfers.phonebook import DialPrefix

DIRECT = "direct"
_PREFIX = re.compile(r"[0-9*#]{1,10}")
# Translators: people type the English word “direct”, also in other languages.
HELP = _(
    "e.g. 8. “direct”: its numbers are dialled as they are. Empty: they cannot be dialled here."
)


def _signs_only(*, direct: bool) -> str:
    words, or_direct = gettext("Use digits, * and # only."), gettext("Or write “direct”.")
    return f"{words} {or_direct}" if direct else words


class DiallingForm(forms.Form):
    """One field for outside numbers, and one for each other PBX, named by its id."""

    outside = forms.CharField(
        label=_("Before outside numbers"),
        required=False,
        max_length=10,
        help_text=_("e.g. 0. Empty: outside numbers are dialled as they are written."),
    )

    def __init__(self, connection: PbxConnection, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = list(PbxConnection.objects.exclude(pk=connection.pk))
        for other in self.others:
            label = gettext("Before numbers of {name}").format(name=other.name)
            field = forms.CharField(label=label, required=False, max_length=10, help_text=HELP)
            self.fields[f"to_{other.pk}"] = field
        for rule in DialPrefix.objects.filter(connection=connection):
            name = f"to_{rule.other_id}" if rule.other_id else "outside"
            self.initial[name] = rule.prefix or DIRECT

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, text in list(cleaned.items()):
            allowed = _PREFIX.fullmatch(text) or (text == DIRECT and name != "outside")
            if text and not allowed:
                self.add_error(name, _signs_only(direct=name != "outside"))
        return cleaned

    def prefixes(self) -> dict[int | None, str | None]:
        data = self.cleaned_data
        found: dict[int | None, str | None] = {None: data["outside"] or None}
        for other in self.others:
            text = data[f"to_{other.pk}"]
            found[other.pk] = "" if text == DIRECT else text or None
        return found
