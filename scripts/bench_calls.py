"""How soon a viewer sees what happens at a real PBX, and what watching it costs the PBX.

python -m scripts.bench_calls [16|22]

Real telephones call each other at a real Asterisk; a viewer's event stream is read through the
whole web server. The goal is that 95 of 100 changes are with the viewer within 150 ms of the
telephone.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from scripts import ports
from scripts.asterisk.lab import Lab
from scripts.asterisk.phone import Phone
from scripts.children import Family
from scripts.run import VAR, Web, prepare_django, start_web, write_keys

CALLS = 40
IDLE = 15.0  # seconds that a watched PBX is looked at
GOAL = 150.0  # milliseconds
PASSWORD = "bench-only-looks"


class Counter:
    """A way to the PBX that counts the requests that take it."""

    def __init__(self, target: int) -> None:
        self.target, self.requests = target, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            inner, _ = self._listener.accept()
            outer = socket.create_connection(("127.0.0.1", self.target))
            for one, other, counts in ((inner, outer, True), (outer, inner, False)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                args = (one, other, counts)
                threading.Thread(target=self._carry, args=args, daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, counts: bool) -> None:
        while True:
            try:
                data = one.recv(65_536)
                other.sendall(data)
            except OSError:
                data = b""
            if not data:
                other.close()
                return
            if counts:
                self.requests += len(re.findall(rb"(?:POST|GET) /", data))


class Viewer:
    """A browser's event stream, with the moment each piece came."""

    def __init__(self, web: Web) -> None:
        session = requests.Session()
        page = session.get(f"{web.url}login/", timeout=10).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        fields = {"username": "root", "password": PASSWORD}
        fields["csrfmiddlewaretoken"] = token[1] if token else ""
        session.post(f"{web.url}login/", data=fields, timeout=10).raise_for_status()
        self._reply = session.get(f"{web.url}board/stream/", stream=True, timeout=60)
        self._reply.raise_for_status()
        self._news = threading.Condition()
        self._pieces: list[tuple[float, str]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with contextlib.suppress(requests.RequestException):  # the server has stopped
            for piece in self._reply.iter_content(chunk_size=None):
                with self._news:
                    self._pieces.append((time.perf_counter(), piece.decode(errors="replace")))
                    self._news.notify_all()

    def sees(self, word: str) -> float:
        """When a piece with this word came; waits for it."""

        def found() -> float:
            return next((at for at, text in self._pieces if word in text), 0.0)

        with self._news:
            if not self._news.wait_for(found, 10):
                raise RuntimeError(f"the viewer never saw “{word}”")
            return found()

    def forget(self) -> None:
        with self._news:
            self._pieces.clear()


def fill(port: int, lab: Lab) -> None:
    from transfers.models import User
    from transfers.services import connections

    User.objects.create_user("root", password=PASSWORD, role="administrator")
    url = f"http://127.0.0.1:{port}/"
    account = lab.account
    connections.add(
        None, connections.Draft("Real", "asterisk", url, account.username, account.secret)
    )


@contextmanager
def served(lab: Lab) -> Iterator[tuple[Web, Counter]]:
    family, counter = Family(), Counter(lab.places.http)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PBXADMIN_DATABASE"] = f"sqlite:///{Path(folder)}/bench.sqlite3"
        write_keys(VAR / "local.env")
        call_command = prepare_django()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        fill(counter.port, lab)
        web = Web("127.0.0.1", ports.pick(8003))
        try:
            start_web(family, web)
            yield web, counter
        finally:
            family.stop()


def changes(lab: Lab, viewer: Viewer) -> dict[str, list[float]]:
    """Rings, answers, ends: when the telephone knew, until the viewer did."""
    took: dict[str, list[float]] = {"rings": [], "is answered": [], "has ended": []}
    caller, callee = lab.phones["1001"], lab.phones["1002"]

    def until(name: str, act: Callable[[], None], word: str) -> None:
        viewer.forget()
        act()
        known = time.perf_counter()
        took[name].append(max(0.0, viewer.sees(word) - known) * 1000)
        time.sleep(0.4)  # the next change is not swept along with this one

    for _ in range(CALLS):
        until("rings", lambda: lab.call("1001", "1002"), "Rings")
        until("is answered", callee.accept, "Talking")
        until("has ended", lambda: _end(caller, callee), "id: ")
        lab.quiet()
    return took


def _end(caller: Phone, callee: Phone) -> None:
    caller.hang_up()
    callee.until(lambda: callee.idle, "is released")


def cost(lab: Lab, counter: Counter) -> tuple[float, float]:
    """Requests a second and per cent of a processor, of a PBX that somebody watches."""
    before, used, started = counter.requests, lab.server.processor_seconds(), time.monotonic()
    time.sleep(IDLE)
    span = time.monotonic() - started
    processor = (lab.server.processor_seconds() - used) / span * 100
    return (counter.requests - before) / span, processor


def told(name: str, took: list[float]) -> None:
    p95 = statistics.quantiles(took, n=20)[18]
    print(
        f"  {name:<24} p50 {statistics.median(took):6.1f}  p95 {p95:6.1f}  max {max(took):6.1f} ms"
    )


def main() -> int:
    version = sys.argv[1] if len(sys.argv) > 1 else "22"
    with Lab(version) as lab, served(lab) as (web, counter):
        viewer = Viewer(web)
        time.sleep(3)  # until the board listens to the PBX
        took = changes(lab, viewer)
        print(f"\nAsterisk {version}: from the telephone to a viewer, {CALLS} calls:")
        for name, values in took.items():
            told(name, values)
        quiet = cost(lab, counter)
        lab.talk("1001", "1002")
        busy = cost(lab, counter)
    print("One watched PBX, whatever the number of viewers:")
    for what, (each_second, processor) in (("without calls", quiet), ("with a call", busy)):
        print(f"  {what:<24} {each_second:4.1f} requests/s, {processor:4.1f} % of a processor")
    everything = [value for values in took.values() for value in values]
    return int(statistics.quantiles(everything, n=20)[18] > GOAL)


if __name__ == "__main__":
    sys.exit(main())
