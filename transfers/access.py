"""What a person may see and touch. One helper per model; a stranger gets 404, a reader 403."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from transfers.domain import Call, Leg
from transfers.drivers.registry import agent_scoped
from transfers.models import PbxConnection, Seat, Transfer, User
from transfers.standing import StandingForward

P = ParamSpec("P")


class UserRequest(HttpRequest):
    """A request behind `member` or `administrator`: its user is one of ours."""

    user: User


View = Callable[Concatenate[UserRequest, P], HttpResponseBase]


def member(view: View[P]) -> View[P]:
    """Logged in. A fragment gets 403, never a login page inside the table."""
    behind_login = login_required(view)

    @wraps(view)
    def inner(request: UserRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.headers.get("HX-Request") and not request.user.is_authenticated:
            return HttpResponse(_("Your session has ended: log in again."), status=403)
        return behind_login(request, *args, **kwargs)

    return inner


def administrator(view: View[P]) -> View[P]:
    @wraps(view)
    def inner(request: UserRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_administrator:
            raise PermissionDenied(_("Only an administrator may do this."))
        return view(request, *args, **kwargs)

    return member(inner)


def connections_of(user: User) -> QuerySet[PbxConnection]:
    """The connections whose calls this person may look at."""
    if user.is_administrator:
        return PbxConnection.objects.all()
    return PbxConnection.objects.filter(seats__user=user)


def connection_for(user: User, pk: int) -> PbxConnection:
    return get_object_or_404(connections_of(user), pk=pk, enabled=True)


def seat_of(user: User, connection: PbxConnection) -> Seat | None:
    return Seat.objects.filter(user=user, connection=connection).first()


def may_see(user: User, seat: Seat | None, call: Call) -> bool:
    if seat is not None and seat.sees == Seat.Sees.OWN and not user.is_administrator:
        return is_at(seat, call)
    return seat is not None or user.is_administrator


def is_at(seat: Seat | None, call: Call) -> bool:
    """Whether one of this person's numbers is in the call."""
    return seat is not None and any(seat.owns(each) for leg in Leg for each in call.numbers(leg))


def transfers_of(user: User) -> QuerySet[Transfer]:
    """The log rows this person may read: all on a PBX she sees whole, else only her own."""
    if user.is_administrator:
        return Transfer.objects.all()
    return Transfer.objects.filter(Q(user=user) | Q(connection__in=seen_whole(user)))


def seen_whole(user: User) -> QuerySet[Seat, Any]:
    """The connections of which this person sees every call; never those of agents' own logins."""
    seats = Seat.objects.filter(user=user, sees=Seat.Sees.ALL)
    return seats.exclude(connection__vendor__in=agent_scoped()).values("connection")


def seen_in_part(user: User) -> set[int]:
    """The connections of whose calls this person sees only her own."""
    if user.is_administrator:
        return set()
    seats = Seat.objects.filter(user=user, sees=Seat.Sees.OWN)
    return set(seats.values_list("connection", flat=True))


def transfer_for(user: User, pk: int) -> Transfer:
    transfer = transfers_of(user).filter(pk=pk).first()
    if transfer is None:
        raise Http404("No such transfer.")
    return transfer


def forward_for(user: User, pk: int) -> StandingForward:
    """A standing forward on a PBX this person may look at, ended or not."""
    rows = StandingForward.objects.select_related("connection")
    return get_object_or_404(rows.filter(connection__in=connections_of(user)), pk=pk)
