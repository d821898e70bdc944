"""Calling somebody from one's own phone: the dialog, whom it proposes, the POST."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.conftest import PBX_PASSWORD
from tests.rows import listed
from tests.views.ladder import HTMX, text
from transfers.models import Feed, PbxConnection, Seat, Transfer, User
from transfers.phonebook import DialPrefix, Favourite
from transfers.services.panel import panel
from transfers.templatetags.people import whom

DIAL, ACT, TARGETS = "/dial/", "/dial/act/", "/dial/targets/"


@pytest.fixture
def exchange():
    made = Exchange()
    for number, name in {"1001": "Reception", "1002": "Bob", "1003": "Carol"}.items():
        made.add(number, name, answers_after=None)
    return made


@pytest.fixture
def branch(ana, ben, exchange):
    """A PBX from which Ana can call; Ben may look at it."""
    with SimulatorServer(exchange, "asterisk", username="console", password=PBX_PASSWORD) as pbx:
        yield connected("Branch", pbx.url, ana, ben)


def connected(name: str, url: str, *users: User, number: str = "1001") -> PbxConnection:
    made = PbxConnection(name=name, vendor="asterisk", url=url, username="console")
    made.secrets = {"password": PBX_PASSWORD}
    made.save()
    Feed.objects.create(connection=made)
    for user in users:
        Seat.objects.create(user=user, connection=made, extensions=number)
    return made


@pytest.fixture
def form(branch) -> dict[str, str]:
    return {"phone": f"{branch.pk}:1001", "target": "1003", "key": str(uuid4())}


def value(html: str, name: str) -> str:
    (tag,) = re.findall(rf'<input[^>]* name="{name}"[^>]*>', html)
    return re.search(r'value="([^"]*)"', tag)[1]


# The ladder.


@pytest.mark.parametrize("path", [DIAL, ACT, TARGETS])
def test_anonymous(client, db, path):
    method = client.post if path == ACT else client.get
    assert method(path)["Location"].startswith("/login/")
    fragment = method(path, headers=HTMX)
    assert (fragment.status_code, b"<form" in fragment.content) == (403, False)


def test_wrong_method(ana, as_user):
    client = as_user(ana)
    assert [client.post(DIAL).status_code, client.post(TARGETS).status_code] == [405, 405]
    assert client.get(ACT).status_code == 405


def test_csrf(ana, as_user, form):
    assert as_user(ana, csrf=True).post(ACT, form).status_code == 403
    assert not Transfer.objects.exists()


def test_a_reader_is_told_so_and_refused_again(ben, as_user, branch, exchange, form):
    client = as_user(ben)
    html = text(client.get(DIAL, headers=HTMX))
    assert "Your account may look, but not act." in html
    assert "disabled" in html
    assert client.post(ACT, form, headers=HTMX).status_code == 409
    assert Transfer.objects.get().code == "not_allowed"
    assert exchange.calls() == []


def test_a_stranger_has_no_phone_there(eve, as_user, branch, form):
    client = as_user(eve)
    assert "No extension is yours" in text(client.get(DIAL))
    assert client.post(ACT, form, headers=HTMX).status_code == 422
    assert not Transfer.objects.exists()


# The dialog.


def test_it_asks_and_nothing_rings(ana, as_user, branch, exchange):
    html = text(as_user(ana).get(DIAL, headers=HTMX))
    assert "Your phone <b>1001</b> rings." in html
    assert value(html, "phone") == f"{branch.pk}:1001"
    assert value(html, "target") == ""
    assert exchange.calls() == []
    assert not Transfer.objects.exists()


def test_without_javascript_it_is_a_page(ana, as_user, branch):
    html = text(as_user(ana).get(DIAL))
    assert html.count("<h1") + html.count("<h2") >= 1
    assert "<html" in html


def test_where_nobody_can_call_it_says_why(ana, as_user):
    html = text(as_user(ana).get(DIAL))
    assert "Ozeki has no command that makes a person’s own phone call somebody." in html
    assert "disabled" in html


def test_a_contact_is_called_at_the_number_this_pbx_dials(ana, as_user, branch, head_office):
    DialPrefix.objects.create(connection=branch, other=None, prefix="0")
    carol = listed("Carol", "+36 1 555-0142")
    carol.numbers.create(number="1003", connection=head_office)
    html = text(as_user(ana).get(f"{DIAL}?contact={carol.pk}&number=%2B36+1+555-0142"))
    assert value(html, "target") == "00036 1 555-0142".replace(" ", "").replace("-", "") or value(
        html, "target"
    ).startswith("0")


def test_a_contact_that_no_phone_of_hers_reaches(ana, as_user, branch, head_office):
    carol = listed("Carol", "1003", on=head_office)
    html = text(as_user(ana).get(f"{DIAL}?contact={carol.pk}&number=1003"))
    assert f"Only on {head_office}, which Branch cannot dial." in html
    assert value(html, "target") == ""


def test_who_cannot_be_called_is_named_with_the_reason(ana, as_user, branch, head_office, form):
    listed("Carol", "1003", on=head_office)
    html = text(as_user(ana).post(ACT, form | {"target": "car"}, headers=HTMX))
    assert f"Carol: Only on {head_office}, which Branch cannot dial." in html
    assert value(html, "target") == "car"
    assert 'data-query="car"' in html


def test_an_extension_is_called_from_the_phone_on_its_pbx(ana, as_user, branch):
    other = connected("Annex", branch.url, ana, number="2001")
    html = text(as_user(ana).get(f"{DIAL}?pbx={other.pk}&number=2003"))
    assert "Your phone <b>2001</b> rings." in html
    html = text(as_user(ana).get(f"{DIAL}?pbx={branch.pk}&number=1003"))
    assert "Your phone <b>1001</b> rings." in html
    assert value(html, "target") == "1003"


def test_the_other_phone_may_be_chosen_and_what_it_dials_is_its_own(ana, as_user, branch):
    other = connected("Annex", branch.url, ana, number="2001")
    DialPrefix.objects.create(connection=other, other=branch, prefix="8")
    path = f"{DIAL}?pbx={branch.pk}&number=1003"
    assert value(text(as_user(ana).get(path)), "target") == "1003"
    html = text(as_user(ana).get(f"{path}&phone={other.pk}:2001"))
    assert value(html, "target") == "81003"


def test_a_number_that_was_typed_is_taken_as_it_is(ana, as_user, branch):
    assert value(text(as_user(ana).get(f"{DIAL}?number=0612")), "target") == "0612"


@pytest.mark.parametrize("query", ["contact=x&pbx=y", "contact=999999", f"pbx={10**30}&number=1"])
def test_odd_addresses_propose_nobody_or_the_number(ana, as_user, branch, query):
    assert as_user(ana).get(f"{DIAL}?{query}").status_code == 200


def test_favourites_by_their_digit(ana, as_user, branch):
    carol = listed("Carol", "1003", on=branch)
    Favourite.objects.create(user=ana, contact=carol)
    assert value(text(as_user(ana).get(f"{DIAL}?favourite=1")), "target") == "1003"
    assert "You have no favourite 2 yet." in text(as_user(ana).get(f"{DIAL}?favourite=2"))


def test_the_people_beside_the_calls_say_who_they_are(ana, branch, head_office):
    carol = listed("Carol", "1003", on=branch)
    (group,) = panel(ana, "carol", None)
    assert [whom(person.entry) for person in group.people][:1] == [
        f"contact={carol.pk}&number=1003"
    ]


def test_suggestions_are_those_of_the_chosen_phone(ana, as_user, branch):
    listed("Carol", "1003", on=branch)
    html = text(as_user(ana).get(f"{TARGETS}?phone={branch.pk}:1001&target=car"))
    assert 'data-number="1003"' in html
    assert as_user(ana).get(f"{TARGETS}?phone=x&target=car").status_code == 200


def test_a_vendor_that_is_no_more_is_named_and_leaves_the_board_alone(ana, as_user, branch):
    PbxConnection.objects.filter(pk=branch.pk).update(vendor="carrier-pigeon")
    client = as_user(ana)
    assert client.get("/").status_code == 200
    assert "has no driver for “carrier-pigeon”" in text(client.get(DIAL))


# The call.


def test_it_calls_once_and_answers_with_what_was_done(ana, as_user, branch, exchange, form):
    client = as_user(ana)
    done = client.post(ACT, form, headers=HTMX)
    assert done.status_code == 204
    said = json.loads(done["HX-Trigger"])["acted"]
    assert said["state"] == "accepted"
    assert said["said"].startswith("Outgoing call. Accepted")
    assert client.post(ACT, form, headers=HTMX).status_code == 204
    row = Transfer.objects.get()
    assert (row.kind, row.caller_number, row.target) == ("dial", "1001", "1003")
    assert [leg.number for call in exchange.calls() for leg in call.ringing] == ["1001"]


def test_a_name_is_the_number_of_the_one_who_has_it(ana, as_user, branch, form):
    listed("Carol Weiss", "1003", on=branch)
    as_user(ana).post(ACT, form | {"target": "carol weiss"}, headers=HTMX)
    assert Transfer.objects.get().target == "1003"


def test_without_javascript_the_receipt_is_next(ana, as_user, branch, form):
    response = as_user(ana).post(ACT, form, follow=True)
    html = text(response)
    assert response.redirect_chain
    assert "<h1>Call 1003" in html


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": ""}, "Choose a person or type a number."),
        ({"target": "nobody at all"}, "Choose one person from the list, or type a number."),
        ({"phone": ""}, "Choose one of your phones."),
        ({"phone": "999:1001"}, "Choose one of your phones."),
        ({"key": "x"}, ""),
    ],
)
def test_a_form_that_cannot_be_read_is_asked_again(ana, as_user, branch, form, change, words):
    response = as_user(ana).post(ACT, form | change, headers=HTMX)
    assert response.status_code == 422
    assert words in text(response)
    assert not Transfer.objects.exists()


def test_a_refusal_stays_in_the_dialog_with_a_new_key(ana, as_user, branch, form):
    response = as_user(ana).post(ACT, form | {"target": "4711"}, headers=HTMX)
    html = text(response)
    assert response.status_code == 409
    assert "The PBX has no number 4711" in html
    assert value(html, "key") != form["key"]
    assert value(html, "target") == "4711"
    row = Transfer.objects.get()
    assert (row.state, row.target) == ("refused", "4711")


def test_the_board_offers_it_and_shows_the_receipt(ana, as_user, branch, form):
    client = as_user(ana)
    html = text(client.get("/"))
    assert 'id="dial" class="button dial"' in html
    assert "data-dials" in html
    client.post(ACT, form, headers=HTMX)
    assert "Outgoing call" in text(client.get("/"))


def test_the_board_says_why_not(ana, as_user):
    html = text(as_user(ana).get("/"))
    assert "data-dials" not in html
    assert "Ozeki has no command that makes a person’s own phone call somebody." in html
