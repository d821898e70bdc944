"""A contact, its numbers, and the search over all of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transfers.phonebook import LONGEST_GROUP, Contact, ContactGroup, ContactNumber
from transfers.services.contacts import NumberChanges
from transfers.validators import validate_dialable

SPARE_ROWS = 2


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]
    group_names = forms.CharField(
        label=_("Groups"),
        required=False,
        max_length=300,
        help_text=_("Separated by commas, e.g. Board, On call. A new name makes a new group."),
    )

    class Meta:
        model = Contact
        fields = ["name", "department", "notes"]
        labels = {"name": _("Name"), "department": _("Department"), "notes": _("Notes")}
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"notes": _("What colleagues should know. Shown beside the name.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            groups = self.instance.groups.values_list("name", flat=True)
            self.initial["group_names"] = ", ".join(groups)

    def clean_group_names(self) -> list[str]:
        names = [" ".join(name.split()) for name in self.cleaned_data["group_names"].split(",")]
        if any(len(name) > LONGEST_GROUP for name in names):
            words = gettext("A group's name has at most {limit} characters.")
            raise ValidationError(words.format(limit=LONGEST_GROUP))
        return list(dict.fromkeys(filter(None, names)))


class NumberForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ContactNumber
        fields = ["number", "label", "connection"]
        labels = {"connection": _("PBX")}
        widgets = {"label": forms.TextInput(attrs={"placeholder": _("desk, mobile …")})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].validators.append(validate_dialable)
        self.fields["connection"].empty_label = _("Every PBX")  # type: ignore[attr-defined]


class BaseNumbers(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data.get("number")]
        if not any(self.errors) and all(form.cleaned_data.get("DELETE") for form in kept):
            raise ValidationError(gettext("Give at least one number."))

    def changes(self) -> NumberChanges:
        saved = self.save(commit=False)
        return NumberChanges(saved, self.deleted_objects)


def numbers_formset(contact: Contact, data: Any = None) -> BaseNumbers:
    """One row per number and a few empty ones."""
    factory = inlineformset_factory(
        Contact,
        ContactNumber,
        form=NumberForm,
        formset=BaseNumbers,
        extra=SPARE_ROWS,
        can_delete=True,
    )
    formset: BaseNumbers = factory(data, instance=contact, prefix="numbers")  # type: ignore[assignment]
    return formset


class ContactSearch(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    group = forms.ModelChoiceField(
        ContactGroup.objects.all(),
        label=_("Group"),
        required=False,
        empty_label=_("All groups"),
    )
    starred = forms.BooleanField(label=_("Favourites only"), required=False)
