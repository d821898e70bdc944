"""The one door out to a PBX: deadlines, byte cap, TLS, address rules; no redirects, no proxies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    content_type: str  # lower case, without parameters; "" when the header is missing
    headers: Mapping[str, str]
    body: bytes


class Door:
    """Skeleton; see the task."""
