from __future__ import annotations

import pytest

from transfers.models import AuditEvent
from transfers.phonebook import Contact

URL = "/contacts/"


@pytest.fixture
def contact(db, head_office) -> Contact:
    return Contact.objects.create(
        name="Carol Weiss", number="+36 1 555-0142", department="Sales", connection=head_office
    )


@pytest.fixture
def urls(contact) -> list[str]:
    return [URL, f"{URL}add/", f"{URL}{contact.pk}/", f"{URL}{contact.pk}/delete/"]


DATA = {"name": "Dave", "number": "1004", "department": "", "connection": ""}


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

    def test_administrators_only(self, as_user, ana, ben, eve, urls, contact):
        for user in (ana, ben, eve):
            for url in urls:
                assert as_user(user).get(url).status_code == 403
                assert as_user(user).post(url, DATA).status_code == 403
        assert list(Contact.objects.all()) == [contact]

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
        Contact.objects.create(name="Dave", number="1004")
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
        Contact.objects.bulk_create(
            Contact(name=f"Person {i:03}", number=str(i), connection=head_office) for i in range(60)
        )
        client = as_user(root)
        with django_assert_num_queries(4):  # session, person, count, rows with their PBX
            page = text(client.get(URL, {"q": "person"}))
        assert "1–50 of 60" in page
        assert "?q=person&amp;page=2" in page
        assert "Person 059" in text(client.get(URL, {"page": "99"}))


class TestAdd:
    def test_works(self, as_user, root, head_office):
        response = as_user(root).post(f"{URL}add/", DATA, follow=True)
        assert "Dave is saved." in text(response)
        contact = Contact.objects.get()
        assert (contact.name, contact.number, contact.connection) == ("Dave", "1004", None)
        event = AuditEvent.objects.get()
        assert (event.verb, event.actor, event.object_text) == ("contact.added", root, "Dave 1004")

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"name": ""}, "This field is required"),
            ({"number": ""}, "This field is required"),
            ({"number": "10<b>"}, "Use digits, letters"),
            ({"number": "()"}, "at least one digit or letter"),
            ({"number": "1" * 41}, "at most 40"),
            ({"connection": "99999"}, "valid choice"),
        ],
    )
    def test_mistakes(self, as_user, root, changes, words):
        page = text(as_user(root).post(f"{URL}add/", DATA | changes))
        assert words in page
        assert "Not saved." in page
        assert not Contact.objects.exists()
        assert not AuditEvent.objects.exists()


class TestEdit:
    def test_works(self, as_user, root, contact):
        data = DATA | {"name": "Carol W.", "number": contact.number}
        as_user(root).post(f"{URL}{contact.pk}/", data)
        contact.refresh_from_db()
        assert (contact.name, contact.department, contact.connection) == ("Carol W.", "", None)
        event = AuditEvent.objects.get()
        assert (event.verb, event.data) == (
            "contact.edited",
            {"changed": ["name", "department", "connection"]},
        )

    def test_nothing_changed_is_no_event(self, as_user, root, contact, head_office):
        data = {"name": contact.name, "number": contact.number}
        data |= {"department": "Sales", "connection": head_office.pk}
        as_user(root).post(f"{URL}{contact.pk}/", data)
        assert not AuditEvent.objects.exists()


class TestDelete:
    def test_it_asks_first(self, as_user, root, contact):
        assert "Delete Carol Weiss?" in text(as_user(root).get(f"{URL}{contact.pk}/delete/"))
        assert Contact.objects.exists()

    def test_works(self, as_user, root, contact):
        response = as_user(root).post(f"{URL}{contact.pk}/delete/", follow=True)
        assert "Carol Weiss is deleted." in text(response)
        assert not Contact.objects.exists()
        assert AuditEvent.objects.get().verb == "contact.deleted"
