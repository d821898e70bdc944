"""May this person do this to this call now? Either a Plan, or NotNow with the reason in words.

The switchboard asks the same rules for its disabled buttons, the service asks them again before
anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.utils import timezone

from transfers import access
from transfers.board.accounts import feeds_for
from transfers.board.poller import fresh_picture
from transfers.board.snapshot import Freshness, Picture
from transfers.domain import Action, Call, CallState, Leg, bare_number, same_number
from transfers.models import PbxConnection, Seat, User
from transfers.sentences import say
from transfers.services.names import name_of
from transfers.validators import why_not_dialable

WITH_TARGET = {Action.BLIND, Action.FORWARD, Action.CONSULT, Action.VOICEMAIL}
WITH_OTHER_CALL = {Action.JOIN, Action.CANCEL, Action.SWAP}
UNDER_WAY = {CallState.TALKING, CallState.RINGING, CallState.DIALING}
TO_OWN_PHONE = {Action.UNPARK, Action.PICKUP}
NOT_POSSIBLE = say("Not possible now.")
NOT_ALLOWED = say("Your account may look, but not act.")
FROM_HER_SIDE = {Action.HOLD, Action.RETRIEVE, Action.PARK}  # these may concern one side only


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for. `leaves` None: the seat tells who the transferor is."""

    kind: Action
    call_id: str
    target: str = ""
    leaves: Leg | None = None
    other_call_id: str = ""  # the consultation call, of actions on two calls
    own: str = ""  # DIAL: which of her phones
    note: str = ""  # for the target, where the PBX carries it
    parties: str = ""  # Call.parties as the person saw them; "" does not ask
    key: UUID = field(default_factory=uuid4)  # idempotency: the same key is the same wish
    by_itself: bool = False  # the console does it for this person, without being asked
    standing: bool = False  # a standing forward of this person asks, not she herself


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be sent about a live call, and what to look for afterwards."""

    call: Call
    other: Call | None
    target: str
    target_name: str
    leaves: Leg | None
    picture: Picture  # it was decided on
    seat: Seat | None


class NotNow(Exception):
    """Refused by us, before anything was sent. `code` is stable, `text` is for people."""

    def __init__(self, code: str, text: str, call: Call | None = None) -> None:
        super().__init__(text)
        self.code, self.text, self.call = code, text, call


def plan(
    user: User, connection: PbxConnection, order: Order, picture: Picture | None = None
) -> Plan:
    """The plan for an order, on a picture at most one interval old. Raises NotNow.

    `picture`: one that was just taken; then the PBX is not read.
    """
    seat = access.seat_of(user, connection)
    if not user.may_act:
        raise NotNow("not_allowed", NOT_ALLOWED)
    picture = reliable_picture(user, connection, picture)
    call = _visible_call(user, seat, picture, order.call_id)
    if order.parties and order.parties != call.parties:
        text = say(
            "The call has other parties now: {caller} and {callee}. Nothing was sent.",
            caller=call.caller,
            callee=call.callee,
        )
        raise NotNow("changed", text, call)
    if order.kind not in call.actions:
        code = "call_gone" if call.state is CallState.ENDED else "not_possible"
        raise NotNow(code, call.why_not.get(order.kind, NOT_POSSIBLE), call)
    if order.kind in WITH_OTHER_CALL:
        other = _visible_call(user, seat, picture, order.other_call_id)
        return _plan_pair(seat, connection, order.kind, (call, other), picture)
    if order.kind in WITH_TARGET:
        return _plan_transfer(seat, connection, call, order, picture)
    target = _own_phone(seat, call) if order.kind in TO_OWN_PHONE else ""
    leaves = transferor(seat, call) if order.kind in FROM_HER_SIDE else None
    return Plan(call, None, target, "", leaves, picture, seat)


def transferor(seat: Seat | None, call: Call) -> Leg | None:
    """The leg that is this person's own phone, when exactly one is."""
    if seat is None:
        return None
    legs = [leg for leg in Leg if any(seat.owns(number) for number in call.numbers(leg))]
    return legs[0] if len(legs) == 1 else None


def common_party(held: Call, other: Call) -> str:
    """The number that is in both calls: the transferor of an attended transfer. "" when unclear."""
    numbers = {bare_number(held.party(leg).number) for leg in Leg}
    both = numbers & {bare_number(other.party(leg).number) for leg in Leg}
    both.discard("")
    return both.pop() if len(both) == 1 else ""


def partner(seat: Seat | None, call: Call, calls: Iterable[Call]) -> Call | None:
    """The other call of this person's consultation: one is held, the other is under way."""
    if seat is None or not call.actions & WITH_OTHER_CALL:
        return None
    for other in calls:
        states = {call.state, other.state}
        fits = CallState.HELD in states and states & UNDER_WAY
        common = call.actions & other.actions & WITH_OTHER_CALL
        if fits and common and other.id != call.id and seat.owns(common_party(call, other)):
            return other
    return None


def reliable_picture(user: User, connection: PbxConnection, picture: Picture | None) -> Picture:
    if not connection.enabled:
        raise NotNow("disabled", say("{pbx} is disabled.", pbx=connection))
    feed = feeds_for(user).filter(connection=connection).first()
    if feed is None:
        raise NotNow("no_login", say("Your seat has no login at {pbx}.", pbx=connection))
    picture = picture or fresh_picture(feed)
    if picture.error_code:
        text = say("Nothing was sent: {why}", why=picture.error_text)
        raise NotNow(picture.error_code, text)
    if picture.taken_at is None:
        text = say("Nothing was sent: {pbx} has not been read yet.", pbx=connection)
        raise NotNow("no_picture", text)
    if picture.freshness(timezone.now()) is not Freshness.LIVE:
        text = say("Nothing was sent: {pbx} could not be read in time.", pbx=connection)
        raise NotNow("stale", text)
    return picture


def _visible_call(user: User, seat: Seat | None, picture: Picture, call_id: str) -> Call:
    call = picture.call(call_id)
    if call is None or not access.may_see(user, seat, call):
        raise NotNow("call_gone", say("This call is not there any more. Nothing was sent."))
    return call


def same_target(typed: str, sent: str) -> bool:
    """Whether what was typed is what was sent for it."""
    return typed.strip() == sent or bare_number(typed) == bare_number(sent)


def _plan_transfer(
    seat: Seat | None, connection: PbxConnection, call: Call, order: Order, picture: Picture
) -> Plan:
    target = dialable(order.target)
    for leg in Leg:
        if same_number(call.party(leg).number, target):
            raise NotNow(
                "same_party", say("{target} is already in this call.", target=target), call
            )
    leaves = Leg.CALLEE if order.kind is Action.FORWARD else order.leaves or transferor(seat, call)
    if leaves is None:
        raise NotNow("who_leaves", say("Say which party leaves the call."), call)
    if order.kind is Action.CONSULT and transferor(seat, call) is not leaves:
        raise NotNow("not_yours", say("Only the one who is in the call can consult."), call)
    return Plan(call, None, target, name_of(connection, target), leaves, picture, seat)


def dialable(text: str) -> str:
    """The target as it is sent: without separators, unless it is a name. Raises NotNow."""
    text = text.strip()
    if why := why_not_dialable(text):
        raise NotNow("bad_target", why)
    return text if any(c.isalpha() for c in text) else bare_number(text)


def _own_phone(seat: Seat | None, call: Call) -> str:
    if seat is None or not seat.numbers:
        raise NotNow("no_extension", say("Your seat has no extension to take the call."), call)
    return seat.numbers[0]


def _plan_pair(
    seat: Seat | None,
    connection: PbxConnection,
    kind: Action,
    pair: tuple[Call, Call],
    picture: Picture,
) -> Plan:
    """An action on a held call and the consultation call beside it, whichever was named first."""
    held, running = sorted(pair, key=lambda call: call.state is not CallState.HELD)
    swapped = held.related == running.id
    if kind not in running.actions or kind not in held.actions:
        reason = running.why_not.get(kind) or held.why_not.get(kind) or NOT_POSSIBLE
        raise NotNow("not_possible", reason, held)
    if held.state is not CallState.HELD or running.state not in UNDER_WAY:
        text = say("This needs one call on hold and one that is running.")
        raise NotNow("not_possible", text, held)
    common = common_party(held, running)
    if not common:
        raise NotNow("no_common_party", say("The two calls have no party in common."), held)
    if seat is not None and seat.numbers and not seat.owns(common):
        text = say("Only {number} can do this with these two calls.", number=common)
        raise NotNow("not_yours", text, held)
    if kind is not Action.SWAP and swapped:
        held, running = running, held  # the consultation waits; who called is in the other one
    leg = running.leg_of(common) or Leg.CALLER
    target = running.party(leg.other)
    name = name_of(connection, target.number) or target.name
    return Plan(held, running, target.number, name, held.leg_of(common), picture, seat)
