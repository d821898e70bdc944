"""/uapi/extensions/{userId}/{extension}/phoneCallEvents: who is told of an extension's calls."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock
from urllib.parse import urlsplit

from simulator.voipnow.asked import Asked, reply
from simulator.voipnow.errors import ApiError
from simulator.voipnow.listing import PHONE_CALL_EVENT, collection
from simulator.voipnow.views import Json
from simulator.web import Reply

DIAL_IN, DIAL_OUT, HANGUP, ANSWER_IN, ANSWER_OUT = TYPES = ("0", "1", "2", "3", "4")
METHODS = {"0": "GET", "1": "POST"}
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Hook:
    """A registered event. `type`, `method` and `status` are the API's own digits."""

    id: str
    extension: str
    type: str
    method: str
    url: str
    note: str
    status: str
    modified: float


class Hooks:
    """The events registered. It may be read from any thread."""

    def __init__(self) -> None:
        self._hooks: dict[str, Hook] = {}
        self._lock = Lock()

    def all(self) -> list[Hook]:
        with self._lock:
            return list(self._hooks.values())

    def put(self, hook: Hook) -> None:
        with self._lock:
            self._hooks[hook.id] = hook

    def remove(self, hook: Hook) -> None:
        with self._lock:
            self._hooks.pop(hook.id, None)

    def clear(self) -> None:
        with self._lock:
            self._hooks.clear()


def answer(asked: Asked, hooks: Hooks) -> Reply:
    _ = asked.user
    if asked.extension is None:  # @self is not allowed here
        raise ApiError("extension_invalid")
    if (kind := asked.part(3)) and kind not in TYPES:
        raise ApiError("pcet_type_invalid")
    found = [hook for hook in hooks.all() if _means(asked, hook)]
    if asked.request.method == "POST":
        return _create(asked, hooks)
    if asked.request.method == "GET":
        pictures = [_picture(asked, hook) for hook in found]
        return collection(asked, PHONE_CALL_EVENT, pictures)
    if asked.request.method == "PUT":
        return _update(asked, hooks, found)
    for hook in found:
        hooks.remove(hook)
    return reply([_reference(asked, hook) for hook in found], 200 if found else 204)


def _means(asked: Asked, hook: Hook) -> bool:
    kind, hook_id = asked.part(3), asked.part(4)
    fits = hook.extension == asked.extension and kind in ("", hook.type)
    return fits and hook_id in ("", hook.id)


def _create(asked: Asked, hooks: Hooks) -> Reply:
    blank = Hook(
        id="".join(secrets.choice(_LETTERS) for _ in range(30)),
        extension=asked.extension or "",
        type=asked.part(3),
        method="",
        url="",
        note="",
        status="1",
        modified=0.0,
    )
    hook = _filled(blank, asked, {"type": asked.text("type") or asked.part(3)})
    hooks.put(hook)
    return reply(_reference(asked, hook))


def _update(asked: Asked, hooks: Hooks, found: list[Hook]) -> Reply:
    if not asked.part(4) or not found:
        raise ApiError("pce_event_invalid")
    hook = _filled(found[0], asked, {})
    hooks.put(hook)
    return reply(_reference(asked, hook))


def _filled(hook: Hook, asked: Asked, given: Mapping[str, str]) -> Hook:
    """The event with what the body says, checked."""
    names = ("method", "url", "note", "status")
    said = {name: asked.text(name) for name in names if name in asked.body} | dict(given)
    changed = replace(hook, **said, modified=asked.desk.exchange.clock())
    if changed.type not in TYPES:
        raise ApiError("pcet_type_invalid")
    if changed.method not in METHODS:
        raise ApiError("pce_method_invalid")
    if changed.status not in ("0", "1"):
        raise ApiError("pce_status_invalid")
    try:
        parts = urlsplit(changed.url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable:
        raise ApiError("pce_url_invalid")
    return changed


def _reference(asked: Asked, hook: Hook) -> Json:
    """What create, update and delete return: the id, and where it is."""
    return {"id": hook.id, **_link(asked, hook)}


def _picture(asked: Asked, hook: Hook) -> Json:
    pictures = asked.desk.pictures
    return {
        "type": pictures.number(int(hook.type)),
        "id": hook.id,
        "method": pictures.number(int(hook.method)),
        "note": hook.note,
        "url": hook.url,
        "status": pictures.number(int(hook.status)),
        "modified": pictures.date(hook.modified),
        **_link(asked, hook),
    }


def _link(asked: Asked, hook: Hook) -> Json:
    extension = asked.desk.numbers.extended(hook.extension)
    where = (asked.rest[0], extension, "phoneCallEvents", hook.type, hook.id)
    return asked.desk.pictures.link(asked.address("extensions", *where), "links")
