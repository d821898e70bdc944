"""From the views of a call, one per party's perspective (source 4), to one state and two parties.

Extra keys, for the commands: `caller` and `callee` are the exact strings of the parties,
`caller_view` and `callee_view` the ids of their views, `view` the one to act on when no party is
meant, `holder_view`, `ringing_view` and `parked_view` what their names say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transfers.domain import CallState, Leg, Party, likely_same, same_number
from transfers.drivers.text import clean
from transfers.drivers.voipnow.reading import Json, exact, number, short, text
from transfers.errors import BadReply
from transfers.sentences import say

NUMBER, NAME, WORD = 100, 200, 40  # sane lengths
TRYING = (1, 2, 4)  # off hook, trying, the other side rings
RINGS, ON_CALL = 3, 5
LEGS = tuple(Leg)  # to go through an enumeration costs more, and there are many views
_VIEW_OF = {leg: f"{leg}_view" for leg in LEGS}
_CALLER_ID = re.compile(r"(.*?)\s*<([^<>]*)>\s*", re.DOTALL)
_VIEW_ID = re.compile(r"[\w.:~-]{1,64}")
_NUMBER_ONLY = re.compile(r"\+?[0-9*][0-9 ().*/-]*")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the connection's options say about reading."""

    prefix: str = ""  # of our organisation's extended numbers
    extension: str = ""  # short; "" for all
    hold_view: str = "own"
    forward_ringing: bool = False


@dataclass(frozen=True, slots=True)
class View:
    id: str
    extension: str  # short, where it is ours
    status: int | None
    source: tuple[str, ...]  # exact strings
    destination: tuple[str, ...]
    caller_id: str
    on_hold: bool
    holder: bool
    parked: bool
    at: Leg | None  # the side at which its extension is


@dataclass(frozen=True, slots=True)
class Sight:
    """A call as its views show it."""

    state: CallState
    raw_state: str
    caller: Party
    callee: Party
    extra: dict[str, str]
    rings_caller: bool = False


def read_view(said: Json, prefix: str) -> View:
    """Raises BadReply for one with parties that are neither texts nor numbers."""
    extension = short(text(said.get("extension"), NUMBER), prefix)
    source, destination = _numbers(said.get("source")), _numbers(said.get("destination"))
    at = None
    if any(short(each, prefix) == extension for each in destination):
        at = Leg.CALLEE
    elif any(short(each, prefix) == extension for each in source):
        at = Leg.CALLER
    return View(
        id=_view_id(said.get("id")),
        extension=extension,
        status=number(said.get("status")),
        source=source,
        destination=destination,
        caller_id=text(said.get("callerId") or said.get("callerID"), NAME),
        on_hold=bool(said.get("onHold")),
        holder=number(said.get("holder")) == 1,
        parked=bool(said.get("parked")),
        at=at,
    )


def sight_of(views: list[View], reading: Reading) -> Sight:
    """One picture of a call. Without any view it is a call of which nothing is known."""
    if not views:
        return Sight(CallState.UNKNOWN, "", Party(), Party(), {})
    state, deciding = _state(views)
    base = _base(views, reading)
    sides = {Leg.CALLER: base.source, Leg.CALLEE: base.destination}
    parties = {leg: _party(leg, sides[leg], views, reading.prefix) for leg in LEGS}
    numbers = {leg: short(clean(parties[leg], NUMBER), reading.prefix) for leg in LEGS}
    names = _names(views, numbers)
    word = "" if deciding.status is None else str(deciding.status)
    word += " parked" if state is CallState.PARKED else ""
    word += " onHold" if state is CallState.HELD else ""
    return Sight(
        state,
        clean(word, WORD),
        Party(numbers[Leg.CALLER], names.get(Leg.CALLER, "")),
        Party(numbers[Leg.CALLEE], names.get(Leg.CALLEE, "")),
        _extra(views, parties, numbers, reading),
        state is CallState.DIALING
        and any(view.at is Leg.CALLER and view.status == RINGS for view in views),
    )


def _state(views: list[View]) -> tuple[CallState, View]:
    """The state, and the view that decided. Parked and on hold are told by dates alone (4).

    The called side decides if the PBX shows it: the caller may be "on call" while a new target
    rings. A status 3 at the calling side is click-to-dial: it rings at the caller's own phone.
    """
    for view in views:
        if view.parked:
            return CallState.PARKED, view
    for view in views:
        if view.on_hold:
            return CallState.HELD, view
    called = [view for view in views if view.at is not Leg.CALLER]
    calling = [view for view in views if view.at is Leg.CALLER]
    for wanted, group, state in (
        ((ON_CALL,), called, CallState.TALKING),
        ((RINGS,), called, CallState.RINGING),
        ((ON_CALL,), calling, CallState.TALKING),
        ((*TRYING, RINGS), views, CallState.DIALING),
    ):
        for view in group:
            if view.status in wanted:
                return state, view
    return CallState.UNKNOWN, views[0]


def _base(views: list[View], reading: Reading) -> View:
    """The view whose words about the parties count: ours, else the phone's that is called."""

    def rank(view: View) -> tuple[bool, bool, bool, bool]:
        ours = bool(reading.extension) and view.extension == reading.extension
        called = view.at is Leg.CALLEE
        return (
            not ours,
            not (called and view.status == ON_CALL),
            not (called and view.status == RINGS),
            view.at is None,
        )

    return min(views, key=rank)


def _party(leg: Leg, side: tuple[str, ...], views: list[View], prefix: str) -> str:
    """The exact string of a party; of several that rang together the one that is on the call."""
    if len(side) < 2:
        return side[0] if side else ""
    at = [view for view in views if view.at is leg]
    at.sort(key=lambda view: (view.status != ON_CALL, view.status != RINGS))
    for view in at:
        for each in side:
            if short(each, prefix) == view.extension:
                return each
    return side[0]


def _names(views: list[View], numbers: dict[Leg, str]) -> dict[Leg, str]:
    """callerId is "Name <number>". The number tells whose it is; else it is the other party's."""
    found: dict[Leg, str] = {}
    for view in views:
        match = _CALLER_ID.fullmatch(view.caller_id)
        name, shown = match.groups() if match else (view.caller_id, "")
        name = clean(name.strip(' "'), NAME)
        if not name or _NUMBER_ONLY.fullmatch(name):
            continue
        whose = _owner(shown.rpartition("*")[2], numbers)  # 0003*210 is 210
        whose = whose or (view.at.other if view.at else Leg.CALLER)
        if whose not in found and not same_number(name, numbers[whose]):
            found[whose] = name
    return found


def _owner(shown: str, numbers: dict[Leg, str]) -> Leg | None:
    """The leg with this number, as it is or probably; None if neither has it."""
    for same in (str.__eq__, likely_same):
        for leg in LEGS:
            if shown and same(numbers[leg], shown):
                return leg
    return None


def _extra(
    views: list[View], parties: dict[Leg, str], numbers: dict[Leg, str], reading: Reading
) -> dict[str, str]:
    chosen = {leg.value: _exact(parties[leg]) for leg in LEGS}
    ours = ""
    for view in views:
        if not view.id:
            continue
        for leg in LEGS:
            if view.extension == numbers[leg] and view.at in (leg, None):
                chosen.setdefault(_VIEW_OF[leg], view.id)
        if view.holder:
            chosen.setdefault("holder_view", view.id)
        if view.status == RINGS:
            chosen.setdefault("ringing_view", view.id)
        if view.parked:
            chosen.setdefault("parked_view", view.id)
        if view.extension == reading.extension:
            ours = ours or view.id
    called, calling = (chosen.get(_VIEW_OF[leg], "") for leg in (Leg.CALLEE, Leg.CALLER))
    first = next((view.id for view in views if view.id), "")
    order = {"own": (ours, called, calling), "caller": (calling, called)}
    wanted = order.get(reading.hold_view, ())
    chosen["view"] = next(filter(None, wanted), first)
    return {name: value for name, value in chosen.items() if value}


def _numbers(said: object) -> tuple[str, ...]:
    """An array of numbers; histories and some servers have one as a plain text (33, 41)."""
    if said is None:
        return ()
    each = said if isinstance(said, list) else [said]
    if len(each) == 1 and type(each[0]) is str:  # as nearly always
        return (each[0],)
    if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in each):
        raise BadReply(say("The PBX lists a call with parties that cannot be read."))
    return tuple(exact(one) for one in each)


def _view_id(said: object) -> str:
    """To the letter: "01" is not 1. Unusable ones count as missing."""
    view_id = exact(said)
    return view_id if _VIEW_ID.fullmatch(view_id) else ""


def _exact(party: str) -> str:
    """A party as it may be sent back: to the letter or not at all."""
    return party if party.isprintable() and len(party) <= NUMBER and party.strip() else ""
