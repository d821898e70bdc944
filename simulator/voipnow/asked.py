"""One request read: who asks, about which extension and call, with what body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from simulator.calls import Call
from simulator.exchange import Exchange
from simulator.voipnow.book import Book
from simulator.voipnow.errors import ApiError
from simulator.voipnow.numbers import Numbers
from simulator.voipnow.switches import Switches
from simulator.voipnow.views import Json, Pictures
from simulator.web import Reply, Request

USERS = ("@me", "@viewer", "@owner", "12", "0241")
SELF = "@self"


@dataclass(frozen=True)
class Desk:
    """What every request works with."""

    exchange: Exchange
    switches: Switches
    numbers: Numbers
    book: Book
    pictures: Pictures


@dataclass(frozen=True)
class Asked:
    """A request to the API. `rest` is its path after the service's name."""

    desk: Desk
    request: Request
    service: str
    rest: tuple[str, ...]

    @property
    def user(self) -> str:
        """The userId of the path, else `user_invalid`."""
        if not self.rest or self.rest[0] not in USERS:
            raise ApiError("user_invalid")
        return self.rest[0]

    @cached_property
    def extension(self) -> str | None:
        """The extension of the path; None is @self. Else `extension_invalid`."""
        said = self.part(1)
        if said == SELF:
            return None
        found = self.desk.numbers.extension(said)
        if found is None:
            raise ApiError("extension_invalid")
        return found

    def part(self, index: int) -> str:
        return self.rest[index] if len(self.rest) > index else ""

    @cached_property
    def body(self) -> dict[str, Any]:
        try:
            said = json.loads(self.request.body)
        except ValueError:
            said = None
        return said if isinstance(said, dict) else {}

    def text(self, name: str) -> str:
        """A value of the body; numbers are as good as texts."""
        value = self.body.get(name, "")
        return str(value) if isinstance(value, str | int) else ""

    # ----- calls it may mean

    @property
    def mine(self) -> list[str]:
        """The extensions the path means."""
        if self.extension is not None:
            return [self.extension]
        all_ours = [phone.number for phone in self.desk.exchange.extensions()]
        return all_ours if self.desk.switches.self_lists == "all" else all_ours[:1]

    def has(self, call: Call, *, charged: bool) -> bool:
        """Is it a call of these extensions, or, with `charged`, one they pay for?"""
        payer = self.desk.book.paper(call).owner
        rung = {leg.number for leg in call.ringing}
        parties = {call.caller, call.callee, *rung}
        if self.extension is None and self.desk.switches.self_lists == "all":
            return True
        return bool(parties & set(self.mine)) or (charged and payer in self.mine)

    def calls(self) -> list[Call]:
        charged = self.desk.switches.charged_listed
        return [call for call in self.desk.book.calls() if self.has(call, charged=charged)]

    def find(self, call_id: str) -> Call | None:
        call = self.desk.book.find(call_id)
        return call if call and self.has(call, charged=True) else None

    # ----- addresses

    def address(self, *parts: str, slashes: str = "/") -> str:
        host = next((v for k, v in self.request.headers.items() if k.lower() == "host"), "")
        return f"http://{host}{slashes}uapi/" + "/".join(parts)

    def call_address(self, call: Call, *, sample: bool = True) -> str:
        """A call's self link, with the samples' double slash."""
        slashes = "//" if sample and self.desk.switches.link_double_slash else "/"
        pictures = self.desk.pictures
        owner = self.desk.numbers.extended(self.desk.book.paper(call).owner)
        user = self.rest[0]
        return self.address("phoneCalls", user, owner, str(pictures.id(call)), slashes=slashes)

    def picture(self, call: Call) -> Json:
        own = self.extension if self.desk.switches.views == "own" else None
        return self.desk.pictures.call(call, self.call_address(call), own)


def segments(path: str) -> list[str]:
    """The parts of a path, raw or percent-encoded, with or without a slash at its end."""
    return [unquote(part) for part in path.split("/") if part]


def reply(said: object, status: int = 200) -> Reply:
    """JSON, or the empty 204."""
    if status == 204:
        return Reply(b"", 204, "")
    body = json.dumps(said, ensure_ascii=False).encode()
    return Reply(body, status, "application/json")
