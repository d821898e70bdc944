"""The phone book: whom calls can be sent to, beside the extensions that the PBXs list themselves.

Every change of a contact gives the book a new version in the same database transaction, so what
was looked up under a version stays right as long as the book has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from transfers.spelling import as_dialled, is_public, number_key, spellings
from transfers.validators import MAX_DIALABLE

LONGEST_GROUP = 60
LONGEST_TEXT = 600  # of what is searched: it is in an index


class HasNumber(Protocol):
    @property
    def number(self) -> str: ...
    @property
    def key(self) -> str: ...


class PhoneBook(models.Model):
    """One row: the version of all contacts together. No row: nothing was ever changed."""

    version = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.version

    @classmethod
    def changed(cls) -> None:
        """For whoever writes contacts past `save` and `delete`, inside the same transaction."""
        cls.objects.update_or_create({"version": uuid4().hex}, pk=1)


class ContactGroup(models.Model):
    name = models.CharField(max_length=LONGEST_GROUP, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    name = models.CharField(max_length=100)
    department = models.CharField(max_length=100, blank=True)
    notes = models.TextField(max_length=1000, blank=True)
    groups = models.ManyToManyField(ContactGroup, related_name="contacts", blank=True)
    text = models.CharField(max_length=LONGEST_TEXT, editable=False, db_index=True)

    class Meta:
        ordering = ["text", "pk"]  # it begins with the name

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.index()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        PhoneBook.changed()
        return super().delete(*args, **kwargs)

    def index(self) -> None:
        """Write what the search looks in. To be called when numbers or groups have changed."""
        groups = self.groups.values_list("name", flat=True)
        self.text = searched(self.name, self.department, groups, self.numbers.all())
        Contact.objects.filter(pk=self.pk).update(text=self.text)
        PhoneBook.changed()


class ContactNumber(models.Model):
    """A number of a contact. Without a connection every PBX can dial it."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="numbers")
    number = models.CharField(max_length=MAX_DIALABLE)
    label = models.CharField(max_length=30, blank=True)
    connection = models.ForeignKey(
        "PbxConnection", models.CASCADE, null=True, blank=True, related_name="contact_numbers"
    )
    key = models.CharField(max_length=MAX_DIALABLE, editable=False, db_index=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.number} {self.label}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = number_key(self.number)
        super().save(*args, **kwargs)


class Favourite(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="favoured")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "contact"], name="one_favourite_per_contact")
        ]

    def __str__(self) -> str:
        return f"{self.contact} of {self.user}"


class DialPrefix(models.Model):
    """What a PBX dials first to reach the numbers of another one, or, without one, the outside."""

    connection = models.ForeignKey("PbxConnection", models.CASCADE, related_name="dial_prefixes")
    other = models.ForeignKey("PbxConnection", models.CASCADE, null=True, related_name="+")
    prefix = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "other"], name="one_prefix_per_way"),
            models.UniqueConstraint(
                fields=["connection"], condition=Q(other=None), name="one_prefix_outside"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.prefix} for {self.other_id or 'outside'}"


def searched(
    name: str, department: str, groups: Iterable[str], numbers: Iterable[HasNumber]
) -> str:
    """Everything that finds a contact; the name comes first."""
    parts = [spellings(name), spellings(department), *map(spellings, groups)]
    for number in numbers:
        parts.append(number.key)
        if is_public(number.key):
            parts.append(as_dialled(number.number))
    return " ".join(filter(None, parts))[:LONGEST_TEXT]
