"""The demo's Workshop on a real Asterisk: three phones that answer by themselves, and customers.

python -m scripts.asterisk.office FIRST_PORT      (its password in SIM_PASSWORD)
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass, field

from scripts.asterisk.configuration import Extension
from scripts.asterisk.lab import Lab
from scripts.asterisk.phone import Phone, PhoneTrouble, Sort

VERSION = "22"
EXTENSIONS = (
    Extension("401", "Front counter"),
    Extension("402", "Ondřej Malý"),
    Extension("403", "Paula Ortiz"),
)
PHONES = (
    Sort("401", 1),
    Sort("402", 2),
    Sort("403", 3),
    Sort("+442079460018", 4, "Priya Nair", outside=True),
    Sort("+3615550136", 5, "Anna Kovacs", outside=True),
)
DIALLED = ("3615550100", "3615550100", "402", "403")  # by customers; the main number mostly
PAUSE = (4.0, 12.0)  # seconds between two calls of a customer
PATIENCE = (30.0, 75.0)  # after so long a customer hangs up
COUNTER, COLLEAGUE = 9.0, 4.0  # seconds until they answer: calls to the counter can be forwarded


def office(base: int, secret: str) -> Lab:
    return Lab(
        VERSION,
        base=base,
        secret=secret,
        sorts=PHONES,
        extensions=EXTENSIONS,
        group=("402", "403"),
        reception="401",
    )


@dataclass
class Life:
    """What the people there do, a step at a time."""

    lab: Lab
    dice: random.Random = field(default_factory=random.Random)
    due: dict[str, float] = field(default_factory=dict)  # number → when it does the next thing

    def step(self, now: float) -> None:
        for number, phone in self.lab.phones.items():
            with contextlib.suppress(PhoneTrouble):  # the call ended in the same moment
                if phone.sort.outside:
                    self._customer(number, phone, now)
                else:
                    self._staff(number, phone, now)

    def _customer(self, number: str, phone: Phone, now: float) -> None:
        """Calls the main number, stays for a while, hangs up; a call to her is answered."""
        if phone.ringing:
            self._staff(number, phone, now)
        elif now >= self.due.setdefault(number, now + self.dice.uniform(*PAUSE)):
            calls = phone.idle
            if calls:
                phone.forget()
                phone.dial(self.dice.choice(DIALLED))
            else:
                phone.hang_up()
            self.due[number] = now + self.dice.uniform(*(PATIENCE if calls else PAUSE))

    def _staff(self, number: str, phone: Phone, now: float) -> None:
        """Answers what rings, after a while."""
        if not phone.ringing:
            self.due.pop(f"{number} answers", None)
        elif now >= self.due.setdefault(
            f"{number} answers", now + (COUNTER if number == "401" else COLLEAGUE)
        ):
            phone.lift()


def main() -> None:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with office(int(sys.argv[1]), os.environ["SIM_PASSWORD"]) as lab:
        life = Life(lab)
        while not stopping.wait(0.2):
            life.step(time.monotonic())


if __name__ == "__main__":
    main()
