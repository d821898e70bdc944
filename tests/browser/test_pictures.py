"""The pictures of the docs are made smaller: the same picture, with at most 256 colours."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Page

from scripts.palette import shrunk

READ = """
async (png) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
  pen.drawImage(image, 0, 0);
  return [image.width, image.height, [...pen.getImageData(0, 0, image.width, image.height).data]];
}
"""
FEW = "<body style='margin:0;background:#fff'><p style='background:#1f5eff;width:40px;height:9px'>"
MANY = "<body style='margin:0;height:100vh;background:linear-gradient(90deg,#000,#f0f 50%,#ff0)'>"


@pytest.fixture
def blank(browser) -> Page:
    page = browser.new_page(viewport={"width": 600, "height": 30})
    yield page
    page.close()


def pixels(page: Page, png: bytes) -> tuple[int, int, list[int]]:
    width, height, values = page.evaluate(READ, base64.b64encode(png).decode())
    return width, height, values


def test_a_picture_of_few_colours_stays_as_it_was(blank):
    blank.set_content(FEW)
    picture = blank.screenshot()
    small = shrunk(blank, picture)
    assert pixels(blank, small) == pixels(blank, picture)
    assert small.startswith(b"\x89PNG\r\n\x1a\n")


def test_of_many_colours_each_is_near_enough_and_the_file_smaller(blank):
    blank.set_content(MANY)
    picture = blank.screenshot()
    small = shrunk(blank, picture)
    (width, height, before), (*size, after) = pixels(blank, picture), pixels(blank, small)
    assert size == [width, height]
    colours = {tuple(after[at : at + 4]) for at in range(0, len(after), 4)}
    assert 200 < len(colours) <= 256
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) < 24
