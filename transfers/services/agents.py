"""How the agents' own logins at a PBX are doing, told from what is known: nothing is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from transfers.board.lease import STOPPED
from transfers.board.snapshot import Freshness, Picture, picture_of
from transfers.domain import CallState
from transfers.models import Feed, PbxConnection, Seat
from transfers.sentences import listed, say, say_many

WORST_FIRST = (Freshness.LOST, Freshness.STALE, Freshness.WAITING)


@dataclass(frozen=True, slots=True)
class Agents:
    live: tuple[Picture, ...]
    trouble: tuple[tuple[str, Picture], ...]  # with their names
    waiting: int  # she looks, and nothing was read yet
    away: int  # nobody looks at her calls, so they are not read
    loginless: int  # seats without a login

    def freshness(self, now: datetime) -> Freshness:
        """The worst of those who look; WAITING when nobody does."""
        if not self.trouble:
            return Freshness.LIVE if self.live else Freshness.WAITING
        return min((each.freshness(now) for _, each in self.trouble), key=WORST_FIRST.index)

    @property
    def calls(self) -> int:
        """Live calls; one between two agents is in both their lists and counts once."""
        calls = (call for picture in self.live for call in picture.calls)
        return len({call.id for call in calls if call.state is not CallState.ENDED})

    @property
    def logins(self) -> int:
        return len(self.live) + len(self.trouble) + self.waiting + self.away

    @property
    def counts(self) -> dict[str, int]:
        """For programs."""
        return {
            "live": len(self.live),
            "in trouble": len(self.trouble),
            "not read yet": self.waiting,
            "not looking": self.away,
            "without a login": self.loginless,
        }

    @property
    def words(self) -> str:
        """ "2 agents live, 1 in trouble, 37 not looking" """
        live = say_many("{count} agent live", "{count} agents live", len(self.live))
        others = {
            say("{number} in trouble", number=len(self.trouble)): len(self.trouble),
            say("{number} not read yet", number=self.waiting): self.waiting,
            say("{number} not looking", number=self.away): self.away,
            say("{number} without a login", number=self.loginless): self.loginless,
        }
        return listed((live, *(words for words, number in others.items() if number)))


def related() -> tuple[Prefetch, ...]:  # type: ignore[type-arg]
    """What `agents_of` needs of connections, in as many queries for one as for many."""
    feeds = Feed.objects.defer("directory").select_related("seat__user")
    return Prefetch("feeds", feeds), Prefetch("seats", Seat.objects.only("connection", "username"))


def agents_of(connection: PbxConnection, now: datetime) -> Agents:
    live, trouble, waiting, away = [], [], 0, 0
    for feed in connection.feeds.all():
        if feed.seat is None:
            continue
        picture = picture_of(feed)
        freshness = picture.freshness(now)
        if freshness is Freshness.LIVE:
            live.append(picture)
        elif feed.watched_until <= now and picture.error_code != STOPPED:
            away += 1
        elif freshness is Freshness.WAITING:
            waiting += 1
        else:
            trouble.append((feed.seat.user.title, picture))
    loginless = sum(not seat.username for seat in connection.seats.all())
    return Agents(tuple(live), tuple(trouble), waiting, away, loginless)
