"""What a face is: one vendor's protocol over an exchange. `simulator.faces` lists them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from simulator.calls import Rules
from simulator.faults import KINDS
from simulator.web import Reply, Request


class Face(ABC):
    """How a PBX speaks.

    Attributes:
        switches: the exchange's rules and the protocol's open questions, settable while it runs.
        home: the path of the PBX's `url`, without the first slash.
        faults: the kinds of fault it knows.
    """

    switches: Rules
    home = ""
    faults: tuple[str, ...] = KINDS

    @abstractmethod
    def command(self, request: Request) -> str:
        """The name of the command a request carries, "" if none."""

    @abstractmethod
    def answer(self, request: Request) -> Reply | None:
        """Carry the command out and answer it; None cuts the connection."""

    @abstractmethod
    def refusal(self, request: Request, kind: str) -> Reply:
        """The answer of a fault of REFUSALS."""

    @abstractmethod
    def damaged(self, reply: Reply, kind: str) -> Reply:
        """A good answer spoilt by a fault of its own DAMAGES."""

    def verbs(self) -> Mapping[str, Callable[[], object]]:
        """What the control interface can do to this face alone."""
        return {}

    def tell(self) -> dict[str, Any]:
        """What `GET /state` tells of this face alone."""
        return {}

    def clear(self) -> None:  # noqa: B027 (most faces have nothing to forget)
        """Forget what came of calls and requests; phones and switches stay."""

    def close(self) -> None:  # noqa: B027 (most faces run nothing)
        """End what runs beside the server. It is called once, as the server stops."""
