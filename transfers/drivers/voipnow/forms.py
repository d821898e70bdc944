"""The VoipNow fields of the connection page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from transfers.drivers.base import OptionsForm
from transfers.drivers.voipnow.wire import EXTENSION, USER

NO_YES = [("no", _("No")), ("yes", _("Yes"))]


class VoipNowOptions(OptionsForm):
    user = forms.CharField(
        label=_("User"),
        max_length=20,
        required=False,
        initial="@me",
        help_text=_(
            "Whose calls: @me is the account that owns the App, @owner the owner of the "
            "extension below; or a user's number."
        ),
    )
    extension = forms.CharField(
        label=_("Extension"),
        max_length=40,
        required=False,
        initial="@self",
        help_text=_(
            "@self lists the calls of all extensions of that user; or one extension, for "
            "example 0003*210."
        ),
    )
    organisation = forms.CharField(
        label=_("Organisation prefix"),
        max_length=10,
        required=False,
        initial="",
        help_text=_(
            "The digits before the star: with 0003 the PBX's 0003*210 is shown as 210, and "
            "is the 210 of a seat. “Test connection” finds it out."
        ),
    )
    forward_ringing = forms.ChoiceField(
        label=_("Send ringing calls elsewhere"),
        choices=NO_YES,
        initial="no",
        help_text=_(
            "The vendor documents transfers of answered calls only. Choose Yes to let "
            "people try it with calls that ring; the PBX may refuse it."
        ),
    )
    hold_view = forms.ChoiceField(
        label=_("Hold acts as"),
        choices=[
            ("own", _("the extension above, else the called phone")),
            ("caller", _("the calling phone")),
            ("first", _("the phone that the PBX lists first")),
        ],
        initial="own",
        help_text=_(
            "Whose view of a call hold, retrieve and park name to the PBX, when both phones "
            "are its own."
        ),
    )
    legacy_view = forms.ChoiceField(
        label=_("Send the view with transfers"),
        choices=NO_YES,
        initial="no",
        help_text=_("Only for old servers, which tell by the view who leaves the call."),
    )
    park_seconds = forms.IntegerField(
        label=_("Parked for at most"),
        min_value=10,
        max_value=3600,
        required=False,
        initial="180",
        help_text=_("Seconds, 10 to 3600. Then the call rings again at the phone that parked it."),
    )
    event_extensions = forms.CharField(
        label=_("Call events of"),
        max_length=1000,
        required=False,
        initial="",
        help_text=_(
            "Extensions whose call events are sent to us, separated by commas. Empty: the "
            "extension above; with @self, all that the PBX lists."
        ),
    )

    def clean_user(self) -> str:
        said: str = self.cleaned_data["user"].strip() or "@me"
        if not USER.fullmatch(said):
            raise forms.ValidationError(_("Enter @me, @viewer, @owner or a user's number."))
        return said

    def clean_extension(self) -> str:
        said: str = self.cleaned_data["extension"].strip() or "@self"
        if not EXTENSION.fullmatch(said):
            raise forms.ValidationError(_("Enter @self or an extension like 0003*210."))
        return said

    def clean_organisation(self) -> str:
        said: str = self.cleaned_data["organisation"].strip().removesuffix("*")
        if said and not (said.isascii() and said.isdigit()):
            raise forms.ValidationError(_("Enter the digits before the star, or nothing."))
        return said

    def clean_park_seconds(self) -> str:
        said = self.cleaned_data["park_seconds"]
        return "180" if said is None else str(said)

    def clean_event_extensions(self) -> str:
        named = self.cleaned_data["event_extensions"].replace(",", " ").split()
        if not all(EXTENSION.fullmatch(each) and each != "@self" for each in named):
            raise forms.ValidationError(_("Enter extensions like 0003*210, separated by commas."))
        return ", ".join(named)
