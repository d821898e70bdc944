"""What one person sees: her calls first, then what rings, then the rest; and how true it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from transfers import access
from transfers.board import lease
from transfers.board.accounts import driver_class_of, feeds_for
from transfers.board.snapshot import Picture, picture_of
from transfers.desk import Consultation
from transfers.domain import Action, Call, CallState, Leg, Party
from transfers.drivers.registry import VENDORS, agent_scoped
from transfers.models import Claim, PbxConnection, Seat, Transfer, User
from transfers.sentences import say
from transfers.services import company, consultations, forwards, rules
from transfers.services.badges import Badge, badge_of
from transfers.services.ghosts import Ghost, ghosts
from transfers.services.names import Names, book_version, names_on
from transfers.services.recent import recent
from transfers.services.rules import WITH_OTHER_CALL, WITH_TARGET, partner, transferor
from transfers.services.transfers import taken_by

LABELS = {
    Action.BLIND: say("Transfer"),
    Action.FORWARD: say("Forward"),
    Action.CONSULT: say("Consult"),
    Action.JOIN: say("Join"),
    Action.CANCEL: say("End consultation"),
    Action.SWAP: say("Swap"),
    Action.VOICEMAIL: say("To voicemail"),
    Action.PARK: say("Park"),
    Action.UNPARK: say("Take from park"),
    Action.PICKUP: say("Pick up"),
    Action.HOLD: say("Hold"),
    Action.RETRIEVE: say("Resume"),
    Action.HANGUP: say("Hang up"),
}
DIALOGS = WITH_TARGET | {Action.HANGUP}  # ask before they act
# The buttons a row shows by itself, the main one last; all others are in its menu.
SHOWN: dict[CallState, tuple[Action, ...]] = {
    CallState.RINGING: (Action.FORWARD,),
    CallState.TALKING: (Action.HOLD, Action.BLIND),
    CallState.HELD: (Action.RETRIEVE,),
    CallState.PARKED: (Action.UNPARK,),
}
SHOWN_WITH_PARTNER: dict[CallState, tuple[Action, ...]] = {
    CallState.TALKING: (Action.BLIND, Action.JOIN),
    CallState.HELD: (Action.RETRIEVE, Action.JOIN),
}


@dataclass(frozen=True, slots=True)
class Button:
    action: Action
    label: str
    reason: str  # why it is disabled; "" when it works
    dialog: bool
    other: Call | None = None  # JOIN: the call to join with
    other_name: str = ""  # and who is in it
    names: str = ""  # what is said to a screen reader: whom it concerns


@dataclass(frozen=True, slots=True)
class Row:
    connection_id: int
    pbx: str
    call: Call
    caller: Party
    callee: Party
    mine: Leg | None
    shown: tuple[Button, ...]
    menu: tuple[Button, ...]
    claim: str  # "Ana is already on this call (…)"
    others: str  # "Ana is on it since …": a dialog is open, nothing was sent yet
    ghost: Ghost | None  # its PBX was told to end it, and did not

    @property
    def dom_id(self) -> str:
        digest = hashlib.blake2b(self.call.id.encode(), digest_size=8).hexdigest()
        return f"call-{self.connection_id}-{digest}"


@dataclass(frozen=True, slots=True)
class Section:
    slug: str
    title: str
    rows: tuple[Row, ...]
    empty: str = ""  # what is said when there are none; without it the section is not shown then
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """One PBX as this person sees it."""

    user: User
    picture: Picture
    seat: Seat | None
    names: Names
    claims: Mapping[str, Transfer]
    others: Mapping[str, str]  # call id → who else has its dialog open
    ghosts: Mapping[str, Ghost]
    consultations: tuple[Consultation, ...]
    may_act: bool
    rings_again: bool  # completing a consultation rings the target once more


@dataclass(frozen=True, slots=True)
class Switchboard:
    user: User
    sights: tuple[Sight, ...]
    badges: tuple[Badge, ...]
    receipts: tuple[Transfer, ...]
    astray: tuple[Transfer, ...]  # of hers, did not arrive: services/afterwards.py
    standing: forwards.Standing
    loginless: tuple[str, ...]  # PBXs that list each agent's calls apart, and not yet hers
    token: str  # changes when anything but an age changes

    @property
    def sections(self) -> tuple[Section, ...]:
        """The rows, made when they are asked for: who has this token already needs none."""
        return _sections([row for sight in self.sights for row in _rows(self.user, sight)])


def switchboard(user: User) -> Switchboard:
    """Reads the board's pictures, never a PBX; looking keeps the feeds polled."""
    now = timezone.now()
    seats = _seats(user)
    lately = recent(user, now)  # first: where a receipt says Done, the call may be acted on again
    sights = tuple(_sights(user, seats))
    badges = tuple(badge_of(sight.picture, now) for sight in sights)
    standing = forwards.standing(user)
    loginless = _loginless(seats, sights)
    shown = (lately.receipts, lately.astray)
    token = _token(sights, badges, shown, standing, loginless)
    return Switchboard(user, sights, badges, *shown, standing, loginless, token)


def row_of(user: User, connection: PbxConnection, call_id: str) -> Row | None:
    """One call as it stands on the switchboard of this person, or None when it is not there."""
    for sight in _sights(user, _seats(user), connection.pk):
        for row in _rows(user, sight):
            if row.call.id == call_id:
                return row
    return None


def _seats(user: User) -> dict[int, Seat]:
    """Connection → this person's seat there."""
    seats = Seat.objects.filter(user=user).select_related("connection")
    return {seat.connection_id: seat for seat in seats}


def _loginless(seats: Mapping[int, Seat], sights: Iterable[Sight]) -> tuple[str, ...]:
    """Where she has a seat and nothing can be read for her: an empty board would be no answer."""
    seen = {sight.picture.connection_id for sight in sights}
    places = [seat.connection for pk, seat in seats.items() if pk not in seen]
    return tuple(sorted(pbx.name for pbx in places if pbx.enabled and pbx.vendor in agent_scoped()))


def _sights(user: User, seats: Mapping[int, Seat], connection_id: int | None = None) -> list[Sight]:
    feeds = feeds_for(user)
    if connection_id is not None:
        feeds = feeds.filter(connection=connection_id)
    found = list(feeds.order_by("connection__name"))
    lease.watch([feed for feed in found if feed.connection.enabled])
    version = book_version()
    claims: dict[int, dict[str, Transfer]] = {}
    for claim in Claim.objects.filter(
        connection__in=[f.connection_id for f in found]
    ).select_related("transfer"):
        claims.setdefault(claim.connection_id, {})[claim.call_id] = claim.transfer
    others = company.attended(user, [feed.connection_id for feed in found])
    haunted = ghosts(user, found)
    remembered = consultations.remembered([feed.pk for feed in found])
    return [
        Sight(
            user=user,
            picture=picture_of(feed),
            seat=seats.get(feed.connection_id),
            names=names_on(feed.connection_id, version, feed.calls),
            claims=claims.get(feed.connection_id, {}),
            others=others.get(feed.connection_id, {}),
            ghosts=haunted.get(feed.pk, {}),
            consultations=tuple(remembered.get(feed.pk, ())),
            may_act=user.may_act,
            rings_again=_rings_again(feed.connection),
        )
        for feed in found
    ]


def _rings_again(pbx: PbxConnection) -> bool:
    return pbx.vendor in VENDORS and driver_class_of(pbx).rings_again


def _rows(user: User, sight: Sight) -> list[Row]:
    picture = sight.picture
    if not picture.enabled:
        return []
    visible = [call for call in picture.calls if access.may_see(user, sight.seat, call)]
    hers = {call.id: call for call in visible if access.is_at(sight.seat, call)}
    return [_row(sight, call, hers) for call in visible if call.state is not CallState.ENDED]


def _row(sight: Sight, call: Call, hers: Mapping[str, Call]) -> Row:
    other = partner(sight.seat, call, hers.values()) if call.id in hers else None
    holder = sight.claims.get(call.id)
    claim = taken_by(holder, sight.user) if holder else ""
    buttons = _buttons(sight, call, other, claim)
    mine = transferor(sight.seat, call)
    wanted = (SHOWN_WITH_PARTNER if other else SHOWN).get(call.state, ())
    if mine is None:
        wanted = wanted[-1:]  # other people's calls are moved, not put on hold
    shown = [button for action in wanted for button in buttons if button.action is action]
    return Row(
        connection_id=sight.picture.connection_id,
        pbx=sight.picture.name,
        call=call,
        caller=named(call.caller, sight.names),
        callee=named(call.callee, sight.names),
        mine=mine,
        shown=tuple(shown),
        menu=tuple(button for button in buttons if button not in shown),
        claim=claim,
        others=sight.others.get(call.id, ""),
        ghost=sight.ghosts.get(call.id),
    )


def pair(sight: Sight, call: Call, other: Call | None) -> tuple[Row, dict[Action, Button]]:
    """A call as it stands here, and what can be done to it, or to it and that other one."""
    holder = sight.claims.get(call.id) or (other and sight.claims.get(other.id))
    buttons = _buttons(sight, call, other, taken_by(holder, sight.user) if holder else "")
    return _row(sight, call, {}), {button.action: button for button in buttons}


def _buttons(sight: Sight, call: Call, other: Call | None, claim: str) -> list[Button]:
    """One per action the PBX has; hold and resume share a place."""
    features = set(call.actions) | set(call.why_not)
    features.discard(Action.HOLD if call.state is CallState.HELD else Action.RETRIEVE)
    name, other_name = _far_name(call, sight), _far_name(other, sight) if other else ""
    both = say("{party} with {other}", party=name, other=other_name)
    buttons = []
    for action in Action:
        if action not in features:
            continue
        paired = other if action in WITH_OTHER_CALL else None
        buttons.append(
            Button(
                action=action,
                label=LABELS[action],
                reason=_why_not(sight, call, action, other, claim),
                dialog=action in DIALOGS,
                other=paired,
                other_name=other_name if action is Action.JOIN else "",
                names=both if paired else name,
            )
        )
    return buttons


def _why_not(sight: Sight, call: Call, action: Action, other: Call | None, claim: str) -> str:
    if not sight.may_act:
        return rules.NOT_ALLOWED
    if claim:
        return claim
    if sight.picture.error_code:
        return say("The PBX cannot be reached.")
    if action not in call.actions:
        return call.why_not.get(action, rules.NOT_POSSIBLE)
    if action in WITH_OTHER_CALL and other is None:
        return say("Needs one call of yours on hold and one running.")
    if other and action in WITH_OTHER_CALL - other.actions:
        return other.why_not.get(action, rules.NOT_POSSIBLE)
    if action is Action.CONSULT and transferor(sight.seat, call) is None:
        return say("Only the one who is in the call can consult.")
    return ""


def _far_name(call: Call, sight: Sight) -> str:
    """The party this person talks to; of a call that is not hers, the caller."""
    leg = transferor(sight.seat, call)
    party = named(call.party(leg.other) if leg else call.caller, sight.names)
    return party.within_sentence


def named(party: Party, names: Names) -> Party:
    """Our own name for a number goes before what the PBX displays."""
    return Party(party.number, names.of(party.number) or party.name)


def _sections(rows: list[Row]) -> tuple[Section, ...]:
    """My ringing calls, my other calls, what rings elsewhere, the rest; the oldest first."""
    rows = sorted(
        rows, key=lambda row: (row.call.started_at is None, row.call.started_at, row.call.id)
    )

    def rows_of(slug: str) -> tuple[Row, ...]:
        return tuple(row for row in rows if _place(row) == slug)

    return (
        Section("ringing-mine", say("Ringing for you"), rows_of("ringing-mine")),
        Section("mine", say("Your calls"), rows_of("mine"), say("You are on no call.")),
        Section("ringing", say("Ringing"), rows_of("ringing")),
        Section("all", say("All calls"), rows_of("all"), say("No other calls.")),
        Section("aside", say("Set aside"), rows_of("aside"), folded=True),
    )


def _place(row: Row) -> str:
    """The section of a call; one that she makes rings at somebody else, and is simply hers."""
    if row.ghost and row.ghost.aside:
        return "aside"
    if row.call.state is CallState.RINGING and row.mine is not Leg.CALLER:
        return "ringing" if row.mine is None else "ringing-mine"
    return "all" if row.mine is None else "mine"


def _token(
    sights: tuple[Sight, ...],
    badges: tuple[Badge, ...],
    shown: Iterable[tuple[Transfer, ...]],
    standing: forwards.Standing,
    loginless: tuple[str, ...],
) -> str:
    parts: list[object] = [standing.token, loginless]
    for sight, badge in zip(sights, badges, strict=True):
        claims = sorted((call_id, row.pk) for call_id, row in sight.claims.items())
        seat = sight.seat and (sight.seat.extensions, sight.seat.sees)
        health = (badge.connection_id, badge.name, badge.pushed, badge.freshness)
        haunted = sorted((call_id, ghost.words) for call_id, ghost in sight.ghosts.items())
        said = (sight.names.mark, sorted(sight.others.items()), haunted)
        stages = [(row.pk, row.stage, row.why) for row in sight.consultations]
        parts.append((health, sight.picture.version, claims, seat, sight.may_act, said, stages))
    parts.extend([(row.pk, row.state, row.observed) for row in rows] for rows in shown)
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
