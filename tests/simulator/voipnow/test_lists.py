"""Whose calls are listed, in which form, page by page."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.simulator.conftest import ANNA


@pytest.fixture
def many(exchange) -> list[str]:
    return [exchange.ring(ANNA, "1001") for _ in range(45)]


def ids(answer) -> list[str]:
    return [call["id"] for call in answer.entry]


# ----- whose


@pytest.mark.parametrize("user", ["@me", "@viewer", "@owner", "12", "0241", "%40me"])
def test_users(client, ringing, user):
    assert client.send("GET", f"/uapi/phoneCalls/{user}/@self").status == 200


@pytest.mark.parametrize("user", ["@global", "@you", "abc", "99999", "@self"])
def test_users_there_are_not(client, ringing, user):
    path = f"/uapi/phoneCalls/{user}/@self"
    assert client.send("GET", path).code == (400, "user_invalid")


@pytest.mark.parametrize(
    "extension", ["1001", "0003*1001", "0003%2A1001", "@self", "%40self", "1001/", "@self/"]
)
def test_extensions(client, ringing, extension):
    assert ids(client.list(extension)) == [ringing]


@pytest.mark.parametrize("extension", ["4711", "0009*1001", "0003*4711", "@me", ANNA, "*1001"])
def test_extensions_there_are_not(client, ringing, extension):
    assert client.list(extension).code == (400, "extension_invalid")


def test_a_path_without_extension(client):
    assert client.send("GET", "/uapi/phoneCalls/@me").code == (400, "extension_invalid")


def test_the_user_is_checked_before_the_extension(client):
    path = "/uapi/phoneCalls/@you/4711"
    assert client.send("GET", path).code == (400, "user_invalid")


def test_the_token_is_checked_first(client):
    assert client.send("GET", "/uapi/phoneCalls/@you/4711", None, {}).status == 401


def test_an_extension_sees_its_own_calls(client, exchange, ringing):
    other = exchange.ring("1003", "1002")
    assert ids(client.list("1001")) == [ringing]
    assert ids(client.list("1003")) == ids(client.list("1002")) == [other]
    assert ids(client.list("@self")) == [ringing, other]


def test_an_extension_sees_the_calls_that_ring_it(client, exchange, ringing):
    exchange.also_ring(ringing, "1003")
    assert ids(client.list("1003")) == [ringing]


def test_a_call_it_only_pays_for(client, pbx, exchange, talking):
    call_id = talking()
    exchange.blind_transfer(call_id, "callee", "1003")
    assert client.list("1001").status == 204
    assert ids(client.list("1001", call_id)) == [call_id]  # by its link it is found
    pbx.switches.charged_listed = True
    assert ids(client.list("1001")) == [call_id]


def test_a_strangers_call_is_not_found(client, exchange, ringing):
    assert client.list("1003", ringing).status == 204


def test_self_lists_first(client, pbx, exchange, ringing):
    other = exchange.ring(ANNA, "1003")
    pbx.switches.self_lists = "first"
    assert ids(client.list()) == [ringing]
    assert client.list(call_id=other).status == 204


def test_views_own(client, pbx, exchange):
    call_id = exchange.ring("1001", "1003")
    pbx.switches.views = "own"
    (call,) = client.list("1003").entry
    assert [view["extension"] for view in call["phoneCallView"]] == ["0003*1003"]
    assert len(client.views(call_id)) == 2  # by @self


# ----- forms


def test_no_calls(client):
    answer = client.list()
    assert (answer.status, answer.body) == (204, b"")
    assert "Content-Length" not in answer.headers
    assert "Content-Type" not in answer.headers


def test_empty_zero(client, pbx):
    pbx.switches.empty = "zero"
    assert client.list().json == {
        "entry": [],
        "startIndex": 0,
        "totalResults": 0,
        "itemsPerPage": 20,
        "filtered": True,
        "sorted": True,
    }
    assert client.list(call_id="nosuch").json["totalResults"] == 0


def test_empty_no_entry(client, pbx):
    pbx.switches.empty = "no-entry"
    assert "entry" not in client.list().json
    assert "entry" not in client.list(call_id="nosuch").json


def test_list_form(client, pbx, ringing):
    pbx.switches.list_form = "keyed"
    assert list(client.list().json["entry"]) == [ringing]
    pbx.switches.list_form = "array"
    assert [call["id"] for call in client.list().json] == [ringing]


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ("collection", lambda said: said["entry"][0]),
        ("keyed", lambda said: said["entry"]["id1"]),
        ("bare", lambda said: said),
        ("array", lambda said: said[0]),
    ],
)
def test_single_form(client, pbx, ringing, form, found):
    pbx.switches.single_form = form
    assert found(client.list(call_id=ringing).json)["id"] == ringing


def test_unknown_call(client, pbx):
    assert client.list(call_id="nosuch").status == 204
    pbx.switches.unknown_call = "pc_phonecall_invalid"
    assert client.list(call_id="nosuch").code == (400, "pc_phonecall_invalid")


# ----- pages


def test_pages(client, many):
    seen, where = [], "/uapi/phoneCalls/@me/@self"
    for size in (20, 20, 5):
        page = client.send("GET", where).json
        assert len(page["entry"]) == size
        assert (page["totalResults"], page["itemsPerPage"]) == (45, 20)
        assert ("prev" in page["paging"]) is bool(seen)
        seen += [call["id"] for call in page["entry"]]
        if "next" in page["paging"]:
            parts = urlsplit(page["paging"]["next"])
            where = f"{parts.path}?{parts.query}"
    assert seen == many
    assert "next" not in page["paging"]
    assert page["startIndex"] == 40


def test_a_page_asked_for(client, many, pbx):
    page = client.list(count=7, startIndex=3)
    assert ids(page) == many[3:10]
    host = f"http://127.0.0.1:{pbx.port}/uapi/phoneCalls/@me/@self"
    assert page.json["paging"] == {
        "next": f"{host}?count=7&startIndex=10",
        "prev": f"{host}?count=7&startIndex=0",
    }


def test_the_token_is_not_in_the_addresses_of_pages(client, many):
    token = client.headers["Authorization"].replace(" ", "%20")
    path = f"/uapi/phoneCalls/@me/@self?accessRequestToken={token}"
    assert "Token" not in client.send("GET", path, None, {}).json["paging"]["next"]


def test_one_page_has_no_paging(client, ringing):
    assert "paging" not in client.list().json


def test_past_the_end(client, many):
    assert client.list(startIndex=45).status == 204


def test_page_limit(client, pbx, many):
    pbx.switches.page_limit = 10
    page = client.list(count=4999).json
    assert (len(page["entry"]), page["itemsPerPage"]) == (10, 10)


def test_a_page_of_an_extension_keeps_its_address(client, pbx, many):
    following = client.list("0003*1001", count=5).json["paging"]["next"]
    assert urlsplit(following).path == "/uapi/phoneCalls/@me/0003*1001"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"count": "0"}, "count_invalid"),
        ({"count": "5001"}, "count_invalid"),
        ({"count": "ten"}, "count_invalid"),
        ({"count": "-1"}, "count_invalid"),
        ({"startIndex": "5001"}, "startindex_invalid"),
        ({"startIndex": "x"}, "startindex_invalid"),
        ({"filterBy": "extension", "filterValue": "1"}, "filterby_invalid"),
        ({"filterBy": "id", "filterOp": "like", "filterValue": "1"}, "filterop_invalid"),
        ({"filterBy": "id"}, "filtervalue_invalid"),
        ({"sortOrder": "up"}, "sortorder_invalid"),
        ({"fields": "id,mood"}, "fields_invalid"),
    ],
)
def test_wrong_parameters(client, ringing, query, code):
    assert client.list(**query).code == (400, code)


@pytest.mark.parametrize(
    ("operation", "value", "found"),
    [
        ("equals", "id2", ["id2"]),
        ("contains", "1", ["id1"]),
        ("startsWith", "id", ["id1", "id2", "id3"]),
        ("greaterThan", "id1", ["id2", "id3"]),
        ("lessThan", "id2", ["id1"]),
        ("inArray", "id1,id3", ["id1", "id3"]),
        ("present", "", ["id1", "id2", "id3"]),
    ],
)
def test_filters(client, exchange, operation, value, found):
    for _ in range(3):
        exchange.ring(ANNA, "1001")
    assert ids(client.list(filterBy="id", filterOp=operation, filterValue=value)) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("ascending", ["id1", "id2"]),
        ("asc", ["id1", "id2"]),
        ("descending", ["id2", "id1"]),
        ("desc", ["id2", "id1"]),
    ],
)
def test_sort_order(client, exchange, order, found):
    for _ in range(2):
        exchange.ring(ANNA, "1001")
    assert ids(client.list(sortOrder=order)) == found


def test_fields(client, ringing):
    assert client.list(fields="id,extension").entry == [{"id": ringing, "extension": "0003*1001"}]
    assert client.list(call_id=ringing, fields="id").entry == [{"id": ringing}]


# ----- elsewhere


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/uapi/extensions/@me/1001/queue/agents"),
        ("GET", "/uapi/faxes/@me"),
        ("PUT", "/uapi/extensions/@me/1001/presence"),
        ("POST", "/uapi/phoneCalls/@me/whisper"),
        ("GET", "/uapi/cdr/@me/1001"),
    ],
)
def test_what_is_not_here(client, method, path):
    assert client.send(method, path, {}).code == (501, "request_not_implemented")


@pytest.mark.parametrize("path", ["/", "/uapi", "/unifiedapi/phoneCalls/@me/@self", "/index.php"])
def test_other_addresses_are_pages(client, path):
    answer = client.send("GET", path)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html")


def test_the_double_slash_of_the_self_link_leads_there(client, ringing):
    link = urlsplit(client.call(ringing)["link"]["self"]).path
    assert link.startswith("//uapi/")
    assert client.send("GET", link).entry[0]["id"] == ringing
