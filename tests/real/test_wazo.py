"""The check-list holds: no case without an answer, and no answer that is not there."""

from __future__ import annotations

from pathlib import Path

from tests.real import test_scenarios  # noqa: F401  (its scenarios register)
from tests.real.proof import FILE, WRITES
from tests.real.registry import SCENARIOS
from tests.real.wazo import CASES, page

ROOT = Path(__file__).resolve().parents[2]


def test_every_case_is_played_or_explained():
    assert len({case.name for case in CASES}) == len(CASES) == 67
    assert [case.name for case in CASES if not (case.played or case.tests or case.words)] == []


def test_what_plays_a_case_is_there():
    for case in CASES:
        for pattern in case.played:
            only = type(case)("", (pattern,))
            assert any(only.plays(each) for each in SCENARIOS), f"{case.name}: {pattern}"
        assert all((ROOT / path).is_file() for path in case.tests), case


def test_the_page_has_the_list():
    assert WRITES or FILE.read_text().endswith(page(SCENARIOS))
