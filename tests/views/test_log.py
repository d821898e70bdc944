from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.rows import sent
from transfers.models import PbxConnection, Seat
from transfers.services import audit

URL = "/log/"


@pytest.fixture
def row(ana, head_office):
    return sent(ana, head_office)


def text(response) -> str:
    return response.content.decode()


class TestLadder:
    def test_works(self, as_user, ana, row):
        page = text(as_user(ana).get(URL))
        for part in ["Ana Kovács", "Head office", "Blind transfer", "+36 1 555-0142", "1003"]:
            assert part in page
        for part in ["Carol Weiss", "Arrived", ">200<", "1003 rang 6 s, answered", "8.0 s"]:
            assert part in page
        assert reverse("receipt", args=[row.pk]) in page

    def test_wrong_method(self, as_user, ana):
        assert as_user(ana).post(URL).status_code == 405

    def test_anonymous(self, client, db):
        assert client.get(URL)["Location"] == "/login/?next=/log/"

    def test_no_access_sees_an_empty_log(self, as_user, eve, row):
        page = text(as_user(eve).get(URL))
        assert "Kovács" not in page
        assert "Nothing has been sent to a PBX yet" in page

    def test_readers_may_read(self, as_user, ben, row):
        assert "Carol Weiss" in text(as_user(ben).get(URL))


class TestFilter:
    def test_every_part_reaches_the_service(self, as_user, ana, ben, row, head_office):
        today = timezone.localdate(row.created_at).isoformat()
        client = as_user(ana)
        fits = {"q": "555 0142", "since": today, "until": today, "who": ana.pk}
        fits |= {"pbx": head_office.pk, "kind": "blind", "verdict": "confirmed"}
        assert "Carol Weiss" in text(client.get(URL, fits))
        other = {"q": "999", "since": "2999-01-01", "until": "2000-01-01", "who": ben.pk}
        other |= {"kind": "hold", "verdict": "refused"}
        for name, value in other.items():
            page = text(client.get(URL, {name: value}))
            assert "Carol Weiss" not in page, name
            assert "No command fits this filter" in page, name

    @pytest.mark.parametrize(
        "query",
        ["since=yesterday", "since=0001-01-01", "until=9999-12-31", "who=0", "who=x", "pbx=99999",
         f"who={'9' * 30}", "kind=x", "verdict=x", "q=" + "x" * 101, "q=%00",
         "since=2026-02-02&until=2026-02-01"],
    )  # fmt: skip
    def test_a_wrong_one_is_said_and_nothing_is_shown(self, as_user, ana, row, query):
        response = as_user(ana).get(f"{URL}?{query}")
        assert response.status_code == 200
        assert "One of the filters does not fit" in text(response)
        assert "Carol Weiss" not in text(response)

    def test_a_withheld_number_has_no_name_either(self, as_user, ana, head_office):
        hidden = {"caller_number": "anonymous", "called_number": "", "called_name": "Anonymous"}
        sent(ana, head_office, caller_name="Anonymous", **hidden)
        page = text(as_user(ana).get(URL))
        assert page.count(">Number withheld<") == 2
        assert "nonymous" not in page

    def test_it_keeps_what_was_typed(self, as_user, ana, row):
        page = text(as_user(ana).get(URL, {"q": '"><b>', "verdict": "refused"}))
        assert 'value="&quot;&gt;&lt;b&gt;"' in page
        assert '<option value="refused" selected>' in page

    def test_strangers_are_no_choice(self, as_user, ana, eve, head_office):
        PbxConnection.objects.create(name="Hidden PBX", vendor="ozeki", url="http://h/")
        page = text(as_user(ana).get(URL))
        assert "Hidden PBX" not in page
        assert ">eve<" not in page
        assert "does not fit" in text(as_user(ana).get(URL, {"who": eve.pk}))


class TestPages:
    @pytest.fixture(autouse=True)
    def rows(self, ana, head_office):
        now = timezone.now()
        for i in range(120):
            sent(ana, head_office, target=f"t{i:03}", created_at=now - timedelta(minutes=i))

    def shown(self, page: str) -> list[str]:
        return [f"t{i:03}" for i in range(120) if f">t{i:03}<" in page]

    def test_fifty_a_page(self, as_user, ana):
        page = text(as_user(ana).get(URL))
        assert self.shown(page) == [f"t{i:03}" for i in range(50)]
        assert "1–50 of 120" in page
        assert "Newer" not in page

    @pytest.mark.parametrize(
        ("number", "first"),
        [("3", "t100"), ("99", "t100"), ("0", "t100"), ("x", "t000"), ("", "t000"), ("-1", "t100")],
    )
    def test_a_number_that_does_not_exist(self, as_user, ana, number, first):
        assert self.shown(text(as_user(ana).get(URL, {"page": number})))[0] == first

    def test_the_links_keep_the_filter(self, as_user, ana):
        page = text(as_user(ana).get(URL, {"kind": "blind", "page": "2"}))
        assert "?kind=blind&amp;page=3" in page
        assert "?kind=blind&amp;page=1" in page
        assert 'href="/log.csv?kind=blind"' in page

    def test_the_number_of_queries_is_constant(self, as_user, ana, django_assert_num_queries):
        client = as_user(ana)
        with django_assert_num_queries(6):  # session, person, count, rows, people, PBXs
            client.get(URL)
        with django_assert_num_queries(6):
            client.get(URL, {"page": "3", "kind": "blind"})


def test_names_of_callers_are_text(as_user, ana, head_office):
    sent(ana, head_office, caller_name="<script>alert(1)</script>", observed="<img src=x>")
    page = text(as_user(ana).get(URL))
    assert "<script>alert" not in page
    assert "<img" not in page


class TestEvents:
    URL = "/log/events/"

    def test_works(self, as_user, root):
        audit.record(root, "connection.edited", "Head office", changed=["url", "username"])
        page = text(as_user(root).get(self.URL))
        for part in ["root", "Connection edited", "Head office", "changed: url, username"]:
            assert part in page

    def test_filter(self, as_user, root):
        audit.record(root, "connection.edited", "Head office")
        page = text(as_user(root).get(self.URL, {"subject": "people"}))
        assert "Head office" not in page
        assert "No event fits" in page

    def test_wrong_filter(self, as_user, root):
        assert "does not fit" in text(as_user(root).get(self.URL, {"subject": "x"}))

    def test_empty(self, as_user, root):
        assert "Nothing has happened yet" in text(as_user(root).get(self.URL))

    def test_wrong_method(self, as_user, root):
        assert as_user(root).post(self.URL).status_code == 405

    def test_anonymous(self, client, db):
        assert client.get(self.URL)["Location"].startswith("/login/")

    def test_administrators_only(self, as_user, ana, ben, eve):
        for user in (ana, ben, eve):
            assert as_user(user).get(self.URL).status_code == 403

    def test_others_see_no_way_there(self, as_user, ana, root):
        assert self.URL in text(as_user(root).get(URL))
        assert self.URL not in text(as_user(ana).get(URL))

    def test_the_number_of_queries_is_constant(self, as_user, root, django_assert_num_queries):
        client = as_user(root)
        for _ in range(60):
            audit.record(root, "connection.edited", "Head office")
        with django_assert_num_queries(4):  # session, person, count, rows
            client.get(self.URL)


def test_a_seat_on_own_calls_hides_the_colleagues(as_user, ana, ben, head_office):
    Seat.objects.filter(user=ben).update(sees="own")
    sent(ana, head_office)
    assert "Carol Weiss" not in text(as_user(ben).get(URL))
