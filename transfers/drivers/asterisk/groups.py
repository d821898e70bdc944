"""Which channels make one call: those that talk, ring or wait together, with the wires between.

The linked id keeps the legs of a call together through transfers, and is the call's id. During a
consultation there are two groups with one linked id: the older one keeps it, the consultation is
the one with the youngest leg, the target's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from transfers.drivers.asterisk.channels import Channel, age, moment_of
from transfers.drivers.asterisk.consulting import NOBODY

SECOND = "~"  # of the ids of further groups of one linked id: "1795216116.38~2"


@dataclass(slots=True)
class Group:
    channels: list[Channel]  # the oldest first
    id: str = ""
    first: str = ""  # of a consultation: the id of the call it is about
    parked: Mapping[str, str] = field(default_factory=dict)
    legs: list[Channel] = field(init=False)  # without the wires

    def __post_init__(self) -> None:
        self.legs = [channel for channel in self.channels if not channel.half]


def group(
    channels: list[Channel], hold: str, parked: Mapping[str, Mapping[str, str]]
) -> list[Group]:
    """`hold` is the context in which our held parties wait; `parked` is by the channels' ids."""
    find = _joined(channels, hold, parked.keys())
    found: dict[str, list[Channel]] = defaultdict(list)
    for channel in channels:
        found[find(channel.uid)].append(channel)
    groups = [Group(each, parked=parked.get(each[0].uid, {})) for each in found.values()]
    groups = [each for each in groups if each.legs]
    _name(groups, hold)
    return groups


def waits(channel: Channel, hold: str) -> bool:
    """Whether this party was put on hold from here: alone in our context."""
    return bool(hold) and channel.context == hold and not channel.bridge and channel.up


class _Union:
    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def find(self, uid: str) -> str:
        while (above := self._of.get(uid, uid)) != uid:
            self._of[uid] = self._of.get(above, above)
            uid = above
        return uid

    def join(self, one: str, other: str) -> None:
        self._of[self.find(one)] = self.find(other)


def _joined(channels: list[Channel], hold: str, parked: Iterable[str]) -> Callable[[str], str]:
    union, alone = _Union(), set(parked)
    together: dict[str, str] = {}
    for channel in channels:
        if channel.uid in alone:
            continue
        for key in filter(None, (channel.bridge, channel.half)):
            union.join(channel.uid, together.setdefault(key, channel.uid))
    by_link = defaultdict(list)
    for channel in channels:
        if channel.uid not in alone:
            by_link[channel.linked].append(channel)
    for linked in by_link.values():
        _join_dialled(union, linked, hold)
        _join_waiting(union, linked, hold)
    return union.find


def _join_dialled(union: _Union, linked: list[Channel], hold: str) -> None:
    """The list does not say who dials whom; the application's data and the display do."""
    callers = [each for each in linked if not each.was_dialled and not waits(each, hold)]
    dialling = [each for each in callers if not each.bridge]
    for leg in linked:
        if not leg.was_dialled:
            continue
        who = _who_reached(leg, callers, linked) if leg.up else []
        if not (who or leg.bridge):
            who = _who_dials(leg, dialling)
        if who:
            union.join(leg.uid, who[-1].uid)


def _who_reached(leg: Channel, callers: list[Channel], linked: list[Channel]) -> list[Channel]:
    """It was answered this moment: one of the two is in the bridge, the other one comes.

    The list is no picture of one moment. The caller may stand there as he was before the answer,
    having reached nobody, though no phone rings for him any more.
    """
    apart = [each for each in callers if not (each.bridge and leg.bridge)]
    reached = [each for each in apart if each.app == "Dial" and each.reached == leg.name]
    alone = sum(each.bridge == leg.bridge for each in linked) == 1
    rings = any(each.target == leg.target and not each.bridge for each in linked)
    if reached or not leg.bridge or not alone or rings:
        return reached
    if leg.app == "AppQueue":
        return [each for each in apart if each.app == "Queue"]
    dials = [each for each in apart if each.app == "Dial" and not each.reached]
    return [each for each in dials if leg.target in each.data]


def _who_dials(leg: Channel, dialling: list[Channel]) -> list[Channel]:
    if leg.app == "AppQueue":
        found = [each for each in dialling if each.app == "Queue"] or dialling
    else:
        found = [each for each in dialling if leg.target in each.data] or dialling
    shown = [each for each in found if each.party.number == leg.other.number]
    return shown or [each for each in found if each.app in ("Dial", "Queue")] or found


def _join_waiting(union: _Union, linked: list[Channel], hold: str) -> None:
    """Both parties of a call that was put on hold from here wait for each other.

    A display may show another number than the party's own, such as the main number of the house.
    When only these two are there, and one has no way back, they are a call all the same.
    """
    waiting = [each for each in linked if waits(each, hold)]
    only = len(waiting) == 2 and all(each in waiting or each.half for each in linked)
    if only and any(each.exten == NOBODY for each in waiting):
        union.join(waiting[0].uid, waiting[1].uid)
    for one in waiting:
        for other in waiting:
            mutual = one.other.number == other.party.number
            if one is not other and mutual and other.other.number == one.party.number:
                union.join(one.uid, other.uid)


def _name(groups: list[Group], hold: str) -> None:
    by_link = defaultdict(list)
    for each in groups:
        oldest = min(each.legs, key=lambda leg: _linked_age(leg.linked))
        by_link[oldest.linked].append(each)
    for linked, several in by_link.items():
        several.sort(key=lambda each: _second(each, hold))
        for number, each in enumerate(several, 1):
            each.id = linked if number == 1 else f"{linked}{SECOND}{number}"
            each.first = "" if number == 1 else linked


def _second(each: Group, hold: str) -> tuple[object, ...]:
    """The consultation comes after the call it is about. Before its target has a leg, it is the
    one who dials, and not the one who waits."""
    leg = each.legs[-1]
    dials = len(each.legs) == 1 and not leg.bridge and not waits(leg, hold)
    return dials, age(leg)


def _linked_age(linked: str) -> tuple[bool, float, str]:
    began = moment_of(linked)
    return began is None, began.timestamp() if began else 0.0, linked
