"""PhoneCall and PhoneCallView as JSON: one view per party with an extension."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from simulator.calls import UP, Call, State
from simulator.voipnow.book import Book, Paper
from simulator.voipnow.numbers import Numbers
from simulator.voipnow.switches import Switches

Json = dict[str, Any]

TRYING, RINGING, OTHER_RINGS, ON_CALL = 2, 3, 4, 5
LOCAL, OUTGOING, INCOMING = 2, 4, 8
OWNER = {"ownerId": "3", "ownerName": "Default Organization"}


@dataclass(frozen=True)
class View:
    """One party's perspective: whose, its id, its status, who is on which side."""

    id: str
    extension: str
    status: int
    source: tuple[str, ...]
    destination: tuple[str, ...]
    other: str  # the party it sees
    parked: bool = False  # it is this party who waits in the parking lot


class Pictures:
    """Calls as the API shows them."""

    def __init__(self, book: Book, numbers: Numbers, switches: Switches) -> None:
        self.book = book
        self.numbers = numbers
        self.switches = switches

    # ----- who sees what

    def views(self, call: Call) -> list[View]:
        """The views of a call. One without any extension among its parties has its payer's."""
        paper = self.book.paper(call)
        found = [view for view in self._perspectives(call) if self.numbers.ours(view.extension)]
        parked = call.state is State.PARKED
        if not found or (parked and not any(view.parked for view in found)):
            found.insert(0, self._substitute(call, paper))
        return [replace(view, id=paper.view_id(_whose(view))) for view in found]

    def _substitute(self, call: Call, paper: Paper) -> View:
        parked = call.state is State.PARKED
        statuses = {State.SETUP: TRYING, State.OFFERED: OTHER_RINGS, State.RINGING: OTHER_RINGS}
        status = statuses.get(call.state, ON_CALL)
        number = call.callee if call.at_voicemail or parked else paper.owner
        return View("", number, status, (call.caller,), (call.callee,), call.caller, parked)

    def _perspectives(self, call: Call) -> Iterator[View]:
        rung = tuple(leg.number for leg in call.ringing)
        source, parked = (call.caller,), call.state is State.PARKED
        if call.state is State.OFFERED:
            status = TRYING if call.rung_at > self.book.exchange.clock() else RINGING
            for number in rung:
                yield View("", number, status, rung, (call.callee,), call.callee)
            return
        aims = rung if call.state is State.RINGING else (call.callee,)
        status = {State.SETUP: TRYING, State.RINGING: OTHER_RINGS}.get(call.state, ON_CALL)
        yield View("", call.caller, status, source, aims, call.callee, parked)
        if call.state in (*UP, State.HELD) and not call.at_voicemail:
            yield View("", call.callee, ON_CALL, source, aims, call.caller)
        for number in rung:
            yield View("", number, RINGING, source, (number,) if parked else aims, call.caller)

    # ----- JSON

    def call(self, call: Call, link: str, only: str | None = None) -> Json:
        """A whole PhoneCall; `only` shows the views of one extension, if it has any."""
        paper = self.book.paper(call)
        views = self.views(call)
        own = [view for view in views if view.extension == only]
        said: Json = {
            "id": self.id(call),
            "nonce": paper.nonce or None,
            "extension": self.numbers.written(paper.owner),
            **OWNER,
            "answered": self.date(call.answered_at),
            "published": self.date(call.started_at, 2),
            "phoneCallView": [self.view(call, view) for view in own or views],
            **self.link(link),
        }
        return _without_nulls(said)

    def short(self, call: Call, link: str, key: str = "link") -> Json:
        """What a 202 carries."""
        owner = self.numbers.written(self.book.paper(call).owner)
        return {"id": self.id(call), "extension": owner, **self.link(link, key)}

    def id(self, call: Call) -> str | int:
        return self.book.paper(call).number if self.switches.id_type == "number" else call.id

    def link(self, address: str, sampled: str = "link") -> Json:
        key = self.switches.link_key
        return {sampled if key == "samples" else key: {"self": address}}

    def view(self, call: Call, view: View) -> Json:
        numbers, parked, rings = self.numbers, view.parked, view.status == RINGING
        paper = self.book.paper(call)
        said: Json = {
            "id": view.id,
            "extension": numbers.written(view.extension, in_view=True),
            "answered": None if rings else self.date(call.answered_at),
            "status": self.number(view.status),
            self.switches.caller_id_key: self._caller_id(call, view, paper),
            "source": [numbers.written(number, in_view=True) for number in view.source],
            "destination": [numbers.written(number, in_view=True) for number in view.destination],
            "flow": self.number(self._flow(view)),
            "ringing": self._rung_at(call, view) if rings else None,
            "recording": self.date(paper.recorded.get(view.id)),
            "parked": self.date(call.parked_at) if parked else None,
            "parkedPos": self.number(call.parked_place) if parked else None,
            "parkedBy": numbers.written(call.callee) if parked else None,
            "onHold": self.date(call.held_at),
            "holder": self._holder(call, view),
        }
        return _without_nulls(said)

    def number(self, value: int | None, *, total: bool = False) -> int | str | None:
        """A number as the samples print it: within a view as a text, in totals as a number."""
        kind = self.switches.number_type
        texts = kind == "string" or (kind == "samples" and not total)
        return str(value) if texts and value is not None else value

    def date(self, seconds: float | None, hours: int = 3) -> str | None:
        """A date; the samples mix offsets within one object."""
        if seconds is None:
            return None
        if self.switches.dates == "utc":
            return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%S}Z"
        zone = timezone(timedelta(hours=hours))
        return datetime.fromtimestamp(int(seconds), zone).isoformat()

    def _rung_at(self, call: Call, view: View) -> str | None:
        rung = (leg.rung_at for leg in call.ringing if leg.number == view.extension)
        return self.date(next(rung, call.rung_at))

    def _flow(self, view: View) -> int:
        if not any(map(self.numbers.ours, view.source)):
            return OUTGOING if self._leads_out(view) else INCOMING
        return OUTGOING if self._leads_out(view) else LOCAL

    def _leads_out(self, view: View) -> bool:
        return not any(map(self.numbers.ours, view.destination))

    def _holder(self, call: Call, view: View) -> int | str | None:
        if call.state is not State.HELD:
            return None
        holder = call.held_by or (call.callee if self.numbers.ours(call.callee) else call.caller)
        return self.number(1) if holder == view.extension else None

    def _caller_id(self, call: Call, view: View, paper: Paper) -> str | None:
        given = paper.caller_destination if view.other == call.caller else paper.caller_id
        if given:
            return given
        phone = self.book.exchange.extension(view.other)
        name = phone.name if phone else ""
        if view.other == call.caller and call.caller_name:
            name = call.caller_name
        if "<" in name:
            return name
        number = self.numbers.written(view.other, in_view=True)
        if not any(map(str.isdigit, number)):
            return name or None  # an anonymous caller
        return f"{name} <{number}>" if name else number


def _whose(view: View) -> str:
    """What a view's id belongs to. A parked party's view is another one than before."""
    return f"parked {view.extension}" if view.parked else view.extension


def _without_nulls(said: Json) -> Json:
    """NULL fields are not included in responses."""
    return {key: value for key, value in said.items() if value is not None}
