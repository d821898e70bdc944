"""What the vendor leaves undocumented, one switch each. The first value is our default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.calls import Rules


@dataclass
class Switches(Rules):
    """The exchange's rules and the API's open questions. Set them while the PBX runs."""

    transferor_leaves: bool = True  # False: the party named in TransferorParty is the one moved
    wrong_state: Literal["303", "302", "200"] = "303"  # 200: accepted, nothing happens
    unknown_target: Literal["200", "302", "303"] = "200"  # 200: accepted, fails afterwards
    effect_delay_seconds: float = 0.0  # accepted now, done later
    blind_when_held: bool = True
    attended_target_ringing_ok: bool = False
    ended_in_list: bool = True  # False: an ended call is never listed
    empty_list: Literal["self-closed", "open-close", "absent"] = "self-closed"
    xmlns_order: Literal["xsd-first", "xsi-first", "none"] = "xsd-first"
    message_quotes: bool = True
    typo_parameters: bool = True  # generation 2 also reads TranferorParty and TranferredCallId
    proper_parameters: bool = True  # False: generation 2 reads only those misspelt names
    callee_dialed_typo: bool = False  # generation 2 writes CelleeDialed
    post_accepted: bool = True  # False: parameters in a body are not read
    timezone: str = "UTC"  # the PBX's own; "local" is the machine's
    route_url: str = ""  # where RoutingInterception goes; a new call waits for the answer
    call_changed_url: str = ""  # where CallChanged goes
    notify_timeout_seconds: float = 2.0  # for the answer to either
