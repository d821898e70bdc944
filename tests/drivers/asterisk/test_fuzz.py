"""Whatever channels there are, the list is calls that can be told apart, or a BadReply."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from simulator.asterisk.wire import document
from tests.drivers.asterisk.test_list_calls import DESK
from transfers.domain import Call, CallState
from transfers.drivers.asterisk.calls import read_calls
from transfers.drivers.asterisk.menu import FEATURES
from transfers.drivers.asterisk.wire import read_answer
from transfers.errors import BadReply
from transfers.http import Reply

uids = st.sampled_from(["1795240295.30", "1795240295.31", "1795240295.4", "click-1", "", "/.*/"])
numbers = st.sampled_from(["1001", "1002", "1003", "+3615550142", "", "<unknown>", "O\\'Neil", "s"])
words = st.sampled_from(
    ["Dial", "AppDial", "AppQueue", "Queue", "MusicOnHold", "ConfBridge", "", "Echo"]
)
names = st.sampled_from(
    [
        *("PJSIP/1001-0000000a", "PJSIP/trunk-0000000b", "Local/1003@x-0001;1"),
        *("Local/1003@x-0001;2", "Message/ast_msg_queue", "SIP/1002-00000001", ""),
    ]
)
channels = st.fixed_dictionaries(
    {},
    optional={
        "uniqueid": uids,
        "linkedid": uids,
        "channel": names,
        "channelstate": st.sampled_from(["0", "3", "4", "5", "6", "7", "", "-1", "up"]),
        "channelstatedesc": st.text(max_size=5),
        "calleridnum": numbers,
        "calleridname": st.text(max_size=8),
        "connectedlinenum": numbers,
        "context": st.sampled_from(["internal", "pbxadmin-hold", ""]),
        "exten": numbers,
        "application": words,
        "bridgeid": st.sampled_from(["", "b1", "b2"]),
        "variable": st.sampled_from(["CHANNEL(onhold)=1", "CDR(answer,u)=1795240300.5", "=", ""]),
        "variable-2": st.sampled_from(["DIALSTATUS=BUSY", "CDR(answer,u)=1e99", "x"]),
    },
)
parked = st.lists(st.fixed_dictionaries({"parkeeuniqueid": uids}), max_size=2)
documents = st.lists(st.dictionaries(st.sampled_from(["event", "listitems", "a"]), st.text()))


def are_sound(calls: list[Call]) -> None:
    assert len({call.id for call in calls}) == len(calls)
    for call in calls:
        assert call.actions | call.why_not.keys() == FEATURES
        assert not call.actions & call.why_not.keys()
        assert all(call.why_not.values())
        assert call.state is not CallState.ENDED
        assert Call.from_json(call.to_json()) == call
        shown = f"{call.caller}{call.callee}{call.raw_state}"
        assert shown.isprintable()
        if call.left_alone:
            assert call.state is CallState.HELD


@given(st.lists(channels, max_size=7), parked)
def test_any_channels(entries, waiting):
    try:
        calls = read_calls(entries, waiting, DESK)
    except BadReply:
        return
    are_sound(calls)


# Channels that could be: unique ids, real words.
possible = st.lists(
    st.fixed_dictionaries(
        {
            "uniqueid": st.integers(1, 40).map(lambda n: f"17952402{n:02}.{n}"),
            "linkedid": st.integers(1, 3).map(lambda n: f"17952402{n:02}.{n}"),
            "channel": st.integers(1, 4).map(lambda n: f"PJSIP/100{n}-0000000{n}"),
            "channelstate": st.sampled_from(["4", "5", "6", "6", "6"]),
            "calleridnum": st.integers(1, 4).map(lambda n: f"100{n}"),
            "connectedlinenum": st.integers(1, 4).map(lambda n: f"100{n}"),
            "context": st.sampled_from(["internal", "pbxadmin-hold"]),
            "exten": numbers,
            "application": words,
            "bridgeid": st.sampled_from(["", "b1", "b2"]),
        }
    ),
    max_size=8,
    unique_by=lambda entry: entry["uniqueid"],
)


@given(possible)
def test_every_possible_channel_is_in_one_call(entries):
    calls = read_calls(entries, [], DESK)
    are_sound(calls)
    assert len(calls) <= len(entries)
    assert bool(calls) is bool(entries)


listed = documents.map(lambda events: document({"response": "Success"}, events))


@given(st.binary(max_size=200) | listed)
def test_any_answer(body):
    with suppress(BadReply):
        answer = read_answer(Reply(200, "text/xml", {}, body))
        answer.items("Status", "StatusComplete")
