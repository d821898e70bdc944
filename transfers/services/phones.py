"""Standing forwards that an agent's own phone carries out: told once when set, once when ended.

The row is written before each command, and a conditional UPDATE settles who sends it. A command is
sent again only where nothing was sent before; what became of one is read at the phone.
"""

from __future__ import annotations

import logging
import time

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from transfers import access, domain
from transfers.board import lease
from transfers.board.accounts import driver_for
from transfers.board.hub import hub
from transfers.domain import likely_same, same_number
from transfers.drivers.base import Driver
from transfers.errors import AuthFailed, DriverError, NotSupported, OutcomeUnknown, Refused
from transfers.models import Feed, Seat, User
from transfers.sentences import say
from transfers.services.audit import record
from transfers.standing import StandingForward

log = logging.getLogger("transfers.forwards")

State = StandingForward.Phone
DUE = (State.ON, State.UNKNOWN, State.OVER)  # of ended ones: to be taken back
UNDER_WAY = (State.TELLING, State.TAKING_BACK)
LOOKS, STEP = 6, 0.2  # how often a phone is looked at after a command, and seconds in between
pause = time.sleep


def set_forward(forward: StandingForward) -> bool:
    """Tell the phone. False when it did not take it; why is in `phone_said`."""
    state = State.OFF
    try:
        driver = _driver(forward)
        with driver.door.action():
            state = _told(forward, driver)
    except DriverError as error:
        forward.phone_said = _words_of(error)
    except Exception:  # a defect of ours: what the PBX did is not known
        state = _broke(forward, State.UNKNOWN)
    if settle(forward, State.TELLING, state):
        note(forward, forward.created_by, "forward.told")
    return state != State.OFF


def take_back(forward: StandingForward, actor: User | None = None) -> None:
    """Tell the phone that it is over, unless somebody else does."""
    was = forward.phone
    mine = _rows(forward).filter(phone__in=DUE, ended_at__isnull=False)
    if not mine.update(phone=State.TAKING_BACK, phone_at=timezone.now()):
        forward.refresh_from_db(fields=["phone", "phone_said"])
        return
    try:
        driver = _driver(forward)
        with driver.door.action():
            state = _untold(forward, driver)
    except (NotSupported, Refused) as error:
        forward.phone_said, state = _words_of(error), State.LEFT
    except DriverError as error:  # nothing was sent
        forward.phone_said, state = _words_of(error), State.OVER
    except Exception:
        state = _broke(forward, State.LEFT)
    again = was == state == State.OVER  # still not reached: that is in the log already
    if settle(forward, State.TAKING_BACK, state) and not again:
        note(forward, actor, "forward.taken_back")


def look(forward: StandingForward) -> domain.Phone | None:
    """The phone as it is now; None when it cannot be read. A refused login is not tried again."""
    try:
        driver = _driver(forward)
        with driver.door:
            return driver.phone()
    except AuthFailed as error:
        seat = _seat(forward)
        for feed in Feed.objects.filter(seat=seat) if seat else ():
            lease.stop(feed, error.safe_text)
    except DriverError as error:
        log.info("%s: the phone cannot be read: %s", forward, error.safe_text)
    return None


def settle(forward: StandingForward, was: str, state: str) -> bool:
    """Write down what is known of the phone now. False when somebody else did."""
    forward.phone = state
    values = {"phone": state, "phone_said": forward.phone_said, "phone_at": timezone.now()}
    with transaction.atomic():
        done = bool(_rows(forward).filter(phone=was).update(**values))
    log.info("%s: %s %s", forward, State(state).label, forward.phone_said)
    transaction.on_commit(hub.ring)
    return done


def note(forward: StandingForward, actor: User | None, verb: str) -> None:
    words = forward.on_pbx
    state = State(forward.phone).label
    record(actor, verb, words, phone=state, said=forward.phone_said)


def _told(forward: StandingForward, driver: Driver) -> State:
    """The one command, and what is seen of it. Raises DriverError when it was not taken."""
    phone = driver.phone()
    if not same_number(phone.number, forward.number):
        number = phone.number or say("not known")
        raise NotSupported(say("The phone of this login is {number}.", number=number))
    if phone.forwards_to:
        words = say(
            "The phone sends its calls to {number} already. End that at the phone.",
            number=phone.forwards_to,
        )
        raise NotSupported(words)
    return State.ON if _sent(forward, driver, forward.target) else State.UNKNOWN


def _untold(forward: StandingForward, driver: Driver) -> State:
    """What `take_back` does once it is its turn. A forward somebody set at the phone is left."""
    phone = driver.phone()
    if not phone.forwards_to:
        forward.phone_said = say("It was off at the phone already.")
        return State.OFF
    if not likely_same(phone.forwards_to, forward.target):
        forward.phone_said = say(
            "The phone sends its calls to {number}; that was left.", number=phone.forwards_to
        )
        return State.LEFT
    return State.OFF if _sent(forward, driver, "") else State.LEFT


def _sent(forward: StandingForward, driver: Driver, target: str) -> bool:
    """Send it once; whether the phone is seen to do so. An answer of "yes" is no proof of that."""
    try:
        receipt = driver.forward_phone(target)
        said = f"{receipt.vendor_code} {receipt.vendor_text}".strip()
        forward.phone_said = say(
            "The PBX accepted it ({said}); at the phone it is not seen.", said=said
        )
    except OutcomeUnknown as error:
        forward.phone_said = error.safe_text
    seen = _seen(driver, on=bool(target))
    if seen:
        forward.phone_said = say("Seen at the phone.")
    return seen


def _seen(driver: Driver, *, on: bool) -> bool:
    """Whether the phone is seen to do so. It was accepted or not heard; neither is proof."""
    for _ in range(LOOKS):
        try:
            if bool(driver.phone().forwards_to) is on:
                return True
        except DriverError:
            return False
        pause(STEP)
    return False


def _driver(forward: StandingForward) -> Driver:
    seat = _seat(forward)
    if seat is None or not seat.username:
        words = say(
            "{person} has no login at {pbx} any more.",
            person=forward.created_by_name,
            pbx=forward.connection.name,
        )
        raise NotSupported(words)
    return driver_for(forward.connection, seat)


def _seat(forward: StandingForward) -> Seat | None:
    return access.seat_of(forward.created_by, forward.connection) if forward.created_by else None


def _words_of(error: DriverError) -> str:
    said = f"{error.vendor_code} {error.vendor_text}".strip()
    if not said:
        return error.safe_text
    return say("{why} ({said})", why=error.safe_text, said=said)


def _broke(forward: StandingForward, state: State) -> State:
    log.exception("%s: telling the phone broke", forward)
    forward.phone_said = say("The command broke on our side; see the log.")
    return state


def _rows(forward: StandingForward) -> QuerySet[StandingForward]:
    return StandingForward.objects.filter(pk=forward.pk)
