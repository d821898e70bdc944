"""The long polls, message by message, by raw requests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest

from simulator.server import SimulatorServer
from tests.simulator.conftest import ANNA
from tests.simulator.genesys.client import Bayeux, Desk, states

UNKNOWN = {"error": "402::Unknown client", "successful": False}


@pytest.fixture
def fresh(ana: Desk) -> Iterator[Bayeux]:
    """Ana's cookies, nothing said yet."""
    with Bayeux.of(ana) as bayeux:
        yield bayeux


def test_handshake(fresh):
    told = fresh.handshake(minimumVersion="1.0", advice={"timeout": 60000, "interval": 0})
    assert told == {
        "id": "1",
        "channel": "/meta/handshake",
        "successful": True,
        "clientId": told["clientId"],
        "version": "1.0",
        "minimumVersion": "1.0",
        "supportedConnectionTypes": ["long-polling"],
        "advice": {"reconnect": "retry", "interval": 0, "timeout": 2000},
    }
    assert fresh.headers["set-cookie"].startswith("BAYEUX_BROWSER=")
    assert fresh.headers["content-type"] == "application/json;charset=UTF-8"


def test_one_cookie_for_every_handshake_of_a_jar(fresh):
    fresh.handshake()
    cookie = fresh.cookies["BAYEUX_BROWSER"]
    fresh.handshake()
    assert (fresh.cookies["BAYEUX_BROWSER"], "set-cookie" in fresh.headers) == (cookie, False)


def test_a_handshake_stands_alone(fresh):
    assert fresh.talk(fresh.message("/meta/handshake"), fresh.message("/meta/connect")) == []
    assert fresh.status == 500


@pytest.mark.parametrize("path", ["/notifications", "/notifications/", "/notifications/handshake"])
def test_the_type_may_be_in_the_address(fresh, path):
    body = json.dumps([fresh.message("/meta/handshake", version="1.0")]).encode()
    assert json.loads(fresh.raw("POST", path, body))[0]["successful"]


def test_subscribe(fresh):
    fresh.handshake()
    told = {"id": "2", "channel": "/meta/subscribe", "successful": True}
    assert fresh.subscribe("/v2/me/calls") == told | {"subscription": "/v2/me/calls"}
    both = ["/v2/me/calls", "/v2/me/devices"]
    assert fresh.subscribe(*both)["subscription"] == both


@pytest.mark.parametrize(
    "channel",
    ["/v2/me/calls", "/v2/me/*", "/v2/me/**", "/v2/**", "/notifications/services", "/v2/users"],
)
def test_what_may_be_heard(fresh, channel):
    fresh.handshake()
    assert fresh.subscribe(channel)["successful"]


@pytest.mark.parametrize("channel", ["/secret", "/meta/connect", "/**", "/v2/me/calls/x"])
def test_what_may_not_be_heard(fresh, channel):
    fresh.handshake()
    told = fresh.subscribe("/v2/me/calls", channel)
    assert (told["successful"], told["error"]) == (False, f"403:{channel}:Subscription denied")


def test_a_subscription_must_name_something(fresh):
    fresh.handshake()
    assert fresh.talk(fresh.message("/meta/subscribe"))[0]["error"] == "403::subscription_missing"


@pytest.mark.parametrize("pattern", ["/v2/me/calls", "/v2/me/*", "/v2/me/**", "/v2/**"])
def test_what_a_pattern_covers(fresh, exchange, pattern):
    fresh.handshake()
    fresh.subscribe(pattern)
    exchange.ring(ANNA, "1001")
    assert fresh.connect()[0]["channel"] == "/v2/me/calls"


@pytest.mark.parametrize("pattern", ["/v2/*", "/v2/me/devices"])
def test_what_a_pattern_does_not_cover(fresh, exchange, pattern):
    fresh.handshake()
    fresh.subscribe(pattern)
    exchange.ring(ANNA, "1001")
    assert fresh.now() == []


def test_a_first_connect_is_answered_at_once_with_advice(fresh):
    fresh.handshake()
    assert fresh.connect(advice={"timeout": 0}) == [
        {
            "id": "2",
            "channel": "/meta/connect",
            "successful": True,
            "advice": {"reconnect": "retry", "interval": 0, "timeout": 2000},
        }
    ]


def test_an_idle_poll_is_held_and_says_no_more_than_needed(pbx, hears):
    pbx.switches.hold_seconds = 0.1
    hears.connect()
    started = time.monotonic()
    told = hears.connect()[0]
    assert 0.09 < time.monotonic() - started < 2
    assert told == {"id": told["id"], "channel": "/meta/connect", "successful": True}


def test_changed_advice_is_told(pbx, hears):
    pbx.switches.hold_seconds = 0.05
    hears.connect()
    pbx.switches.interval_seconds = 0.5
    assert hears.connect()[0]["advice"] == {"reconnect": "retry", "interval": 500, "timeout": 50}
    assert "advice" not in hears.connect()[0]


def test_a_held_poll_ends_with_the_event(exchange, hears):
    hears.start(hears.connecting())
    exchange.ring(ANNA, "1001")
    event, reply = hears.heard()
    assert (event["channel"], set(event)) == ("/v2/me/calls", {"channel", "data", "id"})
    assert (reply["channel"], reply["successful"]) == ("/meta/connect", True)


def test_what_comes_between_polls_waits(exchange, hears):
    call_id = exchange.ring(ANNA, "1001")
    exchange.answer(call_id)
    assert states(hears.events()) == ["Ringing", "Established"]


def test_a_held_poll_lets_time_pass(exchange, clock, hears):
    call_id = exchange.ring("1001", "1002")  # who answers after 3 s
    assert states(hears.events()) == ["Dialing"]
    hears.start(hears.connecting())
    clock.pass_(3)
    assert states(each["data"] for each in hears.heard() if "data" in each) == ["Established"]
    assert exchange.call(call_id).state == "talking"


def test_events_ride_on_any_reply(pbx, exchange, hears):
    exchange.ring(ANNA, "1001")
    told = hears.talk(hears.message("/meta/subscribe", subscription="/v2/me/channels"))
    assert [each["channel"] for each in told] == ["/v2/me/calls", "/meta/subscribe"]
    exchange.ring(ANNA, "1001")
    pbx.switches.events_on_any_reply = False
    told = hears.talk(hears.message("/meta/subscribe", subscription="/v2/me/channels"))
    assert [each["channel"] for each in told] == ["/meta/subscribe"]


def test_events_may_stand_last(pbx, exchange, hears):
    pbx.switches.events_stand = "last"
    exchange.ring(ANNA, "1001")
    assert [each["channel"] for each in hears.connect()] == ["/meta/connect", "/v2/me/calls"]


def test_a_batch(pbx, exchange, fresh):
    pbx.switches.hold_seconds = 60.0  # a connect in a batch is not held
    fresh.handshake()
    exchange.ring(ANNA, "1001")
    told = fresh.talk(
        fresh.message("/meta/subscribe", subscription="/v2/me/calls"),
        fresh.message("/meta/subscribe", subscription="/v2/me/devices"),
        fresh.connecting(),
    )
    channels = [each["channel"] for each in told]
    assert channels == ["/meta/subscribe", "/meta/subscribe", "/meta/connect"]


def test_unsubscribe(exchange, hears):
    told = hears.talk(hears.message("/meta/unsubscribe", subscription="/v2/me/calls"))[0]
    assert (told["successful"], told["subscription"]) == (True, "/v2/me/calls")
    exchange.ring(ANNA, "1001")
    assert hears.now() == []


def test_disconnect_ends_a_held_poll(hears):
    with Bayeux.of(hears) as other:
        other.client_id = hears.client_id
        hears.start(hears.connecting())
        wait_for_poll(hears.pbx)
        assert other.talk(other.message("/meta/disconnect"))[0]["successful"]
    told = hears.heard()[0]
    assert told["advice"] == {"reconnect": "none", "interval": 0}
    assert hears.connect()[0]["error"] == "402::Unknown client"


def wait_for_poll(pbx: SimulatorServer) -> None:
    while not any(each.held for each in pbx.face.listeners.all()):
        time.sleep(0.001)


# ----- 402 and its kin


def test_an_unknown_client_is_told_to_shake_hands(fresh):
    fresh.handshake()
    fresh.client_id = "nonsense"
    told = fresh.connect()[0]
    assert told == UNKNOWN | {
        "id": told["id"],
        "channel": "/meta/connect",
        "advice": {"reconnect": "handshake", "interval": 0},
    }
    assert "advice" not in fresh.subscribe("/v2/me/calls")


def test_without_the_browser_cookie_nobody_is_known(hears):
    del hears.cookies["BAYEUX_BROWSER"]
    assert hears.connect()[0]["error"] == "402::Unknown client"


@pytest.mark.parametrize("text", ["402::session_unknown", "401::Unknown client"])
def test_other_words_for_it(pbx, fresh, text):
    pbx.switches.unknown_client = text
    assert fresh.connect()[0]["error"] == text


def test_an_expired_session_ends_its_held_poll(pbx, hears):
    hears.start(hears.connecting())
    wait_for_poll(pbx)
    pbx.face.expire_polls()
    assert hears.heard()[0]["error"] == "402::Unknown client"
    assert hears.handshake()["successful"]


def test_a_session_nobody_polls_is_swept(pbx, hears):
    pbx.switches.max_interval_seconds = 0.01
    time.sleep(0.02)
    assert hears.connect()[0]["error"] == "402::Unknown client"


@pytest.mark.parametrize(
    ("body", "bare"),
    [
        (b"", True),
        (b"{", True),
        (b"[]", True),
        (b"[1]", True),
        (b'[{"id": "1"}]', True),
        (b'{"channel": "/meta/connect"}', False),
    ],
)
def test_what_is_no_bayeux(pbx, fresh, body, bare):
    pbx.switches.bare_object = bare
    assert fresh.raw("POST", "/notifications", body) == b""
    assert fresh.status == 400


def test_a_message_outside_an_array(fresh):
    body = json.dumps(fresh.message("/meta/handshake", version="1.0")).encode()
    assert json.loads(fresh.raw("POST", "/notifications", body))[0]["successful"]


def test_other_transports(fresh):
    fresh.handshake()
    fresh.talk(fresh.message("/meta/connect", connectionType="websocket"))
    assert fresh.status == 400
    fresh.raw("GET", "/notifications")
    assert fresh.status == 400


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("/meta/dance", "404:/meta/dance:Unknown meta channel"),
        ("/v2/me/calls", "403:/v2/me/calls:Publish denied"),
    ],
)
def test_what_clients_may_not_say(fresh, channel, error):
    fresh.handshake()
    assert fresh.talk(fresh.message(channel, data={}))[0]["error"] == error


# ----- who may


def test_without_a_login_403(pbx):
    with Bayeux(pbx) as stranger:
        stranger.basic = ""
        stranger.start(stranger.message("/meta/handshake"))
        assert json.loads(stranger.receive())["statusCode"] == 20
        assert stranger.status == 403


def test_or_a_handshake_denied(pbx):
    pbx.switches.stranger = "denied"
    with Bayeux(pbx) as stranger:
        stranger.basic = ""
        told = stranger.handshake()
        assert (told["error"], told["successful"]) == ("403::Handshake denied", False)
        assert told["advice"] == {"reconnect": "none"}


@pytest.mark.parametrize(("protection", "status"), [("lenient", 200), ("strict", 403)])
def test_the_csrf_token_on_polls(pbx, fresh, protection, status):
    pbx.switches.csrf_notifications = protection
    token, fresh.csrf = fresh.csrf, {}
    fresh.start(fresh.message("/meta/handshake"))
    said = fresh.receive()
    assert fresh.status == status
    assert (said == b"Missing or invalid Csrf token") is (status == 403)
    fresh.csrf = token
    assert fresh.handshake()["successful"]


def test_a_poll_is_a_login_too(pbx, exchange):
    with Bayeux(pbx, "ana") as alone:
        alone.listen()
        exchange.ring(ANNA, "1001")
        assert states(alone.now()) == ["Ringing"]
        assert set(alone.cookies) == {"JSESSIONID", "BAYEUX_BROWSER"}


def test_events_are_for_their_agent_only(exchange, hears, ben_hears):
    exchange.ring(ANNA, "1001")
    assert len(hears.now()) == 1
    assert ben_hears.now() == []


# ----- two of a kind


def second(hears: Bayeux) -> Bayeux:
    return Bayeux.of(hears)


def test_two_sessions_in_one_cookie_jar(pbx, hears):
    with second(hears) as other:
        other.listen()
        hears.start(hears.connecting())
        wait_for_poll(pbx)
        told = other.connect()[0]
        advice = {"multiple-clients": True, "reconnect": "retry", "interval": 2000}
        assert (told["successful"], told["advice"]) == (True, advice)
        pbx.switches.multi_session_seconds = 0.0
        told = other.connect()[0]
        assert (told["successful"], told["advice"]["reconnect"]) == (False, "none")
        pbx.face.stray_event()
        assert hears.heard()[-1]["successful"]


def test_two_sessions_in_two_jars_hear_the_same(pbx, exchange, hears):
    with Bayeux(pbx, "ana") as other:
        other.listen()
        exchange.ring(ANNA, "1001")
        assert len(hears.now()) == len(other.now()) == 1


def test_or_only_the_newest(pbx, exchange, hears):
    pbx.switches.all_sessions_hear = False
    with Bayeux(pbx, "ana") as other:
        other.listen()
        exchange.ring(ANNA, "1001")
        assert (len(hears.now()), len(other.now())) == (0, 1)


def test_of_two_polls_the_older_ends_with_500(pbx, exchange, hears):
    hears.start(hears.connecting())
    wait_for_poll(pbx)
    with second(hears) as newer:
        newer.client_id = hears.client_id
        newer.start(newer.connecting())
        assert (hears.heard(), hears.status) == ([], 500)
        exchange.ring(ANNA, "1001")
        assert newer.heard()[0]["channel"] == "/v2/me/calls"


# ----- losing things


def test_an_event_written_to_a_dead_poll_is_lost_silently(pbx, exchange, hears):
    hears.start(hears.connecting())
    wait_for_poll(pbx)
    hears.http.close()  # the client gave up
    exchange.ring(ANNA, "1001")
    while any(each.held for each in pbx.face.listeners.all()):
        time.sleep(0.001)
    told = hears.connect(advice={"timeout": 0})
    assert [each["channel"] for each in told] == ["/meta/connect"]
    assert told[0]["successful"]


def test_a_dropped_poll_loses_nothing(pbx, exchange, hears):
    hears.start(hears.connecting())
    wait_for_poll(pbx)
    pbx.face.listeners.drop_polls()
    with pytest.raises(ConnectionError):
        hears.receive()
    hears.http.close()
    exchange.ring(ANNA, "1001")
    assert states(hears.now()) == ["Ringing"]


@pytest.mark.parametrize("acks", [True, False])
def test_acknowledgements(pbx, exchange, fresh, acks):
    pbx.switches.ack = acks
    told = fresh.handshake(ext={"ack": True})
    assert (told.get("ext") == {"ack": True}) is acks
    fresh.subscribe("/v2/me/calls")
    exchange.ring(ANNA, "1001")
    at_once: dict = {"timeout": 0}
    told = fresh.connect(ext={"ack": 0}, advice=at_once)
    assert (len(told), "ext" in told[-1]) == (2, acks)
    again = fresh.connect(ext={"ack": 0}, advice=at_once)  # the reply never arrived
    assert len(again) == (2 if acks else 1)
    if acks:
        done = fresh.connect(ext={"ack": again[-1]["ext"]["ack"]}, advice=at_once)
        assert len(done) == 1


def test_stopping_ends_held_polls_at_once(exchange):
    before = set(threading.enumerate())
    pbx = SimulatorServer(exchange, "genesys", username="ana", password="pw")
    pbx.start()
    with Bayeux(pbx, "ana") as patient:
        patient.listen()
        patient.start(patient.connecting())
        wait_for_poll(pbx)
        started = time.monotonic()
        pbx.stop()
    assert time.monotonic() - started < pbx.switches.hold_seconds / 2
    assert set(threading.enumerate()) == before


def test_a_restart(pbx, exchange, hears):
    hears.start(hears.connecting())
    wait_for_poll(pbx)
    pbx.refuse()
    with pytest.raises(ConnectionError):
        hears.receive()
    hears.http.close()
    pbx.face.forget_sessions()
    pbx.listen()
    assert hears.connect()[0]["error"] == "402::Unknown client"
    hears.listen()
    exchange.ring(ANNA, "1001")
    assert states(hears.now()) == ["Ringing"]


def test_a_thousand_events_come_once_each_in_order(exchange, hears):
    ids = []

    def ring() -> None:
        for _ in range(500):
            ids.append(exchange.ring(ANNA, "1001"))
            exchange.hangup(ids[-1])

    thread = threading.Thread(target=ring)
    thread.start()
    told: list[tuple[str, str]] = []
    while len(told) < 1000:
        told += [(each["call"]["id"], each["call"]["state"]) for each in hears.events()]
    thread.join()
    assert told == [(call_id, state) for call_id in ids for state in ("Ringing", "Released")]
