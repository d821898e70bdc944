"""Carries call events to the addresses registered, in a thread of its own."""

from __future__ import annotations

import http.client
import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Condition, Thread
from urllib.parse import urlencode, urlsplit

from simulator.voipnow.hooks import METHODS, Hook
from simulator.voipnow.switches import Switches

MOST_WAITING = 10_000
MOST_REMEMBERED = 1_000
SWAP_SECONDS = 0.2  # an event held back for the next one goes alone after this
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Delivery:
    """One event carried. `status` is the receiver's, None when there was no answer."""

    hook: str
    extension: str
    type: str
    method: str
    url: str
    params: Mapping[str, str]
    status: int | None
    error: str = ""

    @property
    def arrived(self) -> bool:
        return self.status is not None and self.status < 400


@dataclass(frozen=True)
class _Letter:
    hook: Hook
    params: Mapping[str, str]


class Courier:
    """`post` never waits. The thread starts with the first event."""

    def __init__(self, switches: Switches) -> None:
        self.switches = switches
        self.delivered = self.failed = self.lost = 0
        self.deliveries: deque[Delivery] = deque(maxlen=MOST_REMEMBERED)
        self._bag: deque[_Letter] = deque()
        self._change = Condition()
        self._carrying = False
        self._closed = False
        self._posted = 0
        self._thread: Thread | None = None

    def post(self, hook: Hook, params: Mapping[str, str]) -> None:
        """Send it, as often as the switch says."""
        with self._change:
            self._posted += 1
            copies = {"one": 1, "two": 2, "none": 0, "every-second": self._posted % 2}
            times = copies[self.switches.event_copies]
            if times == 0 or self._closed or len(self._bag) >= MOST_WAITING:
                self.lost += 1
                return
            self._bag.extend([_Letter(hook, params)] * times)
            self._change.notify_all()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="courier", daemon=True)
                self._thread.start()

    def settled(self, seconds: float = 30.0) -> bool:
        """Wait until every event is carried; False if that takes too long."""
        with self._change:
            return self._change.wait_for(self._is_idle, seconds)

    def clear(self) -> None:
        with self._change:
            self._bag.clear()
            self.deliveries.clear()
            self.delivered = self.failed = self.lost = self._posted = 0

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._bag.clear()
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join(self.switches.event_timeout_seconds + 1)

    def _is_idle(self) -> bool:
        return not self._bag and not self._carrying

    def _run(self) -> None:
        while letters := self._take():
            for letter in letters:
                if not self._wait(self.switches.event_delay_seconds):
                    return
                delivery = self._carry(letter)
                with self._change:
                    self.deliveries.append(delivery)
                    self.delivered += delivery.arrived
                    self.failed += not delivery.arrived
            with self._change:
                self._carrying = False
                self._change.notify_all()

    def _take(self) -> list[_Letter]:
        """The next event, or the next two in the wrong order; nothing when closed."""
        with self._change:
            self._change.wait_for(lambda: self._bag or self._closed)
            if self.switches.event_order == "swapped":
                self._change.wait_for(lambda: len(self._bag) > 1 or self._closed, SWAP_SECONDS)
            count = 2 if self.switches.event_order == "swapped" else 1
            taken = [self._bag.popleft() for _ in range(min(count, len(self._bag)))]
            self._carrying = bool(taken)
            return taken[::-1]

    def _wait(self, seconds: float) -> bool:
        """Let that much time pass. False: the courier is closed meanwhile."""
        with self._change:
            return not self._change.wait_for(lambda: self._closed, seconds)

    def _carry(self, letter: _Letter) -> Delivery:
        hook, switches = letter.hook, self.switches
        method = METHODS[hook.method]
        if switches.event_method != "registered":
            method = switches.event_method
        status, error = None, ""
        try:
            status = _send(method, hook.url, letter.params, switches.event_timeout_seconds)
        except (OSError, http.client.HTTPException, ValueError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        return Delivery(
            hook.id, hook.extension, hook.type, method, hook.url, letter.params, status, error
        )


def _send(method: str, url: str, params: Mapping[str, str], seconds: float) -> int:
    """GET with the parameters in the query, or POST with a form. No redirects, no retry."""
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        trusting = ssl._create_unverified_context()  # noqa: S323 (tests' own certificates)
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=seconds, context=trusting
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    path, text = parts.path or "/", urlencode(params)
    try:
        if method == "GET":
            query = "&".join(filter(None, (parts.query, text)))
            connection.request("GET", f"{path}?{query}")
        else:
            where = f"{path}?{parts.query}" if parts.query else path
            connection.request("POST", where, text, _FORM)
        return connection.getresponse().status
    finally:
        connection.close()
