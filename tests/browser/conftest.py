"""A real browser before a real server: Chromium, uvicorn with the board's poller, a simulated PBX.

A test takes `page` and goes; `login(page, "ana")` logs somebody in. It fails when the browser's
console shows an error or something broke the Content-Security-Policy, unless the test said
`page_errors.expect("part of the message")` before. A failed test leaves a picture in test-results/.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from pbxadmin.asgi import application
from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.conftest import PASSWORD
from transfers.models import PbxConnection

RESULTS = Path(settings.BASE_DIR) / "test-results"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = ["disable-gpu", "disable-quic", "disable-component-update", "disable-sync"]
AXE = {"rules": {"target-size": {"enabled": True}}}  # WCAG 2.2; axe leaves it out by itself
PATIENCE = 20_000  # milliseconds for anything to happen, also on a busy machine
PBX_LOGIN = {"username": "console", "password": "pbx-s3cret-word"}  # as in tests/conftest.py


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:  # WhiteNoise's files, which are small
            item.add_marker(pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and page is not None:
        RESULTS.mkdir(exist_ok=True)
        name = re.sub(r"[^\w.-]+", "-", item.nodeid.rsplit("/", 1)[-1])
        page.screenshot(path=RESULTS / f"{name}.png", full_page=True)
    return report


# ----- the browser


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Ends with the last test here: while it runs, its event loop is in the main thread, and
    everything that asks for one there would behave differently."""
    expect.set_options(timeout=PATIENCE)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # that loop again: the tests may use the ORM
    with sync_playwright() as running:
        yield running
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    sandbox = os.geteuid() != 0  # Chromium refuses its sandbox to root
    chromium = playwright.chromium.launch(
        executable_path=CHROMIUM, chromium_sandbox=sandbox, args=[f"--{flag}" for flag in QUIET]
    )
    yield chromium
    chromium.close()


class PageErrors:
    """What the browser complained about, and which complaints a test counts on."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._expected: list[str] = []

    def expect(self, part: str) -> None:
        self._expected.append(part)

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.seen.append(f"exception: {error}"))
        page.on(
            "console",
            lambda message: message.type == "error" and self.seen.append(message.text),
        )

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.seen if not any(part in text for part in self._expected)]


@pytest.fixture
def page_errors() -> PageErrors:
    return PageErrors()


@pytest.fixture
def new_page(
    browser: Browser, server: str, page_errors: PageErrors
) -> Iterator[Callable[..., Page]]:
    """new_page(color_scheme="dark", viewport=…): another window, with cookies of its own."""
    contexts = []

    def make(**wishes: object) -> Page:
        wishes = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"} | wishes
        context = browser.new_context(base_url=server, **wishes)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page_errors.watch(page)
        return page

    yield make
    for context in contexts:
        context.close()
    assert page_errors.unexpected == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def login(ana, ben, root) -> Callable[[Page, str], None]:
    """login(page, "ana"): through the form, with the keyboard, as far as the first page."""

    def run(page: Page, username: str) -> None:
        page.goto("/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login/" not in url)

    return run


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """axe(page): nothing stands in anybody's way, dark or light, in this window's size."""

    def run(page: Page) -> None:
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], f"{page.url}, {scheme}"

    return run


def violations(page: Page) -> list[str]:
    """Of WCAG 2.2 A and AA, and of what axe calls best practice."""
    found = Axe().run(page, options=AXE).response["violations"]
    return [in_words(violation) for violation in found]


def in_words(violation: dict[str, Any]) -> str:
    nodes = "; ".join(node["html"] for node in violation["nodes"])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {nodes}"


# ----- the PBX


@pytest.fixture
def exchange() -> Exchange:
    """The telephones behind Head office: 1001 is Ana's, 1002 Ben's, 1003 Carol's."""
    phones = Exchange()
    for number, name in (("1001", "Reception"), ("1002", "Ben Okafor"), ("1003", "Carol Weiss")):
        phones.add(number, name, answers_after=None)
    return phones


@pytest.fixture
def pbx(exchange: Exchange, request: pytest.FixtureRequest) -> Iterator[SimulatorServer]:
    """Head office itself, with time passing as on the wall. A test may name another face."""
    done = threading.Event()

    def pass_time() -> None:
        while not done.wait(0.1):
            exchange.tick()

    face = getattr(request, "param", "ozeki-gen1")
    with SimulatorServer(exchange, face, **PBX_LOGIN) as running:
        ticker = threading.Thread(target=pass_time, daemon=True)
        ticker.start()
        yield running
        done.set()
        ticker.join()


@pytest.fixture
def head_office(transactional_db, head_office: PbxConnection, pbx) -> PbxConnection:
    """The connection of tests/conftest.py, with a PBX that answers."""
    head_office.url = pbx.url
    head_office.save()
    return head_office


# ----- the server


@pytest.fixture
def server(transactional_db, head_office) -> Iterator[str]:
    """Its address. The whole ASGI application with its lifespan, in a thread of its own."""
    config = uvicorn.Config(
        application, port=0, lifespan="on", log_level="warning", timeout_graceful_shutdown=1
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, name="uvicorn", daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the web server did not start"
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(10)
    assert not thread.is_alive(), "the web server did not stop"
