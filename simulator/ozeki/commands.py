"""The commands of the Ozeki API, each checked in the order parameter, call, state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.calls import UP, Call, Side, State
from simulator.exchange import Exchange, NoSuchCall, WrongState
from simulator.ozeki import wire
from simulator.ozeki.switches import Switches

_TYPOS = {"TransferorParty": "TranferorParty", "TransferredCallId": "TranferredCallId"}


class ApiError(Exception):
    """An answer that is not 200."""

    def __init__(self, code: int, *arguments: str) -> None:
        super().__init__(code, *arguments)
        self.code = code
        self.arguments = arguments


class NoEffect(Exception):
    """Answered with 200 although nothing happens."""


@dataclass(frozen=True)
class Asked:
    """One command with its parameters (names in lower case) and what it acts on."""

    name: str
    params: dict[str, str]
    exchange: Exchange
    switches: Switches
    generation: int

    def need(self, parameter: str) -> str:
        """The value of a mandatory parameter, else 302."""
        names = [parameter]
        if self.generation == 2 and parameter in _TYPOS:
            proper = [parameter] if self.switches.proper_parameters else []
            names = proper + [_TYPOS[parameter]] * self.switches.typo_parameters
        for name in names:
            if value := self.params.get(name.lower()):
                return value
        raise self.invalid(parameter)

    def need_one_of(self, parameter: str, values: tuple[str, ...]) -> str:
        value = self.need(parameter)
        if value not in values:
            raise self.invalid(parameter)
        return value

    def invalid(self, parameter: str) -> ApiError:
        return ApiError(302, parameter, self.name)

    def need_target(self, parameter: str) -> str:
        """A number to send a call to; an unknown one is judged as the switch says."""
        number = self.need(parameter)
        if self.switches.unknown_target == "302" and not self.exchange.reaches(number):
            raise self.invalid(parameter)
        return number

    def check_target(self, number: str) -> None:
        if self.switches.unknown_target == "303" and not self.exchange.reaches(number):
            raise ApiError(303, self.name)

    def find(self, call_id: str) -> Call:
        try:
            return self.exchange.call(call_id)
        except NoSuchCall:
            raise ApiError(601, call_id) from None

    def must(self, fits: bool, parameter: str = "CallId") -> None:
        """The call must be in a state that fits, else what the switch says."""
        if fits:
            return
        if self.switches.wrong_state == "200":
            raise NoEffect
        if self.switches.wrong_state == "302":
            raise self.invalid(parameter)
        raise ApiError(303, self.name)

    def act(self, action: Callable[[], object], *calls: str) -> list[str]:
        """Do it, now or after the delay the switch says; the reply is the same."""
        for call_id in calls:
            self.exchange.mark_commanded(call_id)
        if self.switches.effect_delay_seconds > 0:
            self.exchange.later(self.switches.effect_delay_seconds, action)
            return []
        try:
            action()
        except WrongState:
            self.must(False)
        return []


@dataclass(frozen=True)
class Command:
    name: str
    run: Callable[[Asked], list[str]]


def list_active_calls(asked: Asked) -> list[str]:
    switches, now = asked.switches, asked.exchange.clock()
    calls = [call for call in asked.exchange.calls() if call.live or switches.ended_in_list]
    items = [wire.call_item(call, asked.generation, now, switches) for call in calls]
    return wire.listed("ActiveCalls", items, switches.empty_list)


def blind_transfer(asked: Asked) -> list[str]:
    call_id = asked.need("CallId")
    party = asked.need_one_of("TransferorParty", ("caller", "callee"))
    target = asked.need_target("Target")
    call = asked.find(call_id)
    held_fits = call.state is State.HELD and asked.switches.blind_when_held
    asked.must(call.state in UP or held_fits)
    asked.check_target(target)
    is_caller = (party == "caller") is asked.switches.transferor_leaves
    leaves: Side = "caller" if is_caller else "callee"
    return asked.act(lambda: asked.exchange.blind_transfer(call_id, leaves, target), call_id)


def attended_transfer(asked: Asked) -> list[str]:
    held_id, other_id = asked.need("TransferredCallId"), asked.need("TargetCallId")
    held, other = asked.find(held_id), asked.find(other_id)
    asked.must(held.state is State.HELD, "TransferredCallId")
    ringing = other.state is State.RINGING and asked.switches.attended_target_ringing_ok
    asked.must(other.state in UP or ringing, "TargetCallId")
    try:
        held.common_party(other)
    except WrongState:
        asked.must(False, "TargetCallId")
    return asked.act(lambda: asked.exchange.attended_transfer(held_id, other_id), held_id, other_id)


def forward(asked: Asked) -> list[str]:
    call_id, destination = asked.need("CallId"), asked.need_target("Destination")
    asked.must(asked.find(call_id).state is State.RINGING)
    asked.check_target(destination)
    return asked.act(lambda: asked.exchange.forward(call_id, destination), call_id)


def hold(asked: Asked) -> list[str]:
    call_id = asked.need("CallId")
    asked.must(asked.find(call_id).state in UP)
    return asked.act(lambda: asked.exchange.hold(call_id, by_command=True), call_id)


def unhold(asked: Asked) -> list[str]:
    call_id = asked.need("CallId")
    call = asked.find(call_id)
    asked.must(call.state is State.HELD and call.held_by_command)
    return asked.act(lambda: asked.exchange.retrieve(call_id, by_command=True), call_id)


def hangup(asked: Asked) -> list[str]:
    call_id = asked.need("CallId")
    asked.must(asked.find(call_id).live)
    return asked.act(lambda: asked.exchange.hangup(call_id), call_id)


def call(asked: Asked) -> list[str]:
    """Rings `Dialed` from `ApiExtension`. The answer does not wait for the phone."""
    dialed = asked.need("Dialed")
    origin = _api_extension(asked)
    if not asked.exchange.reaches(dialed):
        raise ApiError(402, dialed, "NotFound")
    phone = asked.exchange.extension(dialed)
    if phone and (phone.busy or not phone.registered):
        raise ApiError(402, dialed, "Busy" if phone.registered else "Error")
    name = asked.params.get("callerdisplayname") or asked.params.get("callerid", "")

    def dial() -> None:
        asked.exchange.mark_commanded(asked.exchange.ring(origin, dialed, name))

    return asked.act(dial)


def _api_extension(asked: Asked) -> str:
    """The extension named, or the first one of kind "api" when none is; else 401."""
    named = asked.params.get("apiextension", "").replace("NULL", "")
    usable = [phone for phone in asked.exchange.extensions() if phone.registered]
    for phone in usable:
        if phone.number == named or (not named and phone.kind == "api"):
            return phone.number
    raise ApiError(401, named)


def list_extensions(asked: Asked) -> list[str]:
    items = [wire.extension_item(each, asked.generation) for each in asked.exchange.extensions()]
    if wanted := asked.params.get("type") if asked.generation == 2 else None:
        items = [item for item in items if wire.element("Type", wanted, 3) in item]
    return wire.listed("Extensions", items, asked.switches.empty_list)


def no_history(asked: Asked) -> list[str]:
    """Call history: the exchange keeps none."""
    if asked.generation == 1:
        return [wire.element("NumberOfCalls", 0, 1), *wire.listed("Calls", [])]
    return [wire.element("TotalRecords", 0, 1), *wire.listed("CallHistory", [])]


def _speaks(*parameters: str) -> Callable[[Asked], list[str]]:
    """A command that says or records something in a conversation: checked, then nothing heard."""

    def run(asked: Asked) -> list[str]:
        call_id = asked.need("CallId")
        for parameter in parameters:
            if parameter == "Party":
                asked.need_one_of(parameter, ("caller", "callee", "all"))
            else:
                asked.need(parameter)
        asked.must(asked.find(call_id).state in UP)
        return []

    return run


def not_here(asked: Asked) -> list[str]:
    """Documented, but about things this exchange does not have."""
    raise ApiError(*((501,) if asked.name == "SendSms" else (303, asked.name)))


_BOTH = {
    "ListActiveCalls": list_active_calls,
    "BlindTransfer": blind_transfer,
    "AttendedTransfer": attended_transfer,
    "Hold": hold,
    "Unhold": unhold,
    "Hangup": hangup,
    "Call": call,
    "ListExtensions": list_extensions,
    "SendDTMF": _speaks("Party", "Keys"),
    "Play": _speaks("Party", "AudioFile"),
    "Speak": _speaks("Text"),
    "Record": _speaks(),
    "SendSms": not_here,
    "ListExtensionTypes": not_here,
}
_GEN1 = {"Forward": forward, "GetCallHistory": no_history} | dict.fromkeys(
    (
        "SendAlarmNotification",
        "SendEmail",
        "AddConfig",
        "GetConfig",
        "ModifyConfig",
        "RemoveConfig",
        "GenerateSecurityToken",
    ),
    not_here,
)
_GEN2 = {"ForwardCall": forward, "ListCallHistory": no_history} | dict.fromkeys(
    ("Request", "ReceiveMessage", "SendMessage", "ListAddressbook"), not_here
)

COMMANDS: dict[int, dict[str, Command]] = {
    generation: {name.lower(): Command(name, run) for name, run in {**_BOTH, **own}.items()}
    for generation, own in ((1, _GEN1), (2, _GEN2))
}
