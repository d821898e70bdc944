"""Who reads which PBX next, settled by conditional UPDATEs: right for any number of processes.

The lease is a rate limit: claiming a feed makes it due again one interval later, and success does
not give it back (docs/decisions/001).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from transfers.drivers.registry import agent_scoped, pushing
from transfers.models import Feed, Transfer

WATCH = timedelta(seconds=30)  # how long a look keeps a feed polled
RESYNC = timedelta(seconds=30)  # between two reads of a PBX that pushes: lost events are silent
LISTEN = timedelta(seconds=15)  # a listener that died is replaced after this
RENEW = timedelta(seconds=20)  # a look renews the watch only when less than this is left
HINT_GAP = timedelta(milliseconds=250)  # the least between two reads, however many hints come
# What is watched beyond its verdict is worth a look, and no read of its own.
SETTLED = [Transfer.State.REFUSED, Transfer.State.FAILED, Transfer.State.CONFIRMED]
STOPPED = "auth_failed"  # this error stops polling until the connection is edited


def due(now: datetime) -> QuerySet[Feed]:
    """Feeds to read now: due, enabled, not stopped, and somebody wants to know.

    A transfer awaits its verdict from the feed of who did it: no other agent's shows it.
    """
    awaited = Transfer.objects.filter(
        connection=OuterRef("connection"), watch_until__gt=now
    ).exclude(state__in=SETTLED)
    hers = awaited.filter(user=OuterRef("seat__user"))
    return (
        Feed.objects.filter(connection__enabled=True, due_at__lte=now)
        .exclude(error_code=STOPPED)
        .filter(Q(watched_until__gt=now) | Q(Exists(awaited), seat=None) | Exists(hers))
        .exclude(seat=None, connection__vendor__in=agent_scoped())
        .select_related("connection", "seat")
    )


def claim(feed: Feed, now: datetime) -> bool:
    """True for the one who may read this feed in this interval."""
    listening = feed.listened_until > now
    next_due = now + (RESYNC if listening else timedelta(seconds=feed.connection.poll_seconds))
    mine = Feed.objects.filter(pk=feed.pk, due_at__lte=now, connection__enabled=True)
    return mine.exclude(error_code=STOPPED).update(due_at=next_due, claimed_at=now) == 1


def unheard(now: datetime) -> QuerySet[Feed]:
    """Feeds of PBXs that push, whose events nobody receives: watched ones, and those of agents
    who are logged in from here, for whom hanging up might mean that they have left."""
    return (
        Feed.objects.filter(connection__enabled=True, connection__vendor__in=pushing())
        .filter(_wanted(now), listened_until__lte=now)
        .exclude(error_code=STOPPED)
        .exclude(seat=None, connection__vendor__in=agent_scoped())
        .select_related("connection", "seat")
    )


def claim_events(feed: Feed, now: datetime) -> bool:
    """True for the one who may receive this feed's events; `keep_events` holds it."""
    mine = Feed.objects.filter(pk=feed.pk, listened_until__lte=now)
    return mine.update(listened_until=now + LISTEN) == 1


def keep_events(feed: Feed, now: datetime) -> bool:
    """Hold the claim; False when nobody looks any more or the connection is switched off."""
    wanted = Feed.objects.filter(_wanted(now), pk=feed.pk, connection__enabled=True)
    return wanted.exclude(error_code=STOPPED).update(listened_until=now + LISTEN) == 1


def _wanted(now: datetime) -> Q:
    return Q(watched_until__gt=now) | Q(signed_on_at__isnull=False)


def stop(feed: Feed, why: str) -> None:
    """Our login is not accepted: nothing more is asked until the connection is edited."""
    now = timezone.now()
    values = {"error_code": STOPPED, "error_text": why, "failing_since": now}
    Feed.objects.filter(pk=feed.pk).update(**values, version=F("version") + 1)


def end_events(feed: Feed) -> None:
    """Nobody receives them: the list is read at the usual interval again, and at once."""
    now = timezone.now()
    Feed.objects.filter(pk=feed.pk).update(listened_until=now, due_at=now)


def watch(feeds: list[Feed]) -> None:
    """Somebody looks at these feeds. Writes at most once per feed in ten seconds."""
    now = timezone.now()
    stale = [feed.pk for feed in feeds if feed.watched_until < now + RENEW]
    if stale:
        Feed.objects.filter(pk__in=stale).update(watched_until=now + WATCH)


def read_again(connection_id: int) -> None:
    """A command was sent: read at once, and discard what was begun before now."""
    now = timezone.now()
    Feed.objects.filter(connection=connection_id).update(due_at=now, read_after=now)


def hint(connection_id: int) -> None:
    """The PBX says that something changed: read soon. Pictures under way still count.

    A feed that fails is read no more often than a healthy one without hints.
    """
    now = timezone.now()
    waiting = Feed.objects.filter(connection=connection_id, due_at__gt=now)
    needed = ("failures", "claimed_at", "connection__poll_seconds")  # and not the whole picture
    for feed in waiting.select_related("connection").only(*needed):
        gap = timedelta(seconds=feed.connection.poll_seconds) if feed.failures else HINT_GAP
        soon = max(now, feed.claimed_at + gap) if feed.claimed_at else now
        Feed.objects.filter(pk=feed.pk, due_at__gt=soon).update(due_at=soon)
