"""`manage.py dial`: the same service and rights as the page."""

from __future__ import annotations

import json

import pytest

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.commands.test_calls_and_transfer import run
from tests.conftest import PBX_PASSWORD
from transfers.models import Feed, PbxConnection, Seat, Transfer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def exchange(ana):
    """Both phones are answered at once."""
    made = Exchange()
    for number in ("1001", "1002", "1003"):
        made.add(number, answers_after=0)
    with SimulatorServer(made, "asterisk", username="console", password=PBX_PASSWORD) as pbx:
        branch = PbxConnection(name="Branch", vendor="asterisk", url=pbx.url, username="console")
        branch.secrets = {"password": PBX_PASSWORD}
        branch.save()
        Feed.objects.create(connection=branch)
        Seat.objects.create(user=ana, connection=branch, extensions="1001")
        yield made


def test_it_calls(exchange):
    status, said = run("dial", "Branch", "--to", "1003", "--user", "ana", "--wait", "10", "--json")
    told = json.loads(said)
    assert (status, told["kind"], told["state"], told["target"]) == (0, "dial", "confirmed", "1003")
    assert told["call"] == exchange.calls()[0].id


def test_from_the_phone_that_is_named(exchange):
    Seat.objects.update(extensions="1001, 1002")
    assert run("dial", "Branch", "--to", "1003", "--user", "ana")[0] == 2
    status, said = run("dial", "Branch", "--to", "1003", "--from", "1002", "--user", "ana")
    assert (status, said) == (0, "Accepted. Originate successfully queued\n")
    assert Transfer.objects.first().caller_number == "1002"


def test_what_is_refused_is_said(exchange, eve):
    status, said = run("dial", "Branch", "--to", "1003", "--user", "eve")
    assert (status, said) == (
        2,
        "Refused. You have no extension at Branch: no phone could ring.\n",
    )
    assert exchange.calls() == []
