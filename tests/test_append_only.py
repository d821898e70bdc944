"""The log cannot be rewritten: not through the ORM, not with SQL, not by deleting what it names."""

# ruff: noqa: ARG005, S608
from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.core import serializers
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from transfers.models import AuditEvent, Transfer
from transfers.services import audit

TRANSFER, EVENT = "transfers_transfer", "transfers_auditevent"


@pytest.fixture
def transfer(ana, head_office) -> Transfer:
    return Transfer.objects.create(
        user=ana,
        user_name=ana.title,
        connection=head_office,
        connection_name=head_office.name,
        kind="blind",
        call_id="1",
        target="1003",
    )


@pytest.fixture
def event(ana, transfer) -> AuditEvent:
    return audit.record(ana, "transfer.sending", "1 to 1003", transfer=transfer)


BY_ORM = {
    "update": lambda t, e: Transfer.objects.filter(pk=t.pk).update(target="9"),
    "update of the state": lambda t, e: Transfer.objects.update(state="confirmed"),
    "async update": lambda t, e: async_to_sync(Transfer.objects.all().aupdate)(target="9"),
    "update of events": lambda t, e: AuditEvent.objects.update(verb="x"),
    "delete": lambda t, e: Transfer.objects.all().delete(),
    "delete of events": lambda t, e: AuditEvent.objects.filter(pk=e.pk).delete(),
    "async delete": lambda t, e: async_to_sync(AuditEvent.objects.all().adelete)(),
    "raw delete": lambda t, e: Transfer.objects.all()._raw_delete("default"),
    "bulk_update": lambda t, e: Transfer.objects.bulk_update([t], ["target"]),
    "upsert": lambda t, e: Transfer.objects.bulk_create(
        [t], update_conflicts=True, update_fields=["target"], unique_fields=["pk"]
    ),
    "save": lambda t, e: t.save(),
    "save of some fields": lambda t, e: t.save(update_fields=["state"]),
    "save of an event": lambda t, e: e.save(),
    "update_or_create": lambda t, e: Transfer.objects.update_or_create(
        {"target": "9"}, pk=t.pk
    ),
    "instance.delete": lambda t, e: t.delete(),
    "delete of an event": lambda t, e: e.delete(),
    "her transfers": lambda t, e: t.user.transfer_set.update(target="9"),
    "delete of her transfers": lambda t, e: t.user.transfer_set.all().delete(),
    "transfers of the PBX": lambda t, e: t.connection.transfer_set.update(target="9"),
    "events of the transfer": lambda t, e: t.events.update(verb="x"),
    "events taken from the transfer": lambda t, e: t.events.clear(),
    "given to another": lambda t, e: Transfer.objects.update(user=t.user),
    "base manager": lambda t, e: Transfer._base_manager.update(target="9"),
    "delete by the base manager": lambda t, e: AuditEvent._base_manager.all().delete(),
}  # fmt: skip


@pytest.mark.parametrize("way", BY_ORM)
def test_the_orm_refuses(transfer, event, way):
    with pytest.raises(TypeError, match="append-only"):
        BY_ORM[way](transfer, event)


@pytest.mark.parametrize(
    "sql",
    [
        f"DELETE FROM {TRANSFER}",
        f"DELETE FROM {EVENT}",
        *(f"UPDATE {TRANSFER} SET {column} = 'x'" for column in Transfer.FROZEN[3:]),
        f"UPDATE {TRANSFER} SET created_at = '2020-01-01 00:00:00'",
        f"UPDATE {TRANSFER} SET key = '{'0' * 32}'",
        f"UPDATE {TRANSFER} SET id = id + 1",
        f"UPDATE {TRANSFER} SET user_id = 1",
        f"UPDATE {TRANSFER} SET connection_id = 1",
        f"UPDATE {TRANSFER} SET state = 'confirmed', target = 'x'",
        f"UPDATE {EVENT} SET at = '2020-01-01 00:00:00'",
        f"UPDATE {EVENT} SET actor_name = 'x'",
        f"UPDATE {EVENT} SET verb = 'x'",
        f"UPDATE {EVENT} SET object_text = 'x'",
        f"UPDATE {EVENT} SET transfer_id = NULL",
        f"UPDATE {EVENT} SET data = '{{}}'",
        f"UPDATE {EVENT} SET actor_id = 1",
        f"UPDATE {EVENT} SET id = id + 1",
    ],
)
def test_the_database_refuses(event, sql):
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE is SQLite's")
def test_replace_is_no_way_round(event):
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"REPLACE INTO {EVENT} SELECT * FROM {EVENT}")


def test_a_loaded_fixture_cannot_change_a_row(transfer):
    transfer.target = "9"
    text = serializers.serialize("json", [transfer])
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        next(iter(serializers.deserialize("json", text))).save()


def test_a_plain_queryset_meets_the_trigger(transfer):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        models.QuerySet(Transfer).filter(pk=transfer.pk).update(target="9")


def test_what_became_of_it_moves_on(transfer):
    assert Transfer.objects.move(
        transfer.pk, ("sending",), state="accepted", replied_at=timezone.now()
    )
    transfer.refresh_from_db()
    assert transfer.state == "accepted"


def test_a_move_cannot_touch_what_is_frozen(transfer):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Transfer.objects.move(transfer.pk, ("sending",), state="accepted", target="9")


def test_the_names_outlive_the_person_and_the_pbx(transfer, event, ana, head_office):
    ana.delete()
    head_office.delete()
    transfer.refresh_from_db()
    event.refresh_from_db()
    assert (transfer.user, transfer.connection, event.actor) == (None, None, None)
    assert (transfer.user_name, transfer.connection_name) == ("Ana Kovács", "Head office")
    assert event.actor_name == "Ana Kovács"
    assert event.transfer == transfer


def test_many_people_can_be_deleted_at_once(transfer, ana):
    type(ana).objects.all().delete()
    transfer.refresh_from_db()
    assert transfer.user_id is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite builds tables anew")
@pytest.mark.django_db(transaction=True)
def test_a_table_that_was_built_anew_gets_its_triggers_back(transfer):
    with connection.schema_editor() as editor:
        editor._remake_table(Transfer)
    with pytest.raises(AssertionError):
        assert triggers(TRANSFER)
    call_command("migrate", verbosity=0)
    assert len(triggers(TRANSFER)) == 5


def triggers(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_flush_between_tests_leaves_the_triggers(event, turn):
    assert AuditEvent.objects.count() == 1, "the flush of the turn before emptied the table"
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {EVENT}")
