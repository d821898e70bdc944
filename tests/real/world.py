"""A PBX with telephones, as a scenario sees it: people dial, answer, hang up and hear each other.

`Real` is Asterisk with SIP phones and sound; `Simulated` is our simulator, where the exchange's
model says who is connected with whom.
"""

from __future__ import annotations

import signal
from typing import Protocol

from scripts.asterisk.lab import MUSIC, Lab, eventually

__all__ = ["MUSIC", "Real", "World", "eventually"]

CUSTOMER, SUPPLIER = "+3615550142", "+3615550177"
MAIN_NUMBER = "3615550100"


class World(Protocol):
    name: str
    url: str
    username: str
    password: str

    def dial(self, caller: str, number: str) -> None: ...
    def accept(self, number: str) -> None: ...
    def lift(self, number: str) -> None: ...
    def hang_up(self, number: str) -> None: ...
    def hold(self, number: str) -> None: ...
    def resume(self, number: str) -> None: ...
    def send(self, number: str, target: str) -> None: ...
    def rings(self, number: str) -> bool: ...
    def talks(self, number: str) -> int: ...
    def idle(self, number: str) -> bool: ...
    def shows(self, number: str) -> str: ...
    def hears(self, number: str) -> set[str]: ...
    def mailbox(self, number: str) -> set[str]: ...
    def restart(self) -> None: ...
    def power_cut(self) -> None: ...
    def quiet(self) -> None: ...


class Real:
    """Asterisk with telephones."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.name = lab, f"Asterisk {lab.version}"
        if lab.freepbx:
            self.name = f"FreePBX's plan on {lab.version}"
        self.url = lab.places.url
        self.username, self.password = lab.account.username, lab.account.secret

    def dial(self, caller: str, number: str) -> None:
        self.lab.phones[caller].dial(number)

    def accept(self, number: str) -> None:
        self.lab.phones[number].accept()

    def lift(self, number: str) -> None:
        self.lab.phones[number].lift()

    def hang_up(self, number: str) -> None:
        self.lab.phones[number].hang_up()

    def hold(self, number: str) -> None:
        self.lab.phones[number].hold()

    def resume(self, number: str) -> None:
        self.lab.phones[number].resume()

    def send(self, number: str, target: str) -> None:
        self.lab.phones[number].send(target)

    def rings(self, number: str) -> bool:
        return bool(self.lab.phones[number].ringing)

    def talks(self, number: str) -> int:
        return len(self.lab.phones[number].talking)

    def idle(self, number: str) -> bool:
        return self.lab.phones[number].idle

    def shows(self, number: str) -> str:
        """The number that the display names as the other party of the newest call."""
        return self.lab.phones[number].lines[-1].peer

    def hears(self, number: str) -> set[str]:
        return self.lab.hears(number)

    def mailbox(self, number: str) -> set[str]:
        """Whose tones are in the newest message."""
        return self.lab.recorded(number)

    def restart(self) -> None:
        self.lab.server.restart()

    def power_cut(self) -> None:
        """Nobody tells the phones: the people there hang up."""
        self.lab.server.restart(signal.SIGKILL)
        for phone in self.lab.phones.values():
            phone.end_all()

    def quiet(self) -> None:
        self.lab.quiet()
