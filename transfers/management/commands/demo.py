"""Demo data: the simulator's PBXs, three people, a phone book. `make run` calls it."""

from __future__ import annotations

import hashlib
import hmac
from argparse import ArgumentParser
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from transfers.crypto import SecretsUnreadable
from transfers.drivers.registry import agent_scoped, driver_class
from transfers.models import PbxConnection, Seat, User
from transfers.phonebook import Contact
from transfers.services import audit, connections, notifications, people
from transfers.services.contacts import mark
from transfers.trail import AuditEvent

SEEDED = "demo.seeded"
PBX_USERNAME = "console"


@dataclass(frozen=True)
class Pbx:
    """One simulated PBX: what the simulator calls it, how it is reached, how it is connected."""

    name: str
    slug: str
    face: str
    port: int
    path: str
    vendor: str
    options: dict[str, str] = field(default_factory=dict)

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}{self.path}"


PBXS = (
    Pbx("Head office", "head-office", "ozeki-gen1", 7780, "/", "ozeki", {"generation": "gen1"}),
    Pbx(
        "Budapest",
        "budapest",
        "ozeki-gen2",
        9509,
        "/api",
        "ozeki",
        {"generation": "gen2", "timezone": "UTC"},
    ),
    Pbx(
        "Travel desk",
        "contact",
        "voipnow",
        7781,
        "/",
        "voipnow",
        {"organisation": "0003", "forward_ringing": "yes"},
    ),
    Pbx("Contact centre", "centre", "genesys", 8090, "/api/v2", "genesys"),
    Pbx("Workshop", "workshop", "asterisk", 8088, "/mxml", "asterisk", {"voicemail": "*{number}"}),
)


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
        (
            ("Head office", "1001"),
            ("Budapest", "201"),
            ("Travel desk", "301"),
            ("Contact centre", "5001"),
            ("Workshop", "401"),
        ),
    ),
    Person(
        "ben",
        "Ben",
        "Okafor",
        "readonly",
        "ben-looks-on",
        (("Head office", ""), ("Budapest", ""), ("Travel desk", ""), ("Workshop", "")),
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
    ("Bruno Costa", "303", "Travel", "Travel desk"),
    ("Chiara Rossi", "304", "Claims", "Travel desk"),
    ("Ondřej Malý", "402", "Repairs", "Workshop"),
    ("Paula Ortiz", "403", "Spare parts", "Workshop"),
    ("Clara Müller", "5003", "Complaints", "Contact centre"),
    ("Eva Horváth", "5005", "Invoices", "Contact centre"),
    ("Night guard", "+36 1 555 0142", "Building", ""),
    ("Lift company", "+36 1 555 0177", "Building", ""),
    ("Courier", "+36 30 555 0119", "Suppliers", ""),
)

FAVOURITES = ("Carol Weiss", "Dave Lindqvist", "Szőke Ágnes", "Bruno Costa", "Night guard")


def pbx_password() -> str:
    """What the simulated PBXs ask for: made from the secret key, so it is written nowhere."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"demo pbx", hashlib.sha256).hexdigest()[:32]


class Command(BaseCommand):
    help = "Seed an empty database with the demo, or point the demo's PBXs at other ports."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for pbx in PBXS:
            text = f"port of the simulated {pbx.name}"
            parser.add_argument(f"--{pbx.slug}", type=int, default=pbx.port, help=text)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        urls = {pbx.name: pbx.url(options[pbx.slug.replace("-", "_")]) for pbx in PBXS}
        if AuditEvent.objects.filter(verb=SEEDED).exists():
            for name, url in urls.items():
                repoint(name, url)
            self.stdout.write("The demo is there; its PBXs are where the simulator is.")
            return
        if User.objects.exists() or PbxConnection.objects.exists():
            raise CommandError(
                "this database has people or connections of its own, so the demo stays out of it."
            )
        seed(urls)
        self.stdout.write("The demo is in the database.")


def seed(urls: dict[str, str]) -> None:
    added = {pbx.name: add_connection(pbx, urls[pbx.name]) for pbx in PBXS}
    for person in PEOPLE:
        add_person(person, added)
    for name, number, department, where in CONTACTS:
        contact = Contact.objects.create(name=name, department=department)
        contact.numbers.create(number=number, connection=added.get(where))
        contact.index()
    ana = User.objects.get(username="ana")
    for name in FAVOURITES:
        mark(ana, Contact.objects.get(name=name), True)
    audit.record(None, SEEDED, "demo data")


def add_connection(pbx: Pbx, url: str) -> PbxConnection:
    draft = connections.Draft(
        pbx.name, pbx.vendor, url, PBX_USERNAME, pbx_password(), dict(pbx.options)
    )
    connection = connections.add(None, draft)
    if driver_class(pbx.vendor).notified:
        notifications.renew(None, connection)
    return connection


def notify_orders(web: str) -> list[dict[str, str]]:
    """Orders for the simulator's control: where each PBX posts its notifications.

    What an administrator of a real PBX types into its pages. Nothing for PBXs of other kinds, or
    for connections that somebody took over.
    """
    orders = []
    for pbx in PBXS:
        connection = PbxConnection.objects.filter(name=pbx.name, username=PBX_USERNAME).first()
        token = notifications.token_of(connection) if connection else ""
        if token and pbx.face.startswith("ozeki"):
            url = web.rstrip("/") + reverse("notify", args=[token])
            order = {"pbx": pbx.slug, "do": "switch", "route_url": url, "call_changed_url": url}
            orders.append(order)
    return orders


def add_person(person: Person, places: dict[str, PbxConnection]) -> None:
    user = User.objects.create_user(
        person.username,
        password=person.password,
        first_name=person.first_name,
        last_name=person.last_name,
        role=person.role,
    )
    for name, extensions in person.seats:
        seat = Seat(user=user, connection=places[name], extensions=extensions)
        if places[name].vendor in agent_scoped():
            seat.username = PBX_USERNAME
            seat.secrets = {"password": pbx_password()}
        seat.save()
        people.own_feed(seat)


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
    for seat in connection.seats.filter(username=PBX_USERNAME):  # another address: it was removed
        seat.secrets = {"password": pbx_password()}
        seat.save(update_fields=["secret_blob"])


def stored_password(connection: PbxConnection) -> str | None:
    try:
        return connection.secrets.get("password")
    except SecretsUnreadable:
        return None
