"""Spoilt replies of this API: what a client must survive beside the JSON of any API."""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator import json_damage

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    **json_damage.DAMAGES,
    "bad_code": lambda body: re.sub(rb'"statusCode": ?\d+', b'"statusCode": "OK"', body),
}
