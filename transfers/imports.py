"""Files of contacts on their way into the phone book.

What a file says is staged here, checked, a few lines at a time; one short transaction then copies
all of it. An import that is given up leaves nothing behind.
"""

from __future__ import annotations

import zlib
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from transfers.fields import SentenceField
from transfers.phonebook import LONGEST_TEXT, Contact, ContactGroup
from transfers.validators import MAX_DIALABLE

STOPPED_AFTER = timedelta(seconds=30)  # without a sign of progress


class Import(models.Model):
    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        # Translators: of a file that was handed in.
        READY = "ready", _("Checked")
        DONE = "done", _("Imported")
        BROKEN = "broken", _("Cannot be read")
        # Translators: of a file that was handed in.
        DROPPED = "dropped", _("Given up")

    created_at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    user_name = models.CharField(max_length=150)
    file_name = models.CharField(max_length=200)
    packed = models.BinaryField(default=b"")
    is_vcard = models.BooleanField(default=False)
    reading = models.JSONField(default=dict)  # of a CSV: its encoding, delimiter, columns
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    problem = SentenceField(blank=True)
    bytes_read = models.PositiveIntegerField(default=0)
    bytes_all = models.PositiveIntegerField(default=0)
    touched_at = models.DateTimeField(default=timezone.now)
    book_version = models.CharField(max_length=32, blank=True)  # that the check compared with
    counts = models.JSONField(default=dict)  # verdict → lines

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} by {self.user_name}: {self.state}"

    @property
    def content(self) -> bytes:
        return zlib.decompress(bytes(self.packed))

    @content.setter
    def content(self, content: bytes) -> None:
        self.packed, self.bytes_all = zlib.compress(content, 1), len(content)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.bytes_read // max(self.bytes_all, 1))

    @property
    def has_stopped(self) -> bool:
        """The process that checked it is gone."""
        checking = self.state == self.State.CHECKING
        return checking and timezone.now() - self.touched_at > STOPPED_AFTER


class ImportLine(models.Model):
    """A line of a file, or a card, as it will be in the book; or why it will not."""

    class Verdict(models.TextChoices):
        # Translators: heading over lines of an imported file (contacts).
        NEW = "new", _("New")
        # Translators: heading over lines of an imported file (contacts).
        CHANGED = "changed", _("Changed")
        SAME = "same", _("Known already")
        TWICE = "twice", _("Twice in the file")
        # Translators: heading over lines of an imported file that cannot be taken.
        BAD = "bad", _("Bad")

    of = models.ForeignKey(Import, models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    verdict = models.CharField(max_length=7, choices=Verdict)
    words = SentenceField(blank=True)  # what changes, or what is wrong
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=100, blank=True)
    department = models.CharField(max_length=100, blank=True)
    notes = models.TextField(blank=True)
    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    groups = models.ManyToManyField(ContactGroup, related_name="staged")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["of", "verdict"], name="lines_by_verdict")]

    def __str__(self) -> str:
        return f"{self.line}: {self.verdict} {self.words}".strip()


class ImportNumber(models.Model):
    line = models.ForeignKey(ImportLine, models.CASCADE, related_name="numbers")
    number = models.CharField(max_length=MAX_DIALABLE)
    label = models.CharField(max_length=30, blank=True)
    connection = models.ForeignKey("PbxConnection", models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=MAX_DIALABLE)

    def __str__(self) -> str:
        return self.number
