"""The ports and folders of one PBX with its phones, all in one block and below one folder."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass
from pathlib import Path

BLOCK = 500  # ports: a few for the PBX, five for each phone's signalling, the rest for sound
FIRST, LAST = 20_000, 32_000  # below those that the kernel gives to outgoing connections
PBX = "127.0.0.1"
OUTSIDE = "127.0.0.2"  # the provider's phones: the PBX knows its trunk by this address
_kept: list[socket.socket] = []  # one in the last port of each block that we took


@dataclass(frozen=True)
class Places:
    folder: Path
    base: int

    @property
    def http(self) -> int:
        return self.base

    @property
    def manager(self) -> int:
        return self.base + 1

    @property
    def sip(self) -> int:
        return self.base + 2

    @property
    def sound(self) -> tuple[int, int]:
        return self.base + 200, self.base + 399

    def phone_sip(self, place: int) -> int:
        """SIP of the phone in this place; the next port is its TLS, whether used or not."""
        return self.base + 10 + 5 * place

    def phone_control(self, place: int) -> int:
        return self.base + 12 + 5 * place

    def phone_sound(self, place: int) -> tuple[int, int]:
        return self.base + 400 + 6 * place, self.base + 405 + 6 * place

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def url(self) -> str:
        return f"http://{PBX}:{self.http}/"


def free_block() -> int:
    """The first of BLOCK ports that nobody has, in any of the kinds that we need, and that no
    other process can choose while we live."""
    for _ in range(100):
        base = random.randrange(FIRST, LAST, BLOCK)  # noqa: S311
        if _keep(base + BLOCK - 1) and all(is_free(base + offset) for offset in range(BLOCK - 1)):
            return base
    raise OSError(f"no {BLOCK} ports in a row are free")


def _keep(port: int) -> bool:
    keeper = socket.socket()
    try:
        keeper.bind((PBX, port))
    except OSError:
        keeper.close()
        return False
    _kept.append(keeper)
    return True


def is_free(port: int) -> bool:
    """Asterisk and its phones take a TCP port too whose last connections the kernel remembers, as
    those of a PBX stopped a minute ago (SO_REUSEADDR). With UDP that would be to share it."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        for host in (PBX, OUTSIDE):
            with socket.socket(socket.AF_INET, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, port))
                except OSError:
                    return False
    return True
