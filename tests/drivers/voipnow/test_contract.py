"""The contract, with the PBX as the samples show it and as odd as it may be."""

from __future__ import annotations

import pytest

from simulator.json_damage import DAMAGES
from tests.drivers.contract import STATES, DriverContract
from transfers.domain import Action, CallState


class TestAsDocumented(DriverContract):
    listed = (*(state for state in STATES if state is not CallState.ENDED), CallState.PARKED)
    takes = {Action.CONSULT: 2, Action.JOIN: 2, Action.CANCEL: 2, Action.SWAP: 2}
    unreadable = (
        *DAMAGES,
        "cut_json",
        "huge",
        "http_500",
        "http_429",
        "http_502",
        "http_503",
        "internal_error",
        "status_401",
        "redirect",
    )
    nothing_to_hang_up_is_fine = True


class TestOtherwise(TestAsDocumented):
    @pytest.fixture
    def pbx(self, pbx):
        for name, value in {
            "expires_in": "string",
            "token_error": "object",
            "token_error_status": "400",
            "expired_status": "403",
            "denied_code": "access_denided",
            "empty": "no-entry",
            "list_form": "keyed",
            "single_form": "bare",
            "extension_form": "mixed",
            "number_type": "string",
            "link_key": "links",
            "caller_id_key": "callerID",
            "presence_form": "flat",
            "transfer_success": "204",
            "action_success": "202",
            "delete_success": "202",
            "create_success": "201",
            "action_form": "array",
        }.items():
            assert hasattr(pbx.switches, name)
            setattr(pbx.switches, name, value)
        return pbx
