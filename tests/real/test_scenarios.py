"""Every scenario at every PBX, at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests.real.desk import Desk
from tests.real.proof import FILE, WRITES, Proof
from tests.real.registry import SCENARIOS, Scenario
from tests.real.scenarios import (  # noqa: F401  (they register)
    attended,
    blind,
    dialling,
    forward,
    freepbx,
    others,
)


def play(scenario: Scenario, desk: Desk) -> str:
    """ "" or what went wrong. Whatever happened, the phones are free again afterwards."""
    try:
        scenario.steps(desk)
    except Exception as error:
        return str(error) if isinstance(error, AssertionError) else desk.story(repr(error))
    finally:
        desk.world.quiet()
        connections.close_all()
    return ""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_on_real_calls(
    desks: dict[str, Desk], proof: Proof, hands: ThreadPoolExecutor, scenario: Scenario
):
    played = hands.map(lambda desk: play(scenario, desk), desks.values())
    trouble = [each for each in played if each]
    assert not trouble, "\n\n".join(trouble)
    proof.add(scenario, {place: desk.told for place, desk in desks.items()})


def test_the_page_has_nothing_else(proof: Proof):
    played, _, _ = FILE.read_text().partition("## Wazo")
    rows = [line for line in played.splitlines() if line.startswith("| ")]
    assert WRITES or len(rows) == len(SCENARIOS) + len({scenario.group for scenario in SCENARIOS})
