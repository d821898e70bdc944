"""The bearer token: asked for once, kept, renewed in time, renewed once when it is refused."""

from __future__ import annotations

import json
import threading
import time

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from tests.drivers.contract import PASSWORD, USERNAME, bring, seen
from transfers.domain import CallState
from transfers.drivers.base import NoMemory
from transfers.drivers.voipnow.token import NAME, Tokens
from transfers.errors import AuthFailed, BadReply, DriverError, OutcomeUnknown, Refused, Unreachable
from transfers.http import Door, Reply


class Login:
    """A token endpoint that answers with what it is given."""

    def __init__(self, said: object, status: int = 200) -> None:
        self.body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.status, self.forms = status, []

    def read(self, method, url, *, form):
        self.forms.append((method, url, form))
        return Reply(self.status, "application/json", {}, self.body)


def tokens(said: object, status: int = 200, memory=None) -> Tokens:
    return Tokens(Login(said, status), memory or NoMemory(), "https://pbx", "app~1-_", "s3cret/ +")


def count(pbx, command="Token") -> int:
    return pbx.count(command)


class TestRequest:
    def test_the_documented_form(self):
        login = tokens({"access_token": "t" * 12, "expires_in": 3600})
        login.bearer()
        assert login._door.forms == [
            (
                "POST",
                "https://pbx/oauth/token.php",
                {
                    "grant_type": "client_credentials",
                    "client_id": "app~1-_",
                    "client_secret": "s3cret/ +",
                    "type": "unifiedapi",
                    "redirect_uri": "https://pbx/oauth/token.php",
                },
            )
        ]

    def test_over_the_wire(self, driver, pbx):
        driver.list_calls()
        request = pbx.requests[0]
        assert (request.method, request.path, request.query) == ("POST", "/oauth/token.php", {})
        assert request.form["client_secret"] == PASSWORD
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert "Authorization" not in request.headers

    def test_it_is_shown_nowhere(self):
        login = tokens({"access_token": "visible-token", "expires_in": 60})
        login.bearer()
        assert "s3cret" not in repr(login)
        assert "visible" not in repr(login)


class TestLifetime:
    @pytest.mark.parametrize(
        ("life", "kept"),
        [
            (3600, 3300),  # five minutes early
            (7200, 6900),
            (3000, 2700),
            (1800, 1620),  # a tenth early
            (60, 54),
            ("3600", 3300),
            (3600.0, 3300),
            (None, 3300),  # an hour where nothing is said
            (10**9, 86_100),
        ],
    )
    def test_it_is_renewed_early(self, life, kept):
        login = tokens({"access_token": "t" * 12, "expires_in": life})
        with time_machine.travel(0, tick=False) as clock:
            login.bearer()
            clock.shift(kept - 1)
            login.bearer()
            assert len(login._door.forms) == 1
            clock.shift(2)
            login.bearer()
            assert len(login._door.forms) == 2

    def test_the_memory_is_told_how_long(self):
        told = {}

        class Memory(NoMemory):
            def put(self, name, value, seconds):
                told[name] = seconds

        tokens({"access_token": "t" * 12, "expires_in": 3600}, memory=Memory()).bearer()
        assert told == {NAME: 3300}

    @pytest.mark.parametrize("life", [0, -5])
    def test_one_without_a_life_is_used_once(self, life):
        login = tokens({"access_token": "t" * 12, "expires_in": life})
        assert login.bearer() == login.bearer() == "t" * 12
        assert len(login._door.forms) == 2


class TestSharing:
    def test_two_drivers_log_in_once(self, build, pbx):
        for _ in range(3):
            build().list_calls()
        assert count(pbx) == 1

    def test_another_secret_never_meets_the_old_token(self, build, pbx):
        memory = NoMemory()
        build(memory=memory).list_calls()
        with pytest.raises(AuthFailed):
            build(memory=memory, password="changed").list_calls()

    @pytest.mark.parametrize("kept", ["", "x", "[]", "{}", "null", '{"token":5,"until":"x"}'])
    def test_a_memory_that_makes_no_sense(self, build, pbx, kept):
        memory = NoMemory()
        memory.put(NAME, kept, 60)
        assert build(memory=memory).list_calls() == []

    def test_another_process_has_renewed_it_already(self, driver, build, pbx):
        """Then its token will do: no third login."""
        driver.list_calls()
        old = driver.line.tokens.bearer()
        pbx.face.tokens.expire()
        build().line.tokens.fetch()
        assert driver.line.tokens.renewed(old) != old
        assert count(pbx) == 2

    def test_many_at_once(self, build, pbx):
        drivers = [build() for _ in range(6)]
        threads = [threading.Thread(target=each.list_calls) for each in drivers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert 1 <= count(pbx) <= 6
        assert count(pbx, "ListPhoneCalls") == 6


class TestRefused:
    @pytest.mark.parametrize("status", ["401", "403"])
    @pytest.mark.parametrize("code", ["access_denied", "access_denided"])
    def test_a_read_renews_it_once(self, driver, pbx, status, code):
        pbx.switches.expired_status, pbx.switches.denied_code = status, code
        driver.list_calls()
        pbx.face.tokens.expire()
        bring(pbx.exchange, CallState.TALKING)
        assert len(driver.list_calls()) == 1
        assert count(pbx) == 2

    def test_a_read_that_stays_refused_is_given_up(self, driver, pbx):
        driver.list_calls()
        pbx.requests.clear()
        pbx.faults.add("wrong_login", command="ListPhoneCalls")
        with pytest.raises(AuthFailed, match="rights") as caught:
            driver.list_calls()
        assert caught.value.vendor_code == "access_denied"
        commands = [request.command for request in pbx.requests]
        assert commands == ["ListPhoneCalls", "Token", "ListPhoneCalls"]

    def test_a_command_goes_once_more_when_it_was_certainly_not_done(self, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.face.tokens.expire()
        pbx.requests.clear()
        driver.hold(call)
        assert [request.command for request in pbx.requests] == ["OnHold", "Token", "OnHold"]
        assert seen(driver, call.id).state is CallState.HELD

    def test_a_command_that_stays_refused_is_given_up(self, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.requests.clear()
        pbx.faults.add("forbidden_user", command="OnHold")
        with pytest.raises(AuthFailed) as caught:
            driver.hold(call)
        assert caught.value.sent
        assert [request.command for request in pbx.requests] == ["OnHold", "Token", "OnHold"]

    def test_a_page_with_401_is_not_the_api_saying_no(self, driver, pbx):
        """Who knows what is behind it: the command is not sent again."""
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.requests.clear()
        pbx.faults.add("status_401", command="OnHold")
        with pytest.raises(OutcomeUnknown, match="proxy"):
            driver.hold(call)
        assert [request.command for request in pbx.requests] == ["OnHold"]

    def test_the_second_attempt_may_have_an_unknown_outcome(self, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.requests.clear()
        pbx.faults.add("wrong_login", command="OnHold", times=1)
        pbx.faults.add("drop_after", command="OnHold")
        with pytest.raises(OutcomeUnknown):
            driver.hold(call)
        assert [request.command for request in pbx.requests] == ["OnHold", "Token", "OnHold"]

    def test_no_other_token_is_to_be_had(self, driver, pbx):
        """The refusal of the command stands: that much is certain."""
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.face.tokens.expire()
        pbx.requests.clear()
        pbx.faults.add("http_503", command="Token")
        with pytest.raises(AuthFailed) as caught:
            driver.hold(call)
        assert caught.value.vendor_code == "access_denied"
        assert [request.command for request in pbx.requests] == ["OnHold", "Token"]
        with pytest.raises(BadReply):  # of a read it is not: polling goes on
            driver.list_calls()

    def test_the_secret_was_changed_on_the_pbx(self, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.face.tokens.expire()
        pbx.faults.add("wrong_login", command="Token")
        for attempt in (driver.list_calls, lambda: driver.hold(call)):
            with pytest.raises(AuthFailed) as caught:
                attempt()
            assert caught.value.vendor_code == "invalid_client"


class TestWithoutOne:
    """A command for which no token can be had was not sent, and says so."""

    @pytest.fixture
    def fresh(self, build, driver, pbx):
        self.call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.requests.clear()
        return build(memory=NoMemory())

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            ("wrong_login", AuthFailed),
            ("http_500", BadReply),
            ("not_json", BadReply),
            ("drop_after", Unreachable),
        ],
    )
    def test_nothing_was_sent(self, fresh, pbx, fault, kind):
        pbx.faults.add(fault, command="Token")
        with pytest.raises(kind) as caught:
            fresh.hold(self.call)
        assert not caught.value.sent
        assert [request.command for request in pbx.requests] == ["Token"]


class TestAnswers:
    @pytest.mark.parametrize("form", ["string", "object"])
    @pytest.mark.parametrize("status", ["400", "401"])
    def test_error_bodies_of_both_forms(self, build, pbx, form, status):
        pbx.switches.token_error, pbx.switches.token_error_status = form, status
        with pytest.raises(AuthFailed) as caught:
            build(password="wrong").list_calls()
        error = caught.value
        assert (error.vendor_code, error.vendor_text) == ("invalid_client", "invalid client")
        assert error.safe_text == "The PBX does not accept the client ID or the client secret."

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("unauthorized_client", "trusted"),
            ("unsupported_grant_type", "refuses the login: unsupported grant"),
            ("invalid_request", "refuses the login"),
            ("something_new", "refuses the login"),
        ],
    )
    def test_other_refusals_are_about_the_login_too(self, code, words):
        said = {"error": code, "error_description": code.replace("_", " ")}
        with pytest.raises(AuthFailed, match=words) as caught:
            tokens(said, 400).bearer()
        assert caught.value.vendor_code == code

    def test_a_refusal_with_status_200(self):
        with pytest.raises(AuthFailed):
            tokens({"error": "invalid_client"}).bearer()

    @pytest.mark.parametrize(
        "said",
        [
            {},
            [],
            5,
            None,
            {"access_token": ""},
            {"access_token": None},
            {"access_token": 5},
            {"access_token": ["x"]},
            {"access_token": "two words"},
            {"access_token": "a\r\nX-Evil: 1"},
            {"access_token": "é"},
            {"access_token": "t" * 5000},
            {"access_token": "t", "expires_in": "soon"},
            {"access_token": "t", "expires_in": []},
            {"access_token": "t", "token_type": []} | {"access_token": {}},
            b"access_token=abcdef&expires_in=60",
            b"<html>",
            b'{"access_token":"t","access_token":"u"}',
            b'{"access_token":"t","expires_in":1e999}',
            b'{"access_token":"t","expires_in":NaN}',
        ],
    )
    def test_no_token(self, said):
        with pytest.raises(BadReply):
            tokens(said).bearer()

    @pytest.mark.parametrize("token", ["a" * 12, "aZ0._~+/-9==", "x"])
    def test_tokens(self, token):
        assert tokens({"access_token": token, "token_type": "bearer"}).bearer() == token

    @pytest.mark.parametrize("status", [404, 500, 503])
    def test_no_login_there(self, status):
        with pytest.raises(BadReply):
            tokens(b"<html>", status).bearer()

    @given(
        st.dictionaries(
            st.sampled_from(["access_token", "expires_in", "token_type", "scope", "error"]),
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False)
            | st.text(max_size=12)
            | st.lists(st.integers(), max_size=2),
        )
    )
    def test_anything(self, said):
        try:
            token = tokens(said).bearer()
        except (BadReply, Refused):
            return
        assert token == said["access_token"]

    def test_no_error_tells_the_secret(self):
        said = {
            "error": "bad",
            "error_description": "You sent client_secret=s3cret%2F+%2B, s3cret/ +",
        }
        with pytest.raises(DriverError) as caught:
            tokens(said, 400).bearer()
        shown = f"{caught.value!r} {vars(caught.value)} {caught.value.__context__!r}"
        assert "s3cret" not in shown


def test_the_real_door_carries_it(pbx):
    with Door() as door:
        login = Tokens(door, NoMemory(), f"http://127.0.0.1:{pbx.port}", USERNAME, PASSWORD)
        assert len(login.bearer()) > 10
        assert json.loads(login._memory.get(NAME))["until"] > time.time() + 3000
