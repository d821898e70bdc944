"""What the tests of every driver use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from transfers.drivers.base import Driver
from transfers.http import Door

pytest.register_assert_rewrite("tests.drivers.contract")


@pytest.fixture
def doors() -> Iterator[list[Door]]:
    """The doors of a test, to be closed after it."""
    doors: list[Door] = []
    yield doors
    for door in doors:
        door.close()


@pytest.fixture
def driver(build) -> Driver:
    return build()
