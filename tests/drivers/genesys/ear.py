"""Somebody who listens as the board does: what is pushed goes into a picture, a resync reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Self

from transfers.domain import BoardEvent, Call
from transfers.drivers.genesys.driver import GenesysDriver
from transfers.errors import DriverError

SECONDS = 60


class Ear:
    """Listens with one driver and reads with another, as two processes would."""

    def __init__(self, listener: GenesysDriver, reader: GenesysDriver) -> None:
        self.events: list[BoardEvent] = []
        self.picture: dict[str, Call] = {}
        self.error: DriverError | None = None
        self.stop = threading.Event()
        self._listener, self._reader = listener, reader
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.until(lambda: self.resyncs)
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop.set()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()

    @property
    def resyncs(self) -> int:
        return sum(event.resync for event in self.events)

    @property
    def told(self) -> list[tuple[str, str]]:
        """Every call that was pushed, with its state, in order."""
        return [(call.id, call.raw_state) for event in list(self.events) for call in event.changed]

    @property
    def states(self) -> dict[str, str]:
        return {call.id: call.raw_state for call in list(self.picture.values())}

    def until(self, fits: Callable[[], object]) -> float:
        """Wait until it is so; the seconds that took."""
        began = monotonic()
        with self._news:
            assert self._news.wait_for(lambda: fits() or self.error, SECONDS), self.states
        if self.error:
            raise self.error
        return monotonic() - began

    def _read(self) -> list[Call]:
        """The list; a read that fails is tried again."""
        for _ in range(9):
            with suppress(DriverError):
                return self._reader.list_calls()
        return self._reader.list_calls()

    def _run(self) -> None:
        try:
            for event in self._listener.events(self.stop):
                if event.resync:
                    self.picture = {call.id: call for call in self._read()}
                else:
                    self.picture |= {call.id: call for call in event.changed}
                    for gone in event.gone:
                        self.picture.pop(gone, None)
                with self._news:
                    self.events.append(event)
                    self._news.notify_all()
        except DriverError as error:
            with self._news:
                self.error = error
                self._news.notify_all()
