"""docs/proven-on-real-calls.md: every scenario, what was done and seen, and at which PBXs.

`make proof` writes it from what happened; every other run compares what happens with it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from tests.real import wazo
from tests.real.registry import SCENARIOS, Scenario

FILE = Path(__file__).resolve().parents[2] / "docs" / "proven-on-real-calls.md"
WRITES = bool(os.environ.get("WRITE_PROOF"))
HEAD = """\
# Proven on real calls

Every line is a call between real telephones (baresip, registered, with sound) at a real Asterisk,
moved by this product: its service sends the command, its board watches, its log says what became
of it. Each phone plays a tone of its own, and what it receives is recorded; “hear each other” means
that each of the two recordings has the other phone's tone and no third one.

1001 to 1006 are phones of the office; 1005 is given up after two seconds, and 1006 has one line.
No phone is registered as 1009, and nobody has 9999. +3615550142 and +3615550177 are outside, behind
the trunk; 3615550100 is the main number, which rings at 1001. 610 is a group, 620 a queue, 630 a
conference. With FreePBX's dial plan, which “16 FreePBX” and “22 FreePBX” have, 1010 is an extension
with Follow Me: it rings at 1003 and outside.

`make test` plays all of it at Debian's Asterisk 16 and 22 and compares it with this page;
`make proof` writes the page anew. Where the third column has the simulator, it was played there
too, with the same steps and the same verdict; there its model tells who hears whom.

One line has two verdicts. A consultation “is done” when the target is called while the other party
waits. FreePBX dials a busy phone for some milliseconds too, and then plays her a tone: a board that
looked in between has seen that he was called, another one has not. Both are true.
"""
TABLE = "| | What is done, and what the phones and the log say | At |\n|---|---|---|"


def row(scenario: Scenario, told: list[str], places: list[str]) -> str:
    steps = ". ".join(step.rstrip(".") for step in told)
    return f"| {scenario.heading} | {steps}. | {', '.join(places)} |"


@dataclass
class Proof:
    rows: dict[Scenario, str] = field(default_factory=dict)

    def add(self, scenario: Scenario, told: dict[str, list[str]]) -> None:
        """What happened, by place. It must be the same everywhere, and what the page says."""
        first, *others = told.values()
        assert all(other == first for other in others), f"the PBXs differ: {told}"
        self.rows[scenario] = row(scenario, first, list(told))
        if not WRITES:
            words = "the page does not say so; if this is right, run `make proof`"
            assert self.rows[scenario] in FILE.read_text().splitlines(), (
                f"{words}:\n{self.rows[scenario]}"
            )

    def write(self) -> None:
        """The page: what was played now, and for the rest the lines that it has."""
        if not WRITES or not self.rows:
            return
        there = _lines()
        parts = [HEAD]
        for group, scenarios in groupby(sorted(SCENARIOS, key=_by_group), _by_group):
            known = (self.rows.get(each) or there.get((group, each.heading)) for each in scenarios)
            lines = [line for line in known if line]
            parts.append("\n".join([f"## {group}\n", TABLE, *lines, ""]))
        parts.append(f"{len(SCENARIOS)} scenarios.\n")
        parts.append(wazo.page(SCENARIOS))
        FILE.write_text("\n".join(parts))


def _lines() -> dict[tuple[str, str], str]:
    """The lines of the page, by group and heading."""
    found, group = {}, ""
    for line in FILE.read_text().splitlines() if FILE.exists() else []:
        if line.startswith("## "):
            group = line.removeprefix("## ")
        elif line.startswith("| "):
            found[group, line.split(" | ")[0].removeprefix("| ")] = line
    return found


def _by_group(scenario: Scenario) -> str:
    return scenario.group
