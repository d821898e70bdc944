"""What one person sees of the board: the order, the buttons, the claims, and when it changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.rows import listed, sent
from transfers.board import lease
from transfers.board.snapshot import dump_calls
from transfers.domain import Action, Call, CallState, Leg, Party
from transfers.models import Claim, Feed, PbxConnection, Seat, Transfer, User
from transfers.phonebook import Contact
from transfers.services.people import own_feed
from transfers.services.switchboard import Row, Switchboard, row_of, switchboard

S = CallState
JULIA, PETER = "+3615550142", "+3615550177"
CAN: dict[CallState, set[Action]] = {
    S.RINGING: {Action.FORWARD, Action.HANGUP},
    S.TALKING: {Action.BLIND, Action.JOIN, Action.HOLD, Action.HANGUP},
    S.HELD: {Action.JOIN, Action.RETRIEVE, Action.HANGUP},
    S.ENDED: set(),
}
KNOWN = set().union(*CAN.values())


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as standing:
        yield standing


def call(call_id: str, caller: str, callee: str, state: S = S.TALKING, begun: int | None = 0):
    at = datetime(2026, 11, 21, 8, begun, tzinfo=UTC) if begun is not None else None
    why_not = dict.fromkeys(KNOWN - CAN[state], f"Not while {state}.")
    parties = Party(caller), Party(callee)
    more = {"started_at": at, "actions": frozenset(CAN[state]), "why_not": why_not}
    return Call(call_id, state, state.value, *parties, **more)


@pytest.fixture
def show(head_office):
    """show(calls…): that is what Head office has now."""

    def seen(*calls: Call, connection: PbxConnection = head_office) -> None:
        feed = Feed.objects.get(connection=connection)
        feed.calls, feed.taken_at = dump_calls(calls), timezone.now()
        feed.version += 1
        feed.save()

    return seen


def order(board: Switchboard) -> dict[str, list[str]]:
    return {s.slug: [row.call.id for row in s.rows] for s in board.sections if s.rows}


def the_row(user: User, call_id: str = "a") -> Row:
    rows = [row for section in switchboard(user).sections for row in section.rows]
    return next(row for row in rows if row.call.id == call_id)


def buttons(row: Row) -> dict[Action, str]:
    """Action → why it is disabled; "" when it works."""
    return {button.action: button.reason for button in (*row.shown, *row.menu)}


# The order.


def test_hers_come_first_then_what_rings_then_the_rest_the_oldest_first(ana, show):
    show(
        call("rest2", "1003", "1004", begun=2),
        call("rest1", "1002", "1003", begun=1),
        call("rings", JULIA, "1003", S.RINGING),
        call("dials", "1001", PETER, S.HELD, begun=None),
        call("rings-for-me", "1001", JULIA, S.RINGING, begun=6),
        call("mine", JULIA, "1001", begun=5),
        call("rings-me", PETER, "1001", S.RINGING),
        call("over", PETER, "1001", S.ENDED),
    )
    assert order(switchboard(ana)) == {
        "ringing-mine": ["rings-me"],
        "mine": ["mine", "rings-for-me", "dials"],
        "ringing": ["rings"],
        "all": ["rest1", "rest2"],
    }


def test_calls_without_a_start_keep_a_steady_order(ana, show):
    calls = [call(name, JULIA, "1003", begun=None) for name in "cab"]
    for several in (calls, calls[::-1]):
        show(*several)
        assert order(switchboard(ana)) == {"all": ["a", "b", "c"]}


def test_several_pbxs_are_one_board(ana, show, head_office):
    other = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")
    Feed.objects.create(connection=other)
    Seat.objects.create(user=ana, connection=other, extensions="201")
    show(call("a", JULIA, "1001", begun=2))
    show(call("a", PETER, "201", begun=1), connection=other)
    board = switchboard(ana)
    assert [badge.name for badge in board.badges] == ["Budapest", "Head office"]
    (mine,) = (section for section in board.sections if section.slug == "mine")
    assert [row.pbx for row in mine.rows] == ["Budapest", "Head office"]
    assert len({row.dom_id for row in mine.rows}) == 2, "the same id on two PBXs is two rows"


# What she may see.


def test_own_only_is_her_own_calls(ana, show):
    Seat.objects.update(sees="own")
    show(call("a", JULIA, "1001"), call("b", JULIA, "1003"), call("c", "1001", PETER, S.HELD))
    assert order(switchboard(ana)) == {"mine": ["a", "c"]}


def test_own_only_joins_only_what_she_sees(ana, show, head_office):
    Seat.objects.update(sees="own")
    show(call("a", JULIA, "1001", S.HELD), call("b", JULIA, "1003"))
    assert not the_row(ana).shown[0].other
    assert row_of(ana, head_office, "b") is None


def test_without_a_seat_there_is_nothing(eve, show):
    show(call("a", JULIA, "1001"))
    board = switchboard(eve)
    assert (board.badges, order(board)) == ((), {})


def test_an_administrator_sees_all_and_none_is_hers(root, show):
    show(call("a", JULIA, "1001"), call("b", JULIA, "1003", S.RINGING))
    assert order(switchboard(root)) == {"ringing": ["b"], "all": ["a"]}


def test_a_disabled_pbx_shows_its_badge_and_no_calls(ana, show, head_office):
    show(call("a", JULIA, "1001"))
    head_office.enabled = False
    head_office.save()
    board = switchboard(ana)
    assert [badge.freshness for badge in board.badges] == ["off"]
    assert order(board) == {}


def test_looking_keeps_enabled_feeds_polled(ana, show, head_office):
    switchboard(ana)
    assert Feed.objects.get().watched_until == timezone.now() + lease.WATCH
    Feed.objects.update(watched_until=timezone.now())
    PbxConnection.objects.update(enabled=False)
    switchboard(ana)
    assert Feed.objects.get().watched_until == timezone.now()


# Names.


def test_our_names_go_before_those_the_pbx_displays(ana, show):
    listed("Kovács Júlia", "+36 1 555-0142")
    show(call("a", JULIA, "1001"))
    row = the_row(ana)
    assert (str(row.caller), row.callee.name) == (f"{JULIA} Kovács Júlia", "")
    assert row.mine is Leg.CALLEE


def test_buttons_say_whom_they_concern(ana, show):
    listed("Carol Weiss", "1003")
    show(call("a", JULIA, "1001", S.HELD), call("b", "1001", "1003"))
    names = {button.action: button.names for button in (*the_row(ana).shown, *the_row(ana).menu)}
    assert names[Action.RETRIEVE] == JULIA
    assert names[Action.JOIN] == f"{JULIA} with Carol Weiss"


# Buttons.


@pytest.mark.parametrize(
    ("state", "callee", "shown"),
    [
        (S.RINGING, "1001", ["forward"]),
        (S.RINGING, "1003", ["forward"]),
        (S.TALKING, "1001", ["hold", "blind"]),
        (S.TALKING, "1003", ["blind"]),
        (S.HELD, "1001", ["retrieve"]),
    ],
)
def test_the_main_buttons_are_shown_and_the_others_are_in_the_menu(ana, show, state, callee, shown):
    show(call("a", JULIA, callee, state))
    row = the_row(ana)
    assert [button.action for button in row.shown] == shown
    both = [button.action for button in (*row.shown, *row.menu)]
    assert len(both) == len(set(both))
    assert set(both) == KNOWN - {Action.HOLD if state is S.HELD else Action.RETRIEVE}


def test_with_a_partner_join_comes_forward_on_both_calls(ana, show):
    show(call("a", JULIA, "1001", S.HELD), call("b", "1001", "1003"))
    for call_id, other in (("a", "b"), ("b", "a")):
        join = the_row(ana, call_id).shown[-1]
        assert (join.action, join.reason, join.other.id) == (Action.JOIN, "", other)


def test_a_join_without_a_partner_says_what_it_needs(ana, show):
    show(call("a", JULIA, "1001"))
    assert "one call of yours on hold" in buttons(the_row(ana))[Action.JOIN]


def test_what_the_pbx_cannot_do_now_has_the_driver_s_reason(ana, show):
    show(call("a", JULIA, "1001", S.RINGING))
    found = buttons(the_row(ana))
    assert found[Action.FORWARD] == ""
    assert found[Action.BLIND] == "Not while ringing."


def test_a_reader_s_buttons_are_all_disabled(ben, show):
    show(call("a", JULIA, "1002"))
    assert set(buttons(the_row(ben)).values()) == {"Your account may look, but not act."}


def test_while_the_pbx_is_lost_nothing_can_be_done(ana, show):
    show(call("a", JULIA, "1001"))
    Feed.objects.update(error_code="unreachable", error_text="Gone.", failing_since=timezone.now())
    assert set(buttons(the_row(ana)).values()) == {"The PBX cannot be reached."}


# Claims.


@pytest.fixture
def claimed(root, head_office) -> Transfer:
    row = sent(root, head_office, call_id="a", state="accepted", user_name="Ruth Olsen")
    Claim.objects.create(connection=head_office, call_id="a", transfer=row)
    return row


def test_a_claimed_call_says_who_has_it(ana, show, claimed):
    show(call("a", JULIA, "1001"), call("b", JULIA, "1003"))
    words = "Ruth Olsen is already on this call (Blind transfer, 10:00:00)"
    assert the_row(ana).claim == words
    assert set(buttons(the_row(ana)).values()) == {words}
    assert the_row(ana, "b").claim == ""


def test_of_her_own_command_she_is_not_told_by_name(ana, root, head_office, show):
    row = sent(ana, head_office, call_id="a", state="accepted")
    Claim.objects.create(connection=head_office, call_id="a", transfer=row)
    show(call("a", JULIA, "1001"))
    assert the_row(ana).claim == "You are already on this call (Blind transfer, 10:00:00)"
    assert the_row(root).claim.startswith("Ana Kovács is already on this call")


def test_a_claim_on_another_pbx_says_nothing(ana, show, claimed):
    other = PbxConnection.objects.create(name="Budapest", vendor="ozeki", url="http://127.0.0.1:9/")
    Claim.objects.update(connection=other)
    show(call("a", JULIA, "1001"))
    assert the_row(ana).claim == ""


# When it changed.


def rename(name: str) -> None:
    contact = Contact.objects.get()
    contact.name = name
    contact.save()


CHANGES = {
    "a call": lambda: Feed.objects.update(version=99),
    "a failure": lambda: Feed.objects.update(
        error_code="unreachable", failing_since=timezone.now()
    ),
    "pushed changes": lambda: Feed.objects.update(
        listened_until=timezone.now() + timedelta(seconds=15)
    ),
    "a claim": lambda: Claim.objects.create(
        connection=PbxConnection.objects.get(), call_id="a", transfer=Transfer.objects.get()
    ),
    "a verdict": lambda: Transfer.objects.move(1, ("accepted",), state="confirmed"),
    "what was observed": lambda: Transfer.objects.move(1, ("accepted",), observed="1003 rings."),
    "a contact's name": lambda: rename("Kovács Jolán"),
    "her extension": lambda: Seat.objects.update(extensions="1009"),
    "what she may see": lambda: Seat.objects.update(sees="own"),
    "her seat": lambda: Seat.objects.all().delete(),
    "her role": lambda: User.objects.update(role="readonly"),
    "the PBX's name": lambda: PbxConnection.objects.update(name="Main office"),
    "a disabled PBX": lambda: PbxConnection.objects.update(enabled=False),
}


@pytest.fixture
def before(ana, show, head_office) -> User:
    listed("Kovács Júlia", JULIA)
    sent(ana, head_office, pk=1, state="accepted", observed="")
    show(call("a", JULIA, "1001"), call("b", PETER, "1003"))
    return ana


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_token_changes_with_what_is_shown(before, change):
    token = switchboard(before).token
    change()
    assert switchboard(User.objects.get(pk=before.pk)).token != token


def test_the_token_stays_while_only_ages_change(before, clock):
    token = switchboard(before).token
    clock.shift(2)
    assert switchboard(before).token == token
    assert switchboard(before).badges[0].age == 2
    clock.shift(30)
    assert switchboard(before).token != token, "it is not live any more"


def test_what_is_pushed_has_its_age_too(before, clock):
    CHANGES["pushed changes"]()
    clock.shift(14)
    (badge,) = switchboard(before).badges
    assert (badge.freshness, badge.pushed, badge.age) == ("live", True, 14)


# Receipts.


def test_her_newest_commands_are_beside_the_calls(ana, root, head_office, clock):
    rows = [sent(ana, head_office, call_id=str(n)) for n in range(6)]
    sent(root, head_office)
    assert [row.pk for row in switchboard(ana).receipts] == [row.pk for row in rows[:0:-1]]
    clock.shift(timedelta(minutes=15))
    assert switchboard(ana).receipts == ()


def test_where_a_receipt_says_done_the_call_is_free(ana, head_office, show):
    """The verdict may come between any two questions to the database."""
    show(call("a", JULIA, "1001"))
    row = sent(ana, head_office, kind="hold", call_id="a", state="accepted")
    Claim.objects.create(connection=head_office, call_id="a", transfer=row)

    def verdict_after_the_claims(execute, sql, *rest):
        result = execute(sql, *rest)
        if sql.startswith("SELECT") and 'FROM "transfers_claim"' in sql:
            Transfer.objects.move(row.pk, (row.state,), state="confirmed")
        return result

    with database.execute_wrapper(verdict_after_the_claims):
        board = switchboard(ana)
    [receipt] = board.receipts
    [of_call] = [row for section in board.sections for row in section.rows]
    assert receipt.state == "accepted"
    assert of_call.claim


# Cost.


def test_the_number_of_queries_does_not_grow_with_the_calls(ana, show):
    switchboard(ana)
    counts = []
    for size in (1, 40):
        show(*(call(str(n), JULIA, "1003") for n in range(size)))
        with CaptureQueriesContext(database) as asked:
            switchboard(ana)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# Where each agent has a login of her own.


def test_a_seat_without_a_login_is_said_and_not_an_empty_board(ana, centre, client):
    client.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    before = switchboard(ana)
    seat = Seat.objects.create(user=ana, connection=centre, extensions="5001")
    board = switchboard(ana)
    assert board.loginless == ("Contact centre",)
    assert board.token != before.token
    page = client.get("/").content.decode()
    assert "<b>Contact centre</b>: your seat has no login there yet" in page
    seat.username = "ana"
    seat.save()
    own_feed(seat)
    assert switchboard(ana).loginless == ()
    assert [badge.name for badge in switchboard(ana).badges] == ["Contact centre", "Head office"]


def test_a_disabled_pbx_asks_for_no_login(ana, centre):
    Seat.objects.create(user=ana, connection=centre)
    PbxConnection.objects.filter(pk=centre.pk).update(enabled=False)
    assert switchboard(ana).loginless == ()
