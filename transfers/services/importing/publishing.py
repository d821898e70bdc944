"""From the staged lines into the book: all of them in one transaction, or none."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Min, Model

from transfers.imports import Import, ImportLine, ImportNumber
from transfers.models import User
from transfers.phonebook import Contact, ContactNumber, PhoneBook
from transfers.sentences import say
from transfers.services.audit import record
from transfers.services.contacts import drop_empty_groups
from transfers.services.importing.checking import dropped_lines, in_background
from transfers.services.names import book_version

Verdict = ImportLine.Verdict
CHANGED_SINCE = say(
    "Somebody changed contacts since this file was checked. Nothing was imported: check it again."
)


class NotNow(Exception):
    """Nothing was imported; the text is for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def publish(actor: User, job: Import) -> None:
    """Raises NotNow. Whoever else writes waits for this: it copies inside the database."""
    with transaction.atomic():
        ready = Import.objects.filter(pk=job.pk, state=Import.State.READY)
        if not ready.update(state=Import.State.DONE, packed=b""):
            raise NotNow(say("It was imported or given up already."))
        if book_version() != job.book_version:
            raise NotNow(CHANGED_SINCE)
        changed = _change(job)
        added = _add(job)
        PhoneBook.changed()
        record(actor, "contact.imported", job.file_name, added=added, changed=changed)
    in_background(lambda: tidy(job))


def give_up(job: Import) -> None:
    """The book stays as it was. A check that runs notices and stops."""
    open_ones = Import.objects.filter(pk=job.pk).exclude(state=Import.State.DONE)
    if open_ones.update(state=Import.State.DROPPED, packed=b""):
        in_background(lambda: _forget(job))


def _forget(job: Import) -> None:
    for _ in dropped_lines(job):
        pass
    job.delete()
    drop_empty_groups()


def tidy(job: Import) -> None:
    """Only the counts and the bad lines are kept for the report."""
    for _ in dropped_lines(job, but=[Verdict.BAD]):
        pass


def _add(job: Import) -> int:
    """New contacts get the ids after the last one, in the order of the file."""
    lines = ImportLine.objects.filter(of=job, verdict=Verdict.NEW)
    first = lines.aggregate(first=Min("pk"))["first"]
    if first is None:
        return 0
    last = Contact.objects.aggregate(last=Max("pk"))["last"] or 0
    shift = last + 1 - first
    added = _run(
        "INSERT INTO {contact} (id, name, department, notes, text) "
        "SELECT id + %s, name, department, notes, text FROM {line} "
        "WHERE of_id = %s AND verdict = %s ORDER BY text",
        [shift, job.pk, Verdict.NEW],
    )
    _copy_numbers("l.id + %s", [shift], job, Verdict.NEW)
    _copy_groups("l.id + %s", [shift], job, Verdict.NEW)
    for sql in connection.ops.sequence_reset_sql(no_style(), [Contact]):
        _run(sql, [])
    return added


def _change(job: Import) -> int:
    """Numbers that are staged take the place of the old ones; staged groups are added."""
    changed = _run(
        "UPDATE {contact} SET department = l.department, notes = l.notes, text = l.text "
        "FROM {line} l WHERE l.of_id = %s AND l.verdict = %s AND l.contact_id = {contact}.id",
        [job.pk, Verdict.CHANGED],
    )
    staged = ImportNumber.objects.filter(line__of=job, line__verdict=Verdict.CHANGED)
    ContactNumber.objects.filter(contact__in=staged.values("line__contact")).delete()
    _copy_numbers("l.contact_id", [], job, Verdict.CHANGED)
    _copy_groups("l.contact_id", [], job, Verdict.CHANGED)
    return changed


def _copy_numbers(contact: str, shift: list[int], job: Import, verdict: str) -> None:
    _run(
        "INSERT INTO {number} (contact_id, number, label, connection_id, key) "
        "SELECT {whose}, n.number, n.label, n.connection_id, n.key "
        "FROM {staged} n JOIN {line} l ON l.id = n.line_id "
        "WHERE l.of_id = %s AND l.verdict = %s ORDER BY n.id",
        [*shift, job.pk, verdict],
        whose=contact,
    )


def _copy_groups(contact: str, shift: list[int], job: Import, verdict: str) -> None:
    _run(
        "INSERT INTO {groups} (contact_id, contactgroup_id) "
        "SELECT {whose}, g.contactgroup_id "
        "FROM {staged_groups} g JOIN {line} l ON l.id = g.importline_id "
        "WHERE l.of_id = %s AND l.verdict = %s",
        [*shift, job.pk, verdict],
        whose=contact,
    )


def _run(sql: str, values: Sequence[str | int], **words: str) -> int:
    """Rows that were written. The words in braces are our own tables and columns."""
    tables: dict[str, type[Model]] = {
        "contact": Contact,
        "number": ContactNumber,
        "groups": Contact.groups.through,
        "line": ImportLine,
        "staged": ImportNumber,
        "staged_groups": ImportLine.groups.through,
    }
    names = {name: connection.ops.quote_name(m._meta.db_table) for name, m in tables.items()}
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**names, **words), values)
        return int(cursor.rowcount)
