"""From a connection's row to a driver that can speak to its PBX."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from transfers import access, crypto
from transfers.crypto import SecretsUnreadable
from transfers.drivers.base import Config, Driver, Memory
from transfers.drivers.registry import agent_scoped, driver_class
from transfers.errors import AuthFailed, NotSupported
from transfers.farewells import Farewell
from transfers.http import Door, DoorRules
from transfers.models import Feed, PbxConnection, Remembered, Seat, Secretive, User
from transfers.sentences import say


class CredentialsUnreadable(AuthFailed):
    """Our own keys do not open the stored credentials; like a refused login, it needs a person.

    Nothing was sent.
    """

    code = "secrets_unreadable"
    sent = False


def driver_for(connection: PbxConnection, seat: Seat | None = None) -> Driver:
    """The driver of a connection, or of an agent's own login where the vendor wants one.

    Raises CredentialsUnreadable, NotSupported.
    """
    agent = seat if seat is not None and connection.vendor in agent_scoped() else None
    account: Secretive = agent or connection
    config = Config(
        url=connection.url,
        username=account.username,
        secrets=secrets_of(account),
        options=connection.options,
    )
    feed = Feed.objects.filter(connection=connection, seat=agent).first()
    memory = FeedMemory(feed) if feed else None
    return build_driver(connection.vendor, config, connection.ca_pem, memory)


def feeds_for(user: User) -> QuerySet[Feed]:
    """The feeds whose calls a person may look at: her own login's, or the connection's."""
    own = Q(connection__vendor__in=agent_scoped())
    return Feed.objects.select_related("connection", "seat").filter(
        (Q(seat=None) & ~own) | Q(seat__user=user),
        connection__in=access.connections_of(user),
    )


def driver_class_of(connection: PbxConnection) -> type[Driver]:
    """What the connection's vendor can do in general; KeyError for an unknown vendor."""
    return driver_class(connection.vendor)


def build_driver(
    vendor: str, config: Config, ca_pem: str = "", memory: Memory | None = None
) -> Driver:
    """A driver for values that need not be stored. Raises NotSupported."""
    try:
        driver = driver_class(vendor)
    except KeyError:
        raise NotSupported(
            say("This installation has no driver for “{vendor}”.", vendor=vendor)
        ) from None
    return driver(config, Door(DoorRules.from_settings(ca_pem)), memory)


def secrets_of(account: Secretive | Farewell) -> dict[str, str]:
    """The stored secrets. Raises CredentialsUnreadable."""
    try:
        return account.secrets
    except SecretsUnreadable as error:
        raise CredentialsUnreadable(error.text) from None


class FeedMemory:
    """A driver's memory in the database, so that two processes do not log in twice."""

    def __init__(self, feed: Feed) -> None:
        self._rows = Remembered.objects.filter(feed=feed)
        self._feed = feed

    def get(self, name: str) -> str:
        row = self._rows.filter(name=name, expires_at__gt=timezone.now()).first()
        try:
            return crypto.decrypt(row.blob)["value"] if row else ""
        except SecretsUnreadable:
            return ""  # the keys were changed: it is only a token, a new one is fetched

    def put(self, name: str, value: str, seconds: float) -> None:
        values = {
            "blob": crypto.encrypt({"value": value}),
            "expires_at": timezone.now() + timedelta(seconds=seconds),
        }
        Remembered.objects.update_or_create(values, feed=self._feed, name=name)

    def forget(self, name: str) -> None:
        self._rows.filter(name=name).delete()
