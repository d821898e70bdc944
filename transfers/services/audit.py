"""The trail of what people did. Written in the same database transaction as the thing itself."""

from __future__ import annotations

from transfers.models import Transfer, User
from transfers.sentences import pack
from transfers.trail import AuditEvent


def record(
    actor: User | None,
    verb: str,
    object_text: str,
    *,
    transfer: Transfer | None = None,
    actor_name: str = "system",
    **data: object,
) -> AuditEvent:
    """One event. `data` is JSON and must hold no secret. `actor_name` is for want of an actor."""
    return AuditEvent.objects.create(
        actor=actor,
        actor_name=actor.title if actor else actor_name,
        verb=verb,
        object_text=object_text,
        transfer=transfer,
        data={name: pack(v) if isinstance(v, str) else v for name, v in data.items()},
    )
