""" "Test connection", step by step."""

from __future__ import annotations

import pytest

from tests.drivers.contract import HASTY, PASSWORD, USERNAME, bring, checks
from transfers.domain import CallState


def test_everything_is_fine(driver, pbx):
    bring(pbx.exchange, CallState.TALKING)
    pbx.face.agents.all()[0].state = "Ready"
    probe = driver.probe()
    assert probe.ok
    assert checks(probe) == {
        "Address": (True, "The PBX answers, version 8.5.202.96."),
        "Login": (True, f"Accepted as {USERNAME}."),
        "Voice": (True, "The agent has the feature api-voice."),
        "Phone": (True, "Number 1001."),
        "Calls": (True, "Sees 1 live call."),
        "Contacts": (True, "Lists 3 numbers."),
        "Notifications": (True, "The PBX pushes changes of calls."),
    }


def test_nothing_is_changed(build, pbx):
    build(session="ours").probe()
    commands = {each.command for each in pbx.requests if each.method == "POST"}
    assert commands == {"/meta/handshake", "/meta/disconnect"}
    assert pbx.face.listeners.all() == []
    assert not pbx.face.agents.all()[0].started


class TestWithoutALogin:
    """The connection's own: every seat has the agent's, the connection has none."""

    def test_the_address_is_tried_and_the_seats_are_named(self, build, pbx):
        probe = build(username="", password="").probe()
        found = checks(probe)
        assert probe.ok
        assert found.keys() == {"Address", "Login"}
        assert found["Address"] == (True, "The PBX answers, version 8.5.202.96.")
        assert found["Login"][0] is None
        assert "every seat needs the agent's own login" in found["Login"][1]
        assert [each.command for each in pbx.requests] == ["GET /diagnostics/version"]
        assert "Authorization" not in pbx.requests[0].headers

    def test_nobody_there(self, build, pbx):
        pbx.refuse()
        assert checks(build(username="").probe()).keys() == {"Address"}


class TestTrouble:
    def test_wrong_password(self, build):
        probe = build(password="wrong").probe()
        assert not probe.ok
        assert checks(probe)["Login"][0] is False
        assert checks(probe).keys() == {"Address", "Login"}

    def test_api_voice_is_missing(self, driver, pbx):
        pbx.switches.api_voice = False
        found = checks(driver.probe())
        assert found["Voice"][0] is False
        assert "api-voice" in found["Voice"][1]
        assert found["Calls"][0] is False

    def test_a_pbx_that_does_not_tell_its_features(self, driver, pbx, monkeypatch):
        monkeypatch.setattr(pbx.face.resources, "features", lambda: None)
        probe = driver.probe()
        assert checks(probe)["Voice"][0] is None
        assert probe.ok

    def test_she_is_not_logged_in_at_her_desktop(self, driver, build):
        assert checks(driver.probe())["Phone"] == (
            None,
            "Number 1001; the agent is not logged in at her desktop now.",
        )
        assert checks(build(session="ours").probe())["Phone"] == (True, "Number 1001.")

    def test_no_phone(self, driver, pbx, monkeypatch):
        monkeypatch.setattr(pbx.face.resources, "device", lambda _: {"id": "1"})
        assert checks(driver.probe())["Phone"][0] is None

    def test_no_contacts(self, driver, pbx):
        pbx.faults.add("code_5", command="GET /contacts")
        probe = driver.probe()
        assert checks(probe)["Contacts"][0] is None
        assert probe.ok

    @pytest.mark.parametrize("fault", ["http_503", "code_3", "drop_after", "not_json"])
    def test_no_notifications(self, driver, pbx, fault):
        pbx.faults.add(fault, command="/meta/handshake")
        probe = driver.probe()
        ok, text = checks(probe)["Notifications"]
        assert (ok, text[:12]) == (None, "Not pushed: ")
        assert "read in intervals" in text
        assert probe.ok

    def test_notifications_elsewhere(self, build):
        assert checks(build(notifications="/nowhere").probe())["Notifications"][0] is None

    def test_a_good_bye_that_does_not_arrive(self, driver, pbx):
        pbx.faults.add("drop_before", command="/meta/disconnect")
        assert driver.probe().ok

    def test_a_protected_version_is_no_trouble(self, driver, pbx):
        pbx.faults.add("wrong_login", command="GET /diagnostics/version")
        probe = driver.probe()
        assert checks(probe)["Address"] == (True, "The PBX answers.")
        assert probe.ok

    def test_another_address(self, build, pbx):
        probe = build(url=f"http://127.0.0.1:{pbx.port}/elsewhere").probe()
        assert not probe.ok
        assert checks(probe)["Address"] == (True, "Something answers there.")
        assert "check address and port" in checks(probe)["API"][1]

    def test_too_slow(self, build, pbx):
        pbx.faults.add("delay", seconds=5)
        assert checks(build(rules=HASTY).probe()) == {
            "Address": (False, "The PBX did not answer within 0.25 s.")
        }

    def test_no_secret(self, build):
        assert PASSWORD not in repr(build().probe())
