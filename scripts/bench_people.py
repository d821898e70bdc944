"""`make bench`, second part: what 100,000 contacts cost, on a database that is thrown away."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import threading
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
WAIT_GOAL = 3000.0  # milliseconds that an import may keep another writer waiting
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
        "+36 1 550 0500",
        "06 1 550-0500",
        "55000",
        "bela 99",
        "eva far",
        "mueller",
        "müller",
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


class Writer:
    """Somebody else who writes all the time, as the board does; milliseconds of each write."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        from django.db import connection

        from transfers.models import Feed

        while not self._stop.wait(0.01):
            self.took += timed(lambda: Feed.objects.update(failures=0), 1)
        connection.close()

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def told(self, name: str) -> float:
        took = sorted(self.took)
        p95 = took[len(took) * 95 // 100]
        print(f"    another writer during the {name}: p95 {p95:.0f}  longest {took[-1]:.0f} ms")
        return took[-1]


def bring(lines: list[str], what: str) -> float:
    """Import these lines; the longest wait of another writer, in milliseconds."""
    from transfers.imports import Import
    from transfers.models import User
    from transfers.services.importing import checking, publishing, uploads

    for module in (checking, publishing):
        module.in_background = lambda work: work()  # type: ignore[attr-defined]
    ana = User.objects.get()
    started = time.monotonic()
    with Writer() as writer:
        content = "\n".join(["Name;Department;Desk;Mobile", *lines]).encode()
        job = uploads.receive(ana, "bench.csv", content)
        columns = uploads.sample(job, "utf-8-sig", ";")[0]
        roles = {"roles": uploads.guess([columns])[1], "titles": columns, "header": True}
        checking.begin(job, job.reading | roles)
    checked = time.monotonic() - started
    job = Import.objects.get(pk=job.pk)
    print(f"  {what}: checked in {checked:.0f} s: {job.counts}{job.problem}")
    longest = writer.told("check")
    with Writer() as writer:
        started = time.monotonic()
        publishing.publish(ana, job)
        took = time.monotonic() - started
    print(f"    imported and tidied up in {took:.1f} s")
    return max(longest, writer.told("import"))


def bring_all() -> float:
    from transfers.phonebook import Contact

    Contact.objects.all().delete()
    lines = [
        f"{LAST_NAMES[n % 126]} {FIRST_NAMES[n // 7 % 13]} {n};Sales;1{n:06};+36155{n:05}"
        for n in range(CONTACTS)
    ]
    longest = bring(lines, f"{CONTACTS:,} new lines")
    longest = max(
        longest, bring([line.replace("Sales", "Legal") for line in lines], "changed departments")
    )
    lines = [line.replace(";+36155", ";+36156") for line in lines]
    longest = max(longest, bring(lines, "changed numbers"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  memory at most {peak:.0f} MB, with everything else of this measurement")
    return longest


def measure() -> bool:
    ana, _ = stage()
    print(f"\nA look at a board of {CALLS} calls, without contacts and with {CONTACTS:,}:")
    without = look(ana)
    fill()
    good = look(ana) - without <= LOOK_GOAL
    print("\nA search in them:")
    good = find(ana) <= FIND_GOAL and good
    print("\nAn import:")
    return bring_all() <= WAIT_GOAL and good


def main() -> int:
    write_keys(VAR / "local.env")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PBXADMIN_DATABASE"] = f"sqlite:///{Path(folder)}/bench.sqlite3"
        prepare_django()("migrate", verbosity=0)
        return 0 if measure() else 1


if __name__ == "__main__":
    sys.exit(main())
