"""Bayeux servers that others wrote, each in a node process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, Self

import pytest

from tests.node import installed

HERE = Path(__file__).parent / "js"
SECONDS = 60
NEEDED = "The Bayeux client speaks to servers of the npm packages cometd-nodejs-server and faye"


class BayeuxServer:
    """A contact center around `cometd` or `faye`; a context manager."""

    def __init__(self, kind: str, hold: float = 3.0) -> None:
        self._command = ["node", str(installed(HERE, NEEDED) / f"{kind}.js")]
        self._hold = str(int(hold * 1000))
        # Bound and not listening: nobody takes its port while it is down.
        self._keeper = socket.socket()
        self._keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._keeper.bind(("127.0.0.1", 0))
        self._port = str(self._keeper.getsockname()[1])
        self._said: Queue[Any] = Queue()
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/v2"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()
        self._keeper.close()

    def start(self) -> None:
        """On its port, also when it is started again. It knows nothing of before."""
        self._process = subprocess.Popen(  # noqa: S603
            [*self._command, self._port, self._hold],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"NO_PROXY": "127.0.0.1"},
        )
        Thread(target=self._read, args=(self._process, self._said), daemon=True).start()
        self._hear()

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process, self._said = None, Queue()

    def tell(self, order: str, **more: object) -> Any:
        """publish (calls, perhaps lost), change, drop, expire, seen."""
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": order, **more}) + "\n")
        self._process.stdin.flush()
        return self._hear().get("told")

    def _hear(self) -> Any:
        try:
            return self._said.get(timeout=SECONDS)
        except Empty:
            pytest.fail(f"{self._command} says nothing. {NEEDED}", pytrace=False)

    @staticmethod
    def _read(process: subprocess.Popen[str], said: Queue[Any]) -> None:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("{"):
                said.put(json.loads(line))
