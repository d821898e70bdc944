"""Events and transfers in words, for the receipt and the list of events."""

from __future__ import annotations

from transfers.domain import Leg, Party
from transfers.errors import OutcomeUnknown
from transfers.models import Transfer
from transfers.sentences import unpack
from transfers.trail import AuditEvent

VERBS = {
    "transfer.sending": "Written down and sent",
    "transfer.accepted": "Accepted by the PBX",
    "transfer.confirmed": "Seen to be done",
    "transfer.missed": "Seen not to arrive",
    "transfer.refused": "Refused",
    "transfer.failed": "Not done",
    "transfer.unknown": "Outcome unknown",
    "forward.set": "Sent calls elsewhere",
    "forward.used": "A standing forward sent a call on",
    "forward.told": "Told a phone to send its calls on",
    "forward.taken_back": "Told a phone to send no calls on any more",
    "forward.looked": "Looked at what a phone does",
    "forward.ended": "A standing forward ended",
    "connection.address_made": "Made an address for notifications",
    "connection.registered": "Had the PBX send notifications",
    "connection.not_registered": "Could not have the PBX send notifications",
    "connection.unregistered": "Had the PBX stop its notifications",
    "connection.not_unregistered": "Could not have the PBX stop its notifications",
    "login.ok": "Logged in",
    "login.failed": "Failed to log in",
    "login.locked": "Locked out",
    "logout": "Logged out",
    "agent.signed_off": "Logged an agent out at the PBX",
    "agent.not_signed_off": "Could not log an agent out at the PBX",
    "log.exported": "Exported the log",
    "person.added": "Added a person",
    "person.edited": "Edited a person",
    "person.deactivated": "Deactivated a person",
    "person.activated": "Activated a person",
    "person.password_set": "Set a person's password",
    "person.password_changed": "Changed their own password",
    "seat.added": "Added a seat",
    "seat.edited": "Edited a seat",
    "seat.removed": "Removed a seat",
}

UNSURE = {OutcomeUnknown.code, "interrupted", "internal"}  # sent perhaps, then seen to do nothing
LABELS = {"observed": "", "vendor_code": "PBX’s code", "code": "reason"}


def verb_in_words(verb: str) -> str:
    """Known verbs have their words; "connection.tested" is at least "Connection tested"."""
    return VERBS.get(verb) or verb.replace(".", " ").replace("_", " ").capitalize()


def details(event: AuditEvent) -> list[tuple[str, str]]:
    """What an event noted beside its object; empty notes are left out."""
    noted = event.data.items() if isinstance(event.data, dict) else []
    return [
        (LABELS.get(name, name.replace("_", " ")), _flat(value)) for name, value in noted if value
    ]


def order_in_words(row: Transfer) -> str:
    """What was sent, as one sentence. Names both parties and who leaves."""
    caller, called = caller_of(row), called_of(row)
    target = Party(row.target, row.target_name)
    stays, leaves = (called, caller) if row.leaves == Leg.CALLER else (caller, called)
    goes = f" {leaves} leaves the call." if row.leaves else ""
    kind = Transfer.Kind
    return {
        kind.BLIND: f"Send {stays} to {target}.{goes}",
        kind.FORWARD: f"Send {caller}, ringing at {called}, to {target} instead.",
        kind.VOICEMAIL: f"Send {stays} to the voicemail of {target}.{goes}",
        kind.CONSULT: f"Put {stays} on hold, and call {target}.",
        kind.JOIN: f"Connect {stays} with {target}.{goes}",
        kind.CANCEL: f"End the consultation with {target}, and go back to {stays}.",
        kind.SWAP: f"Change between {stays} and {target}.",
        kind.PARK: f"Park the call of {caller} with {called}.",
        kind.UNPARK: f"Take {caller} out of the park to {target}.",
        kind.PICKUP: f"Pick up at {target} the call of {caller} that rings at {called}.",
        kind.HOLD: f"Put the call of {caller} with {called} on hold.",
        kind.RETRIEVE: f"Take the call of {caller} with {called} back from hold.",
        kind.HANGUP: f"Hang up the call of {caller} with {called}.",
    }[kind(row.kind)]


def was_sent(row: Transfer) -> bool:
    """Whether the command left us at all, as far as we know."""
    if row.state == Transfer.State.REFUSED:
        return row.replied_at is not None
    never_left = row.state == Transfer.State.FAILED and not row.vendor_code
    return not never_left or row.code in UNSURE


def caller_of(row: Transfer) -> Party:
    return Party(row.caller_number, row.caller_name)


def called_of(row: Transfer) -> Party:
    return Party(row.called_number, row.called_name)


def _flat(value: object) -> str:
    if isinstance(value, str):
        return unpack(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return str(value)
