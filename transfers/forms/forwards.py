"""Which calls go elsewhere, where, and until when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from transfers.forms.numbers import number_meant
from transfers.models import PbxConnection, User
from transfers.services import forwards

AT, DAY = "at", "day"
UNTIL = [
    ("30", _("30 minutes")),
    ("60", _("1 hour")),
    ("120", _("2 hours")),
    (DAY, _("until midnight")),
    (AT, pgettext_lazy("a time of day follows", "until")),
]
MISSING = {"required": _("Choose a person or type a number.")}


class ForwardForm(forms.Form):
    connection = forms.ModelChoiceField(
        label=_("PBX"), queryset=PbxConnection.objects.none(), empty_label=None
    )
    number = forms.CharField(label=_("Calls for"), max_length=64, error_messages=MISSING)
    target = forms.CharField(
        label=pgettext_lazy("calls for a number …", "Go to"), max_length=64, error_messages=MISSING
    )
    until = forms.ChoiceField(
        label=_("Until"), choices=UNTIL, initial="60", widget=forms.RadioSelect
    )
    at = forms.TimeField(
        label=_("At"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time", "data-checks": "id_until_4"}, format="%H:%M"),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        offered = forwards.offered(user).order_by("name")
        self.fields["connection"].queryset = offered  # type: ignore[attr-defined]
        self.one_pbx = len(offered) == 1
        if self.one_pbx:
            self.fields["connection"].initial = offered[0].pk
            self.fields["number"].initial = forwards.only_number(user, offered[0])

    def clean_number(self) -> str:
        return number_meant(self.user, self._pbx(), self.cleaned_data["number"])

    def clean_target(self) -> str:
        return number_meant(self.user, self._pbx(), self.cleaned_data["target"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("until") == AT and not cleaned.get("at") and "at" not in self.errors:
            self.add_error("at", ValidationError(gettext("Say the time.")))
        return cleaned

    def end(self) -> datetime:
        """When it is over. A time that is past today is tomorrow's."""
        chosen = self.cleaned_data["until"]
        if chosen not in (AT, DAY):  # not in local time, in which an hour may be there twice
            return timezone.now() + timedelta(minutes=int(chosen))
        now = timezone.localtime()
        at = self.cleaned_data["at"] if chosen == AT else time.min
        day = now.date() if at > now.time() else now.date() + timedelta(days=1)
        return timezone.make_aware(datetime.combine(day, at))

    def _pbx(self) -> PbxConnection | None:
        return self.cleaned_data.get("connection")
