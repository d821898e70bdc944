"""How a connection is doing, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from transfers.board.lease import STOPPED
from transfers.board.snapshot import Freshness, Picture
from transfers.sentences import told
from transfers.services.agents import Agents

# Translators: what a PBX is, that cannot be read.
LOST = {
    STOPPED: gettext_lazy("stopped"),
    "unreachable": gettext_lazy("unreachable"),
    "bad_reply": gettext_lazy("not understood"),
}


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
        return Health(freshness, _("disabled"))
    if freshness is Freshness.LOST:
        return _lost(picture, now)
    if picture.taken_at is None:
        return Health(Freshness.WAITING, _("not read yet"))
    age = age_words(picture.age(now))
    if freshness is Freshness.LIVE:
        return Health(freshness, _("live"), age=age)
    return Health(freshness, _("{age} old").format(age=age), detail=picture.error_text)


def health_of_agents(agents: Agents, now: datetime) -> Health:
    """Where each agent's calls are read with her own login: those in trouble are named."""
    if not agents.logins:
        detail = _("No seat has a login there yet; add one under People.")
        return Health(Freshness.WAITING, _("read per agent"), detail=detail)
    words = [f"{told(agents.words)}."]
    words += [_trouble_in_words(name, health_of(picture, now)) for name, picture in agents.trouble]
    return Health(agents.freshness(now), _("read per agent"), detail=" ".join(words).strip())


def _trouble_in_words(name: str, health: Health) -> str:
    pattern = _("{agent}: {state} since {time}.") if health.since else _("{agent}: {state}.")
    words = pattern.format(agent=name, state=health.word, time=health.since)
    return f"{words} {told(health.detail)}"


def _lost(picture: Picture, now: datetime) -> Health:
    detail = picture.error_text
    if picture.error_code == STOPPED:
        stays = _("It is not read again until the connection is edited or tests well.")
        detail = f"{told(detail)} {stays}"
    since = moment_words(picture.failing_since, now) if picture.failing_since else ""
    word = str(LOST.get(picture.error_code, _("failing")))
    return Health(Freshness.LOST, word, since=since, detail=detail)


def age_words(seconds: float) -> str:
    if seconds < 10:
        return _("{seconds} s").format(seconds=number_format(f"{max(0.0, seconds):.1f}"))
    if seconds < 60:
        return _("{seconds} s").format(seconds=int(seconds))
    if seconds < 3600:
        return _("{minutes} min").format(minutes=int(seconds // 60))
    if seconds < 86_400:
        return _("{hours} h").format(hours=int(seconds // 3600))
    days = int(seconds // 86_400)
    return ngettext("{days} day", "{days} days", days).format(days=days)


def moment_words(moment: datetime, now: datetime) -> str:
    """10:02 today, 3 May 10:02 on another day."""
    there, here = localtime(moment), localtime(now)
    return date_format(there, "H:i" if there.date() == here.date() else _("j M H:i"))
