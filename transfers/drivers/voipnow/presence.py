"""Extensions and whether their phones are registered (sources 27, 28). The API knows no names."""

from __future__ import annotations

from transfers.domain import Extension
from transfers.drivers.voipnow.reading import Json, exact, number, short, text
from transfers.drivers.voipnow.views import NUMBER
from transfers.errors import BadReply
from transfers.sentences import say

REACHABLE, UNREACHABLE = {1, 2}, {-1, -2}  # registered, needs none; not registered, expired
ONLINE = {1, 2, 3}  # of `status`: online, ringing, busy


def extensions(entries: list[Json], prefix: str) -> list[Extension]:
    """Raises BadReply for an entry without a number."""
    found: dict[str, Extension] = {}
    for entry in entries:
        extension = short(text(entry.get("extension"), NUMBER), prefix)
        if not extension:
            raise BadReply(say("The PBX lists an extension without a number."))
        found.setdefault(extension, Extension(extension, registered=_registered(entry)))
    return list(found.values())


def exact_numbers(entries: list[Json]) -> list[str]:
    """The extensions as the PBX writes them, to name them in a path."""
    return list(dict.fromkeys(exact(entry.get("extension")) for entry in entries))


def prefixes(entries: list[Json]) -> set[str]:
    """The organisations of the extensions; "" of those with a short number."""
    return {
        exact(entry.get("extension")).partition("*")[0]
        if "*" in exact(entry.get("extension"))
        else ""
        for entry in entries
    }


def _registered(entry: Json) -> bool | None:
    """One device that is registered will do. Older servers have one flat entry per device."""
    said = entry.get("registration")
    devices = said if isinstance(said, list) else [entry] if said is not None else []
    if isinstance(said, dict):
        devices = [said]
    values = {number(each.get("registration")) for each in devices if isinstance(each, dict)}
    if values & REACHABLE:
        return True
    if values and values <= UNREACHABLE:
        return False
    if number(entry.get("status")) in ONLINE:
        return True
    return False if isinstance(said, list) and not said else None
