"""The walk's page, its pictures and the script that takes them belong together."""

from __future__ import annotations

import re

from scripts import walk
from scripts.run import ROOT

PAGE = (ROOT / "docs" / "walk.md").read_text(encoding="utf-8")
SCRIPT = (ROOT / "scripts" / "walk.py").read_text(encoding="utf-8")


def test_every_picture_is_on_the_page_and_the_page_shows_no_other():
    shown = re.findall(r"\(walk/([^)]+)\)", PAGE)
    assert shown == sorted(picture.name for picture in walk.PICTURES.glob("*.png"))
    assert len(shown) == len(set(shown))


def test_the_pictures_are_those_that_the_script_takes():
    taken = re.findall(r'walk\.snap\(\s*"([a-z-]+)"', SCRIPT)
    assert [f"{n:02}-{name}.png" for n, name in enumerate(taken, 1)] == (
        re.findall(r"\(walk/([^)]+)\)", PAGE)
    )


def test_the_page_says_what_the_script_says():
    assert PAGE.startswith(walk.INTRODUCTION)
    said = [
        said for said, alt in re.findall(r"^\d+\. (.*)\n\n   !\[(.*)\]", PAGE, re.M) if said == alt
    ]
    flat = " ".join(SCRIPT.split())
    assert said
    assert [each for each in said if each not in flat] == []
