"""The order to call somebody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from transfers import access
from transfers.domain import Action
from transfers.forms.numbers import number_meant
from transfers.models import PbxConnection, User
from transfers.services.rules import Order


class DialForm(forms.Form):
    """`phone` is "connection:number" of one of hers; whether it is, the rules say."""

    phone = forms.CharField(
        max_length=100, error_messages={"required": _("Choose one of your phones.")}
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    target = forms.CharField(
        label=_("Call"),
        max_length=64,
        error_messages={"required": _("Choose a person or type a number.")},
    )

    connection: PbxConnection | None = None

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_phone(self) -> str:
        """The number. The connection is kept beside it."""
        pk, _colon, number = str(self.cleaned_data["phone"]).partition(":")
        known = access.connections_of(self.user).filter(enabled=True)
        self.connection = known.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
        if self.connection is None:
            raise ValidationError(_("Choose one of your phones."))
        return number

    def clean_target(self) -> str:
        return number_meant(self.user, self.connection, self.cleaned_data["target"])

    def order(self) -> Order:
        data = self.cleaned_data
        return Order(Action.DIAL, "", data["target"], own=data["phone"], key=data["key"])
