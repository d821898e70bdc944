from __future__ import annotations

from typing import Any

from django import forms

from transfers.phonebook import Contact
from transfers.validators import validate_dialable


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Contact
        fields = ["name", "number", "department", "connection"]
        labels = {"connection": "PBX"}
        help_texts = {"number": "As it is dialled, e.g. 1003 or +36 1 555 0142."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].validators.append(validate_dialable)
        self.fields["connection"].empty_label = "Every PBX"  # type: ignore[attr-defined]


class ContactSearch(forms.Form):
    q = forms.CharField(
        label="Search",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
