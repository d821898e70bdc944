"""The pages of an import, for administrators."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.rows import listed
from tests.views.ladder import AdministratorsOnly, text
from transfers.imports import Import
from transfers.phonebook import Contact
from transfers.services.importing import checking, files, publishing

URL = "/contacts/import/"
FILE = "Name;Dept;Phone\nAnna;Sales;1003\nBéla;;call me\n;;1005\n"
State = Import.State


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    for module in (checking, publishing):
        monkeypatch.setattr(module, "in_background", lambda work: work())


@pytest.fixture
def hand_in(as_user, root):
    """hand_in(b"…") is the page after a file was handed in."""

    def posted(content: bytes | str = FILE, name: str = "people.csv", **more):
        content = content.encode() if isinstance(content, str) else content
        data = {"file": SimpleUploadedFile(name, content)}
        return as_user(root).post(URL, data, follow=True, **more)

    return posted


def columns(**changes: str) -> dict[str, str]:
    usual = {"encoding": "utf-8-sig", "delimiter": ";", "header": "on"}
    roles = {"column_0": "name", "column_1": "department", "column_2": "number"}
    return usual | roles | changes


@pytest.fixture
def job(hand_in, as_user, root) -> Import:
    """Handed in and checked."""
    hand_in()
    job = Import.objects.get()
    as_user(root).post(f"{URL}{job.pk}/check/", columns())
    job.refresh_from_db()
    assert job.state == State.READY
    return job


class TestUpload(AdministratorsOnly):
    path = URL
    methods = ("get", "post")


class Pages:
    """The rungs of the pages of one import."""

    tail = ""
    method = "post"

    def call(self, client, job, **kwargs):
        return getattr(client, self.method)(f"{URL}{job.pk}/{self.tail}", **kwargs)

    def test_wrong_method(self, as_user, root, job):
        other = "get" if self.method == "post" else "post"
        assert getattr(as_user(root), other)(f"{URL}{job.pk}/{self.tail}").status_code == 405

    def test_anonymous(self, client, job):
        assert self.call(client, job)["Location"].startswith("/login/")
        assert self.call(client, job, headers={"HX-Request": "true"}).status_code == 403

    @pytest.mark.parametrize("name", ["ana", "ben", "eve"])
    def test_no_access(self, request, as_user, job, name):
        assert self.call(as_user(request.getfixturevalue(name)), job).status_code == 403
        assert Import.objects.get().state == State.READY

    def test_csrf(self, as_user, root, job):
        expected = 403 if self.method == "post" else 200
        assert self.call(as_user(root, csrf=True), job).status_code == expected

    def test_nobody_there(self, as_user, root, job):
        job.pk = 99999
        assert self.call(as_user(root), job).status_code == 404


class TestShow(Pages):
    method = "get"

    def test_works(self, as_user, root, job):
        page = text(self.call(as_user(root), job))
        assert "Nothing is imported yet. 1 contact would be written" in page
        assert "2 bad lines would be left out" in page
        assert "“call me” is no number." in page
        assert "It has no name." in page
        assert "Import 1 contact<" in page


class TestBadLines(Pages):
    tail, method = "bad.csv", "get"

    def test_works(self, as_user, root, job):
        job.lines.filter(verdict="bad").update(notes="=1+1")
        response = self.call(as_user(root), job)
        assert response["Content-Type"].startswith("text/csv")
        assert "'=1+1" in text(response)
        assert "It has no name." in text(response)


class TestCheck(Pages):
    tail = "check/"


class TestConfirm(Pages):
    tail = "confirm/"

    def test_works(self, as_user, root, job):
        page = text(as_user(root).post(f"{URL}{job.pk}/confirm/", follow=True))
        assert "1 contact written" in page
        assert "It has no name." in page, "the report keeps the bad lines"
        assert Contact.objects.get().name == "Anna"
        assert "people.csv" in text(as_user(root).get(URL))

    def test_a_book_that_has_changed_is_said(self, as_user, root, job):
        listed("Anna", "1003")
        page = text(as_user(root).post(f"{URL}{job.pk}/confirm/", follow=True))
        assert "Somebody changed contacts since this file was checked." in page
        assert Contact.objects.count() == 1

    def test_twice_is_once(self, as_user, root, job):
        for _ in range(2):
            page = text(as_user(root).post(f"{URL}{job.pk}/confirm/", follow=True))
        assert "It was imported or given up already." in page
        assert Contact.objects.count() == 1


class TestGiveUp(Pages):
    tail = "give-up/"

    def test_works(self, as_user, root, job):
        page = text(self.call(as_user(root), job, follow=True))
        assert "people.csv was not imported." in page
        assert not Import.objects.exists()

    def test_what_is_done_stays_done(self, as_user, root, job):
        as_user(root).post(f"{URL}{job.pk}/confirm/")
        self.call(as_user(root), job)
        assert Import.objects.get().state == State.DONE


# From the file to the check.


def test_the_columns_are_guessed_and_can_be_corrected(hand_in, as_user, root):
    page = text(hand_in())
    chosen = re.findall(r'<option value="([^"]*)" selected>', page)
    assert chosen == ["utf-8-sig", ";", "name", "department", "number"]
    assert "Anna" in page
    job = Import.objects.get()
    wrong = columns(column_0="department", column_1="name")
    as_user(root).post(f"{URL}{job.pk}/check/", wrong)
    assert job.lines.get(line=2).name == "Sales"
    page = text(as_user(root).get(f"{URL}{job.pk}/?columns"))
    assert page.index('value="department" selected') < page.index('value="name" selected')
    as_user(root).post(f"{URL}{job.pk}/check/", columns())
    assert job.lines.get(line=2).name == "Anna"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"column_0": ""}, "Say which column holds the name."),
        ({"column_2": ""}, "Say which column holds a number."),
        ({"column_2": "number:99"}, "Select a valid choice"),
        ({"encoding": "utf-16"}, "is not UTF-16"),
        ({"encoding": "rot13"}, "Select a valid choice"),
    ],
)
def test_columns_that_cannot_be(hand_in, as_user, root, changes, said):
    hand_in()
    job = Import.objects.get()
    page = text(as_user(root).post(f"{URL}{job.pk}/check/", columns(**changes)))
    assert said in page
    job.refresh_from_db()
    assert job.state == State.UPLOADED


@pytest.mark.parametrize(("language", "name"), [("en", "Ann Lee"), ("hu", "Lee Ann")])
def test_names_are_put_together_as_the_readers_language_does(
    hand_in, as_user, root, language, name
):
    file = b"First name;Last name;Phone\nAnn;Lee;1003\n"
    hand_in(file, headers={"accept-language": language})
    job = Import.objects.get()
    as_user(root).post(f"{URL}{job.pk}/check/", columns(column_0="first", column_1="last"))
    assert job.lines.get().name == name


def test_another_encoding_is_shown_before_it_is_checked(hand_in, as_user, root):
    page = text(hand_in("Name;Phone\nOndřej;1003\n".encode("cp1250")))
    assert "Ondøej" in page
    assert '<option value="cp1252" selected>' in page
    job = Import.objects.get()
    data = {"encoding": "cp1250", "delimiter": ";", "look": "1"}
    assert "Ondřej" in text(as_user(root).post(f"{URL}{job.pk}/check/", data))
    job.refresh_from_db()
    assert job.state == State.UPLOADED


def test_cards_need_no_columns(hand_in):
    page = text(hand_in("BEGIN:VCARD\nVERSION:4.0\nFN:Anna\nTEL:1003\nEND:VCARD\n", "a.vcf"))
    assert "1 contact would be written" in page


def test_cards_in_an_encoding_that_was_not_guessed(hand_in, as_user, root):
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Petr Kučera\nTEL:1003\nEND:VCARD\n"
    page = text(hand_in(card.encode("cp1250"), "a.vcf"))
    assert "Petr Kuèera" in page
    assert '<option value="cp1252" selected>' in page
    check = f"{URL}{Import.objects.get().pk}/check/"
    page = text(as_user(root).post(check, {"encoding": "cp1250"}, follow=True))
    assert "Petr Kučera" in page
    assert '<option value="cp1250" selected>' in page
    page = text(as_user(root).post(check, {"encoding": "utf-16"}, follow=True))
    assert "is not UTF-16. Choose another encoding." in page
    assert '<option value="utf-16" selected>' in page


def test_cards_in_an_encoding_that_nobody_offered(hand_in, as_user, root):
    hand_in("BEGIN:VCARD\nVERSION:4.0\nFN:Anna\nTEL:1003\nEND:VCARD\n", "a.vcf")
    job = Import.objects.get()
    response = as_user(root).post(f"{URL}{job.pk}/check/", {"encoding": "rot13"})
    assert response.status_code == 422
    assert "Select a valid choice." in text(response)
    job.refresh_from_db()
    assert job.reading["encoding"] == "utf-8-sig"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The submitted file is empty"),
        (b"\n\n", "The file is empty."),
        (b"a;" * 100, "more than 60 columns"),
        (b"\x00\x01\x02\xff" * 50, "What is in people.csv?"),
    ],
)
def test_hostile_files_get_an_answer(hand_in, content, said):
    response = hand_in(content)
    assert response.status_code == 200
    assert said in text(response)
    assert not Contact.objects.exists()


def test_a_file_that_is_too_large(hand_in, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    assert "It is too large." in text(hand_in())
    assert not Import.objects.exists()


def test_the_progress_is_told_until_there_is_more_to_see(as_user, root, job):
    client = as_user(root)
    Import.objects.update(state=State.CHECKING, bytes_read=20, bytes_all=40)
    page = text(client.get(f"{URL}{job.pk}/"))
    assert '<noscript><meta http-equiv="refresh"' in page
    response = client.get(f"{URL}{job.pk}/", headers={"HX-Request": "true"})
    assert "50 %" in text(response)
    assert "HX-Refresh" not in response
    Import.objects.update(state=State.READY)
    assert client.get(f"{URL}{job.pk}/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
