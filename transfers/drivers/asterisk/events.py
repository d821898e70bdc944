"""WaitEvent, a long poll: something happened, so the list is read.

Events are hints here. The list has all that they tell, holds too, and shows it without gaps; what
a burst of events would cost in reading is limited by a pause. A login without the right to read
events hears nothing and is not told so: the list is read every second all the same.

Only why nobody took a call that is gone is told by events alone: such a call is told as ended, for
a moment, after each list.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from transfers.domain import BoardEvent, Call
from transfers.drivers.asterisk.endings import Endings
from transfers.drivers.asterisk.wire import Fields
from transfers.drivers.base import NoMemory
from transfers.drivers.polls import hung_up_at
from transfers.errors import DriverError

if TYPE_CHECKING:
    from transfers.drivers.asterisk.driver import AsteriskDriver

# Seconds that the PBX waits for an event. The list is read at least so often, as without events:
# nothing tells that they do not come, and commands rely on the picture of a PBX that pushes.
HELD_FOR = 1
# Seconds between two reads in the long run, and how many may follow each other at once: a call
# begins and rings a moment later, and both are to be seen, but a storm is not to be read so.
PAUSE, AT_ONCE = 0.2, 4
# Seconds from the first event of a burst to the read: a call begins, dials and rings within 5 ms.
BURST = 0.03
# Seconds that a call which ended in vain is told of: a command's own answer may come after it.
TOLD_FOR = 3
LINGERS = 2  # seconds that the leg of who transferred may be in the list after that, at most


def listen(driver: AsteriskDriver, stop: threading.Event) -> Iterator[BoardEvent]:
    """The body of `Driver.events`. The session is its own: events go to who asks first."""
    session = driver.session_for(NoMemory(), "call")
    seconds = HELD_FOR + driver.door.rules.read_seconds
    with hung_up_at(stop, driver.door):
        session.login()
        ended = Ended(driver)
        read_at = rested = 0.0  # rested: when all reads would be done, were they PAUSE apart
        heard = True
        while not stop.is_set():
            if heard or driver.clock() - read_at >= HELD_FOR:
                yield BoardEvent(resync=True)
                read_at = driver.clock()
                rested = max(rested, read_at) + PAUSE
                if calls := ended.lately():
                    yield BoardEvent(changed=calls)
            if stop.wait(max(0, rested - driver.clock() - PAUSE * (AT_ONCE - 1))):
                break
            try:
                answer = session.poll(seconds, "WaitEvent", Timeout=str(HELD_FOR))
            except DriverError:
                if not stop.is_set():
                    raise
            else:
                heard = any(event.get("event") != "WaitEventComplete" for event in answer.events)
                ended.hear(answer.events, session.logins)
                if heard:
                    stop.wait(BURST)
        with suppress(DriverError):
            session.ask("Logoff")


class Ended:
    """The calls that ended in vain a moment ago."""

    def __init__(self, driver: AsteriskDriver) -> None:
        self._driver = driver
        self._endings, self._login = Endings(), 0
        self._calls: dict[str, tuple[Call, float]] = {}
        self._new: set[str] = set()  # the list was not looked at for these

    def hear(self, events: Sequence[Fields], login: int) -> None:
        """Events of another login come after a gap, in which everything may have happened."""
        if login != self._login:
            self._endings, self._login = Endings(), login
        now = self._driver.clock()
        told = self._endings.told(events)
        self._calls |= {call.id: (call, now) for call in told}
        self._new |= {call.id for call in told}

    def lately(self) -> tuple[Call, ...]:
        """Without those of which anything is left: they go on. Once a look finds nothing, none is
        needed any more: of a call that is gone nothing comes back."""
        now = self._driver.clock()
        self._calls = {i: each for i, each in self._calls.items() if each[1] >= now - TOLD_FOR}
        if self._new:
            self._new &= {call.id.partition("~")[0] for call in self._driver.list_calls()}
            for going_on in [i for i in self._new if self._since(i) < now - LINGERS]:
                self._calls.pop(going_on, None)
                self._new.remove(going_on)
        return tuple(call for i, (call, _) in self._calls.items() if i not in self._new)

    def _since(self, call_id: str) -> float:
        return self._calls[call_id][1] if call_id in self._calls else 0.0
