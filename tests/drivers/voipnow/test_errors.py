"""Every code has an exception and words; other answers are judged by what they leave certain."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.voipnow.errors import ERRORS
from tests.drivers.contract import PASSWORD, bring, seen
from transfers.domain import CallState
from transfers.drivers.voipnow.answers import CODES, denied_by_the_api, understand
from transfers.errors import AuthFailed, BadReply, CallGone, DriverError, OutcomeUnknown, Refused
from transfers.http import Reply

# The reference's section 3, in full: HTTP status and code.
DOCUMENTED = {
    "user_invalid": 400,
    "extension_invalid": 400,
    "access_denied": 401,
    "access_denided": 401,
    "internal_server_error": 500,
    "request_not_implemented": 501,
    "pc_phonecall_invalid": 400,
    "pc_sendcallto_invalid": 400,
    "pc_transfer_from_number_invalid": 400,
    "pc_transfer_number_invalid": 400,
    "pcet_type_invalid": 400,
    "pce_method_invalid": 400,
    "cdr_start_date_invalid": 400,
    "cdr_end_date_invalid": 400,
    "cdr_source_invalid": 400,
    "cdr_destination_invalid": 400,
    "cdr_flow_invalid": 400,
    "cdr_disposition_invalid": 400,
    "cdr_save_start_date_invalid": 400,
    "cdr_save_end_date_invalid": 400,
    "cdr_invalid_date_parameters": 400,
    "cdr_invalid_filter_by_answered": 400,
    "cdr_invalid_filter_by_published": 400,
    "cdr_invalid_filter_by_source": 400,
    "cdr_invalid_filter_by_destination": 400,
    "fields_invalid": 400,
    "count_invalid": 400,
    "filterby_invalid": 400,
    "filterop_invalid": 400,
    "filtervalue_invalid": 400,
    "sortorder_invalid": 400,
}
KINDS = {
    "access_denied": AuthFailed,
    "access_denided": AuthFailed,
    "pc_phonecall_invalid": CallGone,
    "internal_server_error": BadReply,
}


def reply(status: int, data: Any = None, body: bytes | None = None) -> Reply:
    said = json.dumps(data).encode() if body is None else body
    return Reply(status, "application/json", {}, said)


def error(status: int, data: Any, secrets: tuple[str, ...] = ()) -> DriverError:
    with pytest.raises(DriverError) as caught:
        understand(reply(status, data), secrets)
    return caught.value


def complaint(code: str, message: str = "in its words") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


class TestCodes:
    @pytest.mark.parametrize("code", DOCUMENTED)
    def test_documented(self, code):
        found = error(DOCUMENTED[code], complaint(code))
        assert type(found) is KINDS.get(code, Refused)
        assert (found.vendor_code, found.vendor_text) == (code, "in its words")
        assert found.safe_text[-1] in ".s"
        assert code not in found.safe_text

    def test_words_are_ours_for_every_documented_code(self):
        assert DOCUMENTED.keys() - CODES.keys() == {"internal_server_error"}

    @pytest.mark.parametrize("code", ERRORS)
    def test_as_the_simulator_says_it(self, code):
        status, message = ERRORS[code]
        found = error(status, complaint(code, message))
        assert found.vendor_text == message
        assert found.safe_text

    @pytest.mark.parametrize("code", ["pc_moon_invalid", "pc_phonecallview_invalid", "x"])
    def test_others_speak_for_themselves(self, code):
        found = error(400, complaint(code, "The moon is full"))
        assert type(found) is Refused
        assert found.safe_text == f"The PBX answered {code}: The moon is full"

    def test_no_message(self):
        found = error(400, {"error": {"code": "x"}})
        assert (found.vendor_text, found.safe_text) == ("", "The PBX answered x: without a word")

    @pytest.mark.parametrize("status", [200, 201, 400, 404, 409])
    def test_the_code_counts_whatever_the_status(self, status):
        assert type(error(status, complaint("pc_phonecall_invalid"))) is CallGone

    def test_creating_answers_with_an_array(self):
        """The vendor's own page script looks for `json[0].error`."""
        assert type(error(200, [complaint("extension_invalid")])) is Refused

    @pytest.mark.parametrize("status", [401, 403])
    def test_any_401_and_403_is_about_the_login(self, status):
        assert type(error(status, complaint("user_invalid"))) is AuthFailed
        assert type(error(status, complaint("no_such_thing"))) is AuthFailed
        found = error(status, {"error": "invalid_token", "error_description": "It is old"})
        assert type(found) is AuthFailed
        assert (found.vendor_code, found.vendor_text) == ("invalid_token", "It is old")

    @pytest.mark.parametrize("status", [401, 403])
    def test_without_a_word(self, status):
        with pytest.raises(AuthFailed) as caught:
            understand(reply(status, body=b""))
        assert caught.value.vendor_code == str(status)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_its_own_errors_leave_the_outcome_open(self, status):
        found = error(status, complaint("something", "disk full"))
        assert type(found) is BadReply
        assert found.safe_text == "The PBX reports an error of its own: disk full"

    @pytest.mark.parametrize("said", [5, "", {}, [], True, {"code": []}, {"code": ""}])
    def test_errors_that_say_nothing(self, said):
        found = error(400, {"error": said})
        assert type(found) is BadReply

    def test_a_message_is_cut_and_cleaned(self):
        found = error(400, complaint("x", "a\u0001b" + "y" * 1000))
        assert found.vendor_text.startswith("aby")
        assert len(found.vendor_text) == 500

    @pytest.mark.parametrize(
        "spelling", ["p&ss wörd/1", "p%26ss+w%C3%B6rd%2F1", "p%26ss%20w%C3%B6rd/1"]
    )
    def test_secrets_are_hidden(self, spelling):
        found = error(
            400, complaint("x", f"bad request: client_secret={spelling}"), ("p&ss wörd/1", "")
        )
        assert found.vendor_text == "bad request: client_secret=•••"
        assert "p&ss" not in f"{found!r} {vars(found)}"


class TestOtherAnswers:
    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (400, "no UnifiedAPI at this address"),
            (404, "no UnifiedAPI at this address"),
            (407, "proxy in front of the PBX"),
            (401, "proxy in front of the PBX"),
            (403, "proxy in front of the PBX"),
            (429, "too busy"),
            (502, "too busy or restarting"),
            (503, "too busy or restarting"),
            (504, "too busy or restarting"),
            (500, "an error of its own"),
        ],
    )
    def test_pages(self, status, words):
        with pytest.raises(BadReply, match=words):
            understand(reply(status, body=b"<html>no</html>"))

    @pytest.mark.parametrize("status", [400, 404, 500])
    def test_json_that_is_no_error(self, status):
        with pytest.raises(BadReply, match=f"HTTP {status}"):
            understand(reply(status, {"hello": 1}))

    @pytest.mark.parametrize("status", [200, 201, 202, 204])
    def test_success(self, status):
        assert understand(reply(status, body=b"")).data is None
        assert understand(reply(status, {"id": "a"})).status == status

    def test_the_content_type_does_not_matter(self):
        """PHP says text/html unless told otherwise; what is JSON is JSON."""
        page = Reply(200, "text/html", {}, b"[]")
        assert understand(page).data == []

    @pytest.mark.parametrize("status", [401, 403])
    def test_only_the_api_turns_a_token_away_for_certain(self, status):
        assert denied_by_the_api(reply(status, complaint("access_denied")))
        assert denied_by_the_api(reply(status, complaint("access_denided")))
        assert denied_by_the_api(reply(status, {"error": "invalid_token"}))
        assert not denied_by_the_api(reply(status, complaint("pc_action_invalid")))
        assert not denied_by_the_api(reply(status, body=b"<html>login</html>"))
        assert not denied_by_the_api(reply(status, body=b""))
        assert not denied_by_the_api(reply(status, {"error": 5}))
        assert not denied_by_the_api(reply(500, complaint("access_denied")))

    @given(st.integers(100, 599), st.binary(max_size=60))
    def test_any_bytes(self, status, body):
        self.only_our_errors(reply(status, body=body))

    @given(
        st.integers(200, 599),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["error", "code", "message", "error_description"]), inner
                )
            ),
        ),
    )
    def test_any_json(self, status, data):
        self.only_our_errors(reply(status, data))

    def only_our_errors(self, any_reply: Reply) -> None:
        denied_by_the_api(any_reply)
        with suppress(BadReply, Refused):
            assert 200 <= understand(any_reply).status < 300


class TestOverTheWire:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"user": "99"}, "user_invalid"), ({"extension": "0003*9"}, "extension_invalid")],
    )
    def test_options_that_do_not_fit(self, build, changes, code):
        with pytest.raises(Refused) as caught:
            build(**changes).list_calls()
        assert type(caught.value) is Refused
        assert caught.value.vendor_code == code

    def test_an_unreadable_answer_says_why(self, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.faults.add("internal_error")
        with pytest.raises(OutcomeUnknown, match=r"was sent, but: .*error of its own") as caught:
            driver.hangup(call)
        assert caught.value.vendor_code == "internal_server_error"
        assert PASSWORD not in str(caught.value)

    def test_a_command_answered_with_something_else(self, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.faults.add("wrong_shape")
        with pytest.raises(OutcomeUnknown, match="not about a call"):
            driver.hangup(call)
