"""PUT and DELETE without a call id act on every call of the extension, as documented.

A client must never send them; these tests show what happens to it if it does.
"""

from __future__ import annotations

import pytest

from simulator.exchange import Exchange, State
from tests.simulator.conftest import ANNA

RECEPTION, CAROL = "0003*1001", "0003*1003"


@pytest.fixture
def calls(exchange: Exchange) -> list[str]:
    """Two conversations of reception and one of others."""
    made = []
    for caller, callee in ((ANNA, "1001"), ("1001", "+442079460018"), (ANNA, "1003")):
        made.append(exchange.ring(caller, callee))
        exchange.answer(made[-1])
    return made


def states(exchange: Exchange, calls: list[str]) -> list[State]:
    return [exchange.call(each).state for each in calls]


def test_hang_up(client, pbx, exchange, calls):
    answer = client.delete(RECEPTION)
    assert answer.status == 200
    assert [said["id"] for said in answer.json] == calls[:2]
    assert states(exchange, calls) == [State.ENDED, State.ENDED, State.TALKING]
    assert (pbx.count("DeleteAll"), pbx.count("Delete")) == (1, 0)


def test_hang_up_of_self_is_everybodys(client, exchange, calls):
    client.delete("@self/")
    assert states(exchange, calls) == [State.ENDED] * 3


def test_hold(client, pbx, exchange, calls):
    answer = client.do("OnHold", "", RECEPTION, phoneCallViewId="00")
    assert [said["id"] for said in answer.json] == calls[:2]
    assert states(exchange, calls) == [State.HELD, State.HELD, State.TALKING]
    assert {exchange.call(each).held_by for each in calls[:2]} == {"1001"}
    assert (pbx.count("OnHoldAll"), pbx.count("OnHold")) == (1, 0)


def test_transfer(client, pbx, exchange, calls):
    more = {"sendCallTo": "1002", "transferFromNumber": RECEPTION, "transferNumber": ANNA}
    answer = client.do("Transfer", "", RECEPTION, **more)
    assert (answer.status, len(answer.json)) == (202, 2)
    moved = [exchange.call(each) for each in calls]
    assert [call.callee for call in moved] == ["1002", "1002", "1003"]
    assert [call.caller for call in moved] == [ANNA, "+442079460018", ANNA]
    assert pbx.count("TransferAll") == 1


def test_voice_mail(client, exchange, calls):
    more = {"sendCallTo": CAROL, "transferNumber": ANNA}
    client.do("TransferToVoicemail", "", RECEPTION, **more)
    assert [exchange.call(each).at_voicemail for each in calls] == [True, True, False]


def test_park(client, exchange, calls):
    client.do("Park", "", RECEPTION, phoneCallViewId="00")
    assert states(exchange, calls) == [State.PARKED, State.PARKED, State.TALKING]


def test_one_refusal_refuses_all(client, exchange, calls):
    exchange.hold(calls[1])
    answer = client.do("OnHold", "", RECEPTION, phoneCallViewId="00")
    assert answer.code == (400, "pc_action_invalid")
    assert states(exchange, calls) == [State.TALKING, State.HELD, State.TALKING]


@pytest.mark.parametrize("extension", ["1002", RECEPTION])
def test_nothing_to_act_on(client, extension):
    assert client.delete(extension).status == 204
    assert client.do("OnHold", "", extension, phoneCallViewId="00").status == 204


def test_the_action_is_checked_all_the_same(client):
    assert client.do("Dance", "", RECEPTION).code == (400, "pc_action_invalid")
