"""Who gets in: Basic, cookies, the CSRF pair, and the session's end."""

from __future__ import annotations

import json

import pytest

from tests.simulator.genesys.client import Bayeux, Desk

DENIED = {"statusCode": 20, "statusMessage": "Access denied"}


@pytest.fixture
def stranger(pbx):
    with Desk(pbx) as desk:
        desk.basic = ""
        yield desk


@pytest.mark.parametrize("path", ["/me", "/me/calls?fields=*", "/contacts", "/nowhere"])
def test_without_a_login_there_is_nothing(stranger, path):
    assert stranger.get(path) == DENIED
    assert stranger.status == 403


@pytest.mark.parametrize(
    ("login", "word"), [("ana", "PW"), ("ana", ""), ("nobody", "pw"), ("", ""), ("nobody", "")]
)
def test_a_wrong_login(pbx, login, word):
    with Desk(pbx, login, word) as desk:
        assert desk.get("/me") == DENIED


@pytest.mark.parametrize("basic", ["***", "YQ==", "/w=="])
def test_an_unreadable_login(stranger, basic):
    stranger.basic = basic
    assert stranger.get("/me") == DENIED


def test_the_cookie_alone_is_a_login(ana, talking):
    ana.basic = ""
    assert ana.calls()
    assert ana.do(talking, "Hold") == 0


def test_a_cookie_is_set_once(pbx):
    with Desk(pbx) as desk:
        desk.get("/me")
        assert desk.headers["set-cookie"].startswith("JSESSIONID=")
        desk.get("/me")
        assert "set-cookie" not in desk.headers


def test_the_csrf_pair_comes_with_every_get(ana):
    ana.get("/me/calls")
    assert ana.headers["x-csrf-header"] == "X-CSRF-TOKEN"
    assert len(ana.headers["x-csrf-token"]) == 36
    ana.post("/me/channels/voice", operationName="Ready")
    assert "x-csrf-token" not in ana.headers


@pytest.mark.parametrize("token", [None, "wrong", ""])
def test_a_write_needs_the_token(ana, talking, token):
    ana.csrf = {} if token is None else {"X-CSRF-TOKEN": token}
    body = json.dumps({"operationName": "Hold"}).encode()
    said = ana.raw("POST", f"/me/calls/{talking}", body)
    assert (ana.status, said) == (403, b"Missing or invalid Csrf token")
    assert ana.headers["content-type"] == "text/plain"
    assert ana.calls()[0]["state"] == "Established"


def test_a_write_without_a_cookie_jar_is_refused(ana, talking):
    ana.cookies.clear()
    assert ana.raw("POST", f"/me/calls/{talking}", b"{}") == b"Missing or invalid Csrf token"


def test_without_protection_there_is_no_pair(pbx, talking):
    pbx.switches.csrf = "off"
    with Desk(pbx) as desk:
        desk.enter()
        assert desk.csrf == {}
        assert desk.do(talking, "Hold") == 0


def test_a_rotated_token_is_told_by_the_next_get(pbx, ana, talking):
    pbx.face.sessions.rotate()
    body = json.dumps({"operationName": "Hold"}).encode()
    assert ana.raw("POST", f"/me/calls/{talking}", body) == b"Missing or invalid Csrf token"
    ana.get("/me")
    assert ana.do(talking, "Hold") == 0


def test_a_forgotten_session(pbx, ana, talking):
    pbx.face.forget_sessions()
    ana.basic = ""
    assert ana.get("/me") == DENIED


def test_a_forgotten_session_comes_back_by_basic(pbx, ana):
    old = ana.cookies["JSESSIONID"]
    pbx.face.forget_sessions()
    ana.get("/me")
    assert ana.cookies["JSESSIONID"] != old


def test_sessions_end_when_nobody_uses_them(pbx, ana, clock):
    ana.basic = ""
    clock.pass_(1000)
    assert ana.get("/me")["statusCode"] == 0
    clock.pass_(1801)
    assert ana.get("/me") == DENIED


@pytest.mark.parametrize("kept", [True, False])
def test_polls_keep_a_session(pbx, ana, hears, clock, kept):
    pbx.switches.polls_keep_session = kept
    ana.basic = hears.basic = ""
    clock.pass_(1000)
    hears.now()
    clock.pass_(1000)
    assert (ana.get("/me")["statusCode"] == 0) is kept


def test_a_sticky_cookie(pbx):
    pbx.switches.sticky = True
    with Desk(pbx) as desk:
        desk.enter()
        assert set(desk.cookies) == {"JSESSIONID", "AWSELB"}
        desk.basic = ""
        assert desk.get("/me")["statusCode"] == 0
        del desk.cookies["AWSELB"]
        assert desk.get("/me") == DENIED


def test_401_instead(pbx, stranger):
    pbx.switches.unauthenticated_status = "401"
    stranger.get("/me")
    assert stranger.status == 401


def test_another_base(pbx, ana):
    pbx.face.home = "cloud-web/api/v2"
    assert pbx.url.endswith(f":{pbx.port}/cloud-web/api/v2")
    assert ana.get("/me")["user"]["uri"].startswith(pbx.url)
    pbx.switches.uri_base = "http://127.0.0.1:8080/api/v2"
    assert ana.get("/me")["user"]["uri"].startswith("http://127.0.0.1:8080/api/v2/users/")
    ana.http.request("GET", "/api/v2/me")
    assert ana.receive().startswith(b"<html>")
    assert ana.status == 404


# ----- the contact-center session


def start(desk: Desk, **more: object) -> dict:
    return desk.post("/me", operationName="StartContactCenterSession", **more)


def user_states(bayeux: Bayeux) -> list[dict]:
    return [each["devices"][0]["userState"] for each in bayeux.events()]


def test_start_and_end(pbx, ana, hears):
    assert start(ana, channels=["voice"]) == {"statusCode": 0}
    assert user_states(hears) == [
        {"state": "LoggedIn"},
        {
            "id": "900D55CC-2BB0-431F-8BF9-D3525B383BE6",
            "displayName": "Not Ready",
            "state": "NotReady",
        },
    ]
    assert start(ana, channels=["voice"]) == {"statusCode": 0}
    assert ana.post("/me", operationName="EndContactCenterSession") == {"statusCode": 0}
    assert pbx.face.tell()["agents"][0]["state"] == "Offline"
    ana.basic = ""
    assert ana.get("/me") == DENIED
    assert pbx.face.listeners.all() == []


def test_voice_alone_succeeds(ana):
    assert start(ana, channels=["voice", "chat"]) == {
        "statusCode": 7,
        "failed": [
            {
                "statusCode": 4,
                "statusMessage": "Interaction server connection is not opened",
                "channel": "chat",
            }
        ],
        "succeeded": [{"statusCode": 0, "channel": "voice"}],
    }
    assert ana.status == 200


def test_nothing_succeeds(ana, exchange):
    exchange.behave("1001", registered=False)
    message = "Device '1001' is not registered."
    assert start(ana, channels=["voice"]) == {"statusCode": 4, "statusMessage": message}
    assert ana.status == 500
    assert start(ana, channels=["chat"])["statusCode"] == 4


def test_voice_alone_fails(pbx, ana, exchange):
    pbx.switches.multimedia = True
    exchange.behave("1001", registered=False)
    told = start(ana, channels=["voice", "multimedia"])
    assert told["statusCode"] == 7
    assert told["failed"][0]["statusMessage"] == "Device '1001' is not registered."
    assert told["succeeded"] == [{"statusCode": 0, "channel": "multimedia"}]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, 1),
        ({"channels": []}, 1),
        ({"channels": "voice"}, 1),
        ({"channels": ["voice"], "place": "Place_1001"}, 0),
        ({"channels": ["voice"], "place": "Elsewhere"}, 6),
        ({"channels": ["voice"], "devicePath": "/devices/none"}, 6),
    ],
)
def test_what_a_session_is_started_with(ana, more, code):
    assert start(ana, **more)["statusCode"] == code


def test_somebody_elses_device(ana, ben):
    path = f"/devices/{ben.device()['id']}"
    assert start(ana, channels=["voice"], devicePath=path)["statusCode"] == 19
    assert ana.status == 409
    own = f"/devices/{ana.device()['id']}"
    assert start(ana, channels=["voice"], devicePath=own)["statusCode"] == 0


@pytest.mark.parametrize(
    ("operation", "state", "mode"),
    [
        ("Ready", "Ready", None),
        ("AuxWork", "NotReady", "AuxWork"),
        ("AfterCallWork", "NotReady", "AfterCallWork"),
        ("Offline", "LoggedOut", None),
    ],
)
@pytest.mark.parametrize("path", ["/me/channels/voice", "/me"])
def test_agent_states(ana, operation, state, mode, path):
    start(ana, channels=["voice"])
    assert ana.post(path, operationName=operation) == {"statusCode": 0}
    told = ana.device()["userState"]
    assert (told["state"], told.get("workMode")) == (state, mode)


def test_a_state_needs_a_session(ana):
    assert ana.post("/me/channels/voice", operationName="Ready")["statusCode"] == 2


def test_calls_may_need_a_session(pbx, ana, talking):
    pbx.switches.session_needed = True
    assert ana.do(talking, "Hold") == 2
    assert ana.get("/me/calls")["statusCode"] == 2
    assert start(ana, channels=["voice"])["statusCode"] == 0
    assert ana.do(talking, "Hold") == 0
