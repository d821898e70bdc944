"""What the API knows of a call beyond the exchange: who pays for it, the ids of its views."""

from __future__ import annotations

import copy
import itertools
from collections import deque
from dataclasses import dataclass, field

from simulator.calls import Call, NoSuchCall
from simulator.exchange import Exchange
from simulator.voipnow.numbers import Numbers

FIRST_NUMBER = 444_444  # of call ids that are numbers; from the vendor's samples
MOST_ENDED = 1000


@dataclass
class Paper:
    """The notes about one call. `views` maps whose perspective it is to the view's id."""

    number: int
    owner: str  # the extension charged
    nonce: str = ""
    caller_id: str = ""  # shown to the source, if the creator said what
    caller_destination: str = ""  # shown to the destination
    public_transfer: bool = True
    recorded: dict[str, float] = field(default_factory=dict)  # by view id
    views: dict[str, str] = field(default_factory=dict)

    def view_id(self, whose: str) -> str:
        return self.views.setdefault(whose, f"{len(self.views):02d}")


class Book:
    def __init__(self, exchange: Exchange, numbers: Numbers) -> None:
        self.exchange = exchange
        self.numbers = numbers
        self.ended: deque[tuple[Call, Paper]] = deque(maxlen=MOST_ENDED)
        self._papers: dict[str, Paper] = {}
        self._serial = itertools.count(FIRST_NUMBER)
        exchange.subscribe(self._note)

    def paper(self, call: Call) -> Paper:
        """The notes about a call, begun if there are none; those of an ended one are not kept."""
        if found := self._papers.get(call.id):
            return found
        ours = [number for number in (call.callee, call.caller) if self.numbers.ours(number)]
        paper = Paper(next(self._serial), ours[0] if ours else call.callee)
        if call.live:
            self._papers[call.id] = paper
        return paper

    def calls(self) -> list[Call]:
        """All calls there are: an ended one is gone."""
        return [call for call in self.exchange.calls() if call.live]

    def find(self, said: str) -> Call | None:
        """The call with this id, in either of the forms ids may have."""
        try:
            call = self.exchange.call(said)
        except NoSuchCall:
            numbered = [c for c in self.calls() if str(self.paper(c).number) == said]
            return numbered[0] if numbered else None
        return call if call.live else None

    def clear(self) -> None:
        self._papers.clear()
        self.ended.clear()

    def _note(self, call: Call) -> None:
        paper = self.paper(call)
        for number in (call.caller, call.callee):
            if self.numbers.ours(number):
                paper.view_id(number)
        if not call.live:
            self._papers.pop(call.id, None)
            self.ended.append((copy.copy(call), paper))
