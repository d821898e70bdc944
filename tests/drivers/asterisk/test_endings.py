"""Of calls that nobody took, DialEnd and Hangup tell why; captured from 22.10, shortened."""

from __future__ import annotations

import pytest

from transfers.domain import EndReason
from transfers.drivers.asterisk import events
from transfers.drivers.asterisk.endings import REMEMBERED, Endings

CALLER, LINKED = "1795246302.2", "1795246302.2"


def about(event, exten="1006", **more):
    fields = {"event": event, "uniqueid": CALLER, "linkedid": LINKED, "calleridnum": "1001"}
    return fields | {"exten": exten} | more


def begin(phone="1006", exten="1006"):
    dest = {"destuniqueid": f"of {phone}", "destcalleridnum": phone, "destexten": exten}
    return about("DialBegin", exten, **dest)


def end(word, phone="1006", exten="1006"):
    return begin(phone, exten) | {"event": "DialEnd", "dialstatus": word}


def hangup(exten="1006", **more):
    return about("Hangup", exten, cause="17", **more)


BLIND = [
    {"event": "BlindTransfer", "transfereelinkedid": LINKED, "transfererlinkedid": LINKED},
    hangup("", uniqueid="1795246302.3", calleridnum="1002"),
    begin(),
    end("BUSY"),
    hangup(uniqueid="1795246303.4", calleridnum="1006"),
    hangup(),
]


def test_a_busy_target():
    [call] = Endings().told(BLIND)
    assert (call.id, call.end_reason, call.raw_state) == (LINKED, EndReason.BUSY, "BUSY")
    assert (call.caller.number, call.callee.number, call.also) == ("1001", "1006", ())


def test_it_is_the_same_in_pieces_and_told_once():
    endings = Endings()
    assert [len(endings.told([each])) for each in [*BLIND, hangup()]] == [0, 0, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("NOANSWER", EndReason.NO_ANSWER),
        ("CONGESTION", EndReason.ERROR),
        ("CHANUNAVAIL", EndReason.ERROR),
    ],
)
def test_the_other_words(word, reason):
    [call] = Endings().told([begin(), end(word), hangup("h")])
    assert (call.end_reason, call.raw_state) == (reason, word)


def test_a_forwarded_call_is_of_its_new_target():
    """Its first target's ringing is given up, under the new extension."""
    heard = [begin("1002", "1002"), end("CANCEL", "1002"), begin(), end("BUSY"), hangup()]
    [call] = Endings().told(heard)
    assert (call.callee.number, call.end_reason) == ("1006", EndReason.BUSY)


def test_a_group_that_nobody_answers_is_known_by_its_number():
    heard = [begin("1002", "610"), begin("1003", "610")]
    heard += [end("BUSY", "1002", "610"), end("NOANSWER", "1003", "610"), hangup("610")]
    [call] = Endings().told(heard)
    assert (call.also, call.end_reason) == (("610",), EndReason.NO_ANSWER)


@pytest.mark.parametrize(
    "heard",
    [
        [begin(), end("ANSWER"), hangup()],
        [begin(), end("CANCEL"), hangup()],
        [begin(), end("A WORD OF TOMORROW"), hangup()],
        [begin(), end("BUSY"), begin("1003"), end("ANSWER", "1003"), hangup()],
        [begin(), end("BUSY"), begin("1003"), hangup()],
        [begin(), begin("1003"), end("BUSY"), end("ANSWER", "1003"), hangup()],
        [begin(), begin("1003"), end("BUSY"), hangup()],
        [begin(), end("BUSY"), about("BridgeEnter"), hangup()],
        [begin(), end("BUSY"), hangup("*1006")],
        [begin(), end("BUSY"), hangup(linkedid="")],
        [end("BUSY"), hangup()],
        [hangup()],
    ],
    ids=str,
)
def test_a_call_that_went_on_or_is_not_known_is_not_told(heard):
    assert Endings().told(heard) == []


def test_what_is_remembered_has_an_end():
    endings = Endings()
    endings.told(begin() | {"uniqueid": str(each)} for each in range(REMEMBERED + 1))
    heard = [each | {"uniqueid": "0"} for each in (end("BUSY"), hangup())]
    assert endings.told(heard) == []


def test_after_a_gap_nothing_is_known(driver):
    ended = events.Ended(driver)
    ended.hear([begin(), end("BUSY")], 1)
    ended.hear([hangup()], 2)
    assert ended.lately() == ()


def test_it_is_told_for_a_moment(driver, monkeypatch):
    ended = events.Ended(driver)
    monkeypatch.setattr(driver, "clock", lambda: 100.0)
    ended.hear(BLIND, 1)
    assert [call.id for call in ended.lately()] == [LINKED]
    monkeypatch.setattr(driver, "clock", lambda: 100.5 + events.TOLD_FOR)
    assert ended.lately() == ()


def test_a_call_of_which_anything_is_left_goes_on(driver, pbx):
    """Such as a held caller, whose consultation found nobody."""
    ended = events.Ended(driver)
    call_id = pbx.exchange.ring("+3615550142", "1001")
    pbx.exchange.answer(call_id)
    ended.hear([each | {"linkedid": call_id} for each in BLIND], 1)
    assert ended.lately() == ()
    pbx.exchange.hangup(call_id)
    assert ended.lately() == ()
