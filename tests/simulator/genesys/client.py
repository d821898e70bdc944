"""Plain clients of the simulated API: raw HTTP with a cookie jar, nothing of the product."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterable
from typing import Any, Self

from simulator.server import SimulatorServer

Json = dict[str, Any]


class Desk:
    """One agent's keep-alive connection, her cookies and her CSRF token."""

    def __init__(self, pbx: SimulatorServer, login: str = "ana", word: str = "pw") -> None:
        self.pbx = pbx
        self.basic = base64.b64encode(f"{login}:{word}".encode()).decode()
        self.cookies: dict[str, str] = {}
        self.csrf: dict[str, str] = {}
        self.http = http.client.HTTPConnection(pbx.host, pbx.port, timeout=10)
        self.headers: dict[str, str] = {}  # of the last reply, names in lower case
        self.status = 0
        self.numbers = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.http.close()

    # ----- HTTP

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> None:
        sent = {"Content-Type": "application/json", **headers}
        if self.basic:
            sent["Authorization"] = f"Basic {self.basic}"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if method != "GET":
            sent |= self.csrf
        self.http.request(method, f"/{self.pbx.face.home}{path}", body, sent)

    def receive(self) -> bytes:
        response = self.http.getresponse()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.status = response.status
        if named := self.headers.get("x-csrf-header"):
            self.csrf = {named: self.headers["x-csrf-token"]}
        return response.read()

    def raw(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        self.send(method, path, body, **headers)
        return self.receive()

    def get(self, path: str) -> Json:
        told: Json = json.loads(self.raw("GET", path))
        return told

    def post(self, path: str, **order: object) -> Json:
        told: Json = json.loads(self.raw("POST", path, json.dumps(order).encode()))
        return told

    # ----- the API

    def enter(self) -> Self:
        self.get("/me")
        return self

    def calls(self) -> list[Json]:
        told: list[Json] = self.get("/me/calls?fields=*")["calls"]
        return told

    def do(self, call_id: str, operation: str, **more: object) -> int:
        told = self.post(f"/me/calls/{call_id}", operationName=operation, **more)
        code: int = told["statusCode"]
        return code

    def device(self) -> Json:
        told: Json = self.get("/me/devices?fields=*")["devices"][0]
        return told


class Bayeux(Desk):
    """An agent's Bayeux session in the cookie jar of her desk."""

    client_id = ""

    @classmethod
    def of(cls, desk: Desk) -> Bayeux:
        """A second connection for the polls, with the same jar."""
        made = cls(desk.pbx)
        made.basic, made.cookies, made.csrf = desk.basic, desk.cookies, desk.csrf
        return made

    def message(self, channel: str, **more: object) -> Json:
        self.numbers += 1
        own = {"clientId": self.client_id} if self.client_id else {}
        return {"id": str(self.numbers), "channel": channel, **own, **more}

    def talk(self, *messages: Json) -> list[Json]:
        self.start(*messages)
        return self.heard()

    def start(self, *messages: Json) -> None:
        self.send("POST", "/notifications", json.dumps(messages).encode())

    def heard(self) -> list[Json]:
        body = self.receive()
        told: list[Json] = json.loads(body) if body else []
        return told

    def handshake(self, **more: object) -> Json:
        told = self.talk(
            self.message(
                "/meta/handshake",
                version="1.0",
                supportedConnectionTypes=["long-polling"],
                **more,
            )
        )[0]
        self.client_id = told.get("clientId", "")
        return told

    def subscribe(self, *channels: str) -> Json:
        wanted = channels[0] if len(channels) == 1 else list(channels)
        return self.talk(self.message("/meta/subscribe", subscription=wanted))[0]

    def listen(self) -> Self:
        """Handshake, both subscriptions and the first connect."""
        self.handshake()
        self.subscribe("/v2/me/calls", "/v2/me/devices")
        self.connect(advice={"timeout": 0})
        return self

    def connecting(self, **more: object) -> Json:
        return self.message("/meta/connect", connectionType="long-polling", **more)

    def connect(self, **more: object) -> list[Json]:
        return self.talk(self.connecting(**more))

    def events(self) -> list[Json]:
        """The data of what a poll brings."""
        return [each["data"] for each in self.connect() if "data" in each]

    def now(self) -> list[Json]:
        """The data of what waits already."""
        return [each["data"] for each in self.connect(advice={"timeout": 0}) if "data" in each]


def states(events: Iterable[Json]) -> list[str]:
    """What calls became, in the order told."""
    return [event["call"]["state"] for event in events if "call" in event]
