"""Write it down, send it once, say what the PBX said. What became of it: services.outcomes.py."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from transfers.board import lease
from transfers.board.accounts import driver_class_of, driver_for
from transfers.board.hub import hub
from transfers.board.snapshot import Picture
from transfers.domain import Action, Call, CallState, Leg, Receipt, same_number
from transfers.drivers.base import Driver, Scope
from transfers.errors import DriverError, OutcomeUnknown
from transfers.models import BY_ITSELF, Claim, PbxConnection, Transfer, User
from transfers.sentences import joined, say
from transfers.services import audit
from transfers.services.calling import Dial, claim_of
from transfers.services.calling import plan as plan_dial
from transfers.services.company import what_became
from transfers.services.names import names_of
from transfers.services.notes import Notes, notes_of
from transfers.services.outcomes import WATCH, settle
from transfers.services.rules import WITH_TARGET, NotNow, Order, Plan, plan, same_target

log = logging.getLogger("transfers.commands")

State = Transfer.State
TARGETED = WITH_TARGET | {Action.DIAL}
OVERTAKEN = {"call_gone", "changed"}  # perhaps somebody else was faster: then it is said who


def start(
    user: User, connection: PbxConnection, order: Order, picture: Picture | None = None
) -> Transfer:
    """Carry out an order, once. The row tells what happened; it never raises for a refusal.

    The same order key again (a double click, a resubmitted form) returns the first row as it is.
    `picture` is one that was just taken, for those who act on it at once.
    """
    decided: Plan | Dial
    earlier = _same_key(user, order)
    if earlier is not None:
        return _once_more(user, connection, order, earlier)
    try:
        if order.kind is Action.DIAL:
            decided = plan_dial(user, connection, order)
        else:
            decided = plan(user, connection, order, picture)
        row = _write_down(user, connection, order, decided)
    except NotNow as refusal:
        if refusal.code in OVERTAKEN:
            refusal.text = joined(refusal.text, what_became(user, connection, (order.call_id,)))
        return _write_refusal(user, connection, order, refusal)
    except DuplicateWish as duplicate:
        return _once_more(user, connection, order, duplicate.row)
    return _send(row, connection, order, decided)


class DuplicateWish(Exception):
    def __init__(self, row: Transfer) -> None:
        super().__init__(row.pk)
        self.row = row


def _same_key(user: User, order: Order) -> Transfer | None:
    return Transfer.objects.filter(user=user, key=order.key).first()


def _once_more(user: User, connection: PbxConnection, order: Order, earlier: Transfer) -> Transfer:
    """The key was used. The same wish is its first row; another wish is refused, never dropped."""
    calls = {order.call_id, order.other_call_id} == {earlier.call_id, earlier.other_call_id}
    target = order.kind not in TARGETED or same_target(order.target, earlier.target)
    kind = (connection.pk, order.kind) == (earlier.connection_id, earlier.kind)
    own = not order.own or same_number(order.own, earlier.caller_number)
    if kind and calls and target and own and (order.leaves or earlier.leaves) == earlier.leaves:
        return earlier
    text = say("This form was used already, for something else. Nothing more was sent; ask again.")
    return _write_refusal(user, connection, replace(order, key=uuid4()), NotNow("used_form", text))


def _write_down(
    user: User, connection: PbxConnection, order: Order, decided: Plan | Dial
) -> Transfer:
    """The row and its claims, committed. The database settles who was first."""
    call = decided.call if isinstance(decided, Plan) else None
    values = described(user, connection, order, call) | {
        "target": decided.target,
        "target_name": decided.target_name,
        **_of_plan(decided),
        "seen": Notes(
            feed=decided.picture.feed_id,
            alone=driver_class_of(connection).scope is Scope.AGENT,
            before=tuple(call.id for call in decided.picture.calls),
            began_at=call.started_at if call else None,
            answered_at=call.answered_at if call else None,
        ).to_json(),
        "watch_until": timezone.now() + WATCH,
    }
    try:
        with transaction.atomic():
            row = Transfer.objects.create(**values)
            for call_id in _claimed(decided):
                Claim.objects.create(connection=connection, call_id=call_id, transfer=row)
            audit.record(user, "transfer.sending", str(row), transfer=row)
    except IntegrityError:
        raise _lost_race(user, connection, order, decided) from None
    log.info("%s: sending", row)
    hub.ring()
    return row


def _of_plan(decided: Plan | Dial) -> dict[str, Any]:
    if isinstance(decided, Dial):
        return {"caller_number": decided.own}
    other = decided.other.id if decided.other else ""
    return {"call_id": decided.call.id, "other_call_id": other, "leaves": decided.leaves or ""}


def _claimed(decided: Plan | Dial) -> list[str]:
    """The ids of what nobody else may act on meanwhile."""
    if isinstance(decided, Dial):
        return [claim_of(decided.own)]
    return [call.id for call in (decided.call, decided.other) if call is not None]


def _lost_race(
    user: User, connection: PbxConnection, order: Order, decided: Plan | Dial
) -> DuplicateWish | NotNow:
    earlier = _same_key(user, order)
    if earlier is not None:
        return DuplicateWish(earlier)
    ids = _claimed(decided)
    claim = Claim.objects.filter(connection=connection, call_id__in=ids).first()
    text = say("Somebody else was faster; look at the call again.")
    if claim is not None:
        text = say("{taken}. Nothing was sent.", taken=taken_by(claim.transfer))
    return NotNow("taken", text, decided.call if isinstance(decided, Plan) else None)


def taken_by(row: Transfer, reader: User | None = None) -> str:
    """ "Ana Kovács is already on this call (Blind transfer, 10:02:14)"

    `reader`: who alone will read it; without one it may be kept, for everybody.
    """
    clock = f"{timezone.localtime(row.created_at):%H:%M:%S}"
    if row.kind == Action.DIAL:
        return say(
            "{own} is calling {target} already ({clock})",
            own=row.caller_number,
            target=row.target,
            clock=clock,
        )
    when = {"command": row.get_kind_display(), "clock": clock}
    if reader is not None and (row.user_id, row.who) == (reader.pk, reader.title):
        return say("You are already on this call ({command}, {clock})", **when)
    return say("{person} is already on this call ({command}, {clock})", person=row.who, **when)


def _write_refusal(
    user: User, connection: PbxConnection, order: Order, refusal: NotNow
) -> Transfer:
    """Refused attempts are rows too."""
    now = timezone.now()
    values = described(user, connection, order, refusal.call) | {
        "call_id": order.call_id[:200],
        "other_call_id": order.other_call_id[:200],
        "target": order.target[:100],
        "leaves": order.leaves or "",
        "state": State.REFUSED,
        "code": refusal.code,
        "observed": refusal.text,
        "settled_at": now,
    }
    try:
        with transaction.atomic():
            row = Transfer.objects.create(**values)
            audit.record(user, "transfer.refused", str(row), transfer=row, code=refusal.code)
    except IntegrityError:  # the same wish, refused a moment ago by another thread
        return Transfer.objects.get(user=user, key=order.key)
    log.info("%s: %s", row, refusal.code)
    hub.ring()
    return row


def described(
    user: User, connection: PbxConnection, order: Order, call: Call | None
) -> dict[str, Any]:
    """What a row says of the wish itself, and of the call where it is known."""
    values: dict[str, Any] = {
        "key": order.key,
        "user": user,
        "user_name": f"{BY_ITSELF}{user.title}"[:150] if order.by_itself else user.title,
        "connection": connection,
        "connection_name": connection.name,
        "kind": order.kind.value,
        "note": order.note[:200],
        "standing": order.standing,
    }
    if order.kind is Action.DIAL:
        values |= {"caller_number": order.own[:100], "caller_name": user.title[:200]}
    if call is not None:
        names = names_of(connection.pk, [call.caller.number, call.callee.number])
        for role, party in (("caller", call.caller), ("called", call.callee)):
            name = names.get(party.number) or party.name  # as the switchboard shows them
            values |= {f"{role}_number": party.number[:100], f"{role}_name": name[:200]}
    return values


def _send(row: Transfer, connection: PbxConnection, order: Order, decided: Plan | Dial) -> Transfer:
    """The one command. No database transaction is open while it is under way."""
    values: dict[str, Any] = {}
    try:
        driver = driver_for(connection, decided.seat)
        with driver.door.action():
            receipt = _command(driver, order, decided)
        state = State.ACCEPTED
        values = {"vendor_code": receipt.vendor_code, "vendor_text": receipt.vendor_text}
        if order.kind is Action.DIAL and receipt.new_call_id:
            values["seen"] = replace(notes_of(row), call=receipt.new_call_id).to_json()
    except DriverError as error:
        state = _state_after(error)
        values = {
            "code": error.code,
            "vendor_code": error.vendor_code,
            "vendor_text": error.vendor_text,
            "observed": error.safe_text,
        }
    except Exception:  # a defect of ours: what the PBX did is not known
        log.exception("%s: the command broke", row)
        state = State.UNKNOWN
        values = {
            "code": "internal",
            "observed": say("The command broke on our side; see the log."),
        }
    values["replied_at"] = timezone.now()
    if not settle(row, [State.SENDING], state, **values) and state != State.UNKNOWN:
        settle(row, [State.UNKNOWN], state, **values)  # it took so long that it was given up
    lease.read_again(connection.pk)  # only now: a picture begun before the reply is no evidence
    row.refresh_from_db()
    return row


def _state_after(error: DriverError) -> State:
    if isinstance(error, OutcomeUnknown):
        return State.UNKNOWN
    return State.REFUSED if error.sent else State.FAILED


def _command(driver: Driver, order: Order, decided: Plan | Dial) -> Receipt:
    if isinstance(decided, Dial):
        return driver.dial(decided.own, decided.target)
    call, target, other = decided.call, decided.target, decided.other or decided.call
    leaves = decided.leaves or Leg.CALLEE
    waits, talks = sorted((call, other), key=lambda each: each.state is not CallState.HELD)
    commands: dict[Action, Callable[[], Receipt]] = {
        Action.BLIND: lambda: driver.blind(call, target, leaves=leaves, note=order.note),
        Action.FORWARD: lambda: driver.forward(call, target),
        Action.VOICEMAIL: lambda: driver.voicemail(call, target, leaves=leaves),
        Action.CONSULT: lambda: driver.consult(call, target, leaves=leaves, note=order.note),
        Action.JOIN: lambda: driver.join(waits, talks),
        Action.CANCEL: lambda: driver.cancel(call, other),
        Action.SWAP: lambda: driver.swap(call, other),
        Action.PARK: lambda: driver.park(call, by=decided.leaves),
        Action.UNPARK: lambda: driver.unpark(call, target),
        Action.PICKUP: lambda: driver.pickup(call, target),
        Action.HOLD: lambda: driver.hold(call, by=decided.leaves),
        Action.RETRIEVE: lambda: driver.retrieve(call),
        Action.HANGUP: lambda: driver.hangup(call),
    }
    return commands[order.kind]()
