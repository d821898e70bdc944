"""The requests of the UnifiedAPI, as values. Numbers of sources are those of the vendor's pages:

1 Transfer PhoneCalls, 2 List PhoneCalls, 14 OnHold, 15 OffHold, 16 Park, 17 UnPark, 18 PickUp,
22 TransferToVoicemail, 23 Create Simple, 26 Delete PhoneCalls, 28 List Presence,
29 PhoneCallEvents Service, 30 Create PhoneCallEvents: all on wiki.4psa.com, space VNUAPI30.

A PUT or DELETE that names no call acts on ALL calls of the extension (1, 2, 14, 16 to 20, 26):
a `Request` of that shape cannot be made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from transfers.errors import NotSupported
from transfers.sentences import say

Method = Literal["GET", "POST", "PUT", "DELETE"]

# Opaque, documented as alphanumeric. It begins with a letter or digit: "." and ".." would be
# taken out of the address on the way, and the request would name no call.
OBJECT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:~-]{0,199}")
_PART = re.compile(r"[A-Za-z0-9@*][A-Za-z0-9_.:~*-]{0,199}")
USER = re.compile(r"@me|@viewer|@owner|[0-9]{1,20}")
EXTENSION = re.compile(r"@self|[0-9*]{0,40}[0-9]")
PAGE = 4999  # entries asked for at once; 5000 is documented, the vendor's own client stays below


@dataclass(frozen=True, slots=True)
class Request:
    """One request below /uapi/. Raises NotSupported for one that could reach more than it names."""

    method: Method
    path: tuple[str, ...]
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.path or not all(_PART.fullmatch(part) for part in self.path):
            raise NotSupported(
                say("This call or extension cannot be named to the PBX; nothing was sent.")
            )
        if self.method not in ("GET", "POST") and not self._names_one():
            raise NotSupported(say("Without a call it would act on all calls; nothing was sent."))

    def _names_one(self) -> bool:
        """Whether the last part of the path is the id of one call, or of one call event."""
        if self.path[0] == "phoneCalls":
            fits = len(self.path) == 4
        else:
            fits = len(self.path) == 6 and self.path[::3] == ("extensions", "phoneCallEvents")
        return fits and OBJECT_ID.fullmatch(self.path[-1]) is not None

    def url(self, root: str) -> str:
        return f"{root}/uapi/" + "/".join(quote(part, safe="@*") for part in self.path)


def root_of(url: str) -> str:
    """Where /uapi/ and /oauth/ are, whether the address was entered with /uapi or without."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # not an address; the door says so
        return url
    path = parts.path.rstrip("/").removesuffix("/uapi")
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))


@dataclass(frozen=True, slots=True)
class Context:
    """Whose calls: the user and the extension that stand in every path (1, 2)."""

    user: str = "@me"
    extension: str = "@self"

    def list_calls(self, start: int = 0) -> Request:
        """Source 2."""
        return Request("GET", ("phoneCalls", self.user, self.extension), page(start))

    def act(self, call_id: str, action: str, **values: str) -> Request:
        """An action on one call; what is "" is not said."""
        said = {name: value for name, value in values.items() if value}
        return Request("PUT", self._call(call_id), body={"action": action, **said})

    def hang_up(self, call_id: str) -> Request:
        """Source 26."""
        return Request("DELETE", self._call(call_id))

    def dial(self, extension: str, target: str, nonce: str) -> Request:
        """Click-to-dial, source 23: the extension rings first, then the target."""
        view = {"source": [extension], "destination": [target]}
        body = {"extension": extension, "phoneCallView": [view], "nonce": nonce}
        return Request("POST", ("phoneCalls", self.user, "simple"), body=body)

    def presence(self, start: int = 0) -> Request:
        """Source 28. With @owner the extensions cannot be asked for all at once."""
        user = "@me" if self.user == "@owner" else self.user
        return Request("GET", ("extensions", user, "@self", "presence"), page(start))

    def list_events(self, extension: str, start: int = 0) -> Request:
        """Source 29."""
        return Request("GET", self._events(extension), page(start))

    def create_event(self, extension: str, kind: str, url: str) -> Request:
        """Source 30. POST (1): the parameters stay out of the logs on the way."""
        body = {"type": kind, "method": "1", "note": "pbxadmin", "url": url, "status": "1"}
        return Request("POST", self._events(extension), body=body)

    def delete_event(self, extension: str, kind: str, event_id: str) -> Request:
        """Source 30."""
        return Request("DELETE", (*self._events(extension), kind, event_id))

    def _call(self, call_id: str) -> tuple[str, ...]:
        return ("phoneCalls", self.user, self.extension, call_id)

    def _events(self, extension: str) -> tuple[str, ...]:
        return ("extensions", self.user, extension, "phoneCallEvents")


def page(start: int) -> Mapping[str, str]:
    """Part of a list; by default the PBX gives 20 entries (6)."""
    return {"count": str(PAGE), **({"startIndex": str(start)} if start else {})}
