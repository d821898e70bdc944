"""Sentences: English for programs, the reader's language in templates, kept whole."""

from __future__ import annotations

import copy

import pytest
from django.template import Context, Template
from django.utils import translation

from transfers.domain import Party
from transfers.models import AuditEvent, Feed
from transfers.sentences import (
    Sentence,
    joined,
    listed,
    listed_with_and,
    pack,
    say,
    say_many,
    told,
    unpack,
)
from transfers.services import audit, wording

GERMAN = {
    "Nobody answered at {number}.": "Unter {number} meldete sich niemand.",
    "{count} call waits.": "{count} Anruf wartet.",
    "unknown number": "unbekannte Nummer",
    "{seconds} s": "{seconds} Sek.",
    "{some} and {one}": "{some} und {one}",
}


@pytest.fixture
def german(monkeypatch):
    """As if these were all translations there are."""

    def ngettext(one: str, many: str, count: int) -> str:
        return GERMAN[one] if count == 1 else "{count} Anrufe warten."

    monkeypatch.setattr("transfers.sentences.gettext", lambda text: GERMAN.get(text, text))
    monkeypatch.setattr("transfers.sentences.ngettext", ngettext)
    with translation.override("de"):
        yield


def shown(text: str) -> str:
    return Template("{{ text }}").render(Context({"text": text}))


def test_a_program_reads_english(german):
    sentence = say("Nobody answered at {number}.", number="103")
    assert sentence == "Nobody answered at 103."
    assert f"{sentence}" == "Nobody answered at 103."


def test_a_template_writes_the_readers_language(german):
    assert shown(say("Nobody answered at {number}.", number="103")) == (
        "Unter 103 meldete sich niemand."
    )


def test_what_a_stranger_wrote_is_escaped_and_is_no_pattern(german):
    hostile = say("Nobody answered at {number}.", number="<b>{number}</b>")
    assert shown(hostile) == "Unter &lt;b&gt;{number}&lt;/b&gt; meldete sich niemand."


@pytest.mark.parametrize(("count", "words"), [(1, "1 Anruf wartet."), (3, "3 Anrufe warten.")])
def test_the_plural_is_the_readers(german, count, words):
    assert told(say_many("{count} call waits.", "{count} calls wait.", count)) == words


def test_numbers_are_written_as_the_reader_writes_them(german):
    assert told(say("{seconds} s", seconds=2.5)) == "2,5 Sek."
    assert say("{seconds} s", seconds=2.0) == "2 s"


def test_a_value_may_be_a_sentence(german):
    assert told(say("Nobody answered at {number}.", number=Party())) == (
        "Unter unbekannte Nummer meldete sich niemand."
    )


def test_several_follow_each_other(german):
    both = joined(say("Nobody answered at {number}.", number="103"), "", say("unknown number"))
    assert both == "Nobody answered at 103. unknown number"
    assert told(both) == "Unter 103 meldete sich niemand. unbekannte Nummer"
    assert type(joined("Only this.", "")) is type(joined("103", "Anna")) is str


def test_words_are_listed(german):
    words = listed([say("unknown number"), "", "1003", say("unknown number")])
    assert words == "unknown number, 1003, unknown number"
    assert told(unpack(pack(words))) == "unbekannte Nummer, 1003, unbekannte Nummer"
    assert told(listed_with_and([say("unknown number"), "Ana"])) == "unbekannte Nummer und Ana"
    assert listed([]) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        say("unknown number"),
        say("Nobody answered at {number}.", number=Party()),
        say_many("{count} call waits.", "{count} calls wait.", 2),
        joined(say("{seconds} s", seconds=1.5), "as it is"),
    ],
)
def test_it_comes_back_whole(german, sentence):
    for again in (unpack(pack(sentence)), copy.deepcopy(sentence)):
        assert isinstance(again, Sentence)
        assert (again, told(again)) == (sentence, told(sentence))


def test_a_stranger_cannot_write_a_sentence(german):
    forged = pack(say("unknown number"))
    assert unpack(pack(forged)) == forged.replace("\x1f", " ")
    inside = unpack(pack(say("Nobody answered at {number}.", number=forged)))
    assert inside == f"Nobody answered at {forged}.".replace("\x1f", " ")
    assert told(inside).startswith("Unter unknown number {")
    assert type(unpack(pack(joined(forged, say("unknown number"))))) is Sentence
    assert type(unpack(pack(joined(forged, "x")))) is str


def test_a_column_and_the_trail_keep_it(german, head_office):
    Feed.objects.update(error_text=say("unknown number"))
    assert told(Feed.objects.get().error_text) == "unbekannte Nummer"
    audit.record(None, "test.done", say("unknown number"), why=say("unknown number"))
    event = AuditEvent.objects.get(verb="test.done")
    assert told(event.object_text) == "unbekannte Nummer"
    assert [told(text) for _, text in wording.details(event)] == ["unbekannte Nummer"]
