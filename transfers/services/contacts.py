"""The phone book beside the PBXs' own extensions."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from transfers.models import User
from transfers.phonebook import Contact
from transfers.services.audit import record
from transfers.services.search import found


def search(text: str) -> QuerySet[Contact]:
    contacts = Contact.objects.select_related("connection")
    if not text.strip():
        return contacts
    return contacts.filter(found(text, ("name", "department"), ("number",)))


@transaction.atomic
def save(actor: User, contact: Contact, changed: Sequence[str]) -> None:
    added = contact.pk is None
    contact.save()
    verb = "contact.added" if added else "contact.edited"
    if added or changed:
        record(actor, verb, str(contact), changed=[] if added else list(changed))


@transaction.atomic
def delete(actor: User, contact: Contact) -> None:
    record(actor, "contact.deleted", str(contact))
    contact.delete()
