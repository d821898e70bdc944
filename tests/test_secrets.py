"""A PBX's password goes to the PBX and nowhere else: no page, log, error or row has it."""

from __future__ import annotations

import base64
import html
import json
import logging
import subprocess
import traceback
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import quote, quote_plus
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client

from simulator.server import SimulatorServer
from tests.stage import CALLER
from tests.views.ladder import typed
from transfers.board import poller
from transfers.board.accounts import driver_for
from transfers.domain import Call, CallState, Leg, Party
from transfers.errors import DriverError
from transfers.models import AuditEvent, Feed, PbxConnection, Transfer

SECRET = 'Hétpecsét-7f3&k<u>lcs"+%9q'
CALL = Call("101", CallState.TALKING, "InCall", Party(CALLER), Party("1001"))
HTMX = {"HX-Request": "true"}


def spellings() -> dict[str, bytes]:
    """The secret as different layers would write it; base64 at each of its three offsets."""
    raw = SECRET.encode()
    found = {
        "plain": SECRET,
        "its middle": "7f3&k<u>lcs",
        "in a URL": quote(SECRET, safe=""),
        "in a form": quote_plus(SECRET),
        "in HTML": html.escape(SECRET),
        "in JSON": json.dumps(SECRET)[1:-1],
        "in a repr": repr(SECRET)[1:-1],
        "in hexadecimal": raw.hex(),
    }
    for offset in range(3):
        code = base64.b64encode(b"x" * offset + raw)
        found[f"in base64 at {offset}"] = code[4:-4].decode()
    return {name: text.encode() for name, text in found.items()}


SPELLINGS = spellings()


def assert_clean(where: str, content: str | bytes) -> None:
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    for name, spelling in SPELLINGS.items():
        assert spelling not in data, f"the secret, {name}, is in {where}"


def received(response) -> bytes:
    if not response.streaming:
        return response.content

    async def collect() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(collect)()


class Browser(Client):
    """Looks through everything it receives."""

    def request(self, **request):
        response = super().request(**request)
        where = f"{request['REQUEST_METHOD']} {request['PATH_INFO']}"
        assert_clean(where, received(response))
        assert_clean(where, str(response.headers) + str(response.cookies))
        return response


class Reader(logging.Handler):
    """Looks through every line that is logged, and all that hangs on to it."""

    lines = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1
        assert_clean("the log", self.format(record) + repr(record.__dict__))


@pytest.fixture
def logs(capfd) -> Iterator[Reader]:
    """Everything logged or printed is looked through."""
    reader, root = Reader(), logging.getLogger()
    level = root.level
    root.addHandler(reader)
    root.setLevel(logging.DEBUG)
    yield reader
    root.setLevel(level)
    root.removeHandler(reader)
    assert_clean("the output", "".join(capfd.readouterr()))


@pytest.fixture(params=["post", "get"])
def method(request) -> str:
    return request.param


@pytest.fixture
def pbx() -> Iterator[SimulatorServer]:
    with SimulatorServer(username="console", password=SECRET) as server:
        server.exchange.add("1001")
        server.exchange.add("1003", answers_after=0)
        yield server


@pytest.fixture
def root_browser(root) -> Browser:
    browser = Browser()
    browser.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def add_and_edit(browser: Browser, pbx: SimulatorServer, method: str) -> PbxConnection:
    """Through the pages: mistakes, a try, the real thing, a refused login, a change."""
    form = typed(url=pbx.url, password=SECRET, **{"option-method": method})
    assert browser.post("/connections/add/", form | {"name": ""}).status_code == 422
    assert browser.post("/connections/add/", form | {"choose": "1"}).status_code == 200
    assert b"It works" in browser.post("/connections/try/", form, headers=HTMX).content
    browser.post("/connections/add/", form, follow=True)
    connection = PbxConnection.objects.get()
    page = f"/connections/{connection.pk}/"
    for kind in ("wrong_login", "not_xml"):
        pbx.faults.add(kind)
        browser.post(f"{page}test/", headers=HTMX)
        poller.read(the_feed())
        browser.get("/connections/")
        pbx.faults.clear()
    browser.post(page, form | {"password": "", "poll_seconds": "1"}, follow=True)
    assert b"It works" in browser.post(f"{page}test/", headers=HTMX).content
    elsewhere = form | {"password": "", "url": "http://127.0.0.1:9/"}
    assert browser.post(page, elsewhere).status_code == 422
    for path in (page, "/connections/table/", f"{page}delete/"):
        assert browser.get(path).status_code == 200
    return connection


def the_feed() -> Feed:
    return Feed.objects.select_related("connection", "seat").get()


def move_calls(browser: Browser, pbx: SimulatorServer, connection: PbxConnection) -> None:
    """One transfer that is done, one that is refused, one that nobody knows of."""
    for kind in (None, "forbidden_user", "drop_before"):
        call = pbx.exchange.ring(CALLER, "1001")
        pbx.exchange.answer(call)
        poller.read(the_feed())
        browser.get("/")
        browser.get("/board/rows/")
        browser.get(f"/calls/{connection.pk}/blind/", {"call": call}, headers=HTMX)
        if kind:
            pbx.faults.add(kind, command="BlindTransfer", times=1)
        data = {"call": call, "key": str(uuid4()), "target": "1003", "leaves": "callee"}
        browser.post(f"/calls/{connection.pk}/blind/act/", data, headers=HTMX)
        poller.read(the_feed())
    states = set(Transfer.objects.values_list("state", flat=True))
    assert {"confirmed", "refused", "unknown"} <= states
    for row in Transfer.objects.all():
        assert browser.get(f"/log/{row.pk}/").status_code == 200


def database_files() -> dict[str, bytes]:
    name = Path(database.settings_dict["NAME"])
    files = [name, *(name.with_name(name.name + end) for end in ("-wal", "-shm", "-journal"))]
    return {file.name: read_elsewhere(file) for file in files if file.exists()}


def read_elsewhere(file: Path) -> bytes:
    """In a process of its own: closing the file here would drop SQLite's locks on it, and another
    process could then take the database for abandoned."""
    return subprocess.run(["cat", file], capture_output=True, check=True).stdout  # noqa: S603, S607


@pytest.mark.django_db(transaction=True)
def test_the_password_leaves_no_trace(root_browser, pbx, method, logs):
    connection = add_and_edit(root_browser, pbx, method)
    move_calls(root_browser, pbx, connection)
    for path in ("/log/", "/log.csv", "/log/events/", "/contacts/", "/people/"):
        assert root_browser.get(path).status_code == 200
    assert connection.secrets == {"password": SECRET}
    for thing in (connection, the_feed(), *Transfer.objects.all(), *AuditEvent.objects.all()):
        assert_clean("a row", f"{thing!r} {thing}")
    for name, content in database_files().items():
        assert_clean(name, content)
    assert b"console" in b"".join(database_files().values()), "these are the right files"
    assert logs.lines > 10
    on_the_wire(pbx, method)


def on_the_wire(pbx: SimulatorServer, method: str) -> None:
    """It did get where it belongs; in an address only where the connection says GET."""
    place = {"post": "form", "get": "query"}[method]
    assert sum(getattr(seen, place).get("Password") == SECRET for seen in pbx.requests) > 10
    for seen in pbx.requests:
        assert_clean("a request's path and headers", f"{seen.path} {seen.headers}")
        if method == "post":
            assert seen.method == "POST"
            assert_clean("a request's address", repr(seen.query))


@pytest.fixture
def connection(db, pbx, method) -> PbxConnection:
    made = PbxConnection(name="Warehouse", vendor="ozeki", url=pbx.url, username="console")
    made.secrets = {"password": SECRET}
    made.options = {"method": method}
    made.save()
    Feed.objects.create(connection=made)
    return made


@pytest.mark.parametrize(
    "fault",
    [
        *("refuse", "drop_before", "drop_after", "delay", "redirect", "http_500", "status_401"),
        *("wrong_login", "forbidden_address", "truncated", "cut_xml", "not_xml", "non_utf8"),
        *("doctype", "bad_code", "wrong_content_type", "huge"),
    ],
)
def test_errors_of_the_driver_say_nothing(connection, pbx, fault, settings, logs):
    settings.PBX_READ_SECONDS = settings.PBX_COMMAND_SECONDS = 0.2
    settings.PBX_MAX_BYTES = 10_000
    if fault == "refuse":
        pbx.refuse()
    else:
        pbx.faults.add(fault, seconds=1)
    driver = driver_for(connection)
    raised = 0
    for act in (
        driver.list_calls,
        driver.list_extensions,
        lambda: driver.blind(CALL, "1003", leaves=Leg.CALLEE),
        lambda: driver.hangup(CALL),
    ):
        try:
            act()
        except DriverError as error:
            raised += 1
            logging.getLogger("tests").exception("it failed")
            assert_clean("an error", "".join(traceback.format_exception(error)))
            assert_clean("an error", f"{error!r} {error} {error.args!r} {vars(error)!r}")
    assert raised or fault == "wrong_content_type"
    assert_clean("a repr", f"{driver!r} {driver.config!r} {driver.door!r}")
    assert logs.lines >= raised


def test_the_probe_says_nothing(connection, pbx):
    for fault in ("wrong_login", "http_500", "not_xml", "drop_before"):
        pbx.faults.add(fault)
        assert_clean("the probe", repr(driver_for(connection).probe()))
        pbx.faults.clear()
    assert_clean("the probe", repr(driver_for(connection).probe()))


@pytest.mark.parametrize(
    "command",
    [
        ["dumpdata"],
        ["connection", "list"],
        ["connection", "list", "--json"],
        ["connection", "test", "Warehouse"],
        ["connection", "test", "Warehouse", "--json"],
        ["calls", "Warehouse", "--json"],
    ],
)
@pytest.mark.parametrize("fault", [None, "wrong_login"])
def test_no_command_prints_it(connection, pbx, command, fault, logs):
    if fault:
        pbx.faults.add(fault)
    printed = StringIO()
    try:
        call_command(*command, stdout=printed, stderr=printed)
    except (CommandError, SystemExit) as error:
        printed.write("".join(traceback.format_exception(error)))
    assert printed.getvalue()
    assert_clean(" ".join(command), printed.getvalue())
