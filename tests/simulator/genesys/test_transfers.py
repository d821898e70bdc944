"""Moving a call from desk to desk: what each agent's phone does, and what she hears of it."""

from __future__ import annotations

from tests.simulator.conftest import ANNA
from tests.simulator.genesys.client import states

BEN = {"phoneNumber": "1003"}


def test_a_single_step_transfer_rings_the_other_agent(ana, ben, talking):
    more = {"destination": BEN, "userData": {"TransferReason": "Escalation"}}
    assert ana.do(talking, "SingleStepTransfer", **more) == 0
    assert ana.calls() == []
    call = ben.calls()[0]
    assert (call["id"], call["state"], call["dnis"]) == (talking, "Ringing", "1003")
    assert call["callUuid"] == talking
    assert call["participants"][0]["e164Number"] == ANNA
    assert call["userData"] == {"TransferReason": "Escalation"}


def test_both_agents_hear_of_it(ana, talking, hears, ben_hears):
    hears.start(hears.connecting())
    ana.do(talking, "SingleStepTransfer", destination=BEN, userData={"TransferReason": "x"})
    events = [each["data"] for each in hears.heard() if "data" in each]
    assert states(events) == ["Released"]
    assert events[0]["call"]["capabilities"] == []
    assert events[0]["call"]["userData"] == {"TransferReason": "x"}
    assert states(ben_hears.events()) == ["Ringing"]
