"""The stream of changes: what is sent, to whom, and that it comes to the same as the poll."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.test import AsyncClient
from django.utils import timezone
from lxml import html as lxml_html

from tests.stage import CALLER
from tests.views.ladder import english
from transfers.models import User
from transfers.views.render import Shown, changes, shown

STREAM = "/board/stream/"


@pytest.fixture
def seen(stage, ana):
    stage.exchange.ring(CALLER, "1001", "Kovács Júlia")
    stage.talk("+49301234567", "1001")
    stage.talk("1002", "1004")
    stage.wait()
    return stage


def applied(old: Shown, patch: str) -> dict[str, list[str]]:
    """What a browser has after the patch: section → row ids in order. As htmx does it: the places
    of new rows are looked up before anything is inserted."""
    rows = {section: list(ids) for section, ids in old.rows.items()}
    there = {f"rows-{section}" for section in rows} | {row for ids in rows.values() for row in ids}
    for element in lxml_html.fragments_fromstring(patch):
        swap, identity = element.get("hx-swap-oob"), element.get("id")
        if swap == "delete":
            for ids in rows.values():
                if identity in ids:
                    ids.remove(identity)
        elif element.tag == "template":
            target, new = element.get("hx-target")[1:], element.xpath("./li/@id")
            assert target in there
            for section, ids in rows.items():
                if target in ids:
                    ids[ids.index(target) : ids.index(target)] = new
                elif target == f"rows-{section}":
                    ids.extend(new)
        elif element.tag == "ul" and identity.startswith("rows-"):
            rows[identity.removeprefix("rows-")] = element.xpath("./li/@id")
    return rows


def ids(view: Shown) -> dict[str, list[str]]:
    return {section: list(rows) for section, rows in view.rows.items()}


# The difference between two renderings.


def test_nothing_new_is_nothing_sent(seen, ana):
    one, two = shown(ana), shown(ana)
    assert one.token == two.token
    assert changes(one, two) == ""


def test_rows_come_go_change_and_move(seen, ana):
    old = shown(ana)
    ringing, mine, other = seen.exchange.calls()
    seen.exchange.answer(ringing.id)
    seen.exchange.hold(mine.id)
    seen.exchange.hangup(other.id)
    seen.talk("1003", "1004")
    seen.exchange.ring("+4420794600", "1002")
    seen.wait()
    new = shown(ana)
    assert applied(old, changes(old, new)) == ids(new)
    assert applied(old, changes(old, new)) != ids(old)


def test_many_rows_may_come_at_once(seen, ana):
    old = shown(ana)
    for number in range(5):
        seen.talk(f"+361555{number:04}", "1002")
        seen.talk(f"+361666{number:04}", "1001")
        seen.exchange.ring(f"+361777{number:04}", "1001")
    seen.wait()
    new = shown(ana)
    assert applied(old, changes(old, new)) == ids(new)


def test_only_the_changed_row_is_sent(seen, ana):
    for number in range(30):
        seen.talk(f"+361555{number:04}", "1002")
    seen.wait()
    old = shown(ana)
    seen.exchange.hold(seen.exchange.calls()[-1].id)
    seen.wait()
    patch = changes(old, shown(ana))
    assert patch.count("<li ") == 1
    assert len(patch.encode()) < 4096


def test_a_row_is_the_same_bytes_in_the_stream_and_in_the_poll(seen, ana, as_user):
    old = shown(ana)
    seen.exchange.ring("+4420794600", "1002")
    seen.wait()
    new = shown(ana)
    (row,) = new.places.keys() - old.places.keys()
    html = new.rows[new.places[row]][row]
    assert html in changes(old, new)
    assert english(html) in as_user(ana).get("/board/rows/").content.decode()


def test_a_row_is_rendered_once_for_all_who_see_it_alike(seen, ana, root):
    rows = {row: html for section in shown(root).rows.values() for row, html in section.items()}
    other = next(row for row, html in shown(ana).rows["all"].items() if "1004" in html)
    assert shown(ana).rows["all"][other] is rows[other]


# The stream itself.


async def messages(client: AsyncClient, count: int, meanwhile=None, **headers: str) -> list[str]:
    """The first messages of the stream; `meanwhile` is done after the first."""
    response = await client.get(STREAM, headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    found: list[str] = []
    chunks = response.streaming_content
    async for chunk in chunks:
        found += re.findall(r".+?\n\n", chunk.decode(), re.S)
        if len(found) >= count:
            break
        if meanwhile:
            await sync_to_async(meanwhile)()
            meanwhile = None
    await chunks.aclose()
    return found


def streaming(user: User) -> AsyncClient:
    client = AsyncClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db(transaction=True)
def test_who_has_nothing_gets_all_and_who_is_up_to_date_only_the_ages(seen, ana):
    client, token = streaming(ana), shown(ana).token
    first = asyncio.run(messages(client, 2))
    assert first[0].startswith(f"id: {token}\n")
    assert "Kovács Júlia" in first[0]
    assert first[1].startswith("event: ages\n")
    resumed = asyncio.run(messages(client, 1, **{"Last-Event-ID": token}))
    assert resumed[0].startswith("event: ages\n")
    told = json.loads(resumed[0].split("data: ")[1])
    assert told == {"now": timezone.now().timestamp(), str(seen.connection.pk): 0.0}


@pytest.mark.django_db(transaction=True)
def test_after_a_gap_the_whole_is_sent_again(seen, ana):
    client = streaming(ana)
    found = asyncio.run(messages(client, 1, **{"Last-Event-ID": "an-old-token"}))
    assert "Kovács Júlia" in found[0]


@pytest.mark.django_db(transaction=True)
def test_a_change_is_pushed(seen, ana):
    token = shown(ana).token

    def meanwhile() -> None:
        seen.exchange.ring("+4420794600", "1002")
        seen.wait()

    found = asyncio.run(messages(streaming(ana), 2, meanwhile, **{"Last-Event-ID": token}))
    assert "+4420794600" in found[1]
    assert "Kovács" not in found[1]


@pytest.mark.django_db(transaction=True)
def test_who_is_deactivated_is_sent_away(seen, ana):
    def meanwhile() -> None:
        User.objects.filter(pk=ana.pk).update(is_active=False)

    found = asyncio.run(messages(streaming(ana), 3, meanwhile))
    assert found[-1].startswith("event: bye\n")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["logout", "new password"])
def test_the_stream_ends_with_the_session(seen, ana, ending):
    def meanwhile() -> None:
        if ending == "logout":
            Session.objects.all().delete()
        else:
            ana.set_password("another one")
            ana.save()

    found = asyncio.run(messages(streaming(ana), 3, meanwhile))
    assert found[-1].startswith("event: bye\n")


@pytest.mark.django_db(transaction=True)
def test_strangers_and_wrong_methods(db, ana):
    async def statuses() -> tuple[int, int]:
        anonymous = await AsyncClient().get(STREAM)
        posted = await logged_in.post(STREAM)
        return anonymous.status_code, posted.status_code

    logged_in = streaming(ana)
    assert asyncio.run(statuses()) == (403, 405)
