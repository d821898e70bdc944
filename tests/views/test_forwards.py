"""Standing forwards on the switchboard: the list, the dialog, the end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.rows import listed
from tests.views.ladder import HTMX, text
from transfers.domain import Notice
from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.models import Feed, PbxConnection, Transfer
from transfers.services import forwarding, forwards, phones
from transfers.standing import NotifyAddress, StandingForward

ADD, TARGETS = "/forwards/add/", "/forwards/targets/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as stands:
        yield stands


@pytest.fixture
def forward(ana, head_office) -> StandingForward:
    return forwards.set_up(ana, head_office, "500", "102", timezone.now() + timedelta(hours=5))


@pytest.fixture
def form(head_office) -> dict[str, str]:
    return {
        "connection": str(head_office.pk),
        "number": "500",
        "target": "102",
        "until": "60",
        "at": "",
    }


def end_of(forward: StandingForward) -> str:
    return f"/forwards/{forward.pk}/end/"


# The ladder.


@pytest.mark.parametrize("path", [ADD, TARGETS, "/forwards/1/end/"])
def test_anonymous(client, db, path):
    assert client.get(path)["Location"].startswith("/login/")
    fragment = client.get(path, headers=HTMX)
    assert (fragment.status_code, b"<form" in fragment.content) == (403, False)


@pytest.mark.parametrize("path", [ADD, "/forwards/{}/end/"])
def test_wrong_method(ana, as_user, forward, path):
    assert as_user(ana).put(path.format(forward.pk)).status_code == 405
    assert as_user(ana).post(TARGETS).status_code == 405


def test_csrf(ana, as_user, forward, form):
    client = as_user(ana, csrf=True)
    assert client.post(ADD, form).status_code == 403
    assert client.post(end_of(forward)).status_code == 403


def test_a_reader_may_not(ben, as_user, forward, form):
    client = as_user(ben)
    for response in (client.get(ADD), client.post(ADD, form), client.post(end_of(forward))):
        assert response.status_code == 403
    assert StandingForward.objects.get().ended_at is None


def test_a_stranger_finds_nothing(eve, as_user, forward, form):
    client = as_user(eve)
    for response in (client.get(ADD), client.post(ADD, form), client.post(end_of(forward))):
        assert response.status_code == 404


def test_another_pbx_than_hers_is_no_choice(ana, as_user, form):
    other = PbxConnection.objects.create(name="Abroad", vendor="ozeki", url="http://10.0.0.9/")
    response = as_user(ana).post(ADD, form | {"connection": other.pk})
    assert response.status_code == 422
    assert not StandingForward.objects.exists()


# Setting one.


def test_it_is_set(ana, as_user, form, head_office):
    response = as_user(ana).post(ADD, form, headers=HTMX)
    assert response.status_code == 204
    acted = json.loads(response["HX-Trigger"])["acted"]
    assert acted["said"] == "Calls for 500 go to 102 until 11:00."
    row = StandingForward.objects.get()
    assert (row.connection, row.created_by) == (head_office, ana)


def test_without_javascript_it_is_a_page_and_back_to_the_board(ana, as_user, form):
    client = as_user(ana)
    page = text(client.get(ADD))
    assert "<!doctype html>" in page
    assert 'name="connection"' in page
    done = text(client.post(ADD, form, follow=True))
    assert "Calls for 500 go to 102 until 11:00." in done
    assert "not used yet" in done


@pytest.mark.parametrize(
    ("until", "at", "ends"),
    [
        ("30", "", "21 10:30"),
        ("120", "", "21 12:00"),
        ("day", "", "22 00:00"),
        ("at", "15:00", "21 15:00"),
        ("at", "09:59", "22 09:59"),
        ("at", "10:00", "22 10:00"),
    ],
)
def test_until_when(ana, as_user, form, until, at, ends):
    as_user(ana).post(ADD, form | {"until": until, "at": at})
    row = StandingForward.objects.get()
    assert f"{timezone.localtime(row.until):%d %H:%M}" == ends


@pytest.mark.parametrize("at", ["2026-10-25 00:50Z", "2026-10-25 01:10Z", "2026-03-29 00:50Z"])
def test_half_an_hour_is_one_also_when_the_clocks_change(ana, as_user, form, at):
    with time_machine.travel(at, tick=False):
        as_user(ana).post(ADD, form | {"until": "30"})
        row = StandingForward.objects.get()
        assert row.until - timezone.now() == timedelta(minutes=30)


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": ""},
        {"target": ""},
        {"number": "5;0"},
        {"target": "nobody of this name"},
        {"until": "never"},
        {"until": "at", "at": ""},
        {"until": "at", "at": "25:00"},
        {"connection": "999999"},
    ],
)
def test_what_is_wrong_is_said_in_the_dialog(ana, as_user, form, wrong):
    response = as_user(ana).post(ADD, form | wrong, headers=HTMX)
    assert response.status_code == 422
    assert b"errorlist" in response.content
    assert not StandingForward.objects.exists()


def test_names_are_taken_for_numbers_when_one_has_them(ana, as_user, form):
    listed("The Boss", "500")
    listed("Carol Weiss", "102")
    as_user(ana).post(ADD, form | {"number": "the boss", "target": "Carol Weiss"})
    row = StandingForward.objects.get()
    assert (row.number, row.target, row.target_name) == ("500", "102", "Carol Weiss")


def test_a_refusal_is_said_in_words_and_keeps_what_was_typed(ana, as_user, form, forward):
    response = as_user(ana).post(ADD, form | {"target": "103"}, headers=HTMX)
    assert response.status_code == 409
    page = text(response)
    assert "Calls for 500 go to 102 until 15:00 (set by Ana Kovács). End that first." in page
    assert 'value="103"' in page


def test_several_pbxs_are_a_choice(root, as_user, head_office):
    other = PbxConnection.objects.create(name="Abroad", vendor="ozeki", url="http://10.0.0.9/")
    Feed.objects.create(connection=other)
    page = text(as_user(root).get(ADD, headers=HTMX))
    assert "Abroad" in page
    assert "Head office" in page


def test_a_pbx_that_sent_no_notification_yet_is_named(ana, as_user, head_office):
    assert "No notification has come from Head office yet" in text(as_user(ana).get(ADD))
    address = NotifyAddress(connection=head_office, received=1)
    address.secrets = {"token": "t"}
    address.save()
    assert "No notification" not in text(as_user(ana).get(ADD))


# Suggestions.


@pytest.mark.parametrize(("field", "list_id"), [("number", "numbers"), ("target", "targets")])
def test_suggestions_of_either_field(ana, as_user, field, list_id):
    listed("Kovács Júlia", "102")
    page = text(as_user(ana).get(TARGETS, {"field": field, field: "kovacs"}))
    assert f'id="{list_id}"' in page
    assert f'id="{list_id}-1"' in page
    assert 'data-number="102"' in page


def test_suggestions_of_an_unknown_field(ana, as_user):
    assert as_user(ana).get(TARGETS, {"field": "x"}).status_code == 404


@pytest.mark.parametrize("connection", ["", "x", "9" * 40, "1e5"])
def test_suggestions_for_an_odd_connection(ana, as_user, connection):
    response = as_user(ana).get(TARGETS, {"field": "number", "connection": connection})
    assert response.status_code == 200


def test_a_stranger_gets_no_suggestion(eve, as_user, head_office):
    listed("Carol", "102")
    assert "Carol" not in text(as_user(eve).get(TARGETS, {"field": "number"}))


# On the switchboard.


def test_everybody_there_sees_it_and_who_may_act_can_end_it(ana, ben, as_user, forward):
    forwards.StandingForward.objects.update(used_count=3, arrived_count=2)
    for user, may in ((ana, True), (ben, False)):
        page = text(as_user(user).get("/"))
        assert "set by Ana Kovács" in page
        assert "3 calls sent on, 2 seen to arrive" in page
        assert 'until <b class="num">15:00</b> ·' in page
        assert (end_of(forward) in page) is may
        assert (ADD in page) is may


def test_one_that_was_sent_and_not_yet_seen_to_arrive(ana, as_user, forward):
    StandingForward.objects.update(used_count=1)
    assert "1 call sent on, none seen to arrive" in text(as_user(ana).get("/"))


def test_what_went_wrong_is_shown_and_renews_the_board(ana, as_user, forward):
    client = as_user(ana)
    token = client.get("/").context["shown"].token
    StandingForward.objects.update(trouble="+36: 102 was busy", trouble_at=timezone.now())
    assert client.get("/board/rows/", {"seen": token}).status_code == 200
    page = text(client.get("/"))
    assert 'Call at <b class="num">10:00:00</b>, +36: 102 was busy' in page


def test_her_own_list_of_commands_is_hers(ana, as_user, forward):
    """What a busy forward sends on must not push it out of sight."""
    forwarding.answering(forward.connection, Notice("CallChanged", "500", "+3615550142", "a"))
    page = text(as_user(ana).get("/"))
    assert "Nothing is under way." in page


def test_its_call_in_the_log(ana, as_user, forward):
    forwarding.answering(forward.connection, Notice("CallChanged", "500", "+3615550142", "a"))
    row = Transfer.objects.get()
    assert "<small>standing</small>" in text(as_user(ana).get("/log/"))
    page = text(as_user(ana).get(f"/log/{row.pk}/"))
    assert "Forward by the standing forward of Ana Kovács" in page
    assert "→</span> Sent</span>" in page
    assert "A standing forward sent a call on" in page
    assert "was answered with the target" in page


def test_tomorrow_is_said(ana, as_user, forward):
    StandingForward.objects.update(until=timezone.now() + timedelta(hours=20))
    assert "</b> tomorrow ·" in text(as_user(ana).get("/"))


def test_that_nothing_can_come_of_it_is_said(ana, as_user, forward):
    assert "so a forward does nothing there" in text(as_user(ana).get("/"))


def test_it_is_not_offered_where_the_pbx_cannot(ana, as_user, monkeypatch):
    monkeypatch.setattr(OzekiDriver, "standing", "")
    assert ADD not in text(as_user(ana).get("/"))
    assert as_user(ana).get(ADD).status_code == 404


def test_a_use_changes_what_the_board_sends(ana, as_user, forward):
    client = as_user(ana)
    token = client.get("/").context["shown"].token
    assert client.get("/board/rows/", {"seen": token}).status_code == 204
    StandingForward.objects.update(used_count=1)
    assert client.get("/board/rows/", {"seen": token}).status_code == 200


def test_hostile_names_are_only_text(ana, as_user, forward):
    StandingForward.objects.update(target_name="<script>alert(1)</script>")
    page = text(as_user(ana).get("/"))
    assert "<script>alert" not in page


# The end.


def test_it_is_ended(root, as_user, forward):
    response = as_user(root).post(end_of(forward), headers=HTMX)
    assert response.status_code == 204
    said = json.loads(response["HX-Trigger"])["acted"]["said"]
    assert said == "Calls for 500 ring where they were dialled again."
    assert StandingForward.objects.get().ended_by_name == "root"


def test_whose_it_is_stands_on_the_button_and_she_is_told_who_ended_it(
    ana, ben, root, as_user, forward
):
    client = as_user(ana)
    token = client.get("/").context["shown"].token
    assert "End: calls for 500 go to 102, set by Ana Kovács" in text(as_user(root).get("/"))
    forwards.end(root, forward)
    assert client.get("/board/rows/", {"seen": token}).status_code == 200
    told = 'root ended your forward at <b class="num">10:00</b>; it was set until'
    assert told in text(as_user(ana).get("/"))
    assert told not in text(as_user(root).get("/"))
    assert told not in text(as_user(ben).get("/"))
    StandingForward.objects.update(until=timezone.now())
    assert told not in text(as_user(ana).get("/"))


def test_who_ended_her_own_is_told_nothing(ana, as_user, forward):
    forwards.end(ana, forward)
    assert "ended your forward" not in text(as_user(ana).get("/"))


def test_ended_twice_says_so(ana, as_user, forward):
    client = as_user(ana)
    client.post(end_of(forward))
    assert "It had ended already." in text(client.post(end_of(forward), follow=True))


def test_without_javascript_it_asks_first(ana, as_user, forward):
    page = text(as_user(ana).get(end_of(forward)))
    assert "End this forward?" in page
    assert StandingForward.objects.get().ended_at is None


def test_one_that_is_not_there(ana, as_user):
    assert as_user(ana).post("/forwards/999999/end/").status_code == 404


# Where her own phone carries it out; what the phone does is in tests/services/test_phones.py.


@pytest.fixture
def left(forward) -> StandingForward:
    """Ended, and nobody knows whether the phone heard it."""
    said = "No reply came."
    values = {"ended_at": timezone.now(), "ended_by_name": "Ana Kovács", "phone_said": said}
    StandingForward.objects.update(phone="left", **values)
    return forward


@pytest.mark.parametrize(
    ("phone", "words"),
    [
        ("on", "by the phone itself"),
        ("telling", "is being set at the phone"),
        ("unknown", "not seen at the phone yet"),
    ],
)
def test_what_a_phone_does_is_said_instead_of_a_count(ana, as_user, forward, phone, words):
    StandingForward.objects.update(phone=phone, phone_said="No reply came.")
    page = text(as_user(ana).get("/"))
    assert words in page
    assert "not used yet" not in page
    assert ("No reply came." in page) is (phone == "unknown")


def test_one_that_may_still_hold_is_shown_to_all(ana, ben, as_user, left):
    for user, may in ((ana, True), (ben, False)):
        page = text(as_user(user).get("/"))
        assert "may still go to <b>102</b>" in page
        assert "No reply came. Look at the phone of Ana Kovács." in page
        assert "Every call rings where it was dialled." not in page
        assert (end_of(left) in page) is may


@pytest.mark.parametrize(
    ("phone", "words"), [("over", "It is tried again."), ("back", "but it is being taken back")]
)
def test_one_that_is_still_being_taken_back_asks_nothing(ana, as_user, left, phone, words):
    StandingForward.objects.update(phone=phone)
    page = text(as_user(ana).get("/"))
    assert words in page
    assert end_of(left) not in page


def test_somebody_has_looked_at_the_phone(root, as_user, left):
    assert "Is it off at the phone?" in text(as_user(root).get(end_of(left)))
    response = as_user(root).post(end_of(left), headers=HTMX)
    said = json.loads(response["HX-Trigger"])["acted"]["said"]
    assert said == "Calls for 500 ring where they were dialled again."
    assert StandingForward.objects.get().phone == "off"


def test_that_the_end_was_not_heard_is_said_to_who_ended_it(ana, as_user, forward, monkeypatch):
    def unheard(row: StandingForward, actor: object) -> None:
        row.phone, row.phone_said = "left", "No reply came."

    StandingForward.objects.update(phone="on")
    monkeypatch.setattr(phones, "take_back", unheard)
    response = as_user(ana).post(end_of(forward), headers=HTMX)
    said = json.loads(response["HX-Trigger"])["acted"]["said"]
    assert said.startswith("Calls for 500 may still go to 102: No reply came. Look at the phone")


def test_that_it_was_not_seen_at_the_phone_is_said_to_who_set_it(ana, as_user, form, monkeypatch):
    def unheard(row: StandingForward) -> bool:
        row.phone, row.phone_said = "unknown", "No reply came."
        return True

    monkeypatch.setattr(OzekiDriver, "standing", "device")
    monkeypatch.setattr(phones, "set_forward", unheard)
    response = as_user(ana).post(ADD, form | {"number": "1001"}, headers=HTMX)
    said = json.loads(response["HX-Trigger"])["acted"]["said"]
    assert said == "Calls for 1001 may go to 102 now: No reply came."


def test_her_own_number_is_there_already(ana, as_user, monkeypatch):
    monkeypatch.setattr(OzekiDriver, "standing", "device")
    page = text(as_user(ana).get(ADD))
    assert 'name="number" value="1001"' in page
    assert "On Head office your own phone does this" in page
