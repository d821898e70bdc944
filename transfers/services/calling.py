"""Click-to-dial: a person's own phone rings, and when she answers it, calls somebody.

Only from a phone of her own seat. While it rings, a claim holds the phone: two taps with two keys
are one call all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from transfers import access
from transfers.board.accounts import driver_class_of
from transfers.board.snapshot import Picture
from transfers.domain import same_number
from transfers.models import PbxConnection, Seat, User
from transfers.sentences import say
from transfers.services.names import name_of
from transfers.services.rules import NotNow, Order, dialable, reliable_picture


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of hers. `reason` is why it cannot call anybody from here; "" when it can."""

    connection: PbxConnection
    number: str
    reason: str = ""

    @property
    def id(self) -> str:
        return f"{self.connection.pk}:{self.number}"


@dataclass(frozen=True, slots=True)
class Dial:
    """What will be sent: `own` calls `target`."""

    own: str
    target: str
    target_name: str
    picture: Picture  # it was decided on
    seat: Seat


def phones(user: User) -> tuple[list[Phone], str]:
    """Her phones on every PBX; without one, the reason why there is none."""
    if not user.may_act:
        return [], say("Your account may look, but not act.")
    seats = Seat.objects.filter(user=user, connection__enabled=True).select_related("connection")
    found = [
        Phone(seat.connection, number, why_not(seat.connection))
        for seat in seats.order_by("connection__name")
        for number in seat.numbers
    ]
    found.sort(key=lambda phone: bool(phone.reason))
    return found, "" if found else say("No extension is yours: an administrator can enter one.")


def why_not(connection: PbxConnection) -> str:
    """Why nobody can call from here on this PBX."""
    return driver_class_of(connection).why_no_dial(connection.options)


def plan(user: User, connection: PbxConnection, order: Order) -> Dial:
    """Raises NotNow."""
    if not user.may_act:
        raise NotNow("not_allowed", say("Your account may look, but not act."))
    seat = access.seat_of(user, connection)
    own = _own(seat, connection, order.own)
    if seat is None or own is None:
        words = say("{number} is no phone of yours; only those can call.", number=order.own or "–")
        raise NotNow("not_yours", words)
    if reason := why_not(connection):
        raise NotNow("not_possible", reason)
    target = dialable(order.target)
    if same_number(target, own):
        raise NotNow("same_party", say("{number} is your own phone.", number=target))
    picture = reliable_picture(user, connection, None)
    return Dial(own, target, name_of(connection, target), picture, seat)


def _own(seat: Seat | None, connection: PbxConnection, wanted: str) -> str | None:
    """As the seat has it; the only one need not be named."""
    numbers = seat.numbers if seat else []
    if not numbers:
        words = say("You have no extension at {pbx}: no phone could ring.", pbx=connection.name)
        raise NotNow("no_extension", words)
    if not wanted:
        return numbers[0] if len(numbers) == 1 else None
    return next((number for number in numbers if same_number(number, wanted)), None)


def claim_of(own: str) -> str:
    """Takes the place of a call's id, which there is none of yet."""
    return f"dial {own}"
