"""Every status code has an exception and words; secrets are not among them."""

from __future__ import annotations

import json

import pytest

from simulator.genesys.errors import MESSAGES
from tests.drivers.contract import PASSWORD, bring, seen
from transfers.domain import CallState
from transfers.drivers.genesys import wire
from transfers.errors import AuthFailed, BadReply, CallGone, OutcomeUnknown, Refused
from transfers.http import Reply

JSON = "application/json;charset=utf-8".partition(";")[0]


def reply(body: object, status: int = 200, content_type: str = JSON) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, content_type, {}, raw)


def refusal(body: object, status: int = 200, secrets: tuple[str, ...] = ()) -> Refused:
    with pytest.raises(Refused) as caught:
        wire.read_answer(reply(body, status), secrets).must_be_ok()
    return caught.value


class TestCodes:
    def test_ok_is_no_error(self):
        for status in (200, 202, 403, 500):
            wire.read_answer(reply({"statusCode": 0}, status)).must_be_ok()

    def test_the_table_is_the_vendors(self):
        assert wire.CODES.keys() == MESSAGES.keys() == set(range(1, 21))

    @pytest.mark.parametrize("code", list(wire.CODES))
    @pytest.mark.parametrize("status", [200, 403, 500])
    def test_documented_codes(self, code, status):
        kinds = {5: AuthFailed, 8: AuthFailed, 20: wire.NotLoggedIn}
        error = refusal({"statusCode": code, "statusMessage": "in its words"}, status)
        assert type(error) is kinds.get(code, Refused)
        assert (error.vendor_code, error.vendor_text) == (str(code), "in its words")
        assert error.safe_text[-1] in ".s"
        assert error.sent

    def test_all_have_words_of_their_own(self):
        words = [words for _, words in wire.CODES.values()]
        assert len(set(words)) == len(words)
        assert all(len(each) > 20 and each.endswith(".") for each in words)

    @pytest.mark.parametrize("code", list(wire.CODES))
    def test_on_the_wire(self, driver, pbx, code):
        """A read and a command that are answered with each of them."""
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        pbx.faults.add(f"code_{code}")
        expected = AuthFailed if code in (5, 8, 20) else Refused
        with pytest.raises(expected) as caught:
            driver.list_calls()
        assert caught.value.vendor_code == str(code)
        with pytest.raises(CallGone if code == 6 else expected) as caught:
            driver.hangup(call)
        assert caught.value.vendor_code == str(code)
        assert [each for each in pbx.exchange.calls() if each.live]

    @pytest.mark.parametrize("code", [21, 99, 4711])
    def test_undocumented_codes_speak_for_themselves(self, code):
        error = refusal({"statusCode": code, "statusMessage": "The moon is full"})
        assert type(error) is Refused
        assert error.safe_text == f"The PBX answered {code}: The moon is full"

    def test_no_message(self):
        assert refusal({"statusCode": 99}).safe_text == "The PBX answered 99: without a word"

    def test_the_real_one_of_a_phone_that_is_off(self):
        body = {"statusCode": 4, "statusMessage": "Device '5001' is not registered."}
        assert "Device '5001' is not registered." in refusal(body, 500).safe_text

    @pytest.mark.parametrize("code", ["0", " 0", "x", "", None, True, 1.0, [], {}, -1, "9" * 40])
    def test_other_types(self, code):
        try:
            answer = wire.read_answer(reply({"statusCode": code}))
        except BadReply:
            assert code != "0"
        else:
            assert (code, answer.code) in [("0", 0), (-1, -1)]

    def test_the_form_of_8_5_0(self):
        error = refusal({"status": "error", "errorDescription": "No such user"})
        assert error.safe_text == "The PBX answered -1: No such user"


class TestPartly:
    """Real bodies of StartContactCenterSession."""

    NO_CHAT = {
        "statusCode": 7,
        "failed": [
            {
                "statusCode": 4,
                "statusMessage": "Interaction server connection is not opened",
                "channel": "multimedia",
            }
        ],
        "succeeded": [{"statusCode": 0, "channel": "voice"}],
    }
    NO_VOICE = {
        "statusCode": 7,
        "failed": [
            {
                "statusCode": 4,
                "statusMessage": "Device '5001' is not registered.",
                "channel": "voice",
            }
        ],
        "succeeded": [{"statusCode": 0, "channel": "multimedia"}],
    }

    def test_voice_is_all_we_ask_for(self):
        wire.read_answer(reply(self.NO_CHAT)).must_be_ok()

    def test_without_voice_it_is_a_refusal_in_the_words_of_its_failure(self):
        error = refusal(self.NO_VOICE)
        assert error.vendor_code == "7"
        assert error.vendor_text == "Device '5001' is not registered."
        assert "Device '5001' is not registered." in error.safe_text

    @pytest.mark.parametrize("inside", [{}, {"failed": 7, "succeeded": None}, {"failed": [7]}])
    def test_nothing_inside(self, inside):
        assert refusal({"statusCode": 7, **inside}).vendor_code == "7"


class TestHttp:
    """What is no JSON is judged by its HTTP status."""

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_login_page(self, status):
        with pytest.raises(wire.NotLoggedIn) as caught:
            wire.read_answer(reply(b"<html>Log in</html>", status, "text/html"))
        assert (caught.value.vendor_code, caught.value.vendor_text) == (f"HTTP {status}", "")

    @pytest.mark.parametrize("kind", ["text/plain", "text/html", ""])
    def test_the_csrf_refusal(self, kind):
        with pytest.raises(wire.TokenRefused) as caught:
            wire.read_answer(reply(b"Missing or invalid Csrf token", 403, kind))
        assert caught.value.vendor_text == "Missing or invalid Csrf token"
        assert not isinstance(caught.value, AuthFailed)

    @pytest.mark.parametrize("status", [400, 404, 429, 500, 502, 503])
    def test_pages_of_others(self, status):
        with pytest.raises(BadReply, match=f"no Web Services API at this address.*{status}"):
            wire.read_answer(reply(b"<html>", status, "text/html"))

    def test_a_web_page(self):
        with pytest.raises(BadReply, match=r"something else than JSON \(text/html\)"):
            wire.read_answer(reply({"statusCode": 0}, 200, "text/html"))

    @pytest.mark.parametrize(
        "kind", ["application/json", "text/json", "text/plain", "", "a/b+json"]
    )
    def test_accepted_types(self, kind):
        assert wire.read_answer(reply({"statusCode": 0}, 200, kind)).code == 0

    @pytest.mark.parametrize(
        "body",
        [
            *(b"", b"{", b"[]", b"7", b"null", b'"a"', b"{}", b"[" * 100_000),
            b'{"statusCode":NaN}',
            b'{"statusCode":0,"x":"\xff"}',
            b'{"statusCode":' + b"9" * 5000 + b"}",
        ],
    )
    def test_unreadable_bodies(self, body):
        with pytest.raises(BadReply):
            wire.read_answer(reply(body))


class TestSecrets:
    def test_the_pbx_may_quote_a_secret(self):
        body = {"statusCode": 3, "statusMessage": "ana:p&ss is not allowed, nor YW5hOnAmc3M="}
        error = refusal(body, secrets=("p&ss", "YW5hOnAmc3M="))
        assert error.vendor_text == "ana:••• is not allowed, nor •••"

    def test_a_message_is_cut_and_cleaned(self):
        error = refusal({"statusCode": 2, "statusMessage": "a\x01b\ud800" + "x" * 1000})
        assert error.vendor_text.startswith("abx")
        assert len(error.vendor_text) == 500

    def test_the_header_of_the_login(self):
        assert wire.basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        assert wire.basic("ana", "") == "Basic YW5hOg=="  # an empty password is legal

    def test_no_cookie_or_token_in_a_repr(self, driver, pbx):
        driver.list_calls()
        shown = f"{driver!r} {driver.session!r} {driver.door!r}"
        assert "JSESSIONID" not in shown
        assert PASSWORD not in shown


def test_an_unreadable_answer_says_why(driver, pbx):
    call = seen(driver, bring(pbx.exchange, CallState.TALKING))
    pbx.faults.add("http_502")
    with pytest.raises(OutcomeUnknown, match=r"was sent, but: .*HTTP 502"):
        driver.hangup(call)
