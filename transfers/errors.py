"""What can go wrong between us and a PBX. Drivers raise nothing else.

`code` is stable and machine-readable, `safe_text` is for people and holds no secret, `sent` tells
whether a command may have reached the PBX.
"""

from __future__ import annotations


class DriverError(Exception):
    code = "driver_error"
    sent = False

    def __init__(self, safe_text: str, *, vendor_code: str = "", vendor_text: str = "") -> None:
        super().__init__(safe_text)
        self.safe_text = safe_text
        self.vendor_code = vendor_code
        self.vendor_text = vendor_text


class NotSupported(DriverError):
    """This vendor cannot do it at all. Nothing was sent."""

    code = "not_supported"


class Unreachable(DriverError):
    """No connection could be made. Nothing was sent."""

    code = "unreachable"


class BadReply(DriverError):
    """The answer to a read could not be understood."""

    code = "bad_reply"


class OutcomeUnknown(DriverError):
    """A command was sent and no readable answer came: it may or may not have been carried out."""

    code = "outcome_unknown"
    sent = True


class Refused(DriverError):
    """The PBX answered no, in its own code and words."""

    code = "refused"
    sent = True


class CallGone(Refused):
    """The PBX no longer knows the call."""

    code = "call_gone"

    code = "call_gone"


class AuthFailed(Refused):
    """The PBX does not accept our credentials. Polling stops until the connection is edited."""

    code = "auth_failed"
