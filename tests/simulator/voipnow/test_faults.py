"""Each fault over a real socket, and whether the action took effect."""

from __future__ import annotations

import http.client
import json

import pytest

from simulator.faults import JSON_KINDS, KINDS
from simulator.json_damage import DAMAGES
from tests.simulator.voipnow.client import Answer, Client

BEFORE = [
    *("drop_before", "http_500", "http_429", "http_502", "http_503", "status_401", "redirect"),
    *("wrong_login", "auth_required", "forbidden_user", "forbidden_address", "internal_error"),
]
AFTER = [
    *("drop_after", "truncated", "cut_json", "wrong_content_type", "huge", "drip"),
    *("not_json", "non_utf8", "wrong_shape", "deep", "huge_number"),
]


@pytest.fixture
def call_id(talking) -> str:
    return talking()


def attempt(client: Client, call_id: str) -> None:
    """Send an OnHold and read whatever comes, but not for ever."""
    path = f"/uapi/phoneCalls/@me/@self/{call_id}"
    body = json.dumps({"action": "OnHold", "phoneCallViewId": "00"})
    try:
        client.http.request("PUT", path, body, client.headers)
        client.http.getresponse().read(100_000)
    except (OSError, http.client.HTTPException):
        client.http.close()


def test_every_fault_is_here():
    assert {*BEFORE, *AFTER, "delay"} == set(JSON_KINDS)
    assert set(DAMAGES) <= set(AFTER)


@pytest.mark.parametrize("kind", BEFORE)
def test_faults_before_the_action_leave_no_effect(client, pbx, exchange, call_id, kind):
    pbx.faults.add(kind)
    attempt(client, call_id)
    assert exchange.call(call_id).state == "talking"
    assert pbx.count("OnHold") == 1


@pytest.mark.parametrize("kind", AFTER)
def test_faults_after_the_action_leave_its_effect(client, pbx, exchange, call_id, kind):
    pbx.faults.add(kind, seconds=0)
    attempt(client, call_id)
    assert exchange.call(call_id).state == "held"


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_drop_cuts_the_connection(client, pbx, kind):
    pbx.faults.add(kind)
    with pytest.raises(http.client.RemoteDisconnected):
        client.list()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("http_500", 500),
        ("http_429", 429),
        ("http_502", 502),
        ("http_503", 503),
        ("status_401", 401),
    ],
)
def test_http_errors_are_html_pages(client, pbx, kind, status):
    pbx.faults.add(kind)
    answer = client.list()
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"<html>" in answer.body


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("auth_required", (401, "access_denied")),
        ("wrong_login", (401, "access_denied")),
        ("forbidden_user", (403, "access_denied")),
        ("forbidden_address", (403, "access_denied")),
        ("internal_error", (500, "internal_server_error")),
    ],
)
def test_refusals_in_the_apis_words(client, pbx, kind, code):
    pbx.faults.add(kind)
    assert client.list().code == code


def test_a_login_refused_is_the_token_endpoints_word(client, pbx):
    pbx.faults.add("wrong_login", command="Token")
    answer = client.token()
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")
    assert client.list().status == 204


def test_truncated_claims_more_than_it_sends(client, pbx, call_id):
    pbx.faults.add("truncated")
    with pytest.raises(http.client.IncompleteRead):
        client.list()


def test_cut_json_is_a_complete_reply_of_half_a_document(client, pbx, call_id):
    pbx.faults.add("cut_json")
    answer = client.list()
    assert answer.body.startswith(b'{"entry"')
    with pytest.raises(json.JSONDecodeError):
        _ = answer.json


def test_wrong_content_type_is_a_good_body(client, pbx, call_id):
    pbx.faults.add("wrong_content_type")
    answer = client.list()
    assert answer.headers["Content-Type"] == "text/html; charset=iso-8859-1"
    assert answer.entry[0]["id"] == call_id


def damaged(client: Client, pbx, kind: str) -> Answer:
    pbx.faults.add(kind)
    answer = client.list()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    return answer


def test_not_json(client, pbx, call_id):
    assert damaged(client, pbx, "not_json").body == b"Service is starting, please try again later"


def test_non_utf8(client, pbx, call_id):
    with pytest.raises(UnicodeDecodeError):
        damaged(client, pbx, "non_utf8").body.decode()


def test_wrong_shape(client, pbx, call_id):
    assert isinstance(damaged(client, pbx, "wrong_shape").json, list)


def test_deep(client, pbx, call_id):
    with pytest.raises(RecursionError):
        _ = damaged(client, pbx, "deep").json


def test_huge_number(client, pbx, call_id):
    with pytest.raises(ValueError, match="integer string conversion"):
        _ = damaged(client, pbx, "huge_number").json


def test_nothing_is_damaged_too(client, pbx):
    assert damaged(client, pbx, "not_json").status == 200


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(JSON_KINDS)))
def test_faults_of_xml_are_not_here(pbx, kind):
    with pytest.raises(ValueError, match=f"no fault '{kind}'"):
        pbx.faults.add(kind)


def test_faults_of_one_action(client, pbx, exchange, call_id):
    pbx.faults.add("internal_error", command="Transfer", times=1)
    assert client.list().status == 200
    assert client.transfer(call_id, "1003", leaves="0003*1001").status == 500
    assert client.transfer(call_id, "1003", leaves="0003*1001").status == 202
