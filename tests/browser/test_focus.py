"""What has the focus can be seen, whatever sticks to the edges of the screen (WCAG 2.2, 2.4.11)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import tests.browser.offices as offices
from tests.browser.offices import SOON
from tests.rows import sent

board, desks, exchange = offices.board, offices.desks, offices.exchange
# Of nine points of what has the focus those that somebody can see; null where the walk ends.
IN_SIGHT = """() => {
  const one = document.activeElement;
  if (one === document.body || one.matches(".skip, .brand")) return null;
  const box = one.getClientRects()[0];
  const parts = [0.1, 0.5, 0.9];
  const at = (x, y) => document.elementFromPoint(box.x + x * box.width, box.y + y * box.height);
  const seen = parts.flatMap((x) => parts.map((y) => at(x, y))).filter((hit) => one.contains(hit));
  return [seen.length, one.outerHTML.slice(0, 90)];
}"""


@pytest.fixture
def crowded(board, desks, ana, head_office):
    """Two consultations, something that did not arrive, and calls enough to scroll."""
    for face in ("ozeki-gen1", "voipnow"):
        desks[face].exchange.hold(desks[face].talk()[0])
        desks[face].exchange.ring("1001", "1003")
    sent(ana, head_office, state="missed", observed="1003 rang 20 s, not answered.")
    for _ in range(3):
        desks["ozeki-gen2"].ring()
    expect(board.locator(".consultation")).to_have_count(2, timeout=SOON)
    expect(board.locator("#rows-ringing-mine .call")).to_have_count(3, timeout=SOON)
    expect(board.locator(".astray")).to_have_count(1, timeout=SOON)
    return board


@pytest.mark.parametrize(("width", "height"), [(400, 800), (320, 640), (640, 450)])
def test_no_tab_leads_to_something_hidden(crowded, width, height):
    crowded.set_viewport_size({"width": width, "height": height})
    crowded.evaluate("document.querySelector('.brand').focus()")
    hidden, stops = [], 0
    for key in ("Tab", "Shift+Tab"):  # to the end, and back
        crowded.keyboard.press(key)
        while (told := crowded.evaluate(IN_SIGHT)) is not None:
            stops += 1
            if told[0] < 5:
                hidden.append((key, *told))
            crowded.keyboard.press(key)
    assert hidden == []
    assert stops > 60, "the walk ended too early"


@pytest.mark.parametrize(("width", "height", "most"), [(1280, 720, 300), (640, 450, 370)])
def test_the_calls_come_first(crowded, width, height, most):
    """Two bars and an alert push them neither down nor out of sight; 640 is 1280 at 200 %."""
    crowded.set_viewport_size({"width": width, "height": height})
    assert crowded.locator("#head-ringing-mine").bounding_box()["y"] < most
