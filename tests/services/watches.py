"""What the tests of the verdict look for, and any list of calls that a PBX may show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from transfers.domain import Action, Call, CallState, EndReason, Party
from transfers.services.finding import Finding, Watch
from transfers.services.observe import judge

S, E = CallState, EndReason
SENT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
JULIA, ANA, CAROL, DAVE = "+3615550142", "1001", "1003", "1004"


def call(call_id: str, caller: str, callee: str, state: S = S.TALKING, **more: Any) -> Call:
    return Call(call_id, state, more.pop("word", state.value), Party(caller), Party(callee), **more)


def after(seconds: float) -> datetime:
    return SENT + timedelta(seconds=seconds)


BLIND = Watch(Action.BLIND, "a", "", JULIA, ANA, CAROL, since=SENT, before=frozenset({"a", "x"}))
FORWARD = replace(BLIND, kind=Action.FORWARD)
JOIN = replace(BLIND, kind=Action.JOIN, other_call_id="b", before=frozenset({"a", "b", "x"}))
CONSULT = replace(BLIND, kind=Action.CONSULT)
CANCEL, SWAP = (replace(JOIN, kind=kind) for kind in (Action.CANCEL, Action.SWAP))
ON_ONE_CALL = (
    *(Action.HOLD, Action.RETRIEVE, Action.HANGUP),
    *(Action.PARK, Action.UNPARK, Action.PICKUP),
)
HOLD, RETRIEVE, HANGUP, PARK, UNPARK, PICKUP = (replace(BLIND, kind=kind) for kind in ON_ONE_CALL)
AS_BEFORE = call("a", JULIA, ANA)
ON_HOLD = replace(AS_BEFORE, state=S.HELD)
RANG = after(2)


def look(watch: Watch, *pictures: tuple[float, list[Call]]) -> list[Finding]:
    """One finding per picture; what a finding noted is known to the next one, as in a row."""
    findings = []
    for seconds, calls in pictures:
        finding = judge(watch, calls, after(seconds))
        findings.append(finding)
        watch = replace(
            watch,
            rang_at=finding.rang_at,
            rung_until=finding.rung_until or watch.rung_until,
            gone_at=finding.gone_at,
            own_rang_at=finding.own_rang_at or watch.own_rang_at,
            moved=finding.moved or watch.moved,
            arrived=finding.new_call_id or watch.arrived,
        )
    return findings


def last(watch: Watch, *pictures: tuple[float, list[Call]]) -> Finding:
    return look(watch, *pictures)[-1]


# Whatever a PBX may list.

TRANSFERS = {Action.BLIND, Action.FORWARD, Action.JOIN, Action.VOICEMAIL}
numbers = st.sampled_from([JULIA, "06-1-555-0142", "", ANA, CAROL, DAVE, "+36305550199", "x"])
moments = st.none() | st.datetimes(
    datetime(2000, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)
)
any_call = st.builds(
    Call,
    id=st.sampled_from(["a", "b", "x", "new", "newer"]),
    state=st.sampled_from(S),
    raw_state=st.text(max_size=3),
    caller=st.builds(Party, numbers),
    callee=st.builds(Party, numbers),
    started_at=moments,
    answered_at=moments,
    end_reason=st.none() | st.sampled_from(E),
)
pictures = st.lists(
    st.tuples(st.floats(-5, 400), st.lists(any_call, max_size=5)), min_size=1, max_size=5
)
