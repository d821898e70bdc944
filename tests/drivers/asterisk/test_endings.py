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


@pytest.mark.parametrize("place", range(len(BLIND)))
def test_that_it_was_sent_may_be_told_late(place):
    """The phone is dialled by another thread of the PBX than the one that tells of the transfer."""
    sent, *rest = BLIND
    rest.insert(place, sent | {"transfereeuniqueid": CALLER, "extension": "1006"})
    assert [call.end_reason for call in Endings().told(rest)] == [EndReason.BUSY]


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


@pytest.mark.parametrize(("lingered", "told"), [(0.5, True), (1.5, False)])
def test_a_call_of_which_anything_is_left_goes_on(driver, pbx, monkeypatch, lingered, told):
    """Such as a held caller, whose consultation found nobody. The leg of who transferred may be
    there for a moment only."""
    ended = events.Ended(driver)
    monkeypatch.setattr(driver, "clock", lambda: 100.0)
    call_id = pbx.exchange.ring("+3615550142", "1001")
    pbx.exchange.answer(call_id)
    ended.hear([each | {"linkedid": call_id} for each in BLIND], 1)
    assert ended.lately() == ()
    monkeypatch.setattr(driver, "clock", lambda: 100.0 + lingered * events.LINGERS)
    assert ended.lately() == ()
    pbx.exchange.hangup(call_id)
    assert bool(ended.lately()) is told


# Who is sent where no phone is: nobody is dialled, and the hang-up's cause tells it.

SENT_NOWHERE = {
    "event": "BlindTransfer",
    "transfereeuniqueid": CALLER,
    "transfereelinkedid": LINKED,
    "transfereecalleridnum": "1001",
    "extension": "1009",
}
NO_ROUTE = about("Hangup", "1009", cause="3", cause_txt="No route to destination")


def test_nobody_was_there():
    (call,) = Endings().told([SENT_NOWHERE, NO_ROUTE])
    assert (call.id, call.caller.number, call.callee.number) == (LINKED, "1001", "1009")
    assert (call.end_reason, call.raw_state) == (EndReason.ERROR, "No route to destination")


@pytest.mark.parametrize(
    "later",
    [
        [NO_ROUTE | {"cause": "16"}],  # a mailbox, or the caller has hung up
        [NO_ROUTE | {"exten": "1002"}],  # the dial plan went on
        [about("BridgeEnter", "1009"), NO_ROUTE],
        [begin("1009", "1009"), NO_ROUTE],
        [NO_ROUTE | {"uniqueid": "1795246302.9"}],
    ],
)
def test_anything_else_is_not_told(later):
    assert Endings().told([SENT_NOWHERE, *later]) == []
