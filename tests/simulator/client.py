"""A plain client of the simulated API: raw HTTP, nothing of the product."""

from __future__ import annotations

import http.client
from typing import Self
from urllib.parse import urlencode
from xml.etree import ElementTree

from simulator.server import SimulatorServer

LOGIN = {"Username": "api", "Password": "se cret"}


class Client:
    """One keep-alive connection to one PBX."""

    def __init__(self, pbx: SimulatorServer) -> None:
        self.gen2 = pbx.face_name == "ozeki-gen2"
        self.path = "/api" if self.gen2 else "/"
        self.http = http.client.HTTPConnection(pbx.host, pbx.port, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.http.close()

    @property
    def forward(self) -> str:
        return "ForwardCall" if self.gen2 else "Forward"

    def raw(self, command: str = "", /, **params: str) -> bytes:
        return self.response(command, **params).read()

    def response(self, command: str = "", /, **params: str) -> http.client.HTTPResponse:
        named = {"command": command} if command else {}
        login = LOGIN if self.gen2 else {}
        return self.get(f"{self.path}?{urlencode({**named, **params, **login})}")

    def get(self, target: str) -> http.client.HTTPResponse:
        self.http.request("GET", target)
        return self.http.getresponse()

    def post(self, target: str, form: dict[str, str]) -> http.client.HTTPResponse:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.http.request("POST", target, urlencode(form), kind)
        return self.http.getresponse()

    def do(self, command: str, /, **params: str) -> tuple[int, str]:
        """Code and message of a command."""
        return answer(self.raw(command, **params))

    def calls(self) -> list[dict[str, str]]:
        root = parsed(self.raw("ListActiveCalls"))
        return [
            {field.tag: field.text or "" for field in item}
            for item in root.findall("ActiveCalls/*")
        ]

    def states(self) -> dict[str, str]:
        return {call["CallId"]: call["CallState"] for call in self.calls()}


def parsed(body: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(body)  # noqa: S314 (our own simulator wrote it)


def answer(body: bytes) -> tuple[int, str]:
    root = parsed(body)
    return int(root.findtext("Code", "")), root.findtext("Message", "")
