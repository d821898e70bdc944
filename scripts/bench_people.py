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
LAST = "Kov Nagy Sza Tot Horv Var Kis Mol Nem Far Bal Pap Tak Juh Lak Or Gal Sim Fek Racz Boros"
LAST_NAMES = [a + b for a in LAST.split() for b in ("", "ács", "i", "né", "ős", "szky")]
FIRST = "Ágnes Béla Csaba Dóra Éva Ferenc Gábor Hanna István Júlia Katalin László Mária"
FIRST_NAMES = FIRST.split()
FIND_GOAL = 50.0  # milliseconds of a search, 95 of 100
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
        Call(f"c{n}", CallState.TALKING, "", Party(f"+36155{n:05}"), Party(f"1{n:03}"))
        for n in range(CALLS)
    ]
    now = timezone.now()
    feed = Feed.objects.create(
        connection=pbx, calls=dump_calls(calls), version=1, started_at=now, taken_at=now
    )
    return ana, feed


def fill() -> None:
    """People with an extension and a number of the public network each."""
    from transfers.phonebook import Contact, ContactNumber, PhoneBook, searched
    from transfers.spelling import number_key

    contacts, numbers = [], []
    for n in range(CONTACTS):
        name = f"{LAST_NAMES[n % 126]} {FIRST_NAMES[n // 7 % 13]}"
        contact = Contact(pk=n + 1, name=name, department=FIRST_NAMES[n % 13])
        own = [f"1{n:06}", f"+36155{n:05}"]
        rows = [ContactNumber(contact=contact, number=n, key=number_key(n)) for n in own]
        contact.text = searched(contact.name, contact.department, [], rows)
        contacts.append(contact)
        numbers += rows
    Contact.objects.bulk_create(contacts, batch_size=1000)
    ContactNumber.objects.bulk_create(numbers, batch_size=1000)
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


QUERIES = (
    *("k", "ko", "kovacs", "agnes", "kov agnes", "racz peter 7", "laszlo zzz", "zq", "nobody"),
    *(
        "1",
        "100",
        "1000500",
        "+36 1 5500 0500",
        "06 1 550-00500",
        "55000",
        "bela 99",
        "eva far bal",
    ),
)


def find(ana: User) -> float:
    from transfers.models import PbxConnection
    from transfers.services.directory import search

    pbx = PbxConnection.objects.get()
    took: list[float] = []
    for query in QUERIES:
        one = timed(lambda query=query: search(ana, query, pbx), 12)  # type: ignore[misc]
        print(f"    {query:<18} {len(search(ana, query, pbx)):>3} found  p50 {one[6]:6.1f} ms")
        took += one
    took.sort()
    p95 = took[len(took) * 95 // 100]
    print(f"  all of them: p50 {statistics.median(took):.1f}  p95 {p95:.1f}  max {took[-1]:.1f} ms")
    return p95


def measure() -> bool:
    ana, _ = stage()
    print(f"\nA look at a board of {CALLS} calls, without contacts and with {CONTACTS:,}:")
    without = look(ana)
    fill()
    good = look(ana) - without <= LOOK_GOAL
    print("\nA search in them:")
    return find(ana) <= FIND_GOAL and good


def main() -> int:
    write_keys(VAR / "local.env")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PBXADMIN_DATABASE"] = f"sqlite:///{Path(folder)}/bench.sqlite3"
        prepare_django()("migrate", verbosity=0)
        return 0 if measure() else 1


if __name__ == "__main__":
    sys.exit(main())
