"""`manage.py rotate_keys`: stored credentials under the first of PBXADMIN_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError

from transfers.services.keys import rotate_all


class Command(BaseCommand):
    help = (
        "Encrypt the stored credentials of every connection under the first key of "
        "PBXADMIN_ENCRYPTION_KEYS. Afterwards the other keys can be taken away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rotation = rotate_all(None)
        self.stdout.write(f"Credentials encrypted under the first key: {rotation.rotated}.")
        if rotation.unreadable:
            names = ", ".join(rotation.unreadable)
            raise CommandError(
                f"No key opens the credentials of: {names}. Put the key they were saved with "
                "back and run this again, or enter them again."
            )
