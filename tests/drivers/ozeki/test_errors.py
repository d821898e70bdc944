"""Every status code has an exception and words; secrets are not among them."""

from __future__ import annotations

import pytest

from simulator.ozeki.wire import MESSAGES
from tests.drivers.contract import PASSWORD, bring, seen
from transfers.domain import CallState
from transfers.drivers.ozeki import wire
from transfers.errors import AuthFailed, CallGone, OutcomeUnknown, Refused
from transfers.http import Reply


def answer(code: str, message: str = "in its words", secrets: tuple[str, ...] = ()) -> wire.Answer:
    text = f"<Response><Code>{code}</Code><Message>{message}</Message></Response>"
    return wire.read_answer(Reply(200, "application/xml", {}, text.encode()), secrets)


def refusal(code: str, message: str = "in its words") -> Refused:
    with pytest.raises(Refused) as caught:
        answer(code, message).must_be_ok()
    return caught.value


def test_ok_is_no_error():
    answer("200").must_be_ok()


def test_the_table_is_the_vendors():
    assert {int(code) for code in wire.CODES} == MESSAGES.keys() - {200}


@pytest.mark.parametrize("code", list(wire.CODES))
def test_documented_codes(code):
    kinds = {"601": CallGone, "304": AuthFailed, "305": AuthFailed, "306": AuthFailed}
    error = refusal(code)
    assert type(error) is kinds.get(code, Refused)
    assert (error.vendor_code, error.vendor_text) == (code, "in its words")
    assert error.safe_text.endswith(".")
    assert error.sent


@pytest.mark.parametrize("code", ["0", "201", "999", "600"])
def test_undocumented_codes_speak_for_themselves(code):
    error = refusal(code, "The moon is full")
    assert type(error) is Refused
    assert error.safe_text == f"The PBX answered {code}: The moon is full"


def test_no_message():
    error = refusal("999", "")
    assert (error.vendor_text, error.safe_text) == ("", "The PBX answered 999: without a word")


def test_a_message_is_cut_and_cleaned():
    error = refusal("303", "a&#x1;b" + "x" * 1000)
    assert error.vendor_text.startswith("abx")
    assert len(error.vendor_text) == 500


@pytest.mark.parametrize("spelling", ["p&amp;ss wörd", "p%26ss+w%C3%B6rd", "p%26ss%20w%C3%B6rd"])
def test_the_pbx_may_quote_the_request_but_not_its_password(spelling):
    """Code 300 says what it could not parse, which may be the whole query."""
    said = f"Error occured during parsing message: 'command=x&amp;Password={spelling}'"
    message = answer("300", said, ("p&ss wörd", "")).message
    assert message == "Error occured during parsing message: 'command=x&Password=•••'"


def test_a_password_at_the_cut_is_hidden_whole():
    assert "secret" not in answer("300", "x" * 495 + "secretword", ("secretword",)).message


def test_wrong_generation_says_what_to_set(build, pbx, generation):
    """301 is definite, but a command is sent once: nothing else is tried."""
    other = "gen2" if generation == "gen1" else "gen1"
    call = seen(build(), bring(pbx.exchange, CallState.RINGING))
    pbx.requests.clear()
    with pytest.raises(Refused, match="Set the API generation") as caught:
        build(generation=other).forward(call, "1003")
    assert caught.value.vendor_code == "301"
    assert len(pbx.requests) == 1


def test_an_unreadable_answer_says_why(build, pbx):
    call = seen(build(), bring(pbx.exchange, CallState.RINGING))
    pbx.faults.add("wrong_content_type")
    with pytest.raises(OutcomeUnknown, match=r"was sent, but: .*web page \(text/html\)"):
        build().hangup(call)


def test_address_refused(build, pbx):
    pbx.faults.add("forbidden_address")
    with pytest.raises(Refused, match="server's address") as caught:
        build().list_calls()
    assert type(caught.value) is Refused
    assert PASSWORD not in str(caught.value)
