""" "Test connection": missing rights one by one, and the lines that a PBX needs."""

from __future__ import annotations

import pytest

from tests.drivers.contract import checks
from transfers.drivers.asterisk.session import CookieSession
from transfers.drivers.asterisk.wire import Answer


def test_all_is_well(driver, pbx):
    found = checks(driver.probe())
    assert found["Version"] == (True, "Asterisk 22.10.1.")
    assert found["Rights"] == (True, "write= has call and reporting.")
    assert found["Extensions"] == (True, "Lists 3 extensions.")
    assert found["Context of transfers"][0]
    assert found["Context for holding"][0]


@pytest.mark.parametrize(
    ("rights", "missing"),
    [("reporting", {"call"}), ("call", {"reporting"}), ("originate", {"call", "reporting"})],
)
def test_each_missing_right_is_named_with_what_manager_conf_needs(driver, pbx, rights, missing):
    pbx.switches.rights = rights
    found = checks(driver.probe())
    named = {name for name in ("call", "reporting") if f"Right “{name}”" in found}
    assert named == missing
    for name in missing:
        ok, text = found[f"Right “{name}”"]
        assert ok is False
        assert "read = call, write = call,originate,reporting" in text


def test_originate_comes_with_its_line_too(driver, pbx):
    pbx.switches.rights = "call,reporting"
    probe = driver.probe()
    ok, text = checks(probe)["Right “originate”"]
    assert (ok, probe.ok) == (None, True)
    assert "nobody can call from here. Add it if people shall." in text
    assert "write = call,originate,reporting" in text


@pytest.mark.parametrize("login", ["session", "digest"])
def test_the_right_to_read_is_told_by_an_event_of_a_call_that_cannot_begin(build, pbx, login):
    driver = build(login=login)
    assert checks(driver.probe())["Changes"] == (True, "read= has call: changes come at once.")
    assert pbx.exchange.calls() == []
    (sent,) = [each for each in pbx.requests if each.params.get("action") == "Originate"]
    assert sent.params["Channel"] == "ConnectionTest/nobody"


def test_an_answer_that_comes_at_once_and_has_nothing_proves_nothing(driver, pbx, monkeypatch):
    nothing = Answer({"response": "Success"}, ({"event": "WaitEventComplete"},), "")
    answers, poll = iter([nothing]), CookieSession.poll
    monkeypatch.setattr(
        CookieSession, "poll", lambda *a, **kw: next(answers, None) or poll(*a, **kw)
    )
    assert checks(driver.probe())["Changes"][0] is True


@pytest.mark.parametrize(
    ("rights", "words"),
    [("call,originate,reporting", "missing in read="), ("call,reporting", "cannot be seen")],
)
def test_the_right_to_read_may_be_missing(driver, pbx, rights, words):
    pbx.switches.rights, pbx.switches.reads = rights, False
    probe = driver.probe()
    ok, text = checks(probe)["Changes"]
    assert (ok, probe.ok) == (None, True)
    assert words in text
    assert "read = call, write = call,originate,reporting" in text


def test_a_refused_login_tells_what_the_pbx_needs(build, pbx):
    found = checks(build(password="wrong").probe())
    assert found["Login"][0] is False
    assert "permit = (the address of this server)" in found["Login"][1]


def test_a_wrong_context_is_corrected_where_there_is_one_only(build, pbx):
    probe = build(context="internal").probe()
    assert probe.ok
    assert probe.learned == {"context": "from-internal"}
    assert "no “internal”; taken is “from-internal”" in checks(probe)["Context of transfers"][1]


def test_a_wrong_context_without_phones_to_go_by(build, pbx):
    for phone in pbx.exchange.extensions():
        pbx.exchange.behave(phone.number, kind="queue")
    probe = build(context="internal").probe()
    assert not probe.ok
    assert probe.learned == {}


def test_the_context_for_holding_comes_with_its_lines(driver, pbx):
    pbx.switches.hold_context = ""
    probe = driver.probe()
    ok, text = checks(probe)["Context for holding"]
    assert (ok, probe.ok) == (None, True)
    for line in ("[pbxadmin-hold]", "Set(BRING_BACK=yes)", "?from-internal,${EXTEN},1)"):
        assert line in text


def test_holding_may_be_switched_off(build):
    ok, text = checks(build(hold_context="").probe())["Context for holding"]
    assert (ok, "None is set" in text) == (None, True)


def test_parking_may_be_missing(driver, pbx):
    pbx.switches.parking = False
    assert checks(driver.probe())["Parking"][0] is None
    assert driver.list_calls() == []


def test_a_wrong_prefix_is_explained(build, pbx):
    found = checks(build(url=f"{pbx.url.removesuffix('mxml')}asterisk/").probe())
    assert found["Manager interface"][0] is False
    assert "prefix in the PBX's http.conf" in found["Manager interface"][1]
