"""Accounts and seats, each change with its audit event. An account is never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from transfers.drivers.registry import agent_scoped
from transfers.models import Feed, Seat, User
from transfers.sentences import say
from transfers.services import farewells, forwards
from transfers.services.audit import record
from transfers.standing import StandingForward

OWN = say("You cannot take the administrator's role or the account from yourself. Ask a colleague.")

LOGIN = {"connection", "username", "password"}
PHONE = {"connection", "username", "extensions"}  # of a seat: what a phone was told with


class NotAllowed(Exception):
    """A rule is against it; the text is for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class SeatChanges:
    added: Sequence[Seat] = ()
    edited: Sequence[tuple[Seat, Sequence[str]]] = ()  # with the names of the changed fields
    removed: Sequence[Seat] = ()


@transaction.atomic
def add(actor: User, person: User, password: str, seats: SeatChanges) -> None:
    _still_administrator(actor)
    person.set_password(password)
    person.save()
    record(actor, "person.added", person.title, role=person.role)
    _save_seats(actor, person, seats)


def edit(
    actor: User, person: User, changed: Sequence[str], password: str, seats: SeatChanges
) -> None:
    """Write the changed fields, and the password unless it is "". Raises NotAllowed.

    What her phones do by standing forwards is taken back first, with the logins that then go.
    """
    _release(actor, person, seats)
    _edit(actor, person, changed, password, seats)


def _release(actor: User, person: User, seats: SeatChanges) -> None:
    going = [seat.pk for seat in seats.removed]
    going += [seat.pk for seat, fields in seats.edited if PHONE & set(fields)]
    there = Seat.objects.filter(pk__in=going).values("connection")
    rows = StandingForward.objects.filter(created_by=person, connection__in=there)
    forwards.release(rows, actor, say("the seat was changed"))


@transaction.atomic
def _edit(
    actor: User, person: User, changed: Sequence[str], password: str, seats: SeatChanges
) -> None:
    _still_administrator(actor)
    if person.pk == actor.pk and not (person.is_administrator and person.is_active):
        raise NotAllowed(OWN)
    if changed:
        person.save(update_fields=changed)
        record(actor, _verb(person, changed), person.title, changed=list(changed))
        if not person.is_active:
            farewells.part(Feed.objects.filter(seat__user=person))
    if password:
        person.set_password(password)
        person.save(update_fields=["password"])
        record(actor, "person.password_set", person.title)
    _save_seats(actor, person, seats)


def _still_administrator(actor: User) -> None:
    """Two administrators who take the role from each other queue here, and the second is refused.

    The actor stays an administrator, so there is always at least one.
    """
    administrators = User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True)
    locked = administrators.select_for_update().order_by("pk").values_list("pk", flat=True)
    if actor.pk not in list(locked):
        raise NotAllowed(say("You are not an administrator any more. Nothing was saved."))


def _verb(person: User, changed: Sequence[str]) -> str:
    if "is_active" in changed:
        return "person.activated" if person.is_active else "person.deactivated"
    return "person.edited"


def _save_seats(actor: User, person: User, seats: SeatChanges) -> None:
    for seat in seats.removed:
        record(actor, "seat.removed", _place(person, seat))
        farewells.part(Feed.objects.filter(seat=seat), for_good=True)
        seat.delete()
    for seat, changed in seats.edited:
        _edit_seat(seat, set(changed))
        record(actor, "seat.edited", _place(person, seat), changed=list(changed))
    for seat in seats.added:
        seat.user = person
        seat.save()
        own_feed(seat)
        record(actor, "seat.added", _place(person, seat))


def _edit_seat(seat: Seat, changed: set[str]) -> None:
    """Another login says good-bye with the old one; only another password changes no agent."""
    feed = Feed.objects.filter(seat=seat)
    if {"connection", "username"} & changed:
        farewells.part(feed, for_good=True)
    signed_on_at = feed.values_list("signed_on_at", flat=True).first()
    seat.save()
    if LOGIN & changed or not feed.exists():
        own_feed(seat)
        feed.update(signed_on_at=signed_on_at)


def _place(person: User, seat: Seat) -> str:
    return say("{person} at {pbx}", person=person.title, pbx=seat.connection)


def own_feed(seat: Seat) -> None:
    """Where each agent has a login of her own, her seat has a feed; a new login starts it anew."""
    Feed.objects.filter(seat=seat).delete()
    if seat.connection.vendor in agent_scoped() and seat.username:
        Feed.objects.create(connection=seat.connection, seat=seat)
