"""The phones of an exchange: who has which number, and what a phone does when rung."""

from __future__ import annotations

import copy
from dataclasses import fields
from threading import RLock

from simulator.calls import ExchangeError, Extension, is_outside


class Phones:
    """The part of an exchange that knows its numbers."""

    def __init__(self) -> None:
        self.lock = RLock()  # hold it to do several things as one
        self._extensions: dict[str, Extension] = {}

    def add(self, number: str, name: str = "", kind: str = "phone", **behaviour: object) -> None:
        """Connect a phone; `behaviour` as in `behave`."""
        with self.lock:
            self._extensions[number] = Extension(number, name, kind)
            self.behave(number, **behaviour)

    def behave(self, number: str, **behaviour: object) -> None:
        """Say what a phone does when rung: registered, answers_after, busy, forward_to, …"""
        known = {field.name for field in fields(Extension)} - {"number"}
        if strange := set(behaviour) - known:
            raise ExchangeError(f"a phone has no {', '.join(sorted(strange))}; it has {known}")
        with self.lock:
            if number not in self._extensions:
                raise ExchangeError(f"no extension {number}")
            for name, value in behaviour.items():
                setattr(self._extensions[number], name, value)

    def extensions(self) -> list[Extension]:
        with self.lock:
            return [copy.copy(extension) for extension in self._extensions.values()]

    def extension(self, number: str) -> Extension | None:
        with self.lock:
            return copy.copy(self._extensions.get(number))

    def reaches(self, number: str) -> bool:
        """Is this a number somebody has?"""
        with self.lock:
            return number in self._extensions or is_outside(number)

    def forwarded(self, number: str) -> str:
        """Where a call for this number rings, following the forwards phones have set."""
        seen = {number}
        while (phone := self._extensions.get(number)) and phone.forward_to:
            if phone.forward_to in seen:
                return number
            number = phone.forward_to
            seen.add(number)
        return number
