"""Files of contacts: understood, compared, and written all at once or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from tests.rows import listed
from transfers.board.snapshot import dump_directory
from transfers.domain import Extension
from transfers.imports import Import, ImportLine, ImportNumber
from transfers.models import AuditEvent, Feed, PbxConnection
from transfers.phonebook import Contact, ContactGroup, Favourite
from transfers.services import lookup
from transfers.services.importing import checking, files, publishing, uploads
from transfers.services.importing.cards import cards, draft
from transfers.services.importing.drafts import Bad, Columns, guessed, looks_like_titles
from transfers.services.lookup import Wanted
from transfers.services.names import name_of

State = Import.State
ROLES = ["name", "department", "number", "number", "groups", "notes"]
TITLES = ["Name", "Department", "Desk", "Mobile", "Groups", "Notes"]


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """What runs beside the requests runs within them."""
    for module in (checking, publishing):
        monkeypatch.setattr(module, "in_background", lambda work: work())
    monkeypatch.setattr(checking, "PAUSE", 0)


@pytest.fixture
def load(root):
    """load("Anna,Sales,1003") is the checked import of these lines, under titles."""

    def checked(*lines: str, roles: list[str] = ROLES, **reading) -> Import:
        text = "\n".join([",".join(TITLES), *lines])
        job = uploads.receive(root, "people.csv", text.encode())
        usual = {"encoding": "utf-8-sig", "delimiter": ",", "header": True}
        checking.begin(job, usual | {"roles": roles, "titles": TITLES} | reading)
        job.refresh_from_db()
        return job

    return checked


def verdicts(job: Import) -> dict[int, str]:
    return dict(job.lines.values_list("line", "verdict"))


def words(job: Import) -> list[str]:
    return [line.words for line in job.lines.all()]


def numbers_of(name: str) -> list[tuple[str, str]]:
    contact = Contact.objects.get(name=name)
    return [(number.number, number.label) for number in contact.numbers.all()]


# Reading.

SLAVIC = [
    *("Dvořák", "Šťastný", "Jiří", "Němec", "Růžička", "Kučerová", "Čermák", "Sedláček", "Kolář"),
    *("Kráľ", "Ľubica Kováčová", "Lukáč", "Zieliński", "Kończak", "DVOŘÁK", "Němcová; Müller"),
]
WESTERN = [
    *("Müller", "Kovács Ödön", "Peña", "Íñigo Muñoz", "Hélène Lefèvre", "Geneviève Côté", "Loïc"),
    *("Nicolò", "Forlì", "Cefalù", "Sørensen", "Øivind Kjær", "Håkon", "Šárka Mäkinen", "Žižek"),
    *("Antònia Solà", "Lluís Núñez", "Seán Ó Sé", "Fañch", "João Simões", "3¾kg", "1 ¼l", "¼ l"),
]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Őri".encode(), "utf-8-sig"),
        ("Őri".encode("utf-8-sig"), "utf-8-sig"),
        ("Őri".encode("utf-16"), "utf-16"),
        ("Name;Number".encode("utf-16-le"), "utf-16-le"),
        ("Name;Number".encode("utf-16-be"), "utf-16-be"),
        ("Müller".encode("cp1252"), "cp1252"),
        ("Nombre;Extensión\nMuñoz;201\n¿Peña?;2\n".encode("cp1252"), "cp1252"),
        ("Nom;Poste\nFrançois Brûlé;201\n".encode("cp1252"), "cp1252"),
        ("Nome;Ramal\nJoão Simões;201\n".encode("cp1252"), "cp1252"),
        ("Name;Room\nÅse Sørensen;3 m²\nCosts;£20, n¹\n".encode("cp1252"), "cp1252"),
        ("Név;Mellék\nKőműves Gergő;201\n".encode("cp1250"), "cp1250"),
        ("Name;Ext\nŐri;201\n".encode("cp1250"), "cp1250"),
        ("Imię;Telefon\nŁukasz Wałęsa;201\n".encode("cp1250"), "cp1250"),
        ("Name;Ext\nŻaneta Ťažká;201\n".encode("cp1250"), "cp1250"),
        *((name.encode("cp1250"), "cp1250") for name in SLAVIC),
        *((name.encode("cp1252"), "cp1252") for name in WESTERN),
        ("Dvořák\nMüller\nKovács Ödön\n".encode("cp1250"), "cp1250"),
        ("Høgnadóttir;1\nÅse Ærø;2\nPeña;3\n".encode("cp1252"), "cp1252"),
        (b"", "utf-8-sig"),
    ],
)
def test_the_encoding_is_recognised(content, encoding):
    assert files.encoding_of(content) == encoding


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("Name,Number\nA,1", ","),
        ("Name;Phone, mobile;Note\n", ";"),
        ('"Last, first";Number', ";"),
        ("Name\tNumber", "\t"),
        ("sep=|\nName|Number", "|"),
        ("Name", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_recognised(text, delimiter):
    assert files.delimiter_of(text.encode(), "utf-8-sig") == delimiter


def test_a_first_cell_that_is_far_too_long_is_said_when_it_is_read():
    content = b"x" * (files.LONGEST_CELL + 1)
    for _ in range(2):  # the limit of the library holds from the first file on
        assert files.delimiter_of(content, "utf-8-sig") == ","
        with pytest.raises(files.Unreadable, match="far too long"):
            list(files.rows(content, "utf-8-sig", ","))


def test_rows_have_the_numbers_of_their_lines():
    text = '\ufeffsep=;\r\nName;Note\r\n\r\nAnna;"two\nlines"\r\n;;\r\nBéla;x\r\n'
    rows = list(files.rows(text.encode("utf-16"), "utf-16", ";"))
    assert [(row.line, row.cells) for row in rows] == [
        (2, ["Name", "Note"]),
        (4, ["Anna", "two\nlines"]),
        (7, ["Béla", "x"]),
    ]


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        (b'Name\n"' + b"x\n" * 20_000, "utf-8-sig", "From line 2 on the file makes no sense"),
        (b"Name\n\xff\xfe", "utf-8-sig", "the file is not UTF-8. Choose another encoding."),
        (b"A\n" * (files.MOST_LINES + 2), "utf-8-sig", "more than 200,000 lines"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, encoding, said):
    with pytest.raises(files.Unreadable, match=said.replace(".", r"\.")):
        list(files.rows(content, encoding, ","))


def test_titles_tell_what_the_columns_hold():
    titles = ["Vezetéknév", "First_Name", "Dept.", "Phone (work)", "Mobil", "E-mail", "Csoport"]
    assert guessed(titles) == ["last", "first", "department", "number", "number", "", "groups"]
    assert looks_like_titles(titles)
    spanish = ["Nombre", "Apellidos", "Empresa", "Móvil", "Número", "Grupos", "Observaciones"]
    assert guessed(spanish) == ["first", "last", "department", *["number"] * 2, "groups", "notes"]
    assert guessed(["Name", "Vorname", "Durchwahl"]) == ["last", "first", "number"]
    assert guessed(["Name", "Given Name", "Family Name"]) == ["name", "first", "last"]
    assert not looks_like_titles(["Anna", "1003"])
    assert not looks_like_titles(["Anna", "Sales"])


@pytest.mark.parametrize(
    ("roles", "family_first", "name"),
    [
        (["first", "last"], False, "Ann Lee"),
        (["first", "last"], True, "Lee Ann"),
        (["last", "first"], False, "Ann Lee"),
        (["last", "first"], True, "Ann Lee"),
        (["first", "first"], False, "Ann Lee"),
        (["name", "last"], True, "Ann"),
    ],
)
def test_a_name_in_two_columns_is_in_their_order_or_in_that_of_the_language(
    roles, family_first, name
):
    columns = Columns((*roles, "number"), ("", "", ""), family_first)
    assert columns.draft(["Ann", "Lee", "1003"]).name == name


@pytest.mark.parametrize(("language", "name"), [("en", "Júlia Kovács"), ("hu", "Kovács Júlia")])
def test_a_card_with_a_name_in_parts_is_read_in_the_order_of_the_language(root, language, name):
    card = "BEGIN:VCARD\nVERSION:2.1\nN:Kovács;Júlia;;;\nTEL:1003\nEND:VCARD\n"
    with translation.override(language):
        job = uploads.receive(root, "people.vcf", card.encode())
    assert [line.name for line in job.lines.all()] == [name]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["", "", "1003"], "It has no name."),
        (["Anna", "", "", ""], "It has no number."),
        (["Anna", "", "call me"], "“call me” is no number."),
        (["Anna", "", "1003; 1004"], "“1003; 1004” is no number."),
        (["A" * 101, "", "1003"], "The name is longer than 100"),
        (["Anna", "D" * 101, "1003"], "The department is longer than 100"),
        (["Anna", "", "1" * 65], "At most 64"),
        (["Anna\x00", "", "1003"], "no text"),
        (["Anna", "", "1003", "", "G" * 61], "The name of a group is longer than 60"),
        (["Anna", *[""] * len(ROLES), "1003"], "It has more cells than there are columns."),
    ],
)
def test_what_is_wrong_with_a_line_is_said(cells, said):
    columns = Columns(tuple(ROLES), tuple(TITLES))
    with pytest.raises(Bad) as caught:
        columns.draft(cells)
    assert said in str(caught.value)


CARD = """BEGIN:VCARD
VERSION:{version}
N:Kovács;Júlia;;;
FN:Kovács Júlia
ORG:Acme;Accounts
TEL;TYPE=work{uri}
TEL;TYPE=CELL:06 30 555 0119
CATEGORIES:Board,Night
NOTE:Deaf in\\, one ear
END:VCARD
"""


@pytest.mark.parametrize(
    ("version", "uri"),
    [("3.0", ":+36 1 555 0142"), ("4.0", ";VALUE=uri:tel:+36-1-555-0142;ext=1")],
)
def test_a_card_is_understood(version, uri):
    (card,) = cards(CARD.format(version=version, uri=uri).encode(), "utf-8-sig")
    read = draft(card)
    assert (read.name, read.department) == ("Kovács Júlia", "Accounts")
    assert (read.groups, read.notes) == (("Board", "Night"), "Deaf in, one ear")
    assert [(n.key, n.label) for n in read.numbers] == [
        ("+3615550142", "desk"),
        ("+36305550119", "mobile"),
    ]


def test_an_old_card_in_quoted_printable_is_understood():
    text = (
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=90ri;"
        "=C3=81gi\nTEL;CELL:+36305550119\nEND:VCARD\n"
    )
    (card,) = cards(text.encode(), "utf-8-sig")
    read = draft(card, family_first=True)
    assert (read.name, read.numbers[0].label) == ("Őri Ági", "mobile")


# Checking.


def test_cards_are_checked_at_once_and_a_bad_one_spoils_no_other(root):
    good = CARD.format(version="3.0", uri=":1003")
    text = f"{good}BEGIN:VCARD\nVERSION:3.0\nrubbish\nEND:VCARD\n{good.replace('Júlia', 'Jolán')}"
    job = uploads.receive(root, "people.vcf", f"{text}BEGIN:VCARD\nFN:X\n".encode())
    job.refresh_from_db()
    assert (job.state, job.is_vcard) == (State.READY, True)
    assert verdicts(job) == {1: "new", 11: "bad", 15: "new", 25: "bad"}
    assert "rubbish" in words(job)[1]
    assert words(job)[3] == "The card has no end."


def test_lines_are_compared_with_the_book(load):
    listed("Kovács Anna", "1003", department="Sales")
    listed("Béla", "1004", "06305550119", department="Sales")
    listed("Same", "1005", department="Sales")
    job = load(
        "Kovacs ANNA,Legal,1003,,Board,",
        "Béla,,1004,,,Back on Monday",
        "Same,Sales,1005,,,",
        "Newcomer,Sales,1006,,,",
        "newcomer,sales,1007,,,",
        ",,1008,,,",
    )
    assert job.state == State.READY
    assert verdicts(job) == dict(
        enumerate(["changed", "changed", "same", "new", "twice", "bad"], 2)
    )
    assert words(job) == [
        "department Sales → Legal, groups + Board",
        "notes, numbers 1004 06305550119 → 1004",
        "",
        "",
        "The same name as in line 5.",
        "It has no name.",
    ]
    assert job.counts == {"changed": 2, "same": 1, "new": 1, "twice": 1, "bad": 1}
    assert Contact.objects.count() == 3
    assert not lookup.matching(Wanted.of("newcomer")).exists(), "nothing is imported by a check"


def test_of_namesakes_the_one_with_more_in_common_is_meant(load):
    for department, number in (("Sales", "1003"), ("Legal", "1004"), ("Legal", "1005")):
        listed("Anna", number, department=department)
    job = load("Anna,Sales,9,,,", "Anna,Legal,1005,,,x", "Anna,Legal,8,,,", "Anna,Lift,7,,,")
    assert [line.verdict for line in job.lines.all()] == ["changed", "changed", "twice", "new"]
    job = load("Anna,Legal,8,,,")
    assert words(job) == ["2 contacts have this name: nothing tells which one is meant."]


def test_two_lines_are_not_about_one_contact(load):
    listed("Anna", "1003", department="Sales")
    job = load("Anna,Sales,1003,,,x", "Anna,Legal,1003,,,y")
    assert [line.verdict for line in job.lines.all()] == ["changed", "twice"]
    assert words(job)[1] == "Line 2 is about the same contact."


def test_a_file_without_anybody_is_said_to_be(load):
    job = load()
    assert (job.state, job.problem) == (State.BROKEN, "There is nobody in this file.")


@pytest.mark.parametrize("part", ["searched", "_with_their_line"])
def test_what_breaks_on_our_side_is_said_and_can_be_tried_again(load, monkeypatch, part):
    with monkeypatch.context() as patch:
        patch.setattr(checking, part, None)
        job = load("Anna,,1003,,,")
    assert (job.state, job.problem) == (State.BROKEN, checking.BROKE)
    assert checking.begin(job)
    job.refresh_from_db()
    assert job.state == State.READY


def test_a_check_that_stopped_can_begin_again_and_one_that_runs_cannot(load):
    job = load("Anna,,1003,,,")
    Import.objects.update(state=State.CHECKING)
    job.refresh_from_db()
    assert not checking.begin(job)
    Import.objects.update(touched_at=timezone.now() - timedelta(seconds=31))
    job.refresh_from_db()
    assert job.has_stopped
    old = Import.objects.get()
    assert checking.begin(job)
    assert not checking.begin(old), "somebody else has begun"
    assert job.lines.count() == 1, "of this check only"


def test_a_check_that_was_overtaken_writes_nothing_more(load, root):
    job = load("Anna,,1003,,,")
    Import.objects.update(state=State.CHECKING)
    slow = Import.objects.get()
    Import.objects.update(touched_at=timezone.now())  # the other one is at work
    with pytest.raises(checking.Overtaken):
        checking._check(slow)
    Import.objects.update(touched_at=slow.touched_at, state=State.DROPPED)
    with pytest.raises(checking.Overtaken):
        checking._check(slow)
    assert not job.lines.exists()
    assert Import.objects.get().state == State.DROPPED


# Importing.


def test_all_of_it_is_written_at_once(load, root, head_office):
    anna = listed("Anna", "1003", on=head_office, department="Sales")
    anna.groups.add(ContactGroup.objects.create(name="Night"))
    Favourite.objects.create(user=root, contact=anna)
    job = load(
        "Anna,Legal,1003,06 30 555 0119,Board,",
        "Őri Béla,Sales,1004,+36 1 555 0142,\"Board, Day\",Tall",
        "Csaba,Sales,1005,,,",
        ",,,,,",
        ",,1,,,",
    )  # fmt: skip
    publishing.publish(root, job)
    assert Contact.objects.count() == 3
    assert numbers_of("Anna") == [("1003", "Desk"), ("06 30 555 0119", "Mobile")]
    assert numbers_of("Őri Béla") == [("1004", "Desk"), ("+36 1 555 0142", "Mobile")]
    bela = Contact.objects.get(name="Őri Béla")
    assert (bela.department, bela.notes) == ("Sales", "Tall")
    assert [group.name for group in bela.groups.all()] == ["Board", "Day"]
    anna = Contact.objects.get(name="Anna")
    assert [group.name for group in anna.groups.all()] == ["Board", "Night"]
    assert anna.favoured.count() == 1, "it is the same contact"
    for query, found in (("ori board", bela), ("0615550142", bela), ("anna legal night", anna)):
        assert list(lookup.matching(Wanted.of(query))) == [found], query
    assert name_of(head_office, "06305550119") == "Anna"
    event = AuditEvent.objects.get()
    assert (event.verb, event.object_text) == ("contact.imported", "people.csv")
    assert event.data == {"added": 2, "changed": 1}
    Contact.objects.create(name="The next one has an id of its own")


def test_an_extension_stays_on_its_pbx_where_the_file_names_none(load, head_office):
    listed("Anna", "1003", on=head_office, department="Sales")
    assert verdicts(load("Anna,Sales,1003,,,")) == {2: "same"}
    job = load("Anna,Sales,1003,0615550142,,")
    assert words(job) == ["numbers 1003 → 1003 0615550142"]
    numbers = ImportLine.objects.get(of=job).numbers.values_list("number", "connection")
    assert list(numbers) == [("1003", head_office.pk), ("0615550142", None)]


def test_an_extension_belongs_to_the_one_pbx_that_has_it(load, head_office):
    budapest = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://b/")
    both = dump_directory([Extension("1003"), Extension("1001")])
    Feed.objects.update_or_create(connection=head_office, defaults={"directory": both})
    Feed.objects.create(connection=budapest, directory=dump_directory([Extension("1001")]))
    job = load("Anna,Sales,1003,0615550142,,", "Reception,,1001,,,")
    numbers = ImportNumber.objects.filter(line__of=job).values_list("number", "connection")
    assert list(numbers) == [("1003", head_office.pk), ("0615550142", None), ("1001", None)]


def test_numbers_belong_to_the_pbx_of_their_column(load, root, head_office):
    roles = ["name", "department", f"number:{head_office.pk}", "number", "", ""]
    publishing.publish(root, load("Anna,,1003,0615550142,,", roles=roles))
    numbers = Contact.objects.get().numbers.values_list("number", "connection")
    assert list(numbers) == [("1003", head_office.pk), ("0615550142", None)]


def test_afterwards_only_the_bad_lines_are_kept(load, root):
    job = load("Anna,,1003,,Board,", ",,1004,,,")
    publishing.publish(root, job)
    job.refresh_from_db()
    assert (job.state, bytes(job.packed)) == (State.DONE, b"")
    assert verdicts(job) == {3: "bad"}
    assert not ImportNumber.objects.exists()
    assert ContactGroup.objects.get().contacts.count() == 1


def test_it_is_imported_once(load, root):
    job = load("Anna,,1003,,,")
    publishing.publish(root, job)
    with pytest.raises(publishing.NotNow, match="already"):
        publishing.publish(root, job)
    assert Contact.objects.count() == 1
    assert AuditEvent.objects.count() == 1


def test_nothing_is_imported_when_the_book_has_changed_since(load, root):
    job = load("Anna,,1003,,,")
    listed("Anna", "1003")
    with pytest.raises(publishing.NotNow, match="check it again"):
        publishing.publish(root, job)
    job.refresh_from_db()
    assert (job.state, Contact.objects.count()) == (State.READY, 1)
    assert checking.begin(job)
    job.refresh_from_db()
    assert verdicts(job) == {2: "same"}


def test_nothing_is_half_imported(load, root, monkeypatch):
    listed("Anna", "1003")
    job = load("Anna,Legal,1003,,,", "Béla,,1004,,,")
    monkeypatch.setattr(publishing, "_copy_groups", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publishing.publish(root, job)
    assert Contact.objects.get().department == ""
    assert numbers_of("Anna") == [("1003", "")]
    job.refresh_from_db()
    assert job.state == State.READY


def test_what_is_given_up_leaves_nothing_behind(load, root):
    job = load("Anna,,1003,,Board,")
    assert ContactGroup.objects.exists()
    publishing.give_up(job)
    for model in (Import, ImportLine, ContactGroup, Contact):
        assert not model.objects.exists(), model


def test_a_file_that_was_forgotten_goes_with_the_next_one(load, root):
    forgotten, done = load("Anna,,1003,,,"), load("Béla,,1004,,,")
    publishing.publish(root, done)
    Import.objects.update(created_at=timezone.now() - timedelta(days=2))
    load("Csaba,,1005,,,")
    assert not Import.objects.filter(pk=forgotten.pk).exists()
    assert Import.objects.filter(pk=done.pk).exists()
