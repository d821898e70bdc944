"""What can go wrong with a PBX on the wire, one name each.

Faults of BEFORE strike before the command takes effect; those of AFTER let it take effect and
spoil the reply, which is what makes the outcome of a command unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Lock

from simulator.web import Reply

DELAY = "delay"  # waits `seconds`, then goes on as usual; goes together with any other fault
_WORDED = ("wrong_login", "auth_required", "forbidden_user", "forbidden_address")
CODED = tuple(f"code_{number}" for number in range(1, 21))  # of an API that numbers its errors
REFUSALS = (*_WORDED, "internal_error", *CODED)  # said by the face, in its own words
_EARLY = ("drop_before", "http_500", "http_429", "http_502", "http_503", "status_401", "redirect")
PLAIN = ("truncated", "cut_xml", "cut_json", "wrong_content_type", "huge", "drip")
_LATE = ("drop_after", "truncated", "wrong_content_type", "huge", "drip")
DAMAGES = ("not_xml", "non_utf8", "doctype", "bad_code")  # of XML, done by the face
JSON_DAMAGES = ("not_json", "non_utf8", "wrong_shape", "deep", "huge_number")  # json_damage.py

BEFORE = (*_EARLY, *_WORDED)
AFTER = (*_LATE, "cut_xml", *DAMAGES)
KINDS = (DELAY, *BEFORE, *AFTER)  # of a face that speaks XML
JSON_KINDS = (DELAY, *_EARLY, *_WORDED, "internal_error", *_LATE, "cut_json", *JSON_DAMAGES)
TITLES = {
    401: "Unauthorized",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


@dataclass
class Fault:
    kind: str
    command: str | None = None  # None: whatever the command
    times: int | None = None  # None: until cleared
    seconds: float = 1.0  # of a delay; between two bytes of a drip


class Faults:
    """The faults a PBX has now. `add` one, `clear` all."""

    def __init__(self, kinds: tuple[str, ...] = KINDS) -> None:
        self.kinds = kinds
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(
        self,
        kind: str,
        *,
        command: str | None = None,
        times: int | None = None,
        seconds: float = 1.0,
    ) -> None:
        """Arrange a fault, for one command only or for all, for a number of times or for good."""
        if kind not in self.kinds:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(self.kinds)}, and refuse()")
        if times is not None and times < 1:
            raise ValueError("times is 1 or more; leave it out for a fault that stays")
        with self._lock:
            self._faults.append(Fault(kind, command, times, seconds))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def active(self) -> list[Fault]:
        with self._lock:
            return [replace(fault) for fault in self._faults]

    def take(self, command: str) -> tuple[float, Fault | None]:
        """What strikes this command now: seconds of delay, and the first other fault."""
        with self._lock:
            delay, found = 0.0, None
            for fault in list(self._faults):
                if fault.command and fault.command.lower() != command.lower():
                    continue
                if fault.kind == DELAY:
                    delay += fault.seconds
                elif found is None:
                    found = replace(fault)
                else:
                    continue
                self._use(fault)
            return delay, found

    def _use(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._faults.remove(fault)


def early_reply(kind: str, url: str) -> Reply:
    """The reply of a fault that strikes before the command, in plain HTTP."""
    if kind == "redirect":
        return Reply(b"", 302, headers={"Location": f"{url}redirected"})
    status = int(kind.rpartition("_")[2])
    title = TITLES[status]
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(page.encode(), status, "text/html; charset=utf-8")


def spoilt(fault: Fault, reply: Reply, wait: Callable[[float], object]) -> Reply:
    """The reply of a command that took effect, spoilt in ways that need no knowledge of it."""
    body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
    half = body[: len(body) // 2]
    if fault.kind == "truncated":
        return replace(reply, body=half, claimed_length=len(body))
    if fault.kind in ("cut_xml", "cut_json"):
        return replace(reply, body=half)
    if fault.kind == "wrong_content_type":
        return replace(reply, content_type="text/html; charset=iso-8859-1")
    if fault.kind == "huge":
        return replace(reply, body=_endless(half))
    return replace(reply, body=_drip(body, fault.seconds, wait), claimed_length=len(body))


def _endless(start: bytes) -> Iterator[bytes]:
    yield start
    while True:
        yield b" " * 65_536


def _drip(body: bytes, seconds: float, wait: Callable[[float], object]) -> Iterator[bytes]:
    for index in range(len(body)):
        yield body[index : index + 1]
        wait(seconds)
