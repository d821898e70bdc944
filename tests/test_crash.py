"""kill -9 in the middle of a transfer: it is in the log, not sent again, and gets its verdict."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from django.db import connection as database

from scripts import ports
from scripts.children import Child, Family
from simulator.server import SimulatorServer
from tests.conftest import PASSWORD, PBX_PASSWORD
from tests.stage import CALLER
from transfers.models import Claim, Transfer

pytestmark = pytest.mark.django_db(transaction=True)
State = Transfer.State
PATIENCE = 60  # seconds; a busy machine needs five


def until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Pbx(SimulatorServer):
    """Receives a transfer and thinks about it until told; `does` says whether it then does it."""

    does = True

    def __init__(self) -> None:
        super().__init__(username="console", password=PBX_PASSWORD)
        self.thinks = threading.Event()

    def respond(self, request):
        if self.face.command(request) != "BlindTransfer":
            return super().respond(request)
        self._note(request, "BlindTransfer")
        self.thinks.wait(PATIENCE)
        return self.face.answer(request) if self.does else None


@pytest.fixture
def pbx(head_office) -> Iterator[Pbx]:
    with Pbx() as running:
        running.exchange.add("1001")
        running.exchange.add("1003", answers_after=0.5)
        head_office.url = running.url
        head_office.save()
        yield running
        running.thinks.set()


class Server:
    """uvicorn as an installation runs it. `start` again is a start after a crash."""

    def __init__(self, folder: Path) -> None:
        self.family, self.folder, self.url = Family(), folder, ""
        self.child: Child | None = None

    def start(self, **env: str) -> None:
        command = [sys.executable, "-m", "uvicorn", "tests.served:application"]
        command += ["--port", "0", "--lifespan", "on", "--no-access-log", "--no-use-colors"]
        served = {
            "DJANGO_SETTINGS_MODULE": "tests.served",
            "SERVED_DATABASE": str(database.settings_dict["NAME"]),
            "TMPDIR": str(self.folder),
        }
        log = self.folder / "server.log"
        self.child = self.family.start("web server", command, log, {**os.environ, **served, **env})
        self.family.wait_for(self.child, lambda: self._port(log), PATIENCE)
        self.url = f"http://127.0.0.1:{self._port(log)}"
        self.family.wait_for(self.child, lambda: ports.listens(self._port(log)), PATIENCE)

    def _port(self, log: Path) -> int:
        said = re.search(r"running on http://127\.0\.0\.1:(\d+)", log.read_text())
        return int(said[1]) if said else 0

    def kill(self) -> None:
        assert self.child
        self.child.process.kill()
        self.child.process.wait(PATIENCE)
        self.family.children.remove(self.child)


@pytest.fixture
def server(pbx, tmp_path) -> Iterator[Server]:
    running = Server(tmp_path)
    running.start()
    yield running
    running.family.stop()


def hidden(html: str, name: str) -> str:
    field = re.search(rf'<input[^>]*name="{name}"[^>]*>', html)
    assert field, f"no {name} in the form"
    value = re.search(r'value="([^"]*)"', field[0])
    assert value
    return value[1]


def logged_in(server: Server) -> requests.Session:
    browser = requests.Session()
    page = browser.get(f"{server.url}/login/").text
    data = {"username": "ana", "password": PASSWORD}
    data["csrfmiddlewaretoken"] = hidden(page, "csrfmiddlewaretoken")
    assert browser.post(f"{server.url}/login/", data).url == f"{server.url}/"
    return browser


def call_is_shown(browser: requests.Session, server: Server) -> bool:
    return CALLER in browser.get(f"{server.url}/").text


def submit(browser: requests.Session, url: str, call: str) -> threading.Thread:
    """The filled-in dialog, sent off; the answer never comes."""
    page = browser.get(f"{url}/blind/", params={"call": call}).text
    data = {name: hidden(page, name) for name in ("csrfmiddlewaretoken", "key", "call")}

    def post() -> None:
        with suppress(requests.ConnectionError):
            browser.post(f"{url}/blind/act/", data | {"target": "1003"}, timeout=PATIENCE)

    thread = threading.Thread(target=post)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("does", "verdict", "words"),
    [(True, State.CONFIRMED, "answered"), (False, State.FAILED, "the call was as before")],
)
def test_killed_in_the_middle_of_a_transfer(server, pbx, ana, head_office, does, verdict, words):
    call = pbx.exchange.ring(CALLER, "1001")
    pbx.exchange.answer(call)
    browser = logged_in(server)
    until(lambda: call_is_shown(browser, server))
    posting = submit(browser, f"{server.url}/calls/{head_office.pk}", call)
    until(lambda: pbx.count("BlindTransfer"))
    server.kill()
    posting.join(PATIENCE)

    row = Transfer.objects.get()
    assert (row.state, row.replied_at) == (State.SENDING, None)
    assert Claim.objects.get().transfer == row

    pbx.does = does
    pbx.thinks.set()
    server.start(PBXADMIN_COMMAND_SECONDS="0.5")
    until(lambda: Transfer.objects.get().state == verdict)
    row = Transfer.objects.get()
    assert words in row.observed
    assert row.code == "interrupted"
    verbs = [event.verb for event in row.events.order_by("pk")]
    assert verbs == ["transfer.sending", "transfer.unknown", f"transfer.{verdict}"]
    assert pbx.count("BlindTransfer") == 1
    assert not Claim.objects.exists()
    assert words in browser.get(f"{server.url}/log/{row.pk}/").text
