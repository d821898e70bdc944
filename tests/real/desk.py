"""Ana's desk at one PBX: what she orders through the product, what the phones do, what is written.

Every step and every observation is noted in words; docs/proven-on-real-calls.md is made of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.real.world import World, eventually
from transfers.board import lease
from transfers.board.poller import read
from transfers.board.snapshot import picture_of
from transfers.domain import Action, Call, CallState, Leg, same_number
from transfers.models import Claim, Feed, PbxConnection, Seat, Transfer, User
from transfers.services.rules import Order
from transfers.services.transfers import start
from transfers.services.verdicts import VERDICTS, verdict_of

PATIENCE = 30  # seconds for anything to happen, also on a busy machine
UP = (CallState.TALKING,)
WAITS = (CallState.RINGING,)


@dataclass
class Desk:
    world: World
    connection: PbxConnection
    user: User
    told: list[str] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.told.append(text)

    # ----- the people at the phones

    def call(self, caller: str, number: str, callee: str = "") -> Call:
        """The caller dials, the callee's phone rings, and our board shows it."""
        callee = callee or number
        self.world.dial(caller, number)
        self.until(lambda: self.world.rings(callee), f"{callee} rings")
        self.told[-1] = f"{caller} calls {number}; {callee} rings"
        return self.sees(caller, callee, WAITS)

    def talk(self, caller: str, number: str, callee: str = "") -> Call:
        """The same, and the callee answers."""
        self.call(caller, number, callee)
        self.world.accept(callee or number)
        self.told[-1] = f"{caller} calls {number}; {callee or number} answers"
        return self.sees(caller, callee or number, UP)

    def accept(self, number: str) -> None:
        self.until(lambda: self.world.rings(number), f"{number} rings")
        self.world.accept(number)
        self.told[-1] = f"{number} rings and answers"

    def lift(self, number: str) -> None:
        """Answers what may be over at once."""
        self.until(lambda: self.world.rings(number), f"{number} rings")
        self.world.lift(number)
        self.told[-1] = f"{number} rings and answers"

    def decline(self, number: str, caller: str) -> None:
        """Not before the board shows that it rings: nobody declines within a tenth of a second."""
        self.rings(number)
        self.sees_ringing(caller, number)
        self.world.hang_up(number)
        self.told[-1] = f"{number} rings and declines"

    def hang_up(self, number: str) -> None:
        self.world.hang_up(number)
        self.tell(f"{number} hangs up")

    def dial(self, caller: str, number: str) -> None:
        self.world.dial(caller, number)
        self.tell(f"{caller} dials {number}")

    def hold(self, number: str) -> None:
        self.world.hold(number)
        self.tell(f"{number} presses hold")

    def resume(self, number: str) -> None:
        self.world.resume(number)
        self.tell(f"{number} resumes")

    def send(self, number: str, target: str) -> None:
        self.world.send(number, target)
        self.tell(f"{number} transfers to {target} with its own key")

    def restart(self) -> None:
        self.world.restart()
        self.tell("The PBX starts anew; all calls are lost")

    def power_cut(self) -> None:
        self.world.power_cut()
        self.tell("The PBX loses its power and starts anew; the phones hang up")

    # ----- what they see and hear

    def until(self, holds, words: str, seconds: float = PATIENCE) -> None:
        assert eventually(holds, seconds), self.story(f"never: {words}")
        self.tell(words)

    def story(self, trouble: str) -> str:
        """What a failed scenario says: all that was done, written and shown."""
        rows = [
            f"{row.kind} {row.state} {row.code} “{row.observed}” {row.vendor_text} {row.seen}"
            for row in Transfer.objects.filter(connection=self.connection).order_by("pk")
        ]
        board = [str(call) for call in self.calls()]
        return "\n".join([f"{self.world.name}: {trouble}", *self.told, *rows, *board])

    def rings(self, number: str, shows: str = "") -> None:
        self.until(lambda: self.world.rings(number), f"{number} rings")
        if shows:
            assert same_number(self.world.shows(number), shows), self.world.shows(number)
            self.told[-1] += f", showing {shows}"

    def silent(self, number: str) -> None:
        self.until(lambda: self.world.idle(number), f"{number} is released")

    def connected(self, one: str, other: str) -> None:
        """They hear each other and nobody else: nobody listens in, nobody hears nothing."""
        hears = self.world.hears
        self.until(
            lambda: hears(one) == {other} and hears(other) == {one},
            f"{one} and {other} hear each other",
        )

    def hears(self, number: str, *whom: str) -> None:
        words = " and ".join(whom) or "nobody"
        self.until(lambda: self.world.hears(number) == set(whom), f"{number} hears {words}")

    def recorded(self, box: str, voice: str) -> None:
        """The mailbox records this phone."""
        words = f"The mailbox of {box} records {voice}"
        self.until(lambda: self.world.mailbox(box) == {voice}, words)

    # ----- the product

    @property
    def feed(self) -> Feed:
        return Feed.objects.select_related("connection").get(connection=self.connection)

    def sits(self, number: str) -> None:
        """The transferor: whose phone is whose is in the seat."""
        Seat.objects.filter(user=self.user, connection=self.connection).update(extensions=number)

    def choose(self, **options: str) -> None:
        """Options of the connection, as an administrator sets them."""
        self.connection.options |= options
        self.connection.save()

    def calls(self) -> list[Call]:
        return list(picture_of(self.feed).calls)

    def sees(self, one: str, other: str, states=UP) -> Call:
        """The call of these two, once the board shows it in one of the states."""
        found: list[Call] = []

        def look() -> bool:
            found[:] = [
                call
                for call in self.calls()
                if call.state in states and call.involves(one) and call.involves(other)
            ]
            return bool(found)

        words = f"the board never shows {one} and {other} {', '.join(states)}"
        assert eventually(look, PATIENCE), self.story(words)
        return found[0]

    def sees_held(self, one: str, other: str) -> Call:
        call = self.sees(one, other, (CallState.HELD,))
        self.tell("The board shows it on hold")
        return call

    def sees_consulting(self, held: Call) -> Call:
        """The call that was begun while this one waits, whoever is in it."""
        found: list[Call] = []

        def look() -> bool:
            found[:] = [call for call in self.calls() if call.related == held.id]
            return bool(found)

        assert eventually(look, PATIENCE), self.story("the board shows no consultation")
        return found[0]

    def sees_ringing(self, one: str, other: str) -> Call:
        """Once the log has seen it too, so that the call may be moved again."""
        call = self.sees(one, other, WAITS)
        assert eventually(lambda: not Claim.objects.filter(call_id=call.id).exists(), PATIENCE)
        return call

    def sees_parked(self, number: str) -> Call:
        call = self.sees(number, number, (CallState.PARKED,))
        self.tell("The board shows it parked")
        return call

    def empty(self) -> None:
        """The board shows no call any more."""
        assert eventually(lambda: not self.calls(), PATIENCE), self.story("the board is not empty")
        self.tell("The board shows no call")

    def newest(self, kind: Action) -> Transfer:
        return Transfer.objects.filter(connection=self.connection, kind=kind).latest("pk")

    def gone(self, call: Call) -> None:
        assert eventually(lambda: call.id not in {each.id for each in self.calls()}, PATIENCE)

    def order(
        self,
        kind: Action,
        call: Call,
        target: str = "",
        leaves: Leg | None = None,
        other: Call | None = None,
        **more: object,
    ) -> Transfer:
        words = f"{Transfer.Kind(kind.value).label}" + (f" to {target}" if target else "")
        self.tell(f"Ana: {words[0].lower()}{words[1:]}")
        other_id = other.id if other else ""
        row = start(
            self.user, self.connection, Order(kind, call.id, target, leaves, other_id, **more)
        )
        assert row.state != Transfer.State.UNKNOWN, self.story("unknown at once")
        return row

    def call_out(self, target: str, **more: object) -> Transfer:
        self.tell(f"Ana: outgoing call to {target}")
        row = start(self.user, self.connection, Order(Action.DIAL, "", target, **more))
        assert row.state != Transfer.State.UNKNOWN, self.story("unknown at once")
        return row

    def sees_rung_first(self, own: str) -> None:
        """Her own phone rings before anybody is called, and the log has seen it."""
        rows = Transfer.objects.filter(connection=self.connection, seen__own_rang_at__isnull=False)

        def look() -> bool:
            rung = any(call.rings_caller and call.caller.number == own for call in self.calls())
            return rung and rows.exclude(seen__own_rang_at=None).exists()

        assert eventually(look, PATIENCE), self.story(f"the board never shows that {own} rings")

    def blind(self, call: Call, target: str, leaves: Leg = Leg.CALLEE) -> Transfer:
        return self.order(Action.BLIND, call, target, leaves)

    def ends(self, row: Transfer, state: str, code: str = "", seconds: float = PATIENCE) -> None:
        """The verdict of the log."""

        def settled() -> bool:
            row.refresh_from_db()
            return row.state == state or row.settled_at is not None

        eventually(settled, seconds)
        assert row.state == state, self.story(f"not {state}")
        assert not code or row.code == code, self.story(f"not {code}")
        self.tell(f"Log: {verdict_of(row).word}")

    def ends_in(self, row: Transfer, *states: Transfer.State) -> None:
        """Where it depends on when the board looked."""
        eventually(lambda: self._settled(row), PATIENCE)
        assert row.state in states, self.story(f"not {states}")
        words = [VERDICTS[state].word for state in states]
        self.tell(f"Log: {' or '.join(words)}")

    def _settled(self, row: Transfer) -> bool:
        row.refresh_from_db()
        return row.state in ("unknown",) or row.settled_at is not None

    def listens(self) -> None:
        """What nobody can look at is told by events alone: somebody must listen first."""
        assert eventually(lambda: picture_of(self.feed).pushed, PATIENCE), self.story("no events")

    def look(self) -> None:
        """Somebody watches the board, as in a browser."""
        lease.watch([self.feed])
        read(self.feed)
