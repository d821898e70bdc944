"""A file of contacts, and what its columns hold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transfers.imports import Import
from transfers.models import PbxConnection
from transfers.services.importing import drafts, files, uploads

DELIMITERS = [(",", _("comma")), (";", _("semicolon")), ("\t", _("tab")), ("|", _("bar"))]
ROLES = [
    (drafts.IGNORE, _("not used")),
    (drafts.NAME, _("Name")),
    (drafts.LAST, _("Last name")),
    (drafts.FIRST, _("First name")),
    (drafts.DEPARTMENT, _("Department")),
    (drafts.NOTES, _("Notes")),
    (drafts.GROUPS, _("Groups")),
    (drafts.NUMBER, _("Number, every PBX")),
]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("CSV or vCard file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.vcf,text/csv,text/vcard"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = gettext("At most {size} MB and {lines} lines.").format(
            size=files.MOST_BYTES // 1024 // 1024,
            lines=number_format(files.MOST_LINES, force_grouping=True),
        )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > files.MOST_BYTES:
            words = gettext("It is too large.")
            raise ValidationError(f"{words} {self.fields['file'].help_text}")
        return file


class EncodingForm(forms.Form):
    """How a file of cards is read; of a table there is more to say."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(files.ENCODINGS.items()))


class ColumnsForm(EncodingForm):
    """How the file is read, and one field for each column of it."""

    delimiter = forms.ChoiceField(label=_("Cells are divided by"), choices=DELIMITERS)
    header = forms.BooleanField(label=_("The first row has titles"), required=False)

    def __init__(self, job: Import, data: Any = None, typed: Any = None) -> None:
        """`typed` is how the file shall be shown, not yet to be checked. Raises Unreadable."""
        super().__init__(data)
        self.job = job
        chosen = data or typed or {}
        for name, choices in (("encoding", files.ENCODINGS), ("delimiter", dict(DELIMITERS))):
            value = chosen.get(name)
            self.initial[name] = value if value in choices else job.reading[name]
        self.rows = uploads.sample(job, self.initial["encoding"], self.initial["delimiter"])
        header, roles = uploads.guess(self.rows)
        self.initial["header"] = job.reading.get("header", header)
        pbxs = PbxConnection.objects.all()
        on = gettext("Number on {name}")
        own = [(f"{drafts.NUMBER}:{pbx.pk}", on.format(name=pbx.name)) for pbx in pbxs]
        before = job.reading.get("roles", roles)
        for index, role in enumerate(before if len(before) == len(roles) else roles):
            field = forms.ChoiceField(choices=[*ROLES, *own], required=False, initial=role)
            self.fields[f"column_{index}"] = field

    @property
    def columns(self) -> list[tuple[forms.BoundField, list[str]]]:
        """Each column's field and its first cells."""
        cells = zip(*self.rows, strict=True)
        return [(self[f"column_{n}"], list(some)) for n, some in enumerate(cells)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        roles = {role.partition(":")[0] for role in self._roles(cleaned)}
        if not roles & {drafts.NAME, drafts.FIRST, drafts.LAST}:
            raise ValidationError(gettext("Say which column holds the name."))
        if drafts.NUMBER not in roles:
            raise ValidationError(gettext("Say which column holds a number."))
        return cleaned

    def reading(self) -> dict[str, object]:
        data = self.cleaned_data
        titles = self.rows[0] if data["header"] else [""] * len(self.rows[0])
        kept = {name: data[name] for name in ("encoding", "delimiter", "header")}
        kept |= {"roles": self._roles(data), "titles": [title[:30] for title in titles]}
        return {**self.job.reading, **kept}

    def _roles(self, cleaned: dict[str, Any]) -> list[str]:
        return [cleaned.get(f"column_{index}", "") for index in range(len(self.rows[0]))]
