"""What the vendor leaves undocumented, one switch each. The first value is our default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.calls import CallIdRule, Rules

Success = Literal["200", "202", "204"]


@dataclass
class Switches(Rules):
    """The exchange's rules and the API's open questions. Set them while the PBX runs."""

    call_id: CallIdRule = "kept"  # documented here: the id survives a transfer
    # the token
    token_seconds: float = 3600.0
    expires_in: Literal["number", "string", "absent"] = "number"
    token_error: Literal["string", "object"] = "string"  # the form of its body
    token_error_status: Literal["401", "400"] = "401"
    expired_status: Literal["401", "403"] = "401"
    denied_code: Literal["access_denied", "access_denided"] = "access_denied"  # the wiki misspells
    # lists
    empty: Literal["204", "zero", "no-entry"] = "204"
    list_form: Literal["collection", "keyed", "array"] = "collection"
    single_form: Literal["collection", "keyed", "bare", "array"] = "collection"
    unknown_call: Literal["empty", "pc_phonecall_invalid"] = "empty"  # GET and DELETE of no call
    page_limit: int = 5000
    self_lists: Literal["all", "first"] = "all"  # the extensions @self stands for
    charged_listed: bool = False  # an extension's list has calls it only pays for
    views: Literal["all", "own"] = "all"  # own: an extension's list shows only its own views
    # how values are written
    extension_prefix: str = "0003"
    extension_form: Literal["extended", "short", "mixed"] = "extended"
    public_plus: bool = True  # False: numbers of the public network lose their +
    number_type: Literal["samples", "number", "string"] = "samples"
    id_type: Literal["string", "number"] = "string"
    link_key: Literal["samples", "link", "links"] = "samples"
    link_double_slash: bool = True
    caller_id_key: Literal["callerId", "callerID"] = "callerId"
    dates: Literal["mixed", "utc"] = "mixed"
    presence_form: Literal["nested", "flat"] = "nested"
    # actions
    transfer_success: Success = "202"
    action_success: Success = "200"
    delete_success: Success = "200"
    create_success: Literal["200", "201", "202"] = "200"
    action_form: Literal["object", "array"] = "object"
    effect_delay_seconds: float = 0.0  # accepted now, done later
    accepted: Literal["works", "nothing", "vanishes"] = "works"  # what an accepted action does
    wrong_state: Literal["pc_action_invalid", "pc_phonecall_invalid", "204", "accepted"] = (
        "pc_action_invalid"
    )
    ringing_transfer: Literal[
        "allowed", "pc_phonecall_invalid", "pc_action_invalid", "request_not_implemented"
    ] = "allowed"
    held_transfer: bool = True
    unknown_target: Literal["refused", "accepted"] = "refused"  # accepted: fails afterwards
    public_target: Literal["allowed", "refused"] = "allowed"  # the pages contradict each other
    api_call_to_public: Literal["flag", "allowed"] = "flag"  # allowPublicTransfer is obeyed
    exact_numbers: bool = True  # False: parties match in short and extended form, with or without +
    legacy_transfer: bool = False  # True: Transfer with phoneCallViewId, no transferFromNumber
    phone_hold_undone: bool = True  # OffHold undoes a hold by the phone's own key
    voicemail_seconds: float = 30.0  # then the caller hangs up
    # call events
    event_method: Literal["registered", "GET", "POST"] = "registered"
    event_order: Literal["kept", "swapped"] = "kept"
    event_copies: Literal["one", "two", "none", "every-second"] = "one"
    event_api_id: bool = True  # CallAPIID is sent
    event_flow: Literal["upper", "lower"] = "upper"
    event_delay_seconds: float = 0.0
    event_timeout_seconds: float = 5.0
