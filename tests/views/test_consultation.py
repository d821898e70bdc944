"""The consultation bar as HTML: in the page, in the poll and in the stream, the same."""

from __future__ import annotations

from html import unescape

import pytest
from lxml import html as lxml_html

from tests.stage import CALLER
from tests.views.ladder import english
from transfers.views.render import changes, shown

HELD = "You talk to 1003; <Júlia> is on hold."


@pytest.fixture
def held(stage, ana) -> str:
    call: str = stage.talk(name="<Júlia>")
    stage.exchange.hold(call)
    stage.wait()
    return call


def bar(html: str):
    (found,) = lxml_html.fromstring(html).xpath('//section[contains(@class, "consultation")]')
    return found


def test_page_poll_and_stream_have_the_same_bar(stage, ana, as_user, held):
    client, before = as_user(ana), shown(ana)
    assert "<section" not in before.parts["consultation"]
    stage.talk("1001", "1003")
    stage.wait()
    page, poll = (client.get(path).content.decode() for path in ("/", "/board/rows/"))
    patch = english(changes(before, shown(ana)))
    assert english(shown(ana).parts["consultation"]) in page
    inside = page[page.index('<section class="consultation') : page.index("</section>")]
    assert inside in poll
    assert inside in patch
    assert '<div hx-swap-oob="outerMorph" id="consultation">' in poll
    assert '<div hx-swap-oob="outerMorph" id="consultation">' in patch


def test_it_says_how_it_stands_and_to_a_screen_reader_once(stage, ana, as_user, held):
    stage.talk("1001", "1003")
    stage.wait()
    page = lxml_html.fromstring(as_user(ana).get("/").content.decode())
    (status,) = page.xpath('//div[@id="consultation"]/p[@role="status"]')
    assert status.text_content().strip() == HELD
    (words,) = page.xpath('//p[@class="words"]')
    assert (words.text_content(), words.get("aria-hidden")) == (HELD, "true")


def test_the_ways_out_name_both_and_work_without_javascript(stage, ana, as_user, held):
    other = stage.talk("1001", "1003")
    stage.wait()
    client = as_user(ana)
    (complete,) = bar(client.get("/").content.decode()).xpath('.//a[starts-with(., "Complete")]')
    assert complete.get("aria-label") == "Complete: <Júlia> and 1003"
    assert complete.get("aria-keyshortcuts") == "b"
    asked = client.get(complete.get("href"))
    assert asked.status_code == 200
    assert f"<b>{CALLER} &lt;Júlia&gt;</b>" in asked.content.decode()
    done = client.post(
        complete.get("hx-post"),
        {"call": held, "other": other, "key": "6a4a8a3c-5a8e-4d4f-9d0c-0b2f5a1f7a11"},
        headers={"HX-Request": "true"},
    )
    assert done.status_code == 204
    assert "AttendedTransfer" in [request.command for request in stage.pbx.requests]


def test_what_does_not_work_says_why_in_words(stage, ana, as_user, held):
    stage.talk("1001", "1003")
    stage.wait()
    found = bar(as_user(ana).get("/").content.decode())
    (why,) = found.xpath('.//p[@class="why"]')
    assert "Swap: This PBX has no command for it" in why.text_content()
    (button,) = found.xpath('.//button[.="Swap"]')
    assert button.get("aria-describedby") == why.get("id")
    assert unescape(button.get("title")).startswith("This PBX has no command")
    (way_out,) = found.xpath('.//a[@aria-keyshortcuts="e"]')
    assert way_out.text_content().startswith("End call with 1003")


def test_others_have_no_bar(stage, ana, ben, root, as_user, held):
    stage.talk("1001", "1003")
    stage.wait()
    for user in (ben, root):
        assert "<section" not in shown(user).parts["consultation"]
