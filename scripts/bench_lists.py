"""`make bench`: how long a list of calls takes, beside the least that the same bytes would take.

"Bare" fetches with requests and parses with json, or with lxml and every text put into a dict.
"Ours" is all that the board does but its one write: the driver, the checks, the next picture. Both
open a connection of their own for each list and are served the same recorded bytes: one list a
second, and in each second one call of a hundred ends, another one comes and a third is answered.
Counted is the processor's time in our process: what a PBX takes to answer is not ours.

docs/decisions/006-what-a-list-costs.md has the numbers, and why they are what they are.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import requests
from lxml import etree

from scripts.run import VAR, prepare_django, write_keys
from simulator.exchange import Exchange
from simulator.server import SimulatorServer

if TYPE_CHECKING:  # it needs Django set up
    from transfers.drivers.base import Driver

LISTS, CHURN, PHONES = 30, 100, 50  # recorded lists; one call of so many changes; extensions
Heads = dict[str, str]
# By method and place, in order. A place is a path, with the action where one path has several.
Answers = dict[tuple[str, str], list[tuple[int, Heads, bytes]]]


@dataclass(frozen=True)
class Face:
    vendor: str
    most: float  # the ratio at 1,000 calls that is still as it should be; with ten it is GOAL
    options: dict[str, str] = field(default_factory=dict)


GOAL = 2.0
FACES = {
    "ozeki-gen1": Face("ozeki", 2.5, {"generation": "gen1", "timezone": "UTC"}),
    "ozeki-gen2": Face("ozeki", 2.5, {"generation": "gen2", "timezone": "UTC"}),
    "voipnow": Face("voipnow", 4.0),
    "genesys": Face("genesys", 8.0),  # one agent's own calls: there are never so many
    "asterisk": Face("asterisk", 2.5),
}


class Traffic:
    """An exchange with so many calls, and what happens there in a second."""

    def __init__(self, count: int, *, one_agent: bool) -> None:
        self.now = time.time()
        self.exchange = Exchange(clock=lambda: self.now)
        for number in range(PHONES):
            self.exchange.add(str(1001 + number))
        self._phones = 1 if one_agent else PHONES
        self._talking: list[str] = []
        self._ringing: list[str] = []
        self._begun = 0
        for number in range(count):
            self._begin()
            if number % 3:
                self._answer()
            if number % 15 == 1:
                self.exchange.hold(self._talking[-1])

    def second(self) -> None:
        self.now += 1
        for _ in range(max(1, self._begun // CHURN)):
            self.exchange.hangup(self._talking.pop(0))
            self._begin()
            self._answer()

    def _begin(self) -> None:
        number, self._begun = self._begun, self._begun + 1
        phone = str(1001 + number % self._phones)
        caller = f"+3612{number:07}"
        self._ringing.append(self.exchange.ring(caller, phone, f"Kovács Ánna {number}"))

    def _answer(self) -> None:
        self._talking.append(self._ringing.pop(0))
        self.exchange.answer(self._talking[-1])


@dataclass
class Record:
    """What the driver asked for in one list, and all answers: one to each place, or several."""

    path: str  # of the API
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    answers: Answers = field(default_factory=dict)


def place_of(path: str, form: Mapping[str, str] | None) -> str:
    return "?".join([path, *((form or {}).get("action", "").split())])


def record(face: str, count: int) -> Record:
    """The lists of LISTS seconds, as the simulator gives them to the driver."""
    from transfers.drivers.base import NoMemory

    traffic, memory = Traffic(count, one_agent=face == "genesys"), NoMemory()
    with SimulatorServer(traffic.exchange, face, username="bench", password="bench") as pbx:  # noqa: S106
        made = Record(urlsplit(pbx.url).path)
        for _ in range(LISTS + 1):
            made.asked.clear()
            with driver(face, pbx.url, memory, made) as reader:
                if len(reader.list_calls()) < count:
                    raise RuntimeError(f"{face} lists too few calls")
            traffic.second()
    return made


@contextmanager
def driver(face: str, url: str, memory: Any, made: Record | None = None) -> Iterator[Driver]:
    """As the board builds one for each read; `made` takes down what it asks and hears."""
    from transfers.drivers.base import Config
    from transfers.drivers.registry import driver_class
    from transfers.http import Door, DoorRules, Reply

    class Listening(Door):
        def read(self, method: str, url: str, **parts: Any) -> Reply:
            reply = super().read(method, url, **parts)
            if made is not None:
                path = urlsplit(url).path or "/"
                made.asked.append((method, path, parts))
                known = made.answers.setdefault((method, place_of(path, parts.get("form"))), [])
                heads = {
                    name: reply.headers.get(name, "") for name in ("content-type", "set-cookie")
                }
                known.append((reply.status, heads, reply.body))
            return reply

    with Listening(DoorRules(read_seconds=60, max_bytes=1 << 26)) as door:
        config = Config(url, "bench", {"password": "bench"}, FACES[face].options)
        yield driver_class(FACES[face].vendor)(config, door, memory)


class Replay(BaseHTTPRequestHandler):
    """Serves the answers one after the other, and the last one again and again."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    answers: Answers

    def do_GET(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        form = dict(parse_qsl(sent.decode("latin-1")))
        several = self.answers[self.command, place_of(urlsplit(self.path).path, form)]
        status, heads, body = several.pop(0) if len(several) > 1 else several[0]
        self.send_response(status)
        for name, value in heads.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args: object) -> None:
        pass


def _replay(made: Record, told: Any) -> None:
    handler = type("Handler", (Replay,), {"answers": made.answers})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    told.send(server.server_port)
    server.serve_forever()


@contextmanager
def served(made: Record) -> Iterator[str]:
    """The root of a server, in a process of its own, that repeats what was recorded."""
    told, tells = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_replay, args=(made, tells), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{told.recv()}"
    finally:
        process.terminate()
        process.join()


def bare(made: Record, *, reads_all: bool = True) -> list[float]:
    """Seconds of each list but the first, with no more than must be."""
    with served(made) as root:

        def fetch() -> None:
            with requests.Session() as session:
                for method, path, parts in made.asked:
                    sent = {**parts, "data": parts.get("form")}
                    sent.pop("form", None)
                    read(session.request(method, root + path, timeout=60, **sent).content)

        def read(body: bytes) -> None:
            if body[:1] != b"<":
                json.loads(body)
                return
            tree = etree.fromstring(body)
            if reads_all:
                [{each.tag: each.text for each in call} for part in tree for call in part]
                [dict(call.attrib) for part in tree for call in part]

        return timed(fetch)


def ours(face: str, made: Record) -> list[float]:
    from transfers.board.snapshot import dump_calls, following
    from transfers.drivers.base import NoMemory

    memory, text = NoMemory(), dump_calls([])
    with served(made) as root:

        def read() -> None:
            nonlocal text
            with driver(face, root + made.path, memory) as reader:
                calls = reader.list_calls()
            text = following(text, calls)

        return timed(read)


def timed(action: Callable[[], None]) -> list[float]:
    took = []
    for _ in range(LISTS + 1):
        started = time.process_time()
        action()
        took.append(time.process_time() - started)
    return took[1:]  # the first one also logs in, and knows no list before


def measure(face: str, count: int) -> float:
    """One line about a vendor's list; the ratio."""
    made = record(face, count)
    least, all_read, we = (
        statistics.median(took) * 1000
        for took in (bare(made, reads_all=False), bare(made), ours(face, made))
    )
    asked = ((method, place_of(path, parts.get("form"))) for method, path, parts in made.asked)
    length = sum(len(made.answers[each][-1][2]) for each in asked)
    print(
        f"  {face:<11} {count:>6,} calls {length / 1000:>6,.0f} KB"
        f"  bare {all_read:6.1f}  ours {we:6.1f} ms  ratio {we / all_read:4.1f}"
        f"  ({we / least:.1f} of the parser alone)",
        flush=True,
    )
    return we / all_read


def main() -> int:
    write_keys(VAR / "local.env")
    prepare_django()
    print(f"\nLists of calls, the median of {LISTS}:")
    few = [measure(face, 10) <= GOAL for face in FACES]
    many = [measure(name, 1000) <= face.most for name, face in FACES.items()]
    return 0 if all(few + many) else 1


if __name__ == "__main__":
    sys.exit(main())
