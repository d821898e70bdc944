"""Server-sent events: what changed on one person's switchboard, as soon as it is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from transfers.board.hub import hub
from transfers.models import User
from transfers.views.render import Shown, changes, shown, whole

LOOK_EVERY = 1.0  # seconds; another process may have taken the picture
PAUSE = 0.05  # seconds between two looks at the least, so that many changes are one message


@require_safe
async def stream(request: HttpRequest) -> HttpResponseBase:
    """`seen` or Last-Event-ID names what the browser has: nothing is sent until that differs."""
    user = await request.auser()
    if not user.is_authenticated:
        return HttpResponse("Your session has ended: log in again.", status=403)
    seen = request.headers.get("Last-Event-ID") or request.GET.get("seen", "")
    response = StreamingHttpResponse(_events(user.pk, seen), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx: pass each event on at once
    return response


async def _events(user_id: int, seen: str) -> AsyncIterator[str]:
    old: Shown | None = None
    with hub.listening() as bell:
        while True:
            bell.clear()
            new = await _look(user_id)
            if new is None:
                yield "event: bye\ndata: \n\n"
                return
            yield _messages(old, new, seen)
            old = new
            await asyncio.sleep(PAUSE)
            await _ring(bell)


async def _ring(bell: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(bell.wait(), LOOK_EVERY)
    except TimeoutError:
        return


def _messages(old: Shown | None, new: Shown, seen: str) -> str:
    text = ""
    if old is None:
        if seen != new.token:
            text = whole(new)
    elif old.token != new.token:
        text = changes(old, new)
    said = f"event: ages\ndata: {json.dumps(new.ages)}\n\n"
    if not text:
        return said
    data = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"id: {new.token}\n{data}\n{said}"


@sync_to_async(thread_sensitive=False)
def _look(user_id: int) -> Shown | None:
    """None for a person who may not look any more."""
    close_old_connections()
    try:
        user = User.objects.filter(pk=user_id, is_active=True).first()
        return shown(user) if user else None
    finally:
        close_old_connections()
