"""GET /uapi/extensions/{userId}/{extension}/presence: which phones are there, and busy."""

from __future__ import annotations

from simulator.calls import Call, Extension
from simulator.voipnow.asked import SELF, Asked
from simulator.voipnow.errors import ApiError
from simulator.voipnow.listing import PRESENCE, collection
from simulator.voipnow.views import Json
from simulator.web import Reply

UNKNOWN, ONLINE, RINGING, BUSY = 0, 1, 2, 3
REGISTERED, NOT_REGISTERED = "1", "-1"
AGENT = "3CXPhone 5.0.14439.0"
REGISTERED_SECONDS = 3600


def answer(asked: Asked) -> Reply:
    if asked.user == "@owner" and asked.part(1) == SELF:
        raise ApiError("extension_invalid")
    mine = asked.mine
    calls = asked.desk.book.calls()
    phones = [phone for phone in asked.desk.numbers.terminals() if phone.number in mine]
    return collection(asked, PRESENCE, [_picture(asked, phone, calls) for phone in phones])


def _picture(asked: Asked, phone: Extension, calls: list[Call]) -> Json:
    desk = asked.desk
    registration: Json = {"agent": AGENT, "registration": NOT_REGISTERED}
    if phone.registered:
        expires = desk.exchange.clock() + REGISTERED_SECONDS
        registration = {
            "agent": AGENT,
            "registration": REGISTERED,
            "expire": desk.pictures.date(expires),
        }
    status = desk.pictures.number(_status(phone, calls))
    said: Json = {"status": status, "extension": desk.numbers.written(phone.number)}
    if desk.switches.presence_form == "flat":
        return said | registration
    return said | {"registration": [registration]}


def _status(phone: Extension, calls: list[Call]) -> int:
    if not phone.registered:
        return UNKNOWN
    if phone.busy or any(_speaks(call, phone.number) for call in calls):
        return BUSY
    rings = any(leg.number == phone.number for call in calls for leg in call.ringing)
    return RINGING if rings else ONLINE


def _speaks(call: Call, number: str) -> bool:
    """Is this phone in the call, and not merely rung by it?"""
    if number in (leg.number for leg in call.ringing):
        return False
    waits = call.at_voicemail or call.parked_at is not None
    answered = call.answered_at is not None
    return number == call.caller or (number == call.callee and answered and not waits)
