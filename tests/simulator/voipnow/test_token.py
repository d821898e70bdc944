"""The token: how it is got, what is refused, and how long it lives."""

from __future__ import annotations

import pytest

from simulator.server import SimulatorServer
from tests.simulator.voipnow.client import FORM, GRANT, KEY, SECRET


def test_a_token(client):
    answer = client.token(**GRANT, type="unifiedapi", redirect_uri="https://x/ouath/token.php")
    assert answer.status == 200
    assert answer.json["expires_in"] == 3600
    assert answer.json["token_type"] == "Bearer"
    assert len(answer.json["access_token"]) >= 10
    assert set(answer.json["access_token"]) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
    )
    assert answer.headers["Content-Type"] == "application/json"


def test_a_slash_at_the_end_is_the_same_endpoint(client):
    body = "&".join(f"{k}={v}" for k, v in GRANT.items())
    assert client.send("POST", "/oauth/token.php/", body, {"Content-Type": FORM}).status == 200


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_a_token_refused(client, form, status, code):
    answer = client.token(**(GRANT | form))
    assert (answer.status, answer.json["error"]) == (status, code)
    assert "access_token" not in answer.json


@pytest.mark.parametrize(("method", "kind"), [("GET", FORM), ("POST", "application/json")])
def test_only_a_posted_form_is_understood(client, method, kind):
    answer = client.send(method, "/oauth/token.php", "{}", {"Content-Type": kind})
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic abc"}],
    ids=["none", "unknown", "other scheme"],
)
def test_without_a_living_token_nothing_is_done(client, exchange, ringing, headers):
    path = f"/uapi/phoneCalls/@me/1001/{ringing}"
    assert client.send("DELETE", path, None, headers).code == (401, "access_denied")
    assert exchange.call(ringing).live


def test_the_token_in_the_query(client, pbx):
    token = client.headers["Authorization"].replace(" ", "%20")
    path = f"/uapi/phoneCalls/@me/@self?accessRequestToken={token}"
    assert client.send("GET", path, None, {}).status == 204
    bare = path.replace("Bearer%20", "")
    assert client.send("GET", bare, None, {}).status == 401


def test_a_token_dies_of_age(client, clock):
    clock.pass_(3599)
    assert client.list().status == 204
    clock.pass_(1)
    assert client.list().code == (401, "access_denied")
    assert client.log_in().list().status == 204


def test_a_token_dies_before_its_time(client, pbx):
    pbx.face.tokens.expire()
    assert client.list().code == (401, "access_denied")


def test_older_tokens_live_on(client):
    first = dict(client.headers)
    client.log_in()
    assert first != client.headers
    client.headers = first
    assert client.list().status == 204


def test_token_seconds(client, pbx, clock):
    pbx.switches.token_seconds = 120
    assert client.token().json["expires_in"] == 120
    clock.pass_(120)
    assert client.list().status == 401


@pytest.mark.parametrize(("form", "said"), [("string", "3600"), ("absent", None)])
def test_expires_in(client, pbx, form, said):
    pbx.switches.expires_in = form
    assert client.token().json.get("expires_in") == said


def test_token_error_as_an_object(client, pbx):
    pbx.switches.token_error = "object"
    answer = client.token(**(GRANT | {"client_id": "nobody"}))
    assert answer.code == (401, "invalid_client")


def test_token_error_status(client, pbx):
    pbx.switches.token_error_status = "400"
    assert client.token(**(GRANT | {"client_id": "nobody"})).status == 400


def test_expired_status(client, pbx):
    pbx.switches.expired_status = "403"
    pbx.face.tokens.expire()
    assert client.list().code == (403, "access_denied")


def test_denied_code_of_the_wikis_sample(client, pbx):
    pbx.switches.denied_code = "access_denided"
    pbx.face.tokens.expire()
    assert client.list().code == (401, "access_denided")


def test_it_must_have_a_login():
    with pytest.raises(ValueError, match="voipnow always asks for a login"):
        SimulatorServer(face="voipnow")


def test_the_secret_travels_in_the_form_only(pbx, client):
    received = pbx.requests[0]
    assert (received.command, received.form["client_secret"]) == ("Token", SECRET)
    assert (received.query, received.form["client_id"]) == ({}, KEY)
