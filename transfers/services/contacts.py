"""The phone book beside the PBXs' own extensions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from transfers.models import PbxConnection, User
from transfers.phonebook import Contact, ContactGroup, ContactNumber, Favourite, PhoneBook
from transfers.services import lookup
from transfers.services.audit import record
from transfers.services.lookup import Wanted
from transfers.spelling import number_key, plain

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NumberChanges:
    saved: Sequence[ContactNumber] = ()
    removed: Sequence[ContactNumber] = ()


def search(
    user: User, text: str, group: ContactGroup | None = None, *, starred: bool = False
) -> QuerySet[Contact]:
    """In the order of their names, with all that a page shows of them."""
    contacts = lookup.matching(Wanted.of(text))
    if group:
        contacts = contacts.filter(groups=group)
    if starred:
        contacts = contacts.filter(favoured__user=user)
    return contacts.prefetch_related("numbers__connection", "groups")


@transaction.atomic
def save(
    actor: User,
    contact: Contact,
    changed: Sequence[str],
    groups: Iterable[str],
    numbers: NumberChanges,
) -> None:
    """With its numbers and groups; a group comes into being with its first contact."""
    added = contact.pk is None
    contact.save()
    contact.groups.set([group_named(name) for name in groups])
    for number in numbers.saved:
        number.contact = contact
        number.save()
    for number in numbers.removed:
        number.delete()
    contact.index()
    drop_empty_groups()
    what = [*changed, *(["numbers"] if numbers.saved or numbers.removed else [])]
    if added or what:
        verb = "contact.added" if added else "contact.edited"
        record(actor, verb, described(contact), changed=[] if added else what)


@transaction.atomic
def delete(actor: User, contact: Contact) -> None:
    record(actor, "contact.deleted", described(contact))
    contact.delete()
    drop_empty_groups()


def described(contact: Contact) -> str:
    return f"{contact.name} {', '.join(n.number for n in contact.numbers.all())}".strip()


def group_named(name: str) -> ContactGroup:
    """The group of this name, however it is spelt; a new one if there is none."""
    for group in ContactGroup.objects.all():
        if plain(group.name) == plain(name):
            return group
    return ContactGroup.objects.create(name=name)


def drop_empty_groups() -> None:
    ContactGroup.objects.filter(contacts=None, staged=None).delete()


def only_on(connection: PbxConnection) -> list[Contact]:
    """The contacts that have numbers of this PBX and no others."""
    elsewhere = ContactNumber.objects.exclude(connection=connection)
    elsewhere |= ContactNumber.objects.filter(connection=None)
    here = Contact.objects.filter(numbers__connection=connection).distinct()
    return list(here.exclude(pk__in=elsewhere.values("contact")))


def also_on(connection: PbxConnection) -> list[int]:
    """The contacts that lose a number with this PBX; those of `only_on` are among them."""
    numbers = ContactNumber.objects.filter(connection=connection)
    return list(numbers.values_list("contact", flat=True).distinct())


def drop(contacts: Sequence[Contact]) -> None:
    pks = [contact.pk for contact in contacts]
    for start in range(0, len(pks), AT_ONCE):
        Contact.objects.filter(pk__in=pks[start : start + AT_ONCE]).delete()
    drop_empty_groups()
    PhoneBook.changed()


def index(pks: Sequence[int]) -> None:
    """Write keys and searched text anew, a few contacts at a time: others write in between."""
    for start in range(0, len(pks), AT_ONCE):
        with transaction.atomic():
            some = Contact.objects.filter(pk__in=pks[start : start + AT_ONCE])
            for contact in some.prefetch_related("numbers"):
                for number in contact.numbers.all():
                    if number.key != number_key(number.number):
                        number.save()  # with the key that it has now
                contact.index()


def mark(user: User, contact: Contact, wanted: bool) -> None:
    """Her favourites; nobody else's."""
    if wanted:
        Favourite.objects.get_or_create(user=user, contact=contact)
    else:
        Favourite.objects.filter(user=user, contact=contact).delete()
