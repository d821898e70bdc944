"""The observer's notes survive the database, older versions and newer ones."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.watches import moments
from transfers.services.notes import Notes

any_notes = st.builds(
    Notes,
    feed=st.none() | st.integers(min_value=1),
    alone=st.booleans(),
    before=st.lists(st.text(max_size=9)).map(tuple),
    began_at=moments,
    rang_at=moments,
    gone_at=moments,
    call=st.text(max_size=9),
    moved=st.booleans(),
)


@given(any_notes)
def test_come_back_as_they_were(notes):
    assert Notes.from_json(json.loads(json.dumps(notes.to_json()))) == notes


def test_every_note_is_written():
    assert set(Notes().to_json()) == {each.name for each in fields(Notes)}


@pytest.mark.parametrize(
    ("stored", "notes"),
    [
        ({}, Notes()),
        ({"feed": 7, "before": ["101"]}, Notes(feed=7, before=("101",))),
        ({"rang_at": None, "call": "", "moved": False}, Notes()),
        ({"moved": True, "of a newer version": 1}, Notes(moved=True)),
    ],
)
def test_of_other_versions(stored, notes):
    assert Notes.from_json(stored) == notes
