"""Events and transfers in words, for the receipt and the list of events."""

from __future__ import annotations

from transfers.domain import Leg, Party
from transfers.errors import OutcomeUnknown
from transfers.models import Transfer
from transfers.sentences import joined, listed, say, unpack
from transfers.trail import AuditEvent

MAY_LEAVE = (Transfer.Kind.BLIND, Transfer.Kind.VOICEMAIL, Transfer.Kind.JOIN)
VERBS = {
    "transfer.sending": say("Written down and sent"),
    "transfer.accepted": say("Accepted by the PBX"),
    "transfer.confirmed": say("Seen to be done"),
    "transfer.missed": say("Seen not to arrive"),
    "transfer.refused": say("Refused"),
    "transfer.failed": say("Not done"),
    "transfer.unknown": say("Outcome unknown"),
    "forward.set": say("Sent calls elsewhere"),
    "forward.used": say("A standing forward sent a call on"),
    "forward.told": say("Told a phone to send its calls on"),
    "forward.taken_back": say("Told a phone to send no calls on any more"),
    "forward.looked": say("Looked at what a phone does"),
    "forward.ended": say("A standing forward ended"),
    "connection.address_made": say("Made an address for notifications"),
    "connection.registered": say("Had the PBX send notifications"),
    "connection.not_registered": say("Could not have the PBX send notifications"),
    "connection.unregistered": say("Had the PBX stop its notifications"),
    "connection.not_unregistered": say("Could not have the PBX stop its notifications"),
    "login.ok": say("Logged in"),
    "login.failed": say("Failed to log in"),
    "login.locked": say("Locked out"),
    "logout": say("Logged out"),
    "agent.signed_off": say("Logged an agent out at the PBX"),
    "agent.not_signed_off": say("Could not log an agent out at the PBX"),
    "log.exported": say("Exported the log"),
    "person.added": say("Added a person"),
    "person.edited": say("Edited a person"),
    "person.deactivated": say("Deactivated a person"),
    "person.activated": say("Activated a person"),
    "person.password_set": say("Set a person's password"),
    "person.password_changed": say("Changed their own password"),
    "seat.added": say("Added a seat"),
    "seat.edited": say("Edited a seat"),
    "seat.removed": say("Removed a seat"),
    "call.brought_back": say("Call brought back"),
    "call.set_aside": say("Set a call aside on their own screen"),
    "call.shown_again": say("A call that was set aside is shown again"),
    "connection.added": say("Connection added"),
    "connection.edited": say("Connection edited"),
    "connection.tested": say("Connection tested"),
    "connection.enabled": say("Connection enabled"),
    "connection.disabled": say("Connection disabled"),
    "connection.deleted": say("Connection deleted"),
    "connection.dialling": say("Connection dialling"),
    "contact.added": say("Contact added"),
    "contact.edited": say("Contact edited"),
    "contact.deleted": say("Contact deleted"),
    "contact.imported": say("Contact imported"),
    "keys.rotated": say("Keys rotated"),
}

OPTION = "option "  # before the name of a driver's own
UNSURE = {OutcomeUnknown.code, "interrupted", "internal"}  # sent perhaps, then seen to do nothing
# What events have noted: names of notes, and words in them.
NOTED = {
    "observed": "",
    "vendor_code": say("PBX’s code"),
    "code": say("reason"),
    # Translators: what a test was about, in the log: “about: learned …”.
    "about": say("about"),
    "added": say("added"),
    "address": say("address"),
    "agents_passwords_removed": say("agents passwords removed"),
    # Translators: in the log: “arrived: 3”, calls that arrived.
    "arrived": say("arrived"),
    "called": say("called"),
    "caller": say("caller"),
    "changed": say("changed"),
    "set_aside_by": say("set aside by"),
    "checks": say("checks"),
    "contacts": say("contacts"),
    # Translators: in the log: “filter:”, and what was asked for.
    "filter": say("filter"),
    "learned": say("learned"),
    # Translators: in the log: “left:”, and what stays behind at the PBX.
    "left": say("left"),
    "notification": say("notification"),
    # Translators: in the log: “ok: yes”, a test went well.
    "ok": say("ok"),
    "phone": say("phone"),
    "prefixes": say("prefixes"),
    "replaced": say("replaced"),
    "role": say("role"),
    # Translators: in the log: “said:”, and the words of a phone or PBX.
    "said": say("said"),
    "seats": say("seats"),
    # Translators: in the log: whose stored passwords could not be read.
    "unreadable": say("unreadable"),
    "unsaved": say("unsaved"),
    "until": say("until"),
    "target": say("target"),
    # Translators: in the log: “used: 3”, calls that were sent on.
    "used": say("used"),
    "vendor": say("vendor"),
    "why": say("why"),
    "administrator": say("administrator"),
    "receptionist": say("receptionist"),
    "readonly": say("readonly"),
    "ca_pem": say("ca pem"),
    "connection": say("connection"),
    "department": say("department"),
    "email": say("email"),
    "enabled": say("enabled"),
    "extensions": say("extensions"),
    "first_name": say("first name"),
    "groups": say("groups"),
    "is_active": say("is active"),
    "last_name": say("last name"),
    "name": say("name"),
    # Translators: in the log: a field of a contact.
    "notes": say("notes"),
    "numbers": say("numbers"),
    "password": say("password"),
    "poll_seconds": say("poll seconds"),
    # Translators: in the log: whether somebody sees all calls or her own.
    "sees": say("sees"),
    "url": say("url"),
    "username": say("username"),
}


def verb_in_words(verb: str) -> str:
    """Known verbs have their words; "connection.moved" is at least "Connection moved"."""
    return VERBS.get(verb) or verb.replace(".", " ").replace("_", " ").capitalize()


def of_another(verb: str, command: str) -> str:
    """The same, of another command on the same call."""
    words = {
        "transfer.sending": say("{command}: written down and sent", command=command),
        "transfer.accepted": say("{command}: accepted by the PBX", command=command),
        "transfer.confirmed": say("{command}: seen to be done", command=command),
        "transfer.missed": say("{command}: seen not to arrive", command=command),
        "transfer.refused": say("{command}: refused", command=command),
        "transfer.failed": say("{command}: not done", command=command),
        "transfer.unknown": say("{command}: outcome unknown", command=command),
        "call.brought_back": say("{command}: call brought back", command=command),
        "forward.used": say("{command}: a standing forward sent a call on", command=command),
    }
    return words.get(verb) or say("{command}: {event}", command=command, event=verb_in_words(verb))


def details(event: AuditEvent) -> list[tuple[str, str]]:
    """What an event noted beside its object; empty notes are left out."""
    noted = event.data.items() if isinstance(event.data, dict) else []
    return [(_word(name), _flat(value)) for name, value in noted if value]


def order_in_words(row: Transfer) -> str:
    """What was sent, as one sentence. Names both parties and who leaves."""
    caller, called, stays = caller_of(row), called_of(row), stays_of(row)
    leaves = caller if row.leaves == Leg.CALLER else called
    goes = say("{party} leaves the call.", party=leaves) if row.leaves else ""
    return joined(_order(row, caller, called, stays), goes if row.kind in MAY_LEAVE else "")


def _order(row: Transfer, caller: Party, called: Party, stays: Party) -> str:
    kind = Transfer.Kind
    at = {"target": Party(row.target, row.target_name), "stays": stays}
    both = {"caller": caller, "called": called}
    return {
        kind.BLIND: say("Send {stays} to {target}.", **at),
        kind.FORWARD: say("Send {caller}, ringing at {called}, to {target} instead.", **at, **both),
        kind.VOICEMAIL: say("Send {stays} to the voicemail of {target}.", **at),
        kind.CONSULT: say("Put {stays} on hold, and call {target}.", **at),
        kind.JOIN: say("Connect {stays} with {target}.", **at),
        kind.CANCEL: say("End the consultation with {target}, and go back to {stays}.", **at),
        kind.SWAP: say("Change between {stays} and {target}.", **at),
        kind.PARK: say("Park the call of {caller} with {called}.", **both),
        kind.UNPARK: say("Take {caller} out of the park to {target}.", **at, **both),
        kind.PICKUP: say(
            "Pick up at {target} the call of {caller} that rings at {called}.", **at, **both
        ),
        kind.HOLD: say("Put the call of {caller} with {called} on hold.", **both),
        kind.RETRIEVE: say("Take the call of {caller} with {called} back from hold.", **both),
        kind.HANGUP: say("Hang up the call of {caller} with {called}.", **both),
        kind.DIAL: say("Call {target} from {own}.", own=row.caller_number, **at),
    }[kind(row.kind)]


def was_sent(row: Transfer) -> bool:
    """Whether the command left us at all, as far as we know."""
    if row.state == Transfer.State.REFUSED:
        return row.replied_at is not None
    never_left = row.state == Transfer.State.FAILED and not row.vendor_code
    return not never_left or row.code in UNSURE


def stays_of(row: Transfer) -> Party:
    """Who stays in the call, or is sent on; without somebody who leaves, the caller."""
    return called_of(row) if row.leaves == Leg.CALLER else caller_of(row)


def caller_of(row: Transfer) -> Party:
    return Party(row.caller_number, row.caller_name)


def called_of(row: Transfer) -> Party:
    return Party(row.called_number, row.called_name)


def _word(name: str) -> str:
    return NOTED.get(name, name.replace("_", " "))


def _flat(value: object) -> str:
    if isinstance(value, str) and value.startswith(OPTION):
        return say("option {name}", name=value.removeprefix(OPTION))
    if isinstance(value, str):
        return _word(value) if value in NOTED else unpack(value)
    if isinstance(value, list | tuple):
        return listed(_flat(part) for part in value)
    if isinstance(value, dict):
        pairs = ((_flat(name), _flat(each)) for name, each in value.items())
        return listed(say("{name} {value}", name=name, value=each) for name, each in pairs)
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return str(value)
