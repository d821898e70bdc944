"""POST /oauth/token.php, and who may call the API with what came of it."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable
from threading import Lock
from typing import Any

from simulator.voipnow.switches import Switches
from simulator.web import Reply, Request

PATHS = ("/oauth/token.php", "/oauth/token.php/")


class Tokens:
    """Client credentials only: the App is trusted."""

    def __init__(
        self, clock: Callable[[], float], switches: Switches, client_id: str, secret: str
    ) -> None:
        self._clock = clock
        self._switches = switches
        self._login = (client_id, secret)
        self._given: dict[str, float] = {}
        self._lock = Lock()

    def answer(self, request: Request) -> Reply:
        if request.method != "POST" or not request.form:
            return self.error("invalid_request", 400)
        grant = request.form.get("grant_type", "")
        if not grant:
            return self.error("invalid_request", 400)
        if grant != "client_credentials":
            return self.error("unsupported_grant_type", 400)
        if not self._knows(request.form):
            return self.error("invalid_client")
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._given[token] = self._clock()
        return _json({"access_token": token, "token_type": "Bearer", **self._lifetime()}, 200)

    def accepts(self, request: Request) -> bool:
        """Does the request carry a token that lives? In the header or in the query."""
        said = request.query.get("accessRequestToken", "")
        for name, value in request.headers.items():
            if name.lower() == "authorization":
                said = value
        kind, _, token = said.partition(" ")
        with self._lock:
            given = self._given.get(token.strip())
        lives = given is not None and self._clock() < given + self._switches.token_seconds
        return kind.lower() == "bearer" and lives

    def expire(self) -> None:
        """All tokens die before their time, as when the App's secret is regenerated."""
        with self._lock:
            self._given.clear()

    def error(self, code: str, status: int | None = None) -> Reply:
        """An error of this endpoint: a text where the API has an object, unless switched."""
        said: dict[str, Any] = {"error": code, "error_description": code.replace("_", " ")}
        if self._switches.token_error == "object":
            said = {"error": {"code": code, "message": code.replace("_", " ")}}
        return _json(said, status or int(self._switches.token_error_status))

    def _knows(self, form: Any) -> bool:
        given = f"{form.get('client_id', '')}\n{form.get('client_secret', '')}".encode()
        return hmac.compare_digest(given, "\n".join(self._login).encode())

    def _lifetime(self) -> dict[str, Any]:
        seconds = int(self._switches.token_seconds)
        forms: dict[str, dict[str, Any]] = {
            "number": {"expires_in": seconds},
            "string": {"expires_in": str(seconds)},
            "absent": {},
        }
        return forms[self._switches.expires_in]


def _json(said: dict[str, Any], status: int) -> Reply:
    return Reply(json.dumps(said).encode(), status, "application/json")
