"""Registering call events."""

from __future__ import annotations

import pytest

GOOD = {"type": "0", "method": "1", "note": "board", "url": "https://x/h?k=1", "status": "1"}


def create(client, **change: str):
    return client.events("POST", "", GOOD | change)


def test_create_and_list(client, pbx):
    made = create(client).json
    (said,) = client.events("GET").entry
    assert said["id"] == made["id"]
    assert {name: said[name] for name in GOOD} == GOOD
    assert made["links"] == said["links"]
    assert (pbx.count("CreateEvent"), pbx.count("ListEvents")) == (1, 1)


def test_the_type_in_the_path(client):
    body = {name: value for name, value in GOOD.items() if name != "type"}
    assert client.events("POST", "/2", body).status == 200
    assert client.events("GET").entry[0]["type"] == "2"


def test_status_is_enabled_unless_said(client):
    client.events("POST", "", {"type": 3, "method": 0, "url": "http://x"})
    assert client.events("GET").entry[0]["status"] == "1"


def test_lists_by_type_and_id(client):
    ids = [create(client, type=kind).json["id"] for kind in "0122"]
    assert [len(client.events("GET", f"/{kind}").entry) for kind in "01234"] == [1, 1, 2, 0, 0]
    assert [e["id"] for e in client.events("GET", f"/2/{ids[3]}").entry] == [ids[3]]
    assert client.events("GET", f"/0/{ids[3]}").status == 204


def test_an_extension_has_its_own(client):
    create(client)
    path = "/uapi/extensions/@me/1003/phoneCallEvents"
    assert client.send("GET", path).status == 204


def test_update(client):
    made = create(client).json
    answer = client.events("PUT", f"/0/{made['id']}", {"url": "http://y/", "status": "0"})
    assert answer.json["id"] == made["id"]
    (said,) = client.events("GET").entry
    assert (said["url"], said["status"], said["note"]) == ("http://y/", "0", "board")


@pytest.mark.parametrize("rest", ["/0/nosuch", "/0", ""])
def test_update_of_none(client, rest):
    create(client)
    assert client.events("PUT", rest, {"status": "0"}).code == (400, "pce_event_invalid")


@pytest.mark.parametrize("rest", ["/0/{}", "/0", ""])
def test_delete(client, pbx, rest):
    made = create(client).json["id"]
    answer = client.events("DELETE", rest.format(made))
    assert (answer.status, answer.json[0]["id"]) == (200, made)
    assert client.events("GET").status == 204
    assert client.events("DELETE", rest.format(made)).status == 204
    named = "{}" in rest
    assert (pbx.count("DeleteEvent"), pbx.count("DeleteEventAll")) == ((2, 0) if named else (0, 2))


def test_delete_takes_only_what_it_names(client):
    first, second, third = (create(client, type=kind).json["id"] for kind in "001")
    client.events("DELETE", f"/0/{first}")
    assert {e["id"] for e in client.events("GET").entry} == {second, third}
    client.events("DELETE", "/0")
    assert [e["id"] for e in client.events("GET").entry] == [third]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "5"}, "pcet_type_invalid"),
        ({"type": ""}, "pcet_type_invalid"),
        ({"method": "2"}, "pce_method_invalid"),
        ({"method": ""}, "pce_method_invalid"),
        ({"url": ""}, "pce_url_invalid"),
        ({"url": "ftp://x/"}, "pce_url_invalid"),
        ({"url": "https:///path"}, "pce_url_invalid"),
        ({"url": "http://x:99999/"}, "pce_url_invalid"),
        ({"status": "2"}, "pce_status_invalid"),
    ],
)
def test_what_an_event_needs(client, change, code):
    assert create(client, **change).code == (400, code)
    assert client.events("GET").status == 204


def test_a_wrong_type_in_the_path(client):
    assert client.events("GET", "/9").code == (400, "pcet_type_invalid")


@pytest.mark.parametrize("extension", ["@self", "4711"])
def test_self_is_not_allowed(client, extension):
    path = f"/uapi/extensions/@me/{extension}/phoneCallEvents"
    assert client.send("POST", path, GOOD).code == (400, "extension_invalid")


def test_clearing_keeps_registrations_and_unhook_forgets_them(client, pbx):
    create(client)
    pbx.clear()
    assert len(pbx.face.hooks.all()) == 1
    pbx.face.verbs()["unhook"]()
    assert pbx.face.hooks.all() == []
