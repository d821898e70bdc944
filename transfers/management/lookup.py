"""What people type on the command line, looked up or refused in words."""

from __future__ import annotations

from django.core.management import CommandError

from transfers.models import PbxConnection, User


def find_connection(name: str) -> PbxConnection:
    try:
        return PbxConnection.objects.get(name=name)
    except PbxConnection.DoesNotExist:
        known = ", ".join(PbxConnection.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no connection “{name}”. There are: {known}.") from None


def find_user(username: str) -> User:
    try:
        return User.objects.get(username=username, is_active=True)
    except User.DoesNotExist:
        raise CommandError(f"There is no active account “{username}”.") from None
