"""`manage.py contacts index`, after the country was changed."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.rows import listed
from transfers.services import lookup
from transfers.services.lookup import Wanted
from transfers.services.names import name_of
from transfers.spelling import number_key


@pytest.fixture
def moved(settings):
    """Numbers are read as in Austria from now on."""
    yield lambda: (setattr(settings, "COUNTRY", "AT"), number_key.cache_clear())
    number_key.cache_clear()


def test_numbers_are_recognised_as_in_the_new_country(db, head_office, moved):
    listed("Julia", "0660 1234567")
    moved()
    assert name_of(head_office, "+436601234567") == ""
    out = StringIO()
    call_command("contacts", "index", stdout=out)
    assert out.getvalue() == "Contacts indexed: 1.\n"
    assert name_of(head_office, "+436601234567") == "Julia"
    assert lookup.matching(Wanted.of("+43 660 123")).exists()


def test_an_unknown_word_is_refused(db):
    with pytest.raises(CommandError):
        call_command("contacts", "burn")
