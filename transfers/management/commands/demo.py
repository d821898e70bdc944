"""Demo data: two PBXs of the simulator, three people, a phone book. `make run` calls it."""

from __future__ import annotations

import hashlib
import hmac
from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import transaction

from transfers.crypto import SecretsUnreadable
from transfers.models import AuditEvent, Contact, PbxConnection, Seat, User
from transfers.services import audit, connections

SEEDED = "demo.seeded"
PBX_USERNAME = "console"


@dataclass(frozen=True)
class Person:
    username: str
    first_name: str
    last_name: str
    role: str
    password: str
    seats: tuple[tuple[str, str], ...]  # connection, extensions

    @property
    def is_what(self) -> str:
        return User.Role(self.role).label.lower()


PEOPLE = (
    Person(
        "ana",
        "Ana",
        "Kovács",
        "receptionist",
        "ana-moves-calls",
        (("Head office", "1001"), ("Budapest", "201")),
    ),
    Person(
        "ben",
        "Ben",
        "Okafor",
        "readonly",
        "ben-looks-on",
        (("Head office", ""), ("Budapest", "")),
    ),
    Person("root", "Ruth", "Olsen", "administrator", "root-connects-pbxs", ()),
)
CONTACTS = (  # name, number, department, connection ("" for all)
    ("Carol Weiss", "1003", "Sales", "Head office"),
    ("Dave Lindqvist", "1004", "Support", "Head office"),
    ("Ines Duarte", "1005", "Warehouse", "Head office"),
    ("Farid Haddad", "1006", "Accounts", "Head office"),
    ("Grace Kim", "1007", "Purchasing", "Head office"),
    ("Joanna Nowak", "1010", "Human resources", "Head office"),
    ("Szőke Ágnes", "203", "Sales", "Budapest"),
    ("Kőműves Gergő", "204", "Warehouse", "Budapest"),
    ("Tóth Zsófia", "205", "Accounts", "Budapest"),
    ("Night guard", "+36 1 555 0142", "Building", ""),
    ("Lift company", "+36 1 555 0177", "Building", ""),
    ("Courier", "+36 30 555 0119", "Suppliers", ""),
)


def pbx_password() -> str:
    """What the simulated PBXs ask for: made from the secret key, so it is written nowhere."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"demo pbx", hashlib.sha256).hexdigest()[:32]


class Command(BaseCommand):
    help = "Seed an empty database with the demo, or point the demo's PBXs at other ports."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head-office", type=int, default=7780, help="port of its simulator")
        parser.add_argument("--budapest", type=int, default=9509, help="port of its simulator")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        pbxs = {
            "Head office": (f"http://127.0.0.1:{options['head_office']}/", "gen1"),
            "Budapest": (f"http://127.0.0.1:{options['budapest']}/api", "gen2"),
        }
        if AuditEvent.objects.filter(verb=SEEDED).exists():
            for name, (url, _) in pbxs.items():
                repoint(name, url)
            self.stdout.write("The demo is there; its PBXs are where the simulator is.")
            return
        if User.objects.exists() or PbxConnection.objects.exists():
            raise CommandError(
                "this database has people or connections of its own, so the demo stays out of it."
            )
        seed(pbxs)
        self.stdout.write("The demo is in the database.")


def seed(pbxs: dict[str, tuple[str, str]]) -> None:
    added = {
        name: add_connection(name, url, generation) for name, (url, generation) in pbxs.items()
    }
    for person in PEOPLE:
        add_person(person, added)
    Contact.objects.bulk_create(
        Contact(name=name, number=number, department=department, connection=added.get(where))
        for name, number, department, where in CONTACTS
    )
    audit.record(None, SEEDED, "demo data")


def add_connection(name: str, url: str, generation: str) -> PbxConnection:
    options = {"generation": generation}
    return connections.add(
        None, connections.Draft(name, "ozeki", url, PBX_USERNAME, pbx_password(), options)
    )


def add_person(person: Person, places: dict[str, PbxConnection]) -> None:
    user = User.objects.create_user(
        person.username,
        password=person.password,
        first_name=person.first_name,
        last_name=person.last_name,
        role=person.role,
    )
    for name, extensions in person.seats:
        Seat.objects.create(user=user, connection=places[name], extensions=extensions)


def repoint(name: str, url: str) -> None:
    """Follow the simulator, unless somebody made the connection his own or removed it."""
    connection = PbxConnection.objects.filter(name=name, username=PBX_USERNAME).first()
    if connection is None or urlsplit(connection.url).hostname != "127.0.0.1":
        return
    if (connection.url, stored_password(connection)) == (url, pbx_password()):
        return
    moved = connections.Draft(
        name,
        connection.vendor,
        url,
        PBX_USERNAME,
        pbx_password(),
        connection.options,
        connection.ca_pem,
        connection.poll_seconds,
        connection.enabled,
    )
    connections.edit(None, connection, moved)


def stored_password(connection: PbxConnection) -> str | None:
    try:
        return connection.secrets.get("password")
    except SecretsUnreadable:
        return None
