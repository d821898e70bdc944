"""Who hears whom: which phones' tones are in the sound that a phone received."""

from __future__ import annotations

import array
import math
from collections.abc import Iterable
from pathlib import Path

HEADER = 44  # bytes of a WAV file before its sound
SPAN = 0.2  # seconds that are listened to
LOUD = 0.02  # of full scale: the tones are far above it, the noise of the codec far below


def newest(path: Path, rate: int) -> list[float]:
    """The last samples of a recording that may still be written; fewer when it is shorter."""
    size = path.stat().st_size
    length = min(int(SPAN * rate) * 2, (size - HEADER) // 2 * 2)
    if length <= 0:
        return []
    with path.open("rb") as file:
        file.seek(HEADER + (size - HEADER) // 2 * 2 - length)
        samples = array.array("h", file.read(length))
    return [sample / 32768 for sample in samples]


def heard(samples: list[float], rate: int, tones: Iterable[int]) -> set[int]:
    """Those of the tones that sound in the samples."""
    return {tone for tone in tones if strength(samples, rate, tone) > LOUD}


def strength(samples: list[float], rate: int, hertz: int) -> float:
    """The amplitude of one tone, by Goertzel's algorithm."""
    if len(samples) < SPAN * rate * 0.9:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    before, now = 0.0, 0.0
    for sample in samples:
        before, now = now, sample + turn * now - before
    power = now * now + before * before - turn * now * before
    return 2 * math.sqrt(max(0.0, power)) / len(samples)
