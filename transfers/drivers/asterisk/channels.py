"""Channels as `Status` lists them: one entry per leg, in no order.

`Status` and not `CoreShowChannels`, because it can be asked for variables: CHANNEL(onhold) tells
who hears music because the other one pressed hold, CDR(answer,u) when a leg was answered. (Both
are in any list; the events that tell of a hold come once, and not to who listens later.)

A dial plan with routines (FreePBX's) leaves no number in `exten`: there the channel is at "s". The
one it came from is in the Gosub() stack, or in MACRO_EXTEN; below two routines, in FreePBX's
EXTTOCALL. And a route to the outside gives a phone another number: its own one stays in the ANI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from transfers.domain import Party
from transfers.drivers.asterisk.wire import Fields, known, unescaped
from transfers.drivers.text import clean
from transfers.errors import BadReply
from transfers.sentences import say

VARIABLES = (
    "CHANNEL(onhold),CDR(answer,u),DIALEDPEERNAME,DIALSTATUS,"
    "CALLERID(ani-num),STACK_PEEK(1,e,1),MACRO_EXTEN,EXTTOCALL"
)
NUMBER, NAME, WORD = 100, 200, 60  # sane lengths

# https://docs.asterisk.org: channelstate. Of these, only three are met with in daily life.
RING, RINGING, UP = 4, 5, 6
NOT_UP_YET = (0, 1, 2, 3, RINGING)
# Legs that were dialled, and have no dial plan of their own to come back to.
DIALLED = ("AppDial", "AppDial2", "AppQueue")
ROOMS = ("ConfBridge", "MeetMe")
# Machinery: it has no phone at its end.
_MACHINERY = re.compile(
    r"(Announcer|AsyncGoto|Bridge|CBAnn|CBRec|Message|MulticastRTP|Recorder|Snoop|Surrogate|"
    r"UnicastRTP)/"
)
CAME_FROM = ("STACK_PEEK(1,e,1)", "MACRO_EXTEN", "EXTTOCALL")
_DIGIT = re.compile(r"[0-9]")
UID = re.compile(r"[\w.:+-]{1,150}")  # a "/" in front would make it a regular expression
_EPOCH = re.compile(r"(?:.*-)?([0-9]{9,11})\.[0-9]+")
_ENDPOINT = re.compile(r"[\w-]+/(.+)-[0-9a-f]+(?:;[12])?")


@dataclass(frozen=True, slots=True)
class Channel:
    uid: str
    linked: str  # groups the legs of a call; it outlives transfers
    name: str
    state: int
    state_word: str
    party: Party
    other: Party  # the connected line: whom this phone's display shows
    context: str
    exten: str
    dialled: str  # the number there, or where its routine was called; "" for none
    app: str
    data: str  # what the application was given: of a Dial(), whom
    bridge: str
    held: bool  # the other one pressed hold
    answered_at: datetime | None
    ani: str  # the number it had before a route gave it another one
    reached: str  # the name of the channel that its last Dial() reached
    dial_status: str  # and what became of that

    @property
    def up(self) -> bool:
        return self.state == UP

    @property
    def rings(self) -> bool:
        """A phone that was dialled and is not answered."""
        return self.state in NOT_UP_YET

    @property
    def is_machinery(self) -> bool:
        return bool(_MACHINERY.match(self.name))

    @property
    def half(self) -> str:
        """Of a Local channel, which is a wire with two ends: the name without the end."""
        return self.name[:-2] if self.name.startswith("Local/") else ""

    @property
    def target(self) -> str:
        """How a Dial() that calls it has it: "PJSIP/1002", "Local/1002@from-queue"."""
        return self.name.rpartition("-")[0]

    @property
    def was_dialled(self) -> bool:
        return self.app in DIALLED or (self.rings and self.app == "")

    @property
    def started_at(self) -> datetime | None:
        return moment_of(self.uid)


def read_channels(entries: Iterable[Fields]) -> list[Channel]:
    """The channels with a phone at their end, and the wires. BadReply when one cannot be named."""
    found: dict[str, Channel] = {}
    for entry in entries:
        entry.pop("seconds", None)  # the only field that changes while nothing happens
        channel = _channel(tuple(entry.items()))
        if channel.is_machinery:
            continue
        if found.setdefault(channel.uid, channel) is not channel:
            raise BadReply(say("The PBX lists two channels with the same id."))
    return sorted(found.values(), key=age)


@lru_cache(maxsize=4096)
def moment_of(uid: str) -> datetime | None:
    """Ids begin with the second in which the channel was made, unless somebody chose one."""
    match = _EPOCH.fullmatch(uid)
    return _moment(match[1]) if match else None


def age(channel: Channel) -> tuple[float, int, str]:
    """Sorts the oldest first."""
    started, _, serial = channel.uid.rpartition(".")
    at = channel.started_at
    return (at.timestamp() if at else 0.0, int(serial) if serial.isdecimal() else 0, started)


@lru_cache(maxsize=4096)
def _channel(items: tuple[tuple[str, str], ...]) -> Channel:
    """Most are as they were a second ago."""
    entry = dict(items)
    uid, linked = entry.get("uniqueid", ""), entry.get("linkedid", "")
    linked = linked or uid
    name = clean(entry.get("channel", ""), NAME)
    if not (UID.fullmatch(uid) and UID.fullmatch(linked) and name):
        raise BadReply(say("The PBX lists a channel without a usable id."))
    variables = _variables(entry)
    state = entry.get("channelstate", "")
    exten = clean(known(entry.get("exten", "")), NUMBER)
    app = clean(known(entry.get("application", "")), WORD)
    return Channel(
        uid=uid,
        linked=linked,
        name=name,
        state=int(state) if re.fullmatch("[0-9]{1,2}", state) else -1,
        state_word=clean(entry.get("channelstatedesc", ""), WORD),
        party=_own(party_in(entry, "callerid"), endpoint_of(name), variables),
        other=party_in(entry, "connectedline"),
        context=known(entry.get("context", "")),
        exten=exten,
        dialled=_dialled(exten, app, entry, variables),
        app=app,
        data=entry.get("data", ""),
        bridge=entry.get("bridgeid", ""),
        held=variables.get("CHANNEL(onhold)") == "1",
        answered_at=_moment(variables.get("CDR(answer,u)", "")),
        ani=known(variables.get("CALLERID(ani-num)", "")),
        reached=known(variables.get("DIALEDPEERNAME", "")),
        dial_status=known(variables.get("DIALSTATUS", "")),
    )


def endpoint_of(name: str) -> str:
    """ "PJSIP/1002-0000001d" is 1002's phone, or a trunk's name."""
    match = _ENDPOINT.fullmatch(name)
    return match[1] if match else ""


def party_in(entry: Fields, prefix: str) -> Party:
    number = clean(known(unescaped(entry.get(f"{prefix}num", ""))), NUMBER)
    number = "" if number == "s" else number  # Dial() in a routine takes its place for a number
    name = clean(known(unescaped(entry.get(f"{prefix}name", ""))), NAME)
    return Party(number, "" if name == number or name.startswith("CID:") else name)


def _own(party: Party, endpoint: str, variables: Fields) -> Party:
    """A phone's own number, whatever a route to the outside shows of it."""
    renamed = endpoint.isdecimal() and endpoint != party.number
    return Party(endpoint) if renamed and variables.get("CALLERID(ani-num)") == endpoint else party


def _dialled(exten: str, app: str, entry: Fields, variables: Fields) -> str:
    places = [exten, *(variables.get(name, "") for name in CAME_FROM)]
    if app in ROOMS:
        places.insert(1, entry.get("data", "").partition(",")[0])
    return next((clean(known(each), NUMBER) for each in places if _DIGIT.search(each)), "")


def _variables(entry: Fields) -> dict[str, str]:
    """`variable`, `variable-2` …, each NAME=value."""
    pairs = (value.partition("=") for name, value in entry.items() if name.startswith("variable"))
    return {name: value for name, _, value in pairs}


def _moment(text: str) -> datetime | None:
    """Seconds since the epoch; 0 is "not yet"."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    if not 946_684_800 <= seconds < 7_258_118_400:  # the years 2000 to 2200
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
