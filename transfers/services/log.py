"""The log, read: which rows a person asked for. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from transfers import access
from transfers.models import PbxConnection, Seat, Transfer, User
from transfers.sentences import told
from transfers.services.search import english, found
from transfers.services.wording import VERBS
from transfers.trail import AuditEvent

NUMBERS = ("caller_number", "called_number", "target")
WORDS = (
    *("caller_name", "called_name", "target_name", "user_name", "connection_name"),
    *("call_id", "other_call_id", english("observed"), "code", "vendor_code", "vendor_text"),
)
SUBJECTS = {  # of the events beside transfers: the beginnings of their verbs
    "login": ("login.", "logout"),
    "people": ("person.", "seat."),
    "connections": ("connection.",),
    "forwards": ("forward.",),
    "contacts": ("contact.",),
    "log": ("log.",),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of transfers. Every part that is left out lets everything through."""

    since: date | None = None
    until: date | None = None  # that day included
    who: User | None = None
    pbx: PbxConnection | None = None
    kind: str = ""
    verdict: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class WantedEvents:
    since: date | None = None
    until: date | None = None
    subject: str = ""
    text: str = ""


def transfers(user: User, wanted: Wanted) -> QuerySet[Transfer]:
    """The rows of the log this person may read and asked for, newest first."""
    rows = access.transfers_of(user).filter(_period("created_at", wanted.since, wanted.until))
    exact = {
        "user": wanted.who,
        "connection": wanted.pbx,
        "kind": wanted.kind,
        "state": wanted.verdict,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    return rows.filter(found(wanted.text, WORDS, NUMBERS)) if wanted.text.strip() else rows


def events(wanted: WantedEvents) -> QuerySet[AuditEvent]:
    """What happened beside transfers: connections, people, log-ins. For administrators."""
    rows = AuditEvent.objects.filter(transfer=None)
    rows = rows.filter(_period("at", wanted.since, wanted.until))
    begins = Q()
    for beginning in SUBJECTS.get(wanted.subject, ()):
        begins |= Q(verb__startswith=beginning)
    rows = rows.filter(begins)
    words = ("actor_name", "verb", english("object_text"))
    return rows.filter(found(wanted.text, words, (), _shown_as)) if wanted.text.strip() else rows


def _shown_as(word: str) -> Q:
    """Events whose verb has this word in the reader's language."""
    verbs = (verb for verb, words in VERBS.items() if word.casefold() in told(words).casefold())
    return Q(verb__in=list(verbs))


def people_in_log(user: User) -> QuerySet[User]:
    """Whose rows this person may come across: the choices of the filter."""
    if user.is_administrator:
        return User.objects.order_by("first_name", "last_name", "username")
    there = Seat.objects.filter(connection__in=access.seen_whole(user)).values("user")
    known = Q(pk=user.pk) | Q(pk__in=there)
    return User.objects.filter(known).order_by("first_name", "last_name", "username")


def _period(name: str, since: date | None, until: date | None) -> Q:
    """Days of the installation's time zone; the last one is included."""
    period = Q()
    if since:
        period &= Q((f"{name}__gte", _midnight(since)))
    if until:
        period &= Q((f"{name}__lt", _midnight(until + timedelta(days=1))))
    return period


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
