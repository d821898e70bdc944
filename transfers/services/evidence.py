"""What was seen of a command, in sentences. Pure: `observe` judges, this only says it."""

from __future__ import annotations

from datetime import datetime, timedelta

from transfers.domain import Action, Call, CallState, EndReason, Party, told_number
from transfers.sentences import say
from transfers.services.finding import Watch

STATES = {
    # Translators: the state in “{party} is {state}”.
    CallState.RINGING: say("ringing"),
    # Translators: the state in “{party} is {state}”.
    CallState.DIALING: say("dialing"),
    # Translators: the state in “{party} is {state}”.
    CallState.TALKING: say("talking"),
    # Translators: the state in “{party} is {state}”.
    CallState.HELD: say("held"),
    # Translators: the state in “{party} is {state}”.
    CallState.PARKED: say("parked"),
    # Translators: the state in “{party} is {state}”.
    CallState.ENDED: say("ended"),
    # Translators: the state in “{party} is {state}”.
    CallState.UNKNOWN: say("unknown"),
}


def done(kind: Action, moment: datetime) -> str:
    time = clock(moment)
    return {
        Action.HOLD: say("The call is on hold ({time}).", time=time),
        Action.RETRIEVE: say("The call is running again ({time}).", time=time),
        Action.PARK: say("The call is parked ({time}).", time=time),
        Action.UNPARK: say("The call is taken from the park ({time}).", time=time),
        Action.PICKUP: say("The call is answered ({time}).", time=time),
        Action.HANGUP: say("The call has ended ({time}).", time=time),
    }[kind]


def undone(kind: Action, waited: timedelta) -> str:
    span = seconds(waited)
    return {
        Action.HOLD: say("{seconds} s later the call is still not on hold.", seconds=span),
        Action.RETRIEVE: say("{seconds} s later the call is still on hold.", seconds=span),
        Action.PARK: say("{seconds} s later the call is still not parked.", seconds=span),
        Action.UNPARK: say("{seconds} s later the call is still parked.", seconds=span),
        Action.PICKUP: say("{seconds} s later the call still rings.", seconds=span),
        Action.HANGUP: say("{seconds} s later the call is still there.", seconds=span),
    }[kind]


def rang_back(watch: Watch, rang: timedelta, taken: Call | None) -> str:
    """A phone that was rung to take its call off hold; `taken`: what the call is now, if it is."""
    span = seconds(rang)
    if taken is None and watch.leaves:
        return say(
            "It rang {number} for {seconds} s; the call ended unanswered.",
            number=watch.leaves,
            seconds=span,
        )
    if taken is None:
        return say("It rang the phone for {seconds} s; the call ended unanswered.", seconds=span)
    return say(
        "It rang {number} for {seconds} s, then it went to {parties}.",
        number=watch.leaves,
        seconds=span,
        parties=both(taken),
    )


def consulting(watch: Watch, *, own_rings: bool = False) -> str:
    if own_rings:
        return _own_rings(watch)
    if watch.stays:
        names = {"party": stays(watch), "target": watch.target}
        return {
            Action.CONSULT: say("{party} is on hold; {target} is called.", **names),
            Action.CANCEL: say("Back with {party}; the consultation is over.", **names),
            Action.SWAP: say("Talking to {party}; {target} is on hold.", **names),
        }[watch.kind]
    return {
        Action.CONSULT: say("The caller is on hold; {target} is called.", target=watch.target),
        Action.CANCEL: say("Back with the caller; the consultation is over."),
        Action.SWAP: say("Talking to the caller; {target} is on hold.", target=watch.target),
    }[watch.kind]


def _own_rings(watch: Watch) -> str:
    """Nobody is called before she has answered her own phone."""
    names = {"own": watch.leaves, "target": watch.target}
    if watch.stays:
        return say(
            "{party} is on hold; {own} rings first, then {target}.", party=stays(watch), **names
        )
    return say("The caller is on hold; {own} rings first, then {target}.", **names)


def left_alone(watch: Watch) -> str:
    if not watch.stays:
        return say(
            "{target} did not answer; the caller was left alone on hold.", target=watch.target
        )
    return say(
        "{target} did not answer; {party} was left alone on hold.",
        target=watch.target,
        party=stays(watch),
    )


def state_of(watch: Watch, call: Call) -> str:
    return say("{party} is {state}", party=stays(watch), state=STATES[call.state])


def answered(
    watch: Watch, who: str, rang: timedelta | None, at: datetime, *, exact: bool = True
) -> str:
    if watch.kind is Action.JOIN:
        return say(
            "{party} and {target} are connected; {leaves} is out.",
            party=stays(watch),
            target=who,
            leaves=watch.leaves,
        )
    if rang is None:
        return say("{target} answered {time}.", target=who, time=clock(at))
    if not exact:
        return say(
            "{target} rang for at most {seconds} s, and was seen in the call {time}.",
            target=who,
            seconds=seconds(rang),
            time=clock(at),
        )
    return say(
        "{target} rang {seconds} s, answered {time}.",
        target=who,
        seconds=seconds(rang),
        time=clock(at),
    )


def tried(watch: Watch, gone_at: datetime) -> str:
    """The beginning of what became of the target that did not answer."""
    if watch.rang_at is None:
        # Translators: the beginning of a sentence: “… and did not answer”.
        return say("{target} was tried", target=watch.target)
    rang = seconds(gone_at - watch.rang_at)
    if watch.unseen(gone_at):
        # Translators: the beginning of a sentence: “…, not answered” or “… and did not answer”.
        return say("{target} rang for at most {seconds} s", target=watch.target, seconds=rang)
    # Translators: the beginning of a sentence: “…, not answered” or “… and did not answer”.
    return say("{target} rang {seconds} s", target=watch.target, seconds=rang)


def went_on(watch: Watch, gone_at: datetime, party: Party, *, back: bool) -> str:
    before = tried(watch, gone_at)
    if back:
        return say(
            # Translators: {tried} is “{target} rang {seconds} s” or “{target} was tried”.
            "{tried}, not answered; the call came back to {leaves}.",
            tried=before,
            leaves=watch.leaves,
        )
    return say("{tried}, then the call went to {party}.", tried=before, party=party)


def why_ended(watch: Watch, gone_at: datetime, call: Call) -> str:
    before = tried(watch, gone_at)
    if call.end_reason is EndReason.BUSY and watch.rang_at is None:
        return say("{target} was busy.", target=watch.target)
    if call.end_reason is EndReason.BUSY:
        # Translators: {tried} is “{target} rang {seconds} s” or “{target} was tried”.
        return say("{tried} and did not take the call.", tried=before)
    if call.end_reason is EndReason.CANCELLED:
        return say("{tried}, then the caller gave up.", tried=before)
    if call.end_reason is EndReason.NO_ANSWER:
        # Translators: {tried} is “{target} rang {seconds} s” or “{target} was tried”.
        return say("{tried} and did not answer.", tried=before)
    reason = call.raw_state or say("no reason given")
    return say("{tried} and was not reached ({reason}).", tried=before, reason=reason)


def lost(watch: Watch) -> str:
    if watch.call_id:
        return say("The call is gone, and {target} was not seen to answer it.", target=watch.target)
    return say(
        "The call was not named, and {target} was not seen to answer it.", target=watch.target
    )


def elsewhere(watch: Watch, calls: list[tuple[Call, Party]]) -> list[str]:
    return [
        say("{party} is in a call with {other}.", party=stays(watch), other=other)
        for _, other in calls
    ]


def stays(watch: Watch) -> str:
    """The party that stays, where a sentence begins with it."""
    return told_number(watch.stays) or say("The caller")


def both(call: Call) -> str:
    return say("{caller} and {callee}", caller=call.caller, callee=call.callee)


def seconds(span: timedelta) -> int:
    return max(0, round(span.total_seconds()))


def clock(moment: datetime) -> str:
    return f"{moment.astimezone():%H:%M:%S}"
