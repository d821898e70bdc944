"""Call events: what the PBX tells our address, and how it is asked to (sources 29, 30, 31)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

from transfers.domain import Notice
from transfers.drivers.text import clean
from transfers.drivers.voipnow.consulting import left_standing
from transfers.drivers.voipnow.paging import collect
from transfers.drivers.voipnow.presence import exact_numbers
from transfers.drivers.voipnow.reading import Json, exact, short
from transfers.drivers.voipnow.views import NUMBER
from transfers.drivers.voipnow.wire import EXTENSION
from transfers.errors import DriverError, NotSupported, Refused
from transfers.sentences import say, say_many

if TYPE_CHECKING:
    from transfers.drivers.voipnow.driver import VoipNowDriver

TYPES = ("0", "1", "2", "3", "4")  # dial-in, dial-out, hangup, answered in, answered out
NEWER = ("3", "4")  # older servers do not know them
MOST_EXTENSIONS = 50  # five requests each
_MARKS = ("CallStatus", "CallFlow", "CallAPIID", "CallID")


def notice(fields: Mapping[str, str], prefix: str) -> Notice:
    """Source 31. Nothing vouches for it, and any answer only says "received": it is a hint.

    `ringing` stays empty, because an answer cannot send the call elsewhere.
    """
    if not any(fields.get(mark) for mark in _MARKS):
        return Notice()
    words = (clean(fields.get(name, ""), 40).lower() for name in ("CallFlow", "CallStatus"))
    kind = " ".join(filter(None, words)) or "call event"
    caller = fields.get("CallerExtension") or fields.get("CallerIDNum", "")
    return Notice(kind=kind, caller=short(clean(caller, NUMBER), prefix))


def subscribe(driver: VoipNowDriver, url: str) -> None:
    """Register every type of event at `url` for every extension, where it is not yet."""
    done = 0
    try:
        for extension in _extensions(driver):
            have = {exact(event.get("type")) for event in _ours(driver, extension, url, on=True)}
            for kind in TYPES:
                if kind not in have:
                    done += _create(driver, extension, kind, url)
    except DriverError as error:
        if not done:
            raise
        registered = say_many(
            "{count} call event was registered before.",
            "{count} call events were registered before.",
            done,
        )
        failure = left_standing(error, registered)
    else:
        return
    raise failure


def unsubscribe(driver: VoipNowDriver, url: str) -> None:
    """Remove the events at `url` one by one, and no other."""
    done = 0
    try:
        for extension in _extensions(driver):
            for event in _ours(driver, extension, url):
                kind, event_id = exact(event.get("type")), exact(event.get("id"))
                driver.command(driver.context.delete_event(extension, kind, event_id))
                done += 1
    except DriverError as error:
        if not done:
            raise
        removed = say_many(
            "{count} call event was removed before.",
            "{count} call events were removed before.",
            done,
        )
        failure = left_standing(error, removed)
    else:
        return
    raise failure


def _create(driver: VoipNowDriver, extension: str, kind: str, url: str) -> int:
    try:
        driver.command(driver.context.create_event(extension, kind, url))
    except Refused as error:
        if kind in NEWER and error.vendor_code == "pcet_type_invalid":
            return 0
        raise
    return 1


def _extensions(driver: VoipNowDriver) -> Iterable[str]:
    """Those named in the options, else the one extension, else all that the PBX lists."""
    named = driver.option("event_extensions").replace(",", " ").split()
    if not named and driver.context.extension != "@self":
        named = [driver.context.extension]
    if not named:
        listed = exact_numbers(driver.presence_entries())
        named = [each for each in listed if EXTENSION.fullmatch(each)]
    if len(named) > MOST_EXTENSIONS:
        raise NotSupported(
            say(
                "The PBX lists {count} extensions: name at most {most} for call events in the "
                "connection's options. Nothing was sent.",
                count=len(named),
                most=MOST_EXTENSIONS,
            )
        )
    return named


def _ours(driver: VoipNowDriver, extension: str, url: str, *, on: bool = False) -> Iterator[Json]:
    """The events registered at this address; `on`: only those that are enabled."""
    entries = collect(
        lambda start: driver.ask(driver.context.list_events(extension, start)).data, "id"
    )
    for event in entries:
        same = unquote(exact(event.get("url"))) == unquote(url)
        if same and (not on or exact(event.get("status")) != "0"):
            yield event
