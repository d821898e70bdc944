"""`manage.py calls` and `manage.py transfer`: the same services and rights as the pages."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from simulator.server import SimulatorServer
from tests.stage import CALLER
from transfers.drivers.base import Scope
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.management.commands.transfer import Command
from transfers.models import Feed, Seat, Transfer
from transfers.services import observe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def exchange(head_office):
    """A PBX in real time: 1003 answers at once, 1004 never."""
    with SimulatorServer() as server:
        for number in ("1001", "1002"):
            server.exchange.add(number, answers_after=None)
        server.exchange.add("1003", answers_after=0)
        server.exchange.add("1004", busy=True)
        server.switches.linger_seconds = 30
        server.switches.ended_in_list = True
        head_office.url = server.url
        head_office.save()
        server.exchange.server = server
        yield server.exchange


def talk(exchange) -> str:
    call: str = exchange.ring(CALLER, "1001")
    exchange.answer(call)
    return call


def run(*args: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(*args, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_calls_lists_them(exchange):
    call = talk(exchange)
    status, said = run("calls", "Head office")
    assert status == 0
    assert f"{call} " in said
    assert "1 calls" in said


def test_calls_json_is_the_documented_object(exchange):
    call = talk(exchange)
    found = json.loads(run("calls", "Head office", "--json")[1])
    assert set(found) == {"connection", "read_at", "error", "calls"}
    (only,) = found["calls"]
    assert only["id"] == call
    assert only["caller"] == {"number": CALLER, "name": ""}
    assert only["actions"] == ["blind", "hangup", "hold", "join"]


def test_calls_shows_a_person_only_what_she_may_see(exchange, ana):
    Seat.objects.update(sees="own")
    exchange.ring(CALLER, "1002")
    assert "0 calls" in run("calls", "Head office", "--user", "ana")[1]


def test_an_unreachable_pbx_is_an_error_and_no_empty_list(exchange):
    exchange.server.refuse()
    with pytest.raises(CommandError, match="refused") as error:
        run("calls", "Head office")
    assert error.value.returncode == 1


@pytest.mark.parametrize("args", [("Nowhere",), ("Head office", "--user", "nobody")])
def test_calls_of_nothing_known(exchange, args):
    with pytest.raises(CommandError, match="There is no"):
        run("calls", *args)


def transfer(exchange, *args: str) -> tuple[int, str]:
    return run("transfer", "Head office", talk(exchange), *args, "--user", "ana")


def test_a_transfer_exits_0_when_the_pbx_accepted(exchange, ana):
    status, said = transfer(exchange, "--kind", "blind", "--to", "1003")
    assert (status, Transfer.objects.get().state) == (0, "accepted")
    assert "Accepted" in said


def test_wait_waits_for_the_verdict(exchange, ana):
    args = ("--kind", "blind", "--to", "1003", "--wait", "20", "--json")
    status, said = transfer(exchange, *args)
    found = json.loads(said)
    assert (status, found["state"]) == (0, "confirmed")
    assert found["observed"].startswith("1003 ")
    assert found["settled_at"]


def test_wait_tells_when_it_did_not_arrive(exchange, ana):
    status, said = transfer(exchange, "--kind", "blind", "--to", "1004", "--wait", "20", "--json")
    assert (status, json.loads(said)["state"]) == (4, "missed")


def test_wait_does_not_call_it_arrived_where_nobody_can_see(exchange, ana, monkeypatch):
    monkeypatch.setattr(OzekiDriver, "scope", Scope.AGENT)
    monkeypatch.setattr(observe, "_arrival", lambda *_: None)  # the target's calls are not listed
    args = ("--kind", "blind", "--to", "1003", "--wait", "20", "--json")
    status, said = transfer(exchange, *args)
    found = json.loads(said)
    assert (status, found["state"], found["code"]) == (5, "confirmed", "target_unseen")


def test_the_exit_status_is_told_by_help(capsys):
    with pytest.raises(SystemExit):
        Command().create_parser("manage.py", "transfer").parse_args(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "5 it left the transferor" in text


def test_a_refusal_by_the_pbx_exits_2_with_its_code(exchange, ana):
    exchange.server.faults.add("forbidden_address", command="BlindTransfer")
    status, said = transfer(exchange, "--kind", "blind", "--to", "1003", "--json")
    assert (status, json.loads(said)["vendor_code"]) == (2, "307")


def test_a_refusal_by_us_exits_2(exchange, ben):
    args = ("--kind", "blind", "--to", "1003", "--leaves", "callee")
    status, said = run("transfer", "Head office", talk(exchange), *args, "--user", "ben")
    assert status == 2
    assert "may look, but not act" in said


def test_silence_exits_3(exchange, ana):
    exchange.server.faults.add("drop_after", command="BlindTransfer")
    assert transfer(exchange, "--kind", "blind", "--to", "1003")[0] == 3


def test_join_takes_the_other_call(exchange, ana):
    held = talk(exchange)
    exchange.hold(held)
    other = exchange.ring("1001", "1002")
    exchange.answer(other)
    args = ("--kind", "join", "--with", other, "--user", "ana", "--json")
    status, said = run("transfer", "Head office", held, *args)
    assert (status, json.loads(said)["target"]) == (0, "1002")


def test_join_without_the_other_call_is_a_wrong_command_line(exchange, ana):
    with pytest.raises(CommandError, match="--with CALL_ID2"):
        transfer(exchange, "--kind", "join", "--to", "1003")
    assert not Transfer.objects.exists()


def test_a_pbx_of_agents_lists_the_calls_of_the_one_who_is_named(head_office, ana, root):
    """There each login has a feed of its own, beside the connection's, which is never read."""
    head_office.vendor = "genesys"
    head_office.save()
    Feed.objects.create(connection=head_office, seat=ana.seats.get(), error_code="auth_failed")
    with pytest.raises(CommandError, match="name a --user"):
        run("calls", "Head office")
    with pytest.raises(CommandError, match="name a --user"):
        run("calls", "Head office", "--user", "root")
    with pytest.raises(CommandError) as error:
        run("calls", "Head office", "--user", "ana")
    assert error.value.returncode == 1
    assert "name a --user" not in str(error.value)
