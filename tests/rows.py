"""Rows of the log for tests: `sent(ana, head_office, target="1004")` is a confirmed transfer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from transfers.models import PbxConnection, Transfer, User
from transfers.phonebook import Contact


def sent(user: User, connection: PbxConnection, **values: Any) -> Transfer:
    at: datetime = values.setdefault("created_at", timezone.now())
    usual = {
        "user": user,
        "user_name": user.title,
        "connection": connection,
        "connection_name": connection.name,
        "kind": "blind",
        "call_id": "101",
        "caller_number": "+36 1 555-0142",
        "caller_name": "Kovács Júlia",
        "called_number": "1001",
        "called_name": "Reception",
        "target": "1003",
        "target_name": "Carol Weiss",
        "leaves": "callee",
        "state": "confirmed",
        "vendor_code": "200",
        "vendor_text": "OK",
        "observed": "1003 rang 6 s, answered",
        "replied_at": at + timedelta(seconds=0.2),
        "settled_at": at + timedelta(seconds=8),
    }
    return Transfer.objects.create(**usual | values)


def listed(name: str, *numbers: str, on: PbxConnection | None = None, **values: Any) -> Contact:
    """listed("Carol", "1003", on=head_office); without `on` every PBX can dial the numbers."""
    made = Contact.objects.create(name=name, **values)
    for number in numbers:
        made.numbers.create(number=number, connection=on)
    made.index()
    return made
