"""What became of a command, in a word, a sign and a colour: the one place for all three."""

from __future__ import annotations

from typing import NamedTuple

from transfers.models import Transfer
from transfers.sentences import say

State = Transfer.State
ANSWERED = "answered"  # in our answer to a notification: whether it was heard, nobody says
TARGET_UNSEEN = "target_unseen"  # it left the transferor; the login sees no further
MOVES = (Transfer.Kind.BLIND, Transfer.Kind.FORWARD, Transfer.Kind.JOIN)


class Verdict(NamedTuple):
    css: str  # beside .v: ok, no, un(known) or go(ing on)
    sign: str
    word: str


VERDICTS = {
    State.SENDING: Verdict("go", "…", say("Sending")),
    State.ACCEPTED: Verdict("go", "→", say("Accepted")),
    State.CONFIRMED: Verdict("ok", "✓", say("Arrived")),
    State.MISSED: Verdict("no", "!", say("Did not arrive")),
    State.REFUSED: Verdict("no", "✕", say("Refused")),
    State.FAILED: Verdict("no", "–", say("Not done")),
    State.UNKNOWN: Verdict("un", "?", say("Unknown")),
}
CALLED = {
    State.CONFIRMED: say("Connected"),
    State.MISSED: say("Not connected"),
}  # of a call one makes
CHOICES = [(state.value, verdict.word) for state, verdict in VERDICTS.items()]


def verdict_of(transfer: Transfer) -> Verdict:
    """A hold that was seen is done; a call arrives only when its target was seen with it."""
    verdict = VERDICTS[State(transfer.state)]
    if transfer.kind == Transfer.Kind.DIAL and transfer.state in CALLED:
        return verdict._replace(word=CALLED[State(transfer.state)])
    if transfer.state == State.CONFIRMED and transfer.kind not in MOVES:
        return verdict._replace(word=say("Done"))
    if transfer.state == State.CONFIRMED and transfer.code == TARGET_UNSEEN:
        return Verdict("go", "→", say("Sent on"))
    if transfer.state == State.ACCEPTED and transfer.code == ANSWERED:
        return verdict._replace(word=say("Sent"))
    return verdict
