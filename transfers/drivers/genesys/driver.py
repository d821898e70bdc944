"""Genesys Web Services (on-premise, 8.5 and 8.6) over its HTTP API and CometD."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import ClassVar

from django.utils import timezone

from transfers.domain import (
    Action,
    BoardEvent,
    Call,
    CallState,
    Extension,
    Leg,
    Phone,
    Probe,
    Receipt,
    same_number,
)
from transfers.drivers.base import Config, Driver, Memory, OptionsForm, Scope
from transfers.drivers.genesys import calls, wire
from transfers.drivers.genesys.actions import FEATURES
from transfers.drivers.genesys.calls import Desk
from transfers.drivers.genesys.events import listen
from transfers.drivers.genesys.forms import GenesysOptions, idle_hours, read_pairs
from transfers.drivers.genesys.probe import probe
from transfers.drivers.genesys.session import Session
from transfers.drivers.genesys.wire import Json
from transfers.drivers.text import diallable
from transfers.errors import (
    BadReply,
    CallGone,
    DriverError,
    NotSupported,
    OutcomeUnknown,
    Refused,
)
from transfers.http import Door
from transfers.sentences import say, say_many

NUMBERS_KEPT = 600.0  # seconds; a device seldom gets another number
PATIENCE, STEP = 2.0, 0.2  # seconds to wait for a consultation to be over, and between two looks
MOST_URIS, PAGE, MOST_PAGES = 50, 100, 50


class GenesysDriver(Driver):
    """One login is one agent: her calls, acted on from her side."""

    vendor = "genesys"
    label = "Genesys"
    features = FEATURES | {Action.DIAL}
    options_form: ClassVar[type[OptionsForm]] = GenesysOptions
    url_hint = "https://gws.example:8090/api/v2"
    scope = Scope.AGENT
    pushes = True
    standing = "device"
    carries_note = True

    def __init__(self, config: Config, door: Door, memory: Memory | None = None) -> None:
        super().__init__(config, door, memory)
        password = config.secrets.get("password", "")
        base = wire.base_url(config.url)
        self.session = Session(door, self.memory, base, config.username, password)

    def __repr__(self) -> str:
        return "<GenesysDriver>"

    # ----- reading

    def probe(self) -> Probe:
        return probe(self)

    def list_calls(self) -> list[Call]:
        """GET /me/calls: the agent's own calls (CallsAPI, RecoveringExistingState)."""
        raws = self.listed()
        return calls.read_calls(raws, self.desk({calls.device_of(raw) for raw in raws}))

    def list_extensions(self) -> list[Extension]:
        """GET /contacts (ContactsGetContacts), page by page. It has no presence.

        `offset` is what everybody calls it; a server that ignores it gives nothing new.
        """
        found: dict[str, Extension] = {}
        params = {"phoneNumber": "*", "limit": str(PAGE), "sortBy": "name", "order": "Ascending"}
        seen = 0
        for _ in range(MOST_PAGES):
            answer = self.session.ask("/contacts", **params)
            page = wire.objects(answer.data.get("contacts"))
            if "contacts" not in answer.data:
                raise BadReply(say("The answer of the PBX has no contacts."))
            before = len(found)
            for each in wire.contacts(answer.data):
                found.setdefault(each.number, each)
            seen += len(page)
            total = answer.data.get("totalCount")
            if not isinstance(total, int) or seen >= total or len(found) == before:
                break
            params["offset"] = str(seen)
        return list(found.values())

    def desk(self, devices: set[str] | None = None) -> Desk:
        """What reading a call takes; the numbers of these devices are asked for when unknown."""
        numbers = self._known_numbers()
        missing = (devices or set()) - numbers.keys() - {""}
        if missing:
            answer = self.session.ask("/me/devices", fields="*")
            numbers = dict.fromkeys(missing, "") | wire.device_numbers(answer.data)
            self.learn_numbers(numbers)
        return Desk(timezone.now(), numbers, self.option("name_key"))

    def learn_numbers(self, numbers: dict[str, str]) -> None:
        self.memory.put("numbers", json.dumps(numbers), NUMBERS_KEPT)

    def events(self, stop: threading.Event) -> Iterator[BoardEvent]:
        """CometD (AsynchronousEvents): the agent's calls as they change."""
        return listen(self, stop)

    @property
    def notifications_url(self) -> str:
        """Where CometD listens: no page says it, every client that was seen uses this one."""
        return self.session.base + self.option("notifications")

    @classmethod
    def stays_signed_on(cls, options: Mapping[str, str]) -> float:
        return idle_hours(options) if options.get("session") == "ours" else 0.0

    def sign_on(self) -> None:
        """StartContactCenterSession, once in an HTTP session."""
        self.session.enter()
        if not self.session.started:
            self.session.tell("/me", wire.start_session())
            self.session.started = True
            self.session.keep()

    def sign_off(self) -> None:
        """EndContactCenterSession: it must be the last step, for the HTTP session ends with it."""
        self.session.tell("/me", wire.end_session())
        self.session.forget()

    # ----- commands

    def blind(self, call: Call, target: str, *, leaves: Leg, note: str = "") -> Receipt:
        self._must_be_hers(call, leaves)
        order = wire.transfer("SingleStepTransfer", *self._transfer_data(target, note))
        return self._operate(call, order)

    def consult(self, call: Call, target: str, *, leaves: Leg, note: str = "") -> Receipt:
        """Holds the call and calls the target; the new call is marked as its consultation."""
        self._must_be_hers(call, leaves)
        return self._operate(
            call, wire.transfer("InitiateTransfer", *self._transfer_data(target, note))
        )

    def join(self, held: Call, consultation: Call) -> Receipt:
        """Posted to the original call, or to the one that offers it (their sample does so)."""
        original, consult = _told_apart(held, consultation)
        if _offers(consult, "CompleteTransfer") and not _offers(original, "CompleteTransfer"):
            return self._operate(consult, wire.complete())
        return self._operate(original, wire.complete(self._uri(consult)))

    def swap(self, held: Call, consultation: Call) -> Receipt:
        one, other = held, consultation
        if _offers(other, "SwapCalls") and not _offers(one, "SwapCalls"):
            one, other = other, one
        return self._operate(one, wire.swap(self._uri(other)))

    def cancel(self, held: Call, consultation: Call) -> Receipt:
        """Two commands, for there is none for both: Hangup of the consultation, then Retrieve.

        The hang-up is only accepted when it is answered; the original call can be retrieved once
        it is done. That is waited for, and Retrieve is sent once. A consultation that is over
        already needs no hang-up.
        """
        original, consult = _told_apart(held, consultation)
        try:
            receipt = self._operate(consult, wire.operation("Hangup"))
        except CallGone:
            receipt = Receipt("", "")
        if self._talks_again(original):
            return receipt if receipt.vendor_code else Receipt("0", "")
        try:
            return self._operate(original, wire.operation("Retrieve"))
        except CallGone:
            raise
        except DriverError as error:
            half: type[DriverError] = Refused if isinstance(error, Refused) else OutcomeUnknown
            why = say(
                "The consultation was ended, the caller may still be on hold: {why}",
                why=error.safe_text,
            )
            code, text = error.vendor_code, error.vendor_text
        raise half(why, vendor_code=code, vendor_text=text)

    def hold(self, call: Call, *, by: Leg | None = None) -> Receipt:
        return self._operate(call, wire.operation("Hold"))

    def retrieve(self, call: Call) -> Receipt:
        return self._operate(call, wire.operation("Retrieve"))

    def hangup(self, call: Call) -> Receipt:
        return self._operate(call, wire.operation("Hangup"))

    def dial(self, extension: str, target: str) -> Receipt:
        """Dial, of the agent's device (CallsDial). The answer does not name the call."""
        order = wire.transfer("Dial", *self._transfer_data(target, ""))
        device = self._device(diallable(extension))
        answer = self.session.command(f"{wire.device_path(device)}/calls", order)
        return Receipt(vendor_code=str(answer.code), vendor_text=answer.message)

    def phone(self) -> Phone:
        """GET /me/devices (DevicesAttribs): `forwardTo` is there only while it forwards."""
        return wire.phone(self._device())

    def forward_phone(self, target: str) -> Receipt:
        """ForwardCallsOn, ForwardCallsOff of the agent's device."""
        number = diallable(target) if target else ""
        device = wire.device_path(self._device())
        answer = self.session.command(device, wire.forward_calls(number))
        return Receipt(vendor_code=str(answer.code), vendor_text=answer.message)

    # ----- inside

    pause = staticmethod(time.sleep)
    clock = staticmethod(time.monotonic)

    def _operate(self, call: Call, order: Json) -> Receipt:
        """POST an operation to a call, once. 0 means handed on, not done (CallsAPI)."""
        try:
            answer = self.session.command(wire.call_path(call.id), order)
        except Refused as error:
            if error.vendor_code != str(wire.NOT_FOUND):
                raise
            text = error.vendor_text
        else:
            return Receipt(vendor_code=str(answer.code), vendor_text=answer.message)
        gone = say("The PBX no longer knows this call: it ended, or somebody else has it.")
        raise CallGone(gone, vendor_code=str(wire.NOT_FOUND), vendor_text=text)

    def listed(self) -> list[Json]:
        answer = self.session.ask("/me/calls", fields="*")
        raws = calls.listed(answer.data)
        if raws is not None:
            return raws
        uris = answer.data["uris"]  # a server that does not know `fields`
        if not isinstance(uris, list) or len(uris) > MOST_URIS:
            raise BadReply(say("The PBX lists its calls in a way that is not known."))
        return [raw for uri in uris for raw in self._one(wire.last_part(uri))]

    def _one(self, call_id: str) -> list[Json]:
        """GET /me/calls/{id}; none when it has just ended."""
        try:
            answer = self.session.ask(wire.call_path(call_id))
        except Refused as error:
            if error.vendor_code == str(wire.NOT_FOUND):
                return []
            raise
        return calls.listed(answer.data) or []

    def _talks_again(self, original: Call) -> bool:
        """Whether the call talks by itself. Waits until that is so, or it can be retrieved."""
        until = self.clock() + PATIENCE
        while self.clock() < until:
            try:
                raws = self._one(original.id)
            except DriverError:
                return False
            for raw in raws:
                if calls.state_of(raw) is CallState.TALKING:
                    return True
            if not raws or "Retrieve" in calls.capabilities(raws[0]):
                return False
            self.pause(STEP)
        return False

    def _device(self, number: str = "") -> Json:
        """Her one device, or the one with this number; else it is not known which one rings."""
        devices = wire.objects(self.session.ask("/me/devices", fields="*").data.get("devices"))
        if number:
            devices = [each for each in devices if same_number(wire.phone(each).number, number)]
            if len(devices) != 1:
                raise NotSupported(
                    say("The agent has no phone {number}; nothing was sent.", number=number)
                )
        if len(devices) != 1:
            raise NotSupported(
                say_many(
                    "The agent has {count} phone, not one; nothing was sent.",
                    "The agent has {count} phones, not one; nothing was sent.",
                    len(devices),
                )
            )
        return devices[0]

    def _known_numbers(self) -> dict[str, str]:
        try:
            numbers = json.loads(self.memory.get("numbers") or "{}")
            return {str(device): str(number) for device, number in numbers.items()}
        except (ValueError, AttributeError):
            return {}

    def _transfer_data(self, target: str, note: str) -> tuple[str, str, dict[str, str]]:
        """Number, location and user data: the option's pairs, and the note."""
        number = diallable(target)
        try:
            pairs = read_pairs(self.option("user_data"))
        except ValueError:  # the form has checked it
            pairs = {}
        data = {key: value.replace("{agent}", self.config.username) for key, value in pairs.items()}
        if note.strip():
            data["TransferReason"] = note.strip()
        return number, self.option("location"), data

    def _must_be_hers(self, call: Call, leaves: Leg) -> None:
        if call.extra.get("leg") not in (None, leaves.value):
            raise NotSupported(
                say("Only the agent herself can go out of her call; nothing was sent.")
            )

    def _uri(self, call: Call) -> str:
        """As the PBX wrote it; it need not be the address we use."""
        return call.extra.get("uri") or self.session.base + wire.call_path(call.id)


def _told_apart(held: Call, other: Call) -> tuple[Call, Call]:
    """The original call and the consultation. After a swap it is the consultation that is held."""
    return (other, held) if held.related and held.related == other.id else (held, other)


def _offers(call: Call, operation: str) -> bool:
    return operation in call.extra.get("can", "").split()
