from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from transfers import access
from transfers.models import PbxConnection, Transfer, User
from transfers.services import log
from transfers.services.verdicts import CHOICES

SUBJECTS = [
    ("", "Everything"),
    ("connections", "Connections"),
    ("forwards", "Standing forwards"),
    ("people", "People and seats"),
    ("contacts", "Contacts"),
    ("login", "Log-ins"),
    ("log", "Exports"),
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
        label="Search",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, number, call …"}),
    )
    since = Day(label="From")
    until = Day(label="To")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "This is before the first day.")
        return cleaned

    @property
    def in_use(self) -> bool:
        return any(self.data.get(name) for name in self.fields)


class LogForm(PeriodForm):
    who = Person(queryset=User.objects.none(), required=False, empty_label="Everybody")
    pbx = forms.ModelChoiceField(
        label="PBX",
        queryset=PbxConnection.objects.none(),
        required=False,
        empty_label="Every PBX",
    )
    kind = forms.ChoiceField(required=False, choices=[("", "Every kind"), *Transfer.Kind.choices])
    verdict = forms.ChoiceField(required=False, choices=[("", "Every verdict"), *CHOICES])

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
    subject = forms.ChoiceField(label="About", required=False, choices=SUBJECTS)

    @property
    def wanted(self) -> log.WantedEvents:
        cleaned = dict(self.cleaned_data)
        return log.WantedEvents(text=cleaned.pop("q"), **cleaned)
