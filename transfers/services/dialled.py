"""What became of a click-to-dial call, told from a picture taken after it. Pure, like observe.py.

Her phone rings, she answers, the target rings, they talk: only the last is done. It is known by
the id the PBX gave, else by who calls whom, and since when.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from transfers.domain import Call, CallState, EndReason, Leg, likely_same
from transfers.sentences import Sentence, say
from transfers.services.finding import CONFIRMED, MISSED, UNKNOWN, Finding, Watch

SEEN_WITHIN = timedelta(seconds=20)  # later, a call like it is another one; and nobody knows
ONE_PICTURE_MORE = timedelta(seconds=3)  # it may be between two states for a moment
HEARD_FOR = timedelta(seconds=5)  # a tone or an announcement, and nobody
TALKING = {CallState.TALKING, CallState.HELD, CallState.PARKED}


def judge_dialled(watch: Watch, calls: list[Call], now: datetime) -> Finding:
    call = _call_of(watch, calls, now)
    if call is None or call.state is CallState.ENDED:
        return _judge_end(watch, call, now)
    own, target = watch.own, watch.target
    if call.rings_caller:
        text = say("{own} is ringing: answer it to call {target}.", own=own, target=target)
        return Finding(None, text, own_rang_at=watch.own_rang_at or now, new_call_id=call.id)
    if call.state in TALKING and call.callee.number:
        return Finding(CONFIRMED, _answered(watch, call, now), True, new_call_id=call.id)
    if call.state in TALKING and call.callee.name:
        return _judge_announcement(watch, call, now)
    if call.state is CallState.RINGING:
        text, rang_at = say("{target} is ringing.", target=target), watch.rang_at or now
        return Finding(None, text, True, rang_at, new_call_id=call.id)
    text = say("{target} is being called.", target=target)
    return Finding(None, text, True, watch.rang_at, new_call_id=call.id)


def _judge_announcement(watch: Watch, call: Call, now: datetime) -> Finding:
    """The PBX itself answers, with a busy tone or words; it may be on the way to somebody still."""
    heard_at = watch.gone_at or now
    text = say(
        "{target} is not there; {own} hears “{sound}”.",
        target=watch.target,
        own=watch.own,
        sound=call.callee.name,
    )
    state = None if now - heard_at < HEARD_FOR else MISSED
    return Finding(state, text, True, watch.rang_at, heard_at, call.id)


def _call_of(watch: Watch, calls: list[Call], now: datetime) -> Call | None:
    if watch.arrived:
        return next((call for call in calls if call.id == watch.arrived), None)
    latest = watch.since + SEEN_WITHIN
    found = [
        call
        for call in calls
        if call.id not in watch.before | watch.taken
        and likely_same(call.caller.number, watch.own)
        and any(likely_same(number, watch.target) for number in call.numbers(Leg.CALLEE))
        and (now <= latest or (call.started_at is not None and call.started_at <= latest))
    ]
    found.sort(key=lambda call: call.state is CallState.ENDED)  # a live one says more
    return found[0] if found else None


def _answered(watch: Watch, call: Call, now: datetime) -> Sentence:
    """Whoever is there now: it may be another phone of a group, or a mailbox."""
    at, party = watch.answered_at(call.answered_at, now), call.callee
    clock = f"{at.astimezone():%H:%M:%S}"
    if watch.rang_at is None:
        return say("{party} answered {clock}.", party=party, clock=clock)
    rang = _seconds(at - watch.rang_at)
    return say(
        "{party} rang {seconds} s, answered {clock}.", party=party, seconds=rang, clock=clock
    )


def _judge_end(watch: Watch, ended: Call | None, now: datetime) -> Finding:
    """It is over, or not there yet, or never was."""
    own, target = watch.own, watch.target
    if ended is not None and ended.end_reason is EndReason.COMPLETED:
        text = say("{target} answered; the call has ended since.", target=target)
        return Finding(CONFIRMED, text, True, new_call_id=ended.id)
    if ended is None and not (watch.moved or watch.own_rang_at):
        waited = now - watch.since
        if waited < SEEN_WITHIN:
            return Finding(None, "")
        text = say(
            "{own} was not seen to ring, and no call to {target} was seen, for {seconds} s.",
            own=own,
            target=target,
            seconds=_seconds(waited),
        )
        return Finding(UNKNOWN, text)
    gone_at = watch.gone_at or now
    if ended is None and now - gone_at < ONE_PICTURE_MORE:
        return Finding(None, "", watch.moved, watch.rang_at, gone_at)
    return Finding(MISSED, _why(watch, ended, gone_at), True, watch.rang_at, gone_at)


def _why(watch: Watch, ended: Call | None, gone_at: datetime) -> Sentence:
    own, target = watch.own, watch.target
    reason = ended.end_reason if ended else None
    if not watch.moved and (ended is None or ended.rings_caller):
        rang = _seconds(gone_at - (watch.own_rang_at or gone_at))
        return say(
            "{own} rang {seconds} s and was not answered; {target} was not called.",
            own=own,
            target=target,
            seconds=rang,
        )
    if watch.rang_at is None:
        if reason is EndReason.BUSY:
            return say("{target} was busy.", target=target)
        return say("{target} was called and not reached; the call has ended.", target=target)
    rang = _seconds(gone_at - watch.rang_at)
    if reason is EndReason.BUSY:
        return say(
            "{target} rang {seconds} s and did not take the call.", target=target, seconds=rang
        )
    if reason is EndReason.NO_ANSWER:
        return say("{target} rang {seconds} s and did not answer.", target=target, seconds=rang)
    return say(
        "{target} rang {seconds} s; the call ended before anybody answered.",
        target=target,
        seconds=rang,
    )


def _seconds(span: timedelta) -> int:
    return max(0, round(span.total_seconds()))
