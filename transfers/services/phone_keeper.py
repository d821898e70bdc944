"""Looks after the phones that carry out standing forwards, beside the poller and in threads of its
own: takes back what is over, and sees what is not known."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import close_old_connections, connections
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from transfers.board import lease
from transfers.domain import likely_same
from transfers.models import Feed
from transfers.sentences import say
from transfers.services import forwards, phones
from transfers.services.phones import State
from transfers.standing import StandingForward

log = logging.getLogger("transfers.forwards")

WORKERS = 4  # so many silent PBXs may hang at once before they delay the others
LOST = timedelta(seconds=60)  # a command that has no reply by then never gets one
SOON, SELDOM = timedelta(seconds=10), timedelta(seconds=60)  # between two looks at one phone
RARELY = timedelta(minutes=10)  # once it has been left for LOOKED_FOR
NO_EFFECT_AFTER = timedelta(seconds=20)  # off for so long: the PBX did not do it
LOOKED_FOR = timedelta(hours=1)
NO_REPLY = say("The console stopped while the PBX was told, and did not hear its reply.")
CHANGED = say("the phone does not send its calls there")


class PhoneKeeper:
    """A helper of the poller, whose thread it never holds."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="phones")
        self._busy: set[int] = set()  # only spares this process a second job for the same phone
        self._lock = threading.Lock()
        self._looked_at = 0.0

    def look(self) -> None:
        """At most once a second."""
        if time.monotonic() - self._looked_at < 1:
            return
        self._looked_at = time.monotonic()
        for forward in due(timezone.now()):
            with self._lock:
                if forward.pk in self._busy:
                    continue
                self._busy.add(forward.pk)
            self._pool.submit(self._job, forward)

    def stop(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _job(self, forward: StandingForward) -> None:
        close_old_connections()
        try:
            handle(forward)
        except Exception:
            log.exception("%s: looking after the phone failed", forward)
        finally:
            with self._lock:
                self._busy.discard(forward.pk)
            connections.close_all()


def due(now: datetime) -> QuerySet[StandingForward]:
    """The forwards whose phones are to be told something, or to be looked at."""
    ended = Q(ended_at__isnull=False)
    back = Q(phone__in=(State.ON, State.UNKNOWN)) & ended
    back |= Q(phone=State.OVER, phone_at__lte=now - SOON)
    recent = Q(ended_at=None) | Q(ended_at__gt=now - LOOKED_FOR)
    unsure = Q(phone__in=(State.UNKNOWN, State.LEFT), phone_at__lte=now - SOON)
    unsure &= recent | Q(phone_at__lte=now - RARELY)
    sure = Q(phone=State.ON, phone_at__lte=now - SELDOM)
    lost = Q(phone__in=phones.UNDER_WAY, phone_at__lte=now - LOST)
    stopped = Feed.objects.filter(
        connection=OuterRef("connection"),
        seat__user=OuterRef("created_by"),
        error_code=lease.STOPPED,
    )
    readable = Q(connection__enabled=True) & ~Q(Exists(stopped))
    rows = StandingForward.objects.exclude(phone__in=(State.NONE, State.OFF))
    rows = rows.filter(lost | (back | unsure | sure) & readable)
    return rows.select_related("connection", "created_by")


def handle(forward: StandingForward) -> None:
    """What is to be done about one of them now; done by the one whose UPDATE comes first."""
    if forward.phone in phones.UNDER_WAY:
        _give_up(forward)
    elif forward.phone in phones.DUE and forward.ended_at:
        phones.take_back(forward)
    elif _turn(forward):
        _look(forward)


def _give_up(forward: StandingForward) -> None:
    """It may have been sent: it is not sent again. What the phone does is looked at."""
    was = State(forward.phone)
    forward.phone_said = NO_REPLY
    if phones.settle(forward, was, State.UNKNOWN if was == State.TELLING else State.LEFT):
        phones.note(forward, None, "forward.looked")


def _turn(forward: StandingForward) -> bool:
    mine = StandingForward.objects.filter(
        pk=forward.pk, phone=forward.phone, phone_at=forward.phone_at
    )
    return mine.update(phone_at=timezone.now()) == 1


def _look(forward: StandingForward) -> None:
    """Compare what is known with what the phone does."""
    phone, was = phones.look(forward), State(forward.phone)
    if phone is None:
        return
    ours = likely_same(phone.forwards_to, forward.target)
    if was == State.LEFT and not phone.forwards_to:
        _seen(forward, State.OFF, say("Seen: the phone sends no calls on."))
    elif was == State.UNKNOWN and ours:
        _seen(forward, State.ON, say("Seen: the phone sends its calls there."))
    elif was != State.LEFT and not ours and _long_enough(forward):
        words = say("Seen: the phone sends its calls nowhere.")
        if to := phone.forwards_to:
            words = say("Seen: the phone sends its calls to {number}.", number=to)
        if _seen(forward, State.OFF, words):
            forwards.end_by_itself(forward, CHANGED)


def _long_enough(forward: StandingForward) -> bool:
    """What was seen there and is gone was changed; what was not may still come."""
    age = timezone.now() - forward.created_at
    return forward.phone == State.ON or age >= NO_EFFECT_AFTER


def _seen(forward: StandingForward, state: State, words: str) -> bool:
    was, forward.phone_said = forward.phone, words
    if not phones.settle(forward, was, state):
        return False
    phones.note(forward, None, "forward.looked")
    return True
