from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, connections
from django.test import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import sent
from transfers.models import AuditEvent, Transfer
from transfers.services import log_csv
from transfers.services.log_csv import safe_cell

URL = "/log.csv"


@pytest.fixture
def row(ana, head_office):
    return sent(ana, head_office, created_at=datetime(2026, 7, 10, 10, 2, 14, 500_000, tzinfo=UTC))


async def download(cookies, query) -> tuple[int, dict, list[bytes]]:
    client = AsyncClient()
    client.cookies = cookies
    response = await client.get(URL, query)
    if not response.streaming:
        return response.status_code, response.headers, [response.content]
    return response.status_code, response.headers, [part async for part in response]


def parts(client, **query):
    """The answer as an ASGI server gets it."""
    return async_to_sync(download)(client.cookies, query)


def table(client, **query) -> list[dict[str, str]]:
    status, _, body = parts(client, **query)
    assert status == 200
    return list(csv.DictReader(StringIO(b"".join(body).decode("utf-8-sig"), newline="")))


class TestLadder:
    def test_works(self, as_user, ana, row):
        status, headers, body = parts(as_user(ana))
        assert status == 200
        assert headers["Content-Type"] == "text/csv; charset=utf-8"
        assert headers["Content-Disposition"].startswith('attachment; filename="transfers-2')
        assert headers["Cache-Control"] == "no-store"
        assert b"".join(body).startswith("\ufeffWhen,Who,".encode())

    def test_the_cells(self, as_user, ana, row):
        (cells,) = table(as_user(ana))
        assert cells == {
            "When": "2026-07-10T12:02:14.500+02:00",
            "Who": "Ana Kovács",
            "PBX": "Head office",
            "Kind": "Blind transfer",
            "Standing forward": "",
            "Caller": "'+36 1 555-0142",
            "Caller's name": "Kovács Júlia",
            "Called": "1001",
            "Called name": "Reception",
            "Target": "1003",
            "Target's name": "Carol Weiss",
            "Left the call": "called",
            "Verdict": "Arrived",
            "Reason": "",
            "PBX's code": "200",
            "PBX's words": "OK",
            "Observed": "1003 rang 6 s, answered",
            "Replied": "2026-07-10T12:02:14.700+02:00",
            "Settled": "2026-07-10T12:02:22.500+02:00",
            "Seconds": "8.000",
            "Call": "101",
            "Other call": "",
            "Number": str(row.pk),
        }

    @pytest.mark.parametrize("method", ["post", "head", "put"])
    def test_wrong_method(self, as_user, ana, method):
        assert getattr(as_user(ana), method)(URL).status_code == 405
        assert not AuditEvent.objects.exists()

    def test_anonymous(self, client, db):
        assert client.get(URL)["Location"] == "/login/?next=/log.csv"

    def test_no_access_gets_no_rows(self, as_user, eve, row):
        assert table(as_user(eve)) == []

    def test_readers_may_export(self, as_user, ben, row):
        assert len(table(as_user(ben))) == 1


def test_the_filter_holds(as_user, ana, head_office, row):
    sent(ana, head_office, target="1004", state="refused")
    assert [cells["Target"] for cells in table(as_user(ana), verdict="refused")] == ["1004"]


def test_a_wrong_filter_goes_back_to_the_page_that_says_so(as_user, ana, row):
    status, headers, _ = parts(as_user(ana), since="x", q="a b")
    assert status == 302
    assert headers["Location"] == "/log/?since=x&q=a+b"
    assert not AuditEvent.objects.exists()


def test_an_export_is_an_event(as_user, ana, row):
    table(as_user(ana), verdict="confirmed", q="carol")
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.object_text) == ("log.exported", ana, "1 row")
    assert event.data == {"filter": ["q carol", "verdict confirmed"]}


def test_it_is_written_while_it_is_read(as_user, ana, head_office, monkeypatch):
    monkeypatch.setattr(log_csv, "CHUNK", 10)
    for i in range(35):
        sent(ana, head_office, target=f"{i}")
    _, _, body = parts(as_user(ana))
    assert len(body) == 4
    assert b"".join(body).count(b"\r\n") == 36


@pytest.mark.skipif(connection.vendor != "sqlite", reason="is about its write-ahead log")
@pytest.mark.django_db(transaction=True)
def test_a_slow_client_holds_no_snapshot_of_the_database(ana, head_office, monkeypatch):
    monkeypatch.setattr(log_csv, "CHUNK", 2)
    for _ in range(5):
        sent(ana, head_office)

    def write_and_shrink() -> int:
        """Whether the write-ahead log could not be emptied, because somebody still reads."""
        ana.save()
        with connection.cursor() as cursor:
            busy: int = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        connections.close_all()
        return busy

    async def read_slowly() -> list[int]:
        lines = log_csv.lines(Transfer.objects.all())
        write = sync_to_async(write_and_shrink, thread_sensitive=False)
        return [await write() async for _ in lines]

    assert async_to_sync(read_slowly)() == [0, 0, 0]


def test_nothing_is_read_before_it_is_asked_for(ana, django_assert_num_queries):
    with django_assert_num_queries(0):
        log_csv.lines(Transfer.objects.all())


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "+36-1-555", "+A1", "+1,2",
     "＝1", "+", "+36 1\n=1", '=HYPERLINK("http://x")', "+36 1 555*2"],
)  # fmt: skip
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "1001", "+36 1 555 0142", "+3615550142", "*31#", "0003*210", "Kovács", "a=b", "#1"]
)
def test_everything_else_stays(text):
    assert safe_cell(text) == text


@given(st.text())
def test_no_cell_begins_with_a_sign_that_computes(text):
    cell = safe_cell(text)
    assert cell[:1] not in set("=-@\t\r\n")
    if cell.startswith("+"):
        assert set(cell[1:]) <= set("0123456789 ")
    assert cell.removeprefix("'") == text.removeprefix("'") or cell == text
