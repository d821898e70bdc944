"""The ASGI application: Django, and the board's poller for as long as the server lives."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.asgi import get_asgi_application

from pbxadmin.logs import HideTokens

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pbxadmin.settings")
# Only WhiteNoise's files, which are small and on the disk.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
django_application = get_asgi_application()

from transfers.board.listener import Listeners  # noqa: E402  (needs the apps to be ready)
from transfers.board.poller import Poller  # noqa: E402
from transfers.services.phone_keeper import PhoneKeeper  # noqa: E402

# The access log is off in `make run`. Where somebody turns it on, it must not tell secrets either.
logging.getLogger("uvicorn.access").addFilter(HideTokens())

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await django_application(scope, receive, send)  # type: ignore[arg-type]


async def _lifespan(receive: Receive, send: Send) -> None:
    poller = Poller(Listeners(), PhoneKeeper())
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            poller.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            poller.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
