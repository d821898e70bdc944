"""`manage.py dial`: call somebody from a person's own phone, through the same service as the page.

Her phone rings first. Exit status and JSON are those of `transfer`; 4 (--wait): they were not
connected.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from transfers.domain import Action
from transfers.management.commands import transfer
from transfers.services.rules import Order

EPILOG = (
    "Exit status: 0 the PBX accepted it (with --wait: they talk); 1 the command line is wrong; "
    "2 refused or not done; 3 nobody knows; and with --wait: 4 they were not connected."
)


class Command(transfer.Command):
    help = "Call somebody from a person's own phone, which rings first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("name", metavar="NAME", help="the connection")
        parser.add_argument("--to", metavar="TARGET", required=True, help="number to call")
        parser.add_argument("--from", metavar="EXTENSION", default="", dest="own", help="her phone")
        self.add_common(parser)

    def order(self, options: dict[str, Any]) -> Order:
        return Order(Action.DIAL, "", options["to"], own=options["own"])
