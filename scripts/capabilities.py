"""What each driver can do, from the drivers themselves, as docs/capabilities.md.

`python -m scripts.capabilities` prints the page; with `--write` it replaces it. A test compares.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from transfers.domain import Action
from transfers.drivers.base import Display, Driver, Scope
from transfers.drivers.registry import VENDORS, driver_class

PAGE = Path(__file__).resolve().parent.parent / "docs" / "capabilities.md"
HEAD = """\
# What each PBX can do here

Written by `python -m scripts.capabilities --write` from the drivers; a test holds this page to
them. “–” is what the vendor's API has no command for: the switchboard does not show it. What works
in general may be impossible for a call just now: then its button is there, disabled, with the
reason.
"""
FOOT = """\
An agent's login sees no further than her own calls. A transfer there ends in “Sent on”: the call
has left her, and whether its target answered cannot be seen.
"""
ACTIONS = {
    Action.BLIND: "blind transfer",
    Action.FORWARD: "forward while it rings",
    Action.CONSULT: "consult: hold, and call the target",
    Action.JOIN: "complete the consultation, or join two calls",
    Action.CANCEL: "end the consultation, back to the caller",
    Action.SWAP: "swap between caller and target",
    Action.VOICEMAIL: "send to voicemail",
    Action.PARK: "park",
    Action.UNPARK: "take from park",
    Action.PICKUP: "pick up a call that rings elsewhere",
    Action.HOLD: "hold",
    Action.RETRIEVE: "resume",
    Action.HANGUP: "hang up",
    Action.DIAL: "call somebody from one’s own phone (click-to-dial)",
}
SCOPES = {Scope.PBX: "all of the PBX or account", Scope.AGENT: "the agent's own; each seat has one"}
STANDING = {
    "answer": "in the answer to a notification",
    "transfer": "by transfer while it rings",
    "device": "by the agent’s own phone, for her number",
}
DISPLAYS = {
    Display.SENT: "who is sent there",
    Display.SENDER: "who consults",
    None: "not documented",
}
Fact = Callable[[type[Driver]], str]


def yes(is_so: bool) -> str:
    return "yes" if is_so else "–"


def shown(driver: type[Driver], action: Action) -> str:
    return DISPLAYS[driver.displays.get(action)] if action in driver.features else "–"


FACTS: dict[str, Fact] = {
    "calls that one login lists": lambda driver: SCOPES[driver.scope],
    "a note travels with a transfer": lambda driver: yes(driver.carries_note),
    "completing a consultation rings the target again": lambda driver: yes(driver.rings_again),
    "changes are pushed (events)": lambda driver: yes(driver.pushes),
    "notifications to an address of ours": lambda driver: yes(driver.notified),
    "the target’s phone shows, of a blind transfer": lambda driver: shown(driver, Action.BLIND),
    "… of a forward": lambda driver: shown(driver, Action.FORWARD),
    "… of a consultation": lambda driver: shown(driver, Action.CONSULT),
    "what nobody answers can come back by itself": lambda driver: yes(driver.forwards_ringing_only),
    "standing forwards": lambda driver: STANDING.get(driver.standing, "–"),
}


def capabilities() -> str:
    """The page as Markdown."""
    drivers = [driver_class(vendor) for vendor in VENDORS]
    rows = [
        (words, [yes(action in d.features) for d in drivers]) for action, words in ACTIONS.items()
    ]
    rows += [(words, [fact(driver) for driver in drivers]) for words, fact in FACTS.items()]
    lines = [("", [driver.label for driver in drivers]), ("---", ["---"] * len(drivers)), *rows]
    table = "\n".join("| " + " | ".join([words, *cells]) + " |" for words, cells in lines)
    return f"{HEAD}\n{table}\n\n{FOOT}"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(capabilities())
    else:
        sys.stdout.write(capabilities())
