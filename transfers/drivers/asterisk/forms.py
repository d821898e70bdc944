"""The Asterisk fields of the connection page."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from transfers.drivers.base import OptionsForm

CONTEXT = r"[\w.-]{1,79}"


class AsteriskOptions(OptionsForm):
    context = forms.RegexField(
        label=_("Context of transfers"),
        regex=rf"^{CONTEXT}\Z",
        initial="from-internal",
        help_text=_(
            "Targets are looked for and dialled here, as if a phone of yours dialled them. "
            "from-internal with FreePBX; “Test connection” shows what there is."
        ),
    )
    hold_context = forms.RegexField(
        label=_("Context for holding"),
        regex=rf"^{CONTEXT}\Z",
        required=False,
        initial="pbxadmin-hold",
        help_text=_(
            "Callers wait here, with music, during consultations. “Test connection” prints "
            "the lines it needs. Empty: no consultations and no hold from here."
        ),
    )
    unregistered = forms.ChoiceField(
        label=_("Targets whose phone is off"),
        choices=[
            ("refuse", _("are refused: the caller would be lost")),
            ("send", _("get the call: the dial plan has an answer, such as voicemail")),
        ],
        initial="refuse",
        help_text=_(
            "A phone is off when its hint says “Unavailable”. With plain dial plans the "
            "caller is hung up then."
        ),
    )
    voicemail = forms.CharField(
        label=_("Mailboxes"),
        max_length=100,
        required=False,
        initial="",
        help_text=_(
            "What is dialled to reach the mailbox of {number}: *{number} with FreePBX, or "
            "with a context, vmu{number}@ext-local. Empty: calls are not sent to voicemail."
        ),
    )

    login = forms.ChoiceField(
        label=_("How the login is proved"),
        choices=[
            ("challenge", _("once, by an answer to a challenge (/mxml)")),
            ("digest", _("with each request, by HTTP digest (/amxml)")),
        ],
        initial="challenge",
        help_text=_(
            "The secret travels in neither. HTTP digest is for a PBX, or a proxy before it, "
            "that lets only /amxml through."
        ),
    )

    def clean_voicemail(self) -> str:
        pattern: str = self.cleaned_data["voicemail"].strip()
        if pattern and not re.fullmatch(rf"[\w*#]*\{{number\}}[\w*#]*(@{CONTEXT})?", pattern):
            raise forms.ValidationError(_("Write {number} where the number goes, as in *{number}."))
        return pattern
