"""What holds for every page and dialog there is: urls.py and the templates say which these are, so
a new one that is not looked at here fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.conftest import violations
from tests.rows import listed, sent
from tests.views.test_imports import FILE, columns
from transfers.imports import Import
from transfers.services import notifications
from transfers.services.importing import checking
from transfers.standing import StandingForward
from transfers.urls import urlpatterns

TEMPLATES = Path(settings.BASE_DIR) / "templates"
NOT_HERE = (204, 302, 405)  # nothing to see by GET, or somewhere else
ALONE = ("404.html", "403.html", "403_csrf.html", "500.html", "registration/locked.html")


@pytest.fixture
def calls_are_up(exchange) -> str:
    """One call in each state people see most, so that the pages are not empty."""
    exchange.ring("+36305550121", "1001", "Szabó Gábor")
    for caller, callee in (("+3615550136", "1001"), ("1002", "1003")):
        exchange.answer(exchange.ring(caller, callee))
    exchange.hold(exchange.calls()[-1].id)
    return exchange.calls()[1].id  # nobody gives that one up


@pytest.fixture
def things(head_office, ana, ben, root, as_user, monkeypatch) -> dict[str, Any]:
    """Beginning of an address → what its number may stand for."""
    notifications.renew(root, head_office)
    until = timezone.now() + timedelta(hours=1)
    forward = StandingForward.objects.create(
        connection=head_office, number="500", target="1003", until=until, created_by_name="Ana"
    )
    return {
        "calls": head_office,
        "connections": head_office,
        "forwards": forward,
        "log": sent(ana, head_office),
        "alerts": sent(root, head_office, state="missed"),
        "contacts": listed("Carol Weiss", "1003", on=head_office),
        "contacts/import": imported(as_user(root), monkeypatch),
        "people": ben,
    }


def imported(client: Client, monkeypatch) -> Import:
    """A file that was handed in and checked; a second one waits for its columns."""
    monkeypatch.setattr(checking, "in_background", lambda work: work())
    for name in ("checked.csv", "new.csv"):
        client.post(reverse("imports"), {"file": SimpleUploadedFile(name, FILE.encode())})
    checked = Import.objects.earliest("pk")
    client.post(reverse("import-check", args=[checked.pk]), columns())
    return checked


@pytest.fixture
def rendered() -> Iterator[set[str]]:
    """Every template that was used since."""
    names: set[str] = set()

    def note(sender: Any, template: Any, **_: Any) -> None:
        names.add(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def pages(client: Client, things: dict[str, Any], call: str) -> list[str]:
    """Of all addresses those that answer with a whole page."""
    more = {"call-dialog": f"?call={call}", "call-targets": f"?call={call}"}
    more["forward-targets"] = "?field=number"
    found = []
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        kwargs = {"kind": "blind"} if "<slug:kind>" in route else {}
        if "<int:pk>" in route:
            kwargs["pk"] = things[route.split("/<")[0]].pk
        if "<slug:token>" in route:  # what a PBX calls
            continue
        url = reverse(pattern.name, kwargs=kwargs) + more.get(pattern.name, "")
        answer = client.get(url)
        assert answer.status_code in (200, *NOT_HERE), f"{url}: {answer.status_code}"
        if not answer.streaming and answer.content.lstrip().lower().startswith(b"<!doctype"):
            found.append(url)
    calls = f"/calls/{things['calls'].pk}"
    others = [f"{calls}/hangup/?call={call}", f"{calls}/blind/?call=gone"]
    return ["/login/", *found, f"/contacts/import/{Import.objects.latest('pk').pk}/", *others]


def whole(pattern: str) -> set[str]:
    """The templates in which that is."""
    return {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if re.search(pattern, path.read_text())
    }


def alone(page: Page, name: str, request: Any) -> None:
    """What people see when something went wrong, without making it go wrong."""
    body = render_to_string(name, {"request": None}, request)
    page.route(f"**/{name}", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"/{name}")


def look_at(page: Page, axe) -> str:
    """Both themes, and a telephone. What is wrong there, or ""."""
    axe(page)
    page.set_viewport_size({"width": 400, "height": 800})
    small = "; ".join(violations(page))
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    return f"{page.url}: {small or 'too wide'}" if small or wide else ""


@pytest.mark.timeout(900)  # some thirty pages
def test_nothing_stands_in_anybodys_way(
    page, login, axe, as_user, root, things, calls_are_up, rendered, page_errors
):
    page_errors.expect("404")
    trouble = []
    login(page, "root")
    page.wait_for_selector(".call")
    with ThreadPoolExecutor() as elsewhere:  # the browser's event loop is in this thread
        there = elsewhere.submit(pages, as_user(root), things, calls_are_up).result()
    for url in there:
        if url == "/login/":
            cookies = page.context.cookies()
            page.context.clear_cookies()
        page.goto(url)
        trouble.append(look_at(page, axe))
        if url == "/login/":
            page.context.add_cookies(cookies)
    for name in ALONE:
        alone(page, name, as_user(root).get("/log/").wsgi_request)
        trouble.append(look_at(page, axe))
    assert [each for each in trouble if each] == []
    must = whole(r'extends "base.html"|id="dialog-title"|<dialog ') - {"base.html"}
    assert must - rendered == set()
