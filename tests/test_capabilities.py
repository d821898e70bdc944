"""docs/capabilities.md is what the drivers say."""

from __future__ import annotations

from scripts.capabilities import ACTIONS, PAGE, STANDING, capabilities
from transfers.domain import Action
from transfers.drivers.registry import VENDORS, driver_class


def test_the_page_is_as_the_code():
    assert PAGE.read_text() == capabilities(), "run python -m scripts.capabilities --write"


def test_nothing_is_left_out():
    assert set(ACTIONS) == set(Action)
    assert {driver_class(vendor).standing for vendor in VENDORS} <= {"", *STANDING}


def test_what_is_not_in_the_features_is_not_overridden():
    """A command the driver does not name raises NotSupported: nobody can send it by surprise."""
    for vendor in VENDORS:
        driver = driver_class(vendor)
        there = {action for action in Action if action.value in _own_methods(driver)}
        assert there == driver.features


def _own_methods(driver: type) -> set[str]:
    return {name for name in Action if name.value in vars(driver)}
