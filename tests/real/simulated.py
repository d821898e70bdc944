"""Our simulator as a world of telephones: its model says who rings and who hears whom."""

from __future__ import annotations

import threading

from simulator.calls import BEGUN, UP, Call, State
from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.real.world import CUSTOMER, MAIN_NUMBER, MUSIC, SUPPLIER

NAMES = {"1001": "Alice", "1002": "Bob", "1003": "Carol", "1004": "Dave"}
NOBODY_TAKES = 2.0  # seconds that 1005 rings
LONG = 600.0


class Simulated:
    """The simulator's Asterisk."""

    name, username, password = "the simulator", "console", "pbx-s3cret-word"

    def __init__(self) -> None:
        self.exchange = Exchange()
        for number, name in NAMES.items():
            self.exchange.add(number, name, answers_after=None)
        self.exchange.add("1005", "Ines", answers_after=None, ring_seconds=NOBODY_TAKES)
        self.exchange.add("1006", "Farid", answers_after=None)
        self.exchange.add("1009", "Nobody", registered=False)
        self.exchange.add(MAIN_NUMBER, "", forward_to="1001")
        self.exchange.add("21002", "", forward_to="1002")
        self.server = SimulatorServer(
            self.exchange, "asterisk", username=self.username, password=self.password
        )
        self.exchange.rules.outside_answers_after = LONG
        self._done = threading.Event()
        self._clock = threading.Thread(target=self._pass_time, daemon=True)

    def __enter__(self) -> Simulated:
        self.server.__enter__()
        self.url = self.server.url
        self._clock.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._clock.join()
        self.server.__exit__(*error)

    def _pass_time(self) -> None:
        while not self._done.wait(0.02):
            self.exchange.tick()

    # ----- what people do

    def dial(self, caller: str, number: str) -> None:
        if number.startswith("70"):
            self._fetch(caller, int(number) - 700)
            return
        name = {CUSTOMER: "Customer", SUPPLIER: "Supplier"}.get(caller, "")
        self.exchange.ring(caller, number, name)

    def _fetch(self, by: str, place: int) -> None:
        """A parked call, by dialling its space."""
        (parked,) = (call for call in self.exchange.calls() if call.parked_place == place)
        self.exchange.redirect(parked.id, "caller", by)
        self.exchange.answer(parked.id, by=by)

    def accept(self, number: str) -> None:
        self.lift(number)
        self._one_line()

    def lift(self, number: str) -> None:
        self.exchange.answer(self._ringing(number)[-1].id, by=number)

    def hang_up(self, number: str) -> None:
        calls = self._ringing(number) or self._with(number)
        running = [call for call in calls if call.state is not State.HELD]
        self.exchange.hangup((running or calls)[-1].id)
        self._one_line()

    def hold(self, number: str) -> None:
        self.exchange.hold(self._with(number)[-1].id, by=number)

    def resume(self, number: str) -> None:
        with self.exchange.lock:
            taken_up = self.server.face.channels.take_up(number)
        if not taken_up:
            self.exchange.retrieve(self._with(number)[-1].id)

    def send(self, number: str, target: str) -> None:
        call = self._with(number)[-1]
        leaves = "caller" if number == call.caller else "callee"
        self.exchange.blind_transfer(call.id, leaves, target)

    def restart(self) -> None:
        self.exchange.clear()
        self.server.face.restart()

    power_cut = restart

    def _one_line(self) -> None:
        """1006 has one line: a second call finds it busy."""
        self.exchange.behave("1006", busy=bool(self._with("1006")))

    # ----- what they see and hear

    def _with(self, number: str) -> list[Call]:
        """Its live calls; who parked one has left it."""
        return [
            call
            for call in self.exchange.calls()
            if call.live
            and call.involves(number)
            and not (call.state is State.PARKED and number == call.callee)
        ]

    def _ringing(self, number: str) -> list[Call]:
        return [
            call
            for call in self.exchange.calls()
            if call.live and number in {leg.number for leg in call.ringing}
        ]

    def rings(self, number: str) -> bool:
        return bool(self._ringing(number))

    def talks(self, number: str) -> int:
        return sum(call.state not in BEGUN for call in self._with(number))

    def idle(self, number: str) -> bool:
        return not self._with(number)

    def shows(self, number: str) -> str:
        return self._with(number)[-1].other_party(number)

    def hears(self, number: str) -> set[str]:
        found = set()
        for call in self._with(number):
            if call.state in UP:
                found.add(call.other_party(number))
            elif call.state is State.PARKED or (
                call.state is State.HELD and call.held_by != number
            ):
                found.add(MUSIC)
        return found

    def mailbox(self, number: str) -> set[str]:
        boxes = [call for call in self._with(number) if call.at_voicemail]
        return {call.other_party(number) for call in boxes}

    def quiet(self) -> None:
        self.server.clear()
        self.exchange.behave("1006", busy=False)
