"""Adding, editing, testing, switching and deleting PBX connections, each with its audit event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from transfers.board.accounts import build_driver, driver_for, secrets_of
from transfers.board.presence import stays
from transfers.domain import Check, Probe
from transfers.drivers.base import Config, Driver
from transfers.drivers.registry import driver_class
from transfers.errors import DriverError
from transfers.models import Feed, PbxConnection, User
from transfers.sentences import joined, pack, say
from transfers.services import contacts, farewells, forwards
from transfers.services.audit import record
from transfers.services.wording import OPTION
from transfers.standing import StandingForward

PLAIN = ("name", "vendor", "url", "username", "ca_pem", "poll_seconds", "enabled")
OTHER_HOST = say(
    "The address names another host, port or protocol than the one the stored password was "
    "given for. Type the password again, or remove it: it is not sent elsewhere unasked."
)


class NotDone(Exception):
    """A rule is against it. `field` is the form field it is about, or ""."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.field = field


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed. `password` None keeps the stored one, "" removes it."""

    name: str
    vendor: str
    url: str
    username: str = ""
    password: str | None = field(default=None, repr=False)
    options: Mapping[str, str] = field(default_factory=dict)
    ca_pem: str = ""
    poll_seconds: float = 1.0
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Tested:
    """`learned` are the options that the test found out and that were not set by hand."""

    probe: Probe
    learned: Mapping[str, str]


def add(actor: User | None, draft: Draft) -> PbxConnection:
    """Raises NotDone when the name is taken."""
    connection = PbxConnection()
    with transaction.atomic():
        _apply(connection, draft)
        _save(connection)
        Feed.objects.create(connection=connection)
        record(actor, "connection.added", connection.name, vendor=draft.vendor, address=draft.url)
    return connection


def edit(actor: User | None, connection: PbxConnection, draft: Draft) -> list[str]:
    """Save what was typed; the names of the changed fields. Raises NotDone."""
    stored = PbxConnection.objects.get(pk=connection.pk)
    _must_keep_password(stored, draft)  # before anything is done for an edit that is refused
    if stored.enabled and not (draft.enabled and _same_place(stored, draft)):
        _release(actor, stored, say("the connection was changed"))
    with transaction.atomic():
        row = _locked(connection)
        _must_keep_password(row, draft)
        changed = _changes(row, draft)
        another_pbx = {"vendor", "url"} & set(changed)
        elsewhere = not _same_place(row, draft)
        if another_pbx:
            farewells.part(row.feeds.all(), for_good=True)
        _apply(row, draft)
        _save(row)
        if not (row.enabled and stays(row)):
            farewells.part(row.feeds.all())
        forgotten = _forget_agents(row) if elsewhere else 0
        _wake(row, forget=bool(another_pbx))
        if changed:
            noted: dict[str, Any] = {"agents_passwords_removed": forgotten} if forgotten else {}
            record(actor, "connection.edited", row.name, changed=changed, **noted)
    return changed


def test(actor: User | None, connection: PbxConnection) -> Tested:
    """Try the stored connection. Saves what was learned; being readable ends a stop of the polling.

    A probe may fail in ways that do not matter to reading, such as a clock that is wrong.
    """
    probe = _probe(lambda: driver_for(connection))
    readable = probe.ok or _readable(connection)
    with transaction.atomic():
        row = PbxConnection.objects.select_for_update().filter(pk=connection.pk).first()
        learned: dict[str, str] = {}
        if row is not None and _same_access(row, connection):
            learned = unset_options(row.vendor, row.options, probe.learned)
            row.options = row.options | learned
            row.save(update_fields=["options"])
            if readable and (learned or row.feed.error_code):
                _wake(row)
        _record_test(actor, connection.name, probe, {"learned": learned})
    return Tested(probe, learned)


def try_out(actor: User | None, draft: Draft, stored: PbxConnection | None) -> Tested:
    """Try what was typed, before it is saved. `stored` is the connection being edited.

    Raises NotDone where the stored password would go to another host.
    """
    config = Config(draft.url, draft.username, _secrets_to_try(draft, stored), draft.options)
    probe = _probe(lambda: build_driver(draft.vendor, config, draft.ca_pem))
    _record_test(actor, draft.name or draft.url, probe, {"unsaved": True, "address": draft.url})
    return Tested(probe, unset_options(draft.vendor, draft.options, probe.learned))


def set_enabled(
    actor: User | None, connection: PbxConnection, enabled: bool
) -> list[StandingForward]:
    """The standing forwards that may still hold at their phones: these are told first."""
    goes = connection.enabled and not enabled
    left = _release(actor, connection, say("the connection was disabled")) if goes else []
    with transaction.atomic():
        row = _locked(connection)
        if row.enabled == enabled:
            return left
        row.enabled = enabled
        row.save(update_fields=["enabled"])
        if not enabled:
            farewells.part(row.feeds.all())
        _wake(row)
        verb = "connection.enabled" if enabled else "connection.disabled"
        record(actor, verb, row.name)
    return left


def make_ready_to_delete(actor: User | None, connection: PbxConnection) -> None:
    """Raises NotDone while a transfer is running, and once when phones may still send calls on:
    after the deletion nobody could take that back."""
    _must_rest(connection)
    why = say("the connection is to be deleted")
    if left := forwards.release(connection.standing_forwards.all(), actor, why):
        words = joined(*map(forwards.may_still_hold, left))
        raise NotDone(say("Not deleted yet. {forwards} Then delete.", forwards=words))


def delete(actor: User | None, connection: PbxConnection, *, left: str = "") -> None:
    """Seats and contacts go with it, the log stays. Raises NotDone like `make_ready_to_delete`.

    `left`: in words, what stays behind at the PBX (services.deletion).
    """
    make_ready_to_delete(actor, connection)
    with transaction.atomic():
        row = _locked(connection)
        _must_rest(row)
        farewells.part(row.feeds.all(), for_good=True)
        seats, gone, others = row.seats.count(), contacts.only_on(row), contacts.also_on(row)
        row.delete()
        contacts.drop(gone)
        noted: dict[str, Any] = {"left": left} if left else {}
        record(actor, "connection.deleted", row.name, seats=seats, contacts=len(gone), **noted)
    contacts.index(others)


def _must_rest(connection: PbxConnection) -> None:
    if connection.claims.exists():
        words = say(
            "A transfer is running on {pbx}. Wait until it is settled, then delete.",
            pbx=connection.name,
        )
        raise NotDone(words)


def _release(actor: User | None, connection: PbxConnection, why: str) -> list[StandingForward]:
    """Take back what phones do, while the connection as it is now can do it."""
    rows = connection.standing_forwards.all()
    return forwards.release(rows, actor, why, for_good=False)


def may_keep_password(connection: PbxConnection, draft: Draft) -> bool:
    """Whether the stored secret would still go to the place it was given for."""
    return not connection.secret_blob or _same_place(connection, draft)


def _must_keep_password(connection: PbxConnection, draft: Draft) -> None:
    if draft.password is None and not may_keep_password(connection, draft):
        raise NotDone(OTHER_HOST, "password")


def _same_place(connection: PbxConnection, draft: Draft) -> bool:
    return connection.vendor == draft.vendor and _origin(connection.url) == _origin(draft.url)


def _forget_agents(row: PbxConnection) -> int:
    """Agents' own passwords go to no other host than they were typed for; how many there were."""
    return row.seats.exclude(secret_blob="").update(secret_blob="")


def unset_options(
    vendor: str, options: Mapping[str, str], learned: Mapping[str, str]
) -> dict[str, str]:
    """Of what a test found out, the options that still have their default."""
    try:
        fields = driver_class(vendor).options_form.base_fields
    except KeyError:
        return {}
    return {
        name: value
        for name, value in learned.items()
        if name in fields
        and options.get(name, "") in ("", fields[name].initial)
        and value != fields[name].initial
    }


def _locked(connection: PbxConnection) -> PbxConnection:
    return PbxConnection.objects.select_for_update().get(pk=connection.pk)


def _save(connection: PbxConnection) -> None:
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError:
        words = say("There is a connection named “{name}” already.", name=connection.name)
        raise NotDone(words, "name") from None


def _apply(connection: PbxConnection, draft: Draft) -> None:
    for name in PLAIN:
        setattr(connection, name, getattr(draft, name))
    connection.options = dict(draft.options)
    if draft.password is not None:
        connection.secrets = {"password": draft.password}


def _changes(row: PbxConnection, draft: Draft) -> list[str]:
    """Names only: the log holds no values, and does not tell whether a typed password is new."""
    changed = [name for name in PLAIN if getattr(row, name) != getattr(draft, name)]
    options = sorted(set(row.options) | set(draft.options))
    changed += [
        f"{OPTION}{name}" for name in options if row.options.get(name) != draft.options.get(name)
    ]
    if draft.password or (draft.password == "" and row.secret_blob):
        changed.append("password")
    return changed


def _wake(connection: PbxConnection, *, forget: bool = False) -> None:
    """Read the PBX at once, whatever was wrong before. `forget` what another PBX showed."""
    now = timezone.now()
    values: dict[str, object] = {
        "due_at": now,
        "read_after": now,
        "error_code": "",
        "error_text": "",
        "failing_since": None,
        "failures": 0,
        "version": F("version") + 1,
        "directory_due_at": now,
    }
    if forget:
        values |= {"calls": "[]", "directory": "[]", "taken_at": None, "started_at": None}
    Feed.objects.filter(connection=connection).update(**values)


def _same_access(one: PbxConnection, other: PbxConnection) -> bool:
    names = ("vendor", "url", "username", "secret_blob", "options", "ca_pem")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname or "", parts.port or default


def _secrets_to_try(draft: Draft, stored: PbxConnection | None) -> dict[str, str]:
    if draft.password is not None:
        return {"password": draft.password} if draft.password else {}
    if stored is None:
        return {}
    if not may_keep_password(stored, draft):
        raise NotDone(OTHER_HOST, "password")
    try:
        return secrets_of(stored)
    except DriverError as error:
        raise NotDone(error.safe_text, "password") from None


def _probe(build: Callable[[], Driver]) -> Probe:
    try:
        driver = build()
    except DriverError as error:
        return Probe((Check(say("Settings"), False, error.safe_text),))
    with driver.door:
        return driver.probe()


def _readable(connection: PbxConnection) -> bool:
    try:
        driver = driver_for(connection)
        with driver.door:
            driver.list_calls()
    except DriverError:
        return False
    return True


def _record_test(actor: User | None, name: str, probe: Probe, data: Mapping[str, object]) -> None:
    checks = {pack(check.name): check.ok for check in probe.checks}
    record(actor, "connection.tested", name, ok=probe.ok, checks=checks, about=data)
