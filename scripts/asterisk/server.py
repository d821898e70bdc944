"""One Asterisk as a child process: started, waited for until it is fully booted, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from scripts.asterisk import configuration
from scripts.asterisk.configuration import Office
from scripts.asterisk.places import Places
from scripts.asterisk.unpack import Unpacked
from scripts.children import Child, Family, stop_child

BOOT = 90.0  # seconds, on a slow machine


class Server:
    def __init__(self, unpacked: Unpacked, places: Places, office: Office, family: Family) -> None:
        self.unpacked, self.places, self.family = unpacked, places, family
        self._child: Child | None = None
        configuration.write(office, places, unpacked)

    @property
    def command(self) -> list[str]:
        return [*self.unpacked.asterisk, "-C", str(self.places.etc / "asterisk.conf")]

    def start(self) -> None:
        (self.places.folder / "run" / "asterisk.ctl").unlink(missing_ok=True)
        log = self.places.folder / "log" / "console.log"
        self._child = self.family.start("PBX", [*self.command, "-f", "-n", "-q"], log, os.environ)
        self.family.wait_for(self._child, self._booted, BOOT)

    def _booted(self) -> bool:
        return "fully booted" in self.console("core waitfullybooted")

    def console(self, line: str) -> str:
        """What Asterisk's own console answers. For tests and people; our console needs none."""
        command = [*self.command, "-rx", line]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout

    def processor_seconds(self) -> float:
        """What it has used since it started."""
        if self._child is None:
            return 0.0
        stat = Path(f"/proc/{self._child.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """SIGKILL is a power cut: the phones hear nothing of it."""
        if self._child is not None:
            stop_child(self._child, how)
            self.family.children.remove(self._child)
            self._child = None

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.stop(how)
        self.start()

    def forget(self) -> None:
        shutil.rmtree(self.places.folder, ignore_errors=True)
