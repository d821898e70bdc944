"""Server-sent events: what changed on one person's switchboard, as soon as it is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from transfers.board.database import kept_connection
from transfers.board.hub import hub
from transfers.models import User
from transfers.services.switchboard import switchboard
from transfers.views.render import Shown, ages, changes, render, whole

LOOK_EVERY = 1.0  # seconds; another process may have taken the picture
PAUSE = 0.05  # seconds between two looks at the least, so that many changes are one message


@require_safe
async def stream(request: HttpRequest) -> HttpResponseBase:
    """`seen` or Last-Event-ID names what the browser has: nothing is sent until that differs."""
    user = await request.auser()
    if not user.is_authenticated:
        return HttpResponse(_("Your session has ended: log in again."), status=403)
    seen = request.headers.get("Last-Event-ID") or request.GET.get("seen", "")
    response = StreamingHttpResponse(
        _events(request.session.session_key or "", seen, request.LANGUAGE_CODE),
        content_type="text/event-stream",
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx: pass each event on at once
    return response


@dataclass(frozen=True, slots=True)
class Look:
    """`shown` is None when it is what was shown last."""

    ages: Mapping[str, float | None]
    shown: Shown | None


async def _events(session_key: str, seen: str, language: str) -> AsyncIterator[str]:
    """In the language of the page, until that is loaded anew."""
    old: Shown | None = None
    with hub.listening() as bell:
        while True:
            bell.clear()
            look = await _look(session_key, old.token if old else "", language)
            if look is None:
                yield "event: bye\ndata: \n\n"
                return
            yield _message(old, look.shown, seen)
            yield f"event: ages\ndata: {json.dumps(look.ages)}\n\n"
            old = look.shown or old
            await asyncio.sleep(PAUSE)
            await _ring(bell)


async def _ring(bell: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(bell.wait(), LOOK_EVERY)


def _message(old: Shown | None, new: Shown | None, seen: str) -> str:
    """The difference; all of it to a browser that came with another state than this."""
    if new is None or (old is None and new.token == seen):
        return ""
    text = whole(new) if old is None else changes(old, new)
    data = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"id: {new.token}\n{data}\n" if data else ""


@sync_to_async(thread_sensitive=False)
def _look(session_key: str, seen: str, language: str) -> Look | None:
    """None for a session that has ended, or a person who may not look any more."""
    with kept_connection(), override(language):
        user = _user_of(session_key)
        if user is None:
            return None
        board = switchboard(user)
        return Look(ages(board), None if board.token == seen else render(board))


def _user_of(session_key: str) -> User | None:
    """As at every request: the session must live, and be of the present password."""
    session = SessionStore(session_key).load()
    user = User.objects.filter(pk=int(session.get(SESSION_KEY, 0)), is_active=True).first()
    known = str(session.get(HASH_SESSION_KEY, ""))
    if user and constant_time_compare(known, user.get_session_auth_hash()):
        return user
    return None
