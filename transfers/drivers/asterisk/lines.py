"""The lines a PBX needs, as an administrator copies them. Of docs/connect-asterisk.md, too."""

from __future__ import annotations

from transfers.drivers.asterisk.consulting import BACK, NOBODY
from transfers.sentences import say

READ, WRITE = "call", "call,originate,reporting"
LONGEST_HOLD = 300  # seconds; then the PBX itself rings the phone the caller belongs to


def manager_conf() -> str:
    """The least that all of this needs."""
    return say(
        "manager.conf needs: {general}; and for our user {user}, permit = (the address of this "
        "server).",
        general="[general] enabled = yes, webenabled = yes",
        user=f"read = {READ}, write = {WRITE}, secret = …",
    )


def dial_plan(hold: str, context: str) -> str:
    wanted = [
        f"[{hold}]",
        f"exten => {NOBODY},1,MusicOnHold()",
        f"exten => _X!,1,Set({BACK}=yes)",
        f"same => n,MusicOnHold(,{LONGEST_HOLD})",
        f'same => n,GotoIf($["${{{BACK}}}" = "yes"]?{context},${{EXTEN}},1)',
        "same => n,Hangup()",
    ]
    return say(
        "Add to extensions_custom.conf or extensions.conf: {lines}", lines=" ⏎ ".join(wanted)
    )
