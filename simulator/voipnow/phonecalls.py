"""GET, PUT, POST and DELETE of /uapi/phoneCalls."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from simulator.calls import Call, ExchangeError
from simulator.voipnow.actions import ACTIONS, WAIT, Act, Effect
from simulator.voipnow.asked import Asked, reply
from simulator.voipnow.errors import ApiError, NoEffect
from simulator.voipnow.listing import PHONE_CALL, collection, single
from simulator.voipnow.views import Json
from simulator.web import Reply

TYPES = {
    "simple": "CreateSimple",
    "callback": "CreateCallback",
    "conferenceInvite": "CreateConferenceInvite",
}


def answer(asked: Asked) -> Reply:
    _ = asked.user
    if asked.request.method == "POST":
        return create(asked)
    _ = asked.extension
    handlers = {"GET": show, "PUT": act, "DELETE": delete}
    return handlers[asked.request.method](asked)


def show(asked: Asked) -> Reply:
    if not (call_id := asked.part(2)):
        return collection(asked, PHONE_CALL, [asked.picture(call) for call in asked.calls()])
    call = asked.find(call_id)
    if call is not None:
        return single(asked, asked.picture(call))
    if asked.desk.switches.unknown_call == "pc_phonecall_invalid":
        raise ApiError("pc_phonecall_invalid")
    return collection(asked, PHONE_CALL, [])


# ----- PUT


def act(asked: Asked) -> Reply:
    """One action on one call; without a call id on all calls of the extension, as documented."""
    calls = [_named(asked)] if asked.part(2) else asked.calls()
    name = asked.text("action")
    if name not in ACTIONS:
        raise ApiError("pc_action_invalid")
    acts = [Act(asked, call, everything=not asked.part(2)) for call in calls]
    code = asked.desk.switches.transfer_success
    if name != "Transfer":
        code = asked.desk.switches.action_success
    try:
        effects = [ACTIONS[name](each) for each in acts]
    except NoEffect:
        code = "204" if asked.desk.switches.wrong_state == "204" else code
        effects = []
    said = [_carried_out(asked, each.call, effect, code) for each, effect in _pairs(acts, effects)]
    if not said:
        said = [_short(asked, call) for call in calls]
    if asked.part(2) and asked.desk.switches.action_form == "object":
        return reply(said[0], int(code))
    return reply(said, int(code) if said else 204)


def _pairs(acts: Sequence[Act], effects: Sequence[Effect]) -> list[tuple[Act, Effect]]:
    return list(zip(acts, effects, strict=False))  # no effects at all when there is none


def _named(asked: Asked) -> Call:
    call = asked.find(asked.part(2)) if asked.part(2).isalnum() else None
    if call is None:
        raise ApiError("pc_phonecall_invalid")
    return call


def _carried_out(asked: Asked, call: Call, effect: Effect, code: str) -> Json:
    """Do it, now or later; what is said of the call is what can be seen of it at once."""
    picture = partial(_short, asked) if code == "202" else asked.picture
    before = picture(call)
    _do(asked, call, effect)
    after = asked.desk.book.find(call.id)
    return picture(after) if after else before


def _do(asked: Asked, call: Call, effect: Effect) -> None:
    exchange, switches = asked.desk.exchange, asked.desk.switches
    exchange.mark_commanded(call.id)
    chosen: dict[str, Effect] = {
        "works": effect,
        "nothing": lambda: None,
        "vanishes": lambda: exchange.hangup(call.id),
    }
    wanted = chosen[switches.accepted]
    if switches.effect_delay_seconds > 0:
        exchange.later(switches.effect_delay_seconds, wanted)
        return
    with contextlib.suppress(ExchangeError):  # accepted, and fails afterwards
        wanted()


def _short(asked: Asked, call: Call) -> Json:
    return asked.desk.pictures.short(call, asked.call_address(call))


# ----- DELETE


def delete(asked: Asked) -> Reply:
    """Hang up one call; without a call id all calls of the extension, as documented."""
    desk, named = asked.desk, asked.part(2)
    found = asked.find(named) if named else None
    if named and found is None and desk.switches.unknown_call == "pc_phonecall_invalid":
        raise ApiError("pc_phonecall_invalid")
    calls = ([found] if found else []) if named else asked.calls()
    if number := asked.request.query.get("phoneNumber"):
        calls = [call for call in calls if _has_party(asked, call, number)]
    if not calls:
        return reply(None, 204)
    said = []
    for call in calls:
        said.append(_short(asked, call))
        _do(asked, call, _hanging_up(asked, call.id))
    return reply(said, int(desk.switches.delete_success))


def _hanging_up(asked: Asked, call_id: str) -> Callable[[], object]:
    return lambda: asked.desk.exchange.hangup(call_id)


def _has_party(asked: Asked, call: Call, number: str) -> bool:
    return any(asked.desk.numbers.same(number, each) for each in (call.caller, call.callee))


# ----- POST


def create(asked: Asked) -> Reply:
    """Ring the source, then the destination. The answer does not wait for a phone."""
    if asked.part(1) not in TYPES:
        raise ApiError("request_not_implemented")
    desk, numbers = asked.desk, asked.desk.numbers
    payer = numbers.extension(asked.text("extension"))
    if payer is None:
        raise ApiError("extension_invalid")
    view = _first_view(asked.body.get("phoneCallView"))
    sources = [numbers.target(text) for text in _texts(view.get("source"))]
    targets = [numbers.target(text) for text in _texts(view.get("destination"))]
    usable = [number for number in sources if number]
    if not usable or len(usable) < len(sources):
        raise ApiError("pc_source_invalid")
    if not targets or targets[0] is None:
        raise ApiError("pc_destination_invalid")
    call = _originate(asked, usable, targets[0])
    paper = desk.book.paper(call)
    paper.owner, paper.nonce = payer, asked.text("nonce")
    paper.caller_id, paper.caller_destination = (
        str(view.get(name) or "") for name in ("callerId", "callerDestination")
    )
    allowed = asked.request.query.get("allowPublicTransfer", "false").lower()
    paper.public_transfer = allowed in ("true", "1")
    address = asked.call_address(call, sample=False)
    return reply([desk.pictures.short(call, address, "links")], int(desk.switches.create_success))


def _originate(asked: Asked, sources: Sequence[str], target: str) -> Call:
    exchange = asked.desk.exchange
    wait = asked.request.query.get("waitForPickup", str(int(WAIT)))
    if not (wait.isascii() and wait.isdigit()):
        raise ApiError("pc_waitforpickup_invalid")
    call_id = exchange.originate(sources, target, "", float(wait))
    exchange.mark_commanded(call_id)
    return exchange.call(call_id)


def _first_view(said: Any) -> dict[str, Any]:
    if isinstance(said, list) and said:
        said = said[0]
    return said if isinstance(said, dict) else {}


def _texts(said: Any) -> list[str]:
    """A list of numbers, or one as a plain text."""
    return [str(each) for each in (said if isinstance(said, list) else [said]) if each]
