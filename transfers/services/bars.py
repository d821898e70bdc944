"""The consultation bar: who waits, who is asked, how it stands, and the ways out of it.

Made from the picture and from what is remembered, never from what a browser knows: the same at
every computer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from transfers.domain import Action, Call, Leg, Party
from transfers.models import Transfer
from transfers.sentences import listed, listed_with_and, say
from transfers.services.consultations import story_of
from transfers.services.consulting import Stage, Story, begun, followed, in_words
from transfers.services.preferences import preferences_of
from transfers.services.switchboard import Button, Row, Sight, Switchboard, named, pair

NO_COMMAND = say("This PBX has no command for it: do it on the phone.")
# Translators: buttons of a consultation: connect the two, go back, change between the two.
BOTH = {Action.JOIN: say("Complete"), Action.CANCEL: say("Cancel"), Action.SWAP: say("Swap")}
ALONE = {Action.RETRIEVE: say("Return to caller"), Action.BLIND: say("Send elsewhere")}


@dataclass(frozen=True, slots=True)
class Way:
    """A button outside the call's own row: the call it acts on, the command whose key it has, the
    target it proposes."""

    row: Row
    button: Button
    command: str = ""
    key: str = ""
    target: str = ""

    @property
    def mark(self) -> str:
        return f"{self.button.action}-{self.target}" if self.target else self.button.action.value


@dataclass(frozen=True, slots=True)
class Bar:
    """`since`: when the consultation began, or when one of the two was gone."""

    dom_id: str
    pbx: str
    waits: Party
    target: Party
    stage: Stage
    words: str
    since: datetime | None
    ways: tuple[Way, ...]  # the main one first
    rings_again: bool

    @property
    def both(self) -> tuple[Party, Party]:
        return self.waits, self.target

    @property
    def why_id(self) -> str:
        return f"{self.dom_id}-why"

    @property
    def reasons(self) -> dict[str, str]:
        """What does not work, and why: "Cancel, Swap" → the reason they have in common."""
        labels: dict[str, list[str]] = {}
        for way in self.ways:
            if way.button.reason:
                labels.setdefault(way.button.reason, []).append(way.button.label)
        return {listed(those): reason for reason, those in labels.items()}


def bars(board: Switchboard) -> tuple[Bar, ...]:
    """This person's consultations on every PBX; nobody else's."""
    return tuple(
        _bar(board, sight, story, since)
        for sight in board.sights
        if sight.seat is not None and sight.picture.enabled
        for story, since in _stories(board, sight)
    )


def _stories(board: Switchboard, sight: Sight) -> Iterator[tuple[Story, datetime | None]]:
    """What is remembered, as the picture continues it; what the picture shows anew; what was
    ordered from here and is not seen yet."""
    assert sight.seat is not None  # noqa: S101  (bars() looks at seats only)
    calls, owns = sight.picture.calls, sight.seat.owns
    told: set[str] = set()
    for row in sight.consultations:
        story = followed(story_of(row), calls) if owns(row.number) else None
        told.add(row.held_id)
        if story is not None:
            yield story, row.changed_at
    for story in (*begun(calls, owns), *_asked_for(board, sight)):
        if story.held_id not in told:
            told.add(story.held_id)
            yield story, None


def _asked_for(board: Switchboard, sight: Sight) -> Iterator[Story]:
    for call_id, row in sight.claims.items():
        call = sight.picture.call(call_id)
        if call and row.kind == Action.CONSULT and row.user_id == board.user.pk and row.leaves:
            leg, target = Leg(row.leaves), Party(row.target, row.target_name)
            yield Story(call.party(leg).number, call_id, "", call.party(leg.other), target)


def _bar(board: Switchboard, sight: Sight, story: Story, since: datetime | None) -> Bar:
    waits, target = named(story.waits, sight.names), named(story.target, sight.names)
    held, other = (sight.picture.call(call_id) for call_id in story.key)
    both = story.stage in (Stage.CALLING, Stage.TALKING)
    if both and other is not None:
        since = other.answered_at or other.started_at
    names = {"waits": waits.within_sentence, "target": target.within_sentence}
    asked = other if both else None
    ways = _ways(sight, held, asked, names, both=both) if held and _waits(story) else ()
    keys = preferences_of(board.user).all_keys
    return Bar(
        dom_id=_dom_id(sight, story),
        pbx=sight.picture.name,
        waits=waits,
        target=target,
        stage=story.stage,
        words=_words(sight, story, names),
        since=since,
        ways=tuple(replace(way, key=keys.get(way.command, "")) for way in ways),
        rings_again=both and sight.rings_again,
    )


def _waits(story: Story) -> bool:
    return story.stage is not Stage.LEFT


def _words(sight: Sight, story: Story, names: Mapping[str, str]) -> str:
    """What is being done to the two from here; else how it stands."""
    held: Transfer | None = next(
        (sight.claims[call_id] for call_id in story.key if call_id in sight.claims), None
    )
    under_way = _under_way(held.kind, names) if held is not None else ""
    return under_way or in_words(story, sight.picture.calls, **names)


def _under_way(kind: str, names: Mapping[str, str]) -> str:
    return {
        Action.CONSULT.value: say("Calling {target}; {waits} is put on hold.", **names),
        Action.JOIN.value: say("Connecting {waits} with {target}.", **names),
        Action.CANCEL.value: say("Going back to {waits}.", **names),
        Action.SWAP.value: say("Changing between {waits} and {target}.", **names),
        Action.RETRIEVE.value: say("Going back to {waits}.", **names),
    }.get(kind, "")


def _ways(
    sight: Sight, held: Call, other: Call | None, names: Mapping[str, str], *, both: bool
) -> Iterator[Way]:
    """All three while there are two calls, whatever this PBX can do; then the way back."""
    row, possible = pair(sight, held, other)
    concerns = listed_with_and(names.values()) if both else names["waits"]
    for action, label in (BOTH if both else ALONE).items():
        if action is Action.CANCEL and other and _only_ends(held, other):
            yield _end_of(sight, other, names["target"])
            continue
        button = possible.get(action)
        if button is None and not both:
            continue
        button = button or Button(action, label, NO_COMMAND, dialog=False)
        # A transfer's key is for the chosen call.
        command = "" if action is Action.BLIND else action.value
        yield Way(row, replace(button, label=label, other_name="", names=concerns), command)


def _only_ends(held: Call, other: Call) -> bool:
    """Whether no command goes back to the caller, as in most consultations made at the phone."""
    return Action.CANCEL not in held.actions & other.actions and Action.HANGUP in other.actions


def _end_of(sight: Sight, other: Call, target: str) -> Way:
    """In place of Cancel: its call is hung up, the caller stays on hold."""
    row, possible = pair(sight, other, None)
    button = possible[Action.HANGUP]
    label = say("End call with {party}", party=target)
    return Way(row, replace(button, label=label, names=""), Action.CANCEL)


def _dom_id(sight: Sight, story: Story) -> str:
    """Of the held call: the bar stays the same element while the second call comes and goes."""
    digest = hashlib.blake2b(story.held_id.encode(), digest_size=8).hexdigest()
    return f"consultation-{sight.picture.connection_id}-{digest}"
