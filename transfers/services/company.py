"""Several people, one call: who is on it before anybody clicks, and who was faster afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from transfers import access
from transfers.board.hub import hub
from transfers.desk import Attention
from transfers.domain import Party
from transfers.models import PbxConnection, Transfer, User
from transfers.sentences import joined, listed_with_and, say
from transfers.services.verdicts import verdict_of

LEASE = timedelta(seconds=15)  # an open dialog renews it three times in this
LATELY = timedelta(minutes=5)  # what became of a call is told so long
DID_NOT = (Transfer.State.REFUSED, Transfer.State.FAILED)
IN_PLACE = ("hold", "retrieve", "consult", "cancel", "swap")  # these move no call away


def attend(user: User, connection: PbxConnection, call_id: str) -> None:
    """This person has the dialog of this call open, for some seconds more."""
    now = timezone.now()
    mine = Attention.objects.filter(user=user)
    mine.filter(until__lte=now).delete()
    if mine.filter(connection=connection, call_id=call_id).update(until=now + LEASE):
        return
    values = {"since": now, "until": now + LEASE}
    mine.get_or_create(values, connection=connection, call_id=call_id, user=user)
    hub.ring()


def leave(user: User, connection: PbxConnection, call_id: str) -> None:
    """The dialog is closed."""
    if Attention.objects.filter(user=user, connection=connection, call_id=call_id).delete()[0]:
        hub.ring()


def attended(user: User, connections: Iterable[int]) -> dict[int, dict[str, str]]:
    """Connection → call → who else has its dialog open, in words."""
    rows = Attention.objects.filter(until__gt=timezone.now(), connection__in=connections)
    people: dict[tuple[int, str], list[Attention]] = {}
    for row in rows.exclude(user=user).select_related("user").order_by("since", "pk"):
        people.setdefault((row.connection_id, row.call_id), []).append(row)
    found: dict[int, dict[str, str]] = {}
    for (connection, call_id), those in people.items():
        found.setdefault(connection, {})[call_id] = _in_words(those)
    return found


def _in_words(people: list[Attention]) -> str:
    """ "Ana Kovács is on it since 10:02:14" """
    names = listed_with_and(row.user.title for row in people)
    since = f"{timezone.localtime(people[0].since):%H:%M:%S}"
    if len(people) == 1:
        return say("{person} is on it since {time}", person=names, time=since)
    return say("{people} are on it since {time}", people=names, time=since)


def what_became(user: User, connection: PbxConnection, call_ids: Iterable[str]) -> str:
    """Who moved one of these calls lately, and how that ended; "" when nobody is known to have.

    Also what is still on its way, or unknown: a PBX may tell of the move before it answers.

    Only of what this person may read in the log, and of the call whose dialog she has open, though
    her login sees no others: an id that was guessed tells nothing.
    """
    now, ids = timezone.now(), {call_id for call_id in call_ids if call_id}
    open_here = Attention.objects.filter(user=user, connection=connection, until__gt=now)
    of_it = Transfer.objects.filter(call_id__in=open_here.values("call_id"))
    rows = (access.transfers_of(user) | of_it).filter(
        Q(call_id__in=ids) | Q(other_call_id__in=ids),
        connection=connection,
        created_at__gt=now - LATELY,
    )
    row = rows.exclude(kind__in=IN_PLACE).exclude(state__in=DID_NOT).first()
    return "" if row is None else _told(row)


def _told(row: Transfer) -> str:
    """ "Ana Kovács: Blind transfer to 1003 Carol, 10:02:14. Arrived: 1003 answered." """
    verdict = verdict_of(row).word
    end = say("{verdict}.", verdict=verdict)
    if row.observed:
        end = say("{verdict}: {observed}", verdict=verdict, observed=row.observed)
    return joined(_command(row), end)


def _command(row: Transfer) -> str:
    what = {"person": row.who, "command": row.get_kind_display()}
    what["time"] = f"{timezone.localtime(row.created_at):%H:%M:%S}"
    if not row.target:
        return say("{person}: {command}, {time}.", **what)
    target = Party(row.target, row.target_name)
    return say("{person}: {command} to {target}, {time}.", **what, target=target)
