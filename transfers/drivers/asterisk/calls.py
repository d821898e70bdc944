"""Channels into calls: one row each, with the parties as people know them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from transfers.domain import Call, CallState, Leg, Party, likely_same, same_number
from transfers.drivers.asterisk import menu
from transfers.drivers.asterisk.channels import (
    RING,
    RINGING,
    ROOMS,
    Channel,
    endpoint_of,
    moment_of,
    read_channels,
)
from transfers.drivers.asterisk.consulting import NOBODY
from transfers.drivers.asterisk.groups import Group, group, waits
from transfers.drivers.asterisk.menu import Kind
from transfers.drivers.asterisk.numbers import Numbers
from transfers.drivers.asterisk.wire import Fields
from transfers.drivers.base import NoMemory
from transfers.sentences import say, say_many

SEVERAL = 5  # numbers named in a row
EARLY = timedelta(seconds=2)
# An application is what was dialled, unless it only tells that it cannot be reached, or comes after
# a Dial() in vain, as the voicemail of who does not answer.
ANNOUNCEMENTS = ("Playback", "BackGround", "Playtones", "Busy", "Congestion", "Wait", "Ringing")
# A step of the dial plan on the way to it is not what was dialled either.
STEPS = ("", "Answer", "ExecIf", "Gosub", "Goto", "GotoIf", "Hangup", "Macro", "NoOp", "Set")
IN_VAIN = ("BUSY", "NOANSWER", "CHANUNAVAIL", "CONGESTION", "CANCEL", "DONTCALL", "TORTURE")
ROUTES = (*ROOMS, "Dial", "Queue")  # these leave the number that was dialled in `exten`


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading takes beside the lists.

    `ahead` is how far the PBX's clock is ahead of ours.
    """

    now: datetime
    hold: str  # our context, in which held parties wait
    ahead: timedelta
    boxes: menu.Boxes
    numbers: Numbers = field(default_factory=lambda: Numbers(NoMemory()))


def read_calls(channels: Iterable[Fields], parked: Iterable[Fields], desk: Desk) -> list[Call]:
    """The calls of the two lists. BadReply when a channel cannot be named; never half a list."""
    places = {each.get("parkeeuniqueid", ""): each for each in parked}
    groups = group(read_channels(channels), desk.hold, places)
    _recognise(groups, desk.hold)
    for each in groups:
        _name_lines(each, desk.numbers)
    kinds = {each.id: _kind(each, desk.hold) for each in groups}
    pairs: dict[str, list[Kind]] = {}
    for each in groups:
        pairs.setdefault(each.first or each.id, []).append(kinds[each.id])
    rows = [_row(each, kinds[each.id], pairs[each.first or each.id], desk) for each in groups]
    return menu.with_phone_consultations(rows)


def _recognise(groups: list[Group], hold: str) -> None:
    """Who consults keeps her number, though a route to the outside gives her leg another one: who
    waits for her tells which phone it is. Without it the two calls had no party in common."""
    legs = [leg for each in groups for leg in each.legs]
    backs = {leg.exten for leg in legs if waits(leg, hold) and leg.exten.isdecimal()}
    for each in groups if backs else ():
        each.legs = [
            replace(leg, party=Party(endpoint, leg.party.name)) if endpoint in backs else leg
            for leg in each.legs
            for endpoint in [endpoint_of(leg.name)]
        ]


def _name_lines(each: Group, numbers: Numbers) -> None:
    """The number that a line without one was dialled for."""
    for place, leg in enumerate(each.legs):
        if leg.party.number or endpoint_of(leg.name).isdecimal():
            continue
        caller, callees = _sides(each)
        dialled = _dialled(caller, leg, Party()) if callees == [leg] else ()
        for number in dialled:
            numbers.learn(leg.uid, number)
        if number := "".join(dialled) or numbers.of(leg.uid):
            each.legs[place] = replace(leg, party=Party(number))


def _row(each: Group, kind: Kind, pair: list[Kind], desk: Desk) -> Call:
    """`pair`: what the calls of this linked id do, this one among them."""
    state = _state(each, kind)
    caller, callees = _sides(each)
    one, other, also = _parties(each, kind, caller, callees, desk)
    started = _since(moment_of(each.id.partition("~")[0]), desk)
    if each.first or started is None:
        started = _since(each.legs[-1].started_at, desk)
    up = [leg.answered_at for leg in each.legs if leg.answered_at]
    talks = state in (CallState.TALKING, CallState.HELD)
    call = Call(
        id=each.id,
        state=state,
        raw_state=_words(each),
        caller=one,
        callee=other,
        started_at=started,
        answered_at=_since(max(up), desk) if up and talks else None,
        related=each.first,
        also=also,
        left_alone=_side(caller) if kind is Kind.WAITS and len(pair) == 1 else None,
        rings_caller=kind is Kind.DIALLED,
        extra=_handles(each, kind, caller, callees),
    )
    actions, why_not = menu.of(kind, pair, desk.boxes, can_hold=bool(desk.hold))
    return replace(call, actions=actions, why_not=why_not)


def _kind(each: Group, hold: str) -> Kind:
    legs = each.legs
    if each.parked:
        return Kind.PARKED
    if all(waits(leg, hold) for leg in legs):
        return Kind.WAITS if len(legs) == 1 else Kind.BOTH_WAIT
    talking = [leg for leg in legs if leg.up and leg.bridge]
    if any(leg.app in ROOMS for leg in legs) or len(talking) > 2:
        return Kind.CONFERENCE
    if len(talking) == 2 and len(legs) == 2:
        return Kind.HELD_AT_PHONE if any(leg.held for leg in legs) else Kind.TALKS
    return _kind_without_answer(each)


def _kind_without_answer(each: Group) -> Kind:
    legs = each.legs
    dialled = [leg for leg in legs if leg.was_dialled and not leg.bridge]
    if len(dialled) == len(legs):
        return Kind.DIALLED  # somebody's own phone rings first
    if any(leg.state == RINGING for leg in dialled):
        return Kind.RINGS
    if dialled or legs[0].state == RING:
        return Kind.DIALS
    if legs[0].bridge:
        return Kind.LEFT_ALONE
    if legs[0].app == "Dial":  # it has a phone to dial this very moment, or had one
        return Kind.DIALS
    return Kind.QUEUES if legs[0].app == "Queue" else Kind.APPLICATION


STATES = {
    Kind.PARKED: CallState.PARKED,
    Kind.WAITS: CallState.HELD,
    Kind.BOTH_WAIT: CallState.HELD,
    Kind.HELD_AT_PHONE: CallState.HELD,
    Kind.CONFERENCE: CallState.TALKING,
    Kind.TALKS: CallState.TALKING,
    Kind.APPLICATION: CallState.TALKING,
    Kind.RINGS: CallState.RINGING,
    Kind.DIALLED: CallState.DIALING,
    Kind.DIALS: CallState.DIALING,
    Kind.QUEUES: CallState.DIALING,
}


def _state(each: Group, kind: Kind) -> CallState:
    if any(leg.state < 0 for leg in each.legs):
        return CallState.UNKNOWN
    if kind is Kind.LEFT_ALONE:
        return CallState.HELD if each.legs[0].held else CallState.TALKING
    return STATES[kind]


def _words(each: Group) -> str:
    """The PBX's own words, for who looks closer: "Ring Dial, Ringing AppDial"."""
    words = (f"{leg.state_word} {leg.app}".strip() for leg in each.legs[:SEVERAL])
    return ", ".join(words) or "?"


def _sides(each: Group) -> tuple[Channel, list[Channel]]:
    """Who called, and who was called."""
    caller, *callees = sorted(each.legs, key=lambda leg: (leg.was_dialled, leg.uid != leg.linked))
    return caller, callees


def _parties(
    each: Group, kind: Kind, caller: Channel, callees: list[Channel], desk: Desk
) -> tuple[Party, Party, tuple[str, ...]]:
    """Caller, callee, and the other numbers at the callee's side."""
    near = _party_of(caller, callees[0] if len(callees) == 1 else None)
    if callees and not any(endpoint_of(leg.name).isdecimal() for leg in callees):
        near = _as_it_came(caller, near)
    if kind is Kind.WAITS:
        far = _who_held(caller)
        return (near, far, ()) if _side(caller) is Leg.CALLER else (far, near, ())
    if kind is Kind.BOTH_WAIT or (len(callees) == 1 and kind is not Kind.CONFERENCE):
        far = _party_of(callees[0], caller)
        return near, far, _dialled(caller, callees[0], far)
    if callees:
        numbers = tuple(_party_of(leg, caller).number for leg in callees)
        return near, Party(_exten(caller), _several(kind, numbers)), numbers
    return (near, *_alone(caller, kind, desk))


def _alone(leg: Channel, kind: Kind, desk: Desk) -> tuple[Party, tuple[str, ...]]:
    if kind in (Kind.PARKED, Kind.LEFT_ALONE, Kind.DIALLED):
        return (leg.other if not same_number(leg.other.number, leg.party.number) else Party()), ()
    if kind in (Kind.DIALS, Kind.QUEUES):
        # Translators: in the place of a name, beside the number of the queue
        return Party(leg.dialled, say("in the queue") if kind is Kind.QUEUES else ""), ()
    reached = leg.dial_status not in IN_VAIN and leg.app not in (*ANNOUNCEMENTS, *STEPS)
    if not reached or not leg.dialled:
        return Party("", leg.app), ()
    if box := desk.boxes.box_of(leg.context, leg.dialled):
        # Translators: in the place of a name, beside the number of the mailbox
        return Party(box, say("voicemail")), (leg.dialled,)
    return Party(leg.dialled, leg.app), ()


def _party_of(leg: Channel, peer: Channel | None) -> Party:
    """The leg's own number; else what its peer's display shows, or the phone it is."""
    if leg.party.number:
        return leg.party
    if peer is not None and peer.other.number:
        return Party(peer.other.number)  # a name there may still be somebody else's
    endpoint = endpoint_of(leg.name)
    return Party(endpoint if endpoint.isdecimal() else "", leg.party.name or endpoint)


def _as_it_came(caller: Channel, party: Party) -> Party:
    """Who goes on to the outside is given the house's number there; this is her own one."""
    same = not caller.ani or likely_same(caller.ani, party.number)
    return party if same else Party(caller.ani)


def _side(waits: Channel) -> Leg:
    """The side of a party that waits alone, in the call it was in."""
    return Leg.CALLER if waits.uid == waits.linked else Leg.CALLEE


def _who_held(leg: Channel) -> Party:
    """Whose call it is: the dial plan's extension in our context, which outlives her phone."""
    if leg.exten in ("", "s") or same_number(leg.exten, leg.other.number):
        return leg.other
    return Party(leg.exten)


def _dialled(caller: Channel, callee: Channel, far: Party) -> tuple[str, ...]:
    """The number that was dialled where it is another: a group's, a queue's, a trunk's."""
    number = _exten(caller)
    reached = caller.reached
    other = callee.up and caller.app == "Dial" and reached not in ("", callee.name)
    stale = other and not reached.startswith("Local/")
    if not number or same_number(number, far.number) or stale:
        return ()
    return (number,)


def _exten(caller: Channel) -> str:
    return caller.dialled if caller.app in ROUTES else ""


def _several(kind: Kind, numbers: tuple[str, ...]) -> str:
    """In the place of a name."""
    some = ", ".join(filter(None, numbers[:SEVERAL])) or str(len(numbers))
    if (more := len(numbers) - SEVERAL) > 0:
        some = say_many(
            "{numbers} and {count} more", "{numbers} and {count} more", more, numbers=some
        )
    if kind is Kind.CONFERENCE:
        return say("conference with {numbers}", numbers=some)
    return say("rings {numbers}", numbers=some)


def _handles(each: Group, kind: Kind, caller: Channel, callees: list[Channel]) -> Mapping[str, str]:
    """The channels, for the commands."""
    holder = _holder(each.legs) if kind is Kind.BOTH_WAIT else None
    phones = [leg.uid for leg in each.legs if leg is holder or _is_phone(leg)]
    found = {"kind": kind.value, "caller": caller.uid, "phones": " ".join(phones)}
    if len(callees) == 1:
        found["callee"] = callees[0].uid
    if kind is Kind.WAITS:
        found["waits"] = caller.uid
        found["side"] = _side(caller).value
    if holder:
        found["by"] = "caller" if holder is caller else "callee"
    if kind is Kind.HELD_AT_PHONE and callees:
        found["held"] = "caller" if caller.held else "callee"
    return found


def _holder(legs: list[Channel]) -> Channel | None:
    """Of two who wait the one who has no way back: it is this one who put the call on hold."""
    holders = [leg for leg in legs if leg.exten == NOBODY]
    return holders[0] if len(holders) == 1 else None


def _is_phone(leg: Channel) -> bool:
    """It is known of PJSIP's whether they hold the line; a trunk has another number at its end."""
    return leg.name.startswith("PJSIP/") and endpoint_of(leg.name) == leg.party.number


def _since(moment: datetime | None, desk: Desk) -> datetime | None:
    """By our clock; None for what cannot be true."""
    if moment is None:
        return None
    ours = moment - desk.ahead
    return None if ours > desk.now + EARLY else min(ours, desk.now)
