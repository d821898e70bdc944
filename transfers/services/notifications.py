"""The addresses PBXs send notifications to: made, registered, and what is done with what comes.

A notification is a hint. It makes the board read soon, and its answer may send a ringing call on;
nothing else of it is believed.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from transfers import crypto
from transfers.board import lease
from transfers.board.accounts import build_driver, driver_for
from transfers.crypto import SecretsUnreadable
from transfers.domain import Notice
from transfers.drivers.base import Config
from transfers.errors import DriverError
from transfers.models import PbxConnection, User
from transfers.sentences import say
from transfers.services import forwarding
from transfers.services.audit import record
from transfers.services.connections import NotDone
from transfers.standing import NotifyAddress

log = logging.getLogger("transfers.notifications")

TOKEN_BYTES = 32
# Who waits for SQLite sleeps in ever longer naps; who waits here goes on at once.
_turn = threading.Lock()
NOTHING = ("text/plain", "")


@dataclass(frozen=True, slots=True)
class Renewed:
    """A new address. `left`: in words, what the PBX may still do with the old one, or ""."""

    token: str
    left: str


# What comes.


def address_of(token: str) -> NotifyAddress | None:
    """The address with this token. It is found by a digest: the token is compared nowhere."""
    rows = NotifyAddress.objects.select_related("connection")
    return rows.filter(fingerprint__in=crypto.fingerprints(token)).first()


def receive(address: NotifyAddress, fields: Mapping[str, str]) -> tuple[str, str]:
    """Content type and body of our answer. Asks the database and no PBX."""
    connection = address.connection
    config = Config(connection.url, options=connection.options)  # it sends nothing: no secrets
    try:
        driver = build_driver(connection.vendor, config)
    except DriverError:
        return NOTHING
    notice = driver.notice(fields)
    with _turn, transaction.atomic():
        _count(address, notice)
        lease.hint(connection.pk)
        forward = forwarding.answering(connection, notice)
    return driver.answer(notice, forward.target if forward else "")


def _count(address: NotifyAddress, notice: Notice) -> None:
    NotifyAddress.objects.filter(pk=address.pk).update(
        received=F("received") + 1, received_at=timezone.now(), last_kind=notice.kind[:40]
    )


# What an administrator does.


def token_of(connection: PbxConnection) -> str:
    """The token of the connection's address; "" when there is none, or our keys do not open it."""
    address = NotifyAddress.objects.filter(connection=connection).first()
    return _secrets(address).get("token", "") if address else ""


def registered_address(connection: PbxConnection) -> str:
    """Where the PBX was told to send them, to be recognised by its last signs; "" if nowhere."""
    address = NotifyAddress.objects.filter(connection=connection).first()
    if address is None or not address.registered_at:
        return ""
    before, slash, token = _secrets(address).get("registered", "").rstrip("/").rpartition("/")
    return f"{before}{slash}…{token[-6:]}/"


def renew(actor: User | None, connection: PbxConnection) -> Renewed:
    """A new address; the old one is dead at once, and taken back where the PBX was given it."""
    old = NotifyAddress.objects.filter(connection=connection).first()
    left = _take_back(old) if old and old.registered_at else ""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        NotifyAddress.objects.filter(connection=connection).delete()
        address = NotifyAddress(connection=connection)
        address.secrets = {"token": token}
        address.save()
        record(actor, "connection.address_made", connection.name, replaced=old is not None)
    return Renewed(token, left)


def register(actor: User, connection: PbxConnection, url: str) -> None:
    """Have the PBX send its notifications to `url`, which has the token in it. Raises NotDone."""
    address = NotifyAddress.objects.filter(connection=connection).first()
    if address is None:
        raise NotDone(say("Make an address first."))
    if address.registered_at:
        _must(actor, connection, "connection.not_unregistered", _take_back(address))
    try:
        driver = driver_for(connection)
        with driver.door:
            driver.subscribe(url)
        problem = ""
    except DriverError as error:
        problem = error.safe_text
    _must(actor, connection, "connection.not_registered", problem)
    with transaction.atomic():
        address.secrets = _secrets(address) | {"registered": url}
        address.registered_at = timezone.now()
        address.save(update_fields=["secret_blob", "registered_at"])
        record(actor, "connection.registered", connection.name)


def unregister(actor: User | None, connection: PbxConnection) -> None:
    """Take the registration back. Raises NotDone."""
    address = NotifyAddress.objects.filter(connection=connection).first()
    if address is None or not address.registered_at:
        raise NotDone(say("The PBX was not given an address."))
    _must(actor, connection, "connection.not_unregistered", _take_back(address))
    with transaction.atomic():
        address.registered_at = None
        address.save(update_fields=["registered_at"])
        record(actor, "connection.unregistered", connection.name)


def _take_back(address: NotifyAddress) -> str:
    """Ask the PBX to forget a registered address. "" when it did, else why not."""
    try:
        driver = driver_for(address.connection)
        with driver.door:
            driver.unsubscribe(_secrets(address).get("registered", ""))
    except DriverError as error:
        return error.safe_text
    return ""


def _must(actor: User | None, connection: PbxConnection, verb: str, problem: str) -> None:
    """Note a failure, and tell it."""
    if problem:
        record(actor, verb, connection.name, why=problem)
        raise NotDone(problem)


def _secrets(address: NotifyAddress) -> dict[str, str]:
    try:
        return address.secrets
    except SecretsUnreadable:
        return {}
