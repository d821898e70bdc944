"""`manage.py sign_off`: log out at their PBX all agents who are logged in from here, now.

For when the server has been stopped for long; a restart logs nobody out, and where the server runs,
who looks is logged in again. Exit status 1: not all could be logged out.
"""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand

from transfers.farewells import Farewell
from transfers.models import Feed
from transfers.services import farewells


class Command(BaseCommand):
    help = "Log out at their PBX all agents who are logged in from here."

    def handle(self, *args: Any, **options: Any) -> None:
        farewells.part(Feed.objects.all())
        due = list(Farewell.objects.all())
        farewells.carry_out(due)
        left = list(Farewell.objects.filter(pk__in=[row.pk for row in due]))
        count = len(due) - len(left)
        self.stdout.write(f"{count} agent{'s' if count != 1 else ''} logged out.")
        if left:
            names = ", ".join(row.agent for row in left)
            self.stderr.write(f"Not logged out, and tried again by the server: {names}")
            raise SystemExit(1)
