"""What holds for every page of the menu, in the browser that people use."""

from __future__ import annotations

import pytest
from django.urls import reverse

from transfers.views.navigation import ENTRIES

PAGES = [url_name for _, url_name, _ in ENTRIES] + ["connection_add", "settings"]


@pytest.fixture
def calls_are_up(exchange) -> None:
    """One call in each state people see most, so that the pages are not empty."""
    exchange.ring("+36305550121", "1001", "Szabó Gábor")
    for caller, callee in (("+3615550136", "1001"), ("1002", "1003")):
        exchange.answer(exchange.ring(caller, callee))
    exchange.hold(exchange.calls()[-1].id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(new_page, login, axe, calls_are_up, scheme):
    page = new_page(color_scheme=scheme)
    login(page, "root")
    for name in PAGES:
        page.goto(reverse(name))
        axe(page)


def test_every_page_fits_400_pixels(new_page, login, calls_are_up):
    page = new_page(viewport={"width": 400, "height": 800})
    login(page, "root")
    too_wide = []
    for name in PAGES:
        page.goto(reverse(name))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(name)
    assert too_wide == []
