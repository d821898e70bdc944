from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import PasswordChangeForm, UsernameField
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transfers.drivers.registry import agent_scoped
from transfers.models import PbxConnection, Seat, User
from transfers.services.people import SeatChanges
from transfers.validators import validate_extensions

PASSWORD_HELP = _("At least 8 characters: not only digits, nothing common, nothing like the name.")
TWICE = _("Two seats on the same PBX: put all extensions there into one seat.")
SPARE_ROWS = 2


def _new_password() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account. Her own role and activity are closed to the administrator who edits herself."""

    password = _new_password()
    again = _new_password()

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "role", "is_active"]
        field_classes = {"username": UsernameField}
        labels = {
            "username": _("User name"),
            "role": _("Role"),
            "is_active": _("May log in"),
        }
        help_texts = {
            "username": _("Letters, digits and @ . + - _ only."),
            "role": _(
                "Administrators see everything and manage PBXs, people and contacts. "
                "Receptionists move calls where they have a seat. Read-only people look on."
            ),
            "is_active": _(
                "Accounts are not deleted: the log needs their names. Without this, "
                "open sessions end at once and nobody can log in with the account."
            ),
        }

    def __init__(self, actor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs |= {"autocomplete": "off", "autofocus": False}
        self.fields["again"].label, self.fields["again"].help_text = _("Password again"), ""
        if self.instance.pk:
            self._make_password_optional()
        if self.instance.pk == actor.pk:
            self._close("role", "is_active")

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        namesakes = User.objects.filter(username__iexact=username).exclude(pk=self.instance.pk)
        if namesakes.exists():
            raise ValidationError(gettext("Somebody has this user name already."), code="taken")
        return username

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"password", "again"} <= set(cleaned) and cleaned["password"] != cleaned["again"]:
            self.add_error("again", gettext("The two passwords differ."))
        return cleaned

    def _post_clean(self) -> None:
        """The validators compare the password with the names, so these are set first."""
        super()._post_clean()  # type: ignore[misc]
        password = self.cleaned_data.get("password")
        if password:
            try:
                password_validation.validate_password(password, self.instance)
            except ValidationError as error:
                self.add_error("password", error)

    def _make_password_optional(self) -> None:
        for name in ("password", "again"):
            self.fields[name].required = False
        self.fields["password"].label = _("New password")
        empty = gettext("Leave it empty to keep the present one.")
        self.fields["password"].help_text = f"{empty} {PASSWORD_HELP}"

    def _close(self, *names: str) -> None:
        for name in names:
            self.fields[name].disabled = True
            self.fields[name].help_text = _("Only another administrator can change this for you.")

    @property
    def changed_fields(self) -> list[str]:
        """What changed of the account itself; the password is no field of the log."""
        return [name for name in self.changed_data if name in self.Meta.fields]


class SeatForm(forms.ModelForm):  # type: ignore[type-arg]
    password = forms.CharField(
        label=_("Login's password"),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = Seat
        fields = ["connection", "extensions", "sees", "username"]
        labels = {"connection": _("PBX"), "username": _("Login at the PBX")}
        help_texts = {"extensions": ""}
        error_messages = {
            "connection": {"required": _("Choose the PBX of this seat.")},
            NON_FIELD_ERRORS: {"unique_together": TWICE},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["connection"].empty_label = _("no seat")  # type: ignore[attr-defined]
        if self.instance.secret_blob:
            self.fields["password"].widget.attrs["placeholder"] = _("stored; empty keeps it")
        if not PbxConnection.objects.filter(vendor__in=agent_scoped()).exists():
            del self.fields["username"], self.fields["password"]

    def clean_extensions(self) -> str:
        text: str = self.cleaned_data["extensions"]
        if text:
            validate_extensions(text)
        return ", ".join(number.strip() for number in text.split(",") if number.strip())

    def save(self, commit: bool = True) -> Seat:
        """The password goes into the row encrypted; an empty one keeps what is there.

        That is only for the same login at the same PBX: no other one is ever told it.
        """
        if password := self.cleaned_data.get("password"):
            self.instance.secrets = {"password": password}
        elif {"connection", "username"} & set(self.changed_data):
            self.instance.secrets = {}
        seat: Seat = super().save(commit)
        return seat


class BaseSeats(BaseInlineFormSet):  # type: ignore[type-arg]
    def get_unique_error_message(self, unique_check: Any) -> str:
        return str(TWICE)

    def get_form_error(self) -> str:
        return str(TWICE)

    def changes(self) -> SeatChanges:
        self.save(commit=False)
        return SeatChanges(self.new_objects, self.changed_objects, self.deleted_objects)


def seats_formset(person: User, data: Any = None) -> BaseSeats:
    """One row per seat and a few empty ones, never more than there are PBXs."""
    pbxs = PbxConnection.objects.count()
    taken = person.seats.count() if person.pk else 0
    factory = inlineformset_factory(
        User,
        Seat,
        form=SeatForm,
        formset=BaseSeats,
        extra=min(SPARE_ROWS, max(pbxs - taken, 0)),
        can_delete=True,
    )
    formset: BaseSeats = factory(data, instance=person, prefix="seats")  # type: ignore[assignment]
    return formset


class OwnPasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_HELP
        self.fields["new_password2"].label = _("New password again")
        self.fields["new_password2"].help_text = ""
