"""The first administrator of an installation; everybody else is added on the page “People”."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.db import transaction

from transfers.models import User
from transfers.services import audit


class Command(BaseCommand):
    help = "Add an administrator. Asks for the password, or takes it from the environment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--password-env", metavar="VAR", help="the environment variable with the password"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = User(username=options["name"], role=User.Role.ADMINISTRATOR)
        password = typed() if options["password_env"] is None else given(options["password_env"])
        try:
            validate_password(password, person)
            person.set_password(password)
            person.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            person.save()
            audit.record(None, "person.added", person.title, role=person.role)
        self.stdout.write(f"{person.username} is an administrator now.")


def given(variable: str) -> str:
    if variable not in os.environ:
        raise CommandError(f"The environment has no {variable}.")
    return os.environ[variable]


def typed() -> str:
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise CommandError("These were two different passwords. Nothing was saved.")
    return password
