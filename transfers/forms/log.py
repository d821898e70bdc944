from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from transfers import access
from transfers.models import PbxConnection, Transfer, User
from transfers.services import log
from transfers.services.verdicts import CHOICES

SUBJECTS = [
    ("", _("Everything")),
    ("connections", _("Connections")),
    ("forwards", _("Standing forwards")),
    ("people", _("People and seats")),
    ("contacts", _("Contacts")),
    ("login", _("Log-ins")),
    ("log", _("Exports")),
]


class Day(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        sane = [MinValueValidator(date(1990, 1, 1)), MaxValueValidator(date(2999, 12, 31))]
        super().__init__(required=False, validators=sane, **kwargs)


class Person(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class PeriodForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name, number, call …")}),
    )
    since = Day(label=pgettext_lazy("the first day", "From"))
    until = Day(label=pgettext_lazy("the last day", "To"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", gettext("This is before the first day."))
        return cleaned

    @property
    def in_use(self) -> bool:
        return any(self.data.get(name) for name in self.fields)


class LogForm(PeriodForm):
    who = Person(
        label=_("Who"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Everybody"),
    )
    pbx = forms.ModelChoiceField(
        label=_("PBX"),
        queryset=PbxConnection.objects.none(),
        required=False,
        empty_label=_("Every PBX"),
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Every kind")), *Transfer.Kind.choices]
    )
    verdict = forms.ChoiceField(
        label=_("Verdict"), required=False, choices=[("", _("Every verdict")), *CHOICES]
    )

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        self.fields["who"].queryset = log.people_in_log(user)  # type: ignore[attr-defined]
        self.fields["pbx"].queryset = access.connections_of(user)  # type: ignore[attr-defined]

    @property
    def wanted(self) -> log.Wanted:
        cleaned = dict(self.cleaned_data)
        return log.Wanted(text=cleaned.pop("q"), **cleaned)


class VolumeForm(LogForm):
    q = kind = verdict = None  # type: ignore[assignment]

    @property
    def wanted(self) -> log.Wanted:
        return log.Wanted(**self.cleaned_data)


class EventsForm(PeriodForm):
    subject = forms.ChoiceField(
        label=pgettext_lazy("what an event is about", "About"), required=False, choices=SUBJECTS
    )

    @property
    def wanted(self) -> log.WantedEvents:
        cleaned = dict(self.cleaned_data)
        return log.WantedEvents(text=cleaned.pop("q"), **cleaned)
