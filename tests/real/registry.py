"""The scenarios by their names. Each is written once and runs at every PBX."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from tests.real.desk import Desk

Steps = Callable[..., None]


@dataclass(frozen=True, eq=False)
class Scenario:
    group: str
    title: str
    steps: Callable[[Desk], None]
    simulated: bool  # whether our simulator plays it too
    freepbx: bool  # played with a dial plan as FreePBX makes it, and there only

    @property
    def id(self) -> str:
        return f"{self.group}: {self.title}".replace(" ", "_").replace(",", "")

    @property
    def heading(self) -> str:
        return self.title[0].upper() + self.title[1:]


SCENARIOS: list[Scenario] = []


def scenario(
    group: str,
    title: str,
    *,
    simulated: bool = True,
    freepbx: bool = False,
    **each: list,
):
    """Register the function. `each` gives values of its arguments; the title may name them."""

    def register(steps: Steps) -> Steps:
        for values in itertools.product(*each.values()):
            given = dict(zip(each, values, strict=True))

            def bound(desk: Desk, given=given) -> None:
                steps(desk, **given)

            SCENARIOS.append(Scenario(group, title.format(**given), bound, simulated, freepbx))
        return steps

    return register
