"""`make bench`: how long a PBX waits for the answer to a notification that sends a call on.

Everything is started as by `make run`, on a database of its own that is thrown away. The goal is
that 95 of 100 answers come within 100 ms.
"""

from __future__ import annotations

import os
import socket
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from scripts import ports
from scripts.children import Family
from scripts.run import Web, prepare

NOTIFICATIONS, AT_ONCE = 400, 8
NUMBER, TARGET = "1002", "1003"
GOAL = 100.0  # milliseconds


def set_up(web: Web) -> str:
    """The path of the demo's notify address, with a standing forward behind it."""
    from django.utils import timezone

    from transfers.models import PbxConnection, User
    from transfers.services import forwards, notifications

    root = User.objects.get(username="root")
    connection = PbxConnection.objects.get(name="Head office")
    forwards.set_up(root, connection, NUMBER, TARGET, timezone.now() + timedelta(hours=1))
    return f"/notify/{notifications.renew(root, connection).token}/"


def notify(web: Web, path: str, number: int) -> float:
    """Post one ringing call as a PBX does; milliseconds until its answer is complete."""
    fields = {
        "NotificationName": "CallChanged",
        "CallId": f"bench{number}",
        "CallState": "Ringing",
        "Source": f"+361555{number:05}",
        "Destination": NUMBER,
    }
    body = urlencode(fields).encode()
    head = f"POST {path} HTTP/1.0\r\nHost: {web.host}\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    started = time.perf_counter()
    with socket.create_connection((web.host, web.port), timeout=30) as connection:
        connection.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    if f'Destination="{TARGET}"'.encode() not in answer:
        raise RuntimeError(f"not sent on: {answer[:300]!r}")
    return (time.perf_counter() - started) * 1000


def told(name: str, took: list[float]) -> float:
    """One line about them; the 95th percentile."""
    p95 = statistics.quantiles(took, n=20)[18]
    print(
        f"  {name:<22} p50 {statistics.median(took):6.1f}  p95 {p95:6.1f}  max {max(took):6.1f} ms"
    )
    return p95


def measure(web: Web) -> bool:
    path = set_up(web)
    for number in range(20):  # until everything is imported
        notify(web, path, number)
    one = [notify(web, path, 1000 + number) for number in range(NOTIFICATIONS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        many = list(pool.map(lambda n: notify(web, path, 5000 + n), range(NOTIFICATIONS)))
    told(f"{AT_ONCE} PBXs at once", many)
    return told("one after the other", one) <= GOAL


def main() -> int:
    family = Family()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PBXADMIN_DATABASE"] = f"sqlite:///{Path(folder)}/bench.sqlite3"
        web = Web("127.0.0.1", ports.pick(8002))
        try:
            prepare(family, web)
            print(f"\nAnswers to notifications, {NOTIFICATIONS} each:")
            good = measure(web)
        finally:
            family.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
