"""`manage.py contacts index`: write anew what numbers are recognised by and what is searched."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from transfers.phonebook import Contact
from transfers.services.contacts import index


class Command(BaseCommand):
    help = "Looks after the contacts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["index"], help="after PBXADMIN_COUNTRY was changed")

    def handle(self, *args: Any, **options: Any) -> None:
        pks = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
        index(pks)
        self.stdout.write(f"Contacts indexed: {len(pks)}.")
