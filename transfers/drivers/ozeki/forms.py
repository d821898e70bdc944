"""The Ozeki fields of the connection page."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from transfers.drivers.base import OptionsForm


class OzekiOptions(OptionsForm):
    generation = forms.ChoiceField(
        label=_("API generation"),
        choices=[
            ("auto", _("Find out")),
            ("gen1", _("Phone System XE (usually port 7780)")),
            ("gen2", _("Ozeki 10 (usually port 9509, path /api)")),
        ],
        initial="auto",
        help_text=_("“Test connection” finds out which one it is. Until then the address decides."),
    )
    method = forms.ChoiceField(
        label=_("Send commands by"),
        choices=[("post", "POST"), ("get", "GET")],
        initial="post",
        help_text=_(
            "Choose GET only when the PBX does not read POST: the password is then part of "
            "every address, and addresses end up in the logs of proxies."
        ),
    )
    transferor_party = forms.ChoiceField(
        label=_("TransferorParty names"),
        choices=[
            ("leaves", _("the party that leaves the call")),
            ("moves", _("the party that is moved to the target")),
        ],
        initial="leaves",
        help_text=_(
            "The vendor's pages contradict each other. If a blind transfer moves the wrong "
            "person, choose the other one."
        ),
    )
    timezone = forms.CharField(
        label=_("Time zone of the PBX"),
        max_length=60,
        required=False,
        initial="",
        help_text=_(
            "For dates without a time zone, for example Europe/Budapest. "
            "Empty: the time zone of this installation."
        ),
    )
    send_both_spellings = forms.ChoiceField(
        label=_("Send misspelt parameters too"),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        initial="no",
        help_text=_(
            "Only for Ozeki 10, whose pages spell two parameters in two ways. Choose Yes "
            "when the PBX calls TransferorParty or TransferredCallId missing."
        ),
    )

    def clean_timezone(self) -> str:
        name: str = self.cleaned_data["timezone"].strip()
        try:
            return ZoneInfo(name).key if name else ""
        except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
            pass
        except KeyError:
            pass
        raise forms.ValidationError(_("There is no time zone of this name."))
