"""The plots of the log and the story of a call, in the browser that people use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.rows import sent
from transfers.services import audit
from transfers.sightings import Sighting


@pytest.fixture
def rows(ana, head_office):
    now = timezone.now()
    for number in range(40):
        at = now - timedelta(hours=number * 5)
        state = ("confirmed", "confirmed", "missed", "refused", "unknown")[number % 5]
        sent(
            ana,
            head_office,
            created_at=at,
            settled_at=at + timedelta(seconds=number * 2),
            state=state,
            target=str(1003 + number % 7),
            target_name=("Carol Weiss", "Dr. Carolina Weissenberger-Szabó", "")[number % 3],
        )


def test_nothing_stands_in_anybodys_way(new_page, login, axe, rows):
    page = new_page()
    login(page, "ana")
    page.goto("/log/volume/")
    assert page.locator("svg[role=img]").count() == 5
    axe(page)


def test_without_javascript_on_a_telephone(new_page, login, axe, rows):
    page = new_page(viewport={"width": 400, "height": 800}, java_script_enabled=False)
    login(page, "ana")
    page.goto("/log/")
    page.get_by_role("link", name="Volume").click()
    drawing = page.get_by_role("img", name="What became of them").bounding_box()
    beside = page.get_by_role("table", name="What became of them").bounding_box()
    assert drawing["x"] >= 0
    for box in (drawing, beside):
        assert box["x"] + box["width"] <= 400
    assert page.get_by_role("row", name="Arrived 16").is_visible()
    by_day = page.get_by_role("table", name="By day")
    assert by_day.get_by_role("row").count() > 5
    for box in (page.get_by_role("img", name="By day").bounding_box(), by_day.bounding_box()):
        assert box["x"] + box["width"] <= 400
    by_hour = page.get_by_role("table", name="By hour of the day")
    assert by_hour.get_by_role("row").count() == 25
    assert by_hour.bounding_box()["height"] < 20 * 25  # in columns
    page.get_by_label("From").fill("2000-01-01")
    page.get_by_label("To").fill("2000-01-02")
    page.get_by_role("button", name="Count").click()
    page.get_by_text("No transfer fits this filter").wait_for()


def test_bars_have_the_colour_of_their_meaning(new_page, login, rows):
    colours = {}
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        login(page, "ana")
        page.goto("/log/volume/")
        fills = "bars => bars.map(bar => getComputedStyle(bar).fill)"
        colours[scheme] = page.locator(".plot.verdicts rect").evaluate_all(fills)
        assert len(set(colours[scheme])) == 3  # arrived; not arrived and refused; unknown
    assert not set(colours["light"]) & set(colours["dark"])


def test_the_story_of_a_call(new_page, login, axe, ana, ben, head_office):
    row, onward = sent(ana, head_office), sent(ben, head_office, kind="hold")
    for each in (row, onward):
        audit.record(each.user, "transfer.sending", "x", transfer=each)
    for turn, state in enumerate(("ringing", "talking", "held", "gone")):
        at = row.created_at + timedelta(seconds=2 + 6 * turn)
        Sighting.objects.create(transfer=row, turn=turn, at=at, state=state, callee="1003")
    page = new_page(viewport={"width": 400, "height": 800})
    login(page, "ana")
    page.goto(f"/log/{row.pk}/")
    page.get_by_text("Answered at 1003").wait_for()
    assert page.get_by_text("rang about 6 s").is_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    axe(page)
    page.get_by_role("link", name="Hold: written down and sent").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/log/{onward.pk}/")
