"""All that is known about the call of one receipt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.rows import sent
from transfers.models import AuditEvent, PbxConnection, Seat
from transfers.services.story import SPAN, story
from transfers.sightings import Sighting

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def add(ana, head_office):
    """add(5, call_id="7", …): a command five seconds after AT, and that it was sent."""

    def make(seconds: float = 0, *, by=ana, on=head_office, arrived="", **values):
        at = AT + timedelta(seconds=seconds)
        row = sent(by, on, **{"created_at": at, "seen": {"call": arrived}} | values)
        AuditEvent.objects.create(
            actor=by, actor_name=by.title, verb="transfer.sending", transfer=row, at=at
        )
        return row

    return make


def sightings(row, *several):
    for turn, (seconds, state, callee) in enumerate(several):
        Sighting.objects.create(
            transfer=row,
            turn=turn,
            at=AT + timedelta(seconds=seconds),
            state=state,
            caller="+36 1 555-0142",
            callee=callee,
        )


def told(user, row) -> list[str]:
    """ "words (did 3 s)" of each step."""
    return [
        f"{step.words} ({step.did} {step.lasted.total_seconds():.0f} s)"
        if step.lasted is not None
        else step.words
        for step in story(user, row)
    ]


def test_from_the_beginning_to_the_end(ana, add):
    began = {"began_at": AT - timedelta(seconds=40), "answered_at": AT - timedelta(seconds=28)}
    notes = {name: at.isoformat() for name, at in began.items()} | {"call": "7"}
    row = add(seen=notes)
    sightings(
        row,
        (1, "ringing", "1003"),
        (13, "talking", "1003"),
        (20, "held", "1003"),
        (28, "talking", "1003"),
        (60, "gone", "1003"),
    )
    assert told(ana, row) == [
        "+36 1 555-0142 Kovács Júlia calls 1001 Reception",
        "Answered (rang 12 s)",
        "Written down and sent",
        "Rings at 1003",
        "Answered at 1003 (rang about 12 s)",
        "On hold",
        "Running again at 1003 (waited about 8 s)",
        "Not seen any more: it ended, or goes on elsewhere (went on for at most 47 s)",
    ]
    assert [step.at for step in story(ana, row)] == sorted(step.at for step in story(ana, row))


def test_nobody_answered(ana, add):
    row = add(arrived="7")
    sightings(row, (1, "ringing", "1003"), (21, "gone", "1003"))
    end = "Not seen any more: it ended, or goes on elsewhere (rang for at most 20 s)"
    assert told(ana, row)[-1] == end


def test_the_commands_before_and_after_belong_to_it(ana, ben, add):
    """Held, forwarded to a new id, and transferred on from there by somebody else."""
    hold = add(-20, kind="hold")
    row = add(0, arrived="7")
    onward = add(30, by=ben, call_id="7", target="1004", arrived="9")
    joined = add(60, kind="join", call_id="1", other_call_id="9")
    steps = story(ana, row)
    assert [step.receipt for step in steps] == [hold, None, onward, joined]
    assert [step.words for step in steps][:2] == [
        "Hold: written down and sent",
        "Written down and sent",
    ]
    assert steps[2].who == ben.title
    assert [len(story(ana, each)) for each in (hold, onward, joined)] == [4, 4, 4]


def test_the_first_step_of_each_command_leads_to_its_receipt(ana, add):
    """A refused one was never sent."""
    row = add()
    refused = sent(ana, row.connection, created_at=AT, state="refused", kind="forward")
    for verb in ("transfer.refused", "transfer.odd"):
        at = AT + timedelta(seconds=3)
        AuditEvent.objects.create(actor_name="Ana", verb=verb, transfer=refused, at=at)
    steps = story(ana, row)
    assert [step.receipt for step in steps] == [None, refused, None]
    assert steps[1].words == "Forward: refused"
    assert "ringing at 1001 Reception" in steps[1].details[0][1]


def test_others_stay_out(ana, add):
    other = PbxConnection.objects.create(name="Elsewhere", vendor="ozeki", url="http://x/")
    row = add()
    add(call_id="102")
    add(on=other)
    add(SPAN.total_seconds() + 1)
    add(call_id="", other_call_id="")
    assert len(story(ana, row)) == 1


def test_only_what_this_person_may_read(ana, ben, add):
    add(10, by=ben, call_id="7")
    row = add(0, arrived="7")
    assert len(story(ana, row)) == 2
    Seat.objects.filter(user=ana).update(sees="own")
    assert len(story(ana, row)) == 1


def test_a_connection_that_is_gone(ana, root, add, head_office):
    row = add()
    head_office.delete()
    row.refresh_from_db()
    assert len(story(root, row)) == 1


def test_the_pbx_in_its_own_words(ana, add):
    row = add(vendor_text="Request completed")
    AuditEvent.objects.create(
        actor_name="system", verb="transfer.accepted", transfer=row, at=AT, data={}
    )
    assert ("PBX’s words", "Request completed") in story(ana, row)[-1].details


def test_a_move_that_a_later_command_explains_is_left_out(ana, add):
    row = add(arrived="7")
    sightings(row, (1, "talking", "1003"), (9, "moved", "1003"))
    assert told(ana, row)[1:] == ["+36 1 555-0142 talks with 1003"]
