"""Asterisk keeps the contract."""

from __future__ import annotations

from functools import partial

import pytest

from simulator.faults import DAMAGES
from tests.drivers.contract import STATES, DriverContract
from transfers.domain import Action, CallState

COMMANDS = ("BlindTransfer", "Redirect", "Bridge", "Park", "Hangup", "Originate")


class TestAsterisk(DriverContract):
    listed = (*(state for state in STATES if state is not CallState.ENDED), CallState.PARKED)
    takes = {Action.SWAP: 2}  # both parties of the running call wait, then hers is bridged
    sends = {
        Action.BLIND: "BlindTransfer",
        Action.VOICEMAIL: "BlindTransfer",
        Action.FORWARD: "Redirect",
        Action.CONSULT: "Redirect",
        Action.JOIN: "Bridge",
        Action.CANCEL: "Bridge",
        Action.SWAP: "Redirect",
        Action.PARK: "Park",
        Action.UNPARK: "Redirect",
        Action.PICKUP: "Redirect",
        Action.HOLD: "Redirect",
        Action.RETRIEVE: "Bridge",
        Action.DIAL: "Originate",
    }
    # A name that is not UTF-8 is read as Latin-1: it must not hide the calls.
    unreadable = (
        *(kind for kind in DAMAGES if kind != "non_utf8"),
        *("cut_xml", "wrong_content_type", "huge", "http_500", "status_401", "redirect"),
    )
    refuses = ("7,42",)  # a comma begins the options of Dial()
    login_refusals = ("wrong_login", "forbidden_user")

    def commands(self, pbx):
        return [each for each in pbx.requests if each.command in COMMANDS]


class TestByDigest(TestAsterisk):
    """The same with `/amxml`: a nonce instead of a session."""

    # Two Pings go before a command: a fault that is meant for it must say so.
    sends = {**TestAsterisk.sends, Action.HANGUP: "Hangup"}

    @pytest.fixture
    def build(self, build):
        return partial(build, login="digest")

    def test_a_read_that_cannot_be_read(self, driver, pbx, unreadable):
        driver.list_calls()  # there is a nonce
        pbx.requests.clear()
        super().test_a_read_that_cannot_be_read(driver, pbx, unreadable)
