"""What CometD tells of an agent's calls (AsynchronousEvents, CallsMessageType), for the board.

Every notification has the whole call, so it takes the place of what was known. Repeated ones are
dropped. One that comes late, or tells of a call that was over, is not believed: the list is read
instead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from transfers.domain import BoardEvent, Call, CallState
from transfers.drivers.genesys import calls, wire
from transfers.drivers.genesys.bayeux import Bayeux, Gap
from transfers.drivers.genesys.calls import OWN_NUMBER, Desk
from transfers.drivers.genesys.wire import Json
from transfers.drivers.polls import hung_up_at
from transfers.drivers.text import clean
from transfers.errors import BadReply, DriverError
from transfers.sentences import say

if TYPE_CHECKING:
    from transfers.drivers.genesys.driver import GenesysDriver

CHANNELS = ("/v2/me/calls", "/v2/me/devices")
REMEMBERED = 500  # calls that ended or were heard of

_TEXTS = ("errorMessage", "statusMessage", "errorDescription", "message", "error")


def listen(driver: GenesysDriver, stop: threading.Event) -> Iterator[BoardEvent]:
    """The body of `Driver.events`."""
    client, told = bayeux_of(driver, stop.wait), Told(driver.desk, driver.learn_numbers)
    with hung_up_at(stop, driver.door):
        try:
            driver.session.enter()
            for heard in client.listen():
                if isinstance(heard, Gap):
                    told.know(driver.listed())
                    yield BoardEvent(resync=True)
                elif (event := told.event([each.data for each in heard])) is not None:
                    yield event
        finally:
            client.disconnect()


def _never(_: float) -> bool:
    return False


def bayeux_of(driver: GenesysDriver, wait: Callable[[float], bool] = _never) -> Bayeux:
    """A client in the driver's HTTP session: the cookies and the token are the same."""
    url, session, door = driver.notifications_url, driver.session, driver.door

    def send(messages: Sequence[Json], seconds: float | None) -> list[Json]:
        headers, body = session.headers(changes=True), list(messages)
        if seconds is None:
            reply = door.read("POST", url, json=body, headers=headers)
        else:
            reply = door.poll("POST", url, seconds=seconds, json=body, headers=headers)
        session.learn(reply)
        return messages_of(wire.read_json(reply))

    quick = door.rules.read_seconds
    return Bayeux(send, CHANNELS, wait=wait, log_in=session.login, quick=quick)


def messages_of(data: object) -> list[Json]:
    """The Bayeux messages of an answer; an answer of the API instead says what is wrong."""
    if isinstance(data, dict) and "channel" not in data:
        wire.answer_in(data).must_be_ok()
        raise BadReply(say("The PBX answered to a poll as if it were something else."))
    return wire.objects(data)


@dataclass
class _News:
    """What a batch says, in order and each call once."""

    changed: dict[str, None] = field(default_factory=dict)
    gone: dict[str, None] = field(default_factory=dict)
    resync: bool = False
    trouble: str = ""


class Told:
    """Notifications into events for the board, one listener's.

    Args:
        desk: what reading a call takes; it is given devices whose numbers must be found out.
        learn: takes the numbers of devices.
    """

    def __init__(
        self,
        desk: Callable[[set[str]], Desk],
        learn: Callable[[dict[str, str]], object],
    ) -> None:
        self._desk = desk
        self._learn = learn
        self._live: dict[str, Json] = {}
        self._over: dict[str, None] = {}
        self._newest: dict[str, int] = {}

    def know(self, raws: Iterable[Json]) -> None:
        """What is there already when notifications begin: they tell of changes only."""
        self._live = {calls.call_id(raw): raw for raw in raws}

    def event(self, batch: Sequence[Json]) -> BoardEvent | None:
        """What came together, in order; None when it says nothing new, or nothing of calls.

        Of several notifications of one call the last counts: each has the whole call.
        """
        news = _News()
        for data in batch:
            if data.get("messageType") == "ErrorMessage":
                news.trouble, news.resync = _trouble(data), True
            if numbers := wire.device_numbers(data):
                self._learn(numbers)
            if (raw := calls.told_in(data)) is not None:
                self._take(raw, data, news)
        try:
            changed = tuple(self._read(ident) for ident in news.changed)
        except DriverError:  # a number that cannot be found out
            changed, news.resync = (), True
        told = BoardEvent(changed, tuple(news.gone), news.resync, news.trouble)
        return told if told != BoardEvent() else None

    def _take(self, raw: Json, data: Json, news: _News) -> None:
        try:
            ident = calls.call_id(raw)
        except BadReply:
            news.resync = True
            return
        before = self._live.get(ident)
        if before == raw:
            return
        over = calls.state_of(raw) is CallState.ENDED
        if self._is_late(ident, data) or (ident in self._over and not over):
            self._over.pop(ident, None)  # it came back, or this one was overtaken by the end
            news.resync = True
            return
        # What one call of a pair offers changes with the state of the other, and nobody tells.
        alone = not self._live.keys() - {ident} and not _of_consultation(raw)
        if not alone and (before or {}).get("state") != raw.get("state"):
            news.resync = True
        if over:
            self._live.pop(ident, None)
            news.changed.pop(ident, None)
            _put(self._over, ident, None)
            news.gone[ident] = None
        else:
            _put(self._live, ident, raw)
            news.changed[ident] = None

    def _read(self, ident: str) -> Call:
        raw = self._live[ident]
        desk = self._desk(set() if OWN_NUMBER in raw else {calls.device_of(raw)})
        return calls.read_call(raw, desk, self._live.values())

    def _is_late(self, ident: str, data: Json) -> bool:
        """By the server's own time, where it is told."""
        stamp: object = data
        for name in ("metrics", "eventProcessing", "serverGenerationTimestamp"):
            stamp = stamp.get(name) if isinstance(stamp, dict) else None
        if not isinstance(stamp, int):
            return False
        newest = self._newest.get(ident, stamp)
        _put(self._newest, ident, max(stamp, newest))
        return stamp < newest


def _of_consultation(raw: Json) -> bool:
    return bool(calls.parent_of(raw)) or str(raw.get("callType", "")).lower() == "consult"


def _put(known: dict[str, Any], ident: str, value: object) -> None:
    """Newest last; the oldest is forgotten when there are too many."""
    known.pop(ident, None)
    known[ident] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]


def _trouble(data: Json) -> str:
    """The one that was seen had no text at all ; others may have one."""
    for name in _TEXTS:
        text = data.get(name)
        if isinstance(text, str) and (said := clean(text, wire.MAX_MESSAGE)):
            return say(
                "The PBX reports that something ordered at the agent's phone has failed: {words}",
                words=said,
            )
    return say(
        "The PBX reports that something ordered at the agent's phone has failed; it does not say "
        "what."
    )
