"""One login for all processes; “Permission denied” in both its meanings; what answers look like."""

from __future__ import annotations

import json

import pytest

from tests.drivers.contract import OUTSIDE, PASSWORD, USERNAME, CallState, bring, seen
from transfers.drivers.asterisk import wire
from transfers.drivers.asterisk.session import NAME
from transfers.drivers.asterisk.wire import Denied, page_url, read_answer, unescaped
from transfers.errors import BadReply, CallGone, DriverError, OutcomeUnknown, Refused
from transfers.http import Reply


def logins(pbx) -> int:
    return pbx.count("Login")


def answer(attributes: str) -> Reply:
    body = f"<ajax-response>\n<response><generic {attributes} /></response>\n</ajax-response>"
    return Reply(200, "text/xml", {}, body.encode())


# The session.


def test_two_processes_log_in_once(build, pbx):
    for _ in range(3):
        build().list_calls()
    assert logins(pbx) == 1


@pytest.mark.parametrize("act", ["list", "hangup"])
def test_a_session_that_is_over_is_begun_again_also_by_a_command(driver, pbx, act):
    call = seen(driver, bring(pbx.exchange, CallState.TALKING))
    pbx.face.sessions.end_all()
    if act == "list":
        assert len(driver.list_calls()) == 1
    else:
        driver.hangup(call)
        assert not [each for each in pbx.exchange.calls() if each.live]
    assert logins(pbx) == 2


def test_a_missing_right_is_told_from_a_session_that_is_over(driver, pbx):
    call = seen(driver, bring(pbx.exchange, CallState.TALKING))
    pbx.switches.rights = "reporting"
    with pytest.raises(Denied) as caught:
        driver.hangup(call)
    assert type(caught.value) is not CallGone
    assert caught.value.vendor_text == "Permission denied"
    assert logins(pbx) == 2  # it might have been the session
    assert [each for each in pbx.exchange.calls() if each.live]


def test_the_secret_never_travels(driver, pbx):
    driver.list_calls()
    assert all(PASSWORD.encode() not in each.body for each in pbx.requests)
    (login,) = (each for each in pbx.requests if each.command == "Login")
    assert login.method == "POST"
    assert login.form["Username"] == USERNAME
    assert login.form.keys() == {"action", "AuthType", "Username", "Key", "Events"}


def test_a_session_of_another_login_is_not_used(build, pbx, memory):
    build().list_calls()
    state = json.loads(memory.get(NAME))
    memory.put(NAME, json.dumps(state | {"owner": "somebody"}), 60)
    build().list_calls()
    assert logins(pbx) == 2


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"owner": 1}', "null"])
def test_what_was_kept_may_be_anything(build, pbx, memory, kept):
    memory.put(NAME, kept, 60)
    assert build().list_calls() == []


# Addresses.


@pytest.mark.parametrize(
    ("entered", "used"),
    [
        ("http://pbx:8088", "http://pbx:8088/mxml"),
        ("http://pbx:8088/", "http://pbx:8088/mxml"),
        ("http://pbx:8088/mxml", "http://pbx:8088/mxml"),
        ("http://pbx:8088/asterisk/", "http://pbx:8088/asterisk/mxml"),
        ("https://pbx:8089/asterisk/rawman?x=1", "https://pbx:8089/asterisk/mxml"),
        ("http://[", "http://["),
    ],
)
def test_the_address_may_be_entered_in_many_ways(entered, used):
    assert page_url(entered, "mxml") == used


# Odd answers.


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"O\'Neil", "O'Neil"),
        (r"\"Q\" \?", '"Q" ?'),
        (r"Tab\tBell\ax", "Tab Bell x"),
        (r"back\\slash", "back\\slash"),
        ("plain", "plain"),
    ],
)
def test_escapes_of_c_are_undone(written, meant):
    assert unescaped(written) == meant


def test_names_are_read_in_either_encoding(driver, pbx):
    pbx.exchange.ring(OUTSIDE, "1001", "Jürgen O'Neil & Söhne")
    (call,) = driver.list_calls()
    assert call.caller.name == "Jürgen O'Neil & Söhne"
    pbx.faults.add("non_utf8")
    (call,) = driver.list_calls()
    assert call.caller.name.startswith("Jürgen ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<ajax-response></ajax-response>",
        b"<other><generic response='Success' /></other>",
        b"<ajax-response><generic event='Status' /></ajax-response>",
        b"<ajax-response><generic response='Success' /></ajax",
    ],
)
def test_what_is_no_answer_is_a_bad_reply(body):
    with pytest.raises(BadReply):
        read_answer(Reply(200, "text/xml", {}, body))


@pytest.mark.parametrize("said", ["listitems='2'", "", "listitems='x'"])
def test_half_a_list_is_none(said):
    events = f"<generic event='Status' uniqueid='1' /><generic event='StatusComplete' {said} />"
    body = f"<ajax-response><generic response='Success' />{events if said else ''}</ajax-response>"
    with pytest.raises(BadReply, match="not complete"):
        read_answer(Reply(200, "text/xml", {}, body.encode())).items("Status", "StatusComplete")


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("No such channel", CallGone),
        ("Channel does not exist: 1795.2", CallGone),
        ("Channel1 does not exist: 1795.2", CallGone),
        ("ExtraChannel does not exist: 1795.2", CallGone),
        ("Channel specified does not exist", CallGone),
        ("Secondary redirect failed", OutcomeUnknown),
        ("Redirect failed", Refused),
        ("Transfer invalid", Refused),
        ("Extension does not exist.", Refused),
        ("", Refused),
    ],
)
def test_the_sentence_decides(message, error):
    with pytest.raises(DriverError) as caught:
        read_answer(answer(f"response='Error' message='{message}'")).must_be_ok()
    assert type(caught.value) is error
    assert caught.value.vendor_code == "Error"
    assert caught.value.vendor_text


def test_the_pbx_may_quote_the_secret():
    told = read_answer(answer(f"response='Error' message='bad {PASSWORD}'"), [PASSWORD])
    assert "s3cret" not in told.message


@pytest.mark.parametrize("value", ["10\r\nAction: Hangup", "10\x00", "10\n"])
def test_a_value_with_a_line_break_is_no_value(value):
    with pytest.raises(ValueError, match="one line"):
        wire.action("Redirect", Exten=value)
