"""The form of a PBX connection: the fields every vendor has, and the vendor's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transfers.drivers import registry
from transfers.drivers.base import Driver, OptionsForm
from transfers.forms.addresses import validate_address
from transfers.forms.certificates import validate_ca_pem
from transfers.models import PbxConnection
from transfers.sentences import told
from transfers.services.connections import OTHER_HOST, Draft, may_keep_password

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PREFIX = "option"


def validate_printable(text: str) -> None:
    if not text.isprintable():
        raise ValidationError(gettext("Use visible characters only."))


class ConnectionForm(forms.Form):
    """`connection` is the one being edited; `naming` False is for a test, which needs no name.

    The vendor's fields are in `options_form`, None while no known vendor is chosen. The password
    is never rendered back.
    """

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        validators=[validate_printable],
        help_text=_("What people call this PBX. It is shown beside its calls."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    vendor = forms.ChoiceField(label=_("Vendor"))
    url = forms.CharField(
        label=_("Address"),
        max_length=300,
        validators=[validate_address],
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        required=False,
        validators=[validate_printable],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    forget_password = forms.BooleanField(label=_("Remove the stored password"), required=False)
    ca_pem = forms.CharField(
        label=_("Own CA certificate"),
        required=False,
        max_length=100_000,
        validators=[validate_ca_pem],
        help_text=_(
            "PEM text. It is then trusted instead of the public authorities, for https only."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    poll_seconds = forms.FloatField(
        label=_("Seconds between reads"),
        initial=1,
        min_value=0.5,
        max_value=60,
        help_text=_("From 0.5 to 60. The PBX is read only while somebody looks."),
    )
    enabled = forms.BooleanField(
        label=_("Enabled"),
        required=False,
        initial=True,
        help_text=_("A disabled connection is not read, and its calls are not shown."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        connection: PbxConnection | None = None,
        initial: Mapping[str, Any] | None = None,
        naming: bool = True,
    ) -> None:
        self.connection = connection
        start = _stored(connection) | dict(initial or {})
        super().__init__(data, initial=start)
        choices = registry.choices()
        self.fields["vendor"] = forms.ChoiceField(
            label=_("Vendor"),
            choices=choices,
            initial=choices[0][0],
            widget=self.fields["vendor"].widget,
        )
        self.fields["name"].required = naming
        self.driver = _driver((data or start).get("vendor") or choices[0][0])
        self.options_form = self._options_form(data, start)
        self._describe()

    def _options_form(
        self, data: Mapping[str, Any] | None, start: Mapping[str, Any]
    ) -> OptionsForm | None:
        if self.driver is None:
            return None
        stored = self.connection.options if self._same_vendor() and self.connection else {}
        typed = _typed_options(start)
        return self.driver.options_form(data, prefix=PREFIX, initial={**stored, **typed})

    def _same_vendor(self) -> bool:
        return bool(
            self.connection and self.driver and self.connection.vendor == self.driver.vendor
        )

    def _describe(self) -> None:
        """The vendor's words on the fields every vendor has."""
        if self.driver is not None:
            self.fields["password"].label = self.driver.password_label
            if self.driver.url_hint:
                self.fields["url"].help_text = gettext("For example {address}").format(
                    address=_said(self.driver.url_hint)
                )
        if self.stores_password:
            self.fields["password"].help_text = gettext(
                "One is stored. Leave this empty to keep it."
            )
        else:
            del self.fields["forget_password"]

    @property
    def stores_password(self) -> bool:
        return bool(self.connection and self.connection.secret_blob)

    def is_valid(self) -> bool:
        options_fine = self.options_form is None or self.options_form.is_valid()
        return super().is_valid() and options_fine

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = PbxConnection.objects.filter(name=name)
        if self.connection is not None:
            others = others.exclude(pk=self.connection.pk)
        if self.fields["name"].required and others.exists():
            words = gettext("There is a connection named “{name}” already.")
            raise ValidationError(words.format(name=name))
        return name

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if typed.get("password") and typed.get("forget_password"):
            self.add_error(
                "forget_password", gettext("Either type a new password or remove the stored one.")
            )
        if self.connection and {"url", "vendor"} <= typed.keys() and self._password() is None:
            draft = Draft(name="", vendor=typed["vendor"], url=typed["url"])
            if not may_keep_password(self.connection, draft):
                self.add_error("password", told(OTHER_HOST))
        return typed

    def _password(self) -> str | None:
        typed: str = self.cleaned_data.get("password", "")
        if typed or self.cleaned_data.get("forget_password"):
            return typed
        return None

    def draft(self) -> Draft:
        """What the service needs, once the form is valid."""
        typed = self.cleaned_data
        return Draft(
            name=typed["name"],
            vendor=typed["vendor"],
            url=typed["url"],
            username=typed["username"],
            password=self._password(),
            options=self._chosen_options(),
            ca_pem=typed["ca_pem"],
            poll_seconds=typed["poll_seconds"],
            enabled=typed["enabled"],
        )

    def _chosen_options(self) -> dict[str, str]:
        """Only what differs from the default, so that a better default reaches old connections."""
        assert self.options_form is not None  # noqa: S101  a valid form has a vendor
        return {
            name: str(value)
            for name, value in self.options_form.cleaned_data.items()
            if value not in ("", None, self.options_form.fields[name].initial)
        }

    def problems(self) -> list[tuple[str, str]]:
        """Every error with the label of its field, for places that do not show the fields."""
        shown: list[forms.Form] = [self] if self.options_form is None else [self, self.options_form]
        return [
            (_said(form[name].label) if name in form.fields else "", str(error))
            for form in shown
            for name, errors in form.errors.items()
            for error in errors
        ]


def option_words(vendor: str, options: Mapping[str, str]) -> list[tuple[str, str]]:
    """Options as people know them: the label of the field, the label of the choice."""
    driver = _driver(vendor)
    return [_words(driver, *option) for option in options.items()] if driver else []


def _words(driver: type[Driver], name: str, value: str) -> tuple[str, str]:
    field = driver.options_form.base_fields[name]
    choices = {str(key): _said(text) for key, text in getattr(field, "choices", ())}
    return _said(field.label or name), choices.get(value, value)


def _said(text: StrOrPromise) -> str:
    """A label in the reader's language, whether it is a sentence or made when it is read."""
    return told(text) if isinstance(text, str) else str(text)


def _driver(vendor: str) -> type[Driver] | None:
    try:
        return registry.driver_class(vendor)
    except KeyError:
        return None


def _stored(connection: PbxConnection | None) -> dict[str, Any]:
    if connection is None:
        return {}
    names = ("name", "vendor", "url", "username", "ca_pem", "enabled")
    values = {name: getattr(connection, name) for name in names}
    return values | {"poll_seconds": f"{connection.poll_seconds:g}"}


def _typed_options(start: Mapping[str, Any]) -> dict[str, Any]:
    mark = f"{PREFIX}-"
    return {key.removeprefix(mark): start[key] for key in start if key.startswith(mark)}
