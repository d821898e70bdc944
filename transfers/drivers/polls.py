"""Polls that a PBX holds for long, and how they end when it is time to stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from transfers.http import Door

LOOK = 5.0  # seconds; how long a helper thread may outlive its listener


@contextmanager
def hung_up_at(stop: threading.Event, door: Door) -> Iterator[None]:
    """End the door's poll once `stop` is set: a poll cannot look at the event itself."""
    over = threading.Event()
    threading.Thread(target=_hang_up, args=(door, stop, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _hang_up(door: Door, stop: threading.Event, over: threading.Event) -> None:
    while not over.is_set():
        if stop.wait(LOOK):
            door.hang_up()
            return
