from __future__ import annotations

import re

import pytest

from tests.rows import listed
from transfers.board.snapshot import dump_calls, dump_directory
from transfers.domain import Call, CallState, Extension, Party
from transfers.models import AuditEvent, Feed
from transfers.phonebook import Contact, ContactGroup

URL = "/contacts/"


@pytest.fixture
def contact(db, head_office) -> Contact:
    return listed("Carol Weiss", "+36 1 555-0142", on=head_office, department="Sales")


@pytest.fixture
def urls(contact) -> list[str]:
    return [URL, f"{URL}add/", f"{URL}{contact.pk}/", f"{URL}{contact.pk}/delete/"]


FIRST = "numbers-0-"


def typed(**changes: str) -> dict[str, str]:
    """What a browser sends for a new contact with one number; "number" is its number."""
    usual = {"name": "Dave", "department": "", "notes": "", "group_names": ""}
    rows = {"numbers-TOTAL_FORMS": "1", "numbers-INITIAL_FORMS": "0"}
    row = {"number": "1004", "label": "", "connection": ""}
    of_row = {"number", "label", "connection", "id", "DELETE"}
    usual |= rows | {FIRST + name: value for name, value in row.items()}
    return usual | {FIRST + k if k in of_row else k: str(v) for k, v in changes.items()}


DATA = typed()


def text(response) -> str:
    return response.content.decode()


class TestLadder:
    def test_works(self, as_user, root, contact):
        page = text(as_user(root).get(URL))
        for part in ["Carol Weiss", "+36 1 555-0142", "Sales", "Head office"]:
            assert part in page

    def test_wrong_method(self, as_user, root, urls):
        assert as_user(root).post(URL).status_code == 405
        for url in urls[1:]:
            assert as_user(root).put(url).status_code == 405

    def test_anonymous(self, client, urls):
        for url in urls:
            assert client.get(url)["Location"] == f"/login/?next={url}"

    def test_only_administrators_write(self, as_user, ana, ben, eve, urls, contact):
        for user in (ana, ben, eve):
            for url in urls[1:]:
                assert as_user(user).get(url).status_code == 403
                assert as_user(user).post(url, DATA).status_code == 403
        assert list(Contact.objects.all()) == [contact]

    def test_everybody_looks(self, as_user, ana, ben, eve, contact):
        for user in (ana, ben):
            page = text(as_user(user).get(URL))
            assert "+36 1 555-0142" in page
            assert "Add a contact" not in page
            assert f'{URL}{contact.pk}/"' not in page
        page = text(as_user(eve).get(URL))
        assert "Carol Weiss" in page
        assert "+36 1 555-0142" not in page, "it is a number of a PBX on which she has no seat"

    def test_a_fragment_is_no_login_page(self, client, db):
        assert client.get(URL, headers={"HX-Request": "true"}).status_code == 403

    def test_csrf(self, as_user, root, urls, contact):
        client = as_user(root, csrf=True)
        for url in urls[1:]:
            assert client.post(url, DATA).status_code == 403
        assert list(Contact.objects.all()) == [contact]

    def test_nobody_there(self, as_user, root):
        for url in ("/contacts/99999/", "/contacts/99999/delete/"):
            assert as_user(root).get(url).status_code == 404


class TestList:
    @pytest.mark.parametrize("text_", ["carol", "WEISS", "sales", "555 0142", "3615550142"])
    def test_search(self, as_user, root, contact, text_):
        listed("Dave", "1004")
        page = text(as_user(root).get(URL, {"q": text_}))
        assert "Carol Weiss" in page
        assert ">Dave<" not in page

    def test_nobody_fits(self, as_user, root, contact):
        page = text(as_user(root).get(URL, {"q": "<x>"}))
        assert "Nobody fits “&lt;x&gt;”" in page

    def test_empty(self, as_user, root):
        assert "No contacts yet" in text(as_user(root).get(URL))

    def test_too_long_a_text_is_no_filter(self, as_user, root, contact):
        assert "Carol Weiss" in text(as_user(root).get(URL, {"q": "x" * 101}))

    def test_pages_and_queries(self, as_user, root, head_office, django_assert_num_queries):
        for number in range(60):
            listed(f"Person {number:03}", str(number), on=head_office)
        client = as_user(root)
        client.get(URL)  # looking keeps the feeds polled, noted every ten seconds
        with django_assert_num_queries(12):
            page = text(client.get(URL, {"q": "person"}))
        assert "1–50 of 60" in page
        assert "?q=person&amp;page=2" in page
        assert "Person 059" in text(client.get(URL, {"page": "99"}))


class TestNarrowing:
    def names(self, client, **query: str) -> list[str]:
        page = text(client.get(URL, query, headers={"HX-Request": "true"}))
        assert "<html" not in page
        return re.findall(r"Favourite: ([^\"]*)", page)

    def test_by_group_and_star(self, as_user, root, ana, contact):
        other = listed("Dave", "1004")
        other.groups.add(ContactGroup.objects.create(name="Board"))
        client = as_user(ana)
        assert self.names(client) == ["Carol Weiss", "Dave"]
        assert self.names(client, group=str(ContactGroup.objects.get().pk)) == ["Dave"]
        assert self.names(client, group="99999") == ["Carol Weiss", "Dave"]
        client.post(f"{URL}{contact.pk}/favourite/", {"on": "1"})
        assert self.names(client, starred="on") == ["Carol Weiss"]
        assert self.names(as_user(root), starred="on") == []

    def test_extensions_without_a_contact_are_listed(self, as_user, ana, contact):
        lines = [Extension("1001", "Reception", "phone", True), Extension("1009", "Lift")]
        Feed.objects.update(directory=dump_directory(lines))
        listed("Front desk", "1001")
        page = text(as_user(ana).get(URL))
        assert "Lift" in page
        assert "Reception" not in page
        assert "Lift" not in text(as_user(ana).get(URL, {"q": "carol"}))
        assert "Lift" not in text(as_user(ana).get(URL, {"starred": "on"}))

    def test_who_is_on_the_phone(self, as_user, ana, contact):
        call = Call("a", CallState.TALKING, "", Party("0615550142"), Party("1001"))
        Feed.objects.update(calls=dump_calls([call]))
        assert "on a call" in text(as_user(ana).get(URL))


class TestFavourite:
    @pytest.fixture
    def url(self, contact) -> str:
        return f"{URL}{contact.pk}/favourite/"

    def test_works(self, as_user, ana, ben, contact, url):
        page = text(as_user(ana).post(url, {"on": "1"}, headers={"HX-Request": "true"}))
        assert 'aria-pressed="true"' in page
        as_user(ana).post(url, {"on": "1"})
        assert [star.user for star in contact.favoured.all()] == [ana]
        assert as_user(ben).post(url, {"on": "0"})["Location"] == URL
        assert contact.favoured.count() == 1
        page = text(as_user(ana).post(url, {"on": "0"}, headers={"HX-Request": "true"}))
        assert 'aria-pressed="false"' in page
        assert not contact.favoured.exists()

    def test_readers_and_strangers_have_favourites_too(self, as_user, ben, eve, contact, url):
        for user in (ben, eve):
            assert as_user(user).post(url, {"on": "1"}).status_code == 302
        assert contact.favoured.count() == 2

    def test_wrong_method(self, as_user, ana, url):
        assert as_user(ana).get(url).status_code == 405

    def test_anonymous(self, client, url):
        assert client.post(url)["Location"].startswith("/login/")

    def test_csrf(self, as_user, ana, url):
        assert as_user(ana, csrf=True).post(url, {"on": "1"}).status_code == 403

    def test_nobody_there(self, as_user, ana):
        assert as_user(ana).post(f"{URL}99999/favourite/", {"on": "1"}).status_code == 404


class TestAdd:
    def test_works(self, as_user, root, head_office):
        data = typed(label="desk", group_names="Board,  On   call,", notes="Deaf in one ear.")
        response = as_user(root).post(f"{URL}add/", data, follow=True)
        assert "Dave is saved." in text(response)
        contact = Contact.objects.get()
        (number,) = contact.numbers.all()
        assert (number.number, number.label, number.connection) == ("1004", "desk", None)
        assert [group.name for group in contact.groups.all()] == ["Board", "On call"]
        assert (contact.name, contact.notes) == ("Dave", "Deaf in one ear.")
        event = AuditEvent.objects.get()
        assert (event.verb, event.actor, event.object_text) == ("contact.added", root, "Dave 1004")

    def test_it_is_found_by_all_of_it(self, as_user, root):
        data = typed(number="+36 1 555 0142", department="Sales", group_names="Board")
        as_user(root).post(f"{URL}add/", data)
        for query in ("dave", "SALES", "boa", "0615550142", "06 1 555-0142", "5550"):
            assert "Dave" in text(as_user(root).get(URL, {"q": query})), query

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"name": ""}, "This field is required"),
            ({"number": ""}, "Give at least one number"),
            ({"number": "", "label": "desk"}, "This field is required"),
            ({"number": "10<b>"}, "Use digits, letters"),
            ({"number": "()"}, "at least one digit or letter"),
            ({"number": "1" * 65}, "at most 64"),
            ({"connection": "99999"}, "valid choice"),
            ({"group_names": "x" * 61}, "at most 60"),
        ],
    )
    def test_mistakes(self, as_user, root, changes, words):
        page = text(as_user(root).post(f"{URL}add/", typed(**changes)))
        assert words in page
        assert "Not saved." in page
        assert not Contact.objects.exists()
        assert not AuditEvent.objects.exists()


def kept(contact: Contact, **changes: str) -> dict[str, str]:
    """What a browser sends for the contact as it is."""
    (number,) = contact.numbers.all()
    usual = {"name": contact.name, "department": contact.department, "id": number.pk}
    usual |= {"number": number.number, "label": number.label}
    usual |= {"connection": number.connection_id, "numbers-INITIAL_FORMS": "1"}
    return typed(**usual | changes)


class TestEdit:
    def test_works(self, as_user, root, contact):
        data = kept(contact, name="Carol W.", department="", connection="")
        as_user(root).post(f"{URL}{contact.pk}/", data)
        contact.refresh_from_db()
        assert (contact.name, contact.department) == ("Carol W.", "")
        assert contact.numbers.get().connection is None
        event = AuditEvent.objects.get()
        changed = ["name", "department", "numbers"]
        assert (event.verb, event.data) == ("contact.edited", {"changed": changed})

    def test_nothing_changed_is_no_event(self, as_user, root, contact):
        as_user(root).post(f"{URL}{contact.pk}/", kept(contact))
        assert not AuditEvent.objects.exists()

    def test_a_group_without_contacts_is_gone(self, as_user, root, contact):
        as_user(root).post(f"{URL}{contact.pk}/", kept(contact, group_names="Board"))
        as_user(root).post(f"{URL}{contact.pk}/", kept(contact, group_names="board, Night"))
        assert [group.name for group in ContactGroup.objects.all()] == ["Board", "Night"]
        as_user(root).post(f"{URL}{contact.pk}/", kept(contact))
        assert not ContactGroup.objects.exists()

    def test_the_last_number_stays(self, as_user, root, contact):
        page = text(as_user(root).post(f"{URL}{contact.pk}/", kept(contact, DELETE="on")))
        assert "Give at least one number." in page
        assert contact.numbers.exists()


class TestDelete:
    def test_it_asks_first(self, as_user, root, contact):
        assert "Delete Carol Weiss?" in text(as_user(root).get(f"{URL}{contact.pk}/delete/"))
        assert Contact.objects.exists()

    def test_works(self, as_user, root, contact):
        response = as_user(root).post(f"{URL}{contact.pk}/delete/", follow=True)
        assert "Carol Weiss is deleted." in text(response)
        assert not Contact.objects.exists()
        assert AuditEvent.objects.get().verb == "contact.deleted"
