"""Call events: asked for and taken back, read as hints."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drivers.contract import OUTSIDE
from transfers.domain import Notice
from transfers.drivers.voipnow.driver import VoipNowDriver
from transfers.drivers.voipnow.events import MOST_EXTENSIONS, notice
from transfers.errors import AuthFailed, NotSupported, OutcomeUnknown, Refused

URL = "https://console.example/notify/s3cret~word/"
OTHER = "https://crm.example/hook?id=7"
# As the vendor's guide "Call Events" prints them, together.
FIELDS = {
    "CallID": "1340802530.17",
    "CallerIDNum": "+36301234567",
    "CallerIDName": "Kovács Anna",
    "CalledDID": "3615550100",
    "CalledExtension": "0003*210",
    "CallStatus": "CALLING",
    "CallFlow": "IN",
    "CalledNumber": "0003*210",
    "CallAPIID": "b817d2618fe6f1804db1",
}


class TestNotices:
    def test_a_call_comes_in(self):
        assert notice(FIELDS, "0003") == Notice("in calling", "", "+36301234567")

    def test_from_a_phone_of_the_house(self):
        fields = FIELDS | {"CallerExtension": "0003*024", "CallFlow": "out"}
        assert notice(fields, "0003") == Notice("out calling", "", "024")
        assert notice(fields, "").caller == "0003*024"

    @pytest.mark.parametrize("status", ["ANSWER", "UNKNOWN", "HANGUP", "BUSY", "Something New"])
    def test_any_status(self, status):
        assert notice({"CallStatus": status}, "").kind == status.lower()

    @pytest.mark.parametrize("name", ["CallID", "CallAPIID"])
    def test_one_that_says_little_is_still_a_hint(self, name):
        assert notice({name: "1"}, "").kind == "call event"

    @pytest.mark.parametrize("fields", [{}, {"x": "1"}, {"CallStatus": ""}, {"callstatus": "X"}])
    def test_unknown_ones_are_empty(self, fields):
        assert notice(fields, "0003") == Notice()

    def test_texts_are_cut_and_cleaned(self):
        fields = {"CallStatus": "A\x00" + "B" * 300, "CallerIDNum": "1" * 300}
        found = notice(fields, "")
        assert (len(found.kind), len(found.caller)) == (40, 100)
        assert found.kind.isprintable()

    @given(st.dictionaries(st.sampled_from(list(FIELDS)), st.text(max_size=30)))
    def test_anything(self, fields):
        found = notice(fields, "0003")
        assert found.kind.isprintable()
        assert found.ringing == ""

    def test_the_answer_is_plain_and_sends_nothing_on(self, driver):
        found = driver.notice(FIELDS)
        assert driver.answer(found) == driver.answer(found, "1003") == ("text/plain", "")

    def test_the_driver_is_notified(self):
        assert VoipNowDriver.notified
        assert not VoipNowDriver.pushes


def hooks(pbx) -> set[tuple[str, str, str]]:
    return {(hook.extension, hook.type, hook.url) for hook in pbx.face.hooks.all()}


def all_of(*extensions: str, types: str = "01234") -> set[tuple[str, str, str]]:
    return {(extension, kind, URL) for extension in extensions for kind in types}


class TestSubscribing:
    def test_every_type_for_every_extension(self, driver, pbx):
        driver.subscribe(URL)
        assert hooks(pbx) == all_of("1001", "1002", "1003")
        (first, *_) = pbx.face.hooks.all()
        assert (first.method, first.status, first.note) == ("1", "1", "pbxadmin")

    def test_the_secret_of_the_address_is_in_bodies_only(self, driver, pbx):
        driver.subscribe(URL)
        driver.unsubscribe(URL)
        assert not any("s3cret~word" in f"{each.path} {each.query}" for each in pbx.requests)

    def test_once_more_changes_nothing(self, driver, pbx):
        driver.subscribe(URL)
        before = pbx.face.hooks.all()
        pbx.requests.clear()
        driver.subscribe(URL)
        assert pbx.face.hooks.all() == before
        assert {each.method for each in pbx.requests} == {"GET"}

    def test_what_is_missing_is_added(self, driver, pbx):
        driver.subscribe(URL)
        gone = pbx.face.hooks.all()[3]
        pbx.face.hooks.remove(gone)
        driver.subscribe(URL)
        assert hooks(pbx) == all_of("1001", "1002", "1003")

    @pytest.mark.parametrize("named", ["0003*1001", "1001", "0003*1001,1002", "1001  1002"])
    def test_extensions_of_the_options(self, build, pbx, named):
        build(event_extensions=named).subscribe(URL)
        wanted = ("1001", "1002") if "1002" in named else ("1001",)
        assert hooks(pbx) == all_of(*wanted)

    def test_the_one_extension_of_the_options(self, build, pbx):
        build(extension="0003*1002").subscribe(URL)
        assert hooks(pbx) == all_of("1002")

    def test_older_servers_know_fewer_types(self, driver, pbx, monkeypatch):
        monkeypatch.setattr("simulator.voipnow.hooks.TYPES", ("0", "1", "2"))
        driver.subscribe(URL)
        assert hooks(pbx) == all_of("1001", "1002", "1003", types="012")

    def test_a_type_that_every_server_knows(self, driver, pbx, monkeypatch):
        monkeypatch.setattr("simulator.voipnow.hooks.TYPES", ("0",))
        with pytest.raises(Refused, match=r"type of call event\. 1 call event was registered"):
            driver.subscribe(URL)

    def test_too_many_extensions(self, build, pbx):
        for number in range(2000, 2000 + MOST_EXTENSIONS):
            pbx.exchange.add(str(number))
        with pytest.raises(NotSupported, match="name at most 50"):
            build().subscribe(URL)
        assert hooks(pbx) == set()

    def test_a_failure_says_what_was_done(self, driver, pbx):
        pbx.faults.add("drop_after", command="CreateEvent")
        with pytest.raises(OutcomeUnknown) as caught:
            driver.subscribe(URL)
        assert "were registered" not in caught.value.safe_text
        assert pbx.count("CreateEvent") == 1
        pbx.faults.clear()
        driver.subscribe(URL)  # finishes what is missing, and doubles nothing
        assert len(pbx.face.hooks.all()) == 15

    def test_no_right(self, driver, pbx):
        pbx.faults.add("wrong_login", command="ListEvents")
        with pytest.raises(AuthFailed):
            driver.subscribe(URL)


class TestUnsubscribing:
    def register(self, driver, url: str, extension: str = "1001") -> None:
        driver.command(driver.context.create_event(extension, "0", url))

    def test_only_ours_go(self, driver, pbx):
        self.register(driver, OTHER)
        driver.subscribe(URL)
        pbx.requests.clear()
        driver.unsubscribe(URL)
        assert hooks(pbx) == {("1001", "0", OTHER)}
        assert pbx.count("DeleteEvent") == 15
        assert pbx.count("DeleteEventAll") == 0

    def test_none_of_ours(self, driver, pbx):
        self.register(driver, OTHER)
        driver.unsubscribe(URL)
        assert hooks(pbx) == {("1001", "0", OTHER)}

    @pytest.mark.parametrize("spelling", [URL.replace("~", "%7E"), URL.replace("/", "%2F")])
    def test_the_pbx_may_spell_the_address_in_its_own_way(self, driver, pbx, spelling, monkeypatch):
        entries = [
            {"id": "e1", "type": "0", "url": spelling},
            {"id": "e2", "type": 1, "url": OTHER},
        ]
        sent = []
        monkeypatch.setattr(driver, "presence_entries", lambda: [{"extension": "0003*1001"}])
        monkeypatch.setattr(driver, "ask", lambda _: answered(entries))
        monkeypatch.setattr(driver, "command", sent.append)
        driver.unsubscribe(URL)
        assert [request.path[-2:] for request in sent] == [("0", "e1")]

    @pytest.mark.parametrize("event", [{"id": ""}, {"id": ".."}, {"id": None}, {}])
    def test_an_event_that_cannot_be_named_is_not_deleted(self, driver, pbx, event, monkeypatch):
        monkeypatch.setattr(driver, "ask", lambda _: answered([{"type": "0", "url": URL, **event}]))
        monkeypatch.setattr(driver, "presence_entries", lambda: [{"extension": "0003*1001"}])
        with pytest.raises(NotSupported):
            driver.unsubscribe(URL)
        assert pbx.requests == []


def answered(entries):
    from transfers.drivers.voipnow.answers import Answer

    return Answer(200, {"entry": entries, "totalResults": len(entries)})


class Inbox(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.note(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self.note(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def note(self, text: str) -> None:
        self.server.arrived.append(dict(parse_qsl(text)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def inbox():
    with HTTPServer(("127.0.0.1", 0), Inbox) as server:
        server.arrived = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_what_the_pbx_sends_is_understood(driver, pbx, inbox, method):
    pbx.switches.event_method = method
    driver.subscribe(f"http://127.0.0.1:{inbox.server_port}/notify/")
    pbx.exchange.answer(pbx.exchange.ring(OUTSIDE, "1001"))
    assert pbx.face.courier.settled()
    found = [driver.notice(fields) for fields in inbox.arrived]
    assert [each.kind for each in found] == ["in calling", "in answer"]
    assert {each.caller for each in found} == {OUTSIDE}


def test_events_are_created_as_documented(driver, pbx):
    driver.command(driver.context.create_event("0003*1001", "2", OTHER))
    request = pbx.requests[-1]
    assert (request.method, request.path) == (
        "POST",
        "/uapi/extensions/@me/0003*1001/phoneCallEvents",
    )
    assert json.loads(request.body) == {
        "type": "2",
        "method": "1",
        "note": "pbxadmin",
        "url": OTHER,
        "status": "1",
    }
