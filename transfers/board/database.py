"""The database connection of a thread that asks again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections, connection

KEPT = 60.0  # seconds


@contextmanager
def kept_connection() -> Iterator[None]:
    """What Django does around a request, but the connection stays for the next time.

    A setting cannot say so (CONN_MAX_AGE): under ASGI requests have threads of their own, and
    connections would be left behind in them. One that broke is closed all the same.
    """
    close_old_connections()
    fresh = connection.connection is None
    try:
        yield
    finally:
        if fresh and connection.connection is not None:
            connection.close_at = time.monotonic() + KEPT
        close_old_connections()
