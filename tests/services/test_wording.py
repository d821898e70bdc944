"""What the log says, in the reader's language; what programs read of it stays English."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import translation

from tests.rows import sent
from tests.services.watches import CONSULT
from transfers.models import BY_ITSELF, Transfer
from transfers.sentences import pack, say, told, unpack
from transfers.services import afterwards, audit, evidence, ghosts, log_csv, story, wording
from transfers.sightings import Sighting

GERMAN = {
    "Blind transfer": "Vermitteln",
    "The console, for {person}": "Die Konsole, für {person}",
    "system": "System",
    "changed": "geändert",
    "first name": "Vorname",
    "role": "Rolle",
    "option {name}": "Option {name}",
    "{command}: accepted by the PBX": "{command}: von der Anlage angenommen",
    "Send {stays} to {target}.": "{stays} zu {target} vermitteln.",
    "{party} leaves the call.": "{party} verlässt das Gespräch.",
    "Nobody answered.": "Niemand hat abgenommen.",
    "Arrived": "Angekommen",
    "yes": "ja",
}


@pytest.fixture
def german(monkeypatch):
    monkeypatch.setattr("transfers.sentences.gettext", lambda text: GERMAN.get(text, text))


def test_what_was_sent(german, ana, head_office):
    row = sent(ana, head_office, leaves="callee", target="1003")
    assert told(wording.order_in_words(row)) == (
        "+36 1 555-0142 Kovács Júlia zu 1003 Carol Weiss vermitteln. "
        "1001 Reception verlässt das Gespräch."
    )


def test_a_step_of_another_command(german, ana, head_office):
    row = sent(ana, head_office)
    words = wording.of_another("transfer.accepted", row.get_kind_display())
    assert words == "Blind transfer: accepted by the PBX"
    assert told(words) == "Vermitteln: von der Anlage angenommen"
    assert wording.of_another("transfer.new", "Hold") == "Hold: Transfer new"


def test_what_an_event_noted(german, ana):
    changed = ["first_name", "role", "option realm"]
    event = audit.record(None, "person.edited", "Ben", changed=changed, replaced=True)
    shown = [(told(name), told(value)) for name, value in wording.details(event)]
    assert shown == [("geändert", "Vorname, Rolle, Option realm"), ("replaced", "ja")]
    assert told(event.who) == "System"


def test_checks_keep_their_names(german, ana):
    checks = {pack(say("Nobody answered.")): True}
    event = audit.record(None, "connection.tested", "Head office", checks=checks)
    assert [told(value) for _, value in wording.details(event)] == ["Niemand hat abgenommen. ja"]


def test_the_console_by_itself_names_the_person(german, ana, head_office):
    row = sent(ana, head_office, user_name=f"{BY_ITSELF}Ana Kovács")
    assert told(row.who) == "Die Konsole, für Ana Kovács"
    assert Transfer(user_name="Ana Kovács").person == "Ana Kovács"


def test_the_file_stays_english(german, ana, head_office):
    row = sent(ana, head_office, state="confirmed", observed=say("Nobody answered."))
    row.refresh_from_db()
    cells = [str(read(row)) for read in log_csv.COLUMNS.values()]
    assert {"Blind transfer", "Arrived", "Nobody answered."} <= set(cells)


def test_no_sentence_says_a_pbx_s_word_for_a_withheld_number(ana, head_office):
    """Kept sentences carry ours, so that each reader has it in her language."""
    hidden = {"caller_number": "anonymous", "caller_name": "Anonymous"}
    row = sent(ana, head_office, **hidden, state="missed")
    watch = replace(CONSULT, stays="anonymous")
    said = [
        afterwards._headline(row),
        evidence.consulting(watch),
        evidence.left_alone(watch),
        evidence.stays(watch),
        ghosts._parties(row),
        story._state_in_words(Sighting(state="talking", caller="anonymous"), "1003"),
    ]
    with translation.override("de"):
        for text in said:
            assert "Rufnummer unterdrückt" in told(unpack(pack(text)))
    cells = {name: str(read(row)) for name, read in log_csv.COLUMNS.items()}
    assert (cells["Caller"], cells["Caller's name"]) == ("Number withheld", "")
