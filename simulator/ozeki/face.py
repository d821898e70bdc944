"""The Ozeki API over an exchange: who may ask, what was asked, what is answered."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from simulator.exchange import Exchange
from simulator.face import Face
from simulator.ozeki import damage, wire
from simulator.ozeki.commands import COMMANDS, ApiError, Asked, NoEffect
from simulator.ozeki.notify import Notifier
from simulator.ozeki.switches import Switches
from simulator.web import Reply, Request

_REFUSALS = {
    "auth_required": 304,
    "wrong_login": 305,
    "forbidden_user": 306,
    "forbidden_address": 307,
}


class OzekiFace(Face):
    """Generation 1 answers on any path, with or without a login; generation 2 on /api, with one.

    `notifier` tells the addresses in the switches what happens, and does what they answer.
    """

    def __init__(
        self,
        exchange: Exchange,
        generation: int,
        switches: Switches,
        username: str = "",
        password: str = "",
    ) -> None:
        self.exchange = exchange
        self.generation = generation
        self.switches: Switches = switches
        self.home = "api" if generation == 2 else ""
        self.notifier = Notifier(exchange, generation, switches)
        self._login = (username, password)

    def command(self, request: Request) -> str:
        """The command's documented spelling, or what came if there is no such command."""
        asked = self._params(request).get("command", "")
        known = COMMANDS[self.generation].get(asked.lower())
        return known.name if known else asked

    def answer(self, request: Request) -> Reply:
        if self.generation == 2 and request.path.rstrip("/") != "/api":
            page = (
                b"<h2>Not Found</h2><hr><p>HTTP Error 404. The requested resource is not found.</p>"
            )
            return Reply(page, 404, "text/html; charset=us-ascii", "Microsoft-HTTPAPI/2.0")
        try:
            return self._reply(200, (), self._run(request))
        except NoEffect:
            return self._reply(200)
        except ApiError as error:
            return self._reply(error.code, error.arguments)

    def refusal(self, request: Request, kind: str) -> Reply:
        return self._reply(_REFUSALS[kind])

    def damaged(self, reply: Reply, kind: str) -> Reply:
        body = reply.body if isinstance(reply.body, bytes) else b""
        return replace(reply, body=damage.DAMAGES[kind](body))

    def tell(self) -> dict[str, Any]:
        notifier = self.notifier
        return {"notifications": {"delivered": notifier.delivered, "failed": notifier.failed}}

    def clear(self) -> None:
        self.notifier.clear()

    def close(self) -> None:
        self.notifier.close()

    def _run(self, request: Request) -> list[str]:
        params = self._params(request)
        self._check_login(params)
        name = params.get("command", "")
        if not name:
            raise ApiError(300, "")
        known = COMMANDS[self.generation].get(name.lower())
        if known is None:
            raise ApiError(301, name)
        asked = Asked(known.name, params, self.exchange, self.switches, self.generation)
        with self.exchange.lock:  # what is checked still holds when it is done
            self.exchange.tick()
            return known.run(asked)

    def _params(self, request: Request) -> dict[str, str]:
        sent = request.params if self.switches.post_accepted else request.query
        return {name.lower(): value for name, value in sent.items()}

    def _check_login(self, params: dict[str, str]) -> None:
        username, password = self._login
        if not username:
            return
        if not params.get("username") or "password" not in params:
            raise ApiError(304)
        given = f"{params['username']}\n{params['password']}".encode()
        if not hmac.compare_digest(given, f"{username}\n{password}".encode()):
            raise ApiError(305)

    def _reply(
        self, code: int, arguments: tuple[str, ...] = (), inner: Iterable[str] = ()
    ) -> Reply:
        text = wire.message(code, arguments, self.switches.message_quotes)
        body = wire.response(code, text, inner, self.switches.xmlns_order)
        return Reply(body, 200, "application/xml", "Microsoft-HTTPAPI/2.0")
