"""GET /uapi/cdr/{userId}: the calls that have ended, an object keyed by their ids."""

from __future__ import annotations

from collections.abc import Callable

from simulator.calls import Call, Ending
from simulator.voipnow.asked import Asked
from simulator.voipnow.book import Paper
from simulator.voipnow.errors import ApiError
from simulator.voipnow.listing import CDR, collection
from simulator.voipnow.views import INCOMING, LOCAL, OUTGOING, OWNER, Json
from simulator.web import Reply

_DISPOSITIONS = {
    Ending.COMPLETED: 0,
    Ending.TRANSFERRED: 0,
    Ending.BUSY: 1,
    Ending.ERROR: 2,
    Ending.NO_ANSWER: 3,
    Ending.CANCELLED: 3,
}
_UNKNOWN = 4


def answer(asked: Asked) -> Reply:
    _ = asked.user
    wanted = _filter(asked)
    pictures = [_picture(asked, call, paper) for call, paper in asked.desk.book.ended]
    found = [picture for picture in pictures if wanted(picture["phoneCallView"][0])]
    return collection(asked, CDR, found[::-1], keyed=True)


def _picture(asked: Asked, call: Call, paper: Paper) -> Json:
    desk, pictures = asked.desk, asked.desk.pictures
    flow = LOCAL
    if not desk.numbers.ours(call.caller):
        flow = INCOMING
    elif not desk.numbers.ours(call.callee):
        flow = OUTGOING
    ended = call.started_at if call.ended_at is None else call.ended_at
    view: Json = {
        "source": desk.numbers.written(call.caller),
        "destination": desk.numbers.written(call.callee),
        "duration": pictures.number(int(call.talk_duration(ended))),
        "flow": pictures.number(flow),
        "disposition": pictures.number(
            _UNKNOWN if call.ending is None else _DISPOSITIONS[call.ending]
        ),
    }
    if call.answered_at is not None:
        view["answered"] = pictures.date(call.answered_at)
    return {
        "id": paper.number if desk.switches.id_type == "number" else call.id,
        "extension": desk.numbers.written(paper.owner),
        **OWNER,
        "published": pictures.date(call.started_at, 2),
        "phoneCallView": [view],
    }


def _filter(asked: Asked) -> Callable[[Json], bool]:
    query = asked.request.query
    flow, disposition = query.get("flow"), query.get("disposition")
    if flow not in (None, "2", "4", "8"):
        raise ApiError("cdr_flow_invalid")
    if disposition not in (None, "0", "1", "2", "3", "4", "5"):
        raise ApiError("cdr_disposition_invalid")
    wanted = {"flow": flow, "disposition": disposition}
    wanted |= {name: query.get(name) for name in ("source", "destination")}
    said = {name: value for name, value in wanted.items() if value is not None}
    return lambda view: all(str(view[name]) == value for name, value in said.items())
