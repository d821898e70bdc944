"""Every command of the switchboard that has a key: the one table for pages, settings and scripts.

Arrows, Enter, Esc and the digits are fixed. All other keys are a person's own choice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transfers.domain import Action

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Command:
    """`key` is the usual one; what is done to a call is named as its button, by the action."""

    slug: str
    key: str
    label: StrOrPromise


MOVES = (
    Command("next", "j", _("Next call")),
    Command("previous", "k", _("Previous call")),
    Command("search", "/", _("Find a person")),
    Command(Action.DIAL, "d", _("Call somebody from your phone")),
    Command("alert", "a", _("To an alert about a call")),
    Command("elsewhere", "w", _("Send calls elsewhere")),
    Command("menu", ".", _("All that can be done with the call")),
    Command("help", "?", _("Show the keys")),
)
ACTIONS = (
    Command(Action.BLIND, "t", _("Transfer")),
    Command(Action.FORWARD, "f", _("Forward while it rings")),
    Command(Action.CONSULT, "c", _("Consult")),
    Command(Action.JOIN, "b", _("Join both calls")),
    Command(Action.SWAP, "s", _("Swap")),
    Command(Action.CANCEL, "e", _("End the consultation")),
    Command(Action.HOLD, "h", _("Hold")),
    Command(Action.RETRIEVE, "r", _("Resume")),
    Command(Action.VOICEMAIL, "v", _("To voicemail")),
    Command(Action.PARK, "p", _("Park")),
    Command(Action.UNPARK, "u", _("Take from park")),
    Command(Action.PICKUP, "g", _("Pick up")),
    Command(Action.HANGUP, "x", _("Hang up")),
    Command("aside", "z", _("Set aside a call that hangs, or show it again")),
)
COMMANDS = MOVES + ACTIONS
GROUPS = ((_("Around the switchboard"), MOVES), (_("With the chosen call"), ACTIONS))
FIXED = (
    (("↓", "↑"), _("Choose a call")),
    (("Enter",), _("Transfer the chosen call; forward it while it rings")),
    (("1–9",), _("Send it to a favourite: the dialog asks first")),
    (("Shift", "Enter"), _("Call the person who is marked, whatever call is chosen")),
    (("Esc",), _("Close what is open; nothing is sent")),
)
USUAL = {command.slug: command.key for command in COMMANDS}
TAKEN = {"'": _("Browsers search the page with it.")}


def why_not(key: str) -> str:
    """Why this cannot be a command's key; "" when it can. No key at all is allowed."""
    if not key:
        return ""
    if len(key) != 1 or unicodedata.category(key)[0] not in "LPS":
        return gettext("One letter or sign; digits choose favourites.")
    return str(TAKEN.get(key, ""))


def clashes(keys: Mapping[str, str]) -> dict[str, StrOrPromise]:
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
