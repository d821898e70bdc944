"""A file that was handed in: what it is, and what its columns seem to hold."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

from django.utils import timezone
from django.utils.translation import get_language

from transfers.imports import Import
from transfers.models import User
from transfers.sentences import say
from transfers.services.importing import cards, files
from transfers.services.importing.checking import begin
from transfers.services.importing.drafts import guessed, looks_like_titles
from transfers.services.importing.publishing import give_up

SAMPLE = 6
FAMILY_FIRST = {"hu"}  # languages of ours in which it goes before the given name
FORGOTTEN_AFTER = timedelta(days=1)


def receive(user: User, name: str, content: bytes) -> Import:
    """Keep the file. Cards are checked at once; of a table the columns are asked first."""
    for old in Import.objects.filter(created_at__lt=timezone.now() - FORGOTTEN_AFTER):
        give_up(old)  # unless it is done
    encoding = files.encoding_of(content)
    job = Import(user=user, user_name=user.title, file_name=name[-200:])
    job.content, job.is_vcard = content, cards.is_vcard(content)
    job.reading = {"encoding": encoding, "family_first": get_language() in FAMILY_FIRST}
    if not job.is_vcard:
        job.reading["delimiter"] = files.delimiter_of(content, encoding)
    job.save()
    if job.is_vcard:
        begin(job)
    return job


def sample(job: Import, encoding: str, delimiter: str) -> list[list[str]]:
    """The first rows, all of the same length. Raises Unreadable."""
    found = [row.cells for row in islice(files.rows(job.content, encoding, delimiter), SAMPLE)]
    width = max(map(len, found), default=0)
    if width > files.MOST_COLUMNS:
        raise files.Unreadable(say("It has more than {limit} columns.", limit=files.MOST_COLUMNS))
    if not found:
        raise files.Unreadable(say("The file is empty."))
    return [cells + [""] * (width - len(cells)) for cells in found]


def guess(rows: list[list[str]]) -> tuple[bool, list[str]]:
    """Whether the first row has titles, and what the columns hold."""
    header = looks_like_titles(rows[0])
    return header, guessed(rows[0]) if header else [""] * len(rows[0])
