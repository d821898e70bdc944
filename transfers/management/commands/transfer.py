"""`manage.py transfer`: move one call, with the rights of a person, through the same service.

Exit status: 0 the PBX accepted it (with --wait: it was seen to happen); 1 the command line is
wrong; 2 it was refused or not done; 3 nobody knows; 4 (--wait) accepted, but it did not arrive; 5
(--wait) it was sent on to where this login cannot see. With --json, prints {"id", "kind",
"connection", "call", "target", "leaves", "state", "code", "vendor_code", "vendor_text", "observed",
"created_at", "settled_at"}.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from transfers.board.poller import STEP, Poller
from transfers.domain import Action, Leg
from transfers.management.lookup import find_connection, find_user
from transfers.models import Transfer
from transfers.services.outcomes import FINAL
from transfers.services.rules import Order
from transfers.services.transfers import start
from transfers.services.verdicts import TARGET_UNSEEN, verdict_of

State = Transfer.State
STATUS = {
    State.ACCEPTED: 0,
    State.CONFIRMED: 0,
    State.UNKNOWN: 3,
    State.SENDING: 3,
    State.MISSED: 4,
}
SENT_ON = 5
EPILOG = (
    "Exit status: 0 the PBX accepted it (with --wait: it was seen to arrive); 1 the command line "
    "is wrong; 2 refused or not done; 3 nobody knows; and with --wait: 4 it did not arrive; 5 it "
    "left the transferor, and this login cannot see whether it arrived."
)


class Command(BaseCommand):
    help = "Transfer a live call."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("name", metavar="NAME", help="the connection")
        parser.add_argument("call", metavar="CALL_ID", help="as `calls NAME` lists it")
        parser.add_argument("--kind", required=True, choices=["blind", "forward", "join"])
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--to", metavar="TARGET", default="", help="number to send it to")
        where.add_argument("--with", metavar="CALL_ID2", default="", dest="other")
        parser.add_argument("--leaves", choices=[leg.value for leg in Leg], help="who goes out")
        self.add_common(parser)

    def add_common(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, help="whose rights, and whose name in the log")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--wait", type=float, metavar="SECONDS", help="for the verdict")

    def order(self, options: dict[str, Any]) -> Order:
        kind = Action(options["kind"])
        if (kind is Action.JOIN) is not bool(options["other"]):
            raise CommandError(
                "--kind join goes with --with CALL_ID2; blind and forward with --to."
            )
        leaves = Leg(options["leaves"]) if options["leaves"] else None
        return Order(kind, options["call"], options["to"], leaves, options["other"])

    def handle(self, *args: Any, **options: Any) -> None:
        order = self.order(options)
        row = start(find_user(options["user"]), find_connection(options["name"]), order)
        if options["wait"]:
            row = _wait(row, options["wait"])
        if options["json"]:
            self.stdout.write(json.dumps(_described(row), ensure_ascii=False, indent=2))
        else:
            said = row.observed or row.vendor_text
            self.stdout.write(f"{verdict_of(row).word}. {said}".strip())
        status = STATUS.get(State(row.state), 2)
        if options["wait"] and row.state == State.ACCEPTED:
            status = 3  # the time was up before anything was seen
        if row.state == State.CONFIRMED and row.code == TARGET_UNSEEN:
            status = SENT_ON
        if status:
            sys.exit(status)


def _wait(row: Transfer, seconds: float) -> Transfer:
    """Until the verdict or the time is up. Polls itself, side by side with a running server."""
    poller = Poller()
    deadline = time.monotonic() + seconds
    try:
        while row.state not in FINAL and time.monotonic() < deadline:
            poller.tick()
            time.sleep(STEP)
            row.refresh_from_db()
    finally:
        poller.stop(finish=True)
    return row


def _described(row: Transfer) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "connection": row.connection_name,
        "call": row.of_call,
        "target": row.target,
        "leaves": row.leaves,
        "state": row.state,
        "code": row.code,
        "vendor_code": row.vendor_code,
        "vendor_text": row.vendor_text,
        "observed": row.observed,
        "created_at": row.created_at.isoformat(),
        "settled_at": row.settled_at and row.settled_at.isoformat(),
    }
