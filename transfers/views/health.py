"""How a connection is doing, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime

from transfers.board.lease import STOPPED
from transfers.board.snapshot import Freshness, Picture
from transfers.services.agents import Agents

STAYS_STOPPED = "It is not read again until the connection is edited or tests well."
NO_AGENT = "No seat has a login there yet; add one under People."
LOST = {STOPPED: "stopped", "unreachable": "unreachable", "bad_reply": "not understood"}


@dataclass(frozen=True, slots=True)
class Health:
    """`freshness` is the class of the badge; `word`, `age` and `since` stand in it."""

    freshness: Freshness
    word: str
    age: str = ""
    since: str = ""
    detail: str = ""


def health_of(picture: Picture, now: datetime) -> Health:
    freshness = picture.freshness(now)
    if freshness is Freshness.OFF:
        return Health(freshness, "disabled")
    if freshness is Freshness.LOST:
        return _lost(picture, now)
    if picture.taken_at is None:
        return Health(Freshness.WAITING, "not read yet")
    age = age_words(picture.age(now))
    if freshness is Freshness.LIVE:
        return Health(freshness, "live", age=age)
    return Health(freshness, f"{age} old", detail=picture.error_text)


def health_of_agents(agents: Agents, now: datetime) -> Health:
    """Where each agent's calls are read with her own login: those in trouble are named."""
    if not agents.logins:
        return Health(Freshness.WAITING, "read per agent", detail=NO_AGENT)
    words = [f"{agents.words}."]
    for name, picture in agents.trouble:
        health = health_of(picture, now)
        since = f" since {health.since}" if health.since else ""
        words.append(f"{name}: {health.word}{since}. {health.detail}")
    return Health(agents.freshness(now), "read per agent", detail=" ".join(words).strip())


def _lost(picture: Picture, now: datetime) -> Health:
    detail = picture.error_text
    if picture.error_code == STOPPED:
        detail = f"{detail} {STAYS_STOPPED}"
    since = moment_words(picture.failing_since, now) if picture.failing_since else ""
    word = LOST.get(picture.error_code, "failing")
    return Health(Freshness.LOST, word, since=since, detail=detail)


def age_words(seconds: float) -> str:
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    for limit, unit, word in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)} {word}"
    days = int(seconds // 86_400)
    return "1 day" if days == 1 else f"{days} days"


def moment_words(moment: datetime, now: datetime) -> str:
    """10:02 today, 3 May 10:02 on another day."""
    there, here = localtime(moment), localtime(now)
    return date_format(there, "H:i" if there.date() == here.date() else "j M H:i")
