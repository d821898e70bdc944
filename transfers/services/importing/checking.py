"""Each line of a file compared with the book, and staged as it would be written.

It runs beside the requests: a few lines at a time, each few in a short transaction of their own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice

from django.db import connections, transaction
from django.utils import timezone

from transfers.imports import Import, ImportLine, ImportNumber
from transfers.models import Feed
from transfers.phonebook import Contact, ContactGroup, searched
from transfers.sentences import listed, say
from transfers.services.contacts import group_named
from transfers.services.importing import cards, files
from transfers.services.importing.drafts import Bad, Columns, Draft, DraftNumber
from transfers.services.importing.files import Unreadable
from transfers.services.names import book_version
from transfers.services.presence import lines
from transfers.spelling import plain

log = logging.getLogger("transfers.importing")

AT_ONCE = 100
PAUSE = 0.01  # seconds after each few lines, for everybody else
BROKE = say("Checking the file broke on our side; see the log.")
Verdict = ImportLine.Verdict


class Overtaken(Exception):
    """The import was given up, or its check was begun again."""


@dataclass(slots=True)
class Read:
    """A line as it came: what can be made of it, or why nothing can."""

    line: int
    position: int
    shown: str
    draft: Draft | None = None
    wrong: str = ""


@dataclass
class Book:
    """What is known beforehand: the contacts by name, the names met in this file, and the numbers
    that are an extension of one PBX and of no other."""

    by_name: dict[str, list[int]] = field(default_factory=dict)
    met: dict[tuple[str, str], int] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)  # contact → line
    groups: dict[str, ContactGroup] = field(default_factory=dict)
    extensions: dict[str, int] = field(default_factory=dict)  # key → PBX

    @classmethod
    def now(cls) -> Book:
        book = cls()
        for pk, name in Contact.objects.order_by("pk").values_list("pk", "name").iterator():
            book.by_name.setdefault(plain(name), []).append(pk)
        places: dict[str, set[int]] = {}
        for feed in Feed.objects.all():
            for key in lines(feed.directory):
                places.setdefault(key, set()).add(feed.connection_id)
        book.extensions = {key: min(pbxs) for key, pbxs in places.items() if len(pbxs) == 1}
        return book

    def placed(
        self, numbers: Iterable[DraftNumber], had: Sequence[DraftNumber] = ()
    ) -> tuple[DraftNumber, ...]:
        """The numbers where they belong; `had` are those of the contact."""
        return tuple(replace(n, connection=pbx) for n in numbers for pbx in self._places(n, had))

    def _places(self, number: DraftNumber, had: Sequence[DraftNumber]) -> list[int | None]:
        """Of no PBX is no news: it stays where it is. An extension belongs to the PBX that has it,
        any other number to every PBX."""
        if number.connection is not None:
            return [number.connection]
        kept = [each.connection for each in had if each.key == number.key]
        return kept or [self.extensions.get(number.key)]

    def group(self, name: str) -> ContactGroup:
        key = plain(name)
        if key not in self.groups:
            self.groups[key] = group_named(name)
        return self.groups[key]


def in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="import", daemon=True).start()


def begin(job: Import, reading: dict[str, object] | None = None) -> bool:
    """Check the file from its start; False when somebody else has just begun with it."""
    again = (Import.State.UPLOADED, Import.State.READY, Import.State.BROKEN)
    states = (*again, Import.State.CHECKING) if job.has_stopped else again
    rows = Import.objects.filter(pk=job.pk, state__in=states, touched_at=job.touched_at)
    values = {"state": Import.State.CHECKING, "problem": "", "bytes_read": 0, "counts": {}}
    won = rows.update(**values, reading=reading or job.reading, touched_at=timezone.now())
    if won:
        in_background(lambda: check(job.pk))
    return bool(won)


def check(pk: int) -> None:
    job = Import.objects.get(pk=pk)
    try:
        _check(job)
    except Overtaken:
        log.info("the check of import %s was given up, or begun again elsewhere", pk)
    except Unreadable as error:
        _break(job, error.text)
    except Exception:
        log.exception("checking import %s broke", pk)
        _break(job, BROKE)
    finally:
        if threading.current_thread().name == "import":
            connections.close_all()


def _break(job: Import, problem: str) -> None:
    with suppress(Overtaken):
        _touch(job, state=Import.State.BROKEN, problem=problem)


def _check(job: Import) -> None:
    for _ in dropped_lines(job):
        _touch(job)
    version, book, counts = book_version(), Book.now(), Counter[str]()
    lines = read(job)
    while some := list(islice(lines, AT_ONCE)):
        _stage(job, book, counts, some)
        time.sleep(PAUSE)
    if not counts:
        raise Unreadable(say("There is nobody in this file."))
    _touch(job, state=Import.State.READY, book_version=version)


def _touch(job: Import, **values: object) -> None:
    """A sign of progress, and the fence: raises Overtaken when the check is not ours any more."""
    now = timezone.now()
    mine = Import.objects.filter(pk=job.pk, state=Import.State.CHECKING, touched_at=job.touched_at)
    if not mine.update(touched_at=now, **values):
        raise Overtaken
    job.touched_at = now


def dropped_lines(job: Import, *, but: Iterable[str] = ()) -> Iterator[int]:
    """Deletes a few at a time, so that others write in between; how many each time."""
    rows = job.lines.exclude(verdict__in=list(but)).order_by("pk")
    while pks := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        ImportLine.objects.filter(pk__in=pks).delete()
        yield len(pks)


def read(job: Import) -> Iterator[Read]:
    """The file line by line, or card by card. Raises Unreadable."""
    reading = job.reading
    family_first = reading.get("family_first", False)
    if job.is_vcard:
        for card in cards.cards(job.content, reading["encoding"]):
            one = Read(card.line, card.position, card.text[:300])
            yield _understood(one, lambda card=card: cards.draft(card, family_first))  # type: ignore[misc]
        return
    columns = Columns(tuple(reading["roles"]), tuple(reading["titles"]), family_first)
    rows = files.rows(job.content, reading["encoding"], reading["delimiter"])
    for row in islice(rows, int(reading["header"]), None):
        one = Read(row.line, row.position, reading["delimiter"].join(row.cells)[:300])
        yield _understood(one, lambda row=row: columns.draft(row.cells))  # type: ignore[misc]


def _understood(one: Read, draft: Callable[[], Draft]) -> Read:
    try:
        one.draft = draft()
    except Bad as bad:
        one.wrong = bad.text
    return one


def _stage(job: Import, book: Book, counts: Counter[str], some: list[Read]) -> None:
    """Compare these lines and write them. Only the writing keeps others waiting."""
    wanted = {pk for one in some if one.draft for pk in book.by_name.get(plain(one.draft.name), [])}
    known = Contact.objects.prefetch_related("numbers", "groups").in_bulk(wanted)
    pairs = [_compared(job, book, known, one) for one in some]
    numbers = [(line, number) for line, draft in pairs if draft for number in draft.numbers]
    groups = [(line, book.group(name)) for line, draft in pairs if draft for name in draft.groups]
    rows = [
        ImportNumber(
            line=line,
            number=number.number,
            label=number.label,
            connection_id=number.connection,
            key=number.key,
        )
        for line, number in numbers
    ]
    link = ImportLine.groups.through
    counts.update(line.verdict for line, _ in pairs)
    with _fenced(job, bytes_read=some[-1].position, counts=counts):
        ImportLine.objects.bulk_create(line for line, _ in pairs)
        ImportNumber.objects.bulk_create(_with_their_line(rows))
        link.objects.bulk_create(
            link(importline_id=line.pk, contactgroup_id=group.pk) for line, group in groups
        )


@contextmanager
def _fenced(job: Import, **progress: object) -> Iterator[None]:
    """A transaction that is written only while the check is ours."""
    before = job.touched_at
    try:
        with transaction.atomic():
            _touch(job, **progress)
            yield
    except Exception:
        job.touched_at = before  # as it is in the database again
        raise


def _with_their_line(rows: list[ImportNumber]) -> list[ImportNumber]:
    """The lines have their ids only now."""
    for row in rows:
        row.line_id = row.line.pk
    return rows


def _compared(
    job: Import, book: Book, known: dict[int, Contact], one: Read
) -> tuple[ImportLine, Draft | None]:
    """The line as it is staged, and what of the draft is to be written."""
    line, draft = ImportLine(of=job, line=one.line, verdict=Verdict.BAD, words=one.wrong), one.draft
    if draft is None:
        line.notes = one.shown
        return line, None
    line.name = draft.name
    first = book.met.setdefault((plain(draft.name), plain(draft.department)), one.line)
    if first != one.line:
        line.verdict = Verdict.TWICE
        line.words = say("The same name as in line {line}.", line=first)
        return line, None
    try:
        contact = _meant(draft, [known[pk] for pk in book.by_name.get(plain(draft.name), [])])
    except Bad as bad:
        line.words, line.notes = bad.text, one.shown
        return line, None
    if contact is None:
        draft = replace(draft, numbers=book.placed(draft.numbers))
        line.verdict, line.department, line.notes = Verdict.NEW, draft.department, draft.notes
        line.text = searched(draft.name, draft.department, draft.groups, draft.numbers)
        return line, draft
    if (before := book.taken.setdefault(contact.pk, one.line)) != one.line:
        line.verdict = Verdict.TWICE
        line.words = say("Line {line} is about the same contact.", line=before)
        return line, None
    return line, _merged(book, draft, contact, line)


def _meant(draft: Draft, namesakes: list[Contact]) -> Contact | None:
    """Of the contacts with this name the one with a number or the department in common.

    Raises Bad when several have.
    """
    keys = {number.key for number in draft.numbers}
    same = [c for c in namesakes if keys & {number.key for number in c.numbers.all()}]
    near = [c for c in namesakes if plain(c.department) == plain(draft.department)]
    vague = [c for c in namesakes if not c.department or not draft.department]
    for some in ([c for c in same if c in near], same, near, vague):
        if len(some) == 1:
            return some[0]
        if some:
            words = say(
                "{count} contacts have this name: nothing tells which one is meant.",
                count=len(some),
            )
            raise Bad(words)
    return None


def _merged(book: Book, draft: Draft, contact: Contact, line: ImportLine) -> Draft:
    """What is added to the contact. An empty cell changes nothing; numbers replace the old ones."""
    had = [DraftNumber(n.number, n.label, n.connection_id) for n in contact.numbers.all()]
    groups = [group.name for group in contact.groups.all()]
    added = tuple(name for name in draft.groups if plain(name) not in map(plain, groups))
    wanted = book.placed(draft.numbers, had)
    places, kept = ({(n.key, n.connection) for n in those} for those in (wanted, had))
    numbers = wanted if places != kept else ()
    line.contact = contact
    line.department = draft.department or contact.department
    line.notes = draft.notes or contact.notes
    line.text = searched(contact.name, line.department, (*groups, *added), numbers or had)
    changes = []
    if line.department != contact.department:
        before, after = contact.department or "–", line.department
        changes.append(say("department {before} → {after}", before=before, after=after))
    if line.notes != contact.notes:
        changes.append(say("notes"))
    if added:
        changes.append(say("groups + {groups}", groups=", ".join(added)))
    if numbers:
        before, after = _shown(had), _shown(numbers)
        changes.append(say("numbers {before} → {after}", before=before, after=after))
    line.verdict = Verdict.CHANGED if changes else Verdict.SAME
    line.words = listed(changes)
    return Draft(draft.name, groups=added, numbers=numbers)


def _shown(numbers: Iterable[DraftNumber]) -> str:
    return " ".join(number.number for number in numbers) or "–"
