"""The UnifiedAPI over an exchange: who may ask, what was asked, what is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from simulator.exchange import Exchange
from simulator.face import Face
from simulator.faults import JSON_KINDS
from simulator.json_damage import DAMAGES
from simulator.voipnow import cdr, hooks, phonecalls, presence
from simulator.voipnow.asked import Asked, Desk, reply, segments
from simulator.voipnow.book import Book
from simulator.voipnow.courier import Courier
from simulator.voipnow.errors import ApiError
from simulator.voipnow.events import Watch
from simulator.voipnow.hooks import Hooks
from simulator.voipnow.numbers import Numbers
from simulator.voipnow.switches import Switches
from simulator.voipnow.tokens import PATHS, Tokens
from simulator.voipnow.views import Pictures
from simulator.web import Reply, Request

_PAGE = b"<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>404</body>\r\n</html>\r\n"


class VoipNowFace(Face):
    """Answers on /oauth/token.php and below /uapi/.

    `tokens.expire()` kills every token, `hooks` are the call events registered, and `courier`
    counts and remembers what was delivered.
    """

    faults = JSON_KINDS

    def __init__(self, exchange: Exchange, client_id: str, secret: str) -> None:
        rules = asdict(exchange.rules)
        del rules["call_id"]  # the API documents that it is kept
        self.switches: Switches = Switches(**rules)
        self.tokens = Tokens(exchange.clock, self.switches, client_id, secret)
        numbers = Numbers(exchange, self.switches)
        book = Book(exchange, numbers)
        pictures = Pictures(book, numbers, self.switches)
        self.desk = Desk(exchange, self.switches, numbers, book, pictures)
        self.hooks = Hooks()
        self.courier = Courier(self.switches)
        self._watch = Watch(book, numbers, self.switches, self.hooks, self.courier)

    def command(self, request: Request) -> str:
        """Token, ListPhoneCalls, the action, CreateSimple, Delete…; …All without a call id."""
        if request.path in PATHS:
            return "Token"
        asked = self._read(request)
        return _name(asked) if asked else ""

    def answer(self, request: Request) -> Reply:
        if request.path in PATHS:
            return self.tokens.answer(request)
        asked = self._read(request)
        if asked is None:
            return Reply(_PAGE, 404, "text/html")
        try:
            if not self.tokens.accepts(request):
                raise ApiError("access_denied")
            with self.desk.exchange.lock:  # what is checked still holds when it is done
                self.desk.exchange.tick()
                return self._route(asked)
        except ApiError as error:
            return self._complaint(error)

    def refusal(self, request: Request, kind: str) -> Reply:
        if kind == "internal_error":
            return self._complaint(ApiError("internal_server_error"))
        if request.path in PATHS:
            return self.tokens.error("invalid_client")
        denied = self._complaint(ApiError("access_denied"))
        return replace(denied, status=403 if kind.startswith("forbidden") else 401)

    def damaged(self, reply: Reply, kind: str) -> Reply:
        body = reply.body if isinstance(reply.body, bytes) else b""
        status = 200 if reply.status == 204 else reply.status
        damaged = DAMAGES[kind](body)
        return replace(reply, body=damaged, status=status, content_type="application/json")

    def verbs(self) -> Mapping[str, Callable[[], object]]:
        return {"expire": self.tokens.expire, "unhook": self.hooks.clear}

    def tell(self) -> dict[str, Any]:
        courier = self.courier
        counts = {
            "registered": len(self.hooks.all()),
            "delivered": courier.delivered,
            "failed": courier.failed,
            "lost": courier.lost,
        }
        return {"events": counts}

    def clear(self) -> None:
        self.desk.book.clear()
        self._watch.clear()
        self.courier.clear()

    def close(self) -> None:
        self.courier.close()

    def _read(self, request: Request) -> Asked | None:
        parts = segments(request.path)
        if len(parts) < 2 or parts[0] != "uapi":
            return None
        return Asked(self.desk, request, parts[1], tuple(parts[2:]))

    def _route(self, asked: Asked) -> Reply:
        method, topic = asked.request.method, asked.part(2)
        if asked.service == "phoneCalls":
            return phonecalls.answer(asked)
        if asked.service == "extensions" and topic == "phoneCallEvents":
            return hooks.answer(asked, self.hooks)
        if (asked.service, topic, method) == ("extensions", "presence", "GET"):
            return presence.answer(asked)
        if (asked.service, method, len(asked.rest)) == ("cdr", "GET", 1):
            return cdr.answer(asked)
        raise ApiError("request_not_implemented")

    def _complaint(self, error: ApiError) -> Reply:
        code, status = error.code, error.status
        if code == "access_denied":
            code, status = self.switches.denied_code, int(self.switches.expired_status)
        return reply({"error": {"code": code, "message": error.message}}, status)


_EVENTS = {"GET": "ListEvents", "POST": "CreateEvent", "PUT": "UpdateEvent"}


def _name(asked: Asked) -> str:
    method, topic = asked.request.method, asked.part(2)
    if asked.service == "cdr":
        return "ListCdr"
    if asked.service == "extensions" and topic == "presence":
        return "ListPresence"
    if asked.service == "extensions" and topic == "phoneCallEvents":
        everything = "" if asked.part(4) else "All"
        return _EVENTS.get(method, f"DeleteEvent{everything}")
    if asked.service != "phoneCalls":
        return ""
    if method == "POST":
        return phonecalls.TYPES.get(asked.part(1), "")
    everything = "" if asked.part(2) else "All"
    if method == "PUT":
        return f"{asked.text('action')}{everything}"
    return f"Delete{everything}" if method == "DELETE" else "ListPhoneCalls"
