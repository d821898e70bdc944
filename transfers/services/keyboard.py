"""Every command of the switchboard that has a key: the one table for pages, settings and scripts.

Arrows, Enter, Esc and the digits are fixed. All other keys are a person's own choice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from transfers.domain import Action


@dataclass(frozen=True, slots=True)
class Command:
    """`key` is the usual one; a call's commands are named by their action."""

    slug: str
    key: str
    label: str


MOVES = (
    Command("next", "j", "Next call"),
    Command("previous", "k", "Previous call"),
    Command("search", "/", "Find a person"),
    Command("menu", ".", "All that can be done with the call"),
    Command("help", "?", "Show the keys"),
)
ACTIONS = (
    Command(Action.BLIND, "t", "Transfer"),
    Command(Action.FORWARD, "f", "Forward while it rings"),
    Command(Action.CONSULT, "c", "Consult"),
    Command(Action.JOIN, "b", "Join both calls"),
    Command(Action.SWAP, "s", "Swap"),
    Command(Action.CANCEL, "e", "End the consultation"),
    Command(Action.HOLD, "h", "Hold"),
    Command(Action.RETRIEVE, "r", "Resume"),
    Command(Action.VOICEMAIL, "v", "To voicemail"),
    Command(Action.PARK, "p", "Park"),
    Command(Action.UNPARK, "u", "Take from park"),
    Command(Action.PICKUP, "g", "Pick up"),
    Command(Action.HANGUP, "x", "Hang up"),
)
COMMANDS = MOVES + ACTIONS
GROUPS = (("Around the switchboard", MOVES), ("With the chosen call", ACTIONS))
FIXED = (
    (("↓", "↑"), "Choose a call"),
    (("Enter",), "Transfer the chosen call; forward it while it rings"),
    (("1", "9"), "Send it to a favourite: the dialog asks first"),
    (("Esc",), "Close what is open; nothing is sent"),
)
USUAL = {command.slug: command.key for command in COMMANDS}
TAKEN = {"'": "Browsers search the page with it."}


def why_not(key: str) -> str:
    """Why this cannot be a command's key; "" when it can. No key at all is allowed."""
    if not key:
        return ""
    if len(key) != 1 or unicodedata.category(key)[0] not in "LPS":
        return "One letter or sign; digits choose favourites."
    return TAKEN.get(key, "")


def clashes(keys: Mapping[str, str]) -> dict[str, str]:
    """Command → the label of another one with the same key."""
    labels = {command.slug: command.label for command in COMMANDS}
    owners: dict[str, list[str]] = {}
    for slug, key in keys.items():
        if key:
            owners.setdefault(key, []).append(slug)
    return {
        slug: next(labels[other] for other in slugs if other != slug)
        for slugs in owners.values()
        for slug in slugs
        if len(slugs) > 1
    }
