"""Numbers as the API writes them: 0003*210 or 210, +36… or 36…, and what it reads them as."""

from __future__ import annotations

from simulator.calls import Extension, is_outside
from simulator.exchange import Exchange
from simulator.voipnow.switches import Switches


class Numbers:
    def __init__(self, exchange: Exchange, switches: Switches) -> None:
        self.exchange = exchange
        self.switches = switches

    def ours(self, number: str) -> bool:
        """Has an extension this number? People outside have none."""
        return not is_outside(number) and self.exchange.extension(number) is not None

    def terminal(self, number: str) -> bool:
        """Is it a Phone Terminal?"""
        phone = self.exchange.extension(number)
        return self.ours(number) and phone is not None and phone.kind == "phone"

    def terminals(self) -> list[Extension]:
        return [phone for phone in self.exchange.extensions() if self.terminal(phone.number)]

    def extended(self, number: str) -> str:
        if "*" in number or not self.ours(number):
            return self.public(number)
        return f"{self.switches.extension_prefix}*{number}"

    def public(self, number: str) -> str:
        if is_outside(number) and not self.switches.public_plus:
            return number.removeprefix("+")
        return number

    def written(self, number: str, *, in_view: bool = False) -> str:
        """A number of a reply. `mixed` is short in views and extended elsewhere."""
        form = self.switches.extension_form
        short = form == "short" or (form == "mixed" and in_view)
        return self.public(number) if short else self.extended(number)

    def extension(self, text: str) -> str | None:
        """The extension meant by its short or extended number."""
        if self.ours(text):
            return text
        prefix, star, rest = text.rpartition("*")
        if star and prefix == self.switches.extension_prefix and self.ours(rest):
            return rest
        return None

    def target(self, text: str) -> str | None:
        """The extension, or the number of the public network, meant by it."""
        return self.extension(text) or (text if is_outside(text) else None)

    def same(self, text: str, number: str) -> bool:
        """Does a request mean this party? To the letter, or in any of its forms."""
        if self.switches.exact_numbers:
            return text == self.written(number, in_view=True)
        return text.removeprefix("+") == number.removeprefix("+") or self.extension(text) == number
