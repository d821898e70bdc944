"""Calls that hang in a PBX: asked to end them, it did not, and lists them on.

A person can set such a call aside, on her own screen and nobody else's. It is not hidden: it waits
in a section of its own, and is back in its place as soon as it is not exactly as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, FilteredRelation, Q
from django.dispatch import receiver
from django.utils import timezone

from transfers import access
from transfers.board.accounts import feeds_for
from transfers.board.hub import hub
from transfers.board.signals import picture_taken
from transfers.board.snapshot import Picture, picture_of
from transfers.desk import SetAside
from transfers.domain import Action, Call
from transfers.errors import CallGone
from transfers.models import Feed, PbxConnection, Transfer, User
from transfers.sentences import Sentence, listed, say
from transfers.services.audit import record
from transfers.services.notes import notes_of
from transfers.services.rules import NotNow
from transfers.services.wording import called_of, caller_of, was_sent

SPAN = timedelta(
    hours=12
)  # so long a hang-up in vain counts: then somebody looks at the call again
State = Transfer.State


@dataclass(frozen=True, slots=True)
class Ghost:
    hangup: Transfer
    words: Sentence
    aside: bool


def ghosts(user: User, feeds: Iterable[Feed]) -> dict[int, dict[str, Ghost]]:
    """Feed → call → what this person may set aside, or has."""
    if not user.may_act:
        return {}
    by_pk = {feed.pk: feed for feed in feeds}
    found: dict[int, dict[str, Ghost]] = {}
    for hangup, mark, at in _hangups(user, by_pk.values()):
        feed = by_pk.get(notes_of(hangup).feed or 0)
        call = picture_of(feed).call(hangup.call_id) if feed else None
        if feed and call and _is_same(call, hangup):
            aside_at = at if mark == mark_of(call) else None
            found.setdefault(feed.pk, {}).setdefault(call.id, _ghost(hangup, aside_at))
    return found


def set_aside(user: User, connection: PbxConnection, call_id: str) -> None:
    """Raises NotNow."""
    if not user.may_act:
        raise NotNow("not_allowed", say("Your account may look, but not act."))
    for feed in feeds_for(user).filter(connection=connection):
        call = picture_of(feed).call(call_id)
        if call and access.may_see(user, access.seat_of(user, connection), call):
            return _set_aside(user, feed, call)
    raise NotNow("call_gone", say("This call is not there any more."))


def _set_aside(user: User, feed: Feed, call: Call) -> None:
    ghost = ghosts(user, [feed]).get(feed.pk, {}).get(call.id)
    if ghost is None:
        text = say("Only a call that its PBX was told to end, and did not, can be set aside.")
        raise NotNow("not_possible", text, call)
    of_it = SetAside.objects.filter(user=user, transfer=ghost.hangup)
    with transaction.atomic():
        of_it.exclude(mark=mark_of(call)).delete()
        if of_it.get_or_create(user=user, transfer=ghost.hangup, mark=mark_of(call))[1]:
            record(user, "call.set_aside", _parties(ghost.hangup), transfer=ghost.hangup)
    hub.ring()


def show_again(user: User, connection: PbxConnection, call_id: str) -> None:
    """Back to its place. Twice is once."""
    rows = SetAside.objects.filter(user=user, transfer__connection=connection)
    for row in rows.filter(transfer__call_id=call_id).select_related("user", "transfer"):
        _end(row, user)


@receiver(picture_taken)
def come_back(picture: Picture, **kwargs: object) -> None:
    """What has changed is no ghost; what is gone was one, and the next with its id is another."""
    rows = SetAside.objects.filter(transfer__connection=picture.connection_id)
    for row in rows.select_related("user", "transfer"):
        call = picture.call(row.transfer.call_id)
        if notes_of(row.transfer).feed == picture.feed_id and (
            not call or mark_of(call) != row.mark
        ):
            _end(row, None, why=say("It has changed.") if call else say("It is gone."))


def mark_of(call: Call) -> str:
    """All that tells one call from another, and a live one from one that hangs."""
    what = (
        *(call.state, call.raw_state, call.caller, call.callee, call.also, call.related),
        *(call.started_at, call.answered_at, call.end_reason, call.left_alone, call.rings_caller),
    )
    return hashlib.blake2b(repr(what).encode(), digest_size=12).hexdigest()


def _end(row: SetAside, actor: User | None, why: str = "") -> None:
    with transaction.atomic():
        if SetAside.objects.filter(pk=row.pk, mark=row.mark).delete()[0]:
            noted = {"set_aside_by": row.user.title, "why": why}
            text = _parties(row.transfer)
            record(actor, "call.shown_again", text, transfer=row.transfer, **noted)
    hub.ring()


def _parties(hangup: Transfer) -> str:
    return listed(map(str, (caller_of(hangup), called_of(hangup))))


def _hangups(
    user: User, feeds: Iterable[Feed]
) -> list[tuple[Transfer, str | None, datetime | None]]:
    """Those that were sent and did nothing, the newest first; the call's mark when this person set
    it aside, and when that was."""
    rows = Transfer.objects.filter(
        connection__in=[feed.connection_id for feed in feeds],
        kind=Action.HANGUP,
        state__in=[State.FAILED, State.REFUSED],
        created_at__gt=timezone.now() - SPAN,
    )
    hers = FilteredRelation("setaside", condition=Q(setaside__user=user))
    rows = rows.annotate(hers=hers, mark=F("hers__mark"), aside_at=F("hers__at"))
    wanted = (row for row in rows if was_sent(row) and _says_it_hangs(row))
    return [(row, row.mark, row.aside_at) for row in wanted]


def _says_it_hangs(row: Transfer) -> bool:
    """Who may not hang up learns nothing; a PBX that does not know what it lists says a lot."""
    return row.state == State.FAILED or row.code == CallGone.code


def _is_same(call: Call, hangup: Transfer) -> bool:
    """Whether it is as it was when it was told to end. Ids come again: without a time of its
    beginning, one call cannot be told from the next."""
    notes = notes_of(hangup)
    then = (notes.began_at, notes.answered_at, hangup.caller_number, hangup.called_number)
    now = (call.started_at, call.answered_at, call.caller.number[:100], call.callee.number[:100])
    return call.started_at is not None and now == then


def _ghost(hangup: Transfer, aside_at: datetime | None) -> Ghost:
    if aside_at:
        text = say(
            "You set it aside at {moment}. It comes back as soon as anything about it changes.",
            moment=_clock(aside_at),
        )
        return Ghost(hangup, text, aside=True)
    text = say(
        "{who} told the PBX at {moment} to end this call; it is listed as before.",
        who=hangup.who,
        moment=_clock(hangup.created_at),
    )
    return Ghost(hangup, text, aside=False)


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M:%S}"
