"""Notifications for the board: read alone, and over the wire with everything that can go wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import pytest
from hypothesis import given

from tests.drivers.contract import OUTSIDE, bring, seen
from tests.drivers.genesys.ear import Ear
from tests.drivers.genesys.test_list_calls import DESK, values
from transfers.domain import BoardEvent, CallState, Leg, Party
from transfers.drivers.genesys import bayeux
from transfers.drivers.genesys.events import Told, messages_of
from transfers.errors import AuthFailed, BadReply, Unreachable

FAILED = "The PBX reports that something ordered at the agent's phone has failed"


def notification(ident: str = "a", state: str = "Ringing", stamp: int = 0, **call: object) -> dict:
    """As the samples have it."""
    told = {
        "notificationType": "StatusChange",
        "call": {"id": ident, "state": state, "capabilities": [], **call},
        "phoneNumber": "15000",
        "extensions": {"BusinessCall": 1},
        "messageType": "CallStateChangeMessage",
    }
    times = {"eventProcessing": {"serverGenerationTimestamp": stamp}}
    return told | ({"metrics": times} if stamp else {})


@pytest.fixture
def learned() -> list[dict]:
    return []


@pytest.fixture
def told(learned) -> Callable[..., BoardEvent | None]:
    """told(*what came together)"""
    reader = Told(lambda _: DESK, learned.append)
    return lambda *batch: reader.event(batch)


class TestReading:
    def test_a_call_that_rings(self, told):
        event = told(notification(participants=["15001"]))
        (call,) = event.changed
        assert (call.id, call.state) == ("a", CallState.RINGING)
        assert (call.caller, call.callee) == (Party("15001"), Party("15000"))
        assert (event.gone, event.resync, event.trouble) == ((), False, "")

    @pytest.mark.parametrize(
        "kind", ["AttachedDataChanged", "ParticipantsUpdated", "Unheard", None]
    )
    def test_any_notification_has_the_whole_call(self, told, kind):
        event = told(notification(state="Held") | {"notificationType": kind})
        assert event.changed[0].state is CallState.HELD

    def test_a_call_that_is_over(self, told):
        told(notification())
        assert told(notification(state="Released")) == BoardEvent(gone=("a",))

    def test_repeated(self, told):
        assert told(notification()).changed
        assert told(notification()) is None
        assert told(notification(state="Released")).gone == ("a",)
        assert told(notification(state="Released")).gone == ("a",)

    def test_several_at_once(self, told):
        event = told(
            notification("a"),
            notification("a", "Established"),
            notification("b"),
            notification("b", "Released"),
        )
        assert [(call.id, call.raw_state) for call in event.changed] == [("a", "Established")]
        assert event.gone == ("b",)

    def test_a_call_nobody_has_heard_of(self, told):
        assert told(notification("stray", "Released")).gone == ("stray",)

    def test_the_devices_tell_their_numbers(self, told, learned):
        devices = [{"id": "1", "phoneNumber": "15000"}, {"id": "2"}]
        assert told({"messageType": "DeviceStateChangeMessage", "devices": devices}) is None
        assert learned == [{"1": "15000", "2": ""}]

    @pytest.mark.parametrize("data", [{}, {"call": 7}, {"messageType": "Unheard"}, {"calls": [{}]}])
    def test_what_says_nothing(self, told, data):
        assert told(data) is None

    @pytest.mark.parametrize("call", [{}, {"id": ""}, {"id": None}, {"id": "a" * 999}])
    def test_a_call_that_cannot_be_named(self, told, call):
        assert told({"call": call}) == BoardEvent(resync=True)

    def test_a_number_that_cannot_be_found_out(self):
        def desk(devices):
            raise Unreachable("nobody there")

        data = {key: value for key, value in notification().items() if key != "phoneNumber"}
        assert Told(desk, print).event([data]) == BoardEvent(resync=True)


class TestOrder:
    def test_a_late_one_is_not_believed(self, told):
        told(notification(state="Established", stamp=2000))
        assert told(notification(state="Ringing", stamp=1000)) == BoardEvent(resync=True)
        assert told(notification(state="Held", stamp=3000)).changed

    def test_nor_one_that_was_overtaken_by_the_end(self, told):
        told(notification(state="Released"))
        assert told(notification(state="Established")) == BoardEvent(resync=True)

    def test_a_call_that_came_back_goes_on(self, told):
        told(notification(state="Released", stamp=1000))
        assert told(notification(state="Ringing", stamp=2000)) == BoardEvent(resync=True)
        assert told(notification(state="Established", stamp=3000)).changed

    def test_late_and_timely_together(self, told):
        told(notification("a", "Established", 2000))
        event = told(notification("a", "Ringing", 1000), notification("b", "Ringing", 2000))
        assert (event.resync, [call.id for call in event.changed]) == (True, ["b"])

    @pytest.mark.parametrize("metrics", [7, {"eventProcessing": []}, {"eventProcessing": {}}])
    def test_strange_times(self, told, metrics):
        assert told(notification() | {"metrics": metrics}).changed

    def test_what_is_remembered_has_an_end(self, told):
        for number in range(2000):
            told(notification(str(number), stamp=1000), notification(str(number), "Released", 2000))


class TestPairs:
    """What one call offers changes with the other, of which no notification comes."""

    def test_a_consultation_asks_for_the_list(self, told):
        event = told(notification("b", "Dialing", callType="Consult", parentCallPath="/calls/a"))
        assert event.resync
        assert event.changed[0].related == "a"

    def test_so_does_a_second_call_when_its_state_changes(self, told):
        assert not told(notification("a", "Held")).resync
        assert told(notification("b", "Established")).resync
        assert not told(notification("b", "Established", userData={"a": "b"})).resync
        assert told(notification("b", "Released")).resync
        assert not told(notification("a", "Established")).resync

    def test_they_know_of_each_other(self, told):
        told(notification("a", "Held", capabilities=["CompleteTransfer"]))
        event = told(notification("b", "Established", capabilities=["Hangup"]))
        assert "join" in event.changed[0].actions


class TestTrouble:
    def test_the_real_one_has_no_text(self, told):
        data = {"messageType": "ErrorMessage", "devicePath": "/devices/1", "metrics": {}}
        assert told(data) == BoardEvent(resync=True, trouble=f"{FAILED}; it does not say what.")

    @pytest.mark.parametrize("name", ["errorMessage", "statusMessage", "message", "error"])
    def test_others_may(self, told, name):
        data = {"messageType": "ErrorMessage", name: "Invalid\ndestination '9999'"}
        assert told(data).trouble == f"{FAILED}: Invalid destination '9999'"

    @pytest.mark.parametrize("text", [7, None, "", "\x01", ["x"]])
    def test_strange_texts(self, told, text):
        trouble = told({"messageType": "ErrorMessage", "errorMessage": text}).trouble
        assert trouble.endswith("it does not say what.")


@given(values)
def test_calls_of_any_kind(value):
    event = Told(lambda _: DESK, str).event([{"call": value, "phoneNumber": value}])
    assert event is None or isinstance(event, BoardEvent)


@given(values)
def test_data_of_any_kind(value):
    data = value if isinstance(value, dict) else {"call": value, "devices": value}
    Told(lambda _: DESK, str).event([data, {**data, "messageType": "ErrorMessage"}])


class TestAnswers:
    def test_an_answer_of_the_api_says_what_is_wrong(self):
        with pytest.raises(AuthFailed):
            messages_of({"statusCode": 20, "statusMessage": "Access denied"})
        with pytest.raises(BadReply):
            messages_of({"statusCode": 0})
        with pytest.raises(BadReply):
            messages_of({"hello": "world"})

    def test_one_message_without_a_list(self):
        assert messages_of({"channel": "/meta/connect"}) == [{"channel": "/meta/connect"}]

    @pytest.mark.parametrize("odd", [None, 7, "x", [], [7, None, "x"]])
    def test_what_is_none(self, odd):
        assert messages_of(odd) == []


# ----- over the wire


@contextmanager
def listening(build, **options: str) -> Iterator[Ear]:
    with Ear(build(**options), build(**options)) as ear:
        yield ear


@pytest.fixture
def ear(build, pbx, monkeypatch) -> Iterator[Ear]:
    monkeypatch.setattr(bayeux, "FIRST_PAUSE", 0.05)
    with listening(build) as ear:
        pbx.requests.clear()
        yield ear


def cut(pbx) -> None:
    """Cut the poll that is held, once it is."""
    until = monotonic() + 30
    while not any(each.held for each in pbx.face.listeners.all()) and monotonic() < until:
        threading.Event().wait(0.005)
    pbx.face.listeners.drop_polls()


def lists(pbx) -> int:
    return pbx.count("GET /me/calls")


class TestOverTheWire:
    def test_it_begins_with_a_resync_once_it_listens(self, build, pbx):
        stop = threading.Event()
        events = build().events(stop)
        assert next(events) == BoardEvent(resync=True)
        (listener,) = pbx.face.listeners.all()
        assert listener.channels == {"/v2/me/calls", "/v2/me/devices"}
        stop.set()
        assert list(events) == []

    def test_a_call_without_any_list(self, ear, pbx):
        call_id = bring(pbx.exchange, CallState.RINGING)
        ear.until(lambda: ear.states == {call_id: "Ringing"})
        call = ear.picture[call_id]
        assert (call.caller, call.callee.number) == (Party(OUTSIDE, "Kovács Anna"), "1001")
        pbx.exchange.answer(call_id)
        ear.until(lambda: ear.states == {call_id: "Established"})
        pbx.exchange.hangup(call_id)
        ear.until(lambda: ear.states == {})
        assert lists(pbx) == 0

    def test_beside_a_call_that_was_there_before(self, build, pbx):
        """On hold when notifications began: what it offers changes with the second call."""
        held = bring(pbx.exchange, CallState.HELD)
        with listening(build) as ear:
            second = pbx.exchange.ring("1001", "1003")
            pbx.exchange.answer(second)
            ear.until(lambda: held in ear.picture and "join" in ear.picture[held].actions)

    def test_a_pushed_call_is_the_listed_one(self, ear, driver, pbx):
        call_id = bring(pbx.exchange, CallState.TALKING)
        ear.until(lambda: ear.states == {call_id: "Established"})
        pushed, listed = ear.picture[call_id], seen(driver, call_id)
        assert pushed.to_json() | {"started_at": ""} == listed.to_json() | {"started_at": ""}

    def test_it_is_quick(self, ear, pbx):
        seconds = []
        for _ in range(5):
            call_id = bring(pbx.exchange, CallState.RINGING)
            seconds.append(ear.until(lambda: call_id in ear.states))  # noqa: B023
        assert min(seconds) < 1, "long before the poll would have ended by itself"

    def test_what_she_does_herself(self, ear, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        driver.hold(call)
        ear.until(lambda: ear.states == {call.id: "Held"})
        driver.blind(call, "1003", leaves=Leg.CALLEE)
        ear.until(lambda: ear.states == {})

    def test_a_consultation_and_its_end(self, ear, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        driver.consult(call, "1003", leaves=Leg.CALLEE)
        ear.until(lambda: sorted(ear.states.values()) == ["Dialing", "Held"])
        ear.until(lambda: "cancel" in ear.picture[call.id].actions)
        (other,) = (each for each in ear.picture.values() if each.related == call.id)
        pbx.exchange.hangup(other.id)  # the target declines: nothing is told of the first call
        ear.until(lambda: "retrieve" in ear.picture[call.id].actions)

    def test_other_agents_calls_are_not_hers(self, ear, pbx):
        pbx.exchange.ring("1002", "1003")
        call_id = bring(pbx.exchange, CallState.RINGING)
        ear.until(lambda: ear.states == {call_id: "Ringing"})

    def test_twice(self, ear, pbx):
        pbx.switches.events = "twice"
        call_id = bring(pbx.exchange, CallState.TALKING)
        pbx.exchange.hangup(call_id)
        ear.until(lambda: any(event.gone for event in ear.events))
        assert ear.states == {}

    def test_last_in_the_reply(self, ear, pbx):
        pbx.switches.events_stand = "last"
        call_id = bring(pbx.exchange, CallState.RINGING)
        ear.until(lambda: ear.states == {call_id: "Ringing"})

    def test_trouble(self, ear, driver, pbx):
        pbx.switches.error_text = "errorMessage"
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        driver.blind(call, "9999", leaves=Leg.CALLEE)
        ear.until(lambda: any(event.trouble for event in ear.events))
        assert "Invalid destination '9999'" in ear.events[-1].trouble

    def test_a_strange_call(self, ear, pbx):
        pbx.face.stray_event()
        ear.until(lambda: any("STRAY" in event.gone for event in ear.events))
        assert ear.states == {}


class TestGaps:
    """After each the list is read, and pushing goes on."""

    def goes_on(self, ear, pbx, resyncs: int) -> None:
        ear.until(lambda: ear.resyncs > resyncs)
        call_id = bring(pbx.exchange, CallState.RINGING)
        ear.until(lambda: call_id in ear.states)

    @pytest.mark.parametrize("verb", ["expire_polls", "forget_sessions"])
    def test_a_session_that_is_gone(self, ear, pbx, verb):
        before = ear.resyncs
        getattr(pbx.face, verb)()
        self.goes_on(ear, pbx, before)

    def test_a_poll_that_is_cut(self, ear, pbx):
        before = ear.resyncs
        cut(pbx)
        self.goes_on(ear, pbx, before)

    @pytest.mark.parametrize("words", ["402::session_unknown", "401::Unknown client"])
    def test_other_words_for_an_expired_session(self, ear, pbx, words):
        pbx.switches.unknown_client = words
        before = ear.resyncs
        pbx.face.expire_polls()
        self.goes_on(ear, pbx, before)

    def test_a_restart(self, ear, pbx):
        before = ear.resyncs
        pbx.refuse()
        pbx.face.forget_sessions()
        pbx.listen()
        self.goes_on(ear, pbx, before)

    @pytest.mark.parametrize(
        "fault", ["http_502", "http_503", "not_json", "cut_json", "wrong_shape", "truncated"]
    )
    def test_a_poll_that_cannot_be_read(self, ear, pbx, fault):
        before = ear.resyncs
        pbx.faults.add(fault, command="/meta/connect", times=1)
        cut(pbx)
        self.goes_on(ear, pbx, before)

    def test_an_event_lost_with_its_poll(self, ear, pbx):
        pbx.faults.add("drop_after", command="/meta/connect", times=1)
        cut(pbx)
        call_id = bring(pbx.exchange, CallState.TALKING)
        ear.until(lambda: ear.states == {call_id: "Established"})

    def test_lost_events_are_silent_and_only_a_list_shows_them(self, ear, driver, pbx):
        pbx.switches.events = "lost"
        call_id = bring(pbx.exchange, CallState.RINGING)
        assert seen(driver, call_id)
        assert ear.states == {}

    @pytest.mark.parametrize("stranger", ["http", "denied"])
    def test_a_login_that_is_over_is_renewed(self, ear, pbx, stranger):
        pbx.switches.stranger = stranger
        before = ear.resyncs
        pbx.faults.add("wrong_login", command="/meta/connect", times=1)
        cut(pbx)
        self.goes_on(ear, pbx, before)

    def test_a_token_that_has_changed(self, ear, pbx):
        pbx.switches.csrf_notifications = "strict"
        before = ear.resyncs
        pbx.face.sessions.rotate()
        cut(pbx)
        self.goes_on(ear, pbx, before)

    def test_a_poll_that_is_held_for_longer_than_advised(self, build, pbx, monkeypatch):
        pbx.switches.hold_seconds, pbx.switches.advised_seconds = 0.6, 0.1
        with listening(build) as ear:
            call_id = bring(pbx.exchange, CallState.RINGING)
            ear.until(lambda: call_id in ear.states)
            assert ear.resyncs == 1


class TestTheEnd:
    def test_a_login_that_is_wrong(self, build):
        with pytest.raises(AuthFailed):
            next(build(password="wrong").events(threading.Event()))

    def test_a_login_that_becomes_wrong(self, ear, pbx):
        pbx.faults.add("wrong_login")
        pbx.face.listeners.drop_polls()
        with pytest.raises(AuthFailed):
            ear.until(lambda: False)
        pbx.faults.clear()

    def test_it_stops_at_once_and_says_good_bye(self, build, pbx):
        pbx.switches.hold_seconds = 60.0
        with listening(build) as ear:
            ear.stop.set()
            ear._thread.join(30)
            assert not ear._thread.is_alive()
        assert pbx.requests[-1].command == "/meta/disconnect"
        assert pbx.face.listeners.all() == []
        assert ear.error is None

    def test_it_stops_while_it_pauses(self, build, pbx, monkeypatch):
        monkeypatch.setattr(bayeux, "FIRST_PAUSE", bayeux.LONGEST_PAUSE)
        with listening(build) as ear:
            pbx.refuse()
            ear.stop.wait(0.1)
            began = monotonic()
        assert monotonic() - began < 20
        pbx.listen()

    def test_a_reader_that_goes_away(self, driver, pbx):
        events = driver.events(threading.Event())
        next(events)
        events.close()
        assert pbx.face.listeners.all() == []

    def test_before_it_began(self, driver):
        stop = threading.Event()
        stop.set()
        assert list(driver.events(stop)) == []

    def test_helpers_do_not_pile_up(self, build, monkeypatch):
        monkeypatch.setattr("transfers.drivers.polls.LOOK", 0.05)
        before = threading.active_count()
        for _ in range(5):
            events = build().events(threading.Event())
            next(events)
            events.close()
        until = monotonic() + 30
        while threading.active_count() > before + 6 and monotonic() < until:
            threading.Event().wait(0.02)
        assert threading.active_count() <= before + 6  # the simulator's connections
