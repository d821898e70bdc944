"""What became of a command, in a word, a sign and a colour: the one place for all three."""

from __future__ import annotations

from typing import NamedTuple

from transfers.models import Transfer

State = Transfer.State
ANSWERED = "answered"  # in our answer to a notification: whether it was heard, nobody says
TARGET_UNSEEN = "target_unseen"  # it left the transferor; the login sees no further
MOVES = (Transfer.Kind.BLIND, Transfer.Kind.FORWARD, Transfer.Kind.JOIN)


class Verdict(NamedTuple):
    css: str  # beside .v: ok, no, un(known) or go(ing on)
    sign: str
    word: str


VERDICTS = {
    State.SENDING: Verdict("go", "…", "Sending"),
    State.ACCEPTED: Verdict("go", "→", "Accepted"),
    State.CONFIRMED: Verdict("ok", "✓", "Arrived"),
    State.MISSED: Verdict("no", "!", "Did not arrive"),
    State.REFUSED: Verdict("no", "✕", "Refused"),
    State.FAILED: Verdict("no", "–", "Not done"),
    State.UNKNOWN: Verdict("un", "?", "Unknown"),
}
CHOICES = [(state.value, verdict.word) for state, verdict in VERDICTS.items()]


def verdict_of(transfer: Transfer) -> Verdict:
    """A hold that was seen is done; a call arrives only when its target was seen with it."""
    verdict = VERDICTS[State(transfer.state)]
    if transfer.state == State.CONFIRMED and transfer.kind not in MOVES:
        return verdict._replace(word="Done")
    if transfer.state == State.CONFIRMED and transfer.code == TARGET_UNSEEN:
        return Verdict("go", "→", "Sent on")
    if transfer.state == State.ACCEPTED and transfer.code == ANSWERED:
        return verdict._replace(word="Sent")
    return verdict
