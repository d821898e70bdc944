"""The Genesys fields of the connection page."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from transfers.drivers.base import OptionsForm
from transfers.sentences import say, say_many, told

HOURS = ("4", "8", "12", "24")


class GenesysOptions(OptionsForm):
    session = forms.ChoiceField(
        label=_("The agents' sessions"),
        choices=[
            ("desktop", _("are started and ended at a desktop, such as Workspace")),
            ("ours", _("are started and ended from here")),
        ],
        initial="desktop",
        help_text=_(
            "Where nobody uses a desktop, an agent is logged in to voice when she first "
            "looks at her switchboard, and logged out when she logs out here, when her account, "
            "seat or this connection is taken away or switched off, or after the time below."
        ),
    )
    idle_hours = forms.ChoiceField(
        label=_("Log an agent out when nobody has looked for"),
        choices=[(hours, say_many("{count} hour", "{count} hours", int(hours))) for hours in HOURS],
        initial=HOURS[2],
        help_text=_(
            "Only where her session is started from here. A hidden tab, a closed browser or "
            "a lost network logs nobody out sooner, nor does a restart of this server."
        ),
    )
    location = forms.CharField(
        label=_("Location of targets"),
        max_length=100,
        required=False,
        initial="",
        help_text=_(
            "Sent with every transfer: the name of the switch where targets are, for "
            "example SIP_Switch. Empty: not sent."
        ),
    )
    user_data = forms.CharField(
        label=_("Data attached to transfers"),
        max_length=500,
        required=False,
        initial="",
        help_text=_(
            "As key=value, separated by semicolons, for example TransferAgent={agent}. "
            "{agent} is the agent's user name. A note is always attached as TransferReason."
        ),
    )
    name_key = forms.CharField(
        label=_("Key of the caller's name"),
        max_length=100,
        required=False,
        initial="",
        help_text=_(
            "Under which key the data attached to a call has the caller's name. "
            "Empty: callers are shown by number."
        ),
    )
    notifications = forms.CharField(
        label=_("Path of notifications"),
        max_length=100,
        required=False,
        initial="/notifications",
        help_text=_("Below the address of the API. CometD listens there."),
    )

    def clean_user_data(self) -> str:
        text: str = self.cleaned_data["user_data"].strip()
        try:
            read_pairs(text)
        except ValueError as error:
            raise forms.ValidationError(told(error.args[0])) from None
        return text

    def clean_notifications(self) -> str:
        path: str = self.cleaned_data["notifications"].strip()
        if path and not re.fullmatch(r"(/[\w.~-]+)+", path):
            raise forms.ValidationError(_("Enter a path such as /notifications."))
        return path


def idle_hours(options: Mapping[str, str]) -> float:
    """The option `idle_hours`; anything odd is the default."""
    chosen = options.get("idle_hours", "")
    return float(chosen if chosen in HOURS else HOURS[2])


def read_pairs(text: str) -> dict[str, str]:
    """The keys and values of the option `user_data`. Raises ValueError, in words."""
    pairs: dict[str, str] = {}
    for part in filter(str.strip, text.split(";")):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not (key and equals):
            raise ValueError(say("“{text}” is not of the form key=value.", text=part.strip()))
        if key in pairs:
            raise ValueError(say("The key “{key}” is there twice.", key=key))
        pairs[key] = value
    return pairs
