"""`make bench`, second part: what 100,000 contacts cost, on a database that is thrown away."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.run import VAR, prepare_django, write_keys

if TYPE_CHECKING:
    from transfers.models import Feed, User

CONTACTS = 100_000
CALLS = 50
LOOK_GOAL = 2.0  # milliseconds that the contacts may add to a look at the board


def stage() -> tuple[User, Feed]:
    """A receptionist, and a PBX with CALLS calls."""
    from django.utils import timezone

    from transfers.board.snapshot import dump_calls
    from transfers.domain import Call, CallState, Party
    from transfers.models import Feed, PbxConnection, Seat, User

    ana = User.objects.create(username="ana")
    pbx = PbxConnection.objects.create(name="Bench", vendor="ozeki", url="http://127.0.0.1:9/")
    Seat.objects.create(user=ana, connection=pbx, extensions="1001")
    calls = [
        Call(f"c{n}", CallState.TALKING, "", Party(f"+36155{n:06}"), Party(f"1{n:03}"))
        for n in range(CALLS)
    ]
    now = timezone.now()
    feed = Feed.objects.create(
        connection=pbx, calls=dump_calls(calls), version=1, started_at=now, taken_at=now
    )
    return ana, feed


def fill() -> None:
    from transfers.phonebook import Contact, PhoneBook

    numbers = (f"+36155{n:06}" for n in range(CONTACTS))
    Contact.objects.bulk_create(
        (Contact(name=f"Person {n}", number=n, bare=n) for n in numbers), batch_size=1000
    )
    PhoneBook.changed()


def timed(what: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each time."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        what()
        took.append((time.perf_counter() - started) * 1000)
    return sorted(took)


def look(ana: User) -> float:
    from transfers.services.switchboard import switchboard

    took = timed(lambda: switchboard(ana), 200)
    print(f"  first {took[-1]:6.1f}  p50 {statistics.median(took):6.2f}  p95 {took[190]:6.2f} ms")
    return statistics.median(took)


def measure() -> bool:
    ana, _ = stage()
    print(f"\nA look at a board of {CALLS} calls, without contacts and with {CONTACTS:,}:")
    without = look(ana)
    fill()
    return look(ana) - without <= LOOK_GOAL


def main() -> int:
    write_keys(VAR / "local.env")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PBXADMIN_DATABASE"] = f"sqlite:///{Path(folder)}/bench.sqlite3"
        prepare_django()("migrate", verbosity=0)
        return 0 if measure() else 1


if __name__ == "__main__":
    sys.exit(main())
