"""`make run` as a person meets it: a copy of the product in a fresh folder, real processes."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scripts.asterisk import office
from scripts.asterisk.unpack import cache

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ["manage.py", "pbxadmin", "transfers", "simulator", "scripts", "templates", "static"]
PATIENCE = 100  # seconds; a busy machine starts it in ten


_kept: list[socket.socket] = []


def free_port() -> int:
    """Bound and not listening: a server may have it, and the kernel gives it to nobody else."""
    _kept.append(socket.socket())
    _kept[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _kept[-1].bind(("127.0.0.1", 0))
    return int(_kept[-1].getsockname()[1])


class Start:
    """A running `python -m scripts.run`."""

    def __init__(self, folder: Path, port: int, **more: str) -> None:
        self.folder, self.port = folder, port
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PBXADMIN_", "DJANGO_"))}
        self.output = (folder / "output.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripts.run"],
            cwd=folder,
            env={**env, "PORT": str(port), "HOST": "127.0.0.1", **more},
            stdout=self.output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def said(self) -> str:
        return (self.folder / "output.txt").read_text()

    def wait_until_it_says(self, words: str) -> None:
        until(lambda: words in self.said() or self.process.poll() is not None)
        assert words in self.said()

    def children(self) -> list[int]:
        """The simulator and the web server, found by their folder."""
        return [pid for pid in processes_in(self.folder) if pid != self.process.pid]

    def stop(self) -> None:
        for pid in [self.process.pid, *self.children()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        self.output.close()


def processes_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").resolve() == folder:
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                found += [int(entry.name)] if state != "Z" else []
        except OSError:
            continue  # gone meanwhile, or not ours
    return found


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def status_of_login(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("GET", "/login/")
        return connection.getresponse().status


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh checkout, as far as the start needs it; every test but the first starts it again."""
    copy = tmp_path_factory.mktemp("fresh").resolve()
    for name in PRODUCT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    return copy


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Start]]:
    started = []

    def make(port: int | None = None, **more: str) -> Start:
        started.append(Start(folder, port or free_port(), **more))
        return started[-1]

    yield make
    for each in started:
        each.stop()


@pytest.fixture
def running(start: Callable[..., Start]) -> Start:
    it = start()
    it.wait_until_it_says("Ctrl-C stops everything")
    return it


def test_it_answers_and_says_how_to_log_in(running):
    assert status_of_login(running.port) == 200
    assert f"http://127.0.0.1:{running.port}/" in running.said()
    assert re.search(r"ana +ana-moves-calls +receptionist", running.said())
    assert len(running.children()) == 2
    mode = (running.folder / "var/local.env").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_nothing_behind(running, number):
    running.process.send_signal(number)
    assert running.process.wait(PATIENCE) == 0
    assert "stopped." in running.said()
    assert running.children() == []


def test_a_kill_leaves_nothing_behind(running):
    running.process.kill()
    until(lambda: running.children() == [])


def test_a_dead_child_stops_the_rest_and_is_named(running):
    server = next(pid for pid in running.children() if b"uvicorn" in command_of(pid))
    os.kill(server, signal.SIGKILL)
    assert running.process.wait(PATIENCE) == 1
    assert "The web server stopped by itself (signal 9)." in running.said()
    assert running.children() == []


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_second_start_keeps_the_keys(start, folder):
    kept = []
    for _ in range(2):
        it = start()
        it.wait_until_it_says("Ctrl-C stops everything")
        kept.append((folder / "var/local.env").read_text())
        it.process.terminate()
        it.process.wait(PATIENCE)
    assert kept[0] == kept[1]


def test_a_port_in_use_is_said_before_anything_starts(start):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        it = start(port)
        assert it.process.wait(PATIENCE) == 1
    assert f"Port {port} is in use" in it.said()
    assert "make run PORT=" in it.said()
    assert it.children() == []


def test_the_password_of_the_simulated_pbx_is_written_nowhere(running):
    simulator = next(pid for pid in running.children() if b"simulator" in command_of(pid))
    environment = Path(f"/proc/{simulator}/environ").read_bytes().split(b"\0")
    password = next(e[13:] for e in environment if e.startswith(b"SIM_PASSWORD="))
    assert len(password) >= 32
    files = [path for path in (running.folder / "var").rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if password in path.read_bytes()] == []
    assert password.decode() not in running.said()


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A folder with what every machine has and no Python; tests put one there."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/venv.sh", tmp_path / "scripts")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("dirname", "cat", "cksum"):
        (tools / name).symlink_to(str(shutil.which(name)))
    return tmp_path


def make_venv(machine: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": str(machine / "bin")}
    script = machine / "scripts/venv.sh"
    command = ["/bin/sh", str(script)]
    return subprocess.run(command, env=env, capture_output=True, text=True)  # noqa: S603


def fake_python(machine: Path, script: str) -> None:
    python = machine / "bin/python3"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def test_a_machine_without_python_is_told_what_to_install(bare_machine):
    done = make_venv(bare_machine)
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_an_old_python_does_not_count(bare_machine):
    fake_python(bare_machine, 'case "$2" in *version_info*) exit 1;; esac')
    assert "Python 3.11 or newer is needed" in make_venv(bare_machine).stderr


def test_a_python_without_pip_is_told_what_to_install(bare_machine):
    fake_python(bare_machine, 'case "$2" in *ensurepip*) exit 1;; esac')
    done = make_venv(bare_machine)
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


def test_one_of_the_pbxs_can_be_a_real_one(start, folder):
    it = start(PBX="asterisk", ASTERISK_CACHE=str(cache()))
    it.wait_until_it_says("Workshop is a real Asterisk")
    until(lambda: len(it.children()) == 3 + 1 + len(office.PHONES))  # also the PBX and its phones
    it.process.send_signal(signal.SIGINT)
    assert it.process.wait(PATIENCE) == 0
    until(lambda: not processes_in(folder))


def test_without_the_packages_the_simulator_takes_its_place(start, folder):
    it = start(PBX="asterisk", ASTERISK_CACHE=str(folder / "empty"), PATH="")
    it.wait_until_it_says("Ctrl-C stops everything")
    assert "The simulator takes its place." in it.said()
    assert len(it.children()) == 2
