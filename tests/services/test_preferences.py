"""Keys and preferences: what is usual, what is chosen, and what older and newer versions saved."""

from __future__ import annotations

from transfers.domain import Action
from transfers.services.keyboard import COMMANDS, USUAL, clashes, why_not
from transfers.services.preferences import Preferences, preferences_of, save


def test_every_action_has_a_command_and_no_two_commands_share_a_key():
    assert set(Action) <= {command.slug for command in COMMANDS}
    assert clashes(USUAL) == {}
    assert [command.slug for command in COMMANDS if why_not(command.key)] == []


def test_clashes_name_the_other():
    assert clashes({"hold": "r", "retrieve": "r", "park": ""}) == {
        "hold": "Resume",
        "retrieve": "Hold",
    }


def test_what_another_version_saved_is_no_obstacle(ana):
    ana.preferences = {"theme": "dark", "of_a_newer_version": 7, "keys": {"gone": "q"}}
    assert preferences_of(ana).theme == "dark"
    assert preferences_of(ana).all_keys == USUAL


def test_a_command_of_a_newer_version_takes_no_key_of_hers(ana):
    save(ana, Preferences(keys={"blind": "h"}))
    keys = preferences_of(ana).all_keys
    assert (keys["blind"], keys["hold"]) == ("h", "")
