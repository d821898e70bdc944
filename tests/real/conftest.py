"""Real PBXs with real telephones, started once for all scenarios and stopped at the end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest

from scripts.asterisk.lab import Lab
from scripts.asterisk.unpack import SUITES
from tests.conftest import person
from tests.real.desk import Desk
from tests.real.proof import Proof
from tests.real.registry import Scenario
from tests.real.simulated import Simulated
from tests.real.world import Real, World
from transfers.board.listener import Listeners
from transfers.board.poller import Poller
from transfers.models import Feed, PbxConnection, Seat
from transfers.services import dialled, finding, observe, outcomes

SIMULATOR, FREEPBX = "simulator", " FreePBX"
OPTIONS = {"voicemail": "*{number}"}


@pytest.fixture(scope="session")
def hands() -> Iterator[ThreadPoolExecutor]:
    """One thread for each PBX, and always the same: a program ends with the thread that started
    it (see scripts/children.py), and a scenario may start its PBX anew."""
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture(scope="session")
def worlds(hands) -> Iterator[dict[str, World]]:
    """Every version of the PBX, by number, with both dial plans; and the simulator."""
    found: dict[str, World] = {}
    with ExitStack() as stack:
        for version in SUITES:
            for freepbx in (False, True):
                lab = stack.enter_context(Lab(version, freepbx=freepbx))
                found[version + FREEPBX * freepbx] = Real(lab)
        yield found | {SIMULATOR: stack.enter_context(Simulated())}


@pytest.fixture(scope="session")
def proof() -> Iterator[Proof]:
    """What happened in this run."""
    collected = Proof()
    yield collected
    collected.write()


@pytest.fixture
def short_waits(monkeypatch) -> None:
    """The service gives up sooner than with people, so that the tests need not wait so long."""
    monkeypatch.setattr(observe, "NO_EFFECT_AFTER", timedelta(seconds=3))
    monkeypatch.setattr(observe, "NOT_CALLED_AFTER", timedelta(seconds=2))
    for module in (observe, dialled):
        monkeypatch.setattr(module, "ONE_PICTURE_MORE", timedelta(seconds=1))
    for module in (observe, outcomes):
        monkeypatch.setattr(module, "LOST_AFTER", timedelta(seconds=3))
    monkeypatch.setattr(outcomes, "MARGIN", timedelta(seconds=1))
    monkeypatch.setattr(finding, "UNSEEN", timedelta(minutes=1))  # a PBX starts anew in less


@pytest.fixture
def board(transactional_db, short_waits) -> Iterator[Poller]:
    """The board's own threads: it reads, and receives what the PBX pushes."""
    running = Poller(Listeners())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def desks(worlds: dict[str, World], board: Poller, scenario: Scenario) -> dict[str, Desk]:
    """Ana's desk at every PBX that plays the scenario, all on one board."""
    ana = person("ana", "receptionist", first="Ana", last="Kovács")
    made = {
        name: Desk(world, connected(name, world), ana)
        for name, world in worlds.items()
        if plays(name, scenario)
    }
    for desk in made.values():
        Seat.objects.create(user=ana, connection=desk.connection, extensions="1002", sees="all")
        desk.look()
    return made


def plays(name: str, scenario: Scenario) -> bool:
    if name == SIMULATOR:
        return scenario.simulated and not scenario.freepbx
    return name.endswith(FREEPBX) is scenario.freepbx


def connected(name: str, world: World) -> PbxConnection:
    connection = PbxConnection.objects.create(
        name=name,
        vendor="asterisk",
        url=world.url,
        username=world.username,
        options=dict(OPTIONS),
        poll_seconds=0.25,
    )
    connection.secrets = {"password": world.password}
    connection.save()
    Feed.objects.create(connection=connection)
    return connection
