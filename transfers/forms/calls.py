"""The order for one command on a call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from transfers.domain import Action, Leg
from transfers.forms.numbers import number_meant
from transfers.models import PbxConnection, User
from transfers.services.rules import WITH_TARGET, Order


class OrderForm(forms.Form):
    call = forms.CharField(max_length=200, strip=False, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    parties = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)
    target = forms.CharField(label=gettext_lazy("Send to"), max_length=64, required=False)
    leaves = forms.ChoiceField(
        label=gettext_lazy("Who leaves the call?"),
        required=False,
        choices=[(leg.value, leg.value) for leg in Leg],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Note for the target"), max_length=200, required=False
    )
    other = forms.CharField(max_length=200, required=False, strip=False, widget=forms.HiddenInput)

    def __init__(
        self,
        user: User,
        connection: PbxConnection,
        kind: Action,
        *args: Any,
        ask_who: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.connection, self.kind = user, connection, kind
        self.fields["target"].required = kind in WITH_TARGET
        self.fields["target"].error_messages["required"] = _("Choose a person or type a number.")
        self.fields["leaves"].required = ask_who
        self.fields["leaves"].error_messages["required"] = _("Say which party leaves the call.")

    def clean_target(self) -> str:
        return number_meant(self.user, self.connection, self.cleaned_data["target"])

    def order(self) -> Order:
        data = self.cleaned_data
        return Order(
            kind=self.kind,
            call_id=data["call"],
            target=data["target"],
            leaves=Leg(data["leaves"]) if data["leaves"] else None,
            other_call_id=data["other"],
            note=data["note"],
            parties=data["parties"],
            key=data["key"],
        )
