"""A simulated PBX on a real socket: an exchange, a face, and what goes wrong with them.

exchange = Exchange()
exchange.add("1001", "Reception")
with SimulatorServer(exchange, "ozeki-gen1") as pbx:
    call = exchange.ring("+36301234567", "1001", "Kovács Anna")
    ...talk to pbx.url...
    assert pbx.count("BlindTransfer") == 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.exchange import Exchange
from simulator.faces import FACES
from simulator.faults import BEFORE, PLAIN, REFUSALS, Fault, Faults, early_reply, spoilt
from simulator.web import Reply, Request, WebServer

MOST_REQUESTS = 100_000  # remembered; a demo may run for weeks


@dataclass(frozen=True)
class Received:
    """A request that reached the PBX. `query` and `form` show where each secret travelled."""

    method: str
    path: str
    command: str
    params: dict[str, str]
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    body: bytes


class SimulatorServer(WebServer):
    """A PBX for tests and for the demo. All attributes may be used while it runs.

    Args:
        exchange: the exchange behind it; an empty one by default.
        face: one of FACES.
        username, password: what the API asks for; only ozeki-gen1 does without.
        agents: password and number by login, of a face whose users each see their own calls.
    """

    def __init__(
        self,
        exchange: Exchange | None = None,
        face: str = "ozeki-gen1",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        username: str = "",
        password: str = "",
        agents: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        if face not in FACES:
            raise ValueError(f"no face {face!r}; there are {', '.join(FACES)}")
        self.exchange = exchange or Exchange()
        self.face_name = face
        # Any: each face has methods and switches of its own for tests to use
        many = {"agents": agents} if agents else {}
        self.face: Any = FACES[face](self.exchange, username, password, **many)
        self.switches: Any = self.face.switches
        self.exchange.rules = self.switches
        self.exchange.when_cleared(self.face.clear)
        self.faults = Faults(self.face.faults)
        self.requests: list[Received] = []
        super().__init__(host, port)

    @property
    def url(self) -> str:
        """Where commands go: the path is the one the vendor's pages document."""
        return super().url + str(self.face.home)

    def stop(self) -> None:
        self.face.close()
        super().stop()

    def count(self, command: str | None = None) -> int:
        """How many requests arrived, of one command or of all."""
        return sum(command in (None, received.command) for received in list(self.requests))

    def clear(self) -> None:
        """Forget calls, faults and received requests; phones and switches stay."""
        self.exchange.clear()
        self.faults.clear()
        self.requests.clear()

    def respond(self, request: Request) -> Reply | None:
        command = self.face.command(request)
        self._note(request, command)
        delay, fault = self.faults.take(command)
        if delay:
            self.stopping.wait(delay)
        if fault and fault.kind in (*BEFORE, *REFUSALS):
            return self._refused(request, fault)
        reply: Reply | None = self.face.answer(request)
        return self._spoilt(reply, fault) if fault and reply else reply

    def _note(self, request: Request, command: str) -> None:
        query, form = dict(request.query), dict(request.form)
        heads = dict(request.headers)
        self.requests.append(
            Received(
                request.method,
                request.path,
                command,
                request.params,
                query,
                form,
                heads,
                request.body,
            )
        )
        if len(self.requests) > MOST_REQUESTS:
            del self.requests[: MOST_REQUESTS // 2]

    def _refused(self, request: Request, fault: Fault) -> Reply | None:
        if fault.kind == "drop_before":
            return None
        if fault.kind in REFUSALS:
            refused: Reply = self.face.refusal(request, fault.kind)
            return refused
        return early_reply(fault.kind, super().url)

    def _spoilt(self, reply: Reply, fault: Fault) -> Reply | None:
        if fault.kind == "drop_after":
            if reply.then:
                reply.then()
            return None
        if fault.kind in PLAIN:
            return spoilt(fault, reply, self.stopping.wait)
        damaged: Reply = self.face.damaged(reply, fault.kind)
        return damaged
