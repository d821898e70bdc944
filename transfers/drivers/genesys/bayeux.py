"""A small Bayeux client over long polls, as CometD 3.1 speaks it (docs.cometd.org, Bayeux 1.0).

It knows nothing of calls: it is given a way to send messages, and yields the events it hears. A
server forgets what it wrote into a connection that was dead, without a word; so after whatever
may have been a gap comes a `Gap`, and the caller reads anew.

Servers differ: events stand before or after the reply to the poll, or ride on the reply to
another message; advice may be missing; unknown members are ignored.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from transfers.drivers.genesys.wire import NotLoggedIn, TokenRefused
from transfers.drivers.text import clean
from transfers.errors import AuthFailed, BadReply, DriverError, Refused
from transfers.sentences import say

Json = dict[str, Any]

DEFAULT_HOLD = 110.0  # seconds, of a server that does not tell how long it holds a poll
LONGEST_HOLD, LONGEST_INTERVAL = 600.0, 60.0  # advice beyond is not followed
MARGIN = 15.0  # what a poll may take longer than its hold; giving up early loses events
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # of the back-off: cometd.js has the same
MOST_FAILURES = 6  # in a row; then the caller hears of it
FORGETFUL = say("The PBX forgets the session for its events again and again.")


class Send(Protocol):
    """Post these messages, return those of the answer. Raises DriverError.

    Within `seconds`, unless it is time to stop; None: a short word that is sent even then.
    """

    def __call__(self, messages: Sequence[Json], seconds: float | None) -> list[Json]: ...


@dataclass(frozen=True, slots=True)
class Heard:
    channel: str
    data: Json


@dataclass(frozen=True, slots=True)
class Gap:
    """Listening (again). What happened before may not have been heard."""


class Lost(Refused):
    """The server does not know our session any more."""


class Denied(Refused):
    """No session was opened for us."""


class Ended(Refused):
    """The server wants us to stop, or not to hear what we are here for."""


class Bayeux:
    """One Bayeux session after another. `channels`: the first is needed, the others welcome.

    Args:
        send: posts messages.
        wait: sleeps so many seconds; True when it is time to stop.
        log_in: renews the HTTP session below, when the server says that there is none.
        quick: seconds for what is answered at once.
        chance: a number between 0 and 1, for the jitter.
    """

    def __init__(
        self,
        send: Send,
        channels: Sequence[str],
        *,
        wait: Callable[[float], bool],
        log_in: Callable[[], object] = lambda: None,
        quick: float = 5.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.client_id = ""
        self.hold = DEFAULT_HOLD
        self.interval = 0.0
        self._send = send
        self._channels = channels
        self._wait = wait
        self._log_in = log_in
        self._quick = quick
        self._chance = chance
        self._numbers = itertools.count(1)
        self._failures = 0
        self._renewed = self._forgotten = False

    # ----- the life of a listener

    def listen(self) -> Iterator[list[Heard] | Gap]:
        """Everything heard until `wait` says stop: what came together is in one list, in order.

        Raises DriverError when trying is of no use.
        """
        sure = False  # that nothing was missed since the last Gap
        while not self._wait(0):
            try:
                yield from self._turn(sure)
            except DriverError as error:
                if self._wait(0):
                    return
                sure = False
                self._recover(error)
                continue
            if not sure:
                sure = True
                yield Gap()
            self._failures, self._renewed, self._forgotten = 0, False, False
            if self._wait(self.interval):
                return

    def handshake(self) -> None:
        """A new session. Raises Denied, and what `send` raises."""
        self.client_id = ""
        asked = {"version": "1.0", "minimumVersion": "1.0"}
        types = {"supportedConnectionTypes": ["long-polling"]}
        message = self._message("/meta/handshake", **asked, **types)
        answer = _reply_to("/meta/handshake", self._send([message], self._quick))
        self._heed(answer)
        client_id = answer.get("clientId")
        if answer.get("successful") is not True or not isinstance(client_id, str) or not client_id:
            why = say("The PBX does not let this login listen to its events.")
            raise _said(Denied, why, answer)
        self.client_id = client_id

    def disconnect(self) -> None:
        """Say good-bye; it does not matter whether that arrives."""
        if not self.client_id:
            return
        message = self._message("/meta/disconnect")
        self.client_id = ""
        with suppress(DriverError):
            self._send([message], None)

    # ----- inside

    def _turn(self, sure: bool) -> Iterator[list[Heard]]:
        """One poll, after a handshake where there is no session."""
        if not self.client_id:
            self.handshake()
            yield from self._subscribe()
            sure = False
        yield from self._poll(at_once=not sure)

    def _subscribe(self) -> Iterator[list[Heard]]:
        messages = [self._message("/meta/subscribe", subscription=each) for each in self._channels]
        answers = self._send(messages, self._quick)
        yield from _heard(answers)
        for answer in answers:
            if answer.get("channel") != "/meta/subscribe" or answer.get("successful") is True:
                continue
            if _is_lost(answer):
                raise _said(Lost, FORGETFUL, answer)
            if answer.get("subscription", self._channels[0]) == self._channels[0]:
                why = say(
                    "The PBX does not let this login listen to {channel}.",
                    channel=self._channels[0],
                )
                raise _said(Ended, why, answer)

    def _poll(self, *, at_once: bool) -> Iterator[list[Heard]]:
        """One /meta/connect. One that is to be answered at once shows that the session lives."""
        now = {"advice": {"timeout": 0}} if at_once else {}
        message = self._message("/meta/connect", connectionType="long-polling", **now)
        answers = self._send([message], self.hold + MARGIN)
        yield from _heard(answers)
        answer = _reply_to("/meta/connect", answers)
        self._heed(answer)
        if _is_lost(answer):
            raise _said(Lost, FORGETFUL, answer)
        if _advice(answer).get("reconnect") == "none":
            self.client_id = ""
            why = say("The PBX has ended the session for its events.")
            raise _said(Ended, why, answer)
        if answer.get("successful") is not True:
            raise BadReply(say("The PBX did not accept a poll for its events."))

    def _recover(self, error: DriverError) -> None:
        """Make ready for the next try: none at all, at once, or after a pause that grows."""
        if isinstance(error, Lost):
            self.client_id = ""
            if not self._forgotten:
                self._forgotten = True
                return
        elif isinstance(error, NotLoggedIn | TokenRefused | Denied) and not self._renewed:
            self._renewed, self.client_id = True, ""
            self._log_in()
            return
        elif isinstance(error, AuthFailed | TokenRefused | Denied | Ended):
            raise error
        self._failures += 1
        if self._failures > MOST_FAILURES:
            raise error
        if self._failures > 1:
            pause = min(FIRST_PAUSE * 2 ** (self._failures - 2), LONGEST_PAUSE)
            self._wait(pause * (0.5 + self._chance() / 2))

    def _message(self, channel: str, **more: object) -> Json:
        own = {"clientId": self.client_id} if self.client_id else {}
        return {"id": str(next(self._numbers)), "channel": channel, **own, **more}

    def _heed(self, answer: Json) -> None:
        """Keep the last advice. It is in milliseconds, and may be missing."""
        advice = _advice(answer)
        self.hold = _seconds(advice.get("timeout"), LONGEST_HOLD, self.hold)
        self.interval = _seconds(advice.get("interval"), LONGEST_INTERVAL, self.interval)


def _heard(answers: list[Json]) -> Iterator[list[Heard]]:
    """The events, wherever they stand among the replies; nothing when there are none."""
    events = [
        Heard(channel, answer["data"])
        for answer in answers
        if isinstance(channel := answer.get("channel"), str)
        and not channel.startswith("/meta/")
        and isinstance(answer.get("data"), dict)
    ]
    if events:
        yield events


def _reply_to(channel: str, answers: list[Json]) -> Json:
    for answer in answers:
        if answer.get("channel") == channel:
            return answer
    raise BadReply(say("The PBX did not answer to {channel}.", channel=channel))


def _is_lost(answer: Json) -> bool:
    """402 of CometD, 401 of others; the advice is missing where it is no reply to a poll."""
    if answer.get("successful") is True:
        return False
    return _advice(answer).get("reconnect") == "handshake" or _code(answer) in ("401", "402")


def _advice(answer: Json) -> Json:
    advice = answer.get("advice")
    return advice if isinstance(advice, dict) else {}


def _code(answer: Json) -> str:
    """The number before the first colon of "402::Unknown client"."""
    return _error(answer).partition(":")[0]


def _error(answer: Json) -> str:
    error = answer.get("error")
    return clean(error, 200) if isinstance(error, str) else ""


def _said(kind: type[Refused], words: str, answer: Json) -> Refused:
    return kind(words, vendor_code=_code(answer), vendor_text=_error(answer))


def _seconds(milliseconds: object, longest: float, otherwise: float) -> float:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return otherwise
    return min(milliseconds / 1000, longest) if milliseconds >= 0 else otherwise
