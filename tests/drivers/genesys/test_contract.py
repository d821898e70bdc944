"""Genesys keeps the contract."""

from __future__ import annotations

from simulator.faults import JSON_DAMAGES
from tests.drivers.contract import LOGIN_REFUSALS, DriverContract, bring
from transfers.domain import Action, CallState


class TestGenesys(DriverContract):
    # One agent's own calls: she does not see one before it rings, and none that has ended.
    listed = (CallState.RINGING, CallState.DIALING, CallState.TALKING, CallState.HELD)
    tells_answered = False  # only for how long the call has been
    rings_caller = False  # her device dials; that it may ring first, its maker does not say
    sends = {Action.DIAL: "Dial"}  # looks for her device before
    takes = {Action.CANCEL: 2}  # Hangup of the consultation, Retrieve of the original
    unreadable = (
        *JSON_DAMAGES,
        "cut_json",
        "bad_code",
        "wrong_content_type",
        "huge",
        "http_500",
        "redirect",
    )
    login_refusals = (*LOGIN_REFUSALS, "status_401")

    def bring(self, exchange, state):
        if state is CallState.DIALING:
            return exchange.ring("1001", "1003")
        return bring(exchange, state)

    def commands(self, pbx):
        return [each for each in pbx.requests if each.method == "POST"]
