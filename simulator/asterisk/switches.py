"""How this Asterisk is set up; settable while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.calls import CallIdRule, Rules


@dataclass
class Switches(Rules):
    call_id: CallIdRule = "kept"  # the linked id outlives transfers
    rights: str = "call,originate,reporting"  # manager.conf's write=
    reads: bool = True  # read=call: events come
    http_timeout: float = 60.0  # seconds without a request, then the session is over
    nonce_life: float = 62.0  # seconds, then /amxml calls its nonce stale
    auth_delay: float = 1.0  # before "Authentication failed"
    context: str = "from-internal"
    hold_context: str = "pbxadmin-hold"  # "": it was not set up
    mailboxes: str = "*"  # what goes before a number to reach its mailbox
    dnd_hints: bool = False  # hints have a Custom: device too, as FreePBX's
    parking: bool = True  # res_parking is loaded
    asterisk_version: str = "22.10.1"
