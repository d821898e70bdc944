"""Wazo's list of transfer tests, the longest of any console, as a check-list for our scenarios.

Each case in our words, in its order there, and either what plays it here or why nothing does.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.real.registry import Scenario

SOURCE = "wazo-calld, integration_tests/suite/test_transfers.py at 4181537"


@dataclass(frozen=True)
class Case:
    """`played`: patterns of "group: title"; `tests`: what proves it without telephones."""

    name: str
    played: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    words: str = ""  # what is otherwise here, or why it is not played

    def plays(self, scenario: Scenario) -> bool:
        return any(fnmatchcase(name_of(scenario), each) for each in self.played)


def name_of(scenario: Scenario) -> str:
    return f"{scenario.group}: {scenario.title}"


BLIND, ATTENDED = "Blind transfer: ", "Attended transfer: "
RESTART = "Restart of the PBX: during a consultation"
NO_SUCH_PARTS = "No such part: "
STRANGERS = ("tests/views/test_calls.py",)
FORM = ("tests/services/test_rules.py",)
HERS = ("tests/services/test_rules.py", "tests/services/test_bars.py")
NO_JSON = NO_SUCH_PARTS + "orders come from our own pages, not from a public interface in JSON."
NO_STASIS = "We need no Stasis application: every call here is one of the dial plan."
NO_ID = "A transfer has no address of its own to be asked for: it is a row of the log."
CONSULTS = ATTENDED + "by the *, joined after a talk"
SENT = BLIND + "by the *, the target answers"

CASES = (
    # Lists of transfers
    Case("List: none", tests=("tests/services/test_bars.py",)),
    Case("List: one, with all it has", tests=("tests/services/test_bars.py",)),
    Case("List: only one's own", tests=("tests/services/test_bars.py",)),
    # Beginning one
    Case("Create: input that makes no sense", tests=FORM),
    Case("Create: the other party is not there", (BLIND + "the caller hangs up before the order",)),
    Case("Create: who transfers is not there", (BLIND + "the callee hangs up before the order",)),
    Case(
        "Create: the target does not exist",
        (BLIND + "by the *, to a number that*", ATTENDED + "by the *, to a number that*"),
    ),
    Case("Create: told to all", (SENT, CONSULTS), words="The board is what is told to all."),
    Case("Create, from the dial plan: told to all", (SENT, CONSULTS), words=NO_STASIS),
    Case("Create: whose it is", tests=("tests/services/test_transfers.py",)),
    Case(
        "Create, from the dial plan: whose it is",
        tests=("tests/services/test_transfers.py",),
        words=NO_STASIS,
    ),
    Case("Create: the numbers shown are right", (CONSULTS, ATTENDED + "of a call from outside")),
    Case("Create blind: the numbers shown are right", (SENT, BLIND + "of a call from outside*")),
    Case("Create: without a content type", words=NO_JSON),
    Case(
        "Create: variables for the target's channel",
        words=NO_SUCH_PARTS + "nobody sets variables of channels here.",
    ),
    Case(
        "Create: variables that are not set do no harm",
        words=NO_SUCH_PARTS + "nobody sets variables of channels here.",
    ),
    Case(
        "Create: two for one call, one is done",
        (BLIND + "ordered twice*", BLIND + "by a double click"),
        ("tests/services/test_races.py",),
    ),
    Case("Create: two for two calls, both are done", (BLIND + "of two calls at the same time",)),
    # Beginning one's own
    Case("Own: input that makes no sense", tests=FORM),
    Case("Own: there is no other party", words="A call has two parties, or cannot be moved."),
    Case("Own: who transfers is not there", (BLIND + "the callee hangs up before the order",)),
    Case(
        "Own: the target does not exist",
        (BLIND + "by the *, to a number that*", ATTENDED + "by the *, to a number that*"),
    ),
    Case(
        "Own: several could be meant",
        words="A row names one call with two parties; a conference cannot be transferred, "
        "and says so.",
    ),
    Case(
        "Own: several lines, the main one is taken",
        words="The seat has all her numbers; the one that is in the call is taken.",
        tests=("tests/services/test_rules.py",),
    ),
    Case("Own: no line", tests=STRANGERS, words="Who has no seat at a PBX finds no call there."),
    Case("Own: the user does not exist", tests=STRANGERS),
    Case("Own: somebody else's call", tests=HERS),
    Case("Own: begun and answered", (CONSULTS,)),
    Case("Own: without a content type", words=NO_JSON),
    # Asking for one, ending one
    Case("Get: there is none", words=NO_ID, tests=("tests/views/test_receipt.py",)),
    Case("Cancel: there is none", tests=("tests/services/test_rules.py",)),
    Case("Cancel one's own: there is none", tests=("tests/services/test_rules.py",)),
    Case("Cancel one's own: it is somebody else's", tests=HERS),
    Case("Cancel one's own", (ATTENDED + "by the *, ended after a talk",)),
    Case("Complete: there is none", tests=("tests/services/test_rules.py",)),
    Case("Complete one's own: there is none", tests=("tests/services/test_rules.py",)),
    Case("Complete one's own: it is somebody else's", tests=HERS),
    Case("Complete one's own", (CONSULTS,)),
    # Each party at each step
    Case("Begun and answered", (CONSULTS,)),
    Case("Begun, the target is busy", (ATTENDED + "by the *, the target is busy",)),
    Case("Blind, the target rings", (SENT,)),
    Case(
        "Begun, and who transfers hangs up",
        (ATTENDED + "by the *, who asked hangs up while it rings",),
        words="There the target has the call; here she has it back: a consultation is no promise.",
    ),
    Case("Blind, the target answers", (SENT,)),
    Case("Blind, the caller gives up", (BLIND + "the caller hangs up while the target rings",)),
    Case("Rings, and is cancelled", (ATTENDED + "by the *, ended while it rings",)),
    Case("Rings, and the target declines", (ATTENDED + "by the *, the target declines",)),
    Case(
        "Rings, the other party hangs up, and the target answers",
        (ATTENDED + "by the *, the other party hangs up while the target rings",),
    ),
    Case(
        "Rings, the other party hangs up, and the target declines",
        (ATTENDED + "by the *, the other party and the target hang up while it rings",),
    ),
    Case(
        "Rings, the other party hangs up, and who transfers too",
        (ATTENDED + "the other party and the one who asked hang up while it rings",),
    ),
    Case("Answered, and completed", (CONSULTS,)),
    Case("Answered, and cancelled", (ATTENDED + "by the *, ended after a talk",)),
    Case(
        "Answered, and the target hangs up",
        (ATTENDED + "by the *, the target hangs up during the talk",),
    ),
    Case(
        "Answered, and who transfers hangs up",
        (ATTENDED + "by the *, who asked hangs up during the talk",),
        words="There that completes it; here she has the call back, and “Complete” completes it.",
    ),
    Case(
        "Answered, and the other party hangs up",
        (ATTENDED + "by the *, the other party hangs up during the talk",),
    ),
    Case(
        "Answered, the other party hangs up, then who transfers",
        (ATTENDED + "by the *, the other party hangs up during the talk",),
    ),
    Case("Completed, and the target hangs up", (ATTENDED + "joined, then the target hangs up",)),
    # From the dial plan
    Case("From the dial plan: begun and answered", (CONSULTS,), words=NO_STASIS),
    Case("From the dial plan: blind", (SENT,), words=NO_STASIS),
    # What is needed is not there
    Case("The PBX does not answer: begin", tests=("tests/drivers/contract.py",)),
    Case("The PBX does not answer: get", words=NO_ID),
    Case("The PBX does not answer: cancel", tests=("tests/drivers/contract.py",)),
    Case("The PBX does not answer: complete", tests=("tests/drivers/contract.py",)),
    Case("The manager interface's helper is away", words=NO_SUCH_PARTS + "one server does it all."),
    # Restarts
    Case(
        "The server restarts, and the transfer goes on",
        words="What is under way is read from the PBX by whatever process looks; the PBX's own "
        "restart is the harder case.",
        played=(RESTART,),
        tests=("tests/test_crash.py",),
    ),
    Case(
        "Who transfers hangs up while the server is away",
        words="Only pictures count: any process sees who is alone on hold, and brings her back.",
        tests=("tests/services/test_rescue.py",),
    ),
    Case(
        "The target answers while the server is away",
        words="Not played: the PBX connects them, no process of ours is in the call.",
    ),
    Case(
        "The other party hangs up while the server is away",
        words="Not played: the PBX goes on with who is left, no process of ours is in the call.",
    ),
)


def page(scenarios: list[Scenario]) -> str:
    """The check-list, for the page."""
    lines = [
        "## Wazo's transfer tests, one by one\n",
        f"The {len(CASES)} cases of {SOURCE} (the newest that was at hand), in our words.\n",
        "| Case | Played above, or else |",
        "|---|---|",
    ]
    return "\n".join([*lines, *(_row(case, scenarios) for case in CASES), ""])


def _row(case: Case, scenarios: list[Scenario]) -> str:
    groups: dict[str, list[str]] = {}
    for scenario in filter(case.plays, scenarios):
        groups.setdefault(scenario.group, []).append(f"“{scenario.heading}”")
    parts = [f"{group}: {', '.join(titles)}." for group, titles in groups.items()]
    if case.words:
        parts.append(case.words)
    if case.tests:
        parts.append(" ".join(f"`{path}`" for path in case.tests))
    return f"| {case.name} | {' '.join(parts)} |"
