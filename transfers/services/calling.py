"""Click-to-dial: a person's own phone rings, and when she answers it, calls somebody.

Only from a phone of her own seat. While it rings, a claim holds the phone: two taps with two keys
are one call all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transfers import access
from transfers.board.accounts import driver_class_of
from transfers.board.snapshot import Picture
from transfers.domain import same_number
from transfers.drivers.registry import VENDORS
from transfers.models import PbxConnection, Seat, Transfer, User
from transfers.phonebook import ContactNumber
from transfers.sentences import say
from transfers.services.dialling import Dialling, Way
from transfers.services.names import name_of
from transfers.services.rules import NotNow, Order, dialable, reliable_picture
from transfers.spelling import number_key


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
    """Her phones on every PBX, the one she used last before the others; without one, the reason
    why there is none."""
    if not user.may_act:
        return [], say("Your account may look, but not act.")
    seats = Seat.objects.filter(user=user, connection__enabled=True).select_related("connection")
    found = [
        Phone(seat.connection, number, why_not(seat.connection))
        for seat in seats.order_by("connection__name")
        for number in seat.numbers
    ]
    last = Transfer.objects.filter(user=user, kind=Transfer.Kind.DIAL).first()
    used = last and (last.connection_id, last.caller_number)
    found.sort(key=lambda each: (bool(each.reason), (each.connection.pk, each.number) != used))
    return found, "" if found else say("No extension is yours: an administrator can enter one.")


def why_nobody(user: User) -> str:
    """Why this person can call nobody from here; "" when a phone of hers can."""
    found, reason = phones(user)
    return reason or found[0].reason  # those that can come first


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is to be called: a contact, an extension of a PBX, or a number dialled as it is."""

    contact: int = 0
    number: str = ""
    pbx: int | None = None

    def ways(self, user: User, phone: Phone) -> tuple[list[Way], str]:
        """What this phone dials for it, the number that was meant first; or why there is none."""
        if not self.contact and self.pbx is None:
            return [Way(ContactNumber(number=self.number), self.number)], ""
        rules, numbers = Dialling.of(phone.connection), self._numbers()
        found = rules.ways(numbers)
        found.sort(key=lambda way: way.number.number != self.number)
        if found:
            return found, ""
        visible = {None, *access.connections_of(user).values_list("pk", flat=True)}
        return [], rules.why_none(n for n in numbers if n.connection_id in visible)

    def _numbers(self) -> list[ContactNumber]:
        if self.contact:
            return list(
                ContactNumber.objects.filter(contact=self.contact).select_related("connection")
            )
        key = number_key(self.number)
        return [ContactNumber(number=self.number, key=key, connection_id=self.pbx)]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a dialog starts from. `phone` None: the first of hers that can call at all."""

    phone: Phone | None
    target: str = ""
    reason: str = ""


def propose(user: User, phones: Sequence[Phone], whom: Whom, chosen: str = "") -> Proposal:
    """From the phone that was chosen; else from one on the PBX of the number, else from one that
    reaches it at all."""
    able = [phone for phone in phones if not phone.reason]
    wanted = [phone for phone in able if phone.id == chosen] or able
    if not (whom.contact or whom.number) or not wanted:
        return Proposal(wanted[0] if wanted else None)
    found: list[tuple[bool, Phone, str, str]] = []
    for phone in wanted:
        ways, reason = whom.ways(user, phone)
        near = bool(ways) and ways[0].number.connection_id == phone.connection.pk
        found.append((near, phone, ways[0].dial if ways else "", reason))
    found.sort(key=lambda each: (not each[2], not each[0]))
    _, phone, target, reason = found[0]
    return Proposal(phone, target, reason)


def why_not(connection: PbxConnection) -> str:
    """Why nobody can call from here on this PBX."""
    if connection.vendor not in VENDORS:
        return say("This installation has no driver for “{vendor}”.", vendor=connection.vendor)
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
