"""`manage.py connection`: PBX connections for administrators and scripts.

With --json, `list` prints {"connections": [{"name", "vendor", "url", "username", "has_password",
"options", "enabled", "health", "error", "calls", "read_at", "agents"}, …]} and `test` prints
{"connection", "ok", "checks": [{"name", "ok", "text"}, …], "learned": {…}}, where the "ok" of a
check is null when it could not be told. "agents" is null but where each agent has a login of her
own: then it has the numbers {"live", "in_trouble", "not_read_yet", "not_looking",
"without_a_login"}, and "calls" are those of the live ones. The exit status is 0 only when all is
well.
"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from transfers.board.snapshot import Picture, picture_of
from transfers.domain import Check
from transfers.drivers import registry
from transfers.forms.connections import PREFIX, ConnectionForm, option_words
from transfers.management.lookup import find_connection, find_user
from transfers.models import PbxConnection, User
from transfers.services import connections as service
from transfers.services import deletion
from transfers.services.agents import agents_of, related

WORDS = {True: "ok", False: "not ok", None: "not known"}
FLAGS = {"url": "--url", "username": "--username", "password": "--password-env", "name": "NAME"}


class Command(BaseCommand):
    help = "Add, list, test and remove PBX connections."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        adding = verbs.add_parser(
            "add", help="connect a PBX; nothing is sent yet", allow_abbrev=False
        )
        _add_arguments(adding)
        listing = verbs.add_parser("list", help="all connections and how they are")
        testing = verbs.add_parser("test", help="try a connection step by step")
        removing = verbs.add_parser("remove", help="delete it with its seats and contacts")
        for verb in (testing, removing):
            verb.add_argument("name", metavar="NAME")
            _add_user(verb)
        for verb in (listing, testing):
            verb.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs = {"add": self.add, "list": self.list, "test": self.test, "remove": self.remove}
        verbs[options["verb"]](options)

    def add(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        form = ConnectionForm(_typed(options))
        if not form.is_valid():
            raise CommandError(_problems(form))
        try:
            connection = service.add(actor, form.draft())
        except service.NotDone as refusal:
            raise CommandError(refusal.text) from None
        self.stdout.write(f"{connection.name} is added. Try it: connection test “{connection}”")

    def list(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        rows = PbxConnection.objects.prefetch_related(*related())
        found = [_described(row, now) for row in rows]
        if options["json"]:
            self.stdout.write(json.dumps({"connections": found}, ensure_ascii=False, indent=2))
            return
        for row, connection in zip(found, rows, strict=True):
            health = agents_of(connection, now).words if row["agents"] else row["health"]
            parts = [row["name"], row["vendor"], row["url"], health, row["error"]]
            self.stdout.write("  ".join(part for part in parts if part))

    def test(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        connection = find_connection(options["name"])
        tested = service.test(actor, connection)
        if options["json"]:
            result = {
                "connection": connection.name,
                "ok": tested.probe.ok,
                "checks": [_check(check) for check in tested.probe.checks],
                "learned": dict(tested.learned),
            }
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            for check in tested.probe.checks:
                self.stdout.write(f"{WORDS[check.ok]:<10} {check.name}: {check.text}")
            for label, value in option_words(connection.vendor, tested.learned):
                self.stdout.write(f"{'saved':<10} {label}: {value}")
        if not tested.probe.ok:
            raise CommandError(f"Not everything works at {connection.name}.")

    def remove(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        connection = find_connection(options["name"])
        try:
            left = deletion.delete(actor, connection)
        except service.NotDone as refusal:
            raise CommandError(refusal.text) from None
        self.stdout.write(f"{connection.name} is removed; the log stays.")
        if left:
            self.stderr.write(left)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--vendor", required=True, choices=sorted(registry.VENDORS))
    parser.add_argument("--url", required=True, help="address of the PBX's API")
    parser.add_argument("--username", default="", metavar="U")
    parser.add_argument(
        "--password-env",
        metavar="VAR",
        help="environment variable that holds the password; it is never an argument, because "
        "arguments are seen by everybody on the machine",
    )
    parser.add_argument(
        "--option", action="append", default=[], metavar="k=v", help="an option of the vendor"
    )
    parser.add_argument("--ca-file", type=Path, metavar="PEM", help="the PBX's own CA certificate")
    _add_user(parser)


def _add_user(parser: ArgumentParser) -> None:
    parser.add_argument("--user", metavar="USERNAME", help="the administrator named in the log")


def _actor(options: dict[str, Any]) -> User | None:
    name = options["user"]
    if name is None:
        return None
    user = find_user(name)
    if not user.is_administrator:
        raise CommandError(f"{name} is not an administrator.")
    return user


def _typed(options: dict[str, Any]) -> dict[str, str]:
    """The arguments as the form of the page would send them."""
    typed = {name: options[name] for name in ("name", "vendor", "url", "username")}
    typed |= {"poll_seconds": "1", "enabled": "on", "password": _password(options)}
    if options["ca_file"]:
        try:
            typed["ca_pem"] = options["ca_file"].read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"--ca-file cannot be read: {error}") from None
    fields = registry.driver_class(options["vendor"]).options_form.base_fields
    chosen = {name: str(field.initial or "") for name, field in fields.items()}
    for pair in options["option"]:
        name, separator, value = pair.partition("=")
        if not separator or name not in fields:
            known = ", ".join(fields)
            raise CommandError(f"--option {pair}: write k=v, where k is one of: {known}.")
        chosen[name] = value
    return typed | {f"{PREFIX}-{name}": value for name, value in chosen.items()}


def _password(options: dict[str, Any]) -> str:
    variable = options["password_env"]
    if variable is None:
        return ""
    if not os.environ.get(variable):
        raise CommandError(f"--password-env: the variable {variable} is not set, or empty.")
    return os.environ[variable]


def _problems(form: ConnectionForm) -> str:
    lines = [f"{FLAGS.get(name, name)}: {' '.join(map(str, e))}" for name, e in form.errors.items()]
    options = form.options_form.errors if form.options_form else {}
    lines += [f"--option {name}: {' '.join(map(str, e))}" for name, e in options.items()]
    return "\n".join(lines)


def _described(connection: PbxConnection, now: datetime) -> dict[str, Any]:
    described = _of_row(connection) | _of_feed(picture_of(connection.feed), now)
    if not connection.enabled or connection.vendor not in registry.agent_scoped():
        return described | {"agents": None}
    agents = agents_of(connection, now)
    counts = {words.replace(" ", "_"): number for words, number in agents.counts.items()}
    told = {"health": agents.freshness(now).value, "calls": agents.calls, "agents": counts}
    return described | told


def _of_row(connection: PbxConnection) -> dict[str, Any]:
    return {
        "name": connection.name,
        "vendor": connection.vendor,
        "url": connection.url,
        "username": connection.username,
        "has_password": bool(connection.secret_blob),
        "options": connection.options,
        "enabled": connection.enabled,
    }


def _of_feed(picture: Picture, now: datetime) -> dict[str, Any]:
    return {
        "health": picture.freshness(now).value,
        "error": picture.error_text,
        "calls": len(picture.calls),
        "read_at": picture.taken_at and picture.taken_at.isoformat(),
    }


def _check(check: Check) -> dict[str, Any]:
    return {"name": check.name, "ok": check.ok, "text": check.text}
