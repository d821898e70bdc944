"""All views are tested in an invented language, in which every text that was asked for stands in
⟦brackets⟧: what a page says outside of them nobody can translate, and what is kept with them is
kept in one reader's language. The tests themselves see English.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.utils import translation
from lxml import html

from tests.views.ladder import english
from transfers.board.snapshot import load_calls
from transfers.drivers.registry import VENDORS, driver_class
from transfers.imports import Import
from transfers.models import Feed
from transfers.sentences import unpack
from transfers.trail import AuditEvent
from transfers.views import render

SAID = ("title", "aria-label", "placeholder", "alt", "content")
# Names, keys and signs that are the same in every language.
NAMES = (
    *("pbxadmin", "PBX", "PBXs", "CSV", "vCard", "URL", "PEM", "UTF", "API", "HTTP", "https"),
    *(word for vendor in VENDORS for word in driver_class(vendor).label.split()),
    *("Phone", "SIP"),  # the simulator's words for kinds of extensions
    *("Esc", "Tab", "Enter", "Ctrl", "Del", "English", "Deutsch", "Magyar", "Español"),
    *("GET", "POST"),
)


@pytest.fixture(autouse=True)
def invented_language(monkeypatch):
    """A module that chooses languages itself has a fixture of this name that does nothing."""
    monkeypatch.setattr(translation._trans, "gettext", lambda text: f"⟦{text}⟧")
    monkeypatch.setattr(translation._trans, "pgettext", lambda _, text: f"⟦{text}⟧")
    monkeypatch.setattr(translation._trans, "ngettext", _plural)
    monkeypatch.setattr(translation._trans, "npgettext", lambda _, *texts: _plural(*texts))
    spoken: list[str] = []
    kept_so: list[str] = []
    ask = Client.request

    def asked(client: Client, **how: Any) -> HttpResponse:
        response: HttpResponse = ask(client, **how)
        with uncounted():
            listen(response)
        return response

    def listen(response: HttpResponse) -> None:
        # A crash has Django's page.
        if not response.streaming and response.status_code != 500:
            page = response.content.decode()
            if "html" in response.headers.get("Content-Type", ""):
                spoken.extend(untranslated(page, known(response)))
            response.content = english(page).encode()
        for name, value in response.headers.items():
            response.headers[name] = english(value)
        kept_so.extend(text for text in kept() if "⟦" in text)

    monkeypatch.setattr(Client, "request", asked)
    render._row.cache_clear()
    yield
    render._row.cache_clear()
    assert not spoken, "nobody asked for a translation of\n" + "\n".join(sorted(set(spoken)))
    assert not kept_so, "kept in one reader's language:\n" + "\n".join(sorted(set(kept_so)))


def _plural(one: str, many: str, count: int) -> str:
    return f"⟦{one if count == 1 else many}⟧"


@contextmanager
def uncounted() -> Iterator[None]:
    """Questions to the database that are no part of what a test counts."""
    counts, connection.force_debug_cursor = connection.force_debug_cursor, False
    yield
    connection.force_debug_cursor = counts


def untranslated(page: str, known: list[str]) -> list[str]:
    """Texts with words that were neither asked for nor are somebody's name."""
    found = []
    for text in unasked(page):
        rest = text
        for data in (*NAMES, *known):
            rest = rest.replace(data, " ")
        if re.search(r"[^\W\d_]{3}", rest):
            found.append(text.strip())
    return found


def unasked(page: str) -> Iterator[str]:
    """What stands outside of all brackets; these may open in one element and close in another."""
    if not page.strip():
        return
    depth = 0
    for node in html.fromstring(f"<div>{page}</div>").xpath("//text() | //@*"):
        here = node.getparent()
        if node.is_attribute:
            if node.attrname in SAID and here.tag != "meta":
                yield outside(node, 0)[0]
        elif node.is_tail or here.tag not in ("script", "style", "kbd", "code"):
            text, depth = outside(node, depth)
            yield text


def outside(text: str, depth: int) -> tuple[str, int]:
    kept = ""
    for piece in re.split("([⟦⟧])", text):
        depth += (piece == "⟦") - (piece == "⟧")
        kept += piece if depth == 0 and piece != "⟧" else " "
    return kept, depth


def known(response: Any) -> list[str]:
    """What people and PBXs have written: the longest first."""
    sent = response.wsgi_request
    typed = [text for values in (sent.GET, sent.POST) for text in _typed(values)]
    return sorted((t for t in {*kept(), *typed} if len(t) > 1), key=len, reverse=True)


def _typed(values: QueryDict) -> Iterator[str]:
    for _, texts in values.lists():
        yield from (text.strip() for text in texts)


def kept() -> Iterator[str]:
    """Every text in the database but sentences of ours and codes."""
    for model in apps.get_app_config("transfers").get_models():
        names = [field.attname for field in model._meta.concrete_fields if _is_text(field)]
        for row in model._base_manager.values_list(*names) if names else ():
            yield from (text for text in row if type(text) is str)
    for feed in Feed.objects.only("calls", "directory"):
        for call in load_calls(feed.calls):
            for party in (call.caller, call.callee):
                yield from (party.number, party.name)
            yield call.raw_state
        yield from re.findall(r'"([^"]+)"', feed.directory)
    for data in AuditEvent.objects.values_list("data", flat=True):
        plain = (text for text in data.values() if type(text) is str)
        yield from (text for text in plain if type(unpack(text)) is str)
    for job in Import.objects.exclude(packed=b""):
        for encoding in ("utf-8", "cp1250", "cp1252"):
            text = zlib.decompress(job.packed).decode(encoding, errors="replace")
            yield from re.split(r"[;,\t\r\n]+", text)


def _is_text(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.CharField | models.TextField) and not field.choices
