"""A board before a PBX that says what the test tells it to, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from transfers.board import poller
from transfers.board.snapshot import Picture
from transfers.domain import Call, CallState, Extension, Party
from transfers.models import Feed


def a_call(call_id: str = "a", **values: Any) -> Call:
    usual = {"state": CallState.TALKING, "raw_state": "InCall"}
    parties = {"caller": Party("+3615550142"), "callee": Party("1001")}
    return Call(call_id, **usual | parties | values)


class Says:
    """In place of a driver: `calls` and `extensions` are what it lists, or an error it raises.

    `meanwhile` is done while the list of calls is on its way.
    """

    def __init__(self) -> None:
        self.calls: list[Call] | Exception = []
        self.extensions: list[Extension] | Exception = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.reads = self.directory_reads = self.closed = 0
        self.door = self

    def list_calls(self) -> list[Call]:
        self.reads += 1
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        said = self.calls
        meanwhile()
        if isinstance(said, Exception):
            raise said
        return said

    def list_extensions(self) -> list[Extension]:
        self.directory_reads += 1
        if isinstance(self.extensions, Exception):
            raise self.extensions
        return self.extensions

    def __enter__(self) -> Says:
        return self

    def __exit__(self, *exc: object) -> None:
        self.closed += 1


@pytest.fixture
def says(monkeypatch) -> Says:
    pbx = Says()
    monkeypatch.setattr(poller, "driver_for", lambda *_: pbx)
    return pbx


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as standing:
        yield standing


class Board:
    """One feed, read when the test says so."""

    def __init__(self, clock: Any, connection_id: int) -> None:
        self.clock, self.connection_id = clock, connection_id

    @property
    def feed(self) -> Feed:
        feeds = Feed.objects.select_related("connection", "seat")
        return feeds.get(connection=self.connection_id, seat=None)

    def wait(self, seconds: float) -> None:
        self.clock.shift(timedelta(seconds=seconds))

    def read(self, after: float = 1) -> Picture | None:
        self.wait(after)
        return poller.read(self.feed)


@pytest.fixture
def board(clock, head_office) -> Board:
    return Board(clock, head_office.pk)
