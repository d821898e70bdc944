"""The login: cookies and the CSRF token, kept for all processes, renewed once, never in a loop."""

from __future__ import annotations

import json
import threading

import pytest

from tests.drivers.contract import PASSWORD, bring, seen
from transfers.domain import CallState
from transfers.drivers.base import NoMemory
from transfers.errors import AuthFailed, Refused, Unreachable


@pytest.fixture
def call(pbx, driver):
    return seen(driver, bring(pbx.exchange, CallState.TALKING))


def cookies(request) -> dict[str, str]:
    pairs = (each.partition("=") for each in request.headers.get("Cookie", "").split("; "))
    return {name: value for name, _, value in pairs if name}


def sessions(pbx) -> int:
    return len(pbx.face.sessions._sessions)


class TestOneLogin:
    def test_a_read_is_one_request_and_opens_the_session(self, driver, pbx):
        driver.list_calls()
        driver.list_calls()
        first, second = pbx.requests
        assert "Cookie" not in first.headers
        assert cookies(second).keys() == {"JSESSIONID"}
        assert sessions(pbx) == 1

    def test_the_login_is_sent_with_every_request(self, driver, pbx, call):
        driver.hold(call)
        assert all(each.headers["Authorization"].startswith("Basic ") for each in pbx.requests)

    def test_a_command_alone_logs_in_first(self, build, pbx, call):
        pbx.requests.clear()
        build(memory=NoMemory()).hold(call)
        assert [(each.method, each.command) for each in pbx.requests] == [
            ("GET", "GET /me"),
            ("POST", "Hold"),
        ]

    def test_drivers_of_one_agent_share_it(self, build, pbx, call):
        pbx.requests.clear()
        build().hold(call)
        build().retrieve(call)
        build().list_calls()
        assert [each.method for each in pbx.requests] == ["POST", "POST", "GET"]
        assert sessions(pbx) == 1

    def test_the_memory_is_not_written_all_the_time(self, build, pbx):
        memory = NoMemory()
        written = []
        put = memory.put
        memory.put = lambda name, value, seconds: written.append(name) or put(name, value, seconds)
        for _ in range(3):
            build(memory=memory).list_calls()
        assert written == ["session"]

    @pytest.mark.parametrize("text", ["nonsense", "[]", "{}", '{"owner":7}', "7", '{"cookies":[]}'])
    def test_a_memory_that_cannot_be_read_costs_a_login(self, build, pbx, memory, text):
        memory.put("session", text, 60)
        memory.put("numbers", text, 60)
        bring(pbx.exchange, CallState.TALKING)
        assert build().list_calls()[0].callee.number == "1001"

    def test_another_password_does_not_get_the_session(self, build, driver, pbx):
        driver.list_calls()
        with pytest.raises(AuthFailed):
            build(password="wrong").list_calls()
        assert "Cookie" not in pbx.requests[-1].headers

    def test_the_memory_holds_no_password(self, driver, memory):
        driver.list_calls()
        assert PASSWORD not in memory.get("session")
        assert "JSESSIONID" in memory.get("session")

    def test_the_cookie_of_a_listener_is_nobody_elses(self, build, driver, memory, pbx):
        stop = threading.Event()
        events = driver.events(stop)
        assert next(events).resync
        build().list_calls()
        assert "BAYEUX" not in memory.get("session")
        assert cookies(pbx.requests[-1]).keys() == {"JSESSIONID"}
        stop.set()
        assert list(events) == []

    def test_the_balancers_cookie_is_kept_too(self, build, driver, pbx, call):
        pbx.switches.sticky = True
        driver.list_calls()
        build().hold(call)
        assert cookies(pbx.requests[-1]).keys() == {"JSESSIONID", "AWSELB"}


class TestRenewal:
    def test_a_read_of_a_session_that_is_over(self, build, driver, pbx, call):
        """With the login in every request the server opens another one without a word."""
        pbx.face.forget_sessions()
        assert len(driver.list_calls()) == 1
        assert sessions(pbx) == 1
        driver.hold(call)
        assert sessions(pbx) == 1

    @pytest.mark.parametrize("fault", ["wrong_login", "status_401"])
    def test_a_read_is_tried_once_more_with_a_new_login(self, driver, pbx, call, fault):
        pbx.requests.clear()
        pbx.faults.add(fault, times=1)
        assert len(driver.list_calls()) == 1
        old, new = pbx.requests
        assert cookies(old)
        assert not cookies(new)

    def test_and_not_again(self, driver, pbx, call):
        pbx.requests.clear()
        pbx.faults.add("wrong_login")
        with pytest.raises(AuthFailed):
            driver.list_calls()
        assert len(pbx.requests) == 2

    def test_a_first_login_that_is_refused_is_not_repeated(self, build, pbx):
        with pytest.raises(AuthFailed):
            build(password="wrong").list_calls()
        assert len(pbx.requests) == 1

    @pytest.mark.parametrize("code", ["code_5", "code_8"])
    def test_other_refusals_are_no_reason_to_log_in(self, driver, pbx, call, code):
        pbx.requests.clear()
        pbx.faults.add(code)
        with pytest.raises(AuthFailed):
            driver.list_calls()
        assert len(pbx.requests) == 1


class TestToken:
    def test_it_goes_with_what_changes_something(self, driver, pbx, call):
        driver.hold(call)
        *reads, command = pbx.requests
        assert all("X-CSRF-TOKEN" not in each.headers for each in reads)
        assert command.headers["X-CSRF-TOKEN"]

    def test_a_pbx_without_the_protection(self, build, pbx, call):
        pbx.switches.csrf = "off"
        build(memory=NoMemory()).hold(call)
        assert "X-CSRF-TOKEN" not in pbx.requests[-1].headers

    def test_a_token_that_has_changed(self, driver, pbx, call):
        """The filter in front of the API refused it: it was not carried out, and is sent again."""
        pbx.face.sessions.rotate()
        pbx.requests.clear()
        assert driver.hold(call).vendor_code == "0"
        assert [each.command for each in pbx.requests] == ["Hold", "GET /me", "Hold"]

    def test_every_get_brings_the_newest(self, driver, pbx, call):
        pbx.face.sessions.rotate()
        driver.list_calls()
        pbx.requests.clear()
        driver.hold(call)
        assert len(pbx.requests) == 1

    def test_a_session_that_is_over(self, driver, pbx, call):
        pbx.face.forget_sessions()
        assert driver.hold(call).vendor_code == "0"

    def test_a_token_that_is_never_right(self, driver, pbx, call, monkeypatch):
        monkeypatch.setattr(pbx.face, "_has_token", lambda *_: False)
        pbx.requests.clear()
        with pytest.raises(Refused, match="CSRF token") as caught:
            driver.hold(call)
        assert not isinstance(caught.value, AuthFailed)
        assert [each.command for each in pbx.requests] == ["Hold", "GET /me", "Hold"]

    @pytest.mark.parametrize(
        ("name", "token"),
        [("X-A\r\nX-B", "t"), ("", "t"), ("X-A", ""), ("X-A", "t t"), ("X:A", "t")],
    )
    def test_a_strange_pair_is_not_taken(self, driver, name, token):
        reply = type("Reply", (), {"headers": {"x-csrf-header": name, "x-csrf-token": token}})
        driver.session.learn(reply)
        assert driver.session.headers(changes=True).keys() == {"Authorization", "Accept"}


class TestCommandsAfterARefusal:
    def test_not_logged_in_is_tried_once_more(self, driver, pbx, call):
        pbx.requests.clear()
        pbx.faults.add("wrong_login", command="Hold", times=1)
        assert driver.hold(call).vendor_code == "0"
        assert [each.command for each in pbx.requests] == ["Hold", "GET /me", "Hold"]

    def test_and_not_again(self, driver, pbx, call):
        pbx.requests.clear()
        pbx.faults.add("wrong_login", command="Hold")
        with pytest.raises(AuthFailed):
            driver.hold(call)
        assert [each.command for each in pbx.requests] == ["Hold", "GET /me", "Hold"]

    def test_somebody_in_between_is_not_believed(self, driver, pbx, call):
        """A 401 that is no answer of the API: who knows what became of the command."""
        pbx.requests.clear()
        pbx.faults.add("status_401", command="Hold")
        with pytest.raises(AuthFailed):
            driver.hold(call)
        assert [each.command for each in pbx.requests] == ["Hold"]


class TestOwnSession:
    """Where the agents' contact-center sessions are ours to start and to end."""

    @pytest.fixture
    def ours(self, build, pbx):
        pbx.switches.session_needed = True
        return build(session="ours")

    def test_it_is_started_once(self, ours, build, pbx):
        ours.sign_on()
        build(session="ours").sign_on()
        assert build(session="ours").list_calls() == []
        assert pbx.count("StartContactCenterSession") == 1
        start = next(each for each in pbx.requests if each.method == "POST")
        assert json.loads(start.body)["channels"] == ["voice"]

    def test_reads_commands_and_events_do_not_start_it(self, ours, pbx):
        pbx.switches.session_needed = False
        call = seen(ours, bring(pbx.exchange, CallState.TALKING))
        ours.hold(call)
        events = ours.events(threading.Event())
        next(events)
        events.close()
        assert pbx.count("StartContactCenterSession") == 0

    def test_a_desktops_session_is_left_alone(self, driver, pbx):
        driver.list_calls()
        assert pbx.count("StartContactCenterSession") == 0

    def test_one_that_cannot_be_started(self, ours, pbx):
        pbx.exchange.behave("1001", registered=False)
        with pytest.raises(Refused, match="Device '1001' is not registered"):
            ours.sign_on()

    def test_after_a_new_login_it_is_started_again(self, ours, pbx):
        ours.sign_on()
        pbx.faults.add("wrong_login", times=1)
        ours.list_calls()  # renews the login behind the question
        ours.sign_on()
        assert pbx.count("StartContactCenterSession") == 2

    def test_it_does_not_end_when_nobody_listens_any_more(self, ours, pbx):
        ours.sign_on()
        stop = threading.Event()
        events = ours.events(stop)
        next(events)
        stop.set()
        assert list(events) == []
        assert pbx.count("EndContactCenterSession") == 0

    def test_it_ends_with_the_http_session(self, ours, build, pbx):
        ours.sign_on()
        (agent,) = pbx.face.agents.all()
        assert agent.started
        build(session="ours").sign_off()
        assert not agent.started
        assert sessions(pbx) == 0
        build(session="ours").sign_on()
        assert agent.started

    @pytest.mark.parametrize("option", ["ours", "desktop"])
    def test_it_ends_from_anywhere(self, ours, build, pbx, option):
        """Without what was remembered, and whatever the option says by now."""
        ours.sign_on()
        build(session=option, memory=NoMemory()).sign_off()
        assert not any(agent.started for agent in pbx.face.agents.all())

    def test_an_end_that_fails_is_told(self, ours, pbx):
        ours.sign_on()
        pbx.faults.add("drop_before", command="EndContactCenterSession")
        with pytest.raises(Unreachable):
            ours.sign_off()


def test_a_server_that_is_away(driver, pbx):
    pbx.refuse()
    with pytest.raises(Unreachable):
        next(driver.events(threading.Event()))
