"""The status codes of the API."""

from __future__ import annotations

MISSING_PARAMETER = 1
WRONG_STATE = 2
FORBIDDEN = 3
INTERNAL = 4
NO_PERMISSION = 5
NOT_FOUND = 6
PARTLY = 7
CHANGE_PASSWORD = 8
OUT_OF_RANGE = 10
IN_USE = 19
NOT_AUTHENTICATED = 20

MESSAGES = {
    1: "Required parameter is missing",
    2: "Parameter is not valid for the current state",
    3: "Operation is forbidden",
    4: "Internal error",
    5: "User does not have permission",
    6: "Resource could not be found",
    7: "Operation succeeded in part",
    8: "Password change is required",
    9: "Processing is incomplete",
    10: "Value is out of range",
    11: "Property is read-only",
    12: "Resource could not be retrieved",
    13: "Resource could not be created",
    14: "Resource could not be deleted",
    15: "Resource could not be updated",
    16: "Resource could not be assigned",
    17: "Resource could not be unassigned",
    18: "Resource already exists",
    19: "Resource is already in use",
    20: "Access denied",
}
# Seen: 403 with 20, 500 with 4. The others are undocumented.
STATUS = {
    1: 400,
    2: 400,
    3: 403,
    4: 500,
    5: 403,
    6: 404,
    8: 403,
    10: 400,
    18: 409,
    19: 409,
    20: 403,
}


class ApiError(Exception):
    """A reply whose statusCode is not 0."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message or MESSAGES[code]

    @property
    def status(self) -> int:
        return STATUS.get(self.code, 500)
