"""What is remembered of running consultations: written from each picture, read by the bar.

Several processes may see the same picture: rows are unique for the pair, and each later stage is a
conditional UPDATE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from transfers.board.hub import hub
from transfers.board.signals import picture_taken
from transfers.board.snapshot import Picture
from transfers.desk import Consultation
from transfers.domain import Action, Call, CallState, Leg, Party, bare_number
from transfers.models import Claim, Seat, Transfer
from transfers.services.consulting import Stage, Story, begun, followed
from transfers.services.names import names_of

NEVER_SEEN = timedelta(minutes=1)  # a consultation that came to nothing is told so long afterwards
TO_NOTHING = ("missed", "refused", "failed", "unknown")
ENDING = (Action.JOIN, Action.CANCEL)  # while one is under way, a missing call is no news


def story_of(row: Consultation) -> Story:
    return Story(
        number=row.number,
        held_id=row.held_id,
        other_id=row.other_id,
        waits=Party(row.waits_number, row.waits_name),
        target=Party(row.target_number, row.target_name),
        stage=Stage(row.stage),
        answered=row.answered,
        why=row.why,
        noted_at=row.changed_at,
    )


def remembered(feeds: Iterable[int]) -> dict[int, list[Consultation]]:
    """Feed → the consultations that were seen there and are not over."""
    found: dict[int, list[Consultation]] = {}
    for row in Consultation.objects.filter(feed__in=feeds).order_by("pk"):
        found.setdefault(row.feed_id, []).append(row)
    return found


@receiver(picture_taken)
def remember(picture: Picture, **kwargs: object) -> None:
    """Begin, continue and end what this picture tells of."""
    if picture.outdated:
        return
    rows = Consultation.objects.filter(feed=picture.feed_id)
    stories = [_go_on(picture, row.pk, story_of(row)) for row in rows]
    known = {story.key for story in stories if story}
    for story in begun(picture.calls, _owned(picture)):
        if story.key not in known:
            _begin(picture, story)
    about = {story.held_id for story in stories if story}
    held = [c for c in picture.calls if c.state is CallState.HELD and c.id not in about]
    for story in _never_seen(picture, held) if held else ():
        _begin(picture, story)


def _never_seen(picture: Picture, held: list[Call]) -> list[Story]:
    """Consultations from here whose second call no picture showed: the caller waits all the same.

    The target was busy at once, or the PBX held the call and refused the rest.
    """
    rows = Transfer.objects.filter(
        connection=picture.connection_id,
        kind=Action.CONSULT,
        state__in=TO_NOTHING,
        replied_at__gt=timezone.now() - NEVER_SEEN,
        call_id__in=[call.id for call in held],
    )
    calls = {call.id: call for call in held}
    stories = []
    for row in rows:
        call, leaves = calls[row.call_id], Leg(row.leaves)
        waits, target = call.party(leaves.other), Party(row.target, row.target_name)
        own = call.party(leaves).number
        stories.append(Story(own, row.call_id, "", waits, target, Stage.ALONE))
    return stories


def _owned(picture: Picture) -> Callable[[str], bool]:
    """Whether a number is of somebody's seat; the seats are read when it is first asked."""
    seats = Seat.objects.filter(connection=picture.connection_id)
    return lambda number: any(seat.owns(number) for seat in seats)


def _begin(picture: Picture, story: Story) -> None:
    numbers = story.waits.number, story.target.number
    ours = names_of(picture.connection_id, numbers)  # a call that is gone takes its names along
    values = {
        "number": story.number,
        "waits_number": story.waits.number,
        "waits_name": ours.get(bare_number(story.waits.number)) or story.waits.name,
        "target_number": story.target.number,
        "target_name": ours.get(bare_number(story.target.number)) or story.target.name,
    }
    Consultation.objects.get_or_create(
        values | _stage(story),
        feed_id=picture.feed_id,
        held_id=story.held_id,
        other_id=story.other_id,
    )


def _stage(story: Story) -> dict[str, object]:
    values = {"stage": story.stage, "answered": story.answered, "why": story.why}
    return values | {"other_id": story.other_id}


def _go_on(picture: Picture, pk: int, story: Story) -> Story | None:
    """The story as this picture has it; None when it is over."""
    now = followed(story, picture.calls)
    same = Consultation.objects.filter(pk=pk, stage=story.stage)
    if now is None:
        changed = same.delete()[0]
    elif now == story or (now.stage == Stage.ALONE and is_ending(picture.connection_id, story)):
        return story
    else:
        changed = _write(same, now)
    if changed:
        hub.ring()
    return now


def _write(row: QuerySet[Consultation], story: Story) -> int:
    """Two pictures may have begun it twice, under an earlier id of its call and under this one:
    the row that has this one goes on alone."""
    try:
        with transaction.atomic():
            return row.update(changed_at=timezone.now(), **_stage(story))
    except IntegrityError:
        return row.delete()[0]


def is_ending(connection_id: int, story: Story) -> bool:
    """Whether it is just being completed or cancelled from here."""
    claims = Claim.objects.filter(connection=connection_id, call_id__in=story.key)
    return claims.filter(transfer__kind__in=ENDING).exists()
