"""`python -m simulator`: PBXs to play with. See docs/simulator.md."""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
from dataclasses import dataclass
from threading import Event, Thread

from simulator.control import ControlServer
from simulator.demo import CALLS, PEOPLE, logins, staff_of, staffed
from simulator.faces import CALL_IDS, FACES, OF_AGENTS
from simulator.server import SimulatorServer
from simulator.traffic import Traffic
from simulator.web import WebServer

TICK_SECONDS = 0.2
CANNOT_START = 2


@dataclass(frozen=True)
class Place:
    """A PBX asked for on the command line."""

    name: str
    face: str
    port: int


def place(text: str) -> Place:
    name, _, rest = text.partition("=")
    face, _, port = rest.partition(":")
    if not name or face not in FACES or not port.isdecimal() or int(port) > 65_535:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=FACE:PORT, for example head-office=ozeki-gen1:7780; "
            f"a FACE is {' or '.join(FACES)}"
        )
    return Place(name, face, int(port))


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m simulator", description=__doc__)
    parser.add_argument("--pbx", type=place, action="append", required=True, dest="places")
    parser.add_argument("--control-port", type=int, required=True, metavar="PORT")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--traffic", action="store_true", help="people ring, talk and hang up")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic; default: %(default)s")
    return parser.parse_args(argv)


class Simulation:
    """Every server of one run, and the thread that lets their time pass."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.pbxs: dict[str, SimulatorServer] = {}
        self.traffic: dict[str, Traffic] = {}
        self._done = Event()
        self._ticker = Thread(target=self._tick, name="ticker", daemon=True)
        for index, where in enumerate(asked.places):
            self._add(where, asked.host, random.Random(asked.seed + index), asked.traffic)
        self.control = ControlServer(
            self.pbxs, self.traffic, host=asked.host, port=asked.control_port
        )

    def _add(self, where: Place, host: str, chance: random.Random, traffic: bool) -> None:
        ids = CALL_IDS.get(where.face)
        exchange = staffed(where.name, chance, ids(chance) if ids else None)
        login, password = os.environ.get("SIM_USERNAME", ""), os.environ.get("SIM_PASSWORD", "")
        agents = None
        if login and where.face in OF_AGENTS:
            agents = logins(where.name, login, password)
        pbx = SimulatorServer(
            exchange,
            where.face,
            host=host,
            port=where.port,
            username=login,
            password=password,
            agents=agents,
        )
        pbx.switches.answered_seconds = 0.3
        if agents:
            pbx.switches.caller_name_key = "CallerName"
        self.pbxs[where.name] = pbx
        if traffic:
            reception = staff_of(where.name)[0][0]
            calls = CALLS.get(where.name, 6)
            self.traffic[where.name] = Traffic(
                exchange, chance, reception=reception, people=PEOPLE, calls=calls
            )

    @property
    def servers(self) -> dict[str, WebServer]:
        return {**self.pbxs, "control": self.control}

    def start(self) -> None:
        for server in self.servers.values():
            server.start()
        self._ticker.start()

    def stop(self) -> None:
        self._done.set()
        self._ticker.join()
        for server in self.servers.values():
            server.stop()

    def _tick(self) -> None:
        while not self._done.wait(TICK_SECONDS):
            for pbx in self.pbxs.values():
                pbx.exchange.tick()
            for traffic in self.traffic.values():
                traffic.step()


def main(argv: list[str] | None = None) -> int:
    asked = arguments(argv)
    try:
        simulation = Simulation(asked)
        simulation.start()
    except OSError as error:
        print(f"cannot listen: {error.strerror}; give another port", file=sys.stderr)
        return CANNOT_START
    except ValueError as error:
        print(f"{error} (SIM_USERNAME and SIM_PASSWORD)", file=sys.stderr)
        return CANNOT_START
    done = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    for name, server in simulation.servers.items():
        print(f"{name}: {server.url}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        done.wait()
    simulation.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
