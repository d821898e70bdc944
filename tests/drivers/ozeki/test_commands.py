"""What goes over the wire for each command, and what the switches of the PBX make of it."""

from __future__ import annotations

import pytest

from tests.drivers.contract import OUTSIDE, PASSWORD, USERNAME, bring, seen
from transfers.domain import Action, CallState, Leg
from transfers.drivers.base import Config
from transfers.drivers.ozeki import wire
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.errors import NotSupported, Refused
from transfers.http import Door

LOGIN = {"Username": USERNAME, "Password": PASSWORD}


@pytest.fixture
def talking(pbx, driver):
    return seen(driver, bring(pbx.exchange, CallState.TALKING))


@pytest.fixture
def ringing(pbx, driver):
    return seen(driver, bring(pbx.exchange, CallState.RINGING))


def live(pbx):
    return [call for call in pbx.exchange.calls() if call.live]


class TestParameters:
    """As documented, in every letter; the command first, as in the vendor's samples."""

    def test_lists(self):
        assert wire.list_calls() == {"command": "ListActiveCalls"}
        assert wire.list_extensions() == {"command": "ListExtensions"}

    def test_blind(self):
        params = wire.blind("H2Wwb", Leg.CALLER, "1001")
        assert list(params.items()) == [
            ("command", "BlindTransfer"),
            ("CallId", "H2Wwb"),
            ("TransferorParty", "caller"),
            ("Target", "1001"),
        ]
        both = wire.blind("H2Wwb", Leg.CALLEE, "1001", both_spellings=True)
        assert both["TranferorParty"] == both["TransferorParty"] == "callee"

    def test_attended(self):
        params = {
            "command": "AttendedTransfer",
            "TransferredCallId": "270Okv",
            "TargetCallId": "HL1bE",
        }
        assert wire.attended("270Okv", "HL1bE") == params
        both = wire.attended("270Okv", "HL1bE", both_spellings=True)
        assert both == {**params, "TranferredCallId": "270Okv"}

    def test_forward_has_two_names(self):
        rest = {"CallId": "Nt3uh", "Destination": "104"}
        assert wire.forward("Nt3uh", "104", "gen1") == {"command": "Forward", **rest}
        assert wire.forward("Nt3uh", "104", "gen2") == {"command": "ForwardCall", **rest}

    @pytest.mark.parametrize("command", ["Hold", "Unhold", "Hangup"])
    def test_on_call(self, command):
        assert wire.on_call(command, "Nt3uh") == {"command": command, "CallId": "Nt3uh"}


class TestRequests:
    def test_post_has_everything_in_the_form(self, driver, pbx, talking, generation):
        driver.hold(talking)
        request = pbx.requests[-1]
        assert (request.method, request.query) == ("POST", {})
        assert request.path == ("/" if generation == "gen1" else "/api")
        assert request.form == {"command": "Hold", "CallId": talking.id, **LOGIN}

    def test_get_has_everything_in_the_query(self, build, pbx, talking):
        build(method="get").hold(talking)
        request = pbx.requests[-1]
        assert (request.method, request.form) == ("GET", {})
        assert request.query == {"command": "Hold", "CallId": talking.id, **LOGIN}

    def test_without_a_login_none_is_sent(self, build, pbx):
        with pytest.raises(Refused):
            build(username="", password="").list_calls()
        assert pbx.requests[-1].form == {"command": "ListActiveCalls"}

    def test_a_path_as_entered_is_kept(self, build, pbx, generation):
        if generation == "gen1":  # gen2 has one path
            build(url=f"{pbx.url}pbx/?a=b").list_calls()
            assert pbx.requests[-1].path == "/pbx/"
            assert pbx.requests[-1].query == {"a": "b"}

    def test_gen2_gets_its_path(self, build, pbx, generation):
        for end in ("", "/"):
            build(url=f"http://127.0.0.1:{pbx.port}{end}").list_calls()
            assert pbx.requests[-1].path == ("/" if generation == "gen1" else "/api")

    def test_ids_and_targets_are_encoded(self, driver, pbx):
        awkward = "a&b=c d+#ő"
        pbx.exchange._ids = lambda: awkward
        driver.forward(seen(driver, bring(pbx.exchange, CallState.RINGING)), "*21#")
        form = pbx.requests[-1].form
        assert (form["CallId"], form["Destination"]) == (awkward, "*21#")


class TestOptions:
    @pytest.mark.parametrize("leaves", list(Leg))
    @pytest.mark.parametrize("meaning", ["leaves", "moves"])
    def test_transferor_party(self, build, pbx, talking, leaves, meaning):
        """Whatever the PBX takes the parameter for: with the option set so, the right one goes."""
        pbx.switches.transferor_leaves = meaning == "leaves"
        build(transferor_party=meaning).blind(talking, "1003", leaves=leaves)
        (call,) = live(pbx)
        assert {call.caller, call.callee} == {talking.party(leaves.other).number, "1003"}

    def test_both_spellings_are_for_gen2(self, build, pbx, talking, generation):
        pbx.switches.proper_parameters = False
        build(send_both_spellings="yes").blind(talking, "1003", leaves=Leg.CALLEE)
        assert ("TranferorParty" in pbx.requests[-1].form) is (generation == "gen2")
        assert "TransferorParty" in pbx.requests[-1].form

    def test_one_spelling_by_default(self, driver, pbx, talking):
        driver.blind(talking, "1003", leaves=Leg.CALLEE)
        assert "TranferorParty" not in pbx.requests[-1].form

    @pytest.mark.parametrize(
        ("url", "generation"),
        [
            ("http://pbx:7780/", "gen1"),
            ("http://pbx", "gen1"),
            ("http://pbx:9509", "gen2"),
            ("https://pbx/some/api/", "gen2"),
            ("http://[", "gen1"),
            ("http://pbx:port/", "gen1"),
        ],
    )
    def test_auto_goes_by_the_address(self, url, generation):
        driver = OzekiDriver(Config(url), Door())
        assert driver.generation == generation

    @pytest.mark.parametrize("odd", ["gen3", "", "auto"])
    def test_strange_options_are_as_good_as_none(self, odd):
        options = {"generation": odd, "method": odd, "timezone": "Mars/Phobos", "colour": "red"}
        driver = OzekiDriver(Config("http://pbx:9509", options=options), Door())
        assert driver.generation == "gen2"
        assert str(driver.zone) == "Europe/Budapest"

    def test_time_zone(self, build, pbx, generation):
        pbx.switches.timezone = "Asia/Tokyo"
        call_id = bring(pbx.exchange, CallState.RINGING)
        call = seen(build(timezone="Asia/Tokyo"), call_id)
        other = seen(build(timezone="America/New_York"), call_id)
        assert abs((call.started_at - other.started_at).total_seconds()) <= 2


class TestOpenQuestions:
    """What the vendor's pages leave open: the driver stands either answer."""

    @pytest.mark.parametrize("empty", ["self-closed", "open-close", "absent"])
    def test_empty_lists(self, driver, pbx, empty):
        pbx.switches.empty_list = empty
        assert driver.list_calls() == []

    @pytest.mark.parametrize("order", ["xsd-first", "xsi-first", "none"])
    def test_namespaces(self, driver, pbx, talking, order):
        pbx.switches.xmlns_order = order
        assert [call.id for call in driver.list_calls()] == [talking.id]

    def test_misspelt_field(self, driver, pbx, talking):
        pbx.switches.callee_dialed_typo = True
        assert driver.list_calls()[0].callee.number == "1001"

    def test_wrong_state_answered_with_ok_is_a_receipt(self, driver, pbx, ringing):
        """200 is only "accepted": whether anything happened, the next pictures show."""
        pbx.switches.wrong_state = "200"
        assert driver.hold(ringing).vendor_code == "200"

    def test_unknown_target_is_accepted_too(self, driver, ringing):
        assert driver.forward(ringing, "9999").vendor_code == "200"

    @pytest.mark.parametrize("code", ["302", "303"])
    def test_unknown_target_refused(self, driver, pbx, ringing, code):
        pbx.switches.unknown_target = code
        with pytest.raises(Refused) as caught:
            driver.forward(ringing, "9999")
        assert caught.value.vendor_code == code

    @pytest.mark.parametrize("rule", ["new", "kept"])
    def test_the_id_after_a_transfer(self, driver, pbx, talking, rule):
        pbx.switches.call_id = rule
        receipt = driver.blind(talking, "1003", leaves=Leg.CALLEE)
        assert receipt.new_call_id == ""
        (call,) = (each for each in driver.list_calls() if each.state is CallState.RINGING)
        assert (call.id == talking.id) is (rule == "kept")
        assert call.caller.number == OUTSIDE

    def test_a_post_that_is_not_read(self, build, pbx):
        pbx.switches.post_accepted = False
        with pytest.raises(Refused):
            build().list_calls()
        assert build(method="get").list_calls() == []


class TestReceipts:
    def test_the_pbxs_own_words(self, driver, talking):
        receipt = driver.hangup(talking)
        assert (receipt.vendor_code, receipt.vendor_text) == (
            "200",
            "Command successfully executed",
        )


def test_the_features_are_what_the_api_documents():
    documented = "blind forward join hold retrieve hangup"
    assert OzekiDriver.features == {Action(word) for word in documented.split()}


def test_a_command_without_a_call_is_not_sent(driver, pbx):
    with pytest.raises(NotSupported):
        driver._command({"command": "Hangup", "CallId": ""})
    assert pbx.requests == []
