"""What the drivers of several vendors say, each once: reasons, errors, lines of a test."""

from __future__ import annotations

from transfers.sentences import Sentence, say

# ----- why a button is disabled

ANSWER_FIRST = say("Works once the call is answered.")
FORWARD_INSTEAD = say("Works once the call is answered; use Forward while it rings.")
RINGS_ONLY = say("Works only while the call rings; it was answered.")
BLIND_INSTEAD = say("Works only while the call rings; it was answered. Use a blind transfer.")
NOT_YET = say("Works once the call rings or is answered.")
NOT_HELD = say("The call is not on hold.")
HELD_ALREADY = say("The call is on hold already.")
RESUME_FIRST = say("Resume the call first.")
NOT_PARKED = say("The call is not parked.")
CONSULTING_ONLY = say("Works during a consultation: one call on hold, and one from the same phone.")
NOT_FROM_HERE = say("The consultation was not begun from here: do it at the phone.")
TARGET_FIRST = say("Works once the consultation is answered.")
UNPARK_FIRST = say("Take the call from the park first.")
UNDER_WAY = say("A consultation is under way: end it or complete it.")
ENDED = say("The call has ended.")
STATE_NOT_KNOWN = say("The PBX gives a state that is not known here; the call can only be hung up.")

# ----- what a number belongs to, beside it in a list

# Translators: what a number belongs to, beside it in a list.
PHONE = say("phone")
# Translators: what a number belongs to, beside it in a list: callers wait there for an agent.
QUEUE = say("queue")
# Translators: what a number belongs to, beside it in a list: an IVR.
VOICE_MENU = say("voice menu")
# Translators: what a number belongs to, beside it in a list: a computer program answers there.
PROGRAM = say("program")
# Translators: what a number belongs to, beside it in a list: the caller hears her own voice.
ECHO_TEST = say("echo test")

# ----- errors

NOTHING_SENT = say("Nothing was sent.")
NOTHING_NAMED = say("A command without a call or a number is not sent.")
RINGS_NO_MORE = say("The call does not ring any more; nothing was sent.")
WITHOUT_AN_ID = say("The PBX lists a call without an id.")
UNUSABLE_ID = say("The PBX lists a call with an unusable id.")
TWO_OF_ONE_ID = say("The PBX lists two different calls with the same id.")
NO_STATUS_CODE = say("The answer of the PBX has no status code.")
NO_XML = say("The answer of the PBX is not readable XML.")
DOCUMENT_TYPE = say("The answer of the PBX has a document type, which is not read.")
STATE_FORBIDS = say("The PBX does not allow this in the call's present state.")
VALUE_REFUSED = say("The PBX does not accept a value that was sent, for example the number.")


def sent_but(why: str) -> Sentence:
    """Of a command whose answer could not be understood."""
    # Translators: {why} is a whole sentence.
    return say("The command was sent, but: {why}", why=why)


def answered(code: str, message: str) -> Sentence:
    """Of a code that we know no words for."""
    if message:
        return say("The PBX answered {code}: {words}", code=code, words=message)
    return say("The PBX answered {code}: without a word", code=code)


def proxy(status: int) -> Sentence:
    return say(
        "A proxy in front of the PBX asks for a login of its own (HTTP {status}).", status=status
    )


# ----- "Test connection": what was looked at, and what was found

# Translators: the network address of a PBX: a line of "Test connection".
ADDRESS = say("Address")
# Translators: the login at a PBX: a line of "Test connection".
LOGIN = say("Login")
# Translators: the interface of a PBX for programs: a line of "Test connection".
API = say("API")
# Translators: live calls: a line of "Test connection".
CALLS = say("Calls")
# Translators: extension numbers: a line of "Test connection".
EXTENSIONS = say("Extensions")
# Translators: the PBX's clock: a line of "Test connection".
CLOCK = say("Clock")
ANSWERS = say("The PBX answers.")
SOMETHING_ANSWERS = say("Something answers there.")


def product(name: str) -> Sentence:
    # Translators: of the software of a PBX, as "Asterisk 22.1.0."
    return say("{product}.", product=name)


def accepted_as(name: str) -> Sentence:
    return say("Accepted as {name}.", name=name)
