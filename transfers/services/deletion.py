"""Deleting a connection: the PBX is told to stop its notifications before the row goes."""

from __future__ import annotations

from transfers.models import PbxConnection, User
from transfers.sentences import say
from transfers.services import connections, notifications
from transfers.services.connections import NotDone


def delete(actor: User | None, connection: PbxConnection) -> str:
    """In words what stays behind at the PBX, or "". Raises NotDone: nothing was deleted.

    A PBX that does not let go does not keep the connection here: then somebody must remove it
    there, and is told where to look.
    """
    connections.make_ready_to_delete(actor, connection)
    left, address = "", notifications.registered_address(connection)
    if address:
        try:
            notifications.unregister(actor, connection)
        except NotDone as failure:
            left = say(
                "{pbx} still sends notifications to {address}, where nobody answers: {why} "
                "Remove them there.",
                pbx=connection.name,
                address=address,
                why=failure.text,
            )
    connections.delete(actor, connection, left=left)
    return left
