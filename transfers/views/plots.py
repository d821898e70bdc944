"""From numbers to geometry: what a template draws as SVG. Pure: no database, no clock, no markup.

A drawing is WIDTH units wide, about a telephone's screen, so that its text is as large as the text
beside it there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma

WIDTH = 340
HEIGHT, TOP, LEFT, FLOOR = 190, 18, 30, 170  # of columns: the whole, and where the plot itself is
ROW, THICK = 30, 16  # of rows: each, and its bar
LABELS, VALUES = 118, 44  # room for the words to the left, and for the numbers to the right
LETTERS = 17  # that fit into LABELS


@dataclass(frozen=True, slots=True)
class Mark:
    """One number to be drawn, and what it is of."""

    label: str
    value: int
    css: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    css: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    x: float
    y: float
    text: str
    css: str = ""  # anchors: start, middle or end; `value` for numbers


@dataclass(frozen=True, slots=True)
class Drawing:
    height: float
    bars: tuple[Bar, ...]
    texts: tuple[Text, ...]
    lines: tuple[float, ...] = ()  # heights of the lines across
    width: float = WIDTH
    left: float = LEFT


def columns(marks: Sequence[Mark], *, named: int = 1) -> Drawing:
    """Standing bars from left to right; every `named`th has its label below it.

    The scale is at the left, and the highest bar has its number.
    """
    most = max((mark.value for mark in marks), default=0)
    top = ceiling(most)
    step = (WIDTH - LEFT) / max(len(marks), 1)
    thick = round(min(step * 0.72, 40), 2)
    bars, texts = [], []
    for number, mark in enumerate(marks):
        middle = round(LEFT + step * (number + 0.5), 2)
        height = round((FLOOR - TOP) * mark.value / top, 2)
        if mark.value:
            left = round(middle - thick / 2, 2)
            bars.append(Bar(left, round(FLOOR - height, 2), thick, height, mark.css))
        if number % named == 0:
            texts.append(Text(middle, FLOOR + 15, mark.label, "middle"))
        if mark.value == most and most and not any("value" in text.css for text in texts):
            texts.append(Text(middle, round(FLOOR - height - 5, 2), str(most), "middle value"))
    ticks = (0, top // 2, top) if top % 2 == 0 else (0, top)
    heights = [round(FLOOR - (FLOOR - TOP) * tick / top, 2) for tick in ticks]
    texts += [
        Text(LEFT - 6, height + 4, intcomma(tick), "end")
        for tick, height in zip(ticks, heights, strict=True)
    ]
    return Drawing(HEIGHT, tuple(bars), tuple(texts), tuple(heights))


def rows(marks: Sequence[Mark]) -> Drawing:
    """Lying bars, one below the other: the label at the left, the number behind the bar."""
    most = max((mark.value for mark in marks), default=0) or 1
    room = WIDTH - LABELS - VALUES
    bars, texts = [], []
    for number, mark in enumerate(marks):
        middle = ROW * (number + 0.5)
        length = round(room * mark.value / most, 2)
        if mark.value:
            bars.append(Bar(LABELS, middle - THICK / 2, max(length, 2), THICK, mark.css))
        texts.append(Text(LABELS - 8, middle + 4, shortened(mark.label), "end"))
        texts.append(Text(round(LABELS + length + 6, 2), middle + 4, intcomma(mark.value), "value"))
    return Drawing(ROW * len(marks), tuple(bars), tuple(texts))


def ceiling(most: int) -> int:
    """The next round number that is not below: the end of a scale that people can read."""
    if most <= 1:
        return 1
    ten: int = 10 ** int(math.log10(most))
    return next(ten * one for one in (1, 2, 4, 6, 8, 10, 20) if ten * one >= most)


def shortened(label: str) -> str:
    return label if len(label) <= LETTERS else label[: LETTERS - 1].rstrip() + "…"
