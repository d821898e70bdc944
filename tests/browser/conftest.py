"""A real browser before a real server: Chromium, uvicorn with the board's poller, a simulated PBX.

A test takes `page` and goes; `login(page, "ana")` lets somebody in. It fails when the browser's
console shows an error or something broke the Content-Security-Policy, unless the test said
`page_errors.expect("part of the message")` before. A failed test leaves a picture in test-results/.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)

from pbxadmin.asgi import application
from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from transfers.models import PbxConnection, User

RESULTS = Path(settings.BASE_DIR) / "test-results"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = ["disable-gpu", "disable-quic", "disable-component-update", "disable-sync"]
AXE = {  # WCAG 2.2's size of targets it leaves out by itself
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
COLOURS = {
    "runOnly": ["cat.color"],
    "rules": {"color-contrast-enhanced": {"enabled": False}},  # AAA, which the tag lets in
    "resultTypes": ["violations"],
}
USUAL_SIZE: ViewportSize = {"width": 1280, "height": 800}
PATIENCE = 30_000  # milliseconds for anything to happen, also on a busy machine
SOON = 45_000  # for a verdict, which needs two or three pictures
PATIENTLY = 600.0  # seconds that a phone rings: none gives up because the machine is slow
PBX_LOGIN = {"username": "console", "password": "pbx-s3cret-word"}  # as in tests/conftest.py


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:  # WhiteNoise's files, which are small
            item.add_marker(pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"))
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(300))  # more than what is waited for here


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and page is not None:
        RESULTS.mkdir(exist_ok=True)
        name = re.sub(r"[^\w.-]+", "-", item.nodeid.rsplit("/", 1)[-1])
        with suppress(Error):  # of a page that hangs there is none
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


class Computers:
    """People sit down at them one after the other, each as if nobody had been there: no window, no
    cookie, nothing is left but scripts and styles, which need not be fetched and compiled again.

    These live as long as the process does and it as long as a window: one that nobody gets.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self._address = browser, address
        self._free: list[BrowserContext] = []

    def take(self) -> BrowserContext:
        if self._free:
            return self._free.pop()
        context = self.new()
        context.new_page().goto("/static/css/base.css")
        return context

    def new(self, **wishes: object) -> BrowserContext:
        context = self._browser.new_context(base_url=self._address, locale="en-GB", **wishes)
        context.set_default_timeout(PATIENCE)
        return context

    def give_back(self, context: BrowserContext) -> None:
        stays, *others = context.pages
        for page in others:
            page.close()
        context.clear_cookies()
        stays.evaluate("localStorage.clear()")
        self._free.append(context)


@pytest.fixture(scope="package")
def computers(browser: Browser, door: socket.socket) -> Computers:
    host, port = door.getsockname()
    return Computers(browser, f"http://{host}:{port}")


@pytest.fixture
def new_page(
    computers: Computers, server: str, page_errors: PageErrors
) -> Iterator[Callable[..., Page]]:
    """new_page(color_scheme="dark", viewport=…): another window, with cookies of its own.

    With `wound` the test winds its clock: page.clock.run_for(ms). Such a clock cannot be taken out
    again, so nobody else gets that computer.
    """
    with ExitStack() as afterwards:

        def make(
            *,
            java_script_enabled: bool = True,
            wound: bool = False,
            viewport: ViewportSize = USUAL_SIZE,
            color_scheme: str = "light",
        ) -> Page:
            if java_script_enabled and not wound:
                context = computers.take()
                afterwards.callback(computers.give_back, context)
            else:
                own = computers.new(java_script_enabled=java_script_enabled)
                context = afterwards.enter_context(own)
            if wound:
                context.clock.install()
            page = context.new_page()
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=color_scheme)
            page_errors.watch(page)
            return page

        yield make
    assert page_errors.unexpected == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def login(ana, ben, root, as_user, server) -> Callable[[Page, str], None]:
    """login(page, "ana"): as far as the first page. By the form it is test_login.py's matter."""

    def run(page: Page, username: str) -> None:
        client = as_user(User.objects.get(username=username))
        session = client.cookies[settings.SESSION_COOKIE_NAME]
        cookie = {"name": session.key, "value": session.value, "url": server, "httpOnly": True}
        page.context.add_cookies([cookie])
        page.goto("/")

    return run


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """axe(page): nothing stands in anybody's way, dark or light, in this window's size."""

    def run(page: Page) -> None:
        for scheme, rules in (("dark", COLOURS), ("light", AXE)):  # they differ in colours only
            page.emulate_media(color_scheme=scheme)
            assert violations(page, rules) == [], f"{page.url}, {scheme}"

    return run


def violations(page: Page, rules: dict[str, Any] = AXE) -> list[str]:
    """Of WCAG 2.2 A and AA, and of what axe calls best practice."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(rules).then(seen => seen.violations)", rules)
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
        running.switches.ring_seconds = PATIENTLY
        ticker = threading.Thread(target=pass_time, daemon=True)
        ticker.start()
        yield running
        done.set()
        ticker.join()


@pytest.fixture
def head_office(transactional_db, head_office: PbxConnection, pbx) -> PbxConnection:
    """The connection of tests/conftest.py, with a PBX that answers."""
    head_office.url, head_office.poll_seconds = pbx.url, 0.25
    head_office.save()
    return head_office


# ----- the server


@pytest.fixture(scope="package")
def door() -> Iterator[socket.socket]:
    """One address for all servers here, one after the other: the browser keeps things by it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def server(transactional_db, head_office, door: socket.socket) -> Iterator[str]:
    """Its address. The whole ASGI application with its lifespan, in a thread of its own."""
    config = uvicorn.Config(
        application, lifespan="on", log_level="warning", timeout_graceful_shutdown=1
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, args=([door.dup()],), name="uvicorn", daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the web server did not start"
        time.sleep(0.02)
    host, port = door.getsockname()
    yield f"http://{host}:{port}"
    running.should_exit = True
    thread.join(PATIENCE / 1000)
    assert not thread.is_alive(), "the web server did not stop"
