"""One person's settings: looks, alerts and keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transfers.drivers.registry import driver_class, guarding
from transfers.services import keyboard
from transfers.services.preferences import DENSITIES, LONGEST, SOONEST, THEMES, Preferences

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

KEY = "key-"  # before a command's slug: the field of its key
NEVER = _("Seconds; 0 is never.")


def _seconds(label: StrOrPromise) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=NEVER, min_value=0, max_value=LONGEST)


def _where_it_comes_back() -> str:
    text = gettext(
        "Seconds, 10 at least; 0 is never. Only while your phone is free, and only where the PBX "
        "refuses to move a call that was answered meanwhile: {pbxs}."
    )
    return text.format(pbxs=", ".join(sorted(driver_class(v).label for v in guarding())))


class SettingsForm(forms.Form):
    theme = forms.ChoiceField(label=_("Theme"), choices=THEMES, widget=forms.RadioSelect)
    density = forms.ChoiceField(label=_("Rows"), choices=DENSITIES, widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As the browser asks")), *settings.LANGUAGES],
        required=False,
    )
    ring_after = _seconds(_("A call rings too long after"))
    hold_after = _seconds(_("A call is held too long after"))
    recall_after = forms.IntegerField(
        label=_("A transfer that nobody answers comes back to my phone after"),
        min_value=0,
        max_value=int(settings.PBX_RING_SECONDS),
    )
    sound = forms.BooleanField(
        label=_("A quiet sound while a call rings for me"),
        help_text=_("It ends when the call stops ringing, also in a tab you do not see."),
        required=False,
    )
    desktop = forms.BooleanField(
        label=_("A notification on the desktop"),
        help_text=_("Only while you look at something else. Your browser asks you once."),
        required=False,
    )

    def __init__(self, now: Preferences, data: Any = None) -> None:
        plain = {name: getattr(now, name) for name in self.base_fields}
        keys = {KEY + slug: key for slug, key in now.all_keys.items()}
        super().__init__(data, initial=plain | keys)
        self.fields["recall_after"].help_text = _where_it_comes_back()
        for command in keyboard.COMMANDS:
            self.fields[KEY + command.slug] = _key_field(command)

    def clean_recall_after(self) -> int:
        seconds: int = self.cleaned_data["recall_after"]
        if 0 < seconds < SOONEST:
            raise forms.ValidationError(gettext("Give people at least ten seconds to answer."))
        return seconds

    @property
    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        """The fields of the keys under their headings."""
        for title, commands in keyboard.GROUPS:
            yield str(title), [self[KEY + command.slug] for command in commands]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        keys = self._keys(cleaned)
        for slug, other in keyboard.clashes(keys).items():
            words = gettext("“{command}” has the same key.")
            self.add_error(KEY + slug, words.format(command=other))
        return cleaned

    def preferences(self) -> Preferences:
        cleaned = self.cleaned_data
        keys = {s: k for s, k in self._keys(cleaned).items() if k != keyboard.USUAL[s]}
        return Preferences(**{name: cleaned[name] for name in self.base_fields}, keys=keys)

    def _keys(self, cleaned: dict[str, Any]) -> dict[str, str]:
        return {
            name.removeprefix(KEY): value for name, value in cleaned.items() if name.startswith(KEY)
        }


class _KeyField(forms.CharField):
    def to_python(self, value: Any) -> str:
        """A letter is its key, with Shift or without."""
        return (super().to_python(value) or "").lower()

    def validate(self, value: str) -> None:
        if reason := keyboard.why_not(value):
            raise forms.ValidationError(reason)


def _key_field(command: keyboard.Command) -> _KeyField:
    attributes = {"class": "key", "autocomplete": "off", "spellcheck": "false", "size": 2}
    attributes["data-usual"] = command.key
    widget = forms.TextInput(attrs=attributes)
    return _KeyField(label=command.label, required=False, max_length=4, widget=widget)
