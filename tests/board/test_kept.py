"""What is kept of long texts: by number and by length, the newest always."""

from __future__ import annotations

import pytest

from transfers.board import kept as module
from transfers.board.kept import Kept, kept


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    monkeypatch.setattr(module, "MOST", 3)
    monkeypatch.setattr(module, "LONGEST", 100)
    return []


@pytest.fixture
def upper(asked):
    @kept
    def upper(number: int, text: str) -> str:
        asked.append(text)
        return text.upper()

    return upper


def test_each_is_made_once(upper, asked):
    assert [upper(1, "a"), upper(1, "a"), upper(2, "a")] == ["A", "A", "A"]
    assert asked == ["a", "a"]


def test_what_was_asked_for_longest_ago_goes_first(upper, asked):
    for text in "abcad":
        upper(1, text)
    assert asked == ["a", "b", "c", "d"]
    upper(1, "a")
    upper(1, "b")
    assert asked == ["a", "b", "c", "d", "b"]


def test_long_texts_are_fewer(upper, asked):
    long, longer = "x" * 60, "y" * 300
    for text in (long, "a", "z" * 60, "a", longer, longer):
        upper(1, text)
    assert asked == [long, "a", "z" * 60, longer]
    upper(1, "a")
    assert asked[-1] == "a"


def test_the_length_is_that_of_what_is_kept(asked):
    found: Kept[int] = Kept()
    for text in ("x" * 60, "x" * 60, "y" * 60, "z" * 30):
        found.put((text,), 1)
    assert found.length == 90
    assert found.get(("x" * 60,)) is None
