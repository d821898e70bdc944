from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rows import sent
from transfers.models import Seat, Transfer
from transfers.services import audit
from transfers.sightings import Sighting


@pytest.fixture
def row(ana, head_office):
    row = sent(ana, head_office, vendor_text="Request completed")
    audit.record(ana, "transfer.sending", "x", transfer=row)
    audit.record(ana, "transfer.accepted", "x", transfer=row, vendor_code="200")
    audit.record(None, "transfer.confirmed", "x", transfer=row, observed="1003 answered")
    return row


def page(as_user, user, row) -> str:
    return as_user(user).get(f"/log/{row.pk}/").content.decode()


def test_works(as_user, ana, row):
    html = page(as_user, ana, row)
    assert "Send +36 1 555-0142 Kovács Júlia to 1003 Carol Weiss." in html
    assert "1001 Reception leaves the call." in html
    for part in ["Arrived", "Request completed", "1003 rang 6 s, answered", "After 0.2 s."]:
        assert part in html
    steps = ["Written down and sent", "Accepted by the PBX", "Seen to be done"]
    assert [html.index(step) for step in steps] == sorted(html.index(step) for step in steps)
    assert "system" in html


@pytest.mark.parametrize("kind", Transfer.Kind.values)
def test_every_kind_has_a_sentence(as_user, ana, head_office, kind):
    html = page(as_user, ana, sent(ana, head_office, kind=kind))
    assert Transfer.Kind(kind).label in html


def test_wrong_method(as_user, ana, row):
    assert as_user(ana).post(f"/log/{row.pk}/").status_code == 405


def test_anonymous(client, row):
    assert client.get(f"/log/{row.pk}/")["Location"] == f"/login/?next=/log/{row.pk}/"


def test_strangers_get_404(as_user, eve, row):
    assert as_user(eve).get(f"/log/{row.pk}/").status_code == 404


def test_colleagues_who_see_only_their_own_get_404(as_user, ben, row):
    Seat.objects.filter(user=ben).update(sees="own")
    assert as_user(ben).get(f"/log/{row.pk}/").status_code == 404


def test_readers_may_read(as_user, ben, row):
    assert "Arrived" in page(as_user, ben, row)


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 40])
def test_no_such_row(as_user, root, pk):
    assert as_user(root).get(f"/log/{pk}/").status_code == 404


def test_the_number_of_queries_is_constant(as_user, ana, row, django_assert_num_queries):
    client = as_user(ana)
    other = sent(ana, row.connection)
    audit.record(ana, "transfer.sending", "x", transfer=other)
    # session, person, row, what is named alike, those commands, their events, what was seen
    with django_assert_num_queries(7):
        client.get(f"/log/{row.pk}/")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "blind", "leaves": "caller"}, "Send 1001 Reception to 1003 Carol Weiss."),
        ({"kind": "forward"}, "ringing at 1001 Reception, to 1003 Carol Weiss instead."),
        ({"kind": "join"}, "Connect +36 1 555-0142 Kovács Júlia with 1003 Carol Weiss."),
        ({"kind": "hold"}, "with 1001 Reception on hold."),
        ({"kind": "retrieve"}, "with 1001 Reception back from hold."),
        ({"kind": "hangup"}, "Hang up the call of +36 1 555-0142"),
        ({"caller_number": "", "caller_name": ""}, "Send unknown number to 1003"),
        ({"leaves": ""}, "to 1003 Carol Weiss.<"),
    ],
)
def test_the_order_in_words(as_user, ana, head_office, values, words):
    assert words in page(as_user, ana, sent(ana, head_office, **values))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "sending", "replied_at": None}, "No answer yet."),
        ({"state": "refused", "replied_at": None, "code": "taken"}, "the command was not sent"),
        ({"state": "failed", "code": "unreachable"}, "the command was not sent"),
        ({"state": "failed", "code": "outcome_unknown"}, "Nothing that could be read."),
        ({"state": "unknown", "code": "outcome_unknown"}, "Nothing that could be read."),
        ({"state": "refused", "vendor_code": "303"}, ">303</b>"),
        ({"state": "failed", "vendor_code": "200"}, ">200</b>"),
    ],
)
def test_what_the_pbx_said(as_user, ana, head_office, values, words):
    row = sent(ana, head_office, **{"vendor_code": "", "vendor_text": ""} | values)
    html = page(as_user, ana, row)
    assert words in html
    assert ("What was wanted" in html) == ("not sent" in words)


def test_what_the_pbx_said_is_text(as_user, ana, head_office):
    row = sent(ana, head_office, vendor_text="<b>no</b>", call_id="<i>1</i>", observed="<u>")
    html = page(as_user, ana, row)
    assert "<b>no</b>" not in html
    assert "<i>1" not in html
    assert "<u>" not in html


def test_what_was_seen_of_the_call_and_who_else_acted_on_it(as_user, ana, ben, row):
    onward = sent(ben, row.connection, kind="hold")
    audit.record(ben, "transfer.sending", "x", transfer=onward)
    for turn, (seconds, state) in enumerate([(1, "ringing"), (13, "talking")]):
        Sighting.objects.create(
            transfer=row,
            turn=turn,
            at=row.created_at + timedelta(seconds=seconds),
            state=state,
            callee="1003",
        )
    html = page(as_user, ana, row)
    assert "Rings at 1003" in html
    assert "<b>Answered at 1003</b><small>rang about 12 s</small>" in html
    assert f'<a href="/log/{onward.pk}/"><b>Hold: written down and sent</b></a>' in html
    assert ben.title in html
