"""The open dialog's word to the server: still here, gone, and who was faster."""

from __future__ import annotations

import pytest

from tests.rows import sent
from tests.views.ladder import HTMX, AtOneCall
from transfers.desk import Attention


@pytest.fixture
def talking(stage, ana) -> str:
    call: str = stage.talk(name="Kovács Júlia")
    stage.wait()
    return call


class TestBoth(AtOneCall):
    verbs = ("attend", "leave")

    def test_a_call_that_is_not_there_is_no_error(self, as_user, ana, urls):
        for data in ({"call": "no such call"}, {}):
            assert {as_user(ana).post(url, data).status_code for url in urls} == {204}
        assert not Attention.objects.exists()


# What they do.


def test_the_dialog_opens_it_renews_and_closes(stage, as_user, ana, talking):
    client, place = as_user(ana), f"/calls/{stage.connection.pk}"
    html = client.get(f"{place}/blind/", {"call": talking}, headers=HTMX).content.decode()
    assert f'data-attend="{place}/attend/" data-leave="{place}/leave/"' in html
    first = Attention.objects.get()
    assert (first.user, first.call_id) == (ana, talking)
    stage.wait(5)
    assert client.post(f"{place}/attend/", {"call": talking}).status_code == 204
    assert Attention.objects.get().until > first.until
    client.post(f"{place}/leave/", {"call": talking})
    assert not Attention.objects.exists()


def test_a_dialog_that_cannot_act_and_a_page_hold_nothing(stage, as_user, ana, ben, talking):
    place = f"/calls/{stage.connection.pk}"
    as_user(ben).get(f"{place}/blind/", {"call": talking}, headers=HTMX)
    as_user(ana).get(f"{place}/forward/", {"call": talking}, headers=HTMX)  # it does not ring
    as_user(ana).get(f"{place}/blind/", {"call": talking})
    as_user(ben).post(f"{place}/attend/", {"call": talking})
    assert not Attention.objects.exists()


def test_the_second_dialog_warns(stage, as_user, ana, root, talking):
    url = f"/calls/{stage.connection.pk}/blind/"
    as_user(ana).get(url, {"call": talking}, headers=HTMX)
    html = as_user(root).get(url, {"call": talking}, headers=HTMX).content.decode()
    assert "data-changed>Ana Kovács is on it since 10:00:01</p>" in html
    assert "disabled" not in html.split("actions")[-1]
    assert "Ana Kovács is on it since" in as_user(root).get("/").content.decode()
    again = as_user(ana).get(url, {"call": talking}, headers=HTMX).content.decode()
    assert "data-changed>root is on it since" in again  # nobody is warned of herself


def test_who_was_faster_is_told_to_the_open_dialog(stage, as_user, ana, root, talking):
    stage.exchange.hangup(talking)
    stage.wait()
    sent(ana, stage.connection, call_id=talking)
    response = as_user(root).post(f"/calls/{stage.connection.pk}/attend/", {"call": talking})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain"
    assert response.content.decode().startswith("Ana Kovács: Blind transfer to 1003 Carol Weiss")


def test_who_was_faster_is_told_by_a_dialog_that_comes_too_late(stage, as_user, ana, root, talking):
    stage.exchange.hangup(talking)
    stage.wait()
    sent(ana, stage.connection, call_id=talking, caller_name="<b>")
    url = f"/calls/{stage.connection.pk}/blind/"
    late = as_user(root).get(url, {"call": talking}, headers=HTMX)
    assert late.status_code == 404
    assert "Ana Kovács: Blind transfer to 1003 Carol Weiss" in late.content.decode()
