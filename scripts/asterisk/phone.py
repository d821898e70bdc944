"""A telephone: a baresip process that registers, plays its own tone and records what it hears.

It is driven over its `ctrl_tcp` module: JSON in netstrings. What happens to its calls comes as
events over the same connection.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from scripts.asterisk import tones
from scripts.asterisk.places import OUTSIDE, PBX, Places
from scripts.asterisk.unpack import Unpacked
from scripts.children import Child, Family, stop_child

RATE = 8000
PATIENCE = 20.0  # seconds for anything to happen, also on a busy machine
FIRST_TONE, STEP = 500, 70  # Hz
CONFIG = """\
poll_method epoll
sip_listen {host}:{sip}
call_local_timeout 120
call_max_calls {calls}
audio_player aubridge,nil{place}
audio_source ausine,{tone}
audio_alert aubridge,nil{place}
audio_level no
ausrc_format s16
auplay_format s16
ausrc_srate 48000
ausrc_channels 2
auplay_channels 1
rtp_ports {sound[0]}-{sound[1]}
rtp_timeout 0
net_interface {host}
module_path {modules}
module g711.so
module aubridge.so
module ausine.so
module sndfile.so
snd_path {folder}
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
menu_bell no
"""
INSIDE_ACCOUNT = "<sip:{number}@{pbx}>;auth_user={number};auth_pass=pw-{number};regint=3600"
OUTSIDE_ACCOUNT = '"{name}" <sip:{number}@{pbx}>;regint=0'


class PhoneTrouble(Exception):
    """A phone did not do or see what was expected."""


@dataclass(frozen=True)
class Sort:
    """What is ours to say about a phone."""

    number: str
    place: int  # which of the ports and tones are its own
    name: str = ""
    outside: bool = False  # behind the trunk: a customer's
    calls: int = 4  # one more is busy
    answers: str = "manual"  # or "auto"

    @property
    def tone(self) -> int:
        return FIRST_TONE + STEP * self.place

    @property
    def host(self) -> str:
        return OUTSIDE if self.outside else PBX


@dataclass
class Line:
    """One call as the phone has it."""

    id: str
    peer: str  # the number that it shows
    name: str
    state: str = "new"  # rings, dials, talks, closed
    why: str = ""  # what a closed one said last
    order: int = field(default_factory=itertools.count().__next__)


STATES = {
    "CALL_INCOMING": "rings",
    "CALL_OUTGOING": "dials",
    "CALL_RINGING": "dials",
    "CALL_PROGRESS": "dials",
    "CALL_ANSWERED": "talks",
    "CALL_ESTABLISHED": "talks",
    "CALL_CLOSED": "closed",
}


class Phone:
    def __init__(self, sort: Sort, places: Places, unpacked: Unpacked, family: Family) -> None:
        self.sort, self.places, self.family = sort, places, family
        self.folder = places.folder / "phones" / sort.number.lstrip("+")
        self.command = [*unpacked.baresip, "-4", "-f", str(self.folder)]
        self._modules = unpacked.folder("usr/lib/**/baresip/modules")
        self._news = threading.Condition()
        self._lines: dict[str, Line] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._tokens = itertools.count()
        self._agreed = 0  # how often the PBX has agreed to what the phone proposed
        self._child: Child | None = None
        self._socket: socket.socket | None = None

    def __str__(self) -> str:
        return self.sort.number

    # Life.

    def start(self) -> None:
        self._write()
        log = self.places.folder / "log" / f"phone-{self.sort.number}.log"
        self._child = self.family.start(f"phone {self}", self.command, log, os.environ)
        self.family.wait_for(self._child, self._connect)
        threading.Thread(target=self._read, args=[self._socket], daemon=True).start()

    def _connect(self) -> bool:
        """The first connection stays: it takes one, and drops it when a short one before ends."""
        try:
            self._socket = socket.create_connection(
                (PBX, self.places.phone_control(self.sort.place)), timeout=5
            )
        except OSError:
            return False
        self._socket.settimeout(None)
        return True

    @property
    def registered(self) -> bool:
        return "OK" in self._order("reginfo").get("data", "")

    def _write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        sort, places = self.sort, self.places
        config = CONFIG.format(
            host=sort.host,
            sip=places.phone_sip(sort.place),
            control=places.phone_control(sort.place),
            sound=places.phone_sound(sort.place),
            calls=sort.calls,
            place=sort.place,
            tone=sort.tone,
            modules=self._modules,
            folder=self.folder,
        )
        account = OUTSIDE_ACCOUNT if sort.outside else INSIDE_ACCOUNT
        pbx = f"{PBX}:{places.sip}"
        line = account.format(number=sort.number, name=sort.name, pbx=pbx)
        (self.folder / "config").write_text(config)
        (self.folder / "accounts").write_text(
            f"{line};answermode={sort.answers};audio_codecs=PCMU\n"
        )
        (self.folder / "contacts").touch()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Hang up, take the registration back and end; SIGKILL pulls the plug."""
        if self._child is not None:
            stop_child(self._child, how)
            self.family.children.remove(self._child)
            self._child = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._lines.clear()

    # What a person does with it.

    def dial(self, number: str) -> None:
        """Returns when there is a call, which may be over already."""
        before = len(self._lines)
        self._order("dial", f"sip:{number}@{PBX}:{self.places.sip}")
        self.until(lambda: len(self._lines) > before, f"dials {number}")

    def accept(self) -> None:
        self.lift()
        self.until(lambda: not self.ringing and bool(self.talking), "has answered")

    def lift(self) -> None:
        """Answer, whatever becomes of the call: it may be over at once."""
        self.until(lambda: bool(self.ringing), "rings")
        self._order("accept")

    def hang_up(self) -> None:
        """End the current call; one that rings is declined as busy."""
        self._order("hangup")

    def hold(self) -> None:
        self._order("hold")

    def resume(self) -> None:
        """Returns when the PBX knows it."""
        before = self._agreed
        self._order("resume")
        self.until(lambda: self._agreed > before, "resumes")

    def send(self, number: str) -> None:
        """The phone's own transfer key (REFER)."""
        self._order("transfer", f"sip:{number}@{PBX}:{self.places.sip}")

    def _order(self, command: str, params: str = "") -> dict[str, Any]:
        token = f"{command}-{next(self._tokens)}"
        body = json.dumps({"command": command, "params": params, "token": token}).encode()
        if self._socket is None:
            raise PhoneTrouble(f"{self} is not switched on")
        self._socket.sendall(b"%d:%s," % (len(body), body))
        self.until(lambda: token in self._answers, f"obeys “{command}”")
        return self._answers.pop(token)

    # What it sees and hears.

    @property
    def lines(self) -> list[Line]:
        return sorted(self._lines.values(), key=lambda line: line.order)

    def _in(self, state: str) -> list[Line]:
        return [line for line in self.lines if line.state == state]

    @property
    def ringing(self) -> list[Line]:
        return self._in("rings")

    @property
    def talking(self) -> list[Line]:
        return self._in("talks")

    @property
    def idle(self) -> bool:
        return all(line.state == "closed" for line in self.lines)

    def end_all(self) -> None:
        """Hang up what is left: of calls that a dead PBX did not end, nobody tells the phone."""
        for _ in range(len(self.lines)):
            if not self.idle:
                self.hang_up()

    def forget(self) -> None:
        """Before the next scenario: its calls are over, their recordings are of no more use."""
        with self._news:
            self._lines = {k: line for k, line in self._lines.items() if line.state != "closed"}
        if not self._lines:
            for recording in self.folder.glob("dump-*.wav"):
                recording.unlink()

    def until(self, holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        with self._news:
            if not self._news.wait_for(holds, seconds):
                had = ", ".join(f"{line.peer} {line.state}" for line in self.lines) or "no calls"
                raise PhoneTrouble(f"{self} never {what} ({seconds} s; {had})")

    def hears(self, others: Iterable[int]) -> set[int]:
        """Those of the tones that it hears now."""
        recordings = sorted(self.folder.glob("dump-*-dec.wav"), key=lambda p: p.stat().st_mtime_ns)
        now = time.time()
        found: set[int] = set()
        for path in recordings:
            if now - path.stat().st_mtime < 1:
                found |= tones.heard(tones.newest(path, RATE), RATE, others)
        return found

    # Its events.

    def _read(self, connection: socket.socket) -> None:
        data = b""
        while True:
            try:
                more = connection.recv(65_536)
            except OSError:
                return
            if not more:
                return
            data = self._take_all(data + more)

    def _take_all(self, data: bytes) -> bytes:
        """Handle every whole netstring; returns what is left of the last one."""
        while b":" in data:
            length, rest = data.split(b":", 1)
            if len(rest) <= int(length):
                break
            text = rest[: int(length)].decode(errors="replace")
            data = rest[int(length) + 1 :]
            with self._news:
                self._take(json.loads(text, strict=False))
                self._news.notify_all()
        return data

    def _take(self, message: dict[str, Any]) -> None:
        kind = message.get("type", "")
        if message.get("response"):
            self._answers[message.get("token", "")] = message
        elif kind in STATES:
            self._agreed += kind == "CALL_ANSWERED"
            self._take_call(message, STATES[kind])

    def _take_call(self, message: dict[str, Any], state: str) -> None:
        number = message.get("peeruri", "").removeprefix("sip:").split("@")[0]
        line = self._lines.setdefault(
            message["id"], Line(message["id"], number, message.get("peerdisplayname", ""))
        )
        line.state = state
        line.why = str(message.get("param", ""))
