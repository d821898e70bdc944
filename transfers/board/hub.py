"""Wakes the open streams of this process when there may be something new to show.

Only a wake-up: what is new, everybody reads from the pictures. Across processes the streams look
by themselves once in a while; a shared channel can take this place later.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Hub:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bells: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def ring(self) -> None:
        """From any thread, at any time."""
        with self._lock:
            bells = list(self._bells.items())
        for bell, loop in bells:
            with suppress(RuntimeError):  # the loop is closed: its server has stopped
                loop.call_soon_threadsafe(bell.set)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """A bell that is set when something may have changed; inside a running loop."""
        bell = asyncio.Event()
        with self._lock:
            self._bells[bell] = asyncio.get_running_loop()
        try:
            yield bell
        finally:
            with self._lock:
                del self._bells[bell]


hub = Hub()
