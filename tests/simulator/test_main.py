from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from simulator.__main__ import main, place
from simulator.server import SimulatorServer

ROOT = Path(__file__).resolve().parents[2]
COMMAND_LINE = [
    "--control-port",
    "0",
    "--traffic",
    "--seed",
    "7",
    "--pbx",
    "head-office=ozeki-gen1:0",
    "--pbx",
    "budapest=ozeki-gen2:0",
]
LOGIN = {"SIM_USERNAME": "api", "SIM_PASSWORD": "secret"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_stops_cleanly(number):
    run = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "simulator", *COMMAND_LINE],
        cwd=ROOT,
        env=os.environ | LOGIN,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout
    lines = dict(run.stdout.readline().strip().split(": ") for _ in range(3))
    assert list(lines) == ["head-office", "budapest", "control"]
    connection = http.client.HTTPConnection(urlsplit(lines["control"]).netloc, timeout=60)
    connection.request("GET", "/state")
    state = json.loads(connection.getresponse().read())
    assert state["budapest"]["traffic"] is True
    assert state["head-office"]["url"] == lines["head-office"]
    connection.close()
    run.send_signal(number)
    out, errors = run.communicate(timeout=60)
    assert (run.returncode, out, errors) == (0, "", "")


def test_a_port_in_use_is_told(capsys):
    with SimulatorServer() as other:
        where = f"head-office=ozeki-gen1:{other.port}"
        assert main(["--control-port", "0", "--pbx", where]) == 2
    told = capsys.readouterr().err
    assert f"port {other.port} on 127.0.0.1; give another port" in told


def test_the_same_port_twice_is_told(capsys):
    free = SimulatorServer()
    free.stop()
    pbxs = ["--pbx", f"a=ozeki-gen1:{free.port}", "--pbx", f"b=ozeki-gen1:{free.port}"]
    assert main(["--control-port", "0", *pbxs]) == 2
    assert "cannot listen" in capsys.readouterr().err


def test_generation_2_without_a_login_is_told(capsys, monkeypatch):
    monkeypatch.delenv("SIM_USERNAME", raising=False)
    assert main(["--control-port", "0", "--pbx", "b=ozeki-gen2:0"]) == 2
    assert "SIM_USERNAME" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["a", "a=b:1", "=ozeki-gen1:1", "a=ozeki-gen1", "a=ozeki-gen1:x"])
def test_a_place_must_be_understood(text, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--control-port", "0", "--pbx", text])
    assert caught.value.code == 2
    assert "NAME=FACE:PORT" in capsys.readouterr().err


def test_a_place():
    assert place("x=ozeki-gen2:9509").port == 9509
