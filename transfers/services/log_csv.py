"""The log as a table for spreadsheets, written while it is read: never the whole of it in memory.

UTF-8 with a byte order mark, without which Excel breaks every accent. Dates are ISO 8601 with
their zone. A cell that a spreadsheet would compute gets an apostrophe in front (CWE-1236), except
a plain international number: `+`, digits and blanks hold no function and no reference, and stay
as they are. `+36-1-555` would be computed, so it gets the apostrophe.
"""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from io import StringIO

from django.db.models import QuerySet
from django.utils import timezone

from transfers.domain import told_name, told_number
from transfers.models import Transfer
from transfers.services.verdicts import verdict_of

CHUNK = 500
_COMPUTED = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_PLAIN_NUMBER = re.compile(r"\+[0-9][0-9 ]*")

COLUMNS: dict[str, Callable[[Transfer], object]] = {
    "When": lambda row: _iso(row.created_at),
    "Who": lambda row: row.user_name,
    "PBX": lambda row: row.connection_name,
    "Kind": lambda row: row.get_kind_display(),
    "Standing forward": lambda row: "yes" if row.standing else "",
    "Caller": lambda row: told_number(row.caller_number),
    "Caller's name": lambda row: told_name(row.caller_name),
    "Called": lambda row: told_number(row.called_number),
    "Called name": lambda row: told_name(row.called_name),
    "Target": lambda row: row.target,
    "Target's name": lambda row: row.target_name,
    "Left the call": lambda row: {"caller": "caller", "callee": "called"}.get(row.leaves, ""),
    "Verdict": lambda row: verdict_of(row).word,
    "Reason": lambda row: row.code,
    "PBX's code": lambda row: row.vendor_code,
    "PBX's words": lambda row: row.vendor_text,
    "Observed": lambda row: row.observed,
    "Replied": lambda row: _iso(row.replied_at),
    "Settled": lambda row: _iso(row.settled_at),
    "Seconds": lambda row: f"{row.duration.total_seconds():.3f}" if row.duration else "",
    "Call": lambda row: row.of_call,
    "Other call": lambda row: row.other_call_id,
    "Number": lambda row: row.pk,
}


async def lines(rows: QuerySet[Transfer]) -> AsyncIterator[str]:
    """The file in chunks, newest first. Asynchronous, because under ASGI a plain generator is read
    to its end before the first byte leaves.

    A page is read at a time, by id: a cursor that waits for a slow client would hold a snapshot of
    the database, and SQLite's write-ahead log could not shrink.
    """
    buffer = StringIO()
    table = csv.writer(buffer)
    buffer.write("\ufeff")
    table.writerow(COLUMNS)
    rows = rest = rows.order_by("-pk")
    while True:
        page = [row async for row in rest[:CHUNK]]
        for row in page:
            table.writerow(safe_cell(str(read(row))) for read in COLUMNS.values())
        yield _taken(buffer)
        if len(page) < CHUNK:
            return
        rest = rows.filter(pk__lt=page[-1].pk)


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet computes."""
    if _COMPUTED.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _iso(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat(timespec="milliseconds") if moment else ""


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
