from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError
from django.db import connection as db
from django.test import Client

from tests.conftest import PASSWORD, person
from tests.rows import sent
from transfers.models import AuditEvent, PbxConnection, User
from transfers.sentences import say
from transfers.services import people as service
from transfers.services.people import NotAllowed, SeatChanges

URL = "/people/"
NEW = "violet-kettle-42"


def posted(seats: list[dict] | None = None, **changes) -> dict:
    """What the browser sends for a person: the fields, and the rows of seats."""
    seats = seats or []
    data = {"username": "dora", "first_name": "Dóra", "last_name": "Nagy", "email": ""}
    data |= {"role": "receptionist", "is_active": "on", "password": NEW, "again": NEW}
    data |= {"seats-TOTAL_FORMS": len(seats)}
    data |= {"seats-INITIAL_FORMS": sum("id" in seat for seat in seats)}
    for number, seat in enumerate(seats):
        data |= {f"seats-{number}-{name}": value for name, value in seat.items()}
    return {name: value for name, value in (data | changes).items() if value is not None}


def of(user: User, **changes) -> dict:
    """The form of a person as it was served, with her seats."""
    seats = [
        {"id": s.pk, "connection": s.connection_id, "extensions": s.extensions, "sees": s.sees}
        for s in user.seats.all()
    ]
    values = {"username": user.username, "first_name": user.first_name, "role": user.role}
    values |= {"last_name": user.last_name, "email": user.email, "password": "", "again": ""}
    return posted(changes.pop("seats", seats), **values | changes)


def text(response) -> str:
    return response.content.decode()


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


@pytest.fixture
def other(db) -> PbxConnection:
    return PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1/")


@pytest.fixture
def urls(ana) -> list[str]:
    return [URL, "/people/add/", f"/people/{ana.pk}/"]


class TestLadder:
    def test_the_list_works(self, as_user, root, ana, ben):
        User.objects.filter(pk=ben.pk).update(is_active=False)
        page = text(as_user(root).get(URL))
        for part in ["Ana Kovács", "Receptionist", "Head office", "1001", "· deactivated"]:
            assert part in page

    def test_the_number_of_queries_is_constant(
        self, as_user, root, ana, ben, django_assert_num_queries
    ):
        client = as_user(root)
        with django_assert_num_queries(4):  # session, person, people, their seats
            client.get(URL)

    def test_wrong_method(self, as_user, root, urls):
        assert as_user(root).post(URL).status_code == 405
        assert as_user(root).put(urls[1]).status_code == 405
        assert as_user(root).delete(urls[2]).status_code == 405

    def test_anonymous(self, client, urls):
        for url in urls:
            assert client.get(url)["Location"] == f"/login/?next={url}"
            assert client.post(url).status_code in {302, 405}

    def test_administrators_only(self, as_user, ana, ben, eve, urls):
        for user in (ana, ben, eve):
            for url in urls:
                assert as_user(user).get(url).status_code == 403
            assert as_user(user).post(urls[1], posted()).status_code == 403
        assert not User.objects.filter(username="dora").exists()

    def test_csrf(self, as_user, root, urls):
        client = as_user(root, csrf=True)
        assert client.post(urls[1], posted()).status_code == 403
        assert client.post(urls[2], posted()).status_code == 403

    def test_nobody_there(self, as_user, root):
        assert as_user(root).get("/people/999999/").status_code == 404


class TestAdd:
    URL = "/people/add/"

    def test_works(self, as_user, root, head_office, other):
        seats = [
            {"connection": head_office.pk, "extensions": "1003, 1004", "sees": "own"},
            {"connection": other.pk, "extensions": "", "sees": "all"},
        ]
        response = as_user(root).post(self.URL, posted(seats), follow=True)
        assert "Dóra Nagy can log in as dora now." in text(response)
        dora = User.objects.get(username="dora")
        assert dora.check_password(NEW)
        assert dora.email == ""
        assert [(s.connection, s.numbers, s.sees) for s in dora.seats.order_by("pk")] == [
            (head_office, ["1003", "1004"], "own"),
            (other, [], "all"),
        ]
        assert verbs() == ["person.added", "seat.added", "seat.added"]
        assert AuditEvent.objects.filter(actor=root, object_text="Dóra Nagy").exists()

    def test_she_can_log_in(self, as_user, root, client):
        as_user(root).post(self.URL, posted())
        response = client.post("/login/", {"username": "dora", "password": NEW})
        assert response["Location"] == "/"

    def test_empty_rows_of_seats_are_no_seats(self, as_user, root, head_office):
        row = {"connection": "", "extensions": "", "sees": "all"}
        as_user(root).post(self.URL, posted([row, row]))
        assert User.objects.get(username="dora").seats.count() == 0

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"username": ""}, "This field is required"),
            ({"username": "a b"}, "Enter a valid username"),
            ({"username": "ROOT"}, "Somebody has this user name already"),
            ({"email": "x"}, "valid email"),
            ({"role": "boss"}, "valid choice"),
            ({"password": "", "again": ""}, "This field is required"),
            ({"again": "other-words-7"}, "The two passwords differ"),
            ({"again": ""}, "This field is required"),
            ({"password": "short", "again": "short"}, "too short"),
            ({"password": "12345678901", "again": "12345678901"}, "entirely numeric"),
            ({"password": "password1", "again": "password1"}, "too common"),
            ({"last_name": NEW}, "too similar"),
        ],
    )
    def test_mistakes(self, as_user, root, changes, words):
        response = as_user(root).post(self.URL, posted(**changes))
        assert response.status_code == 200
        assert words in text(response)
        assert "Not saved." in text(response)
        assert User.objects.count() == 1
        assert not AuditEvent.objects.exists()

    @pytest.mark.parametrize(
        ("extensions", "words"),
        [("10x", "is not an extension"), ("1001, 1001", "here twice"), (",", "not an extension")],
    )
    def test_mistakes_in_a_seat(self, as_user, root, head_office, extensions, words):
        seat = {"connection": head_office.pk, "extensions": extensions, "sees": "all"}
        response = as_user(root).post(self.URL, posted([seat]))
        assert words in text(response)
        assert User.objects.count() == 1

    def test_extensions_without_a_pbx(self, as_user, root, head_office):
        seat = {"connection": "", "extensions": "1001", "sees": "all"}
        assert "Choose the PBX" in text(as_user(root).post(self.URL, posted([seat])))

    def test_two_seats_on_one_pbx(self, as_user, root, head_office):
        seat = {"connection": head_office.pk, "extensions": "1001", "sees": "all"}
        page = text(as_user(root).post(self.URL, posted([seat, seat | {"extensions": "1002"}])))
        assert "Two seats on the same PBX" in page
        assert User.objects.count() == 1

    def test_the_password_is_not_shown_again(self, as_user, root):
        page = text(as_user(root).post(self.URL, posted(username="")))
        assert NEW not in page
        assert "type the password again" in page

    def test_the_password_is_not_in_the_events(self, as_user, root):
        as_user(root).post(self.URL, posted())
        assert NEW not in str(list(AuditEvent.objects.values()))


class TestEdit:
    def test_works(self, as_user, root, ana):
        data = of(ana, first_name="Anna", role="readonly")
        assert as_user(root).post(f"/people/{ana.pk}/", data)["Location"] == URL
        ana.refresh_from_db()
        assert (ana.first_name, ana.role) == ("Anna", "readonly")
        assert ana.check_password(PASSWORD), "an empty password keeps the old one"
        event = AuditEvent.objects.get()
        assert (event.verb, event.data) == ("person.edited", {"changed": ["first_name", "role"]})

    def test_nothing_changed_is_no_event(self, as_user, root, ana):
        as_user(root).post(f"/people/{ana.pk}/", of(ana))
        assert verbs() == []

    def test_only_what_changed_is_written(self, as_user, root, ana):
        """A log-in between the page and its form is not undone."""
        data = of(ana, first_name="Anna")
        User.objects.filter(pk=ana.pk).update(last_login="2026-01-01T00:00Z")
        as_user(root).post(f"/people/{ana.pk}/", data)
        ana.refresh_from_db()
        assert ana.last_login is not None

    def test_seats(self, as_user, root, ana, head_office, other):
        seat = ana.seats.get()
        rows = [
            {"id": seat.pk, "connection": head_office.pk, "extensions": "1001,1009", "sees": "all"},
            {"connection": other.pk, "extensions": "201", "sees": "own"},
        ]
        as_user(root).post(f"/people/{ana.pk}/", of(ana, seats=rows))
        assert {s.connection.name: s.numbers for s in ana.seats.all()} == {
            "Head office": ["1001", "1009"],
            "Budapest": ["201"],
        }
        assert verbs() == ["seat.edited", "seat.added"]
        assert AuditEvent.objects.first().object_text == "Ana Kovács at Budapest"

    def test_a_seat_is_removed(self, as_user, root, ana, head_office):
        seat = ana.seats.get()
        row = {"id": seat.pk, "connection": head_office.pk, "extensions": "", "sees": "all"}
        as_user(root).post(f"/people/{ana.pk}/", of(ana, seats=[row | {"DELETE": "on"}]))
        assert not ana.seats.exists()
        assert verbs() == ["seat.removed"]

    def test_a_seat_of_somebody_else_cannot_be_taken(self, as_user, root, ana, ben, head_office):
        seat = ben.seats.get()
        row = {"id": seat.pk, "connection": head_office.pk, "extensions": "6", "sees": "all"}
        as_user(root).post(f"/people/{ana.pk}/", of(ana, seats=[row]))
        seat.refresh_from_db()
        assert (seat.user, seat.extensions) == (ben, "1002")

    def test_spare_rows_end_where_the_pbxs_do(self, as_user, root, ana, other):
        page = text(as_user(root).get(f"/people/{ana.pk}/"))
        assert 'name="seats-1-connection"' in page
        assert 'name="seats-2-connection"' not in page

    def test_names_are_text(self, as_user, root, ana):
        User.objects.filter(pk=ana.pk).update(first_name="<b>Ana</b>")
        for url in (URL, f"/people/{ana.pk}/"):
            assert "<b>Ana</b>" not in text(as_user(root).get(url))


class TestPassword:
    def test_it_is_set_and_her_sessions_end(self, as_user, root, ana):
        hers = as_user(ana)
        data = of(ana, password=NEW, again=NEW)
        as_user(root).post(f"/people/{ana.pk}/", data)
        ana.refresh_from_db()
        assert ana.check_password(NEW)
        assert verbs() == ["person.password_set"]
        assert hers.get("/log/").status_code == 302

    def test_ones_own_session_goes_on(self, as_user, root):
        client = as_user(root)
        client.post(f"/people/{root.pk}/", of(root, password=NEW, again=NEW))
        assert client.get(URL).status_code == 200


class TestDeactivate:
    def test_the_session_ends_at_once(self, as_user, root, ana):
        hers = as_user(ana)
        assert hers.get("/log/").status_code == 200
        as_user(root).post(f"/people/{ana.pk}/", of(ana, is_active=None))
        assert hers.get("/log/").status_code == 302
        assert hers.get("/log/", headers={"HX-Request": "true"}).status_code == 403
        assert verbs() == ["person.deactivated"]

    def test_nobody_logs_in_with_it(self, as_user, root, ana):
        as_user(root).post(f"/people/{ana.pk}/", of(ana, is_active=None))
        response = Client().post("/login/", {"username": "ana", "password": PASSWORD})
        assert "There is no such user name with this password." in text(response)

    def test_the_log_keeps_the_name(self, as_user, root, ana, head_office):
        sent(ana, head_office)
        client = as_user(root)
        client.post(f"/people/{ana.pk}/", of(ana, is_active=None))
        assert "Ana Kovács" in text(client.get("/log/"))

    def test_and_back(self, as_user, root, ana):
        User.objects.filter(pk=ana.pk).update(is_active=False)
        as_user(root).post(f"/people/{ana.pk}/", of(ana))
        assert verbs() == ["person.activated"]

    def test_a_lost_role_holds_at_the_next_request(self, as_user, root):
        second = person("second", "administrator")
        hers = as_user(second)
        assert hers.get(URL).status_code == 200
        as_user(root).post(f"/people/{second.pk}/", of(second, role="receptionist"))
        assert hers.get(URL).status_code == 403


class TestAdministratorsRemain:
    def test_ones_own_role_is_closed(self, as_user, root):
        person("second", "administrator")
        client = as_user(root)
        assert "Only another administrator" in text(client.get(f"/people/{root.pk}/"))
        client.post(f"/people/{root.pk}/", of(root, role="receptionist", is_active=None))
        root.refresh_from_db()
        assert root.is_administrator
        assert root.is_active

    @pytest.mark.parametrize("change", [{"role": "readonly"}, {"is_active": False}])
    def test_the_service_refuses_too(self, root, change):
        for name, value in change.items():
            setattr(root, name, value)
        with pytest.raises(NotAllowed, match="from yourself"):
            service.edit(root, root, list(change), "", SeatChanges())
        root.refresh_from_db()
        assert root.is_administrator
        assert root.is_active

    def test_who_lost_the_role_meanwhile_changes_nothing(self, root, ana):
        User.objects.filter(pk=root.pk).update(role="receptionist")
        with pytest.raises(NotAllowed, match="not an administrator any more"):
            service.add(root, User(username="dora"), NEW, SeatChanges())
        with pytest.raises(NotAllowed):
            service.edit(root, ana, ["role"], "", SeatChanges())

    def test_the_page_says_it(self, as_user, root, ana, monkeypatch):
        def refuse(*args):
            raise NotAllowed(say("Nothing was saved."))

        monkeypatch.setattr(service, "edit", refuse)
        page = text(as_user(root).post(f"/people/{ana.pk}/", of(ana, first_name="x")))
        assert "Nothing was saved" in page

    @pytest.mark.django_db(transaction=True)
    def test_two_who_take_it_from_each_other(self, root):
        """However they interleave, one stays."""
        second = person("second", "administrator")
        barrier, refused = threading.Barrier(2), []

        def demote(actor: User, other: User) -> None:
            other = User.objects.get(pk=other.pk)
            other.role = User.Role.RECEPTIONIST
            barrier.wait(10)
            try:
                service.edit(actor, other, ["role"], "", SeatChanges())
            except NotAllowed:
                refused.append(actor)
            finally:
                db.close()

        threads = [
            threading.Thread(target=demote, args=pair) for pair in ((root, second), (second, root))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert User.objects.filter(role="administrator", is_active=True).count() == 1
        assert len(refused) == 1


def test_a_race_for_a_name_is_said(as_user, root, monkeypatch):
    def too_late(*args):
        raise IntegrityError("UNIQUE constraint failed: transfers_user.username")

    monkeypatch.setattr(service, "add", too_late)
    page = text(as_user(root).post("/people/add/", posted()))
    assert "Somebody saved the same at this moment" in page
