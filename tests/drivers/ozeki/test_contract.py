"""Both generations, with forms and with addresses, keep the contract."""

from __future__ import annotations

import pytest

from tests.drivers.contract import DriverContract


class TestPost(DriverContract):
    pass


class TestGet(DriverContract):
    passwords_travel_in_the_address = True

    @pytest.fixture
    def options(self, generation):
        return {"generation": generation, "timezone": "UTC", "method": "get"}
