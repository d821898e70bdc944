"""One PBX of every face on one board, with Ana at each; and what she does there, by keys alone.

A test module takes the fixtures it needs: `board, desks, exchange = offices.board, …`.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from simulator.calls import NoSuchCall, WrongState
from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.browser.conftest import PATIENTLY, PBX_LOGIN, SOON
from tests.browser.hands import do, no_mouse
from transfers.domain import Action
from transfers.drivers.base import Driver, Scope
from transfers.drivers.registry import VENDORS, driver_class
from transfers.models import Feed, PbxConnection, Seat, Transfer, User
from transfers.services import recent
from transfers.services.people import own_feed

FACES = {  # of the simulator → the vendor whose driver speaks to it
    "ozeki-gen1": "ozeki",
    "ozeki-gen2": "ozeki",
    "voipnow": "voipnow",
    "genesys": "genesys",
    "asterisk": "asterisk",
}
OPTIONS = {
    "voipnow": {"organisation": "0003", "forward_ringing": "yes"},
    "asterisk": {"voicemail": "*{number}"},
}
BLIND = {  # the vendor's command for it
    "ozeki": "BlindTransfer",
    "voipnow": "Transfer",
    "genesys": "SingleStepTransfer",
    "asterisk": "BlindTransfer",
}
CONSULTING = [
    face for face, vendor in FACES.items() if Action.CONSULT in driver_class(vendor).features
]
each_face = pytest.mark.parametrize("face", FACES)
each_consulting = pytest.mark.parametrize("face", CONSULTING)


def test_every_vendor_has_a_face() -> None:
    assert set(FACES.values()) == set(VENDORS)


@dataclass(eq=False)
class Desk:
    """Ana's place at one PBX: 1001 of it is hers, 1003 is Carol's."""

    pbx: SimulatorServer
    connection: PbxConnection
    callers: Iterator[int] = field(default_factory=lambda: itertools.count(3615550101))

    @property
    def driver(self) -> type[Driver]:
        return driver_class(self.connection.vendor)

    @property
    def alone(self) -> bool:
        """Her login sees her own calls only."""
        return self.driver.scope is Scope.AGENT

    @property
    def exchange(self) -> Exchange:
        return self.pbx.exchange

    @property
    def blind_transfers(self) -> int:
        """That reached the PBX."""
        return self.pbx.count(BLIND[self.connection.vendor])

    def ring(self, callee: str = "1001") -> tuple[str, str]:
        """A call and its caller, who is always another one."""
        caller = f"+{next(self.callers)}"
        return self.exchange.ring(caller, callee), caller

    def talk(self) -> tuple[str, str]:
        call_id, caller = self.ring()
        self.exchange.answer(call_id)
        return call_id, caller


@pytest.fixture
def exchange() -> Exchange:
    """Time passes here for all exchanges of the test, not only for Head office's."""
    return Exchange()


def phones(exchange: Exchange) -> Exchange:
    exchange.add("1001", "Reception", answers_after=None)
    exchange.add("1003", "Carol Weiss", answers_after=0.2)
    return exchange


def connected(vendor: str, pbx: SimulatorServer, connection: PbxConnection) -> PbxConnection:
    connection.vendor, connection.url, connection.poll_seconds = vendor, pbx.url, 0.25
    connection.username, connection.options = PBX_LOGIN["username"], OPTIONS.get(vendor, {})
    connection.secrets = {"password": PBX_LOGIN["password"]}
    connection.save()
    return connection


@pytest.fixture
def desks(transactional_db, head_office, pbx, ana, monkeypatch) -> Iterator[dict[str, Desk]]:
    """face → Ana's desk there, all on one board."""
    monkeypatch.setattr(recent, "STAYS", timedelta(minutes=10))  # one after the other is looked at
    with ExitStack() as stack:
        made: dict[str, Desk] = {}
        for face, vendor in FACES.items():
            callers = itertools.count(3615550101 + 1000 * len(made))
            if face == "ozeki-gen1":
                phones(pbx.exchange)
                made[face] = Desk(pbx, connected(vendor, pbx, head_office), callers)
                continue
            other = stack.enter_context(SimulatorServer(phones(Exchange()), face, **PBX_LOGIN))
            other.switches.ring_seconds = PATIENTLY
            connection = connected(vendor, other, PbxConnection(name=f"Office {len(made)}"))
            Feed.objects.create(connection=connection)
            made[face] = Desk(other, connection, callers)
            sit(ana, connection)
        stack.enter_context(passing(desk.exchange for desk in made.values()))
        yield made


def sit(user: User, connection: PbxConnection, extension: str = "1001") -> None:
    seat = Seat(user=user, connection=connection, extensions=extension, sees="all")
    if driver_class(connection.vendor).scope is Scope.AGENT:
        connection.poll_seconds = 60  # what is seen sooner was pushed
        connection.save()
        seat.username, seat.secrets = PBX_LOGIN["username"], {"password": PBX_LOGIN["password"]}
    seat.save()
    own_feed(seat)


class passing:
    """Time passes on these exchanges."""

    def __init__(self, exchanges) -> None:
        self._exchanges, self._done = list(exchanges), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._done.wait(0.05):
            for exchange in self._exchanges:
                exchange.tick()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *args: object) -> None:
        self._done.set()
        self._thread.join()


@pytest.fixture
def board(page, login, desks) -> Page:
    """Ana's switchboard, with all PBXs read, and no mouse beside it."""
    login(no_mouse(page), "ana")
    for desk in desks.values():
        aged = re.compile(r"live\s+[\d.]+ s$")  # also where changes are pushed
        expect(page.locator(f"#badge-{desk.connection.pk}")).to_have_text(aged, timeout=SOON)
    return page


# ----- what a receptionist does and sees


def row_of(board: Page, who: str) -> Locator:
    return board.locator(f".call[aria-label*='{who}']")


def consultation(board: Page, who: str) -> Locator:
    """The only other row beside the one of this caller."""
    return board.locator(f".call:not([aria-label*='{who}'])")


def order(board: Page, who: str, action: Action, target: str = "1003") -> None:
    do(board, row_of(board, who), action, target)


def receipt(board: Page, who: str, action: Action) -> Locator:
    """The newest receipt of this action on this caller's call."""
    kind = Transfer.Kind(action.value).label
    return board.locator(".receipts li", has_text=who).filter(has_text=kind).first


def confirmed(board: Page, desk: Desk, who: str, action: Action) -> None:
    word = "Done"
    if action in (Action.BLIND, Action.FORWARD, Action.JOIN):
        word = "Sent on" if desk.alone else "Arrived"
    expect(receipt(board, who, action)).to_contain_text(word, timeout=SOON)


def hang_up_all(board: Page, *desks: Desk) -> None:
    for desk in desks:
        with desk.exchange.lock:
            for call in desk.exchange.calls():
                with suppress(WrongState, NoSuchCall):  # it has ended by itself
                    desk.exchange.hangup(call.id)
    expect(board.locator(".call")).to_have_count(0, timeout=SOON)
