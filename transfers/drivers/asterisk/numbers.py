"""Whom a line to the outside leads to, where the PBX itself does not say.

A Dial() in a Gosub() routine (FreePBX 17) gives the line that it opens the routine's "s" for a
number. As long as the caller is there, his side tells what was dialled; when he has sent the call
on, nobody does. So it is remembered while the call may last.
"""

from __future__ import annotations

import json
from contextlib import suppress

from transfers.drivers.base import Memory

NAME = "lines"  # in the driver's memory
KEPT, MOST = 4 * 3600.0, 500


class Numbers:
    """By the ids of channels. Asked for only where a channel has no number."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def of(self, uid: str) -> str:
        return self._all().get(uid, "")

    def learn(self, uid: str, number: str) -> None:
        known = self._all()
        if known.get(uid) != number:
            newest = list((known | {uid: number}).items())[-MOST:]
            self._memory.put(NAME, json.dumps(dict(newest)), KEPT)

    def _all(self) -> dict[str, str]:
        with suppress(ValueError, AttributeError):
            found = json.loads(self._memory.get(NAME) or "{}")
            return {str(uid): str(number) for uid, number in found.items()}
        return {}
