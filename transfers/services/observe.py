"""What became of a command, told from a picture taken after it. Pure: no database, no clock.

`judge` compares one transfer with the calls of one picture and says what it now knows. The rules
are documented in docs/decisions/002: arrived means that the target was seen in a call with the
party that stays, and answered it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from transfers.domain import (
    Action,
    Call,
    CallState,
    EndReason,
    Leg,
    Party,
    likely_same,
    told_number,
)
from transfers.sentences import joined, say
from transfers.services import evidence
from transfers.services.dialled import judge_dialled
from transfers.services.evidence import seconds
from transfers.services.finding import (
    CONFIRMED,
    FAILED,
    MISSED,
    NOTED_EVERY,
    UNKNOWN,
    Finding,
    Watch,
)
from transfers.services.renamed import goes_on
from transfers.services.whereabouts import may_be_it, now_with, same_or_hidden

NO_EFFECT_AFTER = timedelta(seconds=20)  # unchanged for so long: the PBX did not do it
LOST_AFTER = timedelta(seconds=20)  # no trace for so long: nobody knows
ARRIVES_WITHIN = timedelta(seconds=20)  # a new call that begins later is another call
NOT_CALLED_AFTER = timedelta(seconds=10)  # on hold so long, and no consultation: it came to nothing
ONE_PICTURE_MORE = timedelta(seconds=3)  # a moved call may be between two ids for a moment

RINGING = {CallState.RINGING, CallState.DIALING}
TALKING = {CallState.TALKING, CallState.HELD}


def judge(watch: Watch, calls: Iterable[Call], now: datetime) -> Finding:
    """The finding of one picture of `calls`, whose read began at or after `watch.since`."""
    calls = list(calls)
    if watch.kind is Action.DIAL:
        return judge_dialled(watch, calls, now)
    if watch.kind in SIMPLE:
        return _judge_simple(watch, calls, now)
    if watch.kind in CONSULTING:
        return _judge_consulting(watch, calls, now)
    arrival = _arrival(watch, calls, now)
    if arrival is not None and watch.rang_at is None and _stays_put(watch, calls):
        return Finding(None, "")  # a call like ours began, while ours is where it was
    if arrival is not None and arrival.state is not CallState.ENDED:
        return _judge_arrival(watch, arrival, now)
    if arrival is not None or watch.rang_at is not None:
        return _judge_departure(watch, arrival, calls, now)
    return _judge_nothing(watch, calls, now)


# Hold, retrieve, hang up: the call itself shows it.

SIMPLE: dict[Action, Callable[[Call | None], bool]] = {
    Action.HOLD: lambda call: call is not None and call.state is CallState.HELD,
    Action.RETRIEVE: lambda call: call is not None and call.state is CallState.TALKING,
    Action.PARK: lambda call: call is not None and call.state is CallState.PARKED,
    Action.UNPARK: lambda call: call is not None and call.state in RINGING | TALKING,
    Action.PICKUP: lambda call: call is not None and call.state in TALKING,
    Action.HANGUP: lambda call: call is None or call.state is CallState.ENDED,
}
TO_OWN_PHONE = {Action.UNPARK, Action.PICKUP}


def _judge_simple(watch: Watch, calls: list[Call], now: datetime) -> Finding:
    done = SIMPLE[watch.kind]
    call = _by_id(calls, watch.call_id)
    if watch.kind is Action.RETRIEVE and (finding := _judge_ringing_back(watch, call, now)):
        return finding
    if watch.kind in TO_OWN_PHONE and done(call) and not _at(call, watch.target):
        text = say("Somebody else took the call, not {target}.", target=watch.target)
        return Finding(MISSED, text, True)
    if done(call) and watch.kind is Action.HANGUP:
        return _judge_hangup(watch, calls, now)
    if done(call):
        return Finding(CONFIRMED, evidence.done(watch.kind, now))
    if call is None or call.state is CallState.ENDED:
        return Finding(UNKNOWN, say("The call ended before this could be seen."))
    if now - watch.since >= NO_EFFECT_AFTER:
        return Finding(FAILED, evidence.undone(watch.kind, now - watch.since))
    return Finding(None, "")


def _judge_hangup(watch: Watch, calls: list[Call], now: datetime) -> Finding:
    """The call is gone; but did it end, or has it another id now?"""
    same = goes_on(calls, watch.parties, watch.began_at, watch.before | {watch.call_id})
    if same is False:
        return Finding(CONFIRMED, evidence.done(Action.HANGUP, now))
    if now - watch.since < NO_EFFECT_AFTER:
        return Finding(None, "")
    later = seconds(now - watch.since)
    if same:
        words = say("{seconds} s later the call is still there, under another id.", seconds=later)
        return Finding(FAILED, words)
    words = say(
        "{seconds} s later the same two are in a call: this one, or they called again.",
        seconds=later,
    )
    return Finding(UNKNOWN, words)


def _judge_ringing_back(watch: Watch, call: Call | None, now: datetime) -> Finding | None:
    """Some calls are taken off hold by ringing the phone they belong to."""
    if call is not None and call.state in RINGING:
        rang_at = watch.rang_at or now
        who = watch.leaves or say("The phone")
        return Finding(None, say("{target} is ringing.", target=who), True, rang_at)
    if watch.rang_at is None:
        return None
    rang = now - watch.rang_at
    if call is None or call.state is CallState.ENDED:
        return Finding(MISSED, evidence.rang_back(watch, rang, None), True)
    if call.state in TALKING and watch.leaves and not _at(call, watch.leaves):
        return Finding(MISSED, evidence.rang_back(watch, rang, call), True)
    return None


# A consultation: the held call and the one beside it.

CONSULTING = {Action.CONSULT, Action.CANCEL, Action.SWAP}


def _judge_consulting(watch: Watch, calls: list[Call], now: datetime) -> Finding:
    first = _by_id(calls, watch.call_id)
    if first is None or first.state is CallState.ENDED:
        return Finding(UNKNOWN, say("The held call ended before this could be seen."))
    if _is_consulting(watch, first, calls):
        hers = (call for call in calls if call.involves(watch.leaves))
        own_rings = watch.kind is Action.CONSULT and any(call.rings_caller for call in hers)
        return Finding(CONFIRMED, evidence.consulting(watch, own_rings=own_rings))
    if watch.kind is Action.CONSULT and first.left_alone:
        return Finding(MISSED, evidence.left_alone(watch))
    waited, states = now - watch.since, evidence.state_of(watch, first)
    if watch.kind is Action.CONSULT and first.state is CallState.HELD and waited > NOT_CALLED_AFTER:
        words = say("{target} was not reached. {states}.", target=watch.target, states=states)
        return Finding(MISSED, words)
    if waited < NO_EFFECT_AFTER:
        return Finding(None, "")
    later = seconds(waited)
    words = say("{seconds} s later it is not so: {states}.", seconds=later, states=states)
    return Finding(FAILED, words)


def _is_consulting(watch: Watch, first: Call, calls: list[Call]) -> bool:
    """Whether what is seen is what was ordered."""
    held = first.state is CallState.HELD
    if watch.kind is Action.CONSULT:
        for call in calls:
            joined = any(likely_same(number, watch.leaves) for number in call.also)  # a conference
            new = call.id not in watch.before or joined
            ours = call.involves(watch.leaves) or call.related == watch.call_id
            there = call.state in RINGING | TALKING and _at(call, watch.target)
            if held and new and ours and there:
                return True
        return False
    other = _by_id(calls, watch.other_call_id)
    gone = other is None or other.state is CallState.ENDED
    if watch.kind is Action.CANCEL:
        return gone and first.state is CallState.TALKING
    states = (first.state, other.state) if other else ()
    return states == (CallState.TALKING, CallState.HELD)


def _at(call: Call | None, number: str) -> bool:
    return call is not None and any(_reached(call, leg, number) for leg in Leg)


def _reached(call: Call, leg: Leg, number: str) -> bool:
    """Whether this side of the call is who was meant, or was reached by that number."""
    return any(likely_same(each, number) for each in call.numbers(leg))


# Transfers: look for the party that stays, in a call with the target and without the transferor.


def _arrival(watch: Watch, calls: list[Call], now: datetime) -> Call | None:
    found = [call for call in calls if _is_arrival(watch, call, now)]
    found.sort(key=lambda call: call.state is CallState.ENDED)  # a live one says more
    return found[0] if found else None


def _is_arrival(watch: Watch, call: Call, now: datetime) -> bool:
    own = {watch.call_id, watch.other_call_id} - {""}
    if _joined_conference(watch, call):
        return True
    if call.id in watch.before | watch.taken and call.id not in own:
        return False
    same = may_be_it if watch.rang_at else _is_of_it
    if call.id not in own and not same(watch, call, now):
        return False
    if call.involves(watch.leaves):
        return False
    return any(
        _reached(call, leg, watch.target)
        and same_or_hidden(call.party(leg.other).number, watch.stays)
        for leg in Leg
    )


def _joined_conference(watch: Watch, call: Call) -> bool:
    """Others were in it before; then the party that stays is one of many at the callee's side."""
    among = any(likely_same(number, watch.stays) for number in call.also)
    return among and _at(call, watch.target) and not call.involves(watch.leaves)


def _is_of_it(watch: Watch, call: Call, now: datetime) -> bool:
    """Whether a call with a new id began with the command: later, the same people may just have
    dialled each other; and of callers without a number one looks like the other."""
    latest = watch.since + (ARRIVES_WITHIN if watch.stays else ONE_PICTURE_MORE * 2)
    return now <= latest or (call.started_at is not None and call.started_at <= latest)


def _stays_put(watch: Watch, calls: list[Call]) -> bool:
    """Whether the call is still there, and the transferor in it."""
    call = _by_id(calls, watch.call_id)
    return call is not None and call.state is not CallState.ENDED and call.involves(watch.leaves)


def _judge_arrival(watch: Watch, call: Call, now: datetime) -> Finding:
    who, rang_at = watch.target, watch.rang_at
    if call.state in RINGING:
        words, noted = say("{target} is ringing.", target=who), watch.rung_until
        if noted is None or now - noted >= NOTED_EVERY:
            noted = now
        return Finding(None, words, True, rang_at or now, None, call.id, rung_until=noted)
    if call.state in TALKING:
        who, at = _who_answered(watch, call), watch.answered_at(call.answered_at, now)
        rang, exact = _rang(watch, call, now), at < now or not watch.unseen(now)
        text = evidence.answered(watch, who, rang, at, exact=exact)
        return Finding(CONFIRMED, text, True, rang_at, None, call.id)
    word = call.raw_state or say("nothing")
    text = say("{target}: the PBX says “{word}”.", target=who, word=word)
    return Finding(None, text, True, rang_at, None, call.id)


def _who_answered(watch: Watch, call: Call) -> str:
    """The target; of a group, the one who took the call."""
    other = next(
        (each for each in _parties(call) if not same_or_hidden(each.number, watch.stays)), Party()
    )
    if not other.number or likely_same(other.number, watch.target):
        return watch.target
    return say("{number} (for {target})", number=told_number(other.number), target=watch.target)


def _rang(watch: Watch, call: Call, now: datetime) -> timedelta | None:
    if call.id != watch.call_id and call.started_at and call.answered_at:
        return call.answered_at - call.started_at
    return watch.answered_at(call.answered_at, now) - watch.rang_at if watch.rang_at else None


def _judge_departure(watch: Watch, ended: Call | None, calls: list[Call], now: datetime) -> Finding:
    """The target rang or was tried, and that is over. `ended`: the call, where still listed."""
    gone_at = watch.gone_at or now
    if ended is not None and ended.end_reason is EndReason.COMPLETED:
        answered = say("{target} answered; the call has ended since.", target=watch.target)
        return Finding(CONFIRMED, answered, True)
    calls_now = [each for each in now_with(watch, calls) if may_be_it(watch, each[0], now)]
    back = [each for each in calls_now if likely_same(each[1].number, watch.leaves)]
    if calls_now:
        call, party = (back or calls_now)[0]
        text = evidence.went_on(watch, gone_at, party, back=bool(back))
        return Finding(MISSED, text, True, new_call_id=call.id)
    if ended is not None:
        return Finding(MISSED, evidence.why_ended(watch, gone_at, ended), True)
    tried = evidence.tried(watch, gone_at)
    if now - gone_at < ONE_PICTURE_MORE:
        return Finding(None, say("{tried}.", tried=tried), True, watch.rang_at, gone_at)
    if watch.unseen(now):
        unseen = say("{tried}; nobody could look then, and the call is gone.", tried=tried)
        elsewhere = evidence.elsewhere(watch, now_with(watch, calls)[:1])
        return Finding(UNKNOWN, joined(unseen, *elsewhere), True, watch.rang_at, gone_at)
    text = say("{tried}; the call ended without being seen answered.", tried=tried)
    return Finding(MISSED, text, True)


def _judge_nothing(watch: Watch, calls: list[Call], now: datetime) -> Finding:
    """The target has not been seen. Is the call as it was, or gone?"""
    waited = now - watch.since
    call = _by_id(calls, watch.call_id)
    if call is not None and call.state is not CallState.ENDED:
        if waited < NO_EFFECT_AFTER:
            return Finding(None, "")
        if watch.leaves and not any(likely_same(p.number, watch.leaves) for p in _parties(call)):
            text = say(
                "It did not reach {target}; the call went to {parties}.",
                target=watch.target,
                parties=evidence.both(call),
            )
            return Finding(MISSED, text, True)
        if watch.kind is Action.FORWARD and call.state in TALKING:
            text = say("{number} answered the call; it was not forwarded.", number=watch.leaves)
            return Finding(FAILED, text)
        text = say(
            "{seconds} s later the call was as before: {parties}.",
            seconds=seconds(waited),
            parties=evidence.both(call),
        )
        return Finding(FAILED, text)
    if watch.alone:
        text = say(
            "The call has left {number}. This login sees no further than its own calls.",
            number=watch.leaves,
        )
        return Finding(CONFIRMED, text, True, unseen=True)
    if waited < LOST_AFTER:
        return Finding(None, "")
    calls_now = now_with(watch, calls)
    return Finding(UNKNOWN, joined(evidence.lost(watch), *evidence.elsewhere(watch, calls_now[:1])))


def _parties(call: Call) -> tuple[Party, Party]:
    return call.caller, call.callee


def _by_id(calls: list[Call], call_id: str) -> Call | None:
    return next((call for call in calls if call.id == call_id), None)
