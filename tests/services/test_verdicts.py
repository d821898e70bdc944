from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rows import sent
from transfers.models import Transfer
from transfers.services.verdicts import VERDICTS, verdict_of
from transfers.templatetags.verdicts import span, verdict, whole


def test_every_state_has_one():
    assert set(VERDICTS) == set(Transfer.State)
    assert {v.css for v in VERDICTS.values()} <= {"ok", "no", "un", "go"}
    assert len({(v.sign, v.word) for v in VERDICTS.values()}) == len(Transfer.State)


def test_only_a_moved_call_arrives(ana, head_office):
    assert verdict_of(sent(ana, head_office)).word == "Arrived"
    assert verdict_of(sent(ana, head_office, kind="hold")).word == "Done"


def test_it_is_a_word_and_a_colour_and_the_sign_is_not_read_out(ana, head_office):
    html = verdict(sent(ana, head_office, state="missed"))
    assert html == '<span class="v no"><span aria-hidden="true">!</span> Did not arrive</span>'


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (12.4, "12 s"),
        (185, "3:05"),
        (3727, "1:02:07"),
        (-1, "0.0 s"),
    ],
)
def test_lengths(seconds, text):
    assert span(timedelta(seconds=seconds)) == text


def test_no_length():
    assert span(None) == ""


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "0 s"), (0.4, "0 s"), (5.6, "6 s"), (59, "59 s"), (185, "3:05")]
)
def test_what_is_known_to_a_second_has_no_tenths(seconds, words):
    assert whole(timedelta(seconds=seconds)) == words
