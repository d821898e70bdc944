"""A server as a process of its own, on the database of the test: settings and application.

Nothing is changed but two waits, so that a test need not wait so long.
"""

import os
from datetime import timedelta

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["SERVED_DATABASE"]
DATABASES["default"].get("OPTIONS", {}).pop("init_command", None)  # as durable as SQLite can


async def application(scope, receive, send):  # the product's, once this module is its settings
    from pbxadmin import asgi
    from transfers.services import observe, outcomes

    outcomes.MARGIN = timedelta(seconds=1)
    observe.NO_EFFECT_AFTER = timedelta(seconds=1)
    await asgi.application(scope, receive, send)
