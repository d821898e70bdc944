"""Child processes that never outlive us: started, waited for, watched and stopped together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 6.0  # longer than the web server's own graceful shutdown
TAIL_LINES = 20


class ChildDied(Exception):
    """One of the processes ended by itself."""


class NotReady(Exception):
    """A process runs but does not answer."""


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raises ChildDied, with the end of its log, when it is no longer running."""
        status = self.process.poll()
        if status is None:
            return
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        raise ChildDied(f"The {self.name} stopped by itself ({how}).\n{self.last_words()}")

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join([f"The end of {self.log}:", *(f"    {line}" for line in lines)])


@dataclass
class Family:
    """The children, in the order they were started; they are stopped the other way round."""

    children: list[Child] = field(default_factory=list)

    def start(self, name: str, command: list[str], log: Path, env: Mapping[str, str]) -> Child:
        """Run a command in its own process group, so that Ctrl-C reaches only us."""
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                process_group=0,
                preexec_fn=_die_with_parent(),
            )
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def wait_for(self, child: Child, answers: Callable[[], bool], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not answers():
            child.check()
            if time.monotonic() > deadline:
                raise NotReady(f"The {child.name} does not answer.\n{child.last_words()}")
            time.sleep(0.05)

    def watch(self) -> None:
        """Return only by an exception: ChildDied, or what a signal handler raises."""
        while True:
            for child in self.children:
                child.check()
            time.sleep(0.2)

    def stop(self) -> None:
        for child in reversed(self.children):
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            _signal_group(child, signal.SIGKILL)
            child.process.wait()


def stop_child(child: Child, number: signal.Signals = signal.SIGTERM) -> None:
    """Stop this one; the others go on."""
    _signal_group(child, number)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.process.wait(STOP_SECONDS)
    _signal_group(child, signal.SIGKILL)
    child.process.wait()


def _signal_group(child: Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux the kernel ends the child when we are killed in a way that runs no handler."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel
