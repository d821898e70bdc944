""" "Test connection", step by step."""

from __future__ import annotations

import re

import pytest
import time_machine

from simulator.server import SimulatorServer
from tests.drivers.contract import PASSWORD, USERNAME, bring, checks
from transfers.domain import CallState

READS = {"Token", "ListPhoneCalls", "ListPresence"}


def test_all_is_well(build, pbx):
    bring(pbx.exchange, CallState.TALKING)
    probe = build().probe()
    assert checks(probe) == {
        "Address": (True, "The PBX answers."),
        "Login": (True, "Accepted as console."),
        "TLS": (None, "The client secret travels unprotected: use https://."),
        "Calls": (True, "Sees 1 live call."),
        "Extensions": (True, "Lists 3 extensions."),
        "Clock": (True, "Agrees with ours within 1 s."),
    }
    assert (probe.ok, probe.learned) == (True, {})
    assert {request.command for request in pbx.requests} == READS
    assert {request.method for request in pbx.requests} == {"GET", "POST"}


def test_the_prefix_is_found_out(build):
    probe = build(organisation="").probe()
    assert checks(probe)["Organisation prefix"] == (True, "0003: 0003*210 is shown as 210.")
    assert probe.learned == {"organisation": "0003"}
    seen = build(**probe.learned).list_extensions()
    assert {each.number for each in seen} == {"1001", "1002", "1003"}


def test_a_wrong_prefix_is_told(build):
    probe = build(organisation="0004").probe()
    words = "No extension begins with 0004*; the PBX lists 0003."
    assert checks(probe)["Organisation prefix"] == (False, words)
    assert probe.learned == {}


def test_several_organisations(build, monkeypatch):
    driver = build(organisation="")
    entries = [{"extension": "0003*1"}, {"extension": "0004*1"}, {"extension": "7"}]
    monkeypatch.setattr(driver, "presence_entries", lambda: entries)
    probe = driver.probe()
    ok, words = checks(probe)["Organisation prefix"]
    assert (ok, probe.learned) == (None, {})
    assert words.startswith("Several (0003, 0004)")


@pytest.mark.parametrize("form", ["short", "extended"])
def test_nothing_to_learn(build, pbx, form):
    pbx.switches.extension_form = form
    changes = {"organisation": ""} if form == "short" else {}
    assert "Organisation prefix" not in checks(build(**changes).probe())


def test_it_logs_in_anew(build, pbx):
    """A token that is remembered says nothing about the secret."""
    build().list_calls()
    build().probe()
    assert pbx.count("Token") == 2


def test_wrong_login(build, pbx):
    probe = build(password="wrong").probe()
    assert checks(probe) == {
        "Address": (True, "The PBX answers."),
        "Login": (False, "The PBX does not accept the client ID or the client secret."),
    }
    assert len(pbx.requests) == 1  # a PBX may lock an account after some wrong logins


@pytest.mark.parametrize("fault", ["http_500", "not_json", "status_401", "deep"])
def test_something_else_there(build, pbx, fault):
    pbx.faults.add(fault, command="Token")
    found = checks(build().probe())
    assert found["Address"] == (True, "Something answers there.")
    assert found["API"][0] is False
    assert len(found) == 2


def test_another_vendor_there(build):
    with SimulatorServer(face="ozeki-gen1", username=USERNAME, password=PASSWORD) as other:
        found = checks(build(url=other.url).probe())
    assert found["API"][0] is False


def test_no_right_to_the_calls(build, pbx):
    pbx.faults.add("forbidden_user", command="ListPhoneCalls")
    found = checks(build().probe())
    assert found["Calls"][0] is False
    assert "rights" in found["Calls"][1]
    assert found["Extensions"][0] is True
    assert "Clock" not in found


def test_extensions_that_are_not_listed(build, pbx):
    pbx.faults.add("forbidden_user", command="ListPresence")
    probe = build().probe()
    assert probe.ok
    assert checks(probe)["Extensions"][0] is None


def test_tls_is_not_mentioned_when_there(build, monkeypatch):
    driver = build()
    monkeypatch.setattr(driver.line, "root", "https://pbx")
    monkeypatch.setattr(driver.line.tokens, "fetch", lambda: "token")
    monkeypatch.setattr(driver.door, "read", lambda *_, **__: pytest.fail("not asked"))
    monkeypatch.setattr(driver, "list_calls", list)
    monkeypatch.setattr(driver, "ask", lambda _: answered())
    monkeypatch.setattr(driver, "presence_entries", list)
    assert checks(driver.probe()).keys() == {"Address", "Login", "Calls", "Extensions", "Clock"}


def answered(date: str = "Tue, 01 Jan 2013 10:00:00 GMT"):
    from transfers.drivers.voipnow.answers import Answer

    return Answer(200, None, date)


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        ("2013-01-01 09:58:00 +00:00", "120 s ahead of ours"),
        ("2013-01-01 10:02:00 +00:00", "120 s behind ours"),
    ],
)
def test_clock(build, monkeypatch, ours, words):
    driver = build()
    monkeypatch.setattr(driver, "ask", lambda _: answered())
    with time_machine.travel(ours, tick=False):
        ok, text = checks(driver.probe())["Clock"]
    assert ok is False
    assert re.match(f"The PBX's clock is {words}", text)


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 01 Jan 2013 10:00:00 -0000"])
def test_a_pbx_without_a_clock(build, monkeypatch, date):
    driver = build()
    monkeypatch.setattr(driver, "ask", lambda _: answered(date))
    assert checks(driver.probe())["Clock"] == (None, "The PBX does not tell its time.")
