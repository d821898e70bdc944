"""docs/complaints.md promises: each answer has its proof, and the proof is there."""

from __future__ import annotations

import re

from tests.test_house_rules import ROOT

ROWS = [
    line
    for line in (ROOT / "docs/complaints.md").read_text().splitlines()
    if line.startswith("| **")
]


def test_each_answer_has_a_proof():
    proofs = [row.rsplit(" | ", 1)[1] for row in ROWS]
    assert len(proofs) == 20
    assert [row for row in proofs if not re.search(r"`tests/|\]\(", row)] == []


def test_every_test_it_names_is_there():
    named = set(re.findall(r"`(tests/[^`]+)::(\w+)`", "".join(ROWS)))
    gone = {
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^ *def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    }
    assert named
    assert gone == set()
