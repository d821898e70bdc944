"""A scripted PBX with our board in front of it: tests say what the phones do and let time pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from transfers.board import lease
from transfers.board.poller import read
from transfers.board.signals import ticked
from transfers.board.snapshot import Picture
from transfers.domain import Action, Leg
from transfers.models import Feed, PbxConnection, Transfer, User
from transfers.services.rules import Order
from transfers.services.transfers import start

CALLER = "+3615550142"


@dataclass
class Stage:
    """`pbx` is the simulator's server, `clock` the frozen time of everything."""

    pbx: Any
    connection: PbxConnection
    clock: Any

    @property
    def exchange(self) -> Any:
        return self.pbx.exchange

    @property
    def feed(self) -> Feed:
        return Feed.objects.select_related("connection").get(connection=self.connection)

    def wait(self, seconds: float = 1.0) -> Picture | None:
        """Time passes, the phones do what they do, and the board looks."""
        self.clock.shift(timedelta(seconds=seconds))
        self.exchange.tick()
        picture = read(self.feed)
        ticked.send(sender=None)
        return picture

    def wait_for(self, row: Transfer, *, seconds: int = 60) -> Transfer:
        """Until the row has its verdict, or the time is up."""
        for _ in range(seconds):
            row.refresh_from_db()
            if row.settled_at:
                break
            self.wait()
        row.refresh_from_db()
        return row

    def talk(self, caller: str = CALLER, callee: str = "1001", name: str = "") -> str:
        call_id: str = self.exchange.ring(caller, callee, name)
        self.exchange.answer(call_id)
        return call_id

    def order(
        self, user: User, kind: Action, call_id: str, target: str = "", **more: Any
    ) -> Transfer:
        self.clock.shift(timedelta(seconds=2))  # older than a picture may be: it is read anew
        self.exchange.tick()
        return start(user, self.connection, Order(kind, call_id, target, **more))

    def blind(
        self, user: User, call_id: str, target: str = "1003", leaves: Leg | None = None
    ) -> Transfer:
        return self.order(user, Action.BLIND, call_id, target, leaves=leaves)

    def look(self) -> None:
        """Somebody watches this PBX from now on."""
        lease.watch([self.feed])
