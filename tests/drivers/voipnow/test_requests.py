"""What goes over the wire, and what cannot: a PUT or DELETE that names no call."""

from __future__ import annotations

import http.client
import itertools
import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drivers.contract import OUTSIDE, bring, seen
from transfers.domain import Call, CallState, Leg, Party
from transfers.drivers.voipnow.wire import EXTENSION, OBJECT_ID, Context, Request, root_of
from transfers.errors import NotSupported

HERE = Context()
# Everything that might slip through as a call id: nothing, what the way to the server takes out
# of an address, what ends a path, and what stands for all.
NO_IDS = [
    *("", " ", ".", "..", "/", "//", "./", "../x", "a/b", "a/..", "%2e%2e", "%2F", "a%2Fb"),
    *("?", "a?x=1", "#", "a#b", ";", "@self", "@me", "*", "-", "_", "~", "\n", "a\n", "\x00"),
    *("a b", "é", "x" * 201, "\\", "a\\..", "0003*210", "\u2024\u2024", "．．"),
]


class TestTheGuard:
    @pytest.mark.parametrize("call_id", NO_IDS)
    def test_no_command_without_a_call(self, call_id):
        for build in (
            lambda: HERE.act(call_id, "Transfer", sendCallTo="1003"),
            lambda: HERE.act(call_id, "OnHold", phoneCallViewId="00"),
            lambda: HERE.hang_up(call_id),
            lambda: HERE.delete_event("0003*210", "0", call_id),
        ):
            with pytest.raises(NotSupported):
                build()

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "put", ""])
    @pytest.mark.parametrize(
        "path",
        [
            (),
            ("phoneCalls",),
            ("phoneCalls", "@me"),
            ("phoneCalls", "@me", "@self"),
            ("phoneCalls", "@me", "@self", "@self"),
            ("phoneCalls", "@me", "@self", "*"),
            ("phoneCalls", "@me", "@self", "a", "b"),
            ("extensions", "@me", "0003*210"),
            ("extensions", "@me", "0003*210", "phoneCallEvents"),
            ("extensions", "@me", "0003*210", "phoneCallEvents", "0"),
            ("extensions", "@me", "0003*210", "presence", "0", "a"),
        ],
    )
    def test_no_request_of_that_shape(self, method, path):
        with pytest.raises(NotSupported):
            Request(method, path)

    @given(
        st.sampled_from(["PUT", "DELETE"]),
        st.lists(st.text(max_size=8) | st.sampled_from(["phoneCalls", "@me", "@self"]), max_size=6),
    )
    def test_what_can_be_made_names_one(self, method, path):
        try:
            request = Request(method, tuple(path))
        except NotSupported:
            return
        assert len(path) in (4, 6)
        assert OBJECT_ID.fullmatch(path[-1])
        assert request.url("https://pbx").count("/") == 3 + len(path)

    @given(st.text(max_size=12))
    def test_the_last_part_of_the_address_is_the_id(self, call_id):
        try:
            request = HERE.hang_up(call_id)
        except NotSupported:
            return
        address = request.url("https://pbx")
        assert unquote(address) == f"https://pbx/uapi/phoneCalls/@me/@self/{call_id}"
        assert address.count("/") == 7

    @pytest.mark.parametrize("call_id", NO_IDS)
    def test_no_driver_sends_it(self, driver, pbx, call_id):
        """Whatever a call says of itself: the simulator would act on both calls."""
        bring(pbx.exchange, CallState.TALKING)
        call = seen(driver, bring(pbx.exchange, CallState.TALKING))
        values = call.to_json() | {"id": call_id or "x"}
        broken = Call.from_json(values)
        if not call_id:
            object.__setattr__(broken, "id", "")
        held = Call.from_json(values | {"state": "held"})
        object.__setattr__(held, "id", broken.id)
        before = pbx.exchange.calls()
        pbx.requests.clear()
        for attempt in attempts(driver, broken, held, call):
            with pytest.raises(NotSupported):
                attempt()
        assert pbx.requests == []
        assert pbx.exchange.calls() == before

    def test_it_is_worth_it(self, driver, pbx):
        """The trap is real: without an id, all calls end."""
        for _ in range(2):
            bring(pbx.exchange, CallState.TALKING)
        token = driver.line.tokens.bearer()
        connection = http.client.HTTPConnection("127.0.0.1", pbx.port, timeout=5)
        headers = {"Authorization": f"Bearer {token}"}
        connection.request("DELETE", "/uapi/phoneCalls/@me/@self/", headers=headers)
        connection.getresponse().read()
        connection.close()
        assert not [call for call in pbx.exchange.calls() if call.live]


def attempts(driver, broken: Call, held: Call, call: Call):
    """Every command, on a call that cannot be named."""
    yield from (
        lambda: driver.blind(broken, "1003", leaves=Leg.CALLEE),
        lambda: driver.forward(ringing(broken), "1003"),
        lambda: driver.voicemail(broken, "1003", leaves=Leg.CALLEE),
        lambda: driver.hold(broken),
        lambda: driver.retrieve(broken),
        lambda: driver.park(broken),
        lambda: driver.unpark(broken, "1003"),
        lambda: driver.pickup(broken, "1003"),
        lambda: driver.hangup(broken),
        lambda: driver.consult(broken, "1003", leaves=Leg.CALLEE),
    )
    beside = Call.from_json(
        call.to_json() | {"caller": ["1001", ""], "callee": ["1003", ""], "id": "fine"}
    )
    for one, other in itertools.permutations((held, beside)):
        yield lambda one=one, other=other: driver.join(one, other)
        yield lambda one=one, other=other: driver.cancel(one, other)
        yield lambda one=one, other=other: driver.swap(one, other)


def ringing(call: Call) -> Call:
    copy = Call.from_json(call.to_json() | {"state": "ringing", "id": "x"})
    object.__setattr__(copy, "id", call.id)
    return copy


class TestAddresses:
    @pytest.mark.parametrize(
        ("entered", "root"),
        [
            ("https://pbx", "https://pbx"),
            ("https://pbx/", "https://pbx"),
            ("https://pbx/uapi", "https://pbx"),
            (" https://pbx/uapi/ ", "https://pbx"),
            ("https://pbx:8443/voip/uapi/?a=b#c", "https://pbx:8443/voip"),
            ("pbx", "pbx"),
            ("http://[", "http://["),
        ],
    )
    def test_root(self, entered, root):
        assert root_of(entered) == root

    @pytest.mark.parametrize("end", ["", "/", "/uapi", "/uapi/"])
    def test_the_address_may_be_entered_with_and_without_the_path(self, build, pbx, end):
        assert build(url=f"http://127.0.0.1:{pbx.port}{end}").list_calls() == []
        assert [each.path for each in pbx.requests] == [
            "/oauth/token.php",
            "/uapi/phoneCalls/@me/@self",
        ]

    def test_user_and_extension_of_the_options(self, build, pbx):
        build(user="12", extension="0003*1001").list_calls()
        assert pbx.requests[-1].path == "/uapi/phoneCalls/12/0003*1001"

    def test_an_option_that_is_no_part_of_a_path_is_not_sent(self, build, pbx):
        with pytest.raises(NotSupported):
            build(user="../x").list_calls()
        assert pbx.requests == []

    def test_presence_of_all_is_not_asked_of_the_owner(self):
        assert Context("@owner", "0003*210").presence().path[1] == "@me"

    @pytest.mark.parametrize("said", ["0003*210", "210", "@self"])
    def test_extensions(self, said):
        assert EXTENSION.fullmatch(said)

    @pytest.mark.parametrize("said", ["", "*", "0003*", "a", "@me", "21 0", "٢"])
    def test_no_extensions(self, said):
        assert not EXTENSION.fullmatch(said)


class TestBodies:
    """As documented, in every letter."""

    @pytest.fixture
    def talking(self, pbx, driver):
        return seen(driver, bring(pbx.exchange, CallState.TALKING))

    def sent(self, pbx) -> tuple[str, str, dict]:
        request = pbx.requests[-1]
        assert request.headers["Content-Type"] == "application/json"
        return request.method, request.path, json.loads(request.body)

    @pytest.mark.parametrize(
        ("leaves", "from_number", "number"),
        [(Leg.CALLEE, "0003*1001", OUTSIDE), (Leg.CALLER, OUTSIDE, "0003*1001")],
    )
    def test_transfer(self, driver, pbx, talking, leaves, from_number, number):
        driver.blind(talking, "1003", leaves=leaves)
        assert self.sent(pbx) == (
            "PUT",
            f"/uapi/phoneCalls/@me/@self/{talking.id}",
            {
                "action": "Transfer",
                "sendCallTo": "1003",
                "transferFromNumber": from_number,
                "transferNumber": number,
            },
        )

    def test_transfer_of_old_servers_names_the_view_of_who_leaves(self, build, pbx, talking):
        pbx.switches.legacy_transfer = True
        build(legacy_view="yes").blind(talking, "1003", leaves=Leg.CALLEE)
        body = self.sent(pbx)[2]
        assert body["phoneCallViewId"] == talking.extra["callee_view"]

    def test_who_stays_is_left_out_when_the_pbx_does_not_tell(self, driver, pbx, talking):
        extra = {name: value for name, value in talking.extra.items() if name != "caller"}
        hidden = Call.from_json(talking.to_json() | {"extra": extra, "caller": ["", ""]})
        driver.blind(hidden, "1003", leaves=Leg.CALLEE)
        assert "transferNumber" not in self.sent(pbx)[2]
        pbx.requests.clear()
        for attempt in (
            lambda: driver.blind(hidden, "1003", leaves=Leg.CALLER),
            lambda: driver.voicemail(hidden, "1003", leaves=Leg.CALLEE),
        ):
            with pytest.raises(NotSupported, match="does not tell the caller's number"):
                attempt()
        assert pbx.requests == []

    def test_forward(self, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.RINGING))
        driver.forward(call, "1003")
        body = self.sent(pbx)[2]
        assert (body["action"], body["transferFromNumber"]) == ("Transfer", "0003*1001")

    def test_voicemail_names_both(self, driver, pbx, talking):
        driver.voicemail(talking, "1002", leaves=Leg.CALLEE)
        assert self.sent(pbx)[2] == {
            "action": "TransferToVoicemail",
            "sendCallTo": "1002",
            "transferFromNumber": "0003*1001",
            "transferNumber": OUTSIDE,
        }

    def test_hold_and_retrieve_name_the_view(self, driver, pbx, talking):
        driver.hold(talking)
        view = talking.extra["callee_view"]
        assert self.sent(pbx)[2] == {"action": "OnHold", "phoneCallViewId": view}
        driver.retrieve(seen(driver, talking.id))
        assert self.sent(pbx)[2] == {"action": "OffHold", "phoneCallViewId": view}

    def test_park(self, build, pbx, talking):
        build(park_seconds="60").park(talking)
        view = talking.extra["callee_view"]
        body = {"action": "Park", "phoneCallViewId": view, "maxInParking": "60"}
        assert self.sent(pbx)[2] == body

    def test_unpark_names_the_parked_view(self, driver, pbx, talking):
        driver.park(talking)
        parked = seen(driver, talking.id)
        driver.unpark(parked, "1002")
        view = parked.extra["parked_view"]
        body = {"action": "UnPark", "phoneCallViewId": view, "sendCallTo": "1002"}
        assert self.sent(pbx)[2] == body

    def test_pickup_names_the_ringing_view(self, driver, pbx):
        call = seen(driver, bring(pbx.exchange, CallState.RINGING))
        driver.pickup(call, "1002")
        view = call.extra["ringing_view"]
        body = {"action": "PickUp", "phoneCallViewId": view, "sendCallTo": "1002"}
        assert self.sent(pbx)[2] == body

    def test_hangup_has_no_body(self, driver, pbx, talking):
        driver.hangup(talking)
        request = pbx.requests[-1]
        assert (request.method, request.body) == ("DELETE", b"")
        assert request.path == f"/uapi/phoneCalls/@me/@self/{talking.id}"

    def test_a_call_of_which_nothing_is_known_can_only_be_hung_up(self, driver, pbx):
        call = Call("a", CallState.UNKNOWN, "", Party(), Party())
        for attempt in (
            lambda: driver.hold(call),
            lambda: driver.retrieve(call),
            lambda: driver.park(call),
            lambda: driver.unpark(call, "1001"),
            lambda: driver.pickup(call, "1001"),
            lambda: driver.consult(call, "1001", leaves=Leg.CALLEE),
        ):
            with pytest.raises(NotSupported, match="does not tell"):
                attempt()
        assert pbx.requests == []

    def test_list(self, driver, pbx):
        driver.list_calls()
        request = pbx.requests[-1]
        assert (request.method, request.query) == ("GET", {"count": "4999"})
        assert request.headers["Authorization"].startswith("Bearer ")
        assert request.body == b""
