"""4PSA VoipNow over its UnifiedAPI."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from transfers.domain import Action, Call, CallState, Extension, Leg, Notice, Probe, Receipt
from transfers.drivers import words
from transfers.drivers.base import Driver, OptionsForm
from transfers.drivers.text import diallable
from transfers.drivers.voipnow import events, menu
from transfers.drivers.voipnow.answers import Answer
from transfers.drivers.voipnow.calls import read_calls
from transfers.drivers.voipnow.consulting import (
    Pair,
    dial_nonce,
    left_standing,
    nonce_for,
    pair_of,
    still,
)
from transfers.drivers.voipnow.forms import VoipNowOptions
from transfers.drivers.voipnow.line import Line
from transfers.drivers.voipnow.paging import collect
from transfers.drivers.voipnow.presence import extensions
from transfers.drivers.voipnow.probe import probe
from transfers.drivers.voipnow.reading import Json, exact, short
from transfers.drivers.voipnow.views import Reading
from transfers.drivers.voipnow.wire import Context, Request
from transfers.errors import CallGone, DriverError, NotSupported, OutcomeUnknown
from transfers.sentences import say


class VoipNowDriver(Driver):
    vendor = "voipnow"
    label = "VoipNow"
    features = menu.FEATURES | {Action.DIAL}
    options_form: ClassVar[type[OptionsForm]] = VoipNowOptions
    url_hint = "https://voipnow.example/"
    username_label = _("Client ID (App key)")
    password_label = _("Client secret")
    notified = True
    standing = "transfer"
    rings_again = True

    def __repr__(self) -> str:
        return "<VoipNowDriver>"

    @classmethod
    def stands_in(cls, options: Mapping[str, str]) -> str:
        return cls.standing if options.get("forward_ringing") == "yes" else ""

    # ----- reading

    def probe(self) -> Probe:
        """Sends reads only, and logs in anew. `learned` has the organisation's prefix."""
        return probe(self)

    def list_calls(self) -> list[Call]:
        """The live calls of the user and extension of the options. Raises what `ask` raises."""
        entries = collect(lambda start: self.ask(self.context.list_calls(start)).data, "id")
        return read_calls(entries, self.reading, timezone.now())

    def list_extensions(self) -> list[Extension]:
        return extensions(self.presence_entries(), self.option("organisation"))

    def presence_entries(self) -> list[Json]:
        return collect(lambda start: self.ask(self.context.presence(start)).data, "extension")

    # ----- commands on one call

    def blind(self, call: Call, target: str, *, leaves: Leg, note: str = "") -> Receipt:
        if call.state is CallState.RINGING:
            raise NotSupported(say("The call still rings; nothing was sent."))
        return self._receipt(self.command(self._transfer(call, diallable(target), leaves)))

    def forward(self, call: Call, target: str) -> Receipt:
        """A transfer of a call that rings; whether the PBX does that, its maker does not say."""
        if self.option("forward_ringing") != "yes":
            raise NotSupported(menu.FORWARD_OFF)
        number = diallable(target)
        if call.state is not CallState.RINGING:
            raise NotSupported(words.RINGS_NO_MORE)
        return self._receipt(self.command(self._transfer(call, number, Leg.CALLEE)))

    def voicemail(self, call: Call, target: str, *, leaves: Leg) -> Receipt:
        """Source 22. Of the two parties the pages require now this, now that: both are sent."""
        parties = {
            "transferFromNumber": _party(call, leaves),
            "transferNumber": _party(call, leaves.other),
        }
        number = diallable(target)
        return self._act(call, "TransferToVoicemail", sendCallTo=number, **parties)

    def hold(self, call: Call, *, by: Leg | None = None) -> Receipt:
        return self._act(call, "OnHold", phoneCallViewId=_view(call, "view"))

    def retrieve(self, call: Call) -> Receipt:
        return self._act(call, "OffHold", phoneCallViewId=_view(call, "holder_view", "view"))

    def park(self, call: Call, *, by: Leg | None = None) -> Receipt:
        """Source 16. The phone of the view goes out, the other one waits."""
        values = {"phoneCallViewId": _view(call, "view"), "maxInParking": self._park_seconds}
        return self._act(call, "Park", **values)

    def unpark(self, call: Call, extension: str) -> Receipt:
        view, number = _view(call, "parked_view", "view"), diallable(extension)
        return self._act(call, "UnPark", phoneCallViewId=view, sendCallTo=number)

    def pickup(self, call: Call, extension: str) -> Receipt:
        view, number = _view(call, "ringing_view", "view"), diallable(extension)
        return self._act(call, "PickUp", phoneCallViewId=view, sendCallTo=number)

    def hangup(self, call: Call) -> Receipt:
        """Source 26. 204 says that there was nothing to hang up: what was wanted is so."""
        return self._receipt(self.command(self.context.hang_up(call.id)))

    def dial(self, extension: str, target: str) -> Receipt:
        """Source 23. The extension rings for 25 seconds at most, as the PBX has it."""
        own, number = diallable(extension), diallable(target)
        answer = self.command(self.context.dial(own, number, dial_nonce()))
        return self._receipt(answer, new_call_id=_created(answer.data))

    # ----- consultations: two commands each, and the second only after the first was accepted

    def consult(self, call: Call, target: str, *, leaves: Leg, note: str = "") -> Receipt:
        """OnHold, then click-to-dial from the transferor's own phone (sources 14, 23)."""
        own, number = _party(call, leaves), diallable(target)
        view = _view(call, f"{leaves}_view", "view")
        dial = self.context.dial(own, number, nonce_for(call))
        self.command(self.context.act(call.id, "OnHold", phoneCallViewId=view))
        held = say("The called party is still on hold.")
        if leaves is Leg.CALLEE:
            held = say("The caller is still on hold.")
        answer = self._second(dial, sure=held)
        return self._receipt(answer, new_call_id=_created(answer.data))

    def join(self, held: Call, consultation: Call) -> Receipt:
        """The API joins nothing: the consultation ends, and the held call is transferred."""
        pair = _pair(held, consultation)
        target = _party(pair.consultation, Leg.CALLEE)
        transfer = self._transfer(pair.held, target, pair.leg)
        self._end_consultation(pair)
        return self._receipt(self._after_consultation(pair, transfer))

    def cancel(self, held: Call, consultation: Call) -> Receipt:
        """Hang up the consultation; the call it was about is taken off hold if it is on hold."""
        pair = _pair(held, consultation)
        if pair.held.state is not CallState.HELD:
            return self.hangup(pair.consultation)
        retrieve = self._off_hold(pair.held, pair.leg)
        self._end_consultation(pair)
        return self._receipt(self._after_consultation(pair, retrieve))

    def swap(self, held: Call, consultation: Call) -> Receipt:
        """Hold the one that talks, then retrieve the other: never both at once on one phone."""
        pair = _pair(held, consultation)
        if not pair.can_swap:
            raise NotSupported(say("The consultation is not answered yet; nothing was sent."))
        sides = {pair.held.id: pair.leg, pair.consultation.id: Leg.CALLER}
        calls = (pair.held, pair.consultation)
        on_hold, talking = sorted(calls, key=lambda call: call.state is not CallState.HELD)
        retrieve = self._off_hold(on_hold, sides[on_hold.id])
        view = _view(talking, f"{sides[talking.id]}_view", "view")
        self.command(self.context.act(talking.id, "OnHold", phoneCallViewId=view))
        sure, unsure = say("Both calls are on hold now."), say("Both calls may be on hold now.")
        return self._receipt(self._second(retrieve, sure=sure, unsure=unsure))

    # ----- what the PBX tells by itself

    def notice(self, fields: Mapping[str, str]) -> Notice:
        return events.notice(fields, self.option("organisation"))

    def subscribe(self, url: str) -> None:
        """Registers what is missing; sending it twice changes nothing."""
        events.subscribe(self, url)

    def unsubscribe(self, url: str) -> None:
        events.unsubscribe(self, url)

    # ----- how it is sent

    def ask(self, request: Request) -> Answer:
        """Send one read and understand the answer."""
        return self.line.ask(request)

    def command(self, request: Request) -> Answer:
        """Send one command, once."""
        return self.line.command(request)

    def _act(self, call: Call, action: str, **values: str) -> Receipt:
        return self._receipt(self.command(self.context.act(call.id, action, **values)))

    def _transfer(self, call: Call, target: str, leaves: Leg) -> Request:
        """Source 1: exact strings of the view. Who stays is optional, and not always known."""
        values = {
            "sendCallTo": target,
            "transferFromNumber": _party(call, leaves),
            "transferNumber": call.extra.get(leaves.other.value, ""),
        }
        if self.option("legacy_view") == "yes":
            values["phoneCallViewId"] = _view(call, f"{leaves}_view", "view")
        return self.context.act(call.id, "Transfer", **values)

    def _off_hold(self, call: Call, leg: Leg) -> Request:
        view = _view(call, "holder_view", f"{leg}_view", "view")
        return self.context.act(call.id, "OffHold", phoneCallViewId=view)

    def _end_consultation(self, pair: Pair) -> None:
        """Hang it up; that it has ended by itself is just as well."""
        try:
            self.command(self.context.hang_up(pair.consultation.id))
        except CallGone:
            return
        except OutcomeUnknown as error:
            failure = left_standing(
                error, say("Nothing else was sent: {held}", held=still(pair)[0])
            )
        else:
            return
        raise failure

    def _after_consultation(self, pair: Pair, request: Request) -> Answer:
        sure, unsure = (
            say("The consultation has ended; {held}", held=held) for held in still(pair)
        )
        gone = say("The consultation has ended, too.")
        return self._second(request, sure=sure, unsure=unsure, gone=gone)

    def _second(self, request: Request, *, sure: str, unsure: str = "", gone: str = "") -> Answer:
        """The second of two commands. Its failure also says what the first has left standing.

        `unsure`: where nobody knows whether it was done; `gone`: where the call is gone.
        """
        try:
            return self.command(request)
        except OutcomeUnknown as error:
            failure = left_standing(error, unsure or sure)
        except CallGone as error:
            failure = left_standing(error, gone or sure)
        except DriverError as error:
            failure = left_standing(error, sure)
        raise failure

    def _receipt(self, answer: Answer, new_call_id: str = "") -> Receipt:
        text = HTTPStatus(answer.status).phrase if answer.status in set(HTTPStatus) else ""
        return Receipt(str(answer.status), text, new_call_id)

    @cached_property
    def line(self) -> Line:
        return Line(self.config, self.door, self.memory)

    @cached_property
    def context(self) -> Context:
        return Context(self.option("user"), self.option("extension"))

    @cached_property
    def reading(self) -> Reading:
        prefix, extension = self.option("organisation"), self.option("extension")
        return Reading(
            prefix=prefix,
            extension="" if extension == "@self" else short(extension, prefix),
            hold_view=self.option("hold_view"),
            forward_ringing=self.option("forward_ringing") == "yes",
        )

    @property
    def _park_seconds(self) -> str:
        return self.option("park_seconds")


def _party(call: Call, leg: Leg) -> str:
    """The exact string of a party, as the view has it: no other names it to the PBX (1)."""
    if party := call.extra.get(leg.value):
        return party
    if leg is Leg.CALLER:
        raise NotSupported(say("The PBX does not tell the caller's number; nothing was sent."))
    raise NotSupported(say("The PBX does not tell the called party's number; nothing was sent."))


def _view(call: Call, *names: str) -> str:
    """The id of the first of these views that is known."""
    for name in names:
        if view := call.extra.get(name):
            return view
    raise NotSupported(say("The PBX does not tell the view of this call; nothing was sent."))


def _pair(held: Call, consultation: Call) -> Pair:
    pair = pair_of(held, consultation)
    if pair is None:
        raise NotSupported(
            say(
                "These two calls are not a consultation: one on hold, and one that the same phone "
                "made later. Nothing was sent."
            )
        )
    return pair


def _created(data: object) -> str:
    """The id of a call that was created: in an array, though an object would do (23)."""
    first = data[0] if isinstance(data, list) and data else data
    return exact(first.get("id")) if isinstance(first, dict) else ""
