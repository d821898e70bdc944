"""The phone book: whom calls can be sent to, beside the extensions that the PBXs list themselves.

Every change of a contact gives the book a new version in the same database transaction, so what
was looked up under a version stays right as long as the book has it.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import models, transaction

from transfers.domain import bare_number


class PhoneBook(models.Model):
    """One row: the version of all contacts together. No row: nothing was ever changed."""

    version = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.version

    @classmethod
    def changed(cls) -> None:
        """For whoever writes contacts past `save` and `delete`, inside the same transaction."""
        cls.objects.update_or_create({"version": uuid4().hex}, pk=1)


class Contact(models.Model):
    name = models.CharField(max_length=100)
    number = models.CharField(max_length=40)
    bare = models.CharField(max_length=40, editable=False, db_index=True)  # of `number`
    department = models.CharField(max_length=100, blank=True)
    connection = models.ForeignKey(
        "PbxConnection",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="contacts",
        help_text="The PBX that can dial this number. Empty: every PBX.",
    )

    class Meta:
        ordering = ["name", "number"]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        self.bare = bare_number(self.number)
        super().save(*args, **kwargs)
        PhoneBook.changed()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        PhoneBook.changed()
        return super().delete(*args, **kwargs)
