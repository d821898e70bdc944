"""`manage.py calls NAME`: the live calls of one PBX, as the switchboard sees them.

With --json, prints {"connection", "read_at", "error", "calls": [{"id", "state", "raw_state",
"caller", "called", "started_at", "answered_at", "actions"}, …]}. The exit status is 0 only when
the picture is fresh; an error is never an empty list.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from transfers import access
from transfers.board.accounts import feeds_for
from transfers.board.poller import fresh_picture
from transfers.board.snapshot import Picture
from transfers.domain import Call
from transfers.drivers.registry import agent_scoped
from transfers.management.lookup import find_connection, find_user
from transfers.models import Feed, PbxConnection, User


class Command(BaseCommand):
    help = "List the live calls of a PBX."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--user", help="only what this person may see")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = find_connection(options["name"])
        user = find_user(options["user"]) if options["user"] else None
        picture = fresh_picture(_feed(connection, user))
        calls = list(picture.calls)
        if user is not None:
            seat = access.seat_of(user, connection)
            calls = [call for call in calls if access.may_see(user, seat, call)]
        if options["json"]:
            self.stdout.write(json.dumps(_described(picture, calls), ensure_ascii=False, indent=2))
        else:
            self._print(calls)
        if picture.error_code or picture.taken_at is None:
            raise CommandError(_trouble(picture), returncode=1)

    def _print(self, calls: list[Call]) -> None:
        for call in calls:
            parties = f"{call.caller} → {call.callee}"
            self.stdout.write(f"{call.id:<10} {call.state.value:<8} {parties}")
        self.stdout.write(f"{len(calls)} calls")


def _feed(connection: PbxConnection, user: User | None) -> Feed:
    """The connection's own feed, or that of the person's own login where the PBX wants one."""
    if user is None and connection.vendor not in agent_scoped():
        return connection.feed
    feed = feeds_for(user).filter(connection=connection).first() if user else None
    if feed is None:
        raise CommandError(f"{connection} shows nothing here: name a --user who has a place there.")
    return feed


def _described(picture: Picture, calls: list[Call]) -> dict[str, Any]:
    return {
        "connection": picture.name,
        "read_at": picture.taken_at and picture.taken_at.isoformat(),
        "error": picture.error_text,
        "calls": [
            {
                "id": call.id,
                "state": call.state.value,
                "raw_state": call.raw_state,
                "caller": {"number": call.caller.number, "name": call.caller.name},
                "called": {"number": call.callee.number, "name": call.callee.name},
                "started_at": call.started_at and call.started_at.isoformat(),
                "answered_at": call.answered_at and call.answered_at.isoformat(),
                "actions": sorted(call.actions),
            }
            for call in calls
        ],
    }


def _trouble(picture: Picture) -> str:
    if not picture.error_code:
        return f"{picture.name} is disabled or was not read yet."
    if picture.taken_at is None:
        return picture.error_text
    moment = timezone.localtime(picture.taken_at)
    return f"{picture.error_text} The calls are of {moment:%H:%M:%S}."
