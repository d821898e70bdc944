"""From numbers to geometry."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from transfers.views import plots
from transfers.views.plots import Mark


def marks(*values: int) -> list[Mark]:
    return [Mark(f"m{number}", value) for number, value in enumerate(values)]


def words(drawing, css="value"):
    return [text.text for text in drawing.texts if css in text.css.split()]


@pytest.mark.parametrize(
    ("most", "end"),
    [(0, 1), (1, 1), (2, 2), (3, 4), (5, 6), (7, 8), (9, 10), (10, 10), (11, 20), (41, 60),
     (99, 100), (101, 200), (999, 1000), (1000, 1000), (1001, 2000), (123_456, 200_000)],
)  # fmt: skip
def test_a_scale_ends_at_a_round_number(most, end):
    assert plots.ceiling(most) == end


@given(st.integers(0, 10**9))
def test_a_scale_holds_its_highest_number(most):
    assert most <= plots.ceiling(most) <= max(2 * most, 1)


def test_columns_stand_on_the_floor_in_proportion():
    drawing = plots.columns(marks(10, 5, 0, 1))
    assert [bar.y + bar.height for bar in drawing.bars] == [plots.FLOOR] * 3
    high, half, small = (bar.height for bar in drawing.bars)
    assert high == plots.FLOOR - plots.TOP
    assert (half, small) == pytest.approx((high / 2, high / 10))


def test_columns_say_the_scale_and_the_highest_number_once():
    drawing = plots.columns(marks(3, 4, 4))
    assert words(drawing, "end") == ["0", "2", "4"]
    assert words(drawing) == ["4"]
    assert words(plots.columns(marks(1)), "end") == ["0", "1"]
    assert len(drawing.lines) == 3


def test_only_some_columns_are_named():
    assert words(plots.columns(marks(*range(24)), named=6), "middle")[:5] == [
        "m0", "m6", "m12", "m18", "23",
    ]  # fmt: skip


def test_rows_grow_from_the_labels_and_have_their_numbers():
    with override("en-gb"):
        drawing = plots.rows(marks(1200, 600, 0))
    assert [bar.x for bar in drawing.bars] == [plots.LABELS] * 2
    assert drawing.bars[0].width == 2 * drawing.bars[1].width
    assert words(drawing) == ["1,200", "600", "0"]
    assert drawing.height == 3 * plots.ROW


def test_a_small_row_can_still_be_seen():
    assert plots.rows(marks(100_000, 1)).bars[1].width == 2


def test_a_row_has_its_meaning():
    assert plots.rows([Mark("✓ Arrived", 1, "ok")]).bars[0].css == "ok"


def test_long_labels_are_cut():
    (label,) = words(plots.rows([Mark("Dr. Carolina Weissenberger-Szabó", 1)]), "end")
    assert len(label) == plots.LETTERS
    assert label.endswith("…")


@pytest.mark.parametrize("draw", [plots.columns, plots.rows])
def test_one_mark_and_none(draw):
    assert len(draw(marks(7)).bars) == 1
    assert draw([]).bars == ()
    assert draw(marks(0, 0)).bars == ()


@pytest.mark.parametrize("draw", [plots.columns, plots.rows])
@given(values=st.lists(st.integers(0, 10**7), max_size=24))
def test_nothing_leaves_the_drawing(draw, values):
    drawing = draw(marks(*values))
    for bar in drawing.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= drawing.width
        assert bar.y >= 0
        assert bar.y + bar.height <= drawing.height + 0.01
    for text in drawing.texts:
        assert 0 <= text.x <= drawing.width
        assert 0 <= text.y <= drawing.height
