from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from lxml import etree

from tests.rows import sent
from transfers.models import PbxConnection, Seat

URL = "/log/volume/"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def rows(ana, head_office):
    now = timezone.now()
    for number in range(3):
        settled = now + timedelta(seconds=4 + 10 * number)
        sent(ana, head_office, created_at=now, settled_at=settled)
    other = {"target": "1004", "target_name": "Dóra <b>Kiss", "state": "refused"}
    return sent(ana, head_office, created_at=now, **other)


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def table(page: str, slug: str) -> dict[str, str]:
    section = re.search(rf'<section class="card plot {slug}".*?</section>', page, re.DOTALL)[0]
    return dict(re.findall(r'<th scope="row">(.*?)</th><td class="num">(.*?)</td>', section))


class TestLadder:
    def test_works(self, as_user, ana, rows):
        page = text(as_user(ana).get(URL))
        assert '<b class="num">4</b> transfers in the last 30 days' in page
        assert table(page, "verdicts") == {"Arrived": "3", "Refused": "1"}
        assert table(page, "targets") == {"1003 Carol Weiss": "3", "1004 Dóra &lt;b&gt;Kiss": "1"}
        hour = timezone.localtime(rows.created_at).hour
        assert sum(map(int, table(page, "hours").values())) == 4
        assert table(page, "hours")[f"{hour:02}:00"]
        assert table(page, "waits")["up to 5 s"] == "1"
        assert [*table(page, "course").values()] == ["4"]

    def test_where_an_extension_is_only_when_they_are_of_several_pbxs(self, as_user, ana, rows):
        other = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://x/")
        Seat.objects.create(user=ana, connection=other, extensions="201")
        sent(ana, other, target="1004", target_name="", connection_name="Budapest")
        found = table(text(as_user(ana).get(URL)), "targets")
        assert found["1003 Carol Weiss · Head office"] == "3"
        assert found["1004 · Budapest"] == "1"

    def test_wrong_method(self, as_user, ana):
        assert as_user(ana).post(URL).status_code == 405

    def test_anonymous(self, client, db):
        assert client.get(URL)["Location"] == "/login/?next=/log/volume/"

    def test_no_access_counts_nothing(self, as_user, eve, rows):
        page = text(as_user(eve).get(URL))
        assert "No transfer in the last 30 days" in page
        assert "<svg" not in page
        assert "Carol" not in page

    def test_readers_may_read(self, as_user, ben, rows):
        assert "Carol Weiss" in text(as_user(ben).get(URL))

    def test_colleagues_who_see_only_their_own_count_their_own(self, as_user, ben, rows):
        Seat.objects.filter(user=ben).update(sees="own")
        assert "Carol Weiss" not in text(as_user(ben).get(URL))


class TestDrawings:
    def test_each_is_svg_with_a_title_and_a_description(self, as_user, ana, rows):
        page = text(as_user(ana).get(URL))
        drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        assert len(drawings) == 5
        for drawing in drawings:
            svg = etree.fromstring(
                drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
            )
            ids = [svg.get("aria-labelledby"), svg.get("aria-describedby")]
            named = [svg.find(f"{SVG}{name}") for name in ("title", "desc")]
            assert [each.get("id") for each in named] == ids
            assert all(each.text.strip() for each in named)
            assert svg.findall(f"{SVG}rect")

    def test_meaning_has_a_colour_and_a_word(self, as_user, ana, rows):
        page = text(as_user(ana).get(URL))
        verdicts = page[page.index("plot verdicts") :]
        assert 'class="ok"' in verdicts
        assert ">✓ Arrived</text>" in verdicts
        assert ">✕ Refused</text>" in verdicts

    def test_nobody_answered(self, as_user, ana, head_office):
        sent(ana, head_office, state="unknown")
        page = text(as_user(ana).get(URL))
        assert page.count("<svg") == 4
        assert "none of these transfers was seen to be answered" in page

    def test_nothing_that_the_policy_forbids(self, as_user, ana, rows):
        assert not re.search(r"\sstyle=|<style|\son\w+=", text(as_user(ana).get(URL)))


class TestFilter:
    def test_every_part_counts(self, as_user, ana, ben, rows, head_office):
        today = timezone.localdate(rows.created_at).isoformat()
        fits = {"since": today, "until": today, "who": ana.pk, "pbx": head_office.pk}
        assert '<b class="num">4</b> transfers:' in text(as_user(ana).get(URL, fits))
        for name, value in {"since": "2998-01-01", "until": "2000-01-01", "who": ben.pk}.items():
            assert "<svg" not in text(as_user(ana).get(URL, {name: value})), name

    def test_what_the_log_has_and_this_has_not_is_ignored(self, as_user, ana, rows):
        assert "<svg" in text(as_user(ana).get(f"{URL}?q=nobody&kind=hold&verdict=unknown"))

    def test_older_ones_need_to_be_asked_for(self, as_user, ana, head_office):
        old = timezone.now() - timedelta(days=31)
        sent(ana, head_office, created_at=old)
        assert "No transfer in the last 30 days" in text(as_user(ana).get(URL))
        first = timezone.localtime(old).date().isoformat()
        assert '<b class="num">1</b> transfer:' in text(as_user(ana).get(f"{URL}?since={first}"))

    @pytest.mark.parametrize("query", ["since=yesterday", "who=x", "pbx=99999"])
    def test_a_wrong_one_is_said_and_nothing_is_counted(self, as_user, ana, rows, query):
        page = text(as_user(ana).get(f"{URL}?{query}"))
        assert "One of the filters does not fit" in page
        assert "<svg" not in page

    def test_anothers_pbx_is_no_choice(self, as_user, ana, rows):
        other = PbxConnection.objects.create(name="Elsewhere", vendor="ozeki", url="http://x/")
        page = text(as_user(ana).get(f"{URL}?pbx={other.pk}"))
        assert "One of the filters does not fit" in page
        assert "Elsewhere" not in page


def test_the_log_leads_here_with_its_filter_and_back(as_user, ana, rows):
    page = text(as_user(ana).get("/log/?since=2026-01-02&kind=blind"))
    assert 'href="/log/volume/?since=2026-01-02"' in page
    assert 'href="/log/?since=2026-01-02"' in text(as_user(ana).get(f"{URL}?since=2026-01-02"))


def test_as_many_questions_for_one_row_as_for_many(
    as_user, ana, rows, head_office, django_assert_max_num_queries
):
    for _ in range(20):
        sent(ana, head_office)
    client = as_user(ana)
    with django_assert_max_num_queries(10):
        client.get(URL)
