"""Triggers that keep the log append-only against raw SQL too.

They are put in place after every `migrate`, not by one migration: on SQLite a migration that
alters a table builds it anew and drops its triggers without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import NotSupportedError

from transfers.models import AuditEvent, Kept, Transfer

REASON = "The log is append-only"
LOG: tuple[type[Kept], ...] = (Transfer, AuditEvent)


def after_migrate(using: str, **kwargs: Any) -> None:
    install(connections[using])


def install(connection: BaseDatabaseWrapper) -> None:
    """Replace the triggers of both tables by the ones that belong to today's models."""
    tables = connection.introspection.table_names()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for model in LOG:
            if model._meta.db_table in tables:
                for sql in _statements(connection, model):
                    cursor.execute(sql)


def remove(connection: BaseDatabaseWrapper) -> None:
    """For the tests, which empty every table after a test that commits."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for model in LOG:
            for name, _ in _rules(connection, model):
                cursor.execute(_drop(connection, model, name))


def _statements(connection: BaseDatabaseWrapper, model: type[Kept]) -> Iterator[str]:
    if connection.vendor == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REASON}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        then = "EXECUTE FUNCTION log_is_append_only()"
    else:
        then = f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
    for name, rule in _rules(connection, model):
        yield _drop(connection, model, name)
        yield f"CREATE TRIGGER {_trigger(model, name)} BEFORE {rule} {then}"


def _rules(connection: BaseDatabaseWrapper, model: type[Kept]) -> Iterator[tuple[str, str]]:
    """Name and condition of each trigger: what must not happen."""
    table = model._meta.db_table
    frozen = ", ".join(_column(connection, model, name) for name in model.FROZEN)
    yield "kept", f"DELETE ON {table} FOR EACH ROW"
    yield "frozen", f"UPDATE OF {frozen} ON {table} FOR EACH ROW"
    for name in model.FORGETS:
        column = _column(connection, model, name)
        rule = f"UPDATE OF {column} ON {table} FOR EACH ROW WHEN (NEW.{column} IS NOT NULL)"
        yield f"forgets_{name}", rule
    if connection.vendor == "postgresql":
        yield "not_emptied", f"TRUNCATE ON {table} FOR EACH STATEMENT"
    elif connection.vendor == "sqlite":  # where REPLACE deletes without its DELETE trigger
        known = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608
        yield "not_replaced", f"INSERT ON {table} FOR EACH ROW WHEN ({known})"
    else:
        raise NotSupportedError("The log needs SQLite or PostgreSQL.")


def _drop(connection: BaseDatabaseWrapper, model: type[Kept], name: str) -> str:
    on = f" ON {model._meta.db_table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {_trigger(model, name)}{on}"


def _trigger(model: type[Kept], name: str) -> str:
    return f"{model._meta.db_table}_{name}"


def _column(connection: BaseDatabaseWrapper, model: type[Kept], name: str) -> str:
    field = next(field for field in model._meta.concrete_fields if field.name == name)
    return connection.ops.quote_name(str(field.column))
