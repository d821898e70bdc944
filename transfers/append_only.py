"""Rows that are written once: refused by the models, and by triggers against raw SQL too.

The triggers are put in place after every `migrate`, not by one migration: on SQLite a migration
that alters a table builds it anew and drops its triggers without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, NoReturn

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import NotSupportedError

REASON = "The log is append-only"


class AppendOnly(models.QuerySet[Any]):
    """The log keeps what was written. The triggers hold this in the database too."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("The log is append-only: rows are neither changed nor deleted.")

    delete = bulk_update = _raw_delete = _refuse

    def update(self, **values: Any) -> int:
        """Only what SET_NULL does when an account or a PBX goes: the row keeps the name."""
        if set(values) - set(self.model.FORGETS) or any(v is not None for v in values.values()):
            self._refuse()
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("update_conflicts"):
            self._refuse()
        return super().bulk_create(objs, *args, **kwargs)


class Kept(models.Model):
    """A row of the log: written once. FROZEN never changes, FORGETS may only become NULL."""

    FROZEN: ClassVar[tuple[str, ...]]
    FORGETS: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The log is append-only: rows are not changed.")
        super().save(*args, **kwargs | {"force_insert": True})

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("The log is append-only: rows are not deleted.")


def after_migrate(using: str, **kwargs: Any) -> None:
    install(connections[using])


def install(connection: BaseDatabaseWrapper) -> None:
    """Replace the triggers of both tables by the ones that belong to today's models."""
    tables = connection.introspection.table_names()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for model in log_tables():
            if model._meta.db_table in tables:
                for sql in _statements(connection, model):
                    cursor.execute(sql)


def remove(connection: BaseDatabaseWrapper) -> None:
    """For the tests, which empty every table after a test that commits."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for model in log_tables():
            for name, _ in _rules(connection, model):
                cursor.execute(_drop(connection, model, name))


def log_tables() -> list[type[Kept]]:
    return [model for model in apps.get_models() if issubclass(model, Kept)]


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
