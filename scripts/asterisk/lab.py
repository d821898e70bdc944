"""A PBX with everything around it: the office, its phones, and the phones of the world outside."""

from __future__ import annotations

import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from scripts.asterisk import tones
from scripts.asterisk.configuration import MUSIC_ON_HOLD, Account, Extension, Office
from scripts.asterisk.phone import PATIENCE, RATE, Phone, PhoneTrouble, Sort
from scripts.asterisk.places import Places, free_block
from scripts.asterisk.server import Server
from scripts.asterisk.unpack import phones, unpack
from scripts.children import Family

MUSIC = "music on hold"
FREEPBX = {"16": "macro", "22": "gosub"}  # as FreePBX 16 and 17 write for it
# What a login lacks, and its read= and write=.
LESSER = (
    ("read=call", "reporting", "call,originate,reporting"),
    ("write=call", "call,reporting", "originate,reporting"),
    ("write=reporting", "call", "call,originate"),
    ("write=originate", "call", "call,reporting"),
)
NO_ANSWER = 2  # seconds that the extension for unanswered calls rings
EXTENSIONS = (
    Extension("1001", "Alice"),
    Extension("1002", "Bob"),
    Extension("1003", "Carol"),
    Extension("1004", "Dave"),
    Extension("1005", "Ines", rings=NO_ANSWER),
    Extension("1006", "Farid", soon_back=True),  # his phone has one line: a second call is busy
    Extension("1009", "Nobody"),  # no phone is registered there
)
PHONES = (
    Sort("1001", 1),
    Sort("1002", 2),
    Sort("1003", 3),
    Sort("1004", 4),
    Sort("1005", 5),
    Sort("1006", 6, calls=1),
    Sort("+3615550142", 7, "Customer", outside=True),
    Sort("+3615550177", 8, "Supplier", outside=True),
)


class Lab:
    def __init__(
        self,
        version: str,
        *,
        folder: Path | None = None,
        base: int | None = None,
        sorts: Iterable[Sort] = PHONES,
        secret: str = "",
        extensions: tuple[Extension, ...] = EXTENSIONS,
        group: tuple[str, ...] = ("1002", "1003"),
        reception: str = "1001",
        freepbx: bool = False,
    ) -> None:
        self.version, self.family, self.freepbx = version, Family(), freepbx
        self.extensions = extensions
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="pbx-"))
        self.places = Places(self.folder, base or free_block())
        self.account = Account("console", secret or secrets.token_hex(12))
        self.lesser = {
            without: Account(without.replace("=", "-"), secrets.token_hex(12), read, write)
            for without, read, write in LESSER
        }
        sorts = list(sorts)
        office = Office(
            extensions=extensions,
            outside={sort.number: sort.place for sort in sorts if sort.outside},
            accounts=(self.account, *self.lesser.values()),
            group=group,
            queue=group,
            reception=reception,
            freepbx=FREEPBX[version] if freepbx else "",
        )
        self.server = Server(unpack(version), self.places, office, self.family)
        self.phones = {
            sort.number: Phone(sort, self.places, phones(), self.family) for sort in sorts
        }

    def start(self) -> Lab:
        self.server.start()
        if self.freepbx:  # as after somebody's "do not disturb"
            for each in self.extensions:
                self.server.console(f"devstate change Custom:DND{each.number} NOT_INUSE")
        for phone in self.phones.values():
            phone.start()
        inside = [phone for phone in self.phones.values() if not phone.sort.outside]
        if not eventually(lambda: all(phone.registered for phone in inside)):
            raise PhoneTrouble(f"not registered: {[str(p) for p in inside if not p.registered]}")
        return self

    def stop(self) -> None:
        for phone in self.phones.values():
            phone.stop(signal.SIGKILL)  # nobody need wait for its farewell to the PBX
        self.family.stop()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Lab:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def call(self, caller: str, number: str, callee: str = "") -> None:
        """The caller dials; the phone of the callee rings."""
        self.phones[caller].dial(number)
        ringing = self.phones[callee or number]
        ringing.until(lambda: bool(ringing.ringing), "rings")

    def talk(self, caller: str, number: str, callee: str = "") -> None:
        """The caller dials and the callee answers."""
        self.call(caller, number, callee)
        self.phones[callee or number].accept()
        phone = self.phones[caller]
        phone.until(lambda: bool(phone.talking), "is answered")

    def hears(self, number: str) -> set[str]:
        """Whom this phone hears now: numbers, or the music on hold."""
        names = {phone.sort.tone: other for other, phone in self.phones.items() if other != number}
        names[MUSIC_ON_HOLD] = MUSIC
        return {names[tone] for tone in self.phones[number].hears(names)}

    def recorded(self, number: str) -> set[str]:
        """Whose voices the mailbox of this number is recording, or recorded last."""
        messages = sorted(self.places.spool.glob(f"{number}-*.wav"), key=_when)
        names = {phone.sort.tone: other for other, phone in self.phones.items()}
        sound = tones.newest(messages[-1], RATE) if messages else []
        return {names[tone] for tone in tones.heard(sound, RATE, names)}

    def until_hears(self, number: str, whom: set[str], seconds: float = PATIENCE) -> None:
        if not eventually(lambda: self.hears(number) == whom, seconds):
            raise PhoneTrouble(f"{number} hears {self.hears(number)}, not {whom}")

    def quiet(self) -> None:
        """Everybody hangs up, and the PBX has no calls any more."""
        self.server.console("channel request hangup all")
        if not self._idle(seconds=1):
            for phone in self.phones.values():
                phone.end_all()
        if not self._idle(seconds=PATIENCE):
            raise PhoneTrouble(f"not idle: {[p.lines for p in self.phones.values() if not p.idle]}")
        for phone in self.phones.values():
            phone.forget()

    def _idle(self, seconds: float) -> bool:
        return eventually(lambda: all(phone.idle for phone in self.phones.values()), seconds)


def _when(path: Path) -> int:
    return path.stat().st_mtime_ns


def eventually(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether it holds within so many seconds; for what nothing tells us of."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
