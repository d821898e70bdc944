"""Bayeux over long polls, as CometD 3.1 speaks it."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.genesys.listeners import Listener, Listeners
from simulator.genesys.switches import Switches
from simulator.web import Reply, Request

Json = dict[str, Any]
TYPE = "application/json;charset=UTF-8"
COOKIE = "BAYEUX_BROWSER"
_SLICE = 0.05  # a held poll lets the exchange's time pass so often
_SUBSCRIBABLE = re.compile(r"/v2(/me)?(/(\w+|\*{1,2}))?|/v2/users|/notifications/services")


@dataclass(frozen=True)
class Visitor:
    """Who sent a request, by the login of its HTTP session."""

    login: str  # "": nobody
    session: str
    browser: str


class Bayeux:
    """Answers the messages of one POST.

    Args:
        tick: lets the exchange's time pass while a poll is held.
    """

    def __init__(self, switches: Switches, listeners: Listeners, tick: Callable[[], None]) -> None:
        self.switches = switches
        self.listeners = listeners
        self.tick = tick

    def answer(self, request: Request, visitor: Visitor) -> Reply | None:
        """None: the connection is to be cut."""
        messages = self._read(request)
        if messages is None:
            return Reply(b"", 400, TYPE)
        if any(message["channel"] == "/meta/handshake" for message in messages):
            return self._handshake(messages, visitor)
        replies: list[Json] = []
        listener: Listener | None = None
        for message in messages:
            listener = self.listeners.find(message.get("clientId"), visitor.browser)
            if message["channel"] == "/meta/connect" and listener:
                return self._connect(message, listener, replies, len(messages) == 1)
            replies.append(self._simple(message, listener))
        events: list[Json] = []
        if listener and self.switches.events_on_any_reply and not listener.acks:
            with self.listeners.changed:
                events = listener.take()
        return _reply(self._ordered(events, replies))

    def _read(self, request: Request) -> list[Json] | None:
        """The messages, or None for what is no Bayeux."""
        if request.method != "POST":
            return None
        try:
            read = json.loads(request.body)
        except ValueError:
            return None
        if isinstance(read, dict) and self.switches.bare_object:
            read = [read]
        if not isinstance(read, list) or not read:
            return None
        fits = all(isinstance(each, dict) and isinstance(each.get("channel"), str) for each in read)
        return read if fits else None

    # ----- handshake

    def _handshake(self, messages: list[Json], visitor: Visitor) -> Reply:
        if len(messages) > 1:
            return Reply(b"", 500, TYPE)
        message = messages[0]
        if not visitor.login:
            refused = {"error": "403::Handshake denied", "advice": {"reconnect": "none"}}
            return _reply([_back(message, False) | refused])
        browser = visitor.browser or secrets.token_urlsafe(12)
        listener = self.listeners.open(browser, visitor.login, visitor.session)
        told = _back(message, True) | {
            "clientId": listener.ident,
            "version": "1.0",
            "minimumVersion": "1.0",
            "supportedConnectionTypes": ["long-polling"],
            "advice": self._advice(),
        }
        wants_acks = isinstance(message.get("ext"), dict) and message["ext"].get("ack")
        if self.switches.ack and wants_acks:
            listener.acks = True
            told["ext"] = {"ack": True}
        cookies = () if visitor.browser else (f"{COOKIE}={browser}; Path=/; HttpOnly",)
        return _reply([told], cookies=cookies)

    def _advice(self) -> Json:
        hold = self.switches.advised_seconds
        hold = self.switches.hold_seconds if hold is None else hold
        interval = int(self.switches.interval_seconds * 1000)
        return {"reconnect": "retry", "interval": interval, "timeout": int(hold * 1000)}

    # ----- what is answered at once

    def _simple(self, message: Json, listener: Listener | None) -> Json:
        channel = message["channel"]
        if listener is None:
            return self._unknown(message)
        if channel == "/meta/subscribe":
            return self._subscribe(message, listener)
        if channel == "/meta/unsubscribe":
            listener.channels -= set(_channels(message))
            return _back(message, True) | {"subscription": message.get("subscription")}
        if channel == "/meta/disconnect":
            listener.left = True
            self.listeners.remove(lambda each: each is listener)
            return _back(message, True)
        if channel.startswith("/meta/"):
            return _back(message, False) | {"error": f"404:{channel}:Unknown meta channel"}
        return _back(message, False) | {"error": f"403:{channel}:Publish denied"}

    def _unknown(self, message: Json) -> Json:
        """Without advice where it is no connect, as CometD does."""
        told = _back(message, False) | {"error": self.switches.unknown_client}
        if message["channel"] == "/meta/connect":
            told["advice"] = {"reconnect": "handshake", "interval": 0}
        return told

    def _subscribe(self, message: Json, listener: Listener) -> Json:
        wanted = _channels(message)
        if not wanted:
            return _back(message, False) | {"error": "403::subscription_missing"}
        told = {"subscription": message["subscription"]}
        if denied := [each for each in wanted if not _SUBSCRIBABLE.fullmatch(each)]:
            return _back(message, False) | told | {"error": f"403:{denied[0]}:Subscription denied"}
        listener.channels |= set(wanted)
        return _back(message, True) | told

    # ----- the poll

    def _connect(
        self, message: Json, listener: Listener, replies: list[Json], alone: bool
    ) -> Reply | None:
        if message.get("connectionType", "long-polling") != "long-polling":
            return Reply(b"", 400, TYPE)
        with self.listeners.changed:
            listener.poll += 1
            mine = listener.poll
            self.listeners.changed.notify_all()  # an older poll of this session ends
            if listener.acks:
                listener.confirm(_batch(message))
            rivals = alone and self.listeners.rival(listener)
            hold = self._hold(message) if alone and not rivals else 0.0
            listener.held = hold > 0
        self._wait(listener, mine, hold)
        with self.listeners.changed:
            return self._polled(message, listener, mine, replies, rivals)

    def _hold(self, message: Json) -> float:
        asked = message.get("advice")
        timeout = asked.get("timeout") if isinstance(asked, dict) else None
        if isinstance(timeout, int | float):
            return min(max(timeout / 1000, 0.0), self.switches.hold_seconds)
        return self.switches.hold_seconds

    def _wait(self, listener: Listener, mine: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.tick()
            with self.listeners.changed:
                if self._over(listener, mine):
                    return
                self.listeners.changed.wait(min(left, _SLICE))

    def _over(self, listener: Listener, mine: int) -> bool:
        ended = listener.gone or listener.dropped or self.listeners.closed
        return bool(ended or listener.queue or listener.poll != mine)

    def _polled(
        self, message: Json, listener: Listener, mine: int, replies: list[Json], rivals: bool
    ) -> Reply | None:
        if listener.poll != mine:
            return Reply(b"", 500, TYPE)
        listener.held, dropped = False, listener.dropped
        listener.dropped = False
        listener.seen = time.monotonic()
        if dropped or self.listeners.closed:
            return None
        if listener.gone and not listener.left:
            return _reply([*replies, self._unknown(message)])
        events = listener.take()
        listener.writing = bool(events)
        told = _back(message, True) | self._advised(message, listener, rivals)
        if listener.acks:
            told["ext"] = {"ack": listener.number(events)}
        return _reply(self._ordered(events, [*replies, told]), then=lambda: self._written(listener))

    def _advised(self, message: Json, listener: Listener, rivals: bool) -> Json:
        """Advice when it is news, or when the client gave some of its own."""
        if listener.left:
            return {"advice": {"reconnect": "none", "interval": 0}}
        if rivals:
            return self._crowded()
        advice = self._advice()
        known, listener.advice = listener.advice, advice
        return {"advice": advice} if "advice" in message or known not in (None, advice) else {}

    def _crowded(self) -> Json:
        seconds = self.switches.multi_session_seconds
        advice: Json = {"multiple-clients": True, "reconnect": "retry"}
        if seconds > 0:
            return {"advice": advice | {"interval": int(seconds * 1000)}}
        return {"successful": False, "advice": advice | {"reconnect": "none", "interval": 0}}

    def _written(self, listener: Listener) -> None:
        with self.listeners.changed:
            listener.writing = False
            listener.seen = time.monotonic()
            self.listeners.changed.notify_all()

    def _ordered(self, events: list[Json], replies: list[Json]) -> list[Json]:
        return [*events, *replies] if self.switches.events_stand == "first" else [*replies, *events]


def _back(message: Json, successful: bool) -> Json:
    ident = {"id": message["id"]} if "id" in message else {}
    return ident | {"channel": message["channel"], "successful": successful}


def _channels(message: Json) -> list[str]:
    named = message.get("subscription")
    named = named if isinstance(named, list) else [named]
    return [each for each in named if isinstance(each, str) and each]


def _batch(message: Json) -> int:
    ext = message.get("ext")
    batch = ext.get("ack") if isinstance(ext, dict) else None
    return batch if isinstance(batch, int) else 0


def _reply(
    messages: list[Json],
    cookies: tuple[str, ...] = (),
    then: Callable[[], object] | None = None,
) -> Reply:
    body = json.dumps(messages, ensure_ascii=False).encode()
    return Reply(body, 200, TYPE, cookies=cookies, then=then)
