"""The API's complaints. Codes marked so are ours: the vendor's pages do not show theirs."""

from __future__ import annotations

ERRORS: dict[str, tuple[int, str]] = {
    "user_invalid": (400, "The user must be a user id, @owner, @me or @viewer."),
    "extension_invalid": (400, "The extension must be an existing extension or @self."),
    "access_denied": (401, "You are not authorized to use this request."),
    "internal_server_error": (500, "Internal error. Contact your administrator."),
    "request_not_implemented": (501, "The operation is not implemented or not allowed."),
    "pc_phonecall_invalid": (
        400,
        "The phone call id must be alphanumeric and reference an existing phone call.",
    ),
    "pc_sendcallto_invalid": (
        400,
        "The sendCallTo parameter must be the number of a phone terminal extension.",
    ),
    "pc_transfer_from_number_invalid": (
        400,
        "The transferFromNumber parameter must be the source or the destination of the call.",
    ),
    "pc_transfer_number_invalid": (
        400,
        "The transferNumber parameter must be the other party of the call.",
    ),
    "pcet_type_invalid": (400, "The event type is not valid."),
    "pce_method_invalid": (400, "The method must be 0 or 1."),
    "count_invalid": (400, "The count must be a number between 1 and 5000."),
    "fields_invalid": (400, "The fields must be names of the resource's fields."),
    "filterby_invalid": (400, "The resource cannot be filtered by this field."),
    "filterop_invalid": (400, "The filter operation is not valid."),
    "filtervalue_invalid": (400, "The filter value is missing."),
    "sortorder_invalid": (400, "The sort order must be ascending or descending."),
    "cdr_flow_invalid": (400, "The flow must be 2, 4 or 8."),
    "cdr_disposition_invalid": (400, "The disposition must be between 0 and 5."),
    # ours
    "startindex_invalid": (400, "The startIndex must be a number between 0 and 5000."),
    "pc_action_invalid": (400, "The action is not valid, or not for a call in this state."),
    "pc_phonecallview_invalid": (400, "The phoneCallViewId must be a view of the phone call."),
    "pc_waitforpickup_invalid": (400, "The waitForPickup must be a number of seconds."),
    "pc_maxinparking_invalid": (400, "The maxInParking must be between 10 and 3600."),
    "pc_source_invalid": (400, "The source must be extensions or phone numbers."),
    "pc_destination_invalid": (400, "The destination must be an extension or a phone number."),
    "pce_event_invalid": (400, "The event does not exist."),
    "pce_url_invalid": (400, "The URL is not valid."),
    "pce_status_invalid": (400, "The status must be 0 or 1."),
}


class ApiError(Exception):
    """An answer with an error in it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.message = ERRORS[code]


class NoEffect(Exception):
    """Accepted although nothing happens."""
